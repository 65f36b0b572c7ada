// The one line above the list that says what is happening, its bar, and its button.
import type { UploadFile } from "./upload-file";

const WINDOW_MS = 20_000; // the speed is that of the last so many

interface Buttons {
  pause(): void;
  goOn(): void;
}

export class UploadStatus {
  private readonly box = document.createElement("div");
  private readonly line = document.createElement("p");
  private readonly bar = document.createElement("progress");
  private readonly button = document.createElement("button");
  private samples: [at: number, sent: number][] = [];
  private isGoing = true;

  constructor(list: HTMLElement, buttons: Buttons) {
    this.box.className = "upload-status";
    this.line.setAttribute("role", "status");
    this.bar.ariaLabel = "All files";
    this.button.type = "button";
    this.button.className = "quiet";
    this.button.addEventListener("click", () => (this.isGoing ? buttons.pause() : buttons.goOn()));
    this.box.append(this.line, this.button, this.bar);
    list.before(this.box);
  }

  draw(files: UploadFile[], mode: string, words: string): void {
    const total = files.length;
    const safe = files.filter(({ phase }) => phase === "over" || phase === "arrived").length;
    const failed = files.filter(({ phase }) => phase === "failed").length;
    const isOver = files.every(({ phase }) => phase === "over" || phase === "failed");
    this.isGoing = mode === "going" || mode === "away";
    this.box.dataset.mode = isOver ? "over" : mode;
    this.button.hidden = safe + failed === total;
    this.write(this.button, this.isGoing ? "Pause" : "Go on");
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const sent = files.reduce((sum, { sent }) => sum + sent, 0);
    this.bar.value = bytes ? sent / bytes : 0;
    this.bar.hidden = isOver;
    const left = mode === "going" ? this.left(sent, bytes) : "";
    if (isOver) this.write(this.line, summary(files, failed), total > 0);
    else this.write(this.line, sentence(files, mode, words, safe, left));
  }

  /** "3 min left", or nothing while nobody can know. */
  private left(sent: number, bytes: number): string {
    const now = Date.now();
    this.samples = this.samples.filter(([at, was]) => now - at < WINDOW_MS && was <= sent);
    this.samples.push([now, sent]);
    const [first] = this.samples;
    if (!first || now - first[0] < 3_000 || sent === first[1]) return "";
    const seconds = ((bytes - sent) * (now - first[0])) / 1000 / (sent - first[1]);
    return seconds < 50 ? "less than a minute left" : `${lengthWords(Math.round(seconds / 60))} left`;
  }

  /** Only what has changed: a screen reader tells every change. */
  private write(element: HTMLElement, text: string, withLink = false): void {
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    element.replaceChildren(text, ...(withLink ? [" ", link()] : []));
  }
}

function sentence(files: UploadFile[], mode: string, words: string, safe: number, left: string): string {
  const total = files.length;
  const of = `${safe} of ${total}`;
  if (mode === "stopped") return words || "Sending has stopped.";
  if (mode === "paused") return `Paused. ${of} have arrived.`;
  if (mode === "away") return `${words} ${of} have arrived.`;
  if (files.some(({ phase }) => phase === "sending" || phase === "ready")) {
    return [`Sending ${Math.min(safe + 1, total)} of ${total}`, left].filter(Boolean).join(", ");
  }
  if (files.some(({ phase }) => phase === "new" || phase === "looked")) return `Looking which of ${total} are here already`;
  return total === 1 ? "It has arrived. Finding its place…" : `All ${total} have arrived. Finding their places…`;
}

/** "240 files: 231 placed, 2 tracks, 6 kept without a place, 1 refused." */
function summary(files: UploadFile[], failed: number): string {
  const count = (...outcomes: string[]) => files.filter(({ outcome, phase }) => phase === "over" && outcomes.includes(outcome)).length;
  const tracks = count("track", "asked");
  const parts: [number, string][] = [
    [count("placed"), "placed"],
    [tracks, tracks === 1 ? "track" : "tracks"],
    [count("kept"), "kept without a place"],
    [count("refused"), "refused"],
    [failed, "not sent"],
  ];
  const told = parts.filter(([number]) => number).map(([number, what]) => `${number} ${what}`);
  return `${files.length} ${files.length === 1 ? "file" : "files"}: ${told.join(", ")}.`;
}

function lengthWords(minutes: number): string {
  if (minutes < 90) return `${Math.max(1, minutes)} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

function link(): HTMLElement {
  const reload = document.createElement("a");
  reload.href = location.pathname;
  reload.textContent = "Show everything on the map";
  return reload;
}
