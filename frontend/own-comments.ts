// One's own replies of the last quarter of an hour: <p class="own" data-comment data-token> with links to a page that
// changes or withdraws them. The tokens are kept in this browser, so that the links come back after a reload, and with
// them a reply that still waits; the page's forms open in place.
import { elements, fetchFragment, rendered, sendForm } from "./fragment";
import { forget, keep, kept } from "./kept-text";

const LASTS_MS = 15 * 60_000;
const NOT_SENT = "This could not be sent. Your words are still here: please try again in a moment.";

interface Token {
  id: string;
  token: string;
  until: number;
}

export class OwnComments {
  constructor(
    private readonly thread: HTMLElement,
    private readonly keptAs: string,
    private readonly place: (comment: HTMLElement) => void,
  ) {
    thread.addEventListener("click", this.onClick);
    thread.addEventListener("submit", this.onSubmit);
    this.remember(thread);
    for (const { id, token } of this.tokens) {
      if (!thread.querySelector(`.own[data-comment="${id}"]`)) this.bringBack(id, token);
    }
  }

  close(): void {
    this.thread.removeEventListener("click", this.onClick);
    this.thread.removeEventListener("submit", this.onSubmit);
  }

  /** Keep the tokens of the replies that were just sent or changed. */
  remember(within: ParentNode): void {
    for (const links of within.querySelectorAll<HTMLElement>(".own")) {
      const { comment: id = "", token = "" } = links.dataset;
      const known = this.tokens.find((one) => one.id === id && one.token === token);
      const until = known?.until ?? Date.now() + LASTS_MS;
      this.keepAll([...this.tokens.filter((one) => one.id !== id), { id, token, until }]);
      setTimeout(() => links.remove(), until - Date.now());
    }
  }

  private get tokens(): Token[] {
    try {
      const found: Token[] = JSON.parse(kept(this.keptAs)?.text ?? "[]");
      return found.filter(({ until }) => until > Date.now());
    } catch {
      return [];
    }
  }

  private keepAll(tokens: Token[]): void {
    if (tokens.length) keep(this.keptAs, JSON.stringify(tokens));
    else forget(this.keptAs);
  }

  private drop(id: string): void {
    this.keepAll(this.tokens.filter((one) => one.id !== id));
  }

  private async bringBack(id: string, token: string): Promise<void> {
    try {
      const answer = await fetchFragment(`/comments/${id}/own?token=${encodeURIComponent(token)}`);
      if (!answer.ok) return this.drop(id);
      const [comment] = elements(await answer.text()) as HTMLElement[];
      const links = comment?.querySelector(".own");
      const there = document.getElementById(`comment-${id}`);
      if (!comment || !links) return this.drop(id);
      if (there) there.querySelector(".comment-text")?.after(links);
      else this.place(comment);
      this.remember(there ?? comment);
    } catch {
      // Without a network the links come with the next page.
    }
  }

  private readonly onClick = (event: MouseEvent): void => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(".own a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.open(link);
  };

  private async open(link: HTMLAnchorElement): Promise<void> {
    const comment = link.closest<HTMLElement>(".comment")!;
    try {
      const page = rendered(await (await fetch(link.href, { headers: { Accept: "text/html" } })).text());
      const forms = page.querySelector<HTMLElement>(".own-forms");
      if (!forms) return location.assign(link.href);
      this.show(comment, forms);
      forms.querySelector<HTMLElement>(link.hash === "#withdraw" ? ".removal-form button" : "textarea")?.focus();
    } catch {
      location.assign(link.href);
    }
  }

  /** The forms in place of the words that they change. */
  private show(comment: HTMLElement, forms: HTMLElement): void {
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "quiet";
    cancel.textContent = "Cancel";
    cancel.addEventListener("click", () => this.hide(comment));
    forms.querySelector(".actions")?.append(cancel);
    this.hide(comment);
    for (const part of comment.querySelectorAll<HTMLElement>(":scope > :is(.comment-text, .own)")) part.hidden = true;
    comment.querySelector(":scope > .comment-text")?.after(forms);
  }

  private hide(comment: HTMLElement): void {
    comment.querySelector(":scope > .own-forms")?.remove();
    for (const part of comment.querySelectorAll<HTMLElement>(":scope > [hidden]")) part.hidden = false;
  }

  private readonly onSubmit = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    const comment = form.closest<HTMLElement>(".comment");
    if (!comment || !form.matches(".own-forms form")) return;
    event.preventDefault();
    this.send(form, comment);
  };

  private async send(form: HTMLFormElement, comment: HTMLElement): Promise<void> {
    let page: DocumentFragment | undefined;
    try {
      page = rendered(await (await sendForm(form)).text());
    } catch {
      page = undefined;
    }
    const [changed, gone, again] = [".comment", ".withdrawn", ".own-forms"].map((part) => page?.querySelector<HTMLElement>(part));
    if (changed) this.replace(comment, changed);
    else if (gone) this.removed(comment, gone);
    else if (again) this.show(comment, again);
    if (!changed && !gone) complain(comment, page?.querySelector(".error")?.textContent ?? NOT_SENT);
  }

  private replace(comment: HTMLElement, changed: HTMLElement): void {
    comment.replaceWith(changed);
    this.remember(changed);
    changed.tabIndex = -1;
    changed.focus();
  }

  private removed(comment: HTMLElement, sentence: HTMLElement): void {
    this.drop(comment.id.replace("comment-", ""));
    comment.replaceChildren(sentence);
    comment.tabIndex = -1;
    comment.focus();
  }
}

function complain(comment: HTMLElement, words: string): void {
  const forms = comment.querySelector(":scope > .own-forms");
  forms?.querySelector(".not-sent")?.remove();
  const note = document.createElement("p");
  note.className = "error not-sent";
  note.setAttribute("role", "alert");
  note.textContent = words;
  forms?.prepend(note);
}
