// Pieces of pages that the server renders for scripts.

const FRAGMENT = "text/vnd.roadbook.fragment+html";

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

/** Sends a form as it would send itself; the answer is asked for as a fragment. */
export function sendForm(form: HTMLFormElement): Promise<Response> {
  const body = new FormData(form);
  return fetch(form.getAttribute("action") ?? "", { method: "POST", body, headers: { Accept: FRAGMENT } });
}

export function fetchFragment(address: string, more: RequestInit = {}): Promise<Response> {
  return fetch(address, { ...more, headers: { Accept: FRAGMENT } });
}
