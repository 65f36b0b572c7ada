// Enhances <comment-thread post="7" photo="12"> around <ol class="thread"> (comments in order, li[data-depth]) and
// <form class="reply-form">: "Reply" brings the form to the comment, replies are sent without leaving the page, and
// what is typed is kept until it has been sent. Without it, links and form lead to pages that do the same.
import { elements, sendForm } from "./fragment";
import { forget, keep, kept } from "./kept-text";
import { OwnComments } from "./own-comments";
import { rememberWriter } from "./remembered-writer";

const NO_NETWORK = "Your reply could not be sent. Your words are kept: please try again when the network is back.";
const WENT_WRONG = "Something went wrong on our side. Your words are kept: please try again in a moment.";

class CommentThread extends HTMLElement {
  private readonly home = document.createComment("the reply form's place");
  private readonly announcement = document.createElement("p");
  private own?: OwnComments;

  connectedCallback(): void {
    if (!this.home.isConnected) this.form?.before(this.home);
    this.announcement.className = "unseen";
    this.announcement.setAttribute("role", "status");
    this.append(this.announcement);
    this.addEventListener("click", this.onClick);
    this.addEventListener("submit", this.onSubmit);
    this.addEventListener("input", this.onInput);
    if (this.form) rememberWriter(this.form);
    this.restore();
    this.own = new OwnComments(this, this.pageName("own"), (comment) => this.place(comment));
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("submit", this.onSubmit);
    this.removeEventListener("input", this.onInput);
    this.own?.close();
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector<HTMLFormElement>("form.reply-form");
  }

  private get text(): HTMLTextAreaElement | null {
    return this.form?.querySelector<HTMLTextAreaElement>("textarea[name=text]") ?? null;
  }

  private get keptAs(): string {
    return this.pageName("reply");
  }

  /** What this browser keeps for this page, apart from other pages of the same thread. */
  private pageName(what: string): string {
    return [what, this.getAttribute("post"), this.getAttribute("photo")].filter(Boolean).join(":");
  }

  /** The words that were not sent last time, where they were written. */
  private restore(): void {
    const words = kept(this.keptAs);
    if (!words || !this.text || this.text.value) return;
    this.text.value = words.text;
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    const link = words.about && !this.parent && this.querySelector<HTMLElement>(`.reply-link[data-parent="${CSS.escape(words.about)}"]`);
    if (link) this.answer(words.about!, link.dataset.name ?? "");
  }

  private get parent(): string {
    return this.form?.querySelector<HTMLInputElement>("input[name=parent_id]")?.value ?? "";
  }

  private readonly onInput = (event: Event): void => {
    if (event.target === this.text) keep(this.keptAs, this.text?.value ?? "", this.parent);
  };

  private readonly onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const reply = target.closest<HTMLElement>(".reply-link");
    const cancel = target.closest(".answering a");
    if (!(reply || cancel) || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    if (reply) this.answer(reply.dataset.parent ?? "", reply.dataset.name ?? "");
    else this.goHome();
    this.text?.focus();
  };

  private answer(parent: string, name: string): void {
    const form = this.form;
    const comment = document.getElementById(`comment-${parent}`);
    if (!form || !comment) return;
    comment.append(form);
    this.setParent(parent);
    const cancel = document.createElement("a");
    cancel.href = "#reply";
    cancel.textContent = "Cancel";
    this.answering(form).replaceChildren(`Replying to ${name} · `, cancel);
  }

  private answering(form: HTMLFormElement): HTMLElement {
    const found = form.querySelector<HTMLElement>(".answering");
    if (found) return found;
    const line = document.createElement("p");
    line.className = "answering";
    const title = form.querySelector("h2, h3");
    if (title) title.after(line);
    else form.prepend(line);
    return line;
  }

  private goHome(): void {
    const form = this.form;
    if (!form) return;
    form.querySelector(".answering")?.remove();
    this.setParent("");
    this.home.after(form);
  }

  private setParent(parent: string): void {
    const field = this.form?.querySelector<HTMLInputElement>("input[name=parent_id]");
    if (field) field.value = parent;
    keep(this.keptAs, this.text?.value ?? "", parent);
  }

  private readonly onSubmit = (event: SubmitEvent): void => {
    if (event.target !== this.form || !this.form) return;
    event.preventDefault();
    this.send(this.form);
  };

  private async send(form: HTMLFormElement): Promise<void> {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    this.querySelector(".not-sent")?.remove();
    try {
      await this.take(await sendForm(form), form);
    } catch {
      this.complain(NO_NETWORK);
    }
    form.ariaBusy = "false";
  }

  private async take(answer: Response, form: HTMLFormElement): Promise<void> {
    const [element] = elements(await answer.text());
    if (answer.ok && element?.matches(".comment")) this.insert(element as HTMLElement);
    else if (element?.matches("form.reply-form")) this.correct(form, element as HTMLFormElement);
    else this.complain((element?.matches(".error") && element.textContent) || WENT_WRONG);
  }

  /** The same form again, with what is wrong; still where it was, still an answer to the same comment. */
  private correct(form: HTMLFormElement, again: HTMLFormElement): void {
    const { parent } = this;
    const answering = form.querySelector(".answering");
    form.replaceWith(again);
    if (answering && !again.querySelector(".answering")) this.answering(again).replaceWith(answering);
    this.setParent(parent);
    rememberWriter(again);
    again.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]")?.focus();
    this.announcement.textContent = again.querySelector(".error")?.textContent ?? "";
  }

  private insert(comment: HTMLElement): void {
    this.goHome();
    this.place(comment);
    this.clear();
    forget(this.keptAs);
    this.own?.remember(comment);
    comment.tabIndex = -1;
    comment.focus();
    this.announcement.textContent = comment.querySelector(".awaiting")?.textContent ?? "Your reply is on the page.";
  }

  /** Ready for another reply: no words, and nothing of what was wrong on the way. Name and address stay. */
  private clear(): void {
    if (this.text) this.text.value = "";
    this.form?.dispatchEvent(new Event("sent"));
    for (const note of this.form?.querySelectorAll(".error") ?? []) note.remove();
    for (const field of this.form?.querySelectorAll("[aria-invalid]") ?? []) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  /** Below its parent and all that already answers it, else at the end. */
  private place(comment: HTMLElement): void {
    const parent = comment.dataset.parent && document.getElementById(`comment-${comment.dataset.parent}`);
    if (!parent) return this.querySelector(".thread")?.append(comment);
    const depth = Number(parent.dataset.depth);
    let last: Element = parent;
    for (let next = last.nextElementSibling as HTMLElement | null; next && Number(next.dataset.depth) > depth; ) {
      last = next;
      next = next.nextElementSibling as HTMLElement | null;
    }
    last.after(comment);
  }

  private complain(sentence: string): void {
    const note = document.createElement("p");
    note.className = "error not-sent";
    note.setAttribute("role", "alert");
    note.textContent = sentence;
    this.form?.append(note);
  }
}

customElements.define("comment-thread", CommentThread);
