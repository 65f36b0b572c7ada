// One file on its way to the server, and its line in the list.
import { elements } from "./fragment";

/** new → looked at (its hash is known) → ready (to be sent) → sending → arrived (whole) → over; or failed. */
export type Phase = "new" | "looked" | "ready" | "sending" | "arrived" | "over" | "failed";

export interface Result {
  file: string;
  outcome: "placed" | "kept" | "refused" | "track" | "asked";
  message: string;
  photo_id: number | null;
  html: string | null;
  /** Rendered: for each damaged track the forms that use what could be read of it, or leave it out. */
  choices: string[];
}

const WORDS: Partial<Record<Phase, string>> = { new: "waiting", looked: "waiting", ready: "waiting", arrived: "arrived" };

export class UploadFile {
  phase: Phase = "new";
  sha256?: string;
  /** Where on the server it is growing. */
  address?: string;
  sent = 0;
  /** When the last byte went out. */
  movedAt = 0;
  failures = 0;
  outcome = "";
  photo?: number;
  readonly line = document.createElement("li");
  private readonly state = document.createElement("span");
  private readonly bar = document.createElement("progress");

  constructor(readonly file: File) {
    const name = document.createElement("strong");
    name.textContent = file.name;
    this.bar.ariaLabel = file.name;
    this.line.append(name, " ", this.state);
    this.become("new");
  }

  /** The end of its address. */
  get token(): string {
    return this.address?.split("/").at(-1) ?? "";
  }

  become(phase: Phase): void {
    this.phase = phase;
    this.line.className = phase;
    if (phase === "sending") this.state.replaceChildren(this.bar);
    else if (WORDS[phase]) this.state.textContent = WORDS[phase];
  }

  /** Drawn for those that are being sent; called a few times a second. */
  draw(): void {
    this.bar.value = this.file.size ? this.sent / this.file.size : 0;
  }

  /** What was refused goes to the top of a long list. */
  tell(message: string, outcome: string): void {
    this.become("over");
    this.line.className = this.outcome = outcome;
    this.state.textContent = message;
    if (outcome === "refused") this.line.parentElement?.prepend(this.line);
  }

  fail(message: string, retry: () => void): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = "Try again";
    button.addEventListener("click", retry);
    this.become("failed");
    this.state.replaceChildren(message, " ", button);
    this.line.parentElement?.prepend(this.line);
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

  /** The server's words for what became of it; its tiles for the tray. */
  settle(results: Result[], before: string, answered: () => void): Element[] {
    this.photo = results[0]?.photo_id ?? undefined;
    this.sent = this.file.size;
    this.tell([before, ...results.map(({ message }) => message)].join(" ").trim(), results[0]?.outcome ?? "kept");
    this.ask(results.flatMap(({ choices }) => choices.flatMap(elements)), answered);
    return results.flatMap(({ html }) => (html ? elements(html) : []));
  }
}
