// Where entries stand in the moderators' queue.

export type Order = "oldest" | "newest";

/** Puts an entry where its number says, among those that are there. */
export function insertInOrder(list: HTMLElement, entry: HTMLElement, order: Order): void {
  const number = Number(entry.dataset.id);
  const after = [...list.querySelectorAll<HTMLElement>(":scope > .entry")].find((each) =>
    order === "oldest" ? Number(each.dataset.id) > number : Number(each.dataset.id) < number,
  );
  if (after) after.before(entry);
  else list.append(entry);
}

/** Says of an entry that is no longer there that it is not, and lets nothing be done to it. */
export function gone(entry: HTMLElement, words: string): void {
  entry.querySelector(".actions")?.remove();
  const line = document.createElement("p");
  line.className = "said";
  line.textContent = words;
  entry.prepend(line);
}
