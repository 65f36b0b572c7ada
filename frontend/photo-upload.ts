// Enhances <photo-upload trip="…" endpoint="/desk/uploads" token="…" hasher="…"> around a <form> with <input type="file"
// multiple>: files and folders dropped on it or chosen are sent piece by piece and go on where they stopped, each with
// its own bar and, in the end, its outcome in the server's words. What does that is loaded with the first file.
import { droppedFiles, isHidden } from "./dropped-files";
import { forget, keep, kept } from "./kept-text";
import type { PhotoTray } from "./photo-tray";
import type { UploadFile } from "./upload-file";
import type { UploadRun } from "./upload-run";

const PHOTO = /\.(jpe?g|png|webp|avif|hei[cf]|tiff?|gif|mp4|m4v|mov)$/i;
const PLACED_LATER = "Placed, thanks to the files after it.";
const MOST_NAMES = 5;

class PhotoUpload extends HTMLElement {
  private run?: Promise<UploadRun>;
  private isBusy = () => false;
  private remembered = "";
  private left?: HTMLElement;
  private leftNames: string[] = [];

  connectedCallback(): void {
    this.querySelector("form button")?.toggleAttribute("hidden", true);
    this.querySelector(".drop")?.append(this.more());
    this.addEventListener("change", this.onChange);
    this.addEventListener("dragover", this.onDragOver);
    this.addEventListener("dragleave", this.onDragLeave);
    this.addEventListener("drop", this.onDrop);
    addEventListener("beforeunload", this.onLeave);
    this.tellWhatIsLeft();
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.onLeave);
    void this.run?.then((run) => run.end());
  }

  private readonly onChange = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    void this.add([...(input.files ?? [])].filter((file) => !file.webkitRelativePath || !isHidden(file)));
    input.value = "";
  };

  private readonly onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.classList.add("is-over");
  };

  private readonly onDragLeave = (event: DragEvent): void => {
    if (!this.contains(event.relatedTarget as Node | null)) this.classList.remove("is-over");
  };

  private readonly onDrop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    this.classList.remove("is-over");
    if (event.dataTransfer) await this.add(await droppedFiles(event.dataTransfer));
  };

  private readonly onLeave = (event: BeforeUnloadEvent): void => {
    if (this.isBusy()) event.preventDefault();
  };

  /** Tracks go first: photos are placed along them. */
  private async add(files: File[]): Promise<void> {
    if (!files.length) return;
    const names = new Set(files.map(({ name }) => name));
    this.leftNames = this.leftNames.filter((name) => !names.has(name));
    const run = await (this.run ??= this.begin());
    run.add(files.sort((a, b) => Number(PHOTO.test(a.name)) - Number(PHOTO.test(b.name))));
    this.drawLeft();
  }

  private async begin(): Promise<UploadRun> {
    const { UploadRun } = await import("./upload-run");
    const attribute = (name: string) => this.getAttribute(name) ?? "";
    const run = new UploadRun({
      trip: attribute("trip"),
      endpoint: attribute("endpoint"),
      hasher: attribute("hasher"),
      token: attribute("token"),
      list: this.list,
      show: (tiles) => this.tray?.put(tiles),
      refresh: async () => this.tray?.refresh(),
      rest: (files) => this.rest(files),
      remember: (names) => this.remember([...this.leftNames, ...names]),
    });
    this.isBusy = () => run.isBusy;
    return run;
  }

  /** A photo that came early may have found its place by those after it: the tray knows. */
  private async rest(files: UploadFile[]): Promise<void> {
    await this.tray?.refresh();
    for (const file of files) if (file.outcome === "kept" && isPlaced(file)) file.tell(PLACED_LATER, "placed");
    const isWell = files.every(({ outcome }) => outcome === "placed" || outcome === "track");
    // The map and the list of tracks are the server's: a reload shows them, at once if there is nothing left to read.
    if (isWell && !this.isBusy() && !document.querySelector("place-editor")) location.reload();
  }

  private get tray(): PhotoTray | null {
    return document.querySelector<PhotoTray>("photo-tray");
  }

  private get list(): HTMLElement {
    const found = this.querySelector<HTMLElement>(".outcomes");
    if (found) return found;
    const list = document.createElement("ul");
    list.className = "outcomes";
    list.tabIndex = 0; // so that it can be scrolled by key
    list.ariaLabel = "Files";
    list.role = "list";
    this.append(list);
    return list;
  }

  private get memory(): string {
    return `upload-${this.getAttribute("trip")}`;
  }

  private remember(names: string[]): void {
    const text = names.length ? JSON.stringify(names) : "";
    if (text === this.remembered) return;
    this.remembered = text;
    keep(this.memory, text);
  }

  /** After a reload: no browser hands out the files of a page that is gone, but their names are known. */
  private tellWhatIsLeft(): void {
    try {
      const names: unknown = JSON.parse(kept(this.memory)?.text ?? "[]");
      this.leftNames = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    } catch {
      forget(this.memory);
    }
    this.drawLeft();
  }

  private drawLeft(): void {
    this.left?.remove();
    if (!this.leftNames.length) return;
    const dismiss = document.createElement("button");
    dismiss.type = "button";
    dismiss.className = "link";
    dismiss.textContent = "Never mind";
    dismiss.addEventListener("click", () => {
      this.leftNames = [];
      forget(this.memory);
      this.drawLeft();
    });
    this.left = document.createElement("p");
    this.left.className = "upload-left";
    this.left.append(leftWords(this.leftNames), " ", dismiss);
    this.querySelector(".drop")?.after(this.left);
  }

  /** What goes beyond the plain form: dropping, and whole folders. */
  private more(): HTMLElement {
    const folder = document.createElement("input");
    folder.type = "file";
    folder.webkitdirectory = true;
    folder.hidden = true;
    folder.ariaLabel = "A folder";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = "choose a whole folder";
    button.addEventListener("click", () => folder.click());
    const line = document.createElement("p");
    line.className = "hint";
    line.append("or drop them here, or ", button, folder);
    return line;
  }
}

function leftWords(names: string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  const were = names.length === 1 ? "One file was" : `${names.length} files were`;
  return `${were} still on the way: ${shown}${more}. Choose ${names.length === 1 ? "it" : "them"} again: what has arrived is not sent twice.`;
}

function isPlaced({ photo }: UploadFile): boolean {
  return document.querySelector(`#tile-${photo}:not(:has(.unplaced))`) !== null;
}

customElements.define("photo-upload", PhotoUpload);
