// A form that a link of an entry leads to (reply, edit), opened in the entry itself. What is typed is kept until it is
// sent; an answer with the form again (422, 409) takes its place.
import { rendered } from "./fragment";
import { forget, keep, kept } from "./kept-text";

const NO_NETWORK = "That was not sent. Your words are kept: please try again when the network is back.";

interface Answers {
  sent(told: unknown): void;
  closed(): void;
  said(words: string): void;
}

export class InlineForm {
  private form?: HTMLFormElement;

  constructor(
    private readonly link: HTMLAnchorElement,
    private readonly entry: HTMLElement,
    private readonly answers: Answers,
  ) {}

  private get keptAs(): string {
    return `moderation:${this.link.pathname}`;
  }

  async open(): Promise<void> {
    if (this.entry.querySelector("form.inline")) return this.entry.querySelector("textarea")?.focus();
    try {
      const answer = await fetch(this.link.href);
      if (!answer.ok) return this.answers.said("There is nothing to answer any more.");
      this.show(await answer.text());
    } catch {
      location.assign(this.link.href); // the page of the form tells why it does not come
    }
  }

  /** The form of a page, in place of the one before. */
  private show(html: string): void {
    const fresh = rendered(html).querySelector<HTMLFormElement>("form.inline");
    if (!fresh) return this.answers.said("Something went wrong on our side. Your words are kept.");
    fresh.classList.remove("narrow");
    if (this.form) this.form.replaceWith(fresh);
    else this.entry.append(fresh);
    this.form = fresh;
    fresh.addEventListener("submit", this.onSubmit);
    fresh.addEventListener("keydown", this.onKey);
    fresh.addEventListener("input", () => keep(this.keptAs, this.text.value));
    fresh.querySelector(".cancel")?.addEventListener("click", this.onCancel);
    const words = kept(this.keptAs);
    if (words) this.text.value = words.text;
    this.text.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
    fresh.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  private get text(): HTMLTextAreaElement {
    return this.form!.querySelector("textarea")!;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form?.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private readonly onCancel = (event: Event): void => {
    event.preventDefault();
    forget(this.keptAs);
    this.close();
  };

  private readonly onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.send();
  };

  private async send(): Promise<void> {
    const form = this.form!;
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const isForm = answer.headers.get("Content-Type")?.startsWith("text/html");
      if (isForm) this.show(await answer.text());
      else if (answer.ok) this.done(await answer.json());
      else this.answers.said((await answer.json()).error ?? NO_NETWORK);
    } catch {
      this.answers.said(NO_NETWORK);
    }
    form.ariaBusy = "false";
  }

  private done(told: unknown): void {
    forget(this.keptAs);
    this.form?.remove();
    this.answers.closed();
    this.answers.sent(told);
  }

  private close(): void {
    this.form?.remove();
    this.answers.closed();
  }
}
