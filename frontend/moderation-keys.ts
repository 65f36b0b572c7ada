// Enhances <dialog class="keys-help"> and the button that opens it; remembers on this device whether single keys act
// at all: who speaks to a computer, or touches keys without meaning to, turns them off (WCAG 2.1.4).

const REMEMBERED = "roadbook:moderation-keys";

export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== "off";
  } catch {
    return true; // no storage: as on the first day
  }
}

export class KeysHelp {
  private readonly dialog: HTMLDialogElement;

  constructor(private readonly queue: HTMLElement) {
    this.dialog = queue.querySelector<HTMLDialogElement>(".keys-help")!;
    const button = queue.querySelector<HTMLButtonElement>("button.keys");
    if (button) button.hidden = false;
    button?.addEventListener("click", () => this.open());
    const choice = this.dialog.querySelector<HTMLInputElement>(".keys-on")!;
    choice.checked = areKeysOn();
    choice.addEventListener("change", () => this.remember(choice.checked));
    this.show();
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  open(): void {
    this.dialog.showModal();
  }

  private remember(on: boolean): void {
    try {
      if (on) localStorage.removeItem(REMEMBERED);
      else localStorage.setItem(REMEMBERED, "off");
    } catch {
      // No storage: nothing is remembered.
    }
    this.show();
  }

  private show(): void {
    this.queue.classList.toggle("keys-are-on", areKeysOn());
  }
}
