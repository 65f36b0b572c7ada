// Enhances <p class="remember" hidden> with a checkbox in a reply form: name, address and website stay in this browser
// for as long as it is ticked, and nowhere else.
import { forget, keep, kept } from "./kept-text";

const FIELDS = ["name", "email", "website"];
const KEPT_AS = "writer";

/** Fills in who is remembered, and offers to remember. */
export function rememberWriter(form: HTMLFormElement): void {
  const line = form.querySelector<HTMLElement>(".remember");
  const box = line?.querySelector<HTMLInputElement>("input");
  if (!line || !box) return;
  const known = remembered();
  line.hidden = false;
  box.checked = known !== undefined;
  for (const input of inputs(form)) input.value ||= known?.[input.name] ?? "";
  form.addEventListener("input", () => (box.checked ? write(form) : undefined));
  box.addEventListener("change", () => (box.checked ? write(form) : forget(KEPT_AS)));
}

function inputs(form: HTMLFormElement): HTMLInputElement[] {
  return FIELDS.map((name) => form.elements.namedItem(name)).filter((field) => field instanceof HTMLInputElement);
}

function remembered(): Record<string, string> | undefined {
  try {
    return JSON.parse(kept(KEPT_AS)?.text ?? "") ?? undefined;
  } catch {
    return undefined;
  }
}

function write(form: HTMLFormElement): void {
  keep(KEPT_AS, JSON.stringify(Object.fromEntries(inputs(form).map(({ name, value }) => [name, value]))));
}
