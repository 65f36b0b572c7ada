// Regions of a photo as the forms of the desk know them: corners in fractions, two of them for a rectangle.

export type Corner = [number, number];

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const SMALLEST = 0.01; // of the photo, when a region is made smaller by keys

export function rectangle({ x, y, width, height }: Box): Corner[] {
  return [
    [x, y],
    [x + width, y + height],
  ];
}

export function boxOf(corners: Corner[]): Box {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** All corners in order. */
export function outlineOf(corners: Corner[]): Corner[] {
  if (corners.length > 2) return corners;
  const { x, y, width, height } = boxOf(corners);
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** As an SVG path in a picture of 1 × 1. */
export function pathOf(corners: Corner[]): string {
  return `M${outlineOf(corners).map(([x, y]) => `${short(x)} ${short(y)}`).join("L")}Z`;
}

/** As the value of a W3C selector, which is what the server reads. */
export function selectorOf(corners: Corner[]): string {
  if (corners.length > 2) {
    return `<svg><polygon points="${corners.map(([x, y]) => `${short(x)},${short(y)}`).join(" ")}" /></svg>`;
  }
  const { x, y, width, height } = boxOf(corners);
  return `xywh=percent:${[x, y, width, height].map((number) => short(100 * number)).join(",")}`;
}

/** The region elsewhere, as far as the photo reaches. */
export function moved(corners: Corner[], right: number, down: number): Corner[] {
  const { x, y, width, height } = boxOf(corners);
  const [dx, dy] = [clamp(right, -x, 1 - x - width), clamp(down, -y, 1 - y - height)];
  return corners.map(([left, top]) => [left + dx, top + dy]);
}

/** The region wider or narrower, higher or lower; its upper left corner stays. */
export function resized(corners: Corner[], wider: number, higher: number): Corner[] {
  const { x, y, width, height } = boxOf(corners);
  const across = clamp(width + wider, SMALLEST, 1 - x) / width;
  const along = clamp(height + higher, SMALLEST, 1 - y) / height;
  return corners.map(([left, top]) => [x + (left - x) * across, y + (top - y) * along]);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function short(number: number): string {
  return String(Number(number.toFixed(5)));
}
