// Lets entries be swiped by a finger: right approves (key a), left is spam (s), far left rejects (d). Scrolling up and
// down stays the browser's; what the swipe will do stands beside the entry before it is let go.

const BEGINS_PX = 12; // sideways, and more than up or down
const ACTS = 0.28; // of the entry's width
const FAR = 0.62;
const WORDS: Record<string, string> = { a: "Approve", s: "Spam", d: "Reject" };

export class Swipe {
  private entry?: HTMLElement;
  private x = 0;
  private y = 0;
  private swiping = false;
  private readonly label = document.createElement("span");

  constructor(
    host: HTMLElement,
    private readonly selector: string,
    private readonly act: (entry: HTMLElement, verb: string) => void,
  ) {
    this.label.className = "swipe-label";
    this.label.setAttribute("aria-hidden", "true");
    host.addEventListener("pointerdown", this.onDown);
    host.addEventListener("pointermove", this.onMove);
    host.addEventListener("pointerup", this.onUp);
    host.addEventListener("pointercancel", () => this.end());
    host.addEventListener("click", this.onClick, { capture: true });
  }

  private readonly onDown = (event: PointerEvent): void => {
    const target = event.target as Element;
    if (event.pointerType === "mouse" || !event.isPrimary) return;
    if (target.closest("input, textarea, select, form.inline, pre")) return;
    this.entry = target.closest<HTMLElement>(this.selector) ?? undefined;
    [this.x, this.y, this.swiping] = [event.clientX, event.clientY, false];
  };

  private readonly onMove = (event: PointerEvent): void => {
    const entry = this.entry;
    if (!entry) return;
    const [dx, dy] = [event.clientX - this.x, event.clientY - this.y];
    if (!this.swiping) {
      if (Math.abs(dy) > BEGINS_PX && Math.abs(dy) > Math.abs(dx)) return this.end();
      if (Math.abs(dx) < BEGINS_PX || Math.abs(dx) < Math.abs(dy)) return;
      this.swiping = true;
      entry.setPointerCapture(event.pointerId);
      entry.classList.add("is-swiped");
      entry.append(this.label);
    }
    entry.style.setProperty("--swipe", `${dx}px`);
    const verb = this.verb(dx, entry);
    entry.dataset.swipe = verb ?? (dx > 0 ? "right" : "left");
    this.label.textContent = verb ? WORDS[verb]! : "";
  };

  private verb(dx: number, entry: HTMLElement): string | undefined {
    const part = dx / entry.clientWidth;
    if (part > ACTS) return "a";
    if (part < -FAR) return "d";
    return part < -ACTS ? "s" : undefined;
  }

  private readonly onUp = (event: PointerEvent): void => {
    const entry = this.entry;
    const verb = this.swiping && entry ? this.verb(event.clientX - this.x, entry) : undefined;
    const swiped = this.swiping;
    this.end();
    this.swiping = swiped; // the click that may follow is not meant
    setTimeout(() => (this.swiping = false));
    if (entry && verb) this.act(entry, verb);
  };

  private readonly onClick = (event: Event): void => {
    if (!this.swiping) return;
    event.preventDefault();
    event.stopPropagation();
  };

  private end(): void {
    if (this.entry) {
      this.label.remove();
      this.entry.classList.remove("is-swiped");
      this.entry.style.removeProperty("--swipe");
      delete this.entry.dataset.swipe;
    }
    this.entry = undefined;
    this.swiping = false;
  }
}
