// Enhances <p class="announcement" role="status">: one sentence about what was just done, with a button to undo it.

const SHOWN_MS = 8000;

export class Announcer {
  private timer = 0;
  private readonly words = document.createElement("span");
  private readonly button = document.createElement("button");

  constructor(
    private readonly place: HTMLElement,
    undo: () => void,
  ) {
    this.button.type = "button";
    this.button.className = "link";
    this.button.textContent = "Undo";
    this.button.addEventListener("click", undo);
    place.replaceChildren(this.words);
  }

  tell(words: string, canUndo = false): void {
    this.words.textContent = words;
    if (canUndo) this.place.append(this.button);
    else this.button.remove();
    this.place.classList.toggle("is-shown", words !== "");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.place.matches(":hover, :focus-within")) this.place.classList.remove("is-shown");
    }, SHOWN_MS);
  }
}
