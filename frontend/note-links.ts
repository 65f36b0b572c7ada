// Enhances links to notes (#note-7) on pages with annotated photos. They work by themselves: the address lights the
// region up. Here the page moves so that the photo is seen, and not at all where it is seen already; Escape, or the
// same number once more, puts the light out.

const LINK = 'a[href^="#note-"]';

export function watchNotes(): void {
  document.addEventListener("click", onClick, true);
  addEventListener("keydown", (event) => {
    const note = document.querySelector<HTMLElement>(".note:target");
    if (event.key === "Escape" && note && !document.querySelector(".pswp")) putOut(note);
  });
  const led = document.querySelector<HTMLElement>(".note:target");
  if (led) {
    aim(led);
    led.scrollIntoView();
  }
}

function onClick(event: MouseEvent): void {
  const link = (event.target as Element).closest(LINK);
  const note = link && document.querySelector<HTMLElement>(`.note${link.getAttribute("href")}`);
  if (!note) return;
  if (link.matches(".mark, .number") && note.matches(":target")) {
    event.preventDefault();
    putOut(note);
  } else aim(note);
}

/** The browser scrolls to the note; its margin says where it will stand, so that its photo stands well. */
function aim(note: HTMLElement): void {
  const photo = note.closest("figure")?.querySelector(".annotated");
  if (!photo) return;
  const { top, bottom, height } = photo.getBoundingClientRect();
  const isSeen = top >= 0 && bottom <= innerHeight;
  const wanted = isSeen ? top : Math.max(16, (innerHeight - height) / 3);
  landAt(note, note.getBoundingClientRect().top - top + wanted);
}

function putOut(note: HTMLElement): void {
  const figure = note.closest("figure");
  if (!figure) return;
  landAt(figure, figure.getBoundingClientRect().top);
  location.hash = figure.id;
}

/** Where on the screen an element's top will stand when it is led to, which is now or never. */
function landAt(element: HTMLElement, y: number): void {
  const padding = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  element.style.scrollMarginTop = `${y - padding}px`;
  requestAnimationFrame(() => element.removeAttribute("style"));
}
