// Edits of a text in the markup of posts, as values: what replaces which stretch, and what is selected then.

export interface Edit {
  start: number;
  end: number;
  text: string;
  /** Where the caret (or the selection) goes, counted from `start`. */
  caret: number;
  selected?: number;
}

type Field = Pick<HTMLTextAreaElement, "value" | "selectionStart" | "selectionEnd">;

const PHOTO_LINE = /^!\[[^\n]*\]\(photo:\d+[^\n]*\)[ \t]*$/;

/** A photo on a line of its own after the line at `place`; beside photos it joins their paragraph, and so their row.
 *  The caret goes to the next paragraph: words on a photo's line would take the photo out of the story. */
export function insertPhoto(value: string, place: number, markup: string): Edit {
  const lineEnd = value.indexOf("\n", place);
  const at = lineEnd < 0 ? value.length : lineEnd;
  const [before, after] = [value.slice(0, at), value.slice(at)];
  const start = before.trimEnd().length;
  const end = at + after.length - after.trimStart().length;
  const blankLine = /\n[ \t]*\n/;
  const joins = PHOTO_LINE.test(markup); // a film stands alone
  const joinsAbove = joins && PHOTO_LINE.test(before.trimEnd().split("\n").at(-1)!) && !blankLine.test(before.slice(start));
  const joinsBelow = joins && PHOTO_LINE.test(value.slice(end).split("\n")[0]!) && !blankLine.test(after.slice(0, end - at));
  const above = start === 0 ? "" : joinsAbove ? "\n" : "\n\n";
  const text = above + markup + (joinsBelow ? "\n" : "\n\n");
  return { start, end, text, caret: text.length };
}

/** The selection between two marks; of nothing, the caret between them. */
export function wrapped({ value, selectionStart: start, selectionEnd: end }: Field, open: string, close = open): Edit {
  const inner = value.slice(start, end);
  return { start, end, text: open + inner + close, caret: open.length, selected: inner.length };
}

/** Every line of the selection with a mark before it; lines that all have it lose it. */
export function quoted({ value, selectionStart, selectionEnd }: Field, mark: string): Edit {
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const after = value.indexOf("\n", selectionEnd);
  const end = after < 0 ? value.length : after;
  const lines = value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  const text = lines.map((line) => (all ? line.slice(mark.length) : mark + line)).join("\n");
  return { start, end, text, caret: text.length };
}

/** Carries an edit out so that the browser's own undo takes it back. */
export function replaceRange(field: HTMLTextAreaElement, { start, end, text, caret, selected = 0 }: Edit): void {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // Deprecated, and still the only way that keeps the undo history.
  if (!document.execCommand("insertText", false, text)) field.setRangeText(text, start, end, "end");
  field.setSelectionRange(start + caret, start + caret + selected);
}
