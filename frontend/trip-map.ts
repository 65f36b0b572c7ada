// Enhances <trip-map src="/trips/x/map.json" [follow]> around the drawn map (an SVG) and <a class="map-open">.
// A click on it opens the interactive map at the same view; dots of photos stay the links they are.
// With `follow`, the ringed dot and the walked part of the line keep to the last photo passed while scrolling.
import { Follower } from "./follower";
import type { InteractiveMap, MapDocument } from "./interactive-map";

class TripMap extends HTMLElement {
  private follower?: Follower;
  private map?: InteractiveMap;
  private opening = false;

  connectedCallback(): void {
    this.addEventListener("click", this);
    const drawing = this.querySelector<SVGSVGElement>("svg.map");
    if (this.hasAttribute("follow") && drawing) {
      this.follower = Follower.start(drawing, (photo) => this.map?.moveReader(photo));
      this.toggleAttribute("data-following", this.follower !== undefined);
    }
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this);
    this.follower?.stop();
    this.map?.close();
  }

  handleEvent(event: MouseEvent): void {
    const target = event.target as Element;
    if (this.map || target.closest(".map-photo, .map-failed") || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.open();
  }

  private async open(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    this.setAttribute("aria-busy", "true");
    this.querySelector(".map-failed")?.remove();
    try {
      const [{ InteractiveMap }, view] = await Promise.all([import("./interactive-map"), this.document()]);
      this.map = await InteractiveMap.open(this, view, { onClose: () => this.closed() });
      this.map.moveReader(this.follower?.photo);
    } catch (error) {
      console.error(error);
      this.fail();
    }
    this.opening = false;
    this.removeAttribute("aria-busy");
  }

  private async document(): Promise<MapDocument> {
    const answer = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The map answered ${answer.status}`);
    return answer.json();
  }

  private closed(): void {
    this.map = undefined;
    this.querySelector<HTMLElement>(".map-open")?.focus({ preventScroll: true });
  }

  private fail(): void {
    const note = document.createElement("p");
    note.className = "map-failed";
    note.setAttribute("role", "status");
    note.textContent = "The large map could not be opened. Please try again in a moment.";
    this.append(note);
  }
}

customElements.define("trip-map", TripMap);
