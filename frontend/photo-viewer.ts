// The lightbox itself, loaded when the first photo is opened: PhotoSwipe with captions, and Back to close.
import PhotoSwipe, { type SlideData } from "photoswipe";
import photoswipeStyle from "photoswipe/dist/photoswipe.css?url";
import { lookCloser } from "./closer-look";
import { openLayer } from "./layers";
import { stylesheet } from "./stylesheet";
import ownStyle from "../blog/static/css/lightbox.css?url";

const LEAST_FOOT = 56;

export async function openLightbox(links: HTMLAnchorElement[], index: number): Promise<void> {
  await stylesheet(photoswipeStyle);
  await stylesheet(ownStyle);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawsAvif = links.some((link) => link.querySelector("img")?.currentSrc.endsWith(".avif"));
  const lightbox = new PhotoSwipe({
    dataSource: links.map((link) => slide(link, drawsAvif)),
    index,
    bgOpacity: 1,
    loop: false,
    wheelToZoom: true,
    showHideAnimationType: still ? "none" : "zoom",
    paddingFn: (viewport, _slide, index) => ({ top: 0, right: 0, left: 0, bottom: foot(links[index], viewport.y) }),
    errorMsg: "This photo could not be loaded.",
    indexIndicatorSep: " of ",
  });
  captionBelow(lightbox, links);
  closerAbove(lightbox, links);
  notesOver(lightbox, links);
  lightbox.on("close", () => links[lightbox.currIndex]?.scrollIntoView({ block: "nearest" }));
  closeByBack(lightbox);
  lightbox.init();
}

/** An <img> cannot choose between formats: a browser that has not drawn AVIF on the page is given the JPEG. */
function slide(link: HTMLAnchorElement, drawsAvif: boolean): SlideData {
  const image = link.querySelector("img");
  return {
    src: link.dataset.src,
    srcset: drawsAvif || !link.dataset.srcset?.includes(".avif") ? link.dataset.srcset : undefined,
    width: Number(link.dataset.pswpWidth),
    height: Number(link.dataset.pswpHeight),
    msrc: image?.currentSrc || undefined,
    alt: image?.alt ?? "",
    element: link,
  };
}

/** What a photo leaves free below it, in pixels: its caption stands there, unless the screen is too low for both. */
function foot(link: HTMLAnchorElement | undefined, height: number): number {
  if (height <= 500) return 0;
  const measured = document.createElement("div");
  measured.className = "lightbox-caption";
  measured.append(...captionOf(link));
  document.body.append(measured);
  const needed = measured.offsetHeight;
  measured.remove();
  return Math.min(Math.max(needed, LEAST_FOOT), height / 3);
}

function captionOf(link: HTMLAnchorElement | undefined): Node[] {
  const caption = link?.closest("figure")?.querySelector("figcaption");
  const copy = caption?.cloneNode(true) as HTMLElement | undefined;
  copy?.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
  copy?.querySelectorAll(".number").forEach((number) => number.replaceWith(number.textContent ?? "", " "));
  return [...(copy?.childNodes ?? []), ...replyTo(link)];
}

/** Under a post that takes replies, the way to those on this photo. */
function replyTo(link: HTMLAnchorElement | undefined): Node[] {
  if (!link || !document.querySelector("form.reply-form")) return [];
  const reply = document.createElement("a");
  reply.className = "lightbox-reply";
  reply.href = `${link.href}#reply`;
  reply.textContent = "Reply to this photo";
  return [reply];
}

function captionBelow(lightbox: PhotoSwipe, links: HTMLAnchorElement[]): void {
  lightbox.on("uiRegister", () => {
    lightbox.ui?.registerElement({
      name: "caption",
      className: "lightbox-caption",
      appendTo: "root",
      order: 9,
      onInit(element) {
        element.setAttribute("aria-live", "polite");
        lightbox.on("change", () => element.replaceChildren(...captionOf(links[lightbox.currIndex])));
      },
    });
  });
}

/** A button for a closer look at the photo, or for a look around inside of it. */
function closerAbove(lightbox: PhotoSwipe, links: HTMLAnchorElement[]): void {
  lightbox.on("uiRegister", () => {
    lightbox.ui?.registerElement({
      name: "closer",
      className: "lightbox-closer",
      tagName: "button",
      isButton: true,
      order: 8,
      onInit(element) {
        lightbox.on("change", () => {
          const data = links[lightbox.currIndex]?.dataset;
          element.hidden = !data?.service;
          element.textContent = data?.sphere === undefined ? "Look closer" : "Look around";
        });
      },
      onClick() {
        const link = links[lightbox.currIndex];
        if (link) lookCloser(link, lightbox.element);
      },
    });
  });
}

/** The regions of a photo's notes, framed and numbered, as large as the photo is drawn. */
function notesOver(lightbox: PhotoSwipe, links: HTMLAnchorElement[]): void {
  const drawn = new Map<number, SVGSVGElement>();
  lightbox.on("contentAppend", ({ content }) => {
    const regions = links[content.index]?.parentElement?.querySelector<SVGSVGElement>(":scope > .regions");
    if (!regions || !content.slide) return;
    const copy = regions.cloneNode(true) as SVGSVGElement;
    copy.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
    copy.querySelectorAll("a").forEach((mark) => mark.removeAttribute("href"));
    copy.setAttribute("aria-hidden", "true"); // the caption lists them
    drawn.get(content.index)?.remove();
    drawn.set(content.index, copy);
    fit(copy, content.displayedImageWidth, content.displayedImageHeight);
    content.slide.container.append(copy);
  });
  lightbox.on("imageSizeChange", ({ content, width, height }) => {
    const copy = drawn.get(content.index);
    if (copy) fit(copy, width, height);
  });
}

function fit(drawing: SVGSVGElement, width: number, height: number): void {
  Object.assign(drawing.style, { width: `${width}px`, height: `${height}px` });
}

/** The browser's Back closes the lightbox; closing it otherwise takes its step back out of the history. */
function closeByBack(lightbox: PhotoSwipe): void {
  lightbox.on("destroy", openLayer(() => lightbox.close()));
}
