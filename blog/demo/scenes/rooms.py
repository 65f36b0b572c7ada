"""Indoors by day: a classroom, the reading room of the e-library, one reader."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix, rgb, rounded
from blog.demo.painting_figures import HAIR, SKIN, onlooker
from blog.demo.painting_nature import round_tree
from blog.demo.painting_perspective import View
from blog.demo.scenes.stage import curtain


def classroom() -> Image.Image:
    """An empty classroom, desks in pairs, the windows doing all the lighting."""
    c = Canvas(2000, 1500, 401)
    v = View(c, 0.55, 0.42, 0.95, 1.7)
    room(c, v, 3.4, 3.2, 10, "#d8d6cc", "#cfd8cf", "#e2ddcd", ("#7d6148", "#a98a68"))
    for side in (-1, 1):
        c.fill(v.aside(side * 3.39, 0, 1.15, 0.6, 10), "#7fa08f", mix("#7fa08f", "#2b3a34", 0.3))
    c.fill(v.upright(-3.4, 3.4, 0, 1.15, 9.99), "#86a796")
    c.fill(v.upright(-2.0, 2.0, 1.2, 2.5, 9.95), "#6d5a45")
    c.fill(v.upright(-1.92, 1.92, 1.27, 2.43, 9.9), "#2f4a41", "#3f5d50")
    for i, (x, y, w) in enumerate(
        ((-1.6, 2.1, 1.1), (-1.6, 1.8, 1.7), (-1.5, 1.5, 0.8), (0.5, 2.0, 1.0), (0.6, 1.65, 0.7))
    ):
        c.line(
            [v.at(x + 0.06 * k * w, y + 0.02 * np.sin(3.1 * k + i), 9.88) for k in range(17)],
            0.0016,
            "#cfd8cf",
            alpha=0.5,
        )
    _windows(c, v, -3.38, (1.5, 3.5, 5.5, 7.5))
    for row, z in enumerate((8.2, 7.0, 5.9, 4.8, 3.8, 2.9)):
        for x in (1.55, -1.75, -0.1):
            _desk(c, v, x - 0.55, z, row)
    for x in (-2.4, -0.9, 0.6):
        patch = v.face(
            [(x - 0.9, 0.005, 3.0), (x + 0.1, 0.005, 3.0), (x + 1.5, 0.005, 4.6), (x + 0.5, 0.005, 4.6)]
        )
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


def e_library() -> Image.Image:
    """The reading room: rows of screens, and the backs of heads."""
    c = Canvas(2400, 1600, 421)
    v = View(c, 0.78, 0.37, 0.95, 2.3)
    room(c, v, 7.5, 4.0, 24, "#a9b2b6", "#c2c2b8", "#cfcdc2", ("#5f5a58", "#8d8a86"))
    for z in np.arange(2.2, 24, 2.6):
        for x in (-4.5, 0, 4.5):
            c.fill(v.flat(x - 1.1, x + 1.1, 3.98, z, z + 0.5), [1.35, 1.42, 1.45])
            px, py = v.at(x, 3.98, z)
            c.glow(px, py, v.length(1.6, z), "#20262a", 2.0, 0.35)
    for side in (-7.48, 7.48):
        c.fill_all(
            [v.aside(side, 1.1, 3.2, z, z + 1.9) for z in np.arange(2.2, 23, 3.2)], "#dfe9ea", "#b9c9c6"
        )
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
    lines = [
        v.upright(x - 0.24, x - 0.24 + float(rng.uniform(0.15, 0.45)), y, y + 0.018, z - 0.01)
        for y in (0.94, 0.99, 1.04, 1.09)
    ]
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
        curtain(c, a, b, 0.05, 0.8, "#b9a58d")
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
    coat, dark = "#3c4656", "#232936"
    body = [
        (-0.03, 1.1),
        (0.02, 0.87),
        (0.1, 0.785),
        (0.2, 0.755),
        (0.21, 0.7),
        (0.3, 0.7),
        (0.31, 0.755),
        (0.41, 0.785),
        (0.48, 0.87),
        (0.53, 1.1),
    ]
    c.fill(rounded(body, 3), coat, dark)
    c.fill(
        rounded([(0.4, 0.795), (0.455, 0.85), (0.5, 1.0), (0.455, 1.0), (0.43, 0.88)], 2),
        "#8fb2c2",
        alpha=0.3,
        soft=0.006,
    )
    c.fill(
        rounded([(0.04, 0.85), (0.11, 0.795), (0.19, 0.768), (0.19, 0.782), (0.12, 0.815), (0.07, 0.87)], 2),
        "#f3e6c0",
        alpha=0.28,
        soft=0.005,
    )
    c.fill(
        rounded([(0.205, 0.79), (0.215, 0.68), (0.295, 0.68), (0.305, 0.79), (0.255, 0.8)], 2),
        mix(SKIN, "#4a3a34", 0.4),
    )
    c.fill(
        rounded([(0.19, 0.775), (0.255, 0.792), (0.32, 0.775), (0.33, 0.8), (0.255, 0.815), (0.18, 0.8)], 2),
        mix(coat, "#ffffff", 0.12),
    )
    for x in (0.187, 0.325):
        c.ellipse(x, 0.628, 0.013, 0.024, mix(SKIN, "#4a3a34", 0.25))
    crop = [
        (0.186, 0.63),
        (0.18, 0.55),
        (0.215, 0.515),
        (0.255, 0.508),
        (0.3, 0.515),
        (0.332, 0.55),
        (0.326, 0.63),
        (0.31, 0.685),
        (0.285, 0.712),
        (0.226, 0.712),
        (0.2, 0.685),
    ]
    c.fill(rounded(crop, 3), "#2a2629", HAIR)
    c.fill(
        rounded([(0.3, 0.535), (0.322, 0.57), (0.318, 0.63), (0.306, 0.66), (0.308, 0.59)], 2),
        "#b9d7e0",
        alpha=0.28,
        soft=0.005,
    )
    c.fill(
        rounded([(0.21, 0.54), (0.24, 0.52), (0.27, 0.522), (0.235, 0.545), (0.215, 0.57)], 2),
        "#f3e6c0",
        alpha=0.16,
        soft=0.005,
    )
    c.texture(0.035, 45)
    return c.develop(vignette=0.3)


def room(
    c: Canvas,
    v: View,
    half: float,
    tall: float,
    deep: float,
    ceiling: Colour,
    wall: Colour,
    back: Colour,
    floor: tuple[Colour, Colour],
) -> None:
    """An empty room: floor, side walls that darken away from the viewer, ceiling, back wall."""
    v.floor(floor[0], floor[1], 0.05)
    near = 0.6
    c.fill(v.flat(-half, half, tall, near, deep), mix(ceiling, "#000000", 0.12), ceiling)
    for side in (-half, half):
        c.fill(v.aside(side, 0, tall, near, deep), wall, mix(wall, "#2a2622", 0.25))
    c.fill(v.upright(-half, half, 0, tall, deep), back, mix(back, "#2a2622", 0.15))
