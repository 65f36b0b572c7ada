// Deep zoom: OpenSeadragon over the tiles of a photo's IIIF image service.
import OpenSeadragon from "openseadragon";
import { patiently, type Picture, type View } from "./closer-look";

// It would add styles without a nonce, which the page's policy refuses; it does not where it finds them already.
const styles = document.createElement("style");
styles.dataset.openseadragonMobileCss = "";
styles.nonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce ?? "";
document.head.append(styles);

export async function openDeepZoom(host: HTMLElement, { service, alt }: Picture): Promise<View> {
  const info = await (await patiently(`${service}/info.json`)).json();
  const { width, height } = info.sizes[0];
  await patiently(`${service}/full/${width},${height}/0/default.jpg`); // from here on the tiles are there
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const viewer = new OpenSeadragon.Viewer({
    element: host,
    tileSources: [{ ...info, id: service }] as never,
    drawer: "canvas",
    showNavigationControl: false,
    animationTime: still ? 0 : 0.5,
    blendTime: still ? 0 : 0.1,
    visibilityRatio: 1,
    constrainDuringPan: true,
    maxZoomPixelRatio: 2,
    minZoomImageRatio: 1,
    tileRetryMax: 3,
    tileRetryDelay: 2000,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
  });
  viewer.canvas.role = "application";
  viewer.canvas.ariaLabel = `${alt}. Arrow keys move it, plus and minus zoom.`;
  await new Promise((opened, failed) => {
    viewer.addOnceHandler("open", opened);
    viewer.addOnceHandler("open-failed", ({ message }) => failed(new Error(message)));
  });
  return {
    zoom(factor) {
      viewer.viewport.zoomBy(factor);
      viewer.viewport.applyConstraints();
    },
    whole: () => viewer.viewport.goHome(),
    end: () => viewer.destroy(),
  };
}
