// Enhances <photo-library src="…/sheet?…" last="17"> around the library's first page (.sheets > .sheet[data-page]):
// goes on with the next page where this one ends, keeps in the document only what is near the screen, and lets photos be
// chosen by click, by Shift and by keys. Without it there are numbered pages and checkboxes.
import { elements } from "./fragment";
import { paintPlaceholders } from "./placeholders";

const NEAR = "150% 0px"; // of the screen's height above and below it
const AHEAD = "250% 0px";

class PhotoLibrary extends HTMLElement {
  private readonly away = new Map<Element, DocumentFragment>(); // what sheets far from the screen held
  private boxes: HTMLInputElement[] = [];
  private start = 0; // where a range begins
  private loading = false;
  private near?: IntersectionObserver;
  private ahead?: IntersectionObserver;
  private top?: IntersectionObserver;

  connectedCallback(): void {
    if (!this.querySelector(".sheet")) return;
    this.classList.add("is-scripted");
    this.near = new IntersectionObserver((seen) => seen.forEach((each) => this.keepNear(each)), { rootMargin: NEAR });
    this.ahead = new IntersectionObserver((seen) => seen.at(-1)?.isIntersecting && void this.goOn(), {
      rootMargin: AHEAD,
    });
    this.top = new IntersectionObserver((seen) => this.noteAddress(seen), { rootMargin: "-20% 0px -80% 0px" });
    for (const sheet of this.querySelectorAll(".sheet")) this.add(sheet);
    const onwards = this.querySelector<HTMLElement>(".onwards");
    if (onwards) this.ahead.observe(onwards);
    this.addEventListener("click", this.onClick);
    this.addEventListener("change", this.onChange);
    this.addEventListener("keydown", this.onKey);
    this.form?.addEventListener("submit", this.bringAll);
    this.tell();
  }

  disconnectedCallback(): void {
    for (const observer of [this.near, this.ahead, this.top]) observer?.disconnect();
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form.chosen");
  }

  private get chosen(): HTMLInputElement[] {
    return this.boxes.filter((box) => box.checked);
  }

  private add(sheet: Element): void {
    for (const box of sheet.querySelectorAll<HTMLInputElement>(".shot input")) {
      box.tabIndex = this.boxes.length ? -1 : 0; // the arrow keys lead to the others
      this.boxes.push(box);
    }
    for (const link of sheet.querySelectorAll<HTMLAnchorElement>(".shot a")) link.tabIndex = -1;
    this.near?.observe(sheet);
    this.top?.observe(sheet);
  }

  // ---- more photos, and fewer elements

  private async goOn(): Promise<void> {
    const last = [...this.querySelectorAll<HTMLElement>(".sheet")].at(-1);
    const next = Number(last?.dataset.page) + 1;
    const onwards = this.querySelector<HTMLElement>(".onwards");
    if (this.loading || !last || !onwards || next > Number(this.getAttribute("last"))) return this.end(onwards);
    this.loading = true;
    onwards.classList.add("unseen");
    try {
      const address = new URL(this.getAttribute("src") ?? "", location.href);
      address.searchParams.set("page", String(next));
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`The library answered ${answer.status}`);
      const sheets = elements(await answer.text());
      last.after(...sheets);
      for (const sheet of sheets) {
        paintPlaceholders(sheet);
        this.add(sheet);
      }
      this.ahead?.unobserve(onwards);
      this.ahead?.observe(onwards); // it may be as near as before
    } catch {
      onwards.classList.remove("unseen"); // the numbered pages still lead on
    }
    this.loading = false;
  }

  private end(onwards: HTMLElement | null): void {
    if (!this.loading && onwards) onwards.hidden = true;
  }

  private keepNear(seen: IntersectionObserverEntry): void {
    const sheet = seen.target as HTMLElement;
    const held = this.away.get(sheet);
    if (seen.isIntersecting && held) {
      sheet.append(held);
      sheet.style.height = "";
      this.away.delete(sheet);
    } else if (!seen.isIntersecting && !held && !sheet.contains(document.activeElement)) {
      sheet.style.height = `${seen.boundingClientRect.height}px`;
      const aside = document.createDocumentFragment();
      aside.append(...sheet.childNodes);
      this.away.set(sheet, aside);
    }
  }

  /** The address says which page is on the screen, so that coming back leads there. */
  private noteAddress(seen: IntersectionObserverEntry[]): void {
    const sheet = seen.find((each) => each.isIntersecting)?.target as HTMLElement | undefined;
    if (!sheet) return;
    const address = new URL(location.href);
    address.searchParams.set("page", sheet.dataset.page ?? "1");
    if (address.href !== location.href && !(sheet.dataset.page === "1" && !location.search.includes("page=")))
      history.replaceState(history.state, "", address);
  }

  // ---- choosing

  private readonly onClick = (event: MouseEvent): void => {
    const shot = (event.target as Element).closest(".shot");
    const box = shot?.querySelector<HTMLInputElement>("input");
    if (!box) return;
    if (event.target === box) {
      if (event.shiftKey) this.choose(box, box.checked);
      this.start = this.boxes.indexOf(box);
    } else if (event.shiftKey || event.ctrlKey || event.metaKey || this.chosen.length) {
      event.preventDefault();
      if (event.shiftKey) this.choose(box, true);
      else box.checked = !box.checked;
      this.start = this.boxes.indexOf(box);
      this.focusOn(box);
    }
    this.tell();
  };

  private readonly onChange = (): void => this.tell();

  /** Chooses, or not, everything from where the range began to this photo. */
  private choose(box: HTMLInputElement, checked: boolean): void {
    const [from, to] = [this.start, this.boxes.indexOf(box)].sort((a, b) => a - b) as [number, number];
    for (const each of this.boxes.slice(from, to + 1)) each.checked = checked;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const box = (event.target as Element).closest(".shot")?.querySelector<HTMLInputElement>("input");
    if (!box || event.altKey) return;
    const index = this.boxes.indexOf(box);
    const leads = this.led(event.key, box, index);
    if (leads !== undefined) {
      const next = this.boxes[leads];
      if (!next?.isConnected) return;
      if (event.shiftKey) {
        if (!this.chosen.length) this.start = index;
        this.choose(next, true);
      }
      this.focusOn(next);
    } else if (event.key === "Enter") box.closest(".shot")?.querySelector("a")?.click();
    else if (event.key === "Escape") for (const each of this.boxes) each.checked = false;
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) for (const each of this.boxes) each.checked = true;
    else if (event.key === "Delete" && this.chosen.length) this.querySelector<HTMLButtonElement>(".delete")?.click();
    else return;
    event.preventDefault();
    this.tell();
  };

  /** The number of the photo that a key leads to from `box`. */
  private led(key: string, box: HTMLInputElement, index: number): number | undefined {
    if (key === "ArrowRight") return index + 1;
    if (key === "ArrowLeft") return index - 1;
    if (key === "ArrowDown") return this.inNextRow(box, index, 1);
    if (key === "ArrowUp") return this.inNextRow(box, index, -1);
    return undefined;
  }

  /** The photo of the next row, below or above, that lies nearest to this one. */
  private inNextRow(box: HTMLInputElement, index: number, step: 1 | -1): number {
    const here = box.getBoundingClientRect();
    let best = index;
    let rowTop: number | undefined;
    for (let at = index + step; this.boxes[at]?.isConnected; at += step) {
      const there = this.boxes[at]!.getBoundingClientRect();
      if (Math.abs(there.top - here.top) < 4) continue;
      rowTop ??= there.top;
      if (Math.abs(there.top - rowTop) > 4) break;
      const nearest = best === index ? Infinity : Math.abs(this.boxes[best]!.getBoundingClientRect().left - here.left);
      if (Math.abs(there.left - here.left) < nearest) best = at;
    }
    return best;
  }

  private focusOn(box: HTMLInputElement): void {
    for (const each of this.boxes) each.tabIndex = each === box ? 0 : -1;
    box.focus({ preventScroll: true });
    box.closest(".shot")?.scrollIntoView({ block: "nearest" });
  }

  private tell(): void {
    const count = this.chosen.length;
    this.classList.toggle("is-choosing", count > 0);
    const form = this.form;
    if (!form) return;
    form.hidden = count === 0;
    const words = form.querySelector(".how-many");
    if (words) words.textContent = `${count} chosen`;
  }

  /** What was chosen far from the screen is not in the document: sent all the same. */
  private readonly bringAll = (event: Event): void => {
    const form = event.target as HTMLFormElement;
    for (const old of form.querySelectorAll(".far")) old.remove();
    for (const box of this.chosen.filter((each) => !each.isConnected)) {
      const far = document.createElement("input");
      Object.assign(far, { type: "hidden", name: box.name, value: box.value, className: "far" });
      form.append(far);
    }
  };
}

customElements.define("photo-library", PhotoLibrary);
