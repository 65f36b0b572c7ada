// Enhances <img data-thumbhash="…">: until its bytes are there, a photo shows its own blurred colours.
import { thumbHashToDataURL } from "thumbhash";

export function paintPlaceholders(within: ParentNode = document): void {
  for (const image of within.querySelectorAll<HTMLImageElement>("img[data-thumbhash]")) {
    if (!image.complete || image.naturalWidth === 0) paint(image);
  }
}

function paint(image: HTMLImageElement): void {
  try {
    image.style.backgroundImage = `url(${thumbHashToDataURL(bytes(image.dataset.thumbhash ?? ""))})`;
  } catch {
    return; // not a thumbhash: the photo appears when it is there
  }
  image.style.backgroundSize = "100% 100%";
  const drop = () => (image.style.backgroundImage = "");
  image.addEventListener("load", () => void image.decode().then(drop, drop), { once: true }); // loaded is not yet drawn
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
