// Pieces of pages that the server renders for scripts.

/** The elements of a rendered fragment, not yet in the page. */
export function elements(html: string): Element[] {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}
