// Enhances <a class="embed-open" data-player="https://…">: only a click loads a film from another site.

export function watchEmbeds(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.embed-open[data-player]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.src = link.dataset.player ?? "";
    frame.title = link.textContent ?? "";
    frame.allowFullscreen = true;
    frame.className = "embed-frame";
    link.closest(".embed")?.replaceChildren(frame);
    frame.focus();
  });
}
