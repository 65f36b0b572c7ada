"""Indoors: a classroom, a tunnel, a reading room of screens, a stage, a table, a bath."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, Point, mix, rgb, ring
from blog.demo.painting_figures import HAIR, SKIN, dancer, head, onlooker
from blog.demo.painting_nature import round_tree
from blog.demo.painting_noise import enlarged, fractal, smoothstep
from blog.demo.painting_perspective import View
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain
from blog.demo.scenes.landscape import hills, wooded


def _room(c: Canvas, v: View, half: float, tall: float, deep: float, ceiling: Colour, wall: Colour, back: Colour, floor: tuple[Colour, Colour]) -> None:
    """An empty room: floor, side walls that darken away from the viewer, ceiling, back wall."""
    v.floor(floor[0], floor[1], 0.05)
    near = 0.6
    c.fill(v.flat(-half, half, tall, near, deep), mix(ceiling, "#000000", 0.12), ceiling)
    for side in (-half, half):
        c.fill(v.aside(side, 0, tall, near, deep), wall, mix(wall, "#2a2622", 0.25))
    c.fill(v.upright(-half, half, 0, tall, deep), back, mix(back, "#2a2622", 0.15))


def classroom() -> Image.Image:
    """An empty classroom, desks in pairs, the windows doing all the lighting."""
    c = Canvas(2000, 1500, 401)
    v = View(c, 0.55, 0.42, 0.95, 1.7)
    _room(c, v, 3.4, 3.2, 10, "#d8d6cc", "#cfd8cf", "#e2ddcd", ("#7d6148", "#a98a68"))
    for side in (-1, 1):
        c.fill(v.aside(side * 3.39, 0, 1.15, 0.6, 10), "#7fa08f", mix("#7fa08f", "#2b3a34", 0.3))
    c.fill(v.upright(-3.4, 3.4, 0, 1.15, 9.99), "#86a796")
    c.fill(v.upright(-2.0, 2.0, 1.2, 2.5, 9.95), "#6d5a45")
    c.fill(v.upright(-1.92, 1.92, 1.27, 2.43, 9.9), "#2f4a41", "#3f5d50")
    for i, (x, y, w) in enumerate(((-1.6, 2.1, 1.1), (-1.6, 1.8, 1.7), (-1.5, 1.5, 0.8), (0.5, 2.0, 1.0), (0.6, 1.65, 0.7))):
        c.line([v.at(x + 0.06 * k * w, y + 0.02 * np.sin(3.1 * k + i), 9.88) for k in range(17)], 0.0016, "#cfd8cf", alpha=0.5)
    _windows(c, v, -3.38, (1.5, 3.5, 5.5, 7.5))
    for row, z in enumerate((8.2, 7.0, 5.9, 4.8, 3.8, 2.9)):
        for x in (1.55, -1.75, -0.1):
            _desk(c, v, x - 0.55, z, row)
    for x in (-2.4, -0.9, 0.6):
        patch = v.face([(x - 0.9, 0.005, 3.0), (x + 0.1, 0.005, 3.0), (x + 1.5, 0.005, 4.6), (x + 0.5, 0.005, 4.6)])
        c.fill(patch, "#ffe7b4", alpha=0.22, soft=0.006)
    c.glow(0.1, 0.35, 0.9, "#4a4436", 1.8)
    c.texture(0.03, 50)
    return c.develop(warmth=0.01)


def _windows(c: Canvas, v: View, x: float, starts: tuple[float, ...]) -> None:
    """Tall windows in the left wall, poplars outside, a curtain to each side."""
    for z in starts:
        c.fill(v.aside(x, 0.95, 2.85, z, z + 1.45), "#eef4f2", "#dfe8d8")
        low = v.aside(x, 0.95, 1.7, z, z + 1.45)
        c.fill(low, "#b9cba0", "#94ae7c", alpha=0.85)
        c.fill_all([v.aside(x, y, y + 0.05, z, z + 1.45) for y in (0.93, 1.9, 2.82)], "#f7f5ec")
        c.fill_all([v.aside(x, 0.95, 2.85, zz, zz + 0.05) for zz in (z, z + 0.7, z + 1.42)], "#f7f5ec")
        for a, b in ((z - 0.14, z + 0.16), (z + 1.3, z + 1.6)):
            c.fill(v.aside(x + 0.06, 0.8, 2.95, a, b), "#e9c9b2", "#c79f88", alpha=0.9)
        mid = v.at(x, 1.9, z + 0.7)
        c.glow(*mid, v.length(1.9, z + 0.7), "#4c4a3c", 2.0)


def _desk(c: Canvas, v: View, x: float, z: float, row: int) -> None:
    """A desk for two with its bench, two books on it now and then."""
    c.fill(v.flat(x - 0.05, x + 1.2, 0.01, z - 0.2, z + 0.5), "#2e241c", alpha=0.35, soft=0.004)
    v.block((x + 0.05, x + 1.05), (0.42, 0.46), (z + 0.45, z + 0.75), "#8a5f3c", "#6d4a2f", "#b98a5c")
    for leg in (x + 0.04, x + 1.02):
        c.fill(v.upright(leg, leg + 0.05, 0, 0.7, z), "#4d5a52")
    v.block((x, x + 1.1), (0.66, 0.74), (z, z + 0.42), "#9a6b42", "#7a5334", "#d0a06c")
    if row % 2 == 0:
        c.fill(v.flat(x + 0.15, x + 0.42, 0.745, z + 0.08, z + 0.3), "#efe9da")
        c.fill(v.flat(x + 0.66, x + 0.92, 0.745, z + 0.1, z + 0.32), "#b24a3c" if row else "#46688a")


def tunnel() -> Image.Image:
    """The far end of the tunnel, a bright coin of valley."""
    c = Canvas(1800, 1800, 411)
    c.sky([(0, "#aac3d3"), (0.5, "#e9ebe0")])
    height = hills(83, 6, 0.05, 0.2)
    ground = wooded(banded(height, [(0, "#a6b061"), (0.1, "#7f944f"), (0.2, "#7d8860")]), 4, 0.2, 0.5)
    paint_terrain(c, Terrain(height, ground, 0.0012, 5), Eye(0.1, 0.46, 2.6, near=0.09), Light(-0.12, 0.1, "#fff0cc", "#7a8da4"),
                  Air("#d5dedb", 0.5, 2, 0.03), 500)  # fmt: skip
    c.rgb *= 1.25
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
    (x0, y0, x1, y1), puddle = c.mask([ring(0.52, 0.785, 0.14, 0.018), ring(0.4, 0.86, 0.17, 0.026), ring(0.63, 0.93, 0.12, 0.02)], soft=0.006)
    wet[y0 - first : y1 - first, x0:x1] = puddle * 0.8
    c.reflect(v.at(0, 0, 9.5)[1], "#1b1e22", 0.95, 0.003, wet)
    c.glow(0.5, 0.47, 0.42, "#5a5644", 2.2)
    return c.develop(bloom=0.9, vignette=0.3, grain=0.028)


def _arch(v: View, z: float) -> list[Point]:
    """The outline of the tube at that distance: upright sides and a round top."""
    top = [(2.3 * float(np.cos(a)), 2.4 + 2.1 * float(np.sin(a))) for a in np.linspace(0, np.pi, 40)]
    return v.face([(2.3, 0, z), *[(x, y, z) for x, y in top], (-2.3, 0, z)])


def e_library() -> Image.Image:
    """The reading room: rows of screens, and the backs of heads."""
    c = Canvas(2400, 1600, 421)
    v = View(c, 0.78, 0.37, 0.95, 2.3)
    _room(c, v, 7.5, 4.0, 24, "#a9b2b6", "#c2c2b8", "#cfcdc2", ("#5f5a58", "#8d8a86"))
    for z in np.arange(2.2, 24, 2.6):
        for x in (-4.5, 0, 4.5):
            c.fill(v.flat(x - 1.1, x + 1.1, 3.98, z, z + 0.5), [1.35, 1.42, 1.45])
            px, py = v.at(x, 3.98, z)
            c.glow(px, py, v.length(1.6, z), "#20262a", 2.0, 0.35)
    for side in (-7.48, 7.48):
        c.fill_all([v.aside(side, 1.1, 3.2, z, z + 1.9) for z in np.arange(2.2, 23, 3.2)], "#dfe9ea", "#b9c9c6")
        c.fill_all([v.aside(side, 0, 4, z, z + 0.4) for z in np.arange(1.5, 23, 3.2)], "#aeb0a8")
    c.fill_all([v.upright(x, x + 1.6, 0.2, 2.9, 23.9) for x in np.arange(-6.6, 6, 2.2)], "#b9a88e", "#8d7a62")
    rng = c.rng
    for z in (19.5, 16.4, 13.6, 11, 8.7, 6.6, 4.8, 3.3):
        _screen_row(c, v, z, rng)
    return c.develop(bloom=0.45)


def _screen_row(c: Canvas, v: View, z: float, rng: np.random.Generator) -> None:
    """One row across the room, an aisle in the middle: desk, screens, readers."""
    for left, right in ((-6.4, -0.8), (0.8, 6.4)):
        c.fill(v.flat(left - 0.1, right + 0.1, 0.01, z - 1.0, z + 0.4), "#1d1d20", alpha=0.4, soft=0.004)
        v.block((left, right), (0.05, 0.76), (z, z + 0.7), "#6f5845", "#5c4838", "#a4886c")
        for x in np.arange(left + 0.5, right - 0.2, 1.12):
            _screen(c, v, float(x), z + 0.3, rng)
        for x in np.arange(left + 0.5, right - 0.2, 1.12):
            if rng.random() < 0.62:
                _reader(c, v, float(x + rng.normal(0, 0.05)), z - 0.35, rng)
            else:
                c.fill(v.upright(float(x) - 0.24, float(x) + 0.24, 0.5, 1.0, z - 0.4), "#34414c", "#232c35")


def _screen(c: Canvas, v: View, x: float, z: float, rng: np.random.Generator) -> None:
    c.fill(v.upright(x - 0.32, x + 0.32, 0.84, 1.3, z), "#1b1e22")
    glass = (rgb("#9fd0ea"), rgb("#d8ecf2"), rgb("#86b7dd"), rgb("#bfe0d4"))[int(rng.integers(4))]
    c.fill(v.upright(x - 0.29, x + 0.29, 0.88, 1.27, z - 0.005), glass * 1.12, glass * 0.85)
    lines = [v.upright(x - 0.24, x - 0.24 + float(rng.uniform(0.15, 0.45)), y, y + 0.018, z - 0.01) for y in (0.94, 0.99, 1.04, 1.09)]
    c.fill_all(lines, glass * 0.55, alpha=0.7)
    c.fill(v.upright(x - 0.24, x + 0.24, 1.15, 1.22, z - 0.01), glass * 0.4, alpha=0.6)
    c.fill(v.upright(x - 0.05, x + 0.05, 0.76, 0.84, z), "#1b1e22")
    px, py = v.at(x, 1.08, z)
    c.glow(px, py, v.length(0.75, z), glass * 0.16, 2.0)


def _reader(c: Canvas, v: View, x: float, z: float, rng: np.random.Generator) -> None:
    """Somebody in front of a screen, from behind."""
    coat = ("#3d4a5c", "#5a5550", "#74806f", "#2f3846", "#e2ddd2", "#6b4746")[int(rng.integers(6))]
    px, py = v.at(x, 0.5, z)
    onlooker(c, px, py, v.length(0.82, z), coat)
    c.fill(v.upright(x - 0.22, x + 0.22, 0.35, 0.82, z - 0.1), "#2d3640", "#222a32")


def reader() -> Image.Image:
    """One reader by the window who did not look up."""
    c = Canvas(1600, 2400, 431)
    c.sky([(0, "#59616a"), (0.6, "#6f6a64"), (1, "#4d443e")])
    c.rectangle(0.09, 0.08, 0.6, 0.66, "#e6e2d2")
    c.rectangle(0.105, 0.09, 0.585, 0.65, "#cfe2ea", to="#f3ecd4")
    for x, foot, tall in ((0.17, 0.64, 0.34), (0.36, 0.645, 0.28), (0.52, 0.64, 0.38)):
        round_tree(c, x, foot, tall, "#6f8a55", "#c6d28e", -0.4)
    c.rectangle(0.105, 0.59, 0.585, 0.65, "#b6b48c", to="#a3a07a")
    window = c.rgb[int(0.09 * c.height) : int(0.65 * c.height), int(0.105 * c.height) : int(0.585 * c.height)]
    window += (rgb("#f6f3e4") - window) * 0.35
    for x in (0.338,):
        c.rectangle(x, 0.08, x + 0.014, 0.66, "#e9e4d4")
    c.rectangle(0.09, 0.27, 0.6, 0.283, "#e9e4d4")
    c.rectangle(0.07, 0.655, 0.62, 0.675, "#f2ecdc", to="#b7ae9d")
    for a, b in ((0.02, 0.13), (0.56, 0.668)):
        _curtain(c, a, b, 0.05, 0.8, "#b9a58d")
    c.rectangle(0, 0.79, c.w, 0.83, "#b08a60", to="#8a6845")
    c.rectangle(0, 0.83, c.w, 1, "#6a4e36", to="#3f2d20")
    c.rectangle(0.36, 0.54, 0.655, 0.755, "#22262b")
    c.rectangle(0.372, 0.552, 0.643, 0.735, "#b5dbe9", to="#8fbcd6")
    c.rectangle(0.385, 0.565, 0.63, 0.59, "#5d8cab", alpha=0.8)
    for i, wide in enumerate((0.21, 0.19, 0.22, 0.14, 0.2, 0.09)):
        c.rectangle(0.39, 0.607 + 0.02 * i, 0.39 + wide, 0.613 + 0.02 * i, "#5d7f92", alpha=0.75)
    c.rectangle(0.49, 0.755, 0.53, 0.79, "#22262b")
    c.ellipse(0.51, 0.795, 0.09, 0.012, "#22262b")
    c.glow(0.51, 0.64, 0.4, "#26404e", 2.0)
    coat, dark = "#3c4656", "#262c38"
    c.fill([(0.02, 1.0), (0.05, 0.84), (0.12, 0.765), (0.2, 0.735), (0.3, 0.735), (0.37, 0.765), (0.43, 0.85), (0.46, 1.0)], coat, dark)
    c.fill([(0.37, 0.77), (0.44, 0.86), (0.47, 1.0), (0.43, 1.0), (0.4, 0.87), (0.35, 0.79)], "#8fb2c2", alpha=0.35, soft=0.004)
    c.fill([(0.215, 0.74), (0.225, 0.68), (0.285, 0.68), (0.29, 0.74)], mix(SKIN, "#4a3a34", 0.35))
    c.ellipse(0.255, 0.625, 0.062, 0.078, mix(SKIN, "#4a3a34", 0.25))
    c.fill(ring(0.248, 0.607, 0.069, 0.073, np.pi * 0.75, np.pi * 2.06), HAIR)
    c.fill([(0.186, 0.6), (0.21, 0.68), (0.262, 0.69), (0.28, 0.6)], HAIR)
    c.fill([(0.3, 0.59), (0.318, 0.62), (0.312, 0.655), (0.296, 0.685), (0.304, 0.64)], "#b9d7e0", alpha=0.5, soft=0.003)
    c.fill([(0.06, 0.82), (0.12, 0.77), (0.2, 0.74), (0.21, 0.75), (0.13, 0.79), (0.08, 0.84)], "#f3e6c0", alpha=0.3, soft=0.004)
    c.texture(0.035, 45)
    return c.develop(vignette=0.3)


def _curtain(c: Canvas, left: float, right: float, top: float, bottom: float, cloth: Colour, folds: int = 6, hem: float = 0.0) -> None:
    """Cloth that hangs in folds."""
    x0, y0, x1, y1 = c.box(left, top, right, bottom)
    if x1 <= x0 or y1 <= y0:
        return
    xs = np.linspace(0, 1, x1 - x0, dtype=np.float32)[None, :]
    ys = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None]
    wave = np.sin((xs + 0.03 * np.sin(5 * ys) * ys) * folds * 2 * np.pi + 1.3 * np.sin(xs * 9))
    light = 0.8 + 0.26 * wave + 0.08 * np.cos(2.3 * wave + 2) - 0.22 * ys * (1 - wave) / 2
    c.rgb[y0:y1, x0:x1] = rgb(cloth) * light[..., None]
    if hem:
        c.rgb[int(y1 - hem * c.height) : y1, x0:x1] *= rgb([1.25, 1.05, 0.6])


def _stage(c: Canvas, cloth: Colour, sky: tuple[Colour, Colour], floor: float, bottom: float) -> None:
    """Boards, a painted backdrop and the curtain drawn to both sides."""
    c.sky([(0, sky[0]), (floor, sky[1]), (1, sky[1])])
    c.rectangle(0, floor, c.w, bottom, "#9a6a44", to="#5d3a26")
    for i in range(1, 9):
        y = floor + (bottom - floor) * (i / 9) ** 1.4
        c.rectangle(0, y, c.w, y + 0.0022, "#3f2718", alpha=0.6)
    c.rectangle(0, bottom, c.w, 1, "#2a1c18", to="#120c0b")
    side = 0.13 * c.w
    _curtain(c, 0, side, 0, floor + 0.06, cloth, 5)
    _curtain(c, c.w - side, c.w, 0, floor + 0.06, cloth, 5)
    _curtain(c, 0, c.w, 0, 0.105, mix(cloth, "#000000", 0.1), int(11 * c.w), 0.012)


def _beam(c: Canvas, from_x: float, x: float, foot: float, wide: float, colour: Colour, alpha: float = 0.16) -> None:
    """A spotlight's cone and the pool where it lands."""
    c.fill([(from_x - 0.012, -0.02), (from_x + 0.012, -0.02), (x + wide, foot), (x - wide, foot)], colour, alpha=alpha, soft=0.015)
    c.ellipse(x, foot, wide * 1.15, wide * 0.24, colour, alpha=0.4, soft=0.012)


def kindergarten_stage() -> Image.Image:
    """Nine five-year-olds with fans and one who has lost the count."""
    c = Canvas(2400, 1600, 441)
    _stage(c, "#a3262c", ("#3f6fae", "#cfe0e4"), 0.66, 0.86)
    for cx, cy, r in ((0.5, 0.42, 0.1), (0.62, 0.4, 0.13), (0.75, 0.43, 0.1), (0.95, 0.47, 0.08), (1.06, 0.45, 0.1)):
        c.ellipse(cx, cy, r, r * 0.5, "#f4f4ee", alpha=0.75, soft=0.01)
    peaks = [(0.15, 0.66), (0.34, 0.5), (0.46, 0.58), (0.66, 0.45), (0.83, 0.57), (1.0, 0.5), (1.16, 0.58), (1.36, 0.66)]
    c.fill(peaks, "#6f9a86", "#a8c39a")
    c.rectangle(0.15, 0.635, 1.36, 0.665, "#8fb06a")
    for fx, x in ((0.3, 0.5), (0.75, 0.75), (1.2, 1.0)):
        _beam(c, fx, x, 0.74, 0.21, "#fff0c8")
    tones = ("#e0527a", "#f0b03f", "#4fa3b8", "#c84f9c", "#67a851", "#e8703f", "#6f74c4", "#e0527a", "#46a888")
    for i, (x, foot) in enumerate(zip(np.linspace(0.38, 1.12, 5), (0.705, 0.695, 0.69, 0.695, 0.705), strict=True)):
        _pool(c, float(x), foot, 0.2)
        dancer(c, float(x), foot, 0.2, tones[i], "#f6efe2", 0.85, "#f3a9c0", 0.3)
    for i, (x, foot) in enumerate(zip(np.linspace(0.46, 1.06, 4), (0.8, 0.79, 0.79, 0.8), strict=True)):
        late = i == 2
        _pool(c, float(x), foot, 0.25)
        dancer(c, float(x), foot, 0.25, tones[i + 5], "#f6efe2", 0.25 if late else 0.85, "#f3a9c0", -0.5 if late else 0.3)
    for x in np.linspace(-0.02, 1.52, 12):
        onlooker(c, float(x + c.rng.normal(0, 0.015)), 1.03, 0.17 + float(c.rng.uniform(0, 0.02)), "#15110f", "#0d0a0a")
    return c.develop(bloom=0.6, vignette=0.3)


def _pool(c: Canvas, x: float, foot: float, tall: float) -> None:
    c.ellipse(x + 0.06 * tall, foot + 0.012 * tall, 0.32 * tall, 0.05 * tall, "#2c160e", alpha=0.5, soft=0.02 * tall)


def kindergarten_drum() -> Image.Image:
    """The smallest of them had the largest drum."""
    c = Canvas(1600, 2400, 451)
    _stage(c, "#8f2030", ("#233a6a", "#6f86b4"), 0.7, 0.9)
    for i in range(9):
        x, y = float(c.rng.uniform(0.12, 0.56)), float(c.rng.uniform(0.16, 0.55))
        star = [(x + r * float(np.sin(a)), y - r * float(np.cos(a))) for a, r in zip(np.arange(10) * np.pi / 5, [0.024, 0.0096] * 5, strict=True)]
        c.fill(star, "#f3d98a" if i % 3 else "#f7f1dc", alpha=0.85)
    _beam(c, 0.1, 0.34, 0.83, 0.26, "#ffe9b8", 0.2)
    _beam(c, 0.6, 0.34, 0.83, 0.24, "#ffdcc0", 0.14)
    for x, foot, tone in ((0.15, 0.755, "#4fa3b8"), (0.53, 0.755, "#67a851")):
        _pool(c, x, foot, 0.26)
        dancer(c, x, foot, 0.26, tone, "#f6efe2", 0.5, None, 0.2)
    x, foot, tall = 0.34, 0.86, 0.46
    _pool(c, x, foot, tall)
    dancer(c, x, foot, tall, "#e0527a", "#f7ecd9", 0.12, None, 0.0)
    _drum(c, x, foot - 0.42 * tall, 0.3 * tall)
    for side in (-1, 1):
        hand = (x + side * 0.3 * tall, foot - (0.6 if side < 0 else 0.72) * tall)
        c.line([(x + side * 0.07 * tall, foot - 0.7 * tall), (x + side * 0.2 * tall, foot - 0.6 * tall), hand], 0.06 * tall, "#f7ecd9")
        c.ellipse(*hand, 0.028 * tall, 0.028 * tall, SKIN)
        c.line([hand, (x + side * 0.17 * tall, foot - (0.5 if side < 0 else 0.66) * tall)], 0.014 * tall, "#d9b98a")
    for hx in (0.06, 0.25, 0.44, 0.62):
        onlooker(c, hx, 1.04, 0.19, "#120d0f", "#0b0809")
    return c.develop(bloom=0.6, vignette=0.35)


def _drum(c: Canvas, x: float, y: float, r: float) -> None:
    """An hourglass drum slung across, a head at each end."""
    c.fill([(x - r, y - 0.48 * r), (x, y - 0.2 * r), (x + r, y - 0.48 * r), (x + r, y + 0.48 * r), (x, y + 0.2 * r), (x - r, y + 0.48 * r)], "#c23a34", "#7c1f22")
    for k in range(6):
        a = -0.45 + 0.18 * k
        c.line([(x - r, y + a * r), (x, y - 0.3 * a * r), (x + r, y + a * r)], 0.008 * r * 3, "#f0dfae")
    for side in (-1, 1):
        c.ellipse(x + side * r, y, 0.17 * r, 0.54 * r, "#d9b36a")
        c.ellipse(x + side * r, y, 0.13 * r, 0.48 * r, "#f7f0de", to="#d8cbb0")


def kindergarten_bow() -> Image.Image:
    """The bow, which is also choreography."""
    c = Canvas(2000, 1500, 461)
    _stage(c, "#6b2a52", ("#a9cfe0", "#f3ead2"), 0.6, 0.84)
    for r, tone in ((0.34, "#d9705a"), (0.315, "#eaa552"), (0.29, "#f0d36a"), (0.265, "#8fbf74"), (0.24, "#6fa6c8"), (0.215, "#8d7fb8"), (0.19, "#f0d8ac")):
        c.fill(ring(0.667, 0.6, r * 1.25, r, np.pi, 2 * np.pi), tone, alpha=0.85)
    for x, y in ((0.27, 0.24), (0.36, 0.21), (1.0, 0.22), (1.09, 0.26)):
        c.ellipse(x, y, 0.075, 0.028, "#fdf8ec", alpha=0.9, soft=0.003)
    c.fill([(0.17, 0.6), (0.3, 0.53), (0.5, 0.56), (0.7, 0.51), (0.95, 0.56), (1.17, 0.6)], "#8fae72", "#7a9a62")
    _beam(c, 0.667, 0.667, 0.72, 0.5, "#fff2d4", 0.14)
    tones = ("#e0527a", "#f0b03f", "#4fa3b8", "#67a851", "#e8703f", "#6f74c4", "#c84f9c")
    for i, x in enumerate(np.linspace(0.27, 1.07, 7)):
        foot = 0.735 + 0.012 * abs(i - 3)
        _pool(c, float(x), foot, 0.22)
        _bowing(c, float(x), foot, 0.22, tones[i])
    for x in np.linspace(0.02, 1.3, 9):
        tall = 0.18 + float(c.rng.uniform(0, 0.02))
        onlooker(c, float(x), 1.03, tall, "#1c1220", "#120b14")
    return c.develop(bloom=0.55, vignette=0.3)


def _bowing(c: Canvas, x: float, foot: float, tall: float, skirt: Colour) -> None:
    """A child bent forward so that one sees hair and a ribbon."""
    waist = foot - 0.5 * tall
    c.fill([(x - 0.08 * tall, waist), (x + 0.08 * tall, waist), (x + 0.26 * tall, foot), (x, foot + 0.015 * tall), (x - 0.26 * tall, foot)],
           mix(skirt, "#ffffff", 0.15), mix(skirt, "#20101c", 0.3))  # fmt: skip
    c.fill([(x - 0.11 * tall, waist + 0.04 * tall), (x + 0.11 * tall, waist + 0.04 * tall), (x + 0.1 * tall, waist - 0.14 * tall), (x - 0.1 * tall, waist - 0.14 * tall)], "#f6efe2", "#cbbfae")
    for side in (-1, 1):
        c.line([(x + side * 0.1 * tall, waist - 0.1 * tall), (x + side * 0.13 * tall, waist + 0.06 * tall), (x + side * 0.04 * tall, waist + 0.13 * tall)], 0.055 * tall, "#efe6d6")
    head(c, x, waist - 0.13 * tall, 0.1 * tall)
    c.ellipse(x, waist - 0.17 * tall, 0.096 * tall, 0.085 * tall, HAIR)
    c.ellipse(x, waist - 0.25 * tall, 0.04 * tall, 0.028 * tall, skirt)


def dinner() -> Image.Image:
    """Supper from above, before anybody had the heart to begin."""
    c = Canvas(1600, 1200, 471)
    grain = fractal(c.rng, 800, 600, 4, 70, 4, 0.7)
    c.rgb[:] = rgb("#6d4527") * (1 + 0.3 * enlarged(grain, c.width, c.height))[..., None]
    for x in np.arange(-0.1, 1.4, 0.222):
        c.rectangle(float(x), 0, float(x) + 0.003, 1, "#2c190d", alpha=0.6)
    c.glow(0.66, 0.42, 1.05, "#4a2f12", 1.4)
    _rice(c, 0.3, 0.72, 0.125)
    _soup(c, 0.66, 0.47, 0.2)
    _fish(c, 1.03, 0.62, 0.21)
    _kimchi(c, 0.99, 0.24, 0.115)
    _greens(c, 0.63, 0.14, 0.1, "#4f7a38", "#9bb85a")
    _greens(c, 0.3, 0.3, 0.115, "#e2d9b0", "#f6f0d2")
    _eggs(c, 0.65, 0.84, 0.115)
    _greens(c, 0.05, 0.52, 0.1, "#5a3a26", "#a87a4c")
    _rice(c, 1.3, 0.35, 0.12)
    _plate(c, 1.28, 0.88, 0.1, "#efe9dc")
    c.ellipse(1.28, 0.88, 0.07, 0.07, "#c98a3a", to="#7c4a18")
    _plate(c, 0.09, 0.12, 0.11, "#e9e3d4")
    c.ellipse(0.09, 0.12, 0.085, 0.085, "#d9b05a", to="#b5862f")
    for x0, y0, x1, y1 in ((0.45, 0.98, 0.49, 0.62), (0.475, 0.985, 0.512, 0.625)):
        c.line([(x0 + 0.006, y0 + 0.008), (x1 + 0.006, y1 + 0.008)], 0.011, "#20120a", alpha=0.4)
        c.line([(x0, y0), (x1, y1)], 0.008, "#cfd3d2")
    c.line([(0.535, 0.98), (0.55, 0.72)], 0.009, "#d5d8d6")
    c.ellipse(0.552, 0.695, 0.022, 0.036, "#dfe2e0", to="#9ea4a4")
    c.texture(0.04, 60)
    return c.develop(bloom=0.4, vignette=0.4, warmth=0.02)


def _plate(c: Canvas, x: float, y: float, r: float, glaze: Colour, rim: Colour = "#5f7fa0") -> None:
    """A dish from above: shadow, rim, a thin painted line, the well."""
    c.ellipse(x + 0.05 * r, y + 0.12 * r, 1.05 * r, 1.05 * r, "#160b05", alpha=0.55, soft=0.06 * r)
    c.ellipse(x, y, r, r, mix(glaze, "#ffffff", 0.5), to=mix(glaze, "#7d6a55", 0.35))
    c.ellipse(x, y, 0.93 * r, 0.93 * r, rim, alpha=0.55)
    c.ellipse(x, y, 0.91 * r, 0.91 * r, glaze, to=mix(glaze, "#ffffff", 0.3))
    c.ellipse(x, y + 0.01 * r, 0.78 * r, 0.78 * r, mix(glaze, "#5c4a38", 0.28), to=mix(glaze, "#ffffff", 0.15))


def _scatter(c: Canvas, x: float, y: float, r: float, count: int, size: tuple[float, float], tones: tuple[Colour, ...], slim: float = 0.5) -> None:
    """Morsels heaped in a round, light ones on top."""
    rng = c.rng
    for level, tone in enumerate(tones):
        reach = r * (1 - 0.16 * level)
        pieces = []
        for _ in range(count):
            a, d = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.uniform(0, 1))
            px, py, t = x + d * np.cos(a), y + d * np.sin(a) - 0.03 * r * level, rng.uniform(0, np.pi)
            lx, ly = rng.uniform(*size) * np.array([np.cos(t), np.sin(t)])
            pieces.append([(px - lx, py - ly), (px + slim * ly, py - slim * lx), (px + lx, py + ly), (px - slim * ly, py + slim * lx)])
        c.fill_all(pieces, tone, alpha=0.92)


def _rice(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#e9e6de", "#8a9a7a")
    c.ellipse(x, y - 0.02 * r, 0.74 * r, 0.72 * r, "#fbf8ef", to="#cfc8b8")
    _scatter(c, x, y - 0.02 * r, 0.66 * r, 120, (0.02 * r, 0.05 * r), ("#d9d3c4", "#efeadd", "#ffffff"), 0.45)


def _soup(c: Canvas, x: float, y: float, r: float) -> None:
    """The noodles the town is proud of, in their brass bowl."""
    c.ellipse(x + 0.05 * r, y + 0.1 * r, 1.06 * r, 1.06 * r, "#160b05", alpha=0.6, soft=0.06 * r)
    c.ellipse(x, y, r, r, "#f0cf7a", to="#8a6524")
    c.ellipse(x, y, 0.92 * r, 0.92 * r, "#a8812f", to="#f3d98a")
    c.ellipse(x, y, 0.87 * r, 0.87 * r, "#9c6a3a", to="#b98a54")
    rng = c.rng
    for k in range(64):
        a, d, bend = rng.uniform(0, 2 * np.pi), rng.uniform(0.08, 0.5) * r, rng.uniform(0.5, 1.8)
        cx, cy = x + 0.16 * r * np.cos(a * 3), y + 0.16 * r * np.sin(a * 2)
        strand = [(float(cx + d * np.cos(a + bend * t)), float(cy + d * np.sin(a + bend * t))) for t in np.linspace(0, 1, 9)]
        c.line(strand, 0.02 * r, mix("#8d7352", "#e3cfa4", k / 64))
    for k, tone in enumerate(("#b5402c", "#c9543a", "#a8361f")):
        c.fill(ring(x + (0.05 * k - 0.1) * r, y - 0.1 * r + 0.07 * k * r, 0.2 * r, 0.07 * r), tone)
    c.ellipse(x + 0.24 * r, y + 0.2 * r, 0.17 * r, 0.15 * r, "#fbf6ea", to="#e2dac8")
    c.ellipse(x + 0.24 * r, y + 0.2 * r, 0.085 * r, 0.078 * r, "#f0b93f", to="#dd9a26")
    _scatter(c, x - 0.25 * r, y + 0.2 * r, 0.2 * r, 22, (0.03 * r, 0.08 * r), ("#3f6b34", "#7ba650"), 0.3)


def _fish(c: Canvas, x: float, y: float, r: float) -> None:
    """A grilled fish from the port, scored twice."""
    plate = [(x + 1.25 * r * np.cos(a), y + 0.72 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 48)]
    c.fill([(px + 0.04 * r, py + 0.1 * r) for px, py in plate], "#160b05", alpha=0.55, soft=0.05 * r)
    c.fill(plate, "#f3efe6", "#cbc3b4")
    c.fill([(x + 1.12 * r * np.cos(a), y + 0.6 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 48)], "#e2dccf", "#f4f0e6")
    body = [(x - 0.85 * r, y), (x - 0.6 * r, y - 0.2 * r), (x - 0.1 * r, y - 0.3 * r), (x + 0.4 * r, y - 0.2 * r), (x + 0.72 * r, y - 0.05 * r), (x + 1.0 * r, y - 0.24 * r),
            (x + 0.95 * r, y), (x + 1.0 * r, y + 0.24 * r), (x + 0.72 * r, y + 0.05 * r), (x + 0.4 * r, y + 0.2 * r), (x - 0.1 * r, y + 0.28 * r), (x - 0.6 * r, y + 0.18 * r)]  # fmt: skip
    c.fill([(px + 0.02 * r, py + 0.05 * r) for px, py in body], "#4a3622", alpha=0.5, soft=0.02 * r)
    c.fill(body, "#8f6a3c", "#c9a46a")
    c.fill([(x - 0.6 * r, y - 0.04 * r), (x + 0.6 * r, y - 0.02 * r), (x + 0.3 * r, y + 0.1 * r), (x - 0.3 * r, y + 0.12 * r)], "#e6c98e", alpha=0.6, soft=0.02 * r)
    for k in (-0.35, -0.1, 0.15, 0.4):
        c.line([(x + k * r, y - 0.2 * r), (x + (k - 0.1) * r, y + 0.18 * r)], 0.03 * r, "#4a2d16")
    c.ellipse(x - 0.68 * r, y - 0.04 * r, 0.035 * r, 0.035 * r, "#1c120a")
    c.fill(ring(x + 0.15 * r, y + 0.44 * r, 0.16 * r, 0.06 * r), "#f1d657", to="#cfa526")


def _kimchi(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#efeae0")
    _scatter(c, x, y, 0.56 * r, 30, (0.1 * r, 0.2 * r), ("#8f2f1c", "#c2502c", "#e0a060", "#d2623a", "#f0d6a0"), 0.4)


def _greens(c: Canvas, x: float, y: float, r: float, dark: Colour, light: Colour) -> None:
    _plate(c, x, y, r, "#efeae0")
    _scatter(c, x, y, 0.55 * r, 46, (0.1 * r, 0.22 * r), (dark, mix(dark, light, 0.5), light), 0.16)


def _eggs(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#efeae0")
    for k in range(5):
        a = 2 * np.pi * k / 5 + 0.3
        ex, ey = x + 0.42 * r * float(np.cos(a)), y + 0.42 * r * float(np.sin(a))
        c.ellipse(ex + 0.02 * r, ey + 0.05 * r, 0.24 * r, 0.2 * r, "#6d5c48", alpha=0.4, soft=0.02 * r)
        c.ellipse(ex, ey, 0.24 * r, 0.2 * r, "#fdfaf0", to="#ddd5c2")
        c.ellipse(ex, ey, 0.12 * r, 0.11 * r, "#f2bd45", to="#dc9a2a")


def spa() -> Image.Image:
    """The bath, after everybody else had gone home."""
    c = Canvas(1200, 1600, 481)
    v = View(c, 0.36, 0.4, 0.95, 1.7)
    _room(c, v, 2.8, 3.0, 9, "#6d7f80", "#7fa3a2", "#8fb3ae", ("#6f8f8c", "#8fb0aa"))
    _tiles(c, v)
    c.fill(v.upright(-1.2, 1.2, 1.3, 2.4, 8.95), "#e0b882", "#c4945e")
    c.fill(v.face([(-1.2, 1.3, 8.9), (-0.5, 1.85, 8.9), (-0.15, 1.55, 8.9), (0.4, 2.0, 8.9), (1.2, 1.3, 8.9)]), "#5f8a7c", "#8fae8c")
    c.fill(v.upright(-1.2, 1.2, 1.3, 1.42, 8.88), "#5f93a8")
    edge = v.flat(-2.1, 2.1, 0.32, 2.3, 7.8)
    c.fill(v.flat(-2.35, 2.35, 0.33, 2.05, 8.1), "#cfe0d8", "#a9c4bb")
    c.fill(v.upright(-2.35, 2.35, 0, 0.33, 2.05), "#7fa59e", "#557a76")
    top = v.at(0, 0.32, 7.8)[1]
    first = int(top * c.height)
    wet = np.zeros((c.height - first, c.width), np.float32)
    (x0, y0, x1, y1), water = c.mask([edge])
    wet[y0 - first : y1 - first, x0:x1] = water
    for x, z in ((-1.9, 4.2), (1.9, 4.2), (-1.9, 7.2), (1.9, 7.2)):
        lx, ly = v.at(x * 1.46, 2.2, z)
        c.ellipse(lx, ly, v.length(0.16, z), v.length(0.16, z), [1.9, 1.5, 0.9])
        c.glow(lx, ly, v.length(1.5, z), "#6a4c22", 2.0)
    c.reflect(top, "#2f6a70", 0.8, 0.008, wet)
    c.rgb[first:] += (wet * 0.1)[..., None] * rgb("#5fc0b8")
    c.fill([v.at(-2.1, 0.32, 2.3), v.at(-2.1, 0.32, 7.8), v.at(-2.0, 0.32, 7.8), v.at(-2.0, 0.32, 2.3)], "#1d4a50", alpha=0.4)
    _bucket(c, *v.at(1.35, 0.33, 2.16), 0.13)
    c.fill(v.face([(-2.0, 0.42, 2.06), (-1.25, 0.42, 2.06), (-1.25, 0.34, 2.2), (-2.0, 0.34, 2.2)]), "#f3efe6", "#d2ccbf")
    c.fill(v.upright(-2.0, -1.25, 0.33, 0.42, 2.05), "#e6e0d4", "#b9b2a4")
    for y, spread, alpha in ((0.36, 0.05, 0.35), (0.5, 0.07, 0.42), (0.63, 0.05, 0.25)):
        c.mist(y, spread, "#e9ece4", alpha, 1.5)
    c.glow(0.36, 0.36, 0.5, "#3a3222", 1.6)
    return c.develop(bloom=0.8, vignette=0.35)


def _tiles(c: Canvas, v: View) -> None:
    """Joints of small tiles on the walls and the floor."""
    joint = "#3f6262"
    for y in np.arange(0.3, 3.0, 0.3):
        for side in (-2.8, 2.8):
            c.line([v.at(side, float(y), 0.7), v.at(side, float(y), 9)], 0.0014, joint, alpha=0.5)
        c.line([v.at(-2.8, float(y), 9), v.at(2.8, float(y), 9)], 0.001, joint, alpha=0.4)
    for z in np.geomspace(1, 9, 22):
        for side in (-2.8, 2.8):
            c.line([v.at(side, 0, float(z)), v.at(side, 3, float(z))], 0.0012, joint, alpha=0.4)
    for x in np.arange(-2.8, 2.81, 0.35):
        c.line([v.at(float(x), 0, 0.7), v.at(float(x), 0, 9)], 0.0016, joint, alpha=0.4)
        c.line([v.at(float(x), 0, 9), v.at(float(x), 3, 9)], 0.001, joint, alpha=0.4)


def _bucket(c: Canvas, x: float, foot: float, size: float) -> None:
    c.ellipse(x, foot, size * 0.5, size * 0.1, "#1f4346", alpha=0.5, soft=0.006)
    c.fill([(x - 0.42 * size, foot - 0.6 * size), (x + 0.42 * size, foot - 0.6 * size), (x + 0.34 * size, foot), (x - 0.34 * size, foot)], "#d3a56c", "#8d6236")
    c.ellipse(x, foot - 0.6 * size, 0.42 * size, 0.11 * size, "#f0d3a0")
    c.ellipse(x, foot - 0.59 * size, 0.36 * size, 0.085 * size, "#6d4a2a")
    for y in (0.18, 0.46):
        c.rectangle(x - 0.39 * size, foot - y * size - 0.012, x + 0.39 * size, foot - y * size, "#5c5a52", alpha=0.8)


def rain_window() -> Image.Image:
    """The second shower, from the third row of the bus."""
    c = Canvas(2400, 1600, 491)
    c.sky([(0, "#6f7f8a"), (0.4, "#93a09f"), (0.58, "#7c8a78"), (1, "#3f4b48")])
    rng = c.rng
    for _ in range(26):
        x, y, r = float(rng.uniform(0, c.w)), float(rng.uniform(0.45, 0.85)), float(rng.uniform(0.05, 0.16))
        c.ellipse(x, y, r, r * 0.6, ("#4d6350", "#5f7358", "#3f5048", "#7d8468")[int(rng.integers(4))], alpha=0.6, soft=0.02)
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


def _drops(c: Canvas, scene: np.ndarray) -> None:
    """Drops on the glass, each a small lens that shows the scene upside down, and the trails of those that ran."""
    rng = c.rng
    depth = np.zeros((c.height, c.width), np.float32)
    for count, low, high in ((1500, 0.0015, 0.004), (330, 0.004, 0.009), (70, 0.009, 0.017)):
        for x, y, r in zip(rng.uniform(0, c.w, count), rng.uniform(0, 0.92, count), rng.uniform(low, high, count), strict=True):
            _bump(c, depth, float(x), float(y), float(r), float(r * rng.uniform(1.0, 1.35)))
    for x in rng.uniform(0.05, c.w, 22):
        y, long = float(rng.uniform(0, 0.6)), float(rng.uniform(0.1, 0.4))
        for step in np.linspace(0, 1, 26):
            _bump(c, depth, float(x + 0.006 * np.sin(9 * step + x * 40)), y + long * float(step), 0.0028 + 0.0015 * float(rng.random()), 0.007)
        _bump(c, depth, float(x + 0.006 * np.sin(9 + x * 40)), y + long, 0.008, 0.012)
    slope_y, slope_x = np.gradient(enlarged(depth, c.width, c.height))
    lens = smoothstep(0.02, 0.2, depth)
    rows = np.clip(np.arange(c.height)[:, None] - slope_y * 2600 - 90 * lens, 0, int(0.9 * c.height)).astype(np.int32)
    columns = np.clip(np.arange(c.width)[None, :] - slope_x * 2600, 0, c.width - 1).astype(np.int32)
    seen = np.take(scene.reshape(-1, 3), rows * c.width + columns, axis=0)
    light = 1.05 + np.clip(-slope_y * 9 - slope_x * 3, -0.5, 0.9)
    c.rgb += (seen * light[..., None] - c.rgb) * lens[..., None]


def _bump(c: Canvas, depth: np.ndarray, x: float, y: float, rx: float, ry: float) -> None:
    x0, y0, x1, y1 = c.box(x - rx, y - ry, x + rx, y + ry)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    xs = ((np.arange(x0, x1) + 0.5) / c.height - x) / rx
    ys = ((np.arange(y0, y1) + 0.5) / c.height - y) / ry
    dome = np.sqrt(np.clip(1 - xs[None, :] ** 2 - ys[:, None] ** 2, 0, 1))
    depth[y0:y1, x0:x1] = np.maximum(depth[y0:y1, x0:x1], dome)
