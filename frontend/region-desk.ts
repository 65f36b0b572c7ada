// Enhances <region-desk state="ready"> around a photo (.stage) and the forms of its regions (.panel): regions are drawn
// on the photo instead of typed as numbers. While the photo is being made anew, the stage is asked for again.
import { rendered } from "./fragment";

const EVERY_MS = 1500;

class RegionDesk extends HTMLElement {
  private timer = 0;
  private drawing?: { close(): void };

  connectedCallback(): void {
    if (this.querySelector(".annotated")) void this.draw();
    else if (this.getAttribute("state") !== "failed") this.askLater();
    this.offerCopies();
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    this.drawing?.close();
  }

  private async draw(): Promise<void> {
    try {
      const { RegionDrawing } = await import("./region-drawing");
      if (this.isConnected) this.drawing = await RegionDrawing.open(this);
    } catch (error) {
      console.error(error); // the numbers are there
    }
  }

  private askLater(): void {
    this.timer = window.setTimeout(() => void this.ask(), EVERY_MS);
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = rendered(await answer.text()).querySelector(".stage");
      if (!fresh?.querySelector(".annotated")) return this.askLater();
      this.querySelector(".stage")?.replaceWith(fresh);
      await this.draw();
    } catch {
      this.askLater();
    }
  }

  private offerCopies(): void {
    if (!navigator.clipboard) return;
    for (const place of this.querySelectorAll<HTMLElement>(".in-a-post")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = "Copy";
      button.ariaLabel = `Copy ${place.querySelector("code")?.textContent}`;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(place.querySelector("code")?.textContent ?? "");
        button.textContent = "Copied";
      });
      place.append(" ", button);
    }
  }
}

customElements.define("region-desk", RegionDesk);
