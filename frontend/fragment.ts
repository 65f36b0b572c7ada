// Pieces of pages that the server renders for scripts.

/** A rendered page or fragment that is in no document: its styles carry another answer's nonce and stay without effect. */
export function rendered(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** The elements of a rendered fragment, not yet in the page. */
export function elements(html: string): Element[] {
  return [...rendered(html).children];
}
