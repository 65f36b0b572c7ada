// Enhances <a class="closer-link" href="…" data-service="/iiif/3/…" data-alt data-sphere> in <main>: a plain click
// opens the photo over the whole window, to be looked at closely, or from inside. Without scripts the link leads to
// the photo in its largest size.
import { isForNewTab } from "./lightbox";

export function watchCloserLinks(): void {
  document.querySelector("main")?.addEventListener("click", async (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.closer-link");
    if (!link || isForNewTab(event)) return;
    event.preventDefault();
    try {
      const { lookCloser } = await import("./closer-look");
      await lookCloser(link);
    } catch {
      location.assign(link.href);
    }
  });
}
