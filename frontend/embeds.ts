// Enhances <a class="embed-open" data-player="https://…">: only a click loads a film from another site.
// Enhances <a class="motion-open" href="…/clip.mp4">: the moving part of a photo plays in the photo's place, once.

export function watchEmbeds(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.embed-open[data-player], a.motion-open");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.player) embed(link, link.dataset.player);
    else playMoment(link);
  });
}

function embed(link: HTMLAnchorElement, player: string): void {
  const frame = document.createElement("iframe");
  frame.src = player;
  frame.title = link.textContent?.trim() ?? "";
  frame.allow = "autoplay; picture-in-picture";
  frame.allowFullscreen = true;
  frame.className = "embed-frame";
  link.replaceWith(frame);
  frame.focus();
}

function playMoment(link: HTMLAnchorElement): void {
  const still = link.parentElement?.querySelector("picture");
  if (!still || link.parentElement?.querySelector("video")) return;
  const film = document.createElement("video");
  film.className = "moment";
  film.muted = true;
  film.playsInline = true;
  film.src = link.href;
  film.addEventListener("ended", () => film.remove());
  film.addEventListener("error", () => location.assign(link.href));
  still.append(film);
  film.play().catch(() => film.remove());
}
