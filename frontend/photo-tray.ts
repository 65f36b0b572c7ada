// Enhances <photo-tray src="…/tray"> around <ul class="tray"> of tiles (li#tile-12[data-state]): while a photo is still
// being prepared, asks for the tray again every two seconds and replaces the tiles that have changed. New tiles are
// counted in the heading (#photos .count).
import { elements } from "./fragment";

const PENDING = "[data-state=uploaded], [data-state=processing]";
const PAUSE_MS = 2_000;
const PAUSE_AFTER_FAILURE_MS = 10_000;

export class PhotoTray extends HTMLElement {
  private timer = 0;

  connectedCallback(): void {
    this.continue(PAUSE_MS);
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
  }

  /** Puts rendered tiles in the places of those with the same id, new ones at the end. */
  put(tiles: Element[]): void {
    for (const tile of tiles) {
      const old = document.getElementById(tile.id);
      if (!old) this.querySelector(".tray")?.append(tile);
      else if (old.outerHTML !== tile.outerHTML) old.replaceWith(tile);
    }
    const count = document.querySelector("#photos .count");
    if (count) count.textContent = String(this.querySelectorAll(".tile").length || "");
    this.continue(PAUSE_MS);
  }

  /** Asks for the whole tray now. */
  async refresh(): Promise<void> {
    try {
      const answer = await fetch(this.getAttribute("src") ?? "");
      if (!answer.ok) throw new Error(`The tray answered ${answer.status}`);
      this.put(elements(await answer.text()).flatMap((tray) => [...tray.querySelectorAll("[id^=tile-]")]));
    } catch {
      this.continue(PAUSE_AFTER_FAILURE_MS);
    }
  }

  private continue(pause: number): void {
    clearTimeout(this.timer);
    if (this.isConnected && this.querySelector(PENDING)) this.timer = window.setTimeout(() => this.refresh(), pause);
  }
}

customElements.define("photo-tray", PhotoTray);
