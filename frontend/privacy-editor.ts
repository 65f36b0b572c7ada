// Enhances <privacy-editor src="…/map.json"> around the form that hides a place: a click on the map says where,
// and the circle grows with the radius. Without it, the place is typed.
import { circle, NOTHING } from "./circle";
import type { InteractiveMap } from "./interactive-map";
import type { MapMouseEvent } from "maplibre-gl";

class PrivacyEditor extends HTMLElement {
  private map?: InteractiveMap;
  private readonly seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && this.open(), { rootMargin: "200px" });

  connectedCallback(): void {
    this.seen.observe(this);
    this.addEventListener("input", this.draw);
  }

  disconnectedCallback(): void {
    this.seen.disconnect();
    this.map?.close();
  }

  private async open(): Promise<void> {
    this.seen.disconnect();
    const host = document.createElement("div");
    host.className = "zone-map";
    host.ariaBusy = "true";
    this.prepend(host);
    this.toggleAttribute("data-ready", true);
    try {
      const [{ InteractiveMap }, answer] = await Promise.all([
        import("./interactive-map"),
        fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } }),
      ]);
      if (!answer.ok) throw new Error(`The map answered ${answer.status}`);
      this.map = await InteractiveMap.open(host, await answer.json());
    } catch (error) {
      console.error(error); // the fields do without
      host.remove();
      this.toggleAttribute("data-ready", false);
      return;
    }
    this.map.map.on("click", ({ lngLat }: MapMouseEvent) => {
      const { lat, lng } = lngLat.wrap();
      this.field("lat").value = lat.toFixed(5);
      this.field("lon").value = lng.toFixed(5);
      this.draw();
    });
    this.draw();
    host.ariaBusy = "false";
  }

  private field(name: string): HTMLInputElement {
    return this.querySelector<HTMLInputElement>(`[name=${name}]`)!;
  }

  private readonly draw = (): void => {
    const [lat, lon, radius] = ["lat", "lon", "radius_m"].map((name) => this.field(name).valueAsNumber || Number.parseFloat(this.field(name).value));
    const known = [lat, lon, radius].every(Number.isFinite);
    this.map?.surround(known ? circle({ lat: lat!, lon: lon! }, radius!) : NOTHING);
  };
}

customElements.define("privacy-editor", PrivacyEditor);
