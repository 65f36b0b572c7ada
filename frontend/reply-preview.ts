// Enhances <reply-preview address="/posts/…/comments/preview"> in a form with <textarea name="text">: as soon as there is
// something in the words that will look different, it shows how. Without it, a button asks for the same on a page.
import { fetchFragment } from "./fragment";

const PAUSE_MS = 400;
const DRAWN = /[*_`>[\]]|^\s*(?:[-+]|\d+[.)])\s|https?:\/\//m;

class ReplyPreview extends HTMLElement {
  private form: HTMLFormElement | null = null;
  private timer = 0;
  private asking?: AbortController;

  connectedCallback(): void {
    this.form = this.closest("form");
    this.form?.addEventListener("input", this.onInput);
    this.form?.addEventListener("sent", this.onInput);
    for (const button of this.form?.querySelectorAll<HTMLElement>(".preview-button") ?? []) button.hidden = true;
    this.onInput();
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    this.form?.removeEventListener("input", this.onInput);
    this.form?.removeEventListener("sent", this.onInput);
  }

  private get text(): string {
    return this.form?.querySelector<HTMLTextAreaElement>("textarea[name=text]")?.value ?? "";
  }

  private readonly onInput = (): void => {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!DRAWN.test(this.text)) this.replaceChildren();
    else this.timer = window.setTimeout(() => this.show(), PAUSE_MS);
  };

  private async show(): Promise<void> {
    this.asking = new AbortController();
    const body = new URLSearchParams({ text: this.text });
    try {
      const answer = await fetchFragment(this.getAttribute("address") ?? "", { method: "POST", body, signal: this.asking.signal });
      if (answer.ok) this.draw(await answer.text());
    } catch {
      // Without a network there is no preview: the words are in the form all the same.
    }
  }

  private draw(html: string): void {
    const [title, words] = [document.createElement("p"), document.createElement("div")];
    title.className = "preview-title";
    title.textContent = "Preview";
    words.className = "comment-text";
    words.dir = "auto";
    words.innerHTML = html;
    this.replaceChildren(title, words);
  }
}

customElements.define("reply-preview", ReplyPreview);
