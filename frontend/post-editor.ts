// Enhances <post-editor preview="…/preview" post="7" [unsaved]> around the writing form (textarea[name=text]) and
// .live-preview: shows the post as it will look while it is written, puts photos of the tray into the text, ties words to
// the notes on them, gives it a toolbar and Ctrl+S, and keeps what is not saved in this browser.
import { elements } from "./fragment";
import { forget, keep, kept } from "./kept-text";
import { type Edit, insertPhoto, quoted, replaceRange, wrapped } from "./markup-edits";
import { paintPlaceholders } from "./placeholders";

const QUIET_MS = 400;

class PostEditor extends HTMLElement {
  private text!: HTMLTextAreaElement;
  private form!: HTMLFormElement;
  private saved = "";
  private timer = 0;
  private asked?: AbortController;
  private justInserted?: { value: string; caret: number; place: number };
  private readonly shapes = new CSSStyleSheet();

  connectedCallback(): void {
    this.text = this.querySelector<HTMLTextAreaElement>("textarea[name=text]")!;
    this.form = this.text.form!;
    this.saved = this.text.value;
    this.text.before(this.toolbar());
    this.offerKept();
    document.adoptedStyleSheets.push(this.shapes);
    this.text.addEventListener("input", this.onInput);
    this.form.addEventListener("submit", this.onSubmit);
    this.addEventListener("click", this.onClick);
    this.addEventListener("keydown", this.onKey);
    addEventListener("beforeunload", this.onLeave);
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    removeEventListener("beforeunload", this.onLeave);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.shapes);
  }

  private get keptAs(): string {
    return `post:${this.getAttribute("post")}`;
  }

  private get isUnsaved(): boolean {
    return this.hasAttribute("unsaved") || this.text.value !== this.saved;
  }

  private readonly onInput = (): void => {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      keep(this.keptAs, this.text.value);
      this.showPreview();
    }, QUIET_MS);
  };

  private readonly onSubmit = (): void => {
    clearTimeout(this.timer);
    keep(this.keptAs, this.text.value); // until the next page shows that it has arrived
    removeEventListener("beforeunload", this.onLeave);
  };

  private readonly onLeave = (event: BeforeUnloadEvent): void => {
    if (this.isUnsaved) event.preventDefault();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") this.form.requestSubmit();
    else if (event.target === this.text && key === "b") this.edit(wrapped(this.text, "**"));
    else if (event.target === this.text && key === "i") this.edit(wrapped(this.text, "*"));
    else return;
    event.preventDefault();
  };

  private readonly onClick = (event: MouseEvent): void => {
    const photo = (event.target as Element).closest<HTMLElement>("[data-insert]");
    if (photo) this.insert(photo.dataset.insert ?? "");
    const note = (event.target as Element).closest<HTMLElement>("[data-note]");
    if (note) this.edit(wrapped(this.text, "[", `](note:${note.dataset.note})`));
  };

  /** At the caret; a second photo in a row stands beside the first. */
  private insert(markup: string): void {
    const { value, selectionEnd } = this.text;
    const last = this.justInserted;
    const beside = last?.value === value && last.caret === selectionEnd;
    const edit = insertPhoto(value, beside ? last.place : selectionEnd, markup);
    this.edit(edit);
    const place = edit.start + edit.text.trimEnd().length;
    this.justInserted = { value: this.text.value, caret: this.text.selectionEnd, place };
  }

  private edit(edit: Edit): void {
    replaceRange(this.text, edit);
    this.onInput();
  }

  private toolbar(): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "toolbar";
    bar.setAttribute("role", "group");
    bar.ariaLabel = "Formatting";
    const tools: [string, () => void][] = [
      ["Bold", () => this.edit(wrapped(this.text, "**"))],
      ["Italic", () => this.edit(wrapped(this.text, "*"))],
      ["Link", () => this.edit(wrapped(this.text, "[", "](https://)"))],
      ["Heading", () => this.edit(quoted(this.text, "## "))],
      ["Quote", () => this.edit(quoted(this.text, "> "))],
    ];
    for (const [name, act] of tools) bar.append(button(name, act));
    return bar;
  }

  /** What was written in this browser and never arrived is offered, not forced. */
  private offerKept(): void {
    const draft = kept(this.keptAs);
    if (!draft || draft.text === this.text.value.replaceAll("\r\n", "\n")) return forget(this.keptAs);
    const note = document.createElement("div");
    note.className = "notice kept-draft";
    note.setAttribute("role", "status");
    const when = new Date(draft.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const restore = button("Bring it back", () => {
      this.edit({ start: 0, end: this.text.value.length, text: draft.text, caret: draft.text.length });
      note.remove();
    });
    const drop = button("Throw it away", () => {
      forget(this.keptAs);
      note.remove();
    });
    note.append(`This browser kept a text from ${when} that was not saved. `, restore, " ", drop);
    this.prepend(note);
  }

  private async showPreview(): Promise<void> {
    const preview = this.querySelector(".live-preview");
    if (!preview) return;
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const body = new FormData(this.form);
      const answer = await fetch(this.getAttribute("preview") ?? "", { method: "POST", body, signal: this.asked.signal });
      if (answer.ok) this.put(preview, elements(await answer.text()));
    } catch {
      // Overtaken by the next keystroke, or no network: the preview waits, the text is kept.
    }
  }

  /** The fragment's style elements carry another page's nonce: their rules go into a sheet of this page. */
  private put(preview: Element, fragment: Element[]): void {
    const styles = fragment.filter((element) => element instanceof HTMLStyleElement);
    this.shapes.replaceSync(styles.map((style) => style.textContent).join(""));
    preview.querySelector("style")?.remove();
    const story = fragment.find((element) => element.matches(".story"));
    const shown = preview.querySelector(".story");
    if (story && shown) replaceChanged(shown, story);
    else preview.replaceChildren(...fragment.filter((element) => !styles.includes(element as HTMLStyleElement)));
    paintPlaceholders(preview);
  }
}

/** Only what differs between the first and the last change is replaced: pictures elsewhere do not flicker. */
function replaceChanged(shown: Element, wanted: Element): void {
  const [old, fresh] = [[...shown.children], [...wanted.children]];
  while (old.length && fresh.length && old[0]!.isEqualNode(fresh[0]!)) {
    old.shift();
    fresh.shift();
  }
  while (old.length && fresh.length && old.at(-1)!.isEqualNode(fresh.at(-1)!)) {
    old.pop();
    fresh.pop();
  }
  const place = document.createComment("");
  if (old[0]) old[0].before(place);
  else shown.append(place);
  for (const element of old) element.remove();
  place.replaceWith(...fresh);
}

function button(name: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = name;
  made.addEventListener("click", act);
  return made;
}

customElements.define("post-editor", PostEditor);
