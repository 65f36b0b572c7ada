// What lies over a page and is closed by the browser's Back: the lightbox, a photo looked at closely over it.
const layers: (() => void)[] = [];
let stepsOfOurs = 0;

/** Puts a layer over the page; Back calls `close`. Call what it returns whenever the layer is closed. */
export function openLayer(close: () => void): () => void {
  history.pushState({ layer: layers.length + 1 }, "");
  layers.push(close);
  return () => {
    const at = layers.indexOf(close);
    if (at < 0) return; // Back closed it, and has taken its step
    layers.splice(at, 1);
    stepsOfOurs += 1;
    history.back();
  };
}

addEventListener("popstate", () => {
  if (stepsOfOurs) stepsOfOurs -= 1;
  else layers.pop()?.();
});
