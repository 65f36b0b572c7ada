// Enhances <spot-pin photo="photo-12"> in a reply form: a button lets the reader mark a spot of that photo, with mouse,
// finger or keys; its place goes into the form's four numbers. What draws is loaded by the first use.
import type { SpotDrawing } from "./spot-drawing";

const PIN = "Pin your reply to a spot";
const NUMBERS = "Or say where in numbers";
const UNPIN = "Remove the pin";

class SpotPin extends HTMLElement {
  private readonly button = document.createElement("button");
  private form: HTMLFormElement | null = null;
  private drawing?: SpotDrawing;

  connectedCallback(): void {
    const photo = document.getElementById(this.getAttribute("photo") ?? "")?.querySelector<HTMLElement>(".annotated");
    if (!photo) return;
    this.form = this.closest("form");
    this.form?.addEventListener("sent", this.onSent);
    if (!this.button.isConnected) this.addButton(photo);
    if (!this.drawing && this.isFilled) this.draw(photo, false);
  }

  disconnectedCallback(): void {
    this.form?.removeEventListener("sent", this.onSent);
  }

  private get numbers(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>(".numbers input")];
  }

  private get isFilled(): boolean {
    return this.numbers.every(({ value }) => value);
  }

  private addButton(photo: HTMLElement): void {
    this.button.type = "button";
    this.button.className = "quiet";
    this.button.textContent = PIN;
    this.button.addEventListener("click", (event) => {
      if (this.drawing) this.unpin();
      else this.draw(photo, true, event.detail === 0);
    });
    this.prepend(this.button);
    const numbers = this.querySelector("summary");
    if (numbers) numbers.textContent = NUMBERS;
  }

  private async draw(photo: HTMLElement, scrolls: boolean, byKeys = false): Promise<void> {
    const { SpotDrawing } = await import("./spot-drawing");
    if (this.drawing || !(scrolls || this.isFilled)) return; // another was quicker, or the form was sent meanwhile
    const text = this.form?.querySelector<HTMLTextAreaElement>("textarea[name=text]");
    this.drawing = await SpotDrawing.open(photo, {
      changed: (percent) => this.numbers.forEach((input, index) => (input.value = percent[index] ?? "")),
      done: () => text?.focus(),
      removed: () => this.unpin(),
    });
    this.button.textContent = UNPIN;
    if (scrolls) this.drawing.begin(byKeys);
    else this.drawing.show(this.numbers.map(({ value }) => Number(value.replace(",", ".")) / 100));
  }

  private unpin(): void {
    this.drawing?.close();
    this.drawing = undefined;
    this.button.textContent = PIN;
    for (const input of this.numbers) input.value = "";
  }

  private readonly onSent = (): void => this.unpin();
}

customElements.define("spot-pin", SpotPin);
