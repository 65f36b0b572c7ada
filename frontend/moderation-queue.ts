// Enhances <moderation-queue status="pending" order="oldest"> around <ol class="queue"> of .entry items, whose buttons
// send the form "decisions" to the address of their verb: acts go out without leaving the page and the next entry is
// at hand at once; keys, ranges, swipes, replies and edits in place. Without it every button leads to a page.
import { Announcer } from "./moderation-announcer";
import { gone, insertInOrder, Order } from "./moderation-entries";
import { InlineForm } from "./moderation-forms";
import { areKeysOn, KeysHelp } from "./moderation-keys";
import { Swipe } from "./moderation-swipe";
import { elements, rendered } from "./fragment";

/** A key or a swipe → the end of the address that does it, and the status that comes of it. */
const VERBS: Record<string, { path: string; status: string }> = {
  a: { path: "approval", status: "approved" },
  u: { path: "waiting", status: "pending" },
  s: { path: "spam", status: "spam" },
  d: { path: "rejection", status: "rejected" },
};
const ENOUGH = 15; // entries left below: with fewer, the next page is fetched
const MARGIN_PX = 48;
const SIGNED_OUT = "You are signed out. Sign in again in another window, then try once more.";
const NO_NETWORK = "That was not sent: no network. It is as it was before.";
const WENT_WRONG = "Something went wrong on our side. It is as it was before.";

interface Told {
  words?: string;
  error?: string;
  counts?: Record<string, string>;
  waiting?: string;
  entries?: { id: number; kind: string; status: string; words: string; html: string }[];
}

class ModerationQueue extends HTMLElement {
  private current?: HTMLElement;
  private rangeStart?: HTMLElement;
  private sending: Promise<void> = Promise.resolve(); // acts reach the server in the order they were done
  private readonly removed = new Set<number>();
  private loading = false;
  private scrolled = 0;
  private say!: Announcer;
  private help!: KeysHelp;

  connectedCallback(): void {
    this.say = new Announcer(this.querySelector<HTMLElement>(".announcement")!, () => this.undo());
    this.help = new KeysHelp(this);
    this.classList.add("is-scripted");
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("scroll", this.onScroll, { passive: true });
    this.addEventListener("focusin", this.onFocus);
    this.addEventListener("change", this.onChange);
    this.addEventListener("click", this.onClick);
    this.form.addEventListener("submit", this.onSubmit);
    new Swipe(this, ".entry", (entry, verb) => this.act([entry], verb));
    this.mark(this.items[0]);
    this.tellChosen();
    void this.fill();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("scroll", this.onScroll);
  }

  private get list(): HTMLElement {
    return this.querySelector<HTMLElement>(".queue")!;
  }

  private get items(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(":scope > .entry")];
  }

  private get form(): HTMLFormElement {
    return this.querySelector<HTMLFormElement>("form.decisions")!;
  }

  private get why(): HTMLInputElement {
    return this.form.querySelector<HTMLInputElement>("input[name=why]")!;
  }

  private get tab(): string {
    return this.getAttribute("status") ?? "pending";
  }

  private get chosen(): HTMLElement[] {
    return this.items.filter((item) => box(item)?.checked);
  }

  // ---- where one is

  private readonly onFocus = (event: FocusEvent): void => {
    const item = (event.target as Element).closest<HTMLElement>(".entry");
    if (item) this.mark(item);
  };

  private mark(item: HTMLElement | undefined): void {
    this.current?.classList.remove("is-chosen");
    this.current = item;
    item?.classList.add("is-chosen");
  }

  private goTo(item: HTMLElement | undefined): void {
    if (!item) return;
    this.mark(item);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** Another one is at hand now. The focus follows where the one that had it went away before this one came. */
  private comeTo(item: HTMLElement | undefined): void {
    if (this.removed.size && document.activeElement === document.body) this.goTo(item);
    else this.mark(item);
  }

  /** Nothing is ever done to what is off the screen: who scrolls away from an entry has another one at hand. */
  private readonly onScroll = (): void => {
    cancelAnimationFrame(this.scrolled);
    this.scrolled = requestAnimationFrame(() => {
      if (!this.current || isInSight(this.current)) return;
      const seen = this.items.find(isInSight);
      if (seen) this.mark(seen);
    });
  };

  private move(step: 1 | -1, choosing: boolean): void {
    const here = this.current;
    const items = this.items;
    if (choosing && here) this.choose(here, true);
    // The first press goes to the marked entry, if the reader's place is elsewhere on the page.
    const isHere = here?.contains(document.activeElement) || choosing;
    const next = here && isHere ? items[items.indexOf(here) + step] : (here ?? items[0]);
    if (choosing && next) this.choose(next, true);
    this.goTo(next);
  }

  // ---- keys

  private readonly onKey = (event: KeyboardEvent): void => {
    const target = event.target as Element;
    if (event.key === "Escape" && !this.help.isOpen) return this.onEscape(target);
    if (!areKeysOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || this.help.isOpen) return;
    if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (event.repeat && !/^[jk]$/i.test(event.key)) return; // a key held down decides once
    if (this.press(event.key, event.shiftKey)) event.preventDefault();
  };

  private press(key: string, shift: boolean): boolean {
    if (key === "?") this.help.open();
    else if (/^[jk]$/i.test(key)) this.move(key.toLowerCase() === "j" ? 1 : -1, shift);
    else if (/^x$/i.test(key)) this.chooseHere(shift);
    else if (shift) return false;
    else if (key in VERBS) this.act(this.meant, key);
    else if (key === "z") this.undo();
    else if (key === "p") this.pressButton(".keep");
    else if (key === "r") this.pressButton(".answer");
    else if (key === "e") this.pressButton(".edit");
    else if (key === "o") this.pressButton(".open");
    else if (key === "w") this.why.focus();
    else return false;
    return true;
  }

  private pressButton(button: string): void {
    this.current?.querySelector<HTMLElement>(button)?.click();
  }

  private onEscape(target: Element): void {
    if (target.closest(".decisions")) return this.goTo(this.current);
    if (target.closest("form.inline")) return;
    for (const item of this.chosen) this.choose(item, false);
  }

  // ---- choosing several

  /** What an act is for: all that are chosen, else where one is. */
  private get meant(): HTMLElement[] {
    return this.chosen.length ? this.chosen : this.current ? [this.current] : [];
  }

  private chooseHere(range: boolean): void {
    const here = this.current;
    if (!here) return;
    if (range && this.rangeStart?.isConnected) this.chooseRange(this.rangeStart, here);
    else this.choose(here, !box(here)?.checked);
    this.rangeStart = here;
  }

  private chooseRange(from: HTMLElement, to: HTMLElement): void {
    const items = this.items;
    const [first, last] = [items.indexOf(from), items.indexOf(to)].sort((a, b) => a - b) as [number, number];
    for (const item of items.slice(first, last + 1)) this.choose(item, true);
  }

  private choose(item: HTMLElement, checked: boolean): void {
    const found = box(item);
    if (found) found.checked = checked;
    this.tellChosen();
  }

  private readonly onChange = (event: Event): void => {
    const item = (event.target as Element).closest<HTMLElement>(".entry");
    if (item && event.target === box(item)) this.tellChosen();
  };

  private tellChosen(): void {
    const count = this.chosen.length;
    for (const item of this.items) item.classList.toggle("is-picked", Boolean(box(item)?.checked));
    this.classList.toggle("is-choosing", count > 0);
    this.form.querySelector(".how-many")!.textContent = count ? `${count} chosen` : "";
  }

  private readonly onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const item = target.closest<HTMLElement>(".entry");
    if (item && event.shiftKey && target === box(item) && this.rangeStart) this.chooseRange(this.rangeStart, item);
    if (item && target === box(item)) this.rangeStart = item;
    const link = target.closest<HTMLAnchorElement>("a.answer, a.edit");
    if (!item || !link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.mark(item);
    this.say.tell("");
    void new InlineForm(link, item, {
      sent: (told) => this.take(told as Told, [item]),
      closed: () => this.goTo(item),
      said: (words) => this.say.tell(words),
    }).open();
  };

  // ---- acting

  private readonly onSubmit = (event: SubmitEvent): void => {
    const button = event.submitter as HTMLButtonElement | null;
    event.preventDefault();
    const item = button?.closest<HTMLElement>(".entry");
    if (button?.classList.contains("undo")) return this.undo();
    const path = button?.getAttribute("formaction")?.split("/").at(-1);
    const key = Object.keys(VERBS).find((each) => VERBS[each]!.path === path || VERBS[each]!.status === button?.value);
    if (key) return this.act(item ? [item] : this.meant, key);
    if (item && path) this.actOn(item, path);
  };

  private act(items: HTMLElement[], key: string): void {
    const verb = VERBS[key];
    // What was reported and is approved once more may stand: its reports are closed.
    const changing = items.filter((item) => item.dataset.status !== verb?.status || this.tab === "reported");
    if (!verb || !items.length) return;
    if (!changing.length) return this.say.tell("It is so already.");
    const body = this.fields();
    body.set("to", verb.status);
    for (const item of changing) body.append("comment", `${item.dataset.id}.${item.dataset.version}`);
    if (!this.holds(verb.status)) this.takeAway(changing);
    else this.goTo(this.next(changing));
    this.send(this.form.action, body, changing);
    this.why.value = "";
  }

  /** Whether entries of a status stand in this list; no verdict, no end of the reports. */
  private holds(status: string): boolean {
    return this.tab === "all" || status === this.tab || (this.tab === "reported" && status === "pending");
  }

  /** An act on one entry that has an address of its own: keep, undo. */
  private actOn(item: HTMLElement, path: string): void {
    const body = this.fields();
    if (path === "keeping") {
      body.set("version", item.dataset.version ?? "");
      if (this.tab === "reported") this.takeAway([item]);
    }
    this.send(`/comments/${item.dataset.id}/${path}`, body, [item]);
    this.why.value = "";
  }

  private undo(): void {
    const body = this.fields();
    this.send(this.form.querySelector(".undo")!.getAttribute("formaction")!, body, [], true);
  }

  private fields(): URLSearchParams {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (name !== "comment") body.set(name, String(value));
    return body;
  }

  /** Out of sight at once, and on to the next: the server's answer decides whether they come back. */
  private takeAway(items: HTMLElement[]): void {
    const hadFocus = items.some((item) => item.contains(document.activeElement)) || document.activeElement === document.body;
    const where = this.current && !items.includes(this.current) ? this.current : this.next(items);
    for (const item of items) {
      this.removed.add(Number(item.dataset.id));
      choose(item, false);
      item.remove();
    }
    this.mark(undefined);
    if (hadFocus && where) this.goTo(where);
    else this.mark(where);
    this.count(this.tab, -items.length);
    this.tellChosen();
    this.tellEmpty();
    void this.fill();
  }

  /** Where to go on once these are done: below them, else above. */
  private next(items: HTMLElement[]): HTMLElement | undefined {
    const all = this.items;
    const last = all.indexOf(items.at(-1)!);
    const isLeft = (item: HTMLElement): boolean => !items.includes(item);
    return all.slice(last + 1).find(isLeft) ?? all.slice(0, last).findLast(isLeft);
  }

  private send(address: string, body: URLSearchParams, items: HTMLElement[], undoing = false): void {
    this.sending = this.sending.then(() => this.post(address, body, items, undoing));
  }

  private async post(address: string, body: URLSearchParams, items: HTMLElement[], undoing: boolean): Promise<void> {
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = (await answer.json()) as Told;
      if (answer.ok || answer.status === 409) this.take(told, items, undoing);
      else this.giveBack(items, answer.status === 401 ? SIGNED_OUT : (told.error ?? WENT_WRONG), answer.status === 404);
    } catch {
      this.giveBack(items, navigator.onLine ? WENT_WRONG : NO_NETWORK);
    }
  }

  /** What the server says: words, counts, and every entry as it is now. */
  private take(told: Told, items: HTMLElement[], undoing = false): void {
    const entries = told.entries ?? [];
    const done = entries.some((entry) => entry.kind === "done");
    this.say.tell(told.words ?? "", done && !undoing);
    for (const [tab, count] of Object.entries(told.counts ?? {})) this.setCount(tab, count);
    this.setCount("waiting", told.waiting ?? "0");
    let shown: HTMLElement | undefined;
    for (const entry of entries) {
      const fresh = this.put(entry, undoing);
      shown ??= fresh;
    }
    if (undoing && shown) this.goTo(shown);
    else if (!this.current?.isConnected) this.comeTo(this.items[0]);
    this.tellEmpty();
    this.tellChosen();
    if (items.length && !entries.length) for (const item of items) gone(item, told.words ?? "");
  }

  /** Put an entry where it belongs now: drawn anew in its place, back from where it left, or away. */
  private put(entry: NonNullable<Told["entries"]>[number], undoing: boolean): HTMLElement | undefined {
    const present = this.items.find((item) => Number(item.dataset.id) === entry.id);
    const changed = entry.kind === "changed";
    const belongs = this.holds(entry.status) || changed || (this.tab === "reported" && undoing);
    if (!belongs || (!present && !changed && !undoing)) {
      if (present) present.remove();
      return undefined;
    }
    const fresh = elements(entry.html)[0] as HTMLElement;
    if (changed) complain(fresh, entry.words);
    if (present) present.replaceWith(fresh);
    else insertInOrder(this.list, fresh, this.getAttribute("order") as Order);
    if (present && present === this.current) this.goTo(fresh);
    this.removed.delete(entry.id);
    return fresh;
  }

  private giveBack(items: HTMLElement[], words: string, isGone = false): void {
    this.say.tell(words);
    if (isGone) return items.forEach((item) => item.isConnected && gone(item, words));
    for (const item of items) {
      if (!item.isConnected) {
        insertInOrder(this.list, item, this.getAttribute("order") as Order);
        this.count(this.tab, 1);
      }
      this.removed.delete(Number(item.dataset.id));
      complain(item, words);
    }
    if (!this.current?.isConnected) this.mark(items[0]);
    this.tellEmpty();
  }

  // ---- counts, and more

  private count(tab: string, by: number): void {
    const names = ["pending", "reported"].includes(tab) ? [tab, "waiting"] : [tab];
    for (const name of names) {
      const shown = document.querySelector(`[data-count=${name}]`)?.textContent?.replace(/\D/g, "");
      if (shown && !document.querySelector(`[data-count=${name}]`)!.textContent!.includes("+"))
        this.setCount(name, new Intl.NumberFormat(document.documentElement.lang).format(Math.max(0, Number(shown) + by)));
    }
  }

  private setCount(name: string, count: string): void {
    for (const place of document.querySelectorAll<HTMLElement>(`[data-count=${name}]`)) {
      place.textContent = count;
      if (name === "waiting") place.hidden = count === "0";
    }
  }

  private tellEmpty(): void {
    const words = this.querySelector<HTMLElement>(".empty");
    if (words) words.hidden = this.items.length > 0;
  }

  /** Goes on with the next page before the end is reached. */
  private async fill(): Promise<void> {
    const next = this.querySelector<HTMLAnchorElement>(".pager [rel=next]");
    if (!next || this.loading || this.items.length > ENOUGH) return;
    this.loading = true;
    try {
      const page = rendered(await (await fetch(next.href)).text());
      const known = new Set([...this.items.map((item) => Number(item.dataset.id)), ...this.removed]);
      for (const entry of page.querySelectorAll<HTMLElement>(".queue > .entry"))
        if (!known.has(Number(entry.dataset.id))) this.list.append(entry);
      const further = page.querySelector<HTMLAnchorElement>(".pager [rel=next]");
      if (further) next.href = further.href;
      else next.remove();
      if (!this.current) this.comeTo(this.items[0]);
      this.tellEmpty();
    } catch {
      // The link still leads on.
    }
    this.loading = false;
  }
}

function isInSight(item: HTMLElement): boolean {
  const { top, bottom } = item.getBoundingClientRect();
  return bottom > MARGIN_PX && top < innerHeight - 2 * MARGIN_PX; // not under the bar
}

function box(item: HTMLElement): HTMLInputElement | null {
  return item.querySelector<HTMLInputElement>("input[name=comment]");
}

function choose(item: HTMLElement, checked: boolean): void {
  const found = box(item);
  if (found) found.checked = checked;
}

function complain(item: HTMLElement, words: string): void {
  item.querySelector(":scope > .said")?.remove();
  const line = document.createElement("p");
  line.className = "said";
  line.textContent = words;
  item.prepend(line);
}

customElements.define("moderation-queue", ModerationQueue);
