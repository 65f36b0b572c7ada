// Enhances <place-editor src="…/map.json" data-move="…/photos/0/place" data-token="…"> around the drawn map of a trip:
// an interactive map on which the author moves photos. A photo is chosen by its dot or by its tile; its dot is dragged,
// or the map clicked where a photo without a place belongs; a tile can also be dropped on the map. The photo's own page
// has the same as a form.
import type { GeoJSONSource, LngLat, MapMouseEvent } from "maplibre-gl";
import { NOTHING } from "./circle";
import type { InteractiveMap, MapDocument, MapPhoto } from "./interactive-map";
import type { PhotoTray } from "./photo-tray";

const TILE = ".tile[data-photo]";
const DRAGGED_PHOTO = "application/x-roadbook-photo";
const NOT_SAVED = "The new place could not be saved. The photo is back where it was: please try again.";

class PlaceEditor extends HTMLElement {
  private map?: InteractiveMap;
  private photos: MapPhoto[] = [];
  private chosen?: number;
  private readonly status = document.createElement("p");
  private readonly seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && this.open(), { rootMargin: "200px" });

  connectedCallback(): void {
    this.status.className = "hint place-status";
    this.status.setAttribute("role", "status");
    this.after(this.status);
    this.seen.observe(this);
  }

  disconnectedCallback(): void {
    this.seen.disconnect();
    this.status.remove();
    this.map?.close();
    document.removeEventListener("click", this.onTile);
    document.removeEventListener("dragstart", this.onTileDrag);
  }

  private async open(): Promise<void> {
    this.seen.disconnect();
    try {
      const [{ InteractiveMap }, view] = await Promise.all([import("./interactive-map"), this.document()]);
      this.photos = view.photos;
      this.map = await InteractiveMap.open(this, view, {
        onChoose: ({ id }) => this.choose(id),
        onDrop: ({ id }, place) => this.move(id, place),
      });
    } catch (error) {
      console.error(error); // the drawn map stays, and each photo's page has the form
      return;
    }
    this.map.map.on("click", (event: MapMouseEvent) => this.putUnplaced(event.lngLat));
    document.addEventListener("click", this.onTile);
    document.addEventListener("dragstart", this.onTileDrag);
    this.addEventListener("dragover", this.onDragOver);
    this.addEventListener("drop", this.onDrop);
    this.say("Choose a photo by its dot, then drag it. A photo without a place can be dropped on the map.");
  }

  private async document(): Promise<MapDocument> {
    const answer = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The map answered ${answer.status}`);
    return answer.json();
  }

  private readonly onTile = (event: MouseEvent): void => {
    const target = event.target as Element;
    const tile = target.closest<HTMLElement>(TILE);
    if (tile && !target.closest("a, button")) this.choose(Number(tile.dataset.photo));
  };

  private readonly onTileDrag = (event: DragEvent): void => {
    const tile = event.target instanceof Element ? event.target.closest<HTMLElement>(TILE) : null;
    if (tile) event.dataTransfer?.setData(DRAGGED_PHOTO, tile.dataset.photo ?? "");
  };

  private readonly onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes(DRAGGED_PHOTO)) event.preventDefault();
  };

  private readonly onDrop = (event: DragEvent): void => {
    const id = Number(event.dataTransfer?.getData(DRAGGED_PHOTO));
    if (!id || !this.map) return;
    event.preventDefault();
    const corner = this.map.map.getCanvas().getBoundingClientRect();
    this.choose(id);
    this.move(id, this.map.map.unproject([event.clientX - corner.x, event.clientY - corner.y]));
  };

  private choose(id: number): void {
    if (this.chosen !== undefined) this.mark(this.chosen, false);
    this.chosen = id;
    this.mark(id, true);
    const photo = this.photos.find((candidate) => candidate.id === id);
    if (photo) this.map?.surroundPhoto(photo);
    const marker = this.map?.markers.get(id);
    if (marker && !this.map?.map.getBounds().contains(marker.getLngLat())) this.map?.map.panTo(marker.getLngLat());
    const name = photo?.found ? `${this.name(id)} (${photo.found})` : this.name(id);
    this.say(marker ? `${name}: drag its dot to the right place.` : `${name}: click the map where it was taken.`);
  }

  private mark(id: number, chosen: boolean): void {
    this.map?.markers.get(id)?.setDraggable(chosen).getElement().toggleAttribute("aria-current", chosen);
    document.getElementById(`tile-${id}`)?.classList.toggle("is-chosen", chosen);
  }

  private name(id: number): string {
    return document.querySelector(`#tile-${id} .name`)?.textContent ?? "This photo";
  }

  private putUnplaced(place: LngLat): void {
    if (this.chosen !== undefined && !this.map?.markers.has(this.chosen)) this.move(this.chosen, place);
  }

  private async move(id: number, place: LngLat): Promise<void> {
    try {
      this.say(`${this.name(id)}: ${await this.save(id, place.wrap())}`);
    } catch {
      this.photos.forEach((photo) => this.putDot(photo));
      this.say(NOT_SAVED);
    }
  }

  /** The server's word for it. What else moves by it (photos between two others) comes with the map and the tray. */
  private async save(id: number, { lat, lng }: LngLat): Promise<string> {
    const body = new FormData();
    body.append("csrf_token", this.dataset.token ?? "");
    body.append("lat", lat.toFixed(6));
    body.append("lon", lng.toFixed(6));
    const action = (this.dataset.move ?? "").replace("/0/", `/${id}/`);
    const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
    const { message } = await answer.json();
    if (!message) throw new Error(`The move was answered with ${answer.status}`);
    const [view] = await Promise.all([this.document(), document.querySelector<PhotoTray>("photo-tray")?.refresh()]);
    this.photos = view.photos;
    this.photos.forEach((photo) => this.putDot(photo));
    this.map?.map.getSource<GeoJSONSource>("route")?.setData(view.route);
    const moved = this.photos.find((photo) => photo.id === this.chosen);
    if (moved) this.mark(moved.id, true);
    this.map?.surround(NOTHING);
    return message;
  }

  private putDot(photo: MapPhoto): void {
    const marker = this.map?.markers.get(photo.id);
    if (marker) marker.setLngLat([photo.lon, photo.lat]);
    else this.map?.addPhoto(photo);
  }

  private say(words: string): void {
    this.status.textContent = words;
  }
}

customElements.define("place-editor", PlaceEditor);
