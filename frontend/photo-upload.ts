// Enhances <photo-upload action="…/files" token="…"> around a <form> with <input type="file" multiple>: files dropped on
// it or chosen are sent three at a time, tracks first, each with its own bar and, in the end, its outcome in the
// server's words.
import { elements } from "./fragment";
import type { PhotoTray } from "./photo-tray";

interface Result {
  file: string;
  outcome: "placed" | "kept" | "refused" | "track" | "asked";
  message: string;
  photo_id: number | null;
  html: string | null;
  /** Rendered: for each damaged track the forms that use what could be read of it, or leave it out. */
  choices: string[];
}

const AT_ONCE = 3;
const PHOTO = /\.(jpe?g|png|webp|hei[cf])$/i;
const NO_NETWORK = "The network broke off. Nothing else is lost.";
const TOO_LARGE = "This file is larger than the server takes.";
const PLACED_LATER = "Placed, thanks to the files after it.";
const WENT_WRONG = "Something went wrong on our side.";

class PhotoUpload extends HTMLElement {
  private readonly uploads: Upload[] = [];
  private readonly waiting: Upload[] = [];
  private sending = 0;
  private settled = 0;
  private total?: HTMLElement;

  connectedCallback(): void {
    this.querySelector("form button")?.toggleAttribute("hidden", true);
    this.querySelector(".drop")?.append(hint());
    this.addEventListener("change", this.onChange);
    this.addEventListener("dragover", this.onDragOver);
    this.addEventListener("dragleave", this.onDragLeave);
    this.addEventListener("drop", this.onDrop);
    addEventListener("beforeunload", this.onLeave);
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.onLeave);
  }

  private readonly onChange = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    this.add([...(input.files ?? [])]);
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

  private readonly onDrop = (event: DragEvent): void => {
    event.preventDefault();
    this.classList.remove("is-over");
    this.add([...(event.dataTransfer?.files ?? [])]);
  };

  private readonly onLeave = (event: BeforeUnloadEvent): void => {
    if (this.settled < this.uploads.length) event.preventDefault();
  };

  private add(files: File[]): void {
    const tracksFirst = files.sort((a, b) => Number(PHOTO.test(a.name)) - Number(PHOTO.test(b.name)));
    const uploads = tracksFirst.map((file) => new Upload(file, this.list));
    this.uploads.push(...uploads);
    for (const upload of uploads) this.enqueue(upload);
  }

  private enqueue(upload: Upload): void {
    this.waiting.push(upload);
    this.proceed();
  }

  private proceed(): void {
    while (this.sending < AT_ONCE && this.waiting.length) this.start(this.waiting.shift()!);
    this.count();
  }

  private async start(upload: Upload): Promise<void> {
    this.sending += 1;
    const { status, results, error } = await upload.send(this.getAttribute("action") ?? "", this.getAttribute("token") ?? "");
    this.sending -= 1;
    if (results) this.settle(upload, results);
    else if (status === 0 || status >= 500) upload.offerRetry(status ? WENT_WRONG : NO_NETWORK, () => this.enqueue(upload));
    else this.refuse(upload, error ?? (status === 413 ? TOO_LARGE : WENT_WRONG));
    this.proceed();
  }

  private settle(upload: Upload, results: Result[]): void {
    this.settled += 1;
    upload.photo = results[0]?.photo_id ?? undefined;
    upload.tell(results.map(({ message }) => message).join(" "), results[0]?.outcome ?? "kept");
    upload.ask(results.flatMap(({ choices }) => choices.flatMap(elements)), () => this.tray?.refresh());
    const tiles = results.flatMap(({ html }) => (html ? elements(html) : []));
    this.tray?.put(tiles);
    if (this.settled === this.uploads.length) this.finish();
  }

  private refuse(upload: Upload, sentence: string): void {
    this.settled += 1;
    upload.tell(sentence, "refused");
    if (this.settled === this.uploads.length) this.finish();
  }

  /** A photo that came early may have found its place by those after it: the tray knows. */
  private async finish(): Promise<void> {
    await this.tray?.refresh();
    for (const upload of this.uploads) if (upload.outcome === "kept" && isPlaced(upload)) upload.tell(PLACED_LATER, "placed");
    this.reloadIfAllIsWell();
  }

  /** The map and the list of tracks are the server's: a reload shows them, at once if there is nothing left to read. */
  private reloadIfAllIsWell(): void {
    const isWell = this.uploads.every(({ outcome }) => outcome === "placed" || outcome === "track");
    if (isWell && !document.querySelector("place-editor")) location.reload();
  }

  private get tray(): PhotoTray | null {
    return document.querySelector<PhotoTray>("photo-tray");
  }

  private count(): void {
    if (!this.total) {
      this.total = document.createElement("p");
      this.total.className = "upload-total";
      this.total.setAttribute("role", "status");
      this.list.before(this.total);
    }
    this.total.replaceChildren(`${this.settled} of ${this.uploads.length}`);
    if (this.settled < this.uploads.length) return;
    const reload = document.createElement("a");
    reload.href = location.pathname;
    reload.textContent = "Show everything on the map";
    this.total.append(" · ", reload);
  }

  private get list(): HTMLElement {
    const found = this.querySelector<HTMLElement>(".outcomes");
    if (found) return found;
    const list = document.createElement("ul");
    list.className = "outcomes";
    this.append(list);
    return list;
  }
}

interface Answer {
  status: number;
  results?: Result[];
  error?: string;
}

/** One file on its way, and its line in the list. */
class Upload {
  photo?: number;
  outcome = "";
  private readonly line = document.createElement("li");
  private readonly state = document.createElement("span");

  constructor(
    private readonly file: File,
    list: HTMLElement,
  ) {
    const name = document.createElement("strong");
    name.textContent = file.name;
    this.state.textContent = "waiting";
    this.line.append(name, " ", this.state);
    list.append(this.line);
  }

  /** Never rejects; status 0 means that the network failed. (XMLHttpRequest, since fetch tells no progress.) */
  send(action: string, token: string): Promise<Answer> {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.ariaLabel = this.file.name;
    this.state.replaceChildren(bar);
    const body = new FormData();
    body.append("csrf_token", token);
    body.append("files", this.file);
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => (bar.value = total ? loaded / total : 0);
    return new Promise((resolve) => {
      request.onload = () => resolve({ status: request.status, ...parsed(request.responseText) });
      request.onerror = request.onabort = request.ontimeout = () => resolve({ status: 0 });
      request.open("POST", action);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }

  /** What was refused goes to the top of a long list. */
  tell(message: string, outcome: string): void {
    this.line.className = this.outcome = outcome;
    this.state.textContent = message;
    if (outcome === "refused") this.line.parentElement?.prepend(this.line);
  }

  /** The forms work without a script; with it, the answer stands where they were. */
  ask(choices: Element[], answered: () => void): void {
    this.line.append(...choices);
    for (const choice of choices) {
      choice.setAttribute("role", "status");
      choice.addEventListener("submit", async (event) => {
        event.preventDefault();
        const form = event.target as HTMLFormElement;
        try {
          const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
          const { message, error } = await answer.json();
          choice.textContent = message ?? error;
          answered();
        } catch {
          form.submit();
        }
      });
    }
  }

  offerRetry(message: string, retry: () => void): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = "Try again";
    button.addEventListener("click", () => {
      this.tell("waiting", "");
      retry();
    });
    this.tell(message, "refused");
    this.state.append(" ", button);
  }
}

function isPlaced({ photo }: Upload): boolean {
  return document.querySelector(`#tile-${photo}:not(:has(.unplaced))`) !== null;
}

function hint(): HTMLElement {
  const line = document.createElement("p");
  line.className = "hint";
  line.textContent = "or drop them here";
  return line;
}

function parsed(text: string): { results?: Result[]; error?: string } {
  try {
    const { results, error } = JSON.parse(text);
    return { results: Array.isArray(results) ? results : undefined, error: typeof error === "string" ? error : undefined };
  } catch {
    return {};
  }
}

customElements.define("photo-upload", PhotoUpload);
