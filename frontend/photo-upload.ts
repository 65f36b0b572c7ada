// Enhances <photo-upload action="…/files" token="…"> around a <form> with <input type="file" multiple>: files dropped on
// it or chosen are sent three at a time, each with its own bar and, in the end, its outcome in the server's words.
import { elements } from "./fragment";
import type { PhotoTray } from "./photo-tray";

interface Result {
  file: string;
  outcome: "placed" | "kept" | "refused" | "track";
  message: string;
  photo_id: number | null;
  html: string | null;
}

const AT_ONCE = 3;
const NO_NETWORK = "The network broke off. Nothing else is lost.";
const TOO_LARGE = "This file is larger than the server takes.";
const WENT_WRONG = "Something went wrong on our side.";

class PhotoUpload extends HTMLElement {
  private readonly waiting: Upload[] = [];
  private sending = 0;
  private all = 0;
  private settled = 0;
  private troubles = 0;
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
    if (this.settled < this.all) event.preventDefault();
  };

  private add(files: File[]): void {
    if (!files.length) return;
    this.all += files.length;
    for (const file of files) this.enqueue(new Upload(file, this.list));
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
    upload.tell(results.map(({ message }) => message).join(" "), results[0]?.outcome ?? "kept");
    if (results.some(({ outcome }) => outcome === "refused" || outcome === "kept")) this.troubles += 1;
    const tiles = results.flatMap(({ html }) => (html ? elements(html) : []));
    document.querySelector<PhotoTray>("photo-tray")?.put(tiles);
    if (this.settled === this.all) this.finish();
  }

  private refuse(upload: Upload, sentence: string): void {
    this.settled += 1;
    this.troubles += 1;
    upload.tell(sentence, "refused");
    if (this.settled === this.all) this.finish();
  }

  /** The map and the list of tracks are the server's: a reload shows them, at once if there is nothing left to read. */
  private finish(): void {
    if (!this.troubles && !document.querySelector("place-editor")) location.reload();
  }

  private count(): void {
    if (!this.total) {
      this.total = document.createElement("p");
      this.total.className = "upload-total";
      this.total.setAttribute("role", "status");
      this.list.before(this.total);
    }
    this.total.replaceChildren(`${this.settled} of ${this.all}`);
    if (this.settled < this.all) return;
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

  tell(message: string, outcome: string): void {
    this.line.className = outcome;
    this.state.textContent = message;
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
