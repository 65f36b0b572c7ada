// Enhances <moderation-queue> around <ol class="queue">, whose items hold one form per verb: j and k go to the next and
// the previous comment, a approves, r rejects, s marks spam, u undoes.

const VERBS: Record<string, string> = { a: "/approval", r: "/rejection", s: "/spam", u: "/undo" };
const REMEMBERED = "roadbook:queue";

class ModerationQueue extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
    this.addEventListener("focusin", this.onFocus);
    this.prepend(hint());
    const before = sessionStorage.getItem(REMEMBERED);
    sessionStorage.removeItem(REMEMBERED);
    if (before !== null) this.choose(Number(before));
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
  }

  private get items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".queue > li")];
  }

  private get chosen(): number {
    return this.items.findIndex((item) => item.classList.contains("is-chosen"));
  }

  private readonly onFocus = (event: FocusEvent): void => {
    const item = (event.target as Element).closest(".queue > li");
    for (const each of this.items) each.classList.toggle("is-chosen", each === item);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const typing = (event.target as Element).closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "j") this.choose(this.chosen + 1);
    else if (event.key === "k") this.choose(Math.max(0, this.chosen - 1));
    else if (event.key in VERBS) this.act(VERBS[event.key]!);
    else return;
    event.preventDefault();
  };

  private choose(index: number): void {
    const item = this.items[Math.min(index, this.items.length - 1)];
    if (item) item.tabIndex = -1;
    item?.focus();
  }

  private act(verb: string): void {
    const index = this.chosen;
    const form = this.items[index]?.querySelector<HTMLFormElement>(`form[action$="${verb}"]`);
    if (!form) return;
    sessionStorage.setItem(REMEMBERED, String(index)); // the next comment moves up to this place
    form.requestSubmit();
  }
}

function hint(): HTMLElement {
  const line = document.createElement("p");
  line.className = "hint key-hint";
  const keys = { "j k": "next, previous", a: "approve", r: "reject", s: "spam", u: "undo" };
  for (const [key, meaning] of Object.entries(keys)) {
    for (const letter of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = letter;
      line.append(cap, " ");
    }
    line.append(`${meaning}  `);
  }
  return line;
}

customElements.define("moderation-queue", ModerationQueue);
