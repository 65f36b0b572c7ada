// What is being written, kept in this browser until it has been sent: a reload or a dead network loses nothing.

export interface KeptText {
  text: string;
  at: number;
  about?: string;
}

const prefix = "roadbook:";

/** Keeps words; `about` says what they answer. */
export function keep(name: string, text: string, about?: string): void {
  try {
    if (text.trim()) localStorage.setItem(prefix + name, JSON.stringify({ text, at: Date.now(), about }));
    else forget(name);
  } catch {
    // No storage (private window, full disk): the text is still in the page.
  }
}

export function kept(name: string): KeptText | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(prefix + name) ?? "null");
    return typeof found?.text === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(prefix + name);
  } catch {
    // Nothing was kept, then.
  }
}
