// Drawing on a photo, loaded by <region-desk>: Annotorious for mouse and touch, a focusable frame for the keyboard. One
// region is in hand at a time: that of the form in use. What is drawn goes into its `outline`, and into its numbers.
import {
  createImageAnnotator,
  type ImageAnnotation,
  type ImageAnnotator,
  type Polygon,
  type Rectangle,
  ShapeType,
} from "@annotorious/annotorious";
import annotoriousStyle from "@annotorious/annotorious/annotorious.css?url";
import { type Corner, boxOf, clamp, moved, outlineOf, pathOf, rectangle, resized, selectorOf } from "./region-shapes";
import { stylesheet } from "./stylesheet";

const IN_HAND = "in-hand";
const ACROSS = 2000; // the width of the drawing in units of its own
const STEP = 0.01;
const FINE_STEP = 0.002;
const FRAME = { x: 0.35, y: 0.35, width: 0.3, height: 0.3 };
const NUMBERS = ["x", "y", "width", "height"] as const;
const ARROWS: Record<string, Corner> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SVG = "http://www.w3.org/2000/svg";
const TOOLS = {
  rectangle: ["Rectangle", "M2 4h12v8H2z", "Draw on the photo: press at one corner and drag to the other."],
  polygon: ["Outline", "M3 6 9 2l5 5-4 7-6-2z", "Click from corner to corner, and at the end on the first one again."],
} as const;
type Tool = keyof typeof TOOLS;

export class RegionDrawing {
  private corners?: Corner[];
  private form: HTMLFormElement;
  private writing = false;
  private isSent = false;
  private readonly annotator: ImageAnnotator;
  private readonly down: number;
  private readonly dim = document.createElementNS(SVG, "path");
  private readonly frame = document.createElement("div");
  private readonly tools = document.createElement("div");
  private readonly hint = document.createElement("p");

  static async open(desk: HTMLElement): Promise<RegionDrawing> {
    await stylesheet(annotoriousStyle);
    return new RegionDrawing(desk);
  }

  private constructor(private readonly desk: HTMLElement) {
    const photo = desk.querySelector<HTMLElement>(".annotated")!;
    const image = photo.querySelector("img")!;
    this.down = Math.round((ACROSS * image.height) / image.width);
    this.form = desk.querySelector<HTMLFormElement>("form[data-form=new]")!;
    this.annotator = this.annotate(photo);
    this.addFrame(photo);
    this.addDim(photo);
    this.addTools(photo);
    for (const details of desk.querySelectorAll("details.numbers")) details.removeAttribute("open");
    desk.addEventListener("focusin", this.onFocus);
    desk.addEventListener("input", this.onInput);
    desk.addEventListener("click", this.onClick);
    desk.addEventListener("submit", this.onSubmit);
    desk.addEventListener("keydown", this.onKey);
    addEventListener("beforeunload", this.onLeave);
    this.take(desk.querySelector<HTMLFormElement>("form:has(.error)") ?? this.form);
    if (matchMedia("(pointer: fine)").matches) this.use("rectangle");
    else this.use(undefined);
  }

  close(): void {
    removeEventListener("beforeunload", this.onLeave);
    this.annotator.destroy();
  }

  /** Annotorious draws over an empty canvas of a fixed size: the photo under it may change its file as it likes. */
  private annotate(photo: HTMLElement): ImageAnnotator {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [ACROSS, this.down];
    photo.append(canvas);
    const annotator = createImageAnnotator(canvas, { autoSave: true, theme: "light" });
    annotator.element.classList.add("drawing-layer");
    const layer = annotator.element.querySelector("svg")!;
    // Its handles have no names, and without a pointer no use: keys move the frame instead.
    layer.setAttribute("aria-hidden", "true");
    const leaveTabs = () => layer.parentElement!.querySelectorAll('[tabindex="0"]').forEach((part) => part.setAttribute("tabindex", "-1"));
    new MutationObserver(leaveTabs).observe(layer, { childList: true, subtree: true });
    leaveTabs();
    annotator.on("createAnnotation", (drawn) => this.onDrawn(drawn));
    annotator.state.store.observe(() => {
      const [drawn] = annotator.getAnnotations();
      if (!this.writing && drawn && this.corners) this.set(this.cornersOf(drawn), "drawing");
    });
    return annotator;
  }

  private addDim(photo: HTMLElement): void {
    this.dim.setAttribute("class", "dim");
    const layer = photo.querySelector(".regions > svg")!;
    layer.classList.add("being-drawn");
    layer.prepend(this.dim);
  }

  private addFrame(photo: HTMLElement): void {
    this.frame.className = "key-frame";
    this.frame.tabIndex = 0;
    this.frame.hidden = true;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute(
      "aria-label",
      "The marked part. Arrow keys move it, with Shift they resize it, with Alt in small steps. Enter: on to its words.",
    );
    photo.append(this.frame);
  }

  private addTools(photo: HTMLElement): void {
    this.tools.className = "tools";
    this.tools.setAttribute("role", "group");
    this.tools.ariaLabel = "Marking a part of the photo";
    for (const [tool, [name, icon]] of Object.entries(TOOLS)) {
      const button = this.tool(name, icon, () => {
        this.letGo(); // what is in hand would take the first click
        this.use(button.ariaPressed === "true" ? undefined : (tool as Tool));
      });
      button.dataset.tool = tool;
      button.ariaPressed = "false";
    }
    this.tool("Place a frame", "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3", () => this.placeFrame());
    this.hint.className = "hint";
    this.hint.setAttribute("role", "status");
    photo.closest("figure")!.before(this.tools);
    photo.closest("figure")!.after(this.hint);
  }

  private tool(name: string, icon: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 16 16");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", icon);
    picture.append(path);
    button.append(picture, name);
    button.addEventListener("click", act);
    this.tools.append(button);
    return button;
  }

  /** With a tool in hand the photo takes the finger's movements; without one they scroll the page. */
  private use(tool: Tool | undefined): void {
    this.annotator.cancelDrawing();
    this.annotator.setDrawingEnabled(tool !== undefined);
    if (tool) {
      this.annotator.setDrawingTool(tool);
      this.annotator.setDrawingMode(tool === "polygon" ? "click" : "drag");
    }
    this.annotator.element.classList.toggle("takes-touch", tool !== undefined);
    for (const button of this.tools.querySelectorAll<HTMLButtonElement>("[data-tool]")) {
      button.ariaPressed = String(button.dataset.tool === tool);
    }
    this.say(tool ? TOOLS[tool][2] : "Choose how to mark a part, or place a frame and move it.");
  }

  private placeFrame(): void {
    if (this.form.dataset.form === "new" && this.corners) this.set(this.corners, "form");
    else {
      this.take(this.newForm);
      this.set(rectangle(FRAME), "form");
    }
    this.say("Arrow keys move the frame, with Shift they resize it; or drag it by its corners.");
    this.frame.focus();
  }

  private get newForm(): HTMLFormElement {
    return this.desk.querySelector<HTMLFormElement>("form[data-form=new]")!;
  }

  /** What is drawn anew is always a new region: those that are there change by their own handles. */
  private onDrawn(drawn: ImageAnnotation): void {
    const corners = this.cornersOf(drawn);
    this.take(this.newForm);
    this.set(corners, "form");
    if (matchMedia("(pointer: fine)").matches) this.newForm.querySelector("textarea")!.focus({ preventScroll: true });
  }

  /** Put a form's region in hand. */
  private take(form: HTMLFormElement): void {
    this.desk.querySelector(".is-edited")?.classList.remove("is-edited");
    this.form = form;
    this.desk.querySelector(`[data-frame="${form.dataset.form}"]`)?.classList.add("is-edited");
    this.set(this.kept(form), "form");
  }

  /** The region of a form: as drawn and not sent yet, as typed, or as the server knows it. */
  private kept(form: HTMLFormElement): Corner[] | undefined {
    const drawn = form.dataset.drawn ?? form.dataset.corners;
    return drawn ? (JSON.parse(drawn) as Corner[]) : this.typed(form);
  }

  private typed(form: HTMLFormElement): Corner[] | undefined {
    const [x, y, width, height] = NUMBERS.map((name) => field(form, name).valueAsNumber / 100) as [number, number, number, number];
    if (!(width > 0 && height > 0 && x >= 0 && y >= 0)) return undefined;
    return rectangle({ x, y, width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) });
  }

  private set(corners: Corner[] | undefined, from: "drawing" | "keys" | "numbers" | "form"): void {
    this.corners = corners;
    if (from !== "form" || (corners && this.form === this.newForm)) this.write(from);
    if (from !== "drawing") this.hold();
    this.dim.setAttribute("d", corners ? `M0 0H1V1H0Z${pathOf(corners)}` : "");
    this.frame.hidden = !corners;
    if (!corners) return;
    const { x, y, width, height } = boxOf(corners);
    const [left, top, wide, high] = [x, y, width, height].map((number) => `${100 * number}%`) as [string, string, string, string];
    Object.assign(this.frame.style, { left, top, width: wide, height: high });
  }

  private write(from: string): void {
    const { corners, form } = this;
    if (!corners) return;
    form.dataset.drawn = JSON.stringify(corners);
    field(form, "outline").value = selectorOf(corners);
    if (from === "numbers") return;
    const box = boxOf(corners);
    for (const name of NUMBERS) field(form, name).value = (100 * box[name]).toFixed(1);
  }

  /** Show the region in hand with its handles; a moment later, when Annotorious has put the former ones away. */
  private hold(): void {
    this.writing = true;
    this.annotator.cancelSelected();
    this.annotator.setAnnotations(this.corners ? [this.annotationOf(this.corners)] : [], true);
    this.writing = false;
    queueMicrotask(() => this.corners && this.annotator.setSelected(IN_HAND, true));
  }

  private annotationOf(corners: Corner[]): Partial<ImageAnnotation> {
    const points = outlineOf(corners).map(([x, y]) => [x * ACROSS, y * this.down] as Corner);
    const { x, y, width: w, height: h } = boxOf(points);
    const bounds = { minX: x, minY: y, maxX: x + w, maxY: y + h };
    const selector =
      corners.length > 2
        ? { type: ShapeType.POLYGON, geometry: { points, bounds } }
        : { type: ShapeType.RECTANGLE, geometry: { x, y, w, h, bounds } };
    return { id: IN_HAND, bodies: [], target: { annotation: IN_HAND, selector } };
  }

  private cornersOf({ target }: ImageAnnotation): Corner[] {
    const { selector } = target;
    const inside = ([x, y]: number[]): Corner => [clamp(x! / ACROSS, 0, 1), clamp(y! / this.down, 0, 1)];
    if (selector.type === ShapeType.POLYGON) return (selector as Polygon).geometry.points.map(inside);
    const { x, y, w, h } = (selector as Rectangle).geometry;
    return [inside([Math.min(x, x + w), Math.min(y, y + h)]), inside([Math.max(x, x + w), Math.max(y, y + h)])];
  }

  private readonly onFocus = ({ target }: FocusEvent): void => {
    const form = (target as Element).closest<HTMLFormElement>(".region-form");
    if (form && form !== this.form) this.take(form);
  };

  private readonly onInput = ({ target }: Event): void => {
    const { name, form } = target as HTMLInputElement;
    if (form !== this.form || !(NUMBERS as readonly string[]).includes(name)) return;
    const corners = this.typed(form);
    if (corners) this.set(corners, "numbers");
  };

  private readonly onClick = ({ target }: MouseEvent): void => {
    const mark = (target as Element).closest(".mark")?.getAttribute("href");
    const form = mark && this.desk.querySelector<HTMLFormElement>(`${mark} .region-form`);
    if (form) this.take(form);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return this.letGo();
    // Annotorious listens everywhere for Ctrl+Z; in a field it belongs to the words.
    if ((event.target as Element).matches("textarea, input")) return event.stopPropagation();
    if (event.target !== this.frame || !this.corners) return;
    const arrow = ARROWS[event.key];
    if (event.key === "Enter") this.form.querySelector("textarea")!.focus();
    else if (arrow) this.step(arrow, event);
    else return;
    event.preventDefault();
  };

  private step([right, down]: Corner, { altKey, shiftKey }: KeyboardEvent): void {
    const step = altKey ? FINE_STEP : STEP;
    this.set((shiftKey ? resized : moved)(this.corners!, right * step, down * step), "keys");
    const { x, y, width, height } = boxOf(this.corners!);
    const [left, top, wide, high] = [x, y, width, height].map((number) => (100 * number).toFixed(1));
    this.say(`${left} % from the left, ${top} % from the top, ${wide} % wide, ${high} % high`);
  }

  private letGo(): void {
    this.annotator.cancelDrawing();
    for (const name of ["outline", ...NUMBERS]) if (this.form === this.newForm) field(this.form, name).value = "";
    delete this.form.dataset.drawn;
    if (this.form === this.newForm) this.set(undefined, "form");
    else this.take(this.newForm);
  }

  private readonly onSubmit = (): void => {
    this.isSent = true;
  };

  private readonly onLeave = (event: BeforeUnloadEvent): void => {
    const isTouched = [...this.desk.querySelectorAll<HTMLFormElement>(".region-form")].some(
      (form) => form.dataset.drawn || [...form.querySelectorAll("textarea")].some((words) => words.value !== words.defaultValue),
    );
    if (isTouched && !this.isSent) event.preventDefault();
  };

  private say(words: string): void {
    this.hint.textContent = words;
  }
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}
