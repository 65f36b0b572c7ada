// Enhances <proof-of-work address="…/challenge" worker="…/proof-worker.js"> in a reply form: when somebody begins to
// write, it asks whether a puzzle is to be solved just now, has a worker solve it, and puts the solution into the
// form. A form that is sent too early waits for it. Without it, the reply waits for a moderator.

const WORKING = "One moment, your browser is solving a small puzzle that keeps spam away…";
const PATIENCE_MS = 60_000;

interface Challenge {
  parameters: Record<string, unknown>;
  signature: string;
}

class ProofOfWork extends HTMLElement {
  private form: HTMLFormElement | null = null;
  private work: Promise<void> | undefined;
  private isReady = false;

  connectedCallback(): void {
    this.form = this.closest("form");
    this.setAttribute("role", "status");
    this.form?.addEventListener("focusin", this.begin);
    this.form?.addEventListener("submit", this.onSubmit, { capture: true });
  }

  disconnectedCallback(): void {
    this.form?.removeEventListener("focusin", this.begin);
    this.form?.removeEventListener("submit", this.onSubmit, { capture: true });
  }

  private readonly begin = (): Promise<void> => (this.work ??= this.prepare());

  private readonly onSubmit = (event: SubmitEvent): void => {
    if (this.isReady) {
      setTimeout(() => this.forget()); // a solution counts once: what is sent next needs another
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.textContent = WORKING;
    this.begin().then(() => this.form?.requestSubmit(event.submitter));
  };

  /** Ready in any case: without a solution, the reply is sent all the same. */
  private async prepare(): Promise<void> {
    try {
      const answer = await fetch(this.getAttribute("address") ?? "", { headers: { Accept: "application/json" } });
      const { challenge } = (await answer.json()) as { challenge: Challenge | null };
      if (challenge) this.field.value = btoa(JSON.stringify({ challenge, solution: await this.solve(challenge) }));
    } catch {
      this.field.value = "";
    }
    this.textContent = "";
    this.isReady = true;
  }

  private solve(challenge: Challenge): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.getAttribute("worker") ?? "", { type: "module" });
      const end = (settle: () => void): void => {
        worker.terminate();
        settle();
      };
      worker.onmessage = ({ data }) => end(() => resolve(data));
      worker.onerror = () => end(() => reject(new Error("The worker broke.")));
      setTimeout(() => end(() => reject(new Error("It took too long."))), PATIENCE_MS);
      worker.postMessage(challenge.parameters);
    });
  }

  private get field(): HTMLInputElement {
    const found = this.form?.querySelector<HTMLInputElement>("input[name=proof]");
    if (found) return found;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "proof";
    this.form?.append(field);
    return field;
  }

  private forget(): void {
    this.field.value = "";
    this.isReady = false;
    this.work = undefined;
  }
}

customElements.define("proof-of-work", ProofOfWork);
