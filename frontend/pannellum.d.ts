// What of Pannellum is used here; it brings no types. It puts itself into the window.
declare module "pannellum" {}

interface PannellumViewer {
  getHfov(): number;
  setHfov(degrees: number, animated?: boolean | number): void;
  lookAt(pitch: number, yaw: number, hfov: number, animated?: boolean | number): void;
  on(event: "load" | "error", listener: (message?: string) => void): void;
  destroy(): void;
}

declare const pannellum: { viewer(host: HTMLElement, settings: Record<string, unknown>): PannellumViewer };
