// Marking a spot of a photo, loaded by <spot-pin>: draw a rectangle or tap, then drag it or its corner; by keyboard
// arrows move it, with Shift they resize it, with Alt in small steps.
import { type Box, boxOf, clamp, type Corner, moved, rectangle, resized } from "./region-shapes";
import { stylesheet } from "./stylesheet";
import ownStyle from "../blog/static/css/spot-drawing.css?url";

const MIDDLE: Box = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };
const TAPPED = 0.16; // of the photo's width, where somebody taps instead of drawing
const SLIP = 0.015;
const STEP = 0.01;
const FINE_STEP = 0.002;
const ARROWS: Record<string, Corner> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export interface Told {
  /** Left, top, width and height in per cent. */
  changed(percent: string[]): void;
  done(): void;
  removed(): void;
}

export class SpotDrawing {
  private corners?: Corner[];
  private readonly layer = document.createElement("div");
  private readonly frame = document.createElement("div");
  private readonly handle = document.createElement("span");
  private readonly line = document.createElement("p");
  private readonly hint = document.createElement("span");

  static async open(photo: HTMLElement, told: Told): Promise<SpotDrawing> {
    await stylesheet(ownStyle);
    return new SpotDrawing(photo, told);
  }

  private constructor(
    private readonly photo: HTMLElement,
    private readonly told: Told,
  ) {
    this.layer.className = "spot-layer";
    this.frame.className = "spot-frame";
    this.frame.tabIndex = 0;
    this.frame.hidden = true;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute(
      "aria-label",
      "The spot. Arrow keys move it, with Shift they resize it, with Alt in small steps. Enter: on to your words. Escape: no pin.",
    );
    this.handle.className = "spot-handle";
    this.frame.append(this.handle);
    this.layer.append(this.frame);
    this.line.className = "spot-line";
    this.hint.setAttribute("role", "status");
    this.line.append(this.hint, " ", this.button());
    this.layer.addEventListener("pointerdown", this.onPointer);
    this.frame.addEventListener("keydown", this.onKey);
    photo.append(this.layer);
    photo.after(this.line);
  }

  close(): void {
    this.layer.remove();
    this.line.remove();
  }

  /** Wait for a rectangle to be drawn; with keys, begin with one in the middle. */
  begin(byKeys: boolean): void {
    this.photo.scrollIntoView({ block: "nearest" });
    if (byKeys) {
      this.set(rectangle(MIDDLE));
      this.frame.focus();
    }
    this.hint.textContent = byKeys ? "Move the frame with the arrow keys." : "Draw a frame on the photo, or tap the spot.";
  }

  /** A spot that the form has already: x, y, width and height. */
  show([x = 0, y = 0, width = 0, height = 0]: number[]): void {
    if (width > 0 && height > 0) this.set(rectangle({ x, y, width, height }));
  }

  private button(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = "On to your words";
    button.addEventListener("click", () => this.told.done());
    return button;
  }

  private set(corners: Corner[]): void {
    this.corners = corners;
    const { x, y, width, height } = boxOf(corners);
    const percent = [x, y, width, height].map((number) => (100 * number).toFixed(2));
    const [left, top, wide, high] = percent.map((number) => `${number}%`) as [string, string, string, string];
    Object.assign(this.frame.style, { left, top, width: wide, height: high });
    this.frame.hidden = false;
    this.layer.classList.add("has-spot");
    this.told.changed(percent);
  }

  private at(event: PointerEvent): Corner {
    const box = this.layer.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
  }

  private readonly onPointer = (down: PointerEvent): void => {
    const scrolls = this.corners && down.target === this.layer && down.pointerType === "touch";
    if (down.button !== 0 || scrolls) return;
    down.preventDefault();
    const from = this.at(down);
    const before = down.target === this.layer ? undefined : this.corners;
    const resizes = down.target === this.handle;
    const follow = (event: PointerEvent): void => {
      const to = this.at(event);
      const [right, below] = [to[0] - from[0], to[1] - from[1]];
      if (before) this.set((resizes ? resized : moved)(before, right, below));
      else if (Math.max(Math.abs(right), Math.abs(below)) > SLIP) this.set(rectangle(boxOf([from, to])));
    };
    const finish = (event: PointerEvent): void => {
      this.layer.removeEventListener("pointermove", follow);
      this.layer.removeEventListener("pointerup", finish);
      this.layer.removeEventListener("pointercancel", finish);
      if (!before && event.type === "pointerup") this.settle(from, this.at(event));
      this.frame.focus({ preventScroll: true });
    };
    this.layer.setPointerCapture(down.pointerId);
    this.layer.addEventListener("pointermove", follow);
    this.layer.addEventListener("pointerup", finish);
    this.layer.addEventListener("pointercancel", finish);
  };

  /** What was drawn, or around what was tapped, a square. */
  private settle(from: Corner, to: Corner): void {
    const drawn = boxOf([from, to]);
    const { width: wide, height: high } = this.layer.getBoundingClientRect();
    const [width, height] = [TAPPED, Math.min((TAPPED * wide) / high, 1)];
    const around: Box = { x: clamp(from[0] - width / 2, 0, 1 - width), y: clamp(from[1] - height / 2, 0, 1 - height), width, height };
    const isTap = Math.max(drawn.width, drawn.height) <= SLIP;
    this.set(isTap ? rectangle(around) : resized(rectangle(drawn), 0, 0)); // no thinner than can be held
    this.hint.textContent = "Drag the frame, or its corner.";
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (!this.corners) return;
    if (event.key === "Enter") this.told.done();
    else if (event.key === "Escape") this.told.removed();
    else if (arrow) this.step(arrow, event);
    else return;
    event.preventDefault();
  };

  private step([right, down]: Corner, { altKey, shiftKey }: KeyboardEvent): void {
    const step = altKey ? FINE_STEP : STEP;
    this.set((shiftKey ? resized : moved)(this.corners!, right * step, down * step));
    const { x, y, width, height } = boxOf(this.corners!);
    const [left, top, wide, high] = [x, y, width, height].map((number) => Math.round(100 * number));
    this.hint.textContent = `${left} % from the left, ${top} % from the top, ${wide} % wide, ${high} % high`;
  }
}
