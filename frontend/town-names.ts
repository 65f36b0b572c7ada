// Names of towns on the interactive map, as text of the page: no glyph files. The larger town keeps its name where
// two would overlap.
import { type Map as MapLibre, Marker } from "maplibre-gl";

export interface Town {
  name: string;
  lat: number;
  lon: number;
}

interface Name {
  element: HTMLElement;
  marker: Marker;
  width: number;
}

const HEIGHT = 16;

export class TownNames {
  private readonly names: Name[];

  /** Towns come the most populous first. */
  constructor(
    private readonly map: MapLibre,
    towns: Town[],
  ) {
    this.names = towns.map((town) => this.add(town));
    map.on("moveend", () => this.declutter());
    this.declutter();
  }

  private add({ name, lat, lon }: Town): Name {
    const element = document.createElement("div");
    element.className = "map-name";
    element.textContent = name;
    const marker = new Marker({ element, anchor: "left", offset: [-1.5, 0] }).setLngLat([lon, lat]).addTo(this.map);
    element.removeAttribute("tabindex");
    element.ariaHidden = "true";
    return { element, marker, width: element.offsetWidth };
  }

  private declutter(): void {
    const shown: { x: number; y: number; width: number }[] = [];
    for (const { element, marker, width } of this.names) {
      const { x, y } = this.map.project(marker.getLngLat());
      const free = shown.every((other) => Math.abs(y - other.y) > HEIGHT || x > other.x + other.width || x + width < other.x);
      element.classList.toggle("is-hidden", !free);
      if (free) shown.push({ x, y, width });
    }
  }
}
