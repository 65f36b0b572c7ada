// The interactive map, loaded at the first touch of a drawn one: MapLibre over the document the server sends,
// in the page's own colours. Nothing is loaded from elsewhere.
import {
  AttributionControl,
  FullscreenControl,
  type GeoJSONSource,
  type IControl,
  type LngLat,
  type LngLatBoundsLike,
  Map as MapLibre,
  Marker,
  NavigationControl,
  Popup,
  ScaleControl,
  setWorkerUrl,
  type StyleSpecification,
} from "maplibre-gl";
import type { Feature, FeatureCollection } from "geojson";
import maplibreStyle from "maplibre-gl/dist/maplibre-gl.css?url";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import ownStyle from "../blog/static/css/interactive-map.css?url";
import { circle, NOTHING } from "./circle";
import { stylesheet } from "./stylesheet";
import { TownNames, type Town } from "./town-names";

setWorkerUrl(new URL(worker, import.meta.url).href);

const DOT_PX = 14;
const LEAST_CIRCLE_M = 50;

export interface MapPhoto {
  id: number;
  lat: number;
  lon: number;
  radius_m: number;
  href: string;
  label: string;
  src: string;
  width: number;
  height: number;
  caption: string;
  when: string;
  /** How sure its place is and how it was found, in words. */
  found: string;
}

export interface MapDocument {
  bounds: [number, number, number, number];
  land: FeatureCollection;
  borders: FeatureCollection;
  route: FeatureCollection;
  photos: MapPhoto[];
  towns: Town[];
}

interface Habits {
  onClose?: () => void;
  /** What a click on a photo's dot does; without it, its card opens. */
  onChoose?: (photo: MapPhoto) => void;
  /** Called when a draggable dot is let go. */
  onDrop?: (photo: MapPhoto, place: LngLat) => void;
}

export class InteractiveMap {
  readonly markers = new Map<number, Marker>();
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)");
  private reader?: Marker;
  private movedByReader = false;

  /** Resolves when the map can be seen in `host`, over what was there before. */
  static async open(host: HTMLElement, view: MapDocument, habits: Habits = {}): Promise<InteractiveMap> {
    await Promise.all([stylesheet(maplibreStyle), stylesheet(ownStyle)]);
    const canvas = document.createElement("div");
    canvas.className = "map-canvas";
    host.append(canvas);
    try {
      const map = new MapLibre({
        container: canvas,
        style: styleOf(view, host),
        bounds: view.bounds as LngLatBoundsLike,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        cooperativeGestures: !habits.onClose, // one that opened by itself leaves scrolling to the page
        fadeDuration: 0,
        maxZoom: 18,
      });
      map.touchZoomRotate.disableRotation();
      map.keyboard.disableRotation();
      await new Promise((loaded, failed) => {
        map.once("load", loaded);
        map.once("error", ({ error }) => failed(error));
      });
      return new InteractiveMap(host, canvas, map, view, habits);
    } catch (error) {
      canvas.remove();
      throw error;
    }
  }

  private constructor(
    private readonly host: HTMLElement,
    private readonly canvas: HTMLElement,
    readonly map: MapLibre,
    private readonly view: MapDocument,
    private readonly habits: Habits,
  ) {
    map.addControl(new NavigationControl({ showCompass: false }));
    map.addControl(new FullscreenControl());
    if (habits.onClose) map.addControl(new CloseControl(() => this.close()), "top-left");
    map.addControl(new ScaleControl({ maxWidth: 90 }));
    map.addControl(new AttributionControl({ compact: true, customAttribution: "Natural Earth, GeoNames" }));
    foldAttribution(canvas);
    new TownNames(map, view.towns);
    for (const photo of view.photos) this.addPhoto(photo);
    map.on("movestart", (event) => (this.movedByReader ||= "originalEvent" in event && !!event.originalEvent));
    this.scheme.addEventListener("change", this.recolour);
    host.toggleAttribute("data-open", true);
    map.getCanvas().focus({ preventScroll: true });
  }

  close(): void {
    this.scheme.removeEventListener("change", this.recolour);
    this.host.removeAttribute("data-open");
    this.map.remove();
    this.canvas.remove();
    this.habits.onClose?.();
  }

  addPhoto(photo: MapPhoto): Marker {
    const dot = document.createElement("button");
    dot.type = "button";
    dot.className = "map-marker";
    dot.ariaLabel = photo.label;
    dot.addEventListener("click", (event) => {
      event.stopPropagation(); // the map would take it for a click beside the card and close it
      if (this.habits.onChoose) this.habits.onChoose(photo);
      else this.showCards(photo);
    });
    const marker = new Marker({ element: dot }).setLngLat([photo.lon, photo.lat]).addTo(this.map);
    marker.on("dragend", () => this.habits.onDrop?.(photo, marker.getLngLat()));
    this.markers.set(photo.id, marker);
    return marker;
  }

  /** Draws this circle, or with NOTHING takes the last one away. */
  surround(area: Feature | FeatureCollection): void {
    this.map.getSource<GeoJSONSource>("around")?.setData(area);
  }

  /** The circle that holds the photo's true place nine times out of ten. */
  surroundPhoto({ radius_m, ...place }: MapPhoto): void {
    this.surround(radius_m > LEAST_CIRCLE_M ? circle(place, radius_m) : NOTHING);
  }

  /** The photo's card, and below it those of photos whose dots it hides. */
  private showCards(photo: MapPhoto): void {
    const spot = this.map.project([photo.lon, photo.lat]);
    const hidden = this.view.photos.filter(
      (other) => other !== photo && this.map.project([other.lon, other.lat]).dist(spot) < DOT_PX,
    );
    const cards = document.createElement("div");
    cards.className = "map-cards";
    cards.append(...[photo, ...hidden].map(card));
    const popup = new Popup({ maxWidth: "15rem", offset: 10 }).setLngLat([photo.lon, photo.lat]).setDOMContent(cards);
    popup.on("close", () => {
      this.surround(NOTHING);
      if (document.activeElement === document.body) this.markers.get(photo.id)?.getElement().focus({ preventScroll: true });
    });
    popup.addTo(this.map);
    cards.addEventListener("keydown", ({ key }) => key === "Escape" && popup.remove());
    this.surroundPhoto(photo);
  }

  /** Puts the ringed dot on a photo's place; the view follows it until the reader has moved the map. */
  moveReader(id: number | undefined): void {
    const photo = this.view.photos.find((candidate) => candidate.id === id);
    if (!photo) return;
    this.reader ??= new Marker({ element: ring(), className: "map-reader" }).setLngLat([photo.lon, photo.lat]).addTo(this.map);
    this.reader.setLngLat([photo.lon, photo.lat]);
    const inView = this.map.getBounds().contains([photo.lon, photo.lat]);
    if (!inView && !this.movedByReader) this.map.panTo([photo.lon, photo.lat]);
  }

  private readonly recolour = (): void => {
    for (const { id, paint } of styleOf(this.view, this.host).layers) {
      for (const [property, value] of Object.entries(paint ?? {})) this.map.setPaintProperty(id, property as never, value as never);
    }
  };
}

function styleOf(view: MapDocument, host: HTMLElement): StyleSpecification {
  const tokens = getComputedStyle(host);
  const colour = (token: string) => tokens.getPropertyValue(token).trim();
  const kind = (name: string) => ["==", ["get", "kind"], name] as ["==", ["get", string], string];
  const line = { "line-cap": "round", "line-join": "round" } as const;
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: view.land },
      borders: { type: "geojson", data: view.borders },
      route: { type: "geojson", data: view.route },
      around: { type: "geojson", data: NOTHING },
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": colour("--sea") } },
      { id: "world", type: "fill", source: "land", filter: kind("world"), paint: { "fill-color": colour("--land") } },
      { id: "sea", type: "fill", source: "land", filter: kind("sea"), paint: { "fill-color": colour("--sea") } },
      { id: "land", type: "fill", source: "land", filter: kind("land"), paint: { "fill-color": colour("--land") } },
      {
        id: "borders",
        type: "line",
        source: "borders",
        paint: { "line-color": colour("--quiet"), "line-width": 0.7, "line-opacity": 0.55, "line-dasharray": [4, 3] },
      },
      {
        id: "rest",
        type: "line",
        source: "route",
        filter: kind("rest"),
        layout: line,
        paint: { "line-color": colour("--quiet"), "line-width": 2, "line-dasharray": [0.1, 2.2] },
      },
      {
        id: "flown",
        type: "line",
        source: "route",
        filter: kind("flown"),
        layout: line,
        paint: { "line-color": colour("--accent"), "line-width": 1.25, "line-opacity": 0.7, "line-dasharray": [4, 4] },
      },
      {
        id: "walked",
        type: "line",
        source: "route",
        filter: kind("walked"),
        layout: line,
        paint: { "line-color": colour("--accent"), "line-width": 3 },
      },
      { id: "around", type: "fill", source: "around", paint: { "fill-color": colour("--accent"), "fill-opacity": 0.15 } },
      {
        id: "around-edge",
        type: "line",
        source: "around",
        paint: { "line-color": colour("--accent"), "line-width": 1, "line-opacity": 0.6 },
      },
    ],
  };
}

function card(photo: MapPhoto): HTMLElement {
  const link = document.createElement("a");
  link.className = "map-card";
  link.href = photo.href;
  if (photo.src) {
    const image = document.createElement("img");
    Object.assign(image, { src: photo.src, alt: "", width: photo.width, height: photo.height });
    link.append(image);
  }
  const words = document.createElement("span");
  const when = document.createElement("small");
  when.textContent = photo.when;
  words.append(photo.caption || photo.label, when);
  if (photo.found) {
    const found = document.createElement("small");
    found.textContent = photo.found;
    words.append(found);
  }
  link.append(words);
  return link;
}

/** On a small map it would hide half of it; a touch opens it. */
function foldAttribution(canvas: HTMLElement): void {
  const credits = canvas.querySelector("details.maplibregl-ctrl-attrib");
  credits?.removeAttribute("open");
  credits?.classList.remove("maplibregl-compact-show");
}

function ring(): HTMLElement {
  return document.createElement("div");
}

class CloseControl implements IControl {
  private group?: HTMLElement;

  constructor(private readonly close: () => void) {}

  onAdd(): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-close";
    button.ariaLabel = button.title = "Close the map";
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.close();
    });
    this.group = document.createElement("div");
    this.group.className = "maplibregl-ctrl maplibregl-ctrl-group";
    this.group.append(button);
    return this.group;
  }

  onRemove(): void {
    this.group?.remove();
  }
}
