// Enhances <thread-pages> around the links of the order and <ol class="thread">: comments from top to bottom
// (li[data-depth]), and li.more with a link to those that are left out. What is left out comes in place, the answers to a
// comment fold, and the address of a comment leads to it where it is on the page. Without it these links lead to pages.
import { elements } from "./fragment";

const FRAGMENT = "text/vnd.roadbook.fragment+html";

class ThreadPages extends HTMLElement {
  private readonly announcement = document.createElement("p");
  private readonly changes = new MutationObserver(() => this.settle());

  connectedCallback(): void {
    this.announcement.className = "unseen";
    this.announcement.setAttribute("role", "status");
    this.append(this.announcement);
    this.addEventListener("click", this.onClick);
    addEventListener("hashchange", this.onHash);
    if (this.list) this.changes.observe(this.list, { childList: true });
    this.settle();
    this.onHash();
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.onClick);
    removeEventListener("hashchange", this.onHash);
    this.changes.disconnect();
  }

  private get list(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".thread");
  }

  private get items(): HTMLElement[] {
    return [...(this.list?.children ?? [])] as HTMLElement[];
  }

  private readonly onClick = (event: MouseEvent): void => {
    const found = (event.target as Element).closest<HTMLElement>("a, .fold");
    if (!found || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    if (found.matches(".fold")) return this.fold(found);
    const link = found as HTMLAnchorElement;
    const comment = document.getElementById(link.pathname.replace(/^\/comments\/(\d+)$/, "comment-$1"));
    const row = link.closest<HTMLElement>("li.more");
    if (comment && link.origin === location.origin) location.hash = comment.id;
    else if (row) void this.fetched(link, (found) => this.fill(row, found));
    else if (link.closest("nav.order")) void this.fetched(link, (found) => this.reorder(link, found));
    else return;
    event.preventDefault();
  };

  /** What a link leads to, as pieces of this page; where that fails, the page that it leads to. */
  private async fetched(link: HTMLAnchorElement, use: (found: Element[]) => void): Promise<void> {
    if (link.ariaBusy === "true") return;
    link.ariaBusy = "true";
    try {
      const answer = await fetch(link.href, { headers: { Accept: FRAGMENT } });
      if (!answer.ok) throw new Error(String(answer.status));
      use(elements(await answer.text()));
      link.ariaBusy = "false";
    } catch {
      location.assign(link.href);
    }
  }

  /** Comments instead of the row that promised them. Those that are on the page stay where they are. */
  private fill(row: HTMLElement, found: Element[]): void {
    const isHere = (item?: Element) => !!item && document.getElementById(item.id) !== null;
    const all = found.filter((item) => item.matches(".comment")) as HTMLElement[];
    const comments = all.filter((item) => !isHere(item));
    const goesOn = isHere(all.at(-1)) ? [] : found.filter((item) => item.matches(".more"));
    row.replaceWith(...found.filter((item) => comments.includes(item as HTMLElement) || goesOn.includes(item)));
    this.announce(comments.length);
    const first = comments[0];
    if (!first) return;
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }

  private reorder(link: HTMLAnchorElement, found: Element[]): void {
    const list = this.list;
    const form = list?.querySelector(".reply-form");
    if (form) list?.after(form);
    list?.replaceChildren(...found);
    this.querySelector(".earlier")?.remove();
    for (const other of this.querySelectorAll("nav.order a")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    if (link.pathname === location.pathname) history.replaceState(history.state, "", link.href);
    this.announcement.textContent = link.textContent;
  }

  private announce(count: number): void {
    this.announcement.textContent = count === 1 ? "One more reply." : `${count} more replies.`;
  }

  /** Every comment with answers gets a button that folds them; what stands below a folded one is hidden. */
  private settle(): void {
    const items = this.items;
    let folded: { depth: number; button: HTMLElement; count: number } | null = null;
    items.forEach((item, place) => {
      const depth = Number(item.dataset.depth);
      if (folded && depth <= folded.depth) folded = null;
      item.hidden = folded !== null;
      if (folded) {
        if (item.matches(".comment")) folded.button.textContent = `+ ${++folded.count}`;
        return;
      }
      const button = this.button(item, depth < Number(items[place + 1]?.dataset.depth ?? 0));
      if (!button) return;
      if (button.ariaExpanded === "true") button.textContent = "−";
      else folded = { depth, button, count: 0 };
    });
  }

  private button(comment: HTMLElement, isAnswered: boolean): HTMLElement | null {
    const found = comment.querySelector<HTMLElement>(".fold");
    if (found || !isAnswered || !comment.matches(".comment")) return found;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.ariaExpanded = "true";
    button.ariaLabel = `Replies to ${comment.querySelector("strong")?.textContent ?? "this one"}`;
    comment.querySelector(".comment-head, .comment-gone")?.append(button);
    return button;
  }

  private fold(button: HTMLElement): void {
    button.ariaExpanded = String(button.ariaExpanded !== "true");
    this.settle();
  }

  /** The comment that the address names is opened, or looked for on other pages of the thread. */
  private readonly onHash = (): void => {
    const number = /^#comment-(\d+)$/.exec(location.hash)?.[1];
    const comment = number && document.getElementById(`comment-${number}`);
    if (comment) this.unfold(comment);
    else if (number) void this.lookElsewhere(number);
  };

  private unfold(comment: HTMLElement): void {
    if (!comment.hidden) return;
    let depth = Number(comment.dataset.depth);
    for (const item of this.items.slice(0, this.items.indexOf(comment)).reverse()) {
      if (Number(item.dataset.depth) >= depth) continue;
      depth = Number(item.dataset.depth);
      const button = item.querySelector(".fold");
      if (button) button.ariaExpanded = "true";
    }
    this.settle();
    comment.scrollIntoView();
  }

  private async lookElsewhere(number: string): Promise<void> {
    const answer = await fetch(`/comments/${number}`, { method: "HEAD" }).catch(() => null);
    if (answer?.ok && answer.url !== location.href.replace(/#.*/, "")) location.replace(answer.url + location.hash);
  }
}

customElements.define("thread-pages", ThreadPages);
