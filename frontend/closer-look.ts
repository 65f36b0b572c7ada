// A photo over the whole window, as close as its pixels go, or from inside where it shows all around. The viewers are
// loaded when somebody looks; Escape and Back close it.
import { openLayer } from "./layers";
import { stylesheet } from "./stylesheet";
import ownStyle from "../blog/static/css/closer-look.css?url";

/** What a viewer does for the buttons around it. */
export interface View {
  zoom(factor: number): void;
  whole(): void;
  end(): void;
}

export interface Picture {
  /** Base address of its IIIF image service. */
  service: string;
  alt: string;
  width: number;
  height: number;
}

const CLOSER = 1.5;
const PATIENCE = 20;
const SOON_MS = 1500;

/** Opens the photo that `source` names in `data-service`, its alt text in `data-alt` or in an image inside it. */
export async function lookCloser(source: HTMLElement, over: HTMLElement = document.body): Promise<void> {
  await stylesheet(ownStyle);
  const { dataset } = source;
  const frame = new Frame(over, dataset.sphere !== undefined);
  try {
    const service = new URL(dataset.service ?? "", location.href).href;
    const { width, height } = await (await patiently(`${service}/info.json`)).json();
    const picture = { service, alt: dataset.alt || source.querySelector("img")?.alt || "A photo", width, height };
    frame.show(await begin(frame, picture, dataset.sphere !== undefined));
  } catch {
    frame.say("This photo cannot be opened just now.");
  }
}

async function begin(frame: Frame, picture: Picture, isSphere: boolean): Promise<View> {
  if (isSphere && document.createElement("canvas").getContext("webgl")) {
    const { openSphere } = await import("./sphere-viewer");
    return openSphere(frame.view, picture);
  }
  const { openDeepZoom } = await import("./deep-zoom");
  return openDeepZoom(frame.view, picture);
}

/** Fetches, and waits while the server prepares a photo that nobody has looked at so closely before. */
export async function patiently(address: string): Promise<Response> {
  for (let tries = 0; tries < PATIENCE; tries += 1) {
    const response = await fetch(address);
    if (response.ok) return response;
    if (response.status !== 503) break;
    await new Promise((later) => setTimeout(later, SOON_MS));
  }
  throw new Error(`${address} could not be loaded`);
}

/** The window over the page: the view, and a bar of buttons. */
class Frame {
  readonly view = document.createElement("div");
  private readonly dialog = document.createElement("dialog");
  private readonly status = document.createElement("p");
  private readonly left: () => void;
  private shown?: View;

  constructor(over: HTMLElement, isSphere: boolean) {
    this.dialog.className = "closer";
    this.dialog.ariaLabel = isSphere ? "All around" : "A closer look";
    this.view.className = "closer-view";
    this.status.className = "closer-status";
    this.status.role = "status";
    this.status.textContent = "One moment…";
    this.dialog.append(this.view, this.status, this.bar(isSphere ? "As it was at first" : "The whole photo"));
    this.dialog.addEventListener("keydown", (event) => this.onKey(event), { capture: true });
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the lightbox below listens too
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    over.append(this.dialog);
    this.dialog.showModal();
    this.left = openLayer(() => this.close());
  }

  show(view: View): void {
    if (!this.dialog.isConnected) return view.end(); // closed while it was loading
    this.shown = view;
    this.status.textContent = "";
    this.view.querySelector<HTMLElement>("[tabindex]")?.focus();
  }

  say(words: string): void {
    this.status.textContent = words;
  }

  private close(): void {
    this.shown?.end();
    this.dialog.close(); // gives the focus back
    this.dialog.remove();
    this.left();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  private bar(whole: string): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "closer-bar";
    bar.append(
      button("Zoom in", "M5 12h14M12 5v14", () => this.shown?.zoom(CLOSER)),
      button("Zoom out", "M5 12h14", () => this.shown?.zoom(1 / CLOSER)),
      button(whole, "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", () => this.shown?.whole()),
      button("Close", "M6 6l12 12M18 6L6 18", () => this.close()),
    );
    return bar;
  }
}

function button(name: string, path: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.ariaLabel = made.title = name;
  made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  made.addEventListener("click", act);
  return made;
}
