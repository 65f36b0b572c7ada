// A photo that shows all around, seen from inside: Pannellum (WebGL) over one picture of the photo's image service.
import "pannellum";
import style from "pannellum/build/pannellum.css?url";
import { patiently, type Picture, type View } from "./closer-look";
import { stylesheet } from "./stylesheet";

const WIDE = 100; // degrees that are seen across at first

export async function openSphere(host: HTMLElement, { service, alt }: Picture): Promise<View> {
  await stylesheet(style);
  const panorama = `${service}/full/max/0/default.jpg`;
  await (await patiently(panorama)).blob(); // now the browser has it
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const inside = document.createElement("div");
  inside.role = "application";
  inside.ariaLabel = `${alt}. Arrow keys turn it, plus and minus zoom.`;
  host.append(inside);
  const viewer = pannellum.viewer(inside, {
    type: "equirectangular",
    panorama,
    autoLoad: true,
    showControls: false,
    ignoreGPanoXMP: true,
    hfov: WIDE,
    minHfov: 30,
  });
  await new Promise<void>((loaded, failed) => {
    viewer.on("load", () => loaded());
    viewer.on("error", (message) => failed(new Error(message)));
  });
  const pace = still ? false : 300;
  return {
    zoom: (factor) => viewer.setHfov(viewer.getHfov() / factor, pace),
    whole: () => viewer.lookAt(0, 0, WIDE, pace),
    end: () => viewer.destroy(),
  };
}
