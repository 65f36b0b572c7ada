"""What one sees from a bus: the end of a tunnel, rain on the glass."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Point, Rgb, rgb, ring
from blog.demo.painting_noise import Field, enlarged, fractal, smoothstep
from blog.demo.painting_perspective import View
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain
from blog.demo.scenes.landscape import hills, wooded


def tunnel() -> Image.Image:
    """The far end of the tunnel, a bright coin of valley."""
    c = Canvas(1800, 1800, 411)
    c.sky([(0, "#aac3d3"), (0.5, "#e9ebe0")])
    height = hills(83, 6, 0.05, 0.2)
    ground = wooded(banded(height, [(0, "#a6b061"), (0.1, "#7f944f"), (0.2, "#7d8860")]), 4, 0.2, 0.5)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0012, 5),
        Eye(0.1, 0.46, 2.6, near=0.09),
        Light(-0.12, 0.1, "#fff0cc", "#7a8da4"),
        Air("#d5dedb", 0.5, 2, 0.03),
        500,
    )
    v = View(c, 0.5, 0.53, 1.2, 1.5)
    c.fill(v.flat(-2.1, 2.1, 0, 10, 60), "#d9cfb6", "#bfb294")
    mouth = _arch(v, 9.5)
    outside = np.ones((c.height, c.width), np.float32)
    box, inside = c.mask([mouth], soft=0.002)
    x0, y0, x1, y1 = box
    outside[y0:y1, x0:x1] -= inside
    ys, xs = c.rows(), c.columns()
    distance = np.sqrt((xs - 0.5) ** 2 + ((ys - 0.48) * 1.05) ** 2)
    rock = 1 + 0.55 * enlarged(fractal(c.rng, 450, 450, 16, 16, 5, 0.75), c.width, c.height)
    glow = np.exp(-np.clip((distance - 0.1) / 0.2, 0, None))
    wall = (rgb("#0d0f12") + (rgb("#8d826c") - rgb("#0d0f12")) * (0.75 * glow)[..., None]) * rock[..., None]
    c.rgb += (wall - c.rgb) * outside[..., None]
    for z in (5.6, 3.6, 2.4, 1.7):
        rim = _arch(v, z)
        c.line(rim[:-1], 0.012 / z * 3, "#050608", alpha=0.6)
    first = int(v.at(0, 0, 9.5)[1] * c.height)
    road = v.face([(-2.1, 0, 9.5), (2.1, 0, 9.5), (2.1, 0, 0.9), (-2.1, 0, 0.9)])
    c.fill(road, "#b5aa90", "#0f1012", alpha=0.75, soft=0.003)
    wet = np.zeros((c.height - first, c.width), np.float32)
    (x0, y0, x1, y1), puddle = c.mask(
        [ring(0.52, 0.785, 0.14, 0.018), ring(0.4, 0.86, 0.17, 0.026), ring(0.63, 0.93, 0.12, 0.02)],
        soft=0.006,
    )
    wet[y0 - first : y1 - first, x0:x1] = puddle * 0.8
    c.reflect(v.at(0, 0, 9.5)[1], "#22262a", 0.8, 0.002, wet)
    c.glow(0.5, 0.47, 0.42, "#3a382c", 2.2)
    return c.develop(bloom=0.6, vignette=0.3, grain=0.028)


def _arch(v: View, z: float) -> list[Point]:
    """The outline of the tube at that distance: upright sides and a round top."""
    top = [(2.3 * float(np.cos(a)), 2.4 + 2.1 * float(np.sin(a))) for a in np.linspace(0, np.pi, 40)]
    return v.face([(2.3, 0, z), *[(x, y, z) for x, y in top], (-2.3, 0, z)])


def rain_window() -> Image.Image:
    """The second shower, from the third row of the bus."""
    c = Canvas(2400, 1600, 491)
    c.sky([(0, "#6f7f8a"), (0.4, "#93a09f"), (0.58, "#7c8a78"), (1, "#3f4b48")])
    rng = c.rng
    for _ in range(26):
        x, y, r = float(rng.uniform(0, c.w)), float(rng.uniform(0.45, 0.85)), float(rng.uniform(0.05, 0.16))
        c.ellipse(
            x,
            y,
            r,
            r * 0.6,
            ("#4d6350", "#5f7358", "#3f5048", "#7d8468")[int(rng.integers(4))],
            alpha=0.6,
            soft=0.02,
        )
    c.fill([(0, 0.72), (0.6, 0.66), (c.w, 0.75), (c.w, 0.86), (0, 0.9)], "#8a8a80", alpha=0.7, soft=0.03)
    for _ in range(7):
        x, y, r = float(rng.uniform(0.1, 1.4)), float(rng.uniform(0.5, 0.72)), float(rng.uniform(0.02, 0.05))
        c.rectangle(x, y, x + r * 2.2, y + r * 1.2, "#e6e2d6", alpha=0.75, soft=0.01)
        c.rectangle(x - 0.004, y - r * 0.5, x + r * 2.2 + 0.004, y + r * 0.1, "#5d6f7c", alpha=0.7, soft=0.01)
    for x, y in ((0.98, 0.68), (1.05, 0.685)):
        c.ellipse(x, y, 0.03, 0.03, [1.3, 1.05, 0.6], alpha=0.75, soft=0.006)
    c.blur(0.016)
    scene = c.rgb.copy()
    _drops(c, scene)
    c.rectangle(0, 0.93, c.w, 1, "#2a2d30", to="#16181a")
    c.rectangle(0, 0.915, c.w, 0.932, "#6b7072", to="#33373a")
    c.fill([(0, 0), (0.05, 0), (0.035, 0.93), (0, 0.93)], "#1f2224")
    c.fill([(1.32, 0), (1.5, 0), (1.5, 0.6), (1.42, 0.62), (1.36, 0.4)], "#5d4a44", alpha=0.95, soft=0.006)
    c.fill([(1.36, 0), (1.4, 0), (1.44, 0.58), (1.42, 0.6)], "#7d665c", alpha=0.7, soft=0.006)
    return c.develop(vignette=0.35, grain=0.026)


def _drops(c: Canvas, scene: Rgb) -> None:
    """Drops on the glass, each a small lens that shows the scene upside down, and the trails of a few."""
    rng = c.rng
    depth = np.zeros((c.height, c.width), np.float32)
    for count, low, high in ((1500, 0.0015, 0.004), (330, 0.004, 0.009), (70, 0.009, 0.017)):
        for x, y, r in zip(
            rng.uniform(0, c.w, count),
            rng.uniform(0, 0.92, count),
            rng.uniform(low, high, count),
            strict=True,
        ):
            _bump(c, depth, float(x), float(y), float(r), float(r * rng.uniform(1.0, 1.35)))
    for x in rng.uniform(0.05, c.w, 22):
        y, long = float(rng.uniform(0, 0.6)), float(rng.uniform(0.1, 0.4))
        for step in np.linspace(0, 1, 26):
            _bump(
                c,
                depth,
                float(x + 0.006 * np.sin(9 * step + x * 40)),
                y + long * float(step),
                0.0028 + 0.0015 * float(rng.random()),
                0.007,
            )
        _bump(c, depth, float(x + 0.006 * np.sin(9 + x * 40)), y + long, 0.008, 0.012)
    slope_y, slope_x = (np.gradient(enlarged(depth, c.width, c.height), axis=axis) for axis in (0, 1))
    lens = smoothstep(0.02, 0.2, depth)
    up = np.arange(c.height)[:, None] - slope_y * 2600 - 90 * lens
    aside = np.arange(c.width)[None, :] - slope_x * 2600
    rows = np.clip(up, 0, int(0.9 * c.height)).astype(np.int32)
    columns = np.clip(aside, 0, c.width - 1).astype(np.int32)
    seen = np.take(scene.reshape(-1, 3), rows * c.width + columns, axis=0)
    light = 1.05 + np.clip(-slope_y * 9 - slope_x * 3, -0.5, 0.9)
    c.rgb += (seen * light[..., None] - c.rgb) * lens[..., None]


def _bump(c: Canvas, depth: Field, x: float, y: float, rx: float, ry: float) -> None:
    x0, y0, x1, y1 = c.box(x - rx, y - ry, x + rx, y + ry)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    xs = ((np.arange(x0, x1) + 0.5) / c.height - x) / rx
    ys = ((np.arange(y0, y1) + 0.5) / c.height - y) / ry
    dome = np.sqrt(np.clip(1 - xs[None, :] ** 2 - ys[:, None] ** 2, 0, 1))
    depth[y0:y1, x0:x1] = np.maximum(depth[y0:y1, x0:x1], dome)
