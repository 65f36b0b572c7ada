// All files that are on their way from this page: looked at, asked about, sent three at a time, listened for.
// Nothing here gives a file up because the network or the server is away: it goes on by itself.
//
// The fingerprint by which an upload is gone on with is the SHA-256 of its file, and the server remembers it: that
// works after a reload, in a private window, and on another device.
import { DetailedError, Upload } from "tus-js-client";
import { FileHashes, headOf } from "./file-hashes";
import { rendered } from "./fragment";
import { type Result, UploadFile } from "./upload-file";
import { UploadStatus } from "./upload-status";

const AT_ONCE = 3;
const CHUNK_BYTES = 8_000_000; // fits behind a proxy that was told of it, and little is lost to a full disk
const ASKED_AT_ONCE = 20;
const HEARD_AT_ONCE = 50;
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const LISTEN_MS = 700;
const DRAW_MS = 250;
const STALLED_MS = 45_000;
const MOST_FAILURES = 4; // of the server with one file

const ON_THE_WAY = new Set<string>(["ready", "sending", "arrived"]);
const AWAY = new Set([0, 502, 503, 504]); // nobody there, or nobody behind the proxy
const BUSY = new Set([409, 423, 429]);

const NO_NETWORK = "The network is away. Sending goes on by itself.";
const BUSY_SERVER = "The server is busy. Sending goes on by itself.";
const UNREADABLE = "This file cannot be read any more. Choose it again.";
const WENT_WRONG = "Something went wrong on our side.";
const HERE_ALREADY = "Here already, not sent again.";
const NOT_SENT = "Not sent.";

interface Known {
  results?: Result[];
  upload?: string;
}

export interface RunOptions {
  trip: string;
  endpoint: string;
  hasher: string;
  token: string;
  list: HTMLElement;
  /** Tiles of photos, to be shown in the tray. */
  show(tiles: Element[]): void;
  refresh(): Promise<void>;
  /** Nothing moves any more. */
  rest(files: UploadFile[]): Promise<void>;
  /** The names of those that have not got through yet. */
  remember(names: string[]): void;
}

type Mode = "going" | "paused" | "away" | "stopped";

export class UploadRun {
  private readonly files: UploadFile[] = [];
  private readonly uploads = new Map<UploadFile, Upload>();
  private readonly hashes: FileHashes;
  private readonly status: UploadStatus;
  private mode: Mode = "going";
  private words = "";
  private pauses = 0;
  private wakeUp = 0;
  private isLooking = false;
  private isAsking = false;
  private isListening = false;
  private isResting = true;
  private readonly timer: number;

  constructor(private readonly options: RunOptions) {
    this.hashes = new FileHashes(options.hasher);
    this.status = new UploadStatus(options.list, { pause: () => this.pause(), goOn: () => this.goOn() });
    this.timer = window.setInterval(() => this.draw(), DRAW_MS);
    addEventListener("online", this.goOn);
    addEventListener("offline", this.lose);
  }

  end(): void {
    clearInterval(this.timer);
    clearTimeout(this.wakeUp);
    removeEventListener("online", this.goOn);
    removeEventListener("offline", this.lose);
    this.takeBack();
  }

  get isBusy(): boolean {
    return this.files.some(({ phase }) => phase !== "over");
  }

  add(files: File[]): void {
    const added = files.map((file) => new UploadFile(file));
    this.files.push(...added);
    this.options.list.append(...added.map(({ line }) => line));
    this.isResting = false;
    this.proceed();
  }

  /** Whatever can be done next, for every file. */
  private proceed(): void {
    if (this.mode === "going") {
      void this.look();
      void this.ask();
      for (const file of this.in("ready").slice(0, Math.max(0, AT_ONCE - this.uploads.size))) this.send(file);
    }
    void this.listen();
    this.draw();
    if (!this.isResting && !this.files.some(({ phase }) => phase !== "over" && phase !== "failed")) this.rest();
  }

  private in(phase: UploadFile["phase"]): UploadFile[] {
    return this.files.filter((file) => file.phase === phase);
  }

  /** Name every file by its contents, one after the other. */
  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    for (let file = this.in("new")[0]; file; file = this.in("new")[0]) {
      try {
        file.sha256 = await this.hashes.of(file.file);
        file.become(file.sha256 ? "looked" : "ready");
      } catch {
        this.fail(file, UNREADABLE);
      }
      this.proceed();
    }
    this.isLooking = false;
  }

  /** Ask which of those that were looked at need not be sent, or were begun before. */
  private async ask(): Promise<void> {
    const some = this.toAskAbout();
    if (this.isAsking || !some.length) return;
    this.isAsking = true;
    try {
      const asked = await Promise.all(
        some.map(async ({ file, sha256 }) => ({ name: file.name, sha256, head: await headOf(file) })),
      );
      const body = JSON.stringify({ trip: Number(this.options.trip), files: asked });
      const answer = await this.fetch(`${this.options.endpoint}/recognition`, { method: "POST", body });
      const known: Known[] = answer.files;
      some.forEach((file, index) => this.recognise(file, known[index] ?? {}));
    } catch (error) {
      this.meet(error, some);
    }
    this.isAsking = false;
    this.proceed();
  }

  /** Of files with the same contents only one is on its way at a time; the others are then recognised. */
  private toAskAbout(): UploadFile[] {
    const onTheWay = new Set(this.files.filter(({ phase }) => ON_THE_WAY.has(phase)).map(({ sha256 }) => sha256));
    const first = new Map<string, UploadFile>();
    for (const file of this.in("looked")) {
      const hash = file.sha256 ?? "";
      if (!onTheWay.has(hash) && !first.has(hash)) first.set(hash, file);
    }
    return [...first.values()].slice(0, ASKED_AT_ONCE);
  }

  private recognise(file: UploadFile, { results, upload }: Known): void {
    if (results) return this.settle(file, results, results[0]?.outcome === "refused" ? NOT_SENT : HERE_ALREADY);
    file.address = upload;
    file.become("ready");
  }

  private send(file: UploadFile): void {
    const { trip, endpoint, token } = this.options;
    const upload = new Upload(file.file, {
      endpoint,
      uploadUrl: file.address ?? null,
      uploadDataDuringCreation: true,
      chunkSize: CHUNK_BYTES,
      retryDelays: null, // what is done about a failure is said below
      storeFingerprintForResuming: false,
      metadata: { filename: file.file.name, trip, ...(file.sha256 && { sha256: file.sha256 }) },
      headers: { Accept: "application/json", "X-CSRF-Token": token },
      onUploadUrlAvailable: () => (file.address = upload.url ?? undefined),
      onProgress: (sent) => {
        file.sent = sent;
        file.movedAt = Date.now();
      },
      onChunkComplete: () => (this.pauses = file.failures = 0),
      onSuccess: () => {
        this.uploads.delete(file);
        this.pauses = 0;
        file.sent = file.file.size;
        file.become("arrived");
        this.proceed();
      },
      onError: (error) => {
        this.uploads.delete(file);
        file.become(again(file));
        this.meet(error, [file]);
        this.proceed();
      },
    });
    this.uploads.set(file, upload);
    file.movedAt = Date.now();
    file.become("sending");
    upload.start();
  }

  /** Ask what became of those that have arrived, until all is told. */
  private async listen(): Promise<void> {
    if (this.isListening) return;
    this.isListening = true;
    for (let some = this.in("arrived").slice(0, HEARD_AT_ONCE); some.length && this.mode !== "stopped"; ) {
      await pause(LISTEN_MS);
      if (this.mode !== "away") {
        try {
          await this.hear(some);
        } catch (error) {
          this.meet(error, []);
        }
        this.proceed();
      }
      some = this.in("arrived").slice(0, HEARD_AT_ONCE);
    }
    this.isListening = false;
  }

  private async hear(some: UploadFile[]): Promise<void> {
    const query = new URLSearchParams(some.map(({ token }) => ["token", token]));
    const { uploads } = await this.fetch(`${this.options.endpoint}?${query}`);
    for (const file of some) {
      const told = uploads[file.token];
      if (told?.results) this.settle(file, told.results, "");
      else if (!told || told.state === "receiving") file.become(again(file));
    }
  }

  private settle(file: UploadFile, results: Result[], before: string): void {
    this.options.show(file.settle(results, before, () => void this.options.refresh()));
  }

  private async fetch(address: string, init: RequestInit = {}): Promise<any> {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": this.options.token };
    const answer = await fetch(address, { ...init, headers });
    if (!answer.ok) throw new Refusal(answer.status, await answer.text());
    return answer.json();
  }

  /** Do what a failure asks for; the files it befell are where they can go on from. */
  private meet(error: unknown, files: UploadFile[]): void {
    const { status, words } = understood(error);
    if (AWAY.has(status)) this.waitAWhile(NO_NETWORK);
    else if (status === 401 || status === 507) this.stop(words);
    else if (status === 422) void this.renewToken();
    else if (status < 500 && !BUSY.has(status)) for (const file of files) this.fail(file, words || WENT_WRONG);
    else {
      this.waitAWhile(BUSY_SERVER);
      for (const file of files) if (++file.failures > MOST_FAILURES) this.fail(file, words || WENT_WRONG);
    }
  }

  private fail(file: UploadFile, words: string): void {
    file.fail(words, () => {
      file.failures = 0;
      file.address = undefined;
      file.become(file.sha256 ? "looked" : "new");
      this.isResting = false;
      this.proceed();
    });
  }

  private waitAWhile(words: string): void {
    if (this.mode !== "going") return;
    this.mode = "away";
    this.words = words;
    this.wakeUp = window.setTimeout(this.goOn, PAUSES_MS[Math.min(this.pauses++, PAUSES_MS.length - 1)]);
  }

  private readonly lose = (): void => {
    if (this.mode === "going") this.mode = "away";
    this.words = NO_NETWORK;
    this.takeBack();
    this.draw();
  };

  private stop(words: string): void {
    this.mode = "stopped";
    this.words = words;
    this.takeBack();
  }

  private pause(): void {
    this.mode = "paused";
    this.takeBack();
    this.draw();
  }

  private readonly goOn = (event?: Event): void => {
    clearTimeout(this.wakeUp);
    if (event?.type === "online" && this.mode !== "away") return;
    this.mode = "going";
    this.proceed();
  };

  /** Break off what is being sent. What has arrived of it stays. */
  private takeBack(): void {
    for (const [file, upload] of this.uploads) {
      void upload.abort();
      file.become(again(file));
    }
    this.uploads.clear();
  }

  /** The form's token lasts half a day; the page has a new one. */
  private async renewToken(): Promise<void> {
    this.waitAWhile(BUSY_SERVER);
    try {
      const page = rendered(await (await fetch(location.pathname)).text());
      const token = page.querySelector("photo-upload")?.getAttribute("token");
      if (token) this.options.token = token;
      else this.stop("You are signed out. Sign in again, in another window if you like.");
    } catch {
      // The network is away too: the next try asks again.
    }
  }

  private draw(): void {
    for (const [file, upload] of this.uploads) {
      file.draw();
      if (Date.now() - file.movedAt < STALLED_MS) continue;
      void upload.abort();
      this.uploads.delete(file);
      file.become(again(file));
      this.waitAWhile(NO_NETWORK);
    }
    this.status.draw(this.files, this.mode, this.words);
    this.options.remember(this.files.filter(({ phase }) => phase !== "over").map(({ file }) => file.name));
  }

  private rest(): void {
    this.isResting = true;
    void this.options.rest(this.files);
  }
}

/** Where a file goes on after it was broken off: the server may know an address that was never heard. */
function again(file: UploadFile): UploadFile["phase"] {
  return file.sha256 && !file.address ? "looked" : "ready";
}

/** An answer that says no. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super(`The server answered ${status}`);
  }
}

/** Status 0: the network failed. The words are the server's. */
function understood(error: unknown): { status: number; words: string } {
  const answer = error instanceof DetailedError ? error.originalResponse : undefined;
  const status = answer?.getStatus() ?? (error instanceof Refusal ? error.status : 0);
  try {
    return { status, words: String(JSON.parse(answer?.getBody() ?? (error as Refusal).text).error ?? "") };
  } catch {
    return { status, words: "" };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
