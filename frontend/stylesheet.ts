// Styles that only come with what a reader opens.

/** Loads a stylesheet beside the scripts, once; rejects if it cannot be loaded. */
export function stylesheet(address: string): Promise<void> {
  const href = new URL(address, import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  return new Promise((loaded, failed) => {
    link.onload = () => loaded();
    link.onerror = () => failed(new Error(`${href} could not be loaded`));
    document.head.append(link);
  });
}
