// Enhances <clock-desk src="…/slide.json?camera=…"> around the drawings of before and after: a slider moves all photos of
// the camera along the route at once, and so does dragging one of them. What it comes to stands in the form that applies it.
import type { InteractiveMap, MapDocument, MapPhoto } from "./interactive-map";
import type { LngLat } from "maplibre-gl";

type Fix = [time: number, lat: number, lon: number];

interface Slide extends MapDocument {
  way: Fix[];
  written: Record<string, number>;
  offset: number;
  zone: number;
}

const REACH_S = 2 * 3600;

class ClockDesk extends HTMLElement {
  private slide?: Slide;
  private map?: InteractiveMap;
  private readonly range = Object.assign(document.createElement("input"), { type: "range", step: "1" });
  private readonly status = document.createElement("output");
  private readonly seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && this.open(), { rootMargin: "200px" });

  connectedCallback(): void {
    this.seen.observe(this);
  }

  disconnectedCallback(): void {
    this.seen.disconnect();
    this.map?.close();
  }

  private async open(): Promise<void> {
    this.seen.disconnect();
    const [host, panel, label] = [document.createElement("div"), document.createElement("div"), document.createElement("label")];
    host.className = "clock-map";
    panel.className = "clock-slide";
    try {
      const [{ InteractiveMap }, answer] = await Promise.all([
        import("./interactive-map"),
        fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } }),
      ]);
      if (!answer.ok) throw new Error(`The route answered ${answer.status}`);
      this.slide = (await answer.json()) as Slide;
      if (!this.slide.way.length || !Object.keys(this.slide.written).length) return;
      this.prepend(panel);
      panel.append(host);
      this.map = await InteractiveMap.open(host, this.slide, { onDrop: (photo, place) => this.drop(photo, place) });
    } catch (error) {
      console.error(error); // the drawings stay, and the form to type an error
      panel.remove();
      return;
    }
    this.range.min = String(Math.round(this.slide.offset) - REACH_S);
    this.range.max = String(Math.round(this.slide.offset) + REACH_S);
    this.range.value = String(Math.round(this.slide.offset));
    this.range.addEventListener("input", () => this.move(this.range.valueAsNumber));
    label.append("Slide its photos along the route, or drag one of them", this.range);
    panel.append(label, this.status);
    for (const id of Object.keys(this.slide.written)) this.map.markers.get(Number(id))?.setDraggable(true);
    this.move(this.slide.offset);
  }

  /** Puts every photo where the track was at its time, and tells the form. */
  private move(offset: number): void {
    const { way, written, zone } = this.slide!;
    for (const [id, time] of Object.entries(written)) {
      const [, lat, lon] = placeAt(way, time + offset);
      const marker = this.map?.markers.get(Number(id));
      if (marker) marker.setLngLat([lon, lat]);
      else this.addPhoto(Number(id), lat, lon);
    }
    const ahead = Math.round(-offset - zone);
    this.status.textContent = inWords(ahead);
    this.fill(ahead, offset);
  }

  /** A photo that had no place before. */
  private addPhoto(id: number, lat: number, lon: number): void {
    const photo: MapPhoto = { id, lat, lon, radius_m: 0, href: "", label: "Photo", src: "", width: 0, height: 0, caption: "", when: "", found: "" };
    this.map?.addPhoto(photo).setDraggable(true);
  }

  /** The photo was let go: the track passed there at some time, of several times that nearest to now. */
  private drop({ id }: MapPhoto, { lat, lng }: LngLat): void {
    const { way, written } = this.slide!;
    const time = written[String(id)];
    if (time === undefined) return;
    const scale = Math.cos((lat * Math.PI) / 180);
    const away = way.map(([, fixLat, fixLon]) => Math.hypot(fixLat - lat, (((fixLon - lng + 540) % 360) - 180) * scale));
    const closest = away.reduce((least, one) => Math.min(least, one), Infinity);
    const present = time + this.range.valueAsNumber;
    const near = way.filter((_, i) => away[i]! <= closest + 0.0005); // about 50 m
    const [then] = near.reduce((best, fix) => (Math.abs(fix[0] - present) < Math.abs(best[0] - present) ? fix : best));
    const offset = Math.round(then - time);
    this.range.min = String(Math.min(Number(this.range.min), offset));
    this.range.max = String(Math.max(Number(this.range.max), offset));
    this.range.value = String(offset);
    this.move(offset);
  }

  private fill(ahead: number, offset: number): void {
    const section = this.closest("section");
    const field = (name: string) => section?.querySelector<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`);
    const error = Math.abs(ahead);
    const values = {
      direction: ahead > 0 ? "ahead" : ahead < 0 ? "behind" : "right",
      hours: Math.floor(error / 3600),
      minutes: Math.floor(error / 60) % 60,
      seconds: error % 60,
      offset_s: offset,
    };
    for (const [name, value] of Object.entries(values)) {
      const found = field(name);
      if (found) found.value = String(value);
    }
  }
}

/** Where the track was at a time; at its ends before and after it. */
function placeAt(way: Fix[], time: number): Fix {
  let [low, high] = [0, way.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (way[middle]![0] <= time) low = middle;
    else high = middle;
  }
  const [before, after] = [way[low]!, way[high]!];
  const span = after[0] - before[0];
  const share = span > 0 ? Math.min(1, Math.max(0, (time - before[0]) / span)) : 0;
  const across = ((((after[2] - before[2]) % 360) + 540) % 360) - 180;
  return [time, before[1] + share * (after[1] - before[1]), before[2] + share * across];
}

function inWords(ahead: number): string {
  const error = Math.abs(ahead);
  const parts = [Math.floor(error / 3600), Math.floor(error / 60) % 60, error % 60];
  const length = parts.map((part, i) => (part ? `${part} ${["h", "min", "s"][i]}` : "")).filter(Boolean).join(" ");
  return error ? `The clock was ${ahead > 0 ? "ahead" : "behind"} by ${length}.` : "The clock was right.";
}

customElements.define("clock-desk", ClockDesk);
