// Enhances <a class="photo-link" href="/photos/12" data-pswp-width data-pswp-height data-src data-srcset> in <main>:
// a plain click opens the photo large, with all others of the page beside it. PhotoSwipe is loaded by the first click.

const LINKS = "a.photo-link[data-pswp-width][data-pswp-height][data-src]";

export function watchPhotoLinks(): void {
  document.querySelector("main")?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(LINKS);
    if (!link || isForNewTab(event)) return;
    event.preventDefault();
    open(link);
  });
}

async function open(link: HTMLAnchorElement): Promise<void> {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(`main ${LINKS}`)];
  try {
    const { openLightbox } = await import("./photo-viewer");
    await openLightbox(links, links.indexOf(link));
  } catch {
    location.assign(link.href);
  }
}

/** Whether a click is one that the browser itself makes something else of. */
export function isForNewTab(event: MouseEvent): boolean {
  return event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}
