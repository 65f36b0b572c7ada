"""The hill above the harbour: graves, pines and the bay."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, Point, mix, ring, rounded
from blog.demo.painting_figures import shadow, walker
from blog.demo.painting_nature import grass, pine
from blog.demo.painting_noise import smoothstep
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain
from blog.demo.scenes.harbour import crane, far_shore, ship
from blog.demo.scenes.landscape import X, Z, hills, wooded


def bay_panorama() -> Image.Image:
    """The bay from the cemetery hill as the sun goes."""
    c = Canvas(4800, 1200, 321)
    c.sky([(0, "#2f407a"), (0.18, "#6f6a99"), (0.33, "#c4868c"), (0.43, "#f2ad78"), (0.54, "#ffdf9e")])
    sun: Point = (1.645, 0.385)
    c.glow(*sun, 1.7, "#6b3a22", 2.0, 0.6)
    c.clouds(0.53, "#ffc79a", "#6d6690", 0.55, 1.6)
    c.glow(*sun, 0.5, "#d9803c", 3.0)
    c.ellipse(*sun, 0.032, 0.032, [3.0, 2.3, 1.3])
    edges = np.abs(X - 0.5)
    height = hills(57, 6, 0.02, 0.1) * smoothstep(0.3, 0.52, Z + 0.9 * (edges - 0.25) * (edges > 0.25))
    ground = wooded(banded(height, [(0, "#8a7064"), (0.08, "#7a6054"), (0.2, "#96745f")]), 7, 0.1, 0.4)
    land, eye = Terrain(height, ground, 0.0007, 3), Eye(0.014, 0.53, 2.2, near=0.22)
    air = Air("#a87f93", 0.62, 1, 0.03, "#f2b07c")
    paint_terrain(c, land, eye, Light(-0.05, 0.035, "#ffac70", "#4f4c78"), air, 500)
    shore = 0.562
    c.rectangle(0, shore - 0.02, c.w, shore + 0.004, "#5a4760", alpha=0.55, soft=0.005)
    _waterfront(c, shore)
    c.reflect(shore, "#5d5878", 0.95, 0.009)
    _glitter(c, sun[0], shore)
    ship(c, 0.72, 0.655, 0.15, "#37314c", "#4d3046", "#6f5d70")
    for x in np.arange(2.4, 3.7, 0.055):
        c.glow(float(x), shore - 0.008, 0.024, [1.1, 0.75, 0.36], 2.2)
        c.glow(float(x), shore + 0.022, 0.012, [0.5, 0.32, 0.16], 1.6, 2.4)
    _near_hill(c)
    return c.develop(bloom=0.6, vignette=0.14, grain=0.014)


def _waterfront(c: Canvas, shore: float) -> None:
    """The town's edge and its port, far across the bay."""
    rng = c.rng
    for x in np.arange(2.3, 3.8, 0.019):
        tall, wide = float(rng.uniform(0.008, 0.03)), float(rng.uniform(0.014, 0.03))
        tone = mix("#463c5a", "#6d5468", float(rng.uniform(0, 1)))
        c.rectangle(float(x), shore - tall, float(x) + wide, shore, tone)
    c.rectangle(2.26, shore - 0.007, 3.86, shore + 0.003, "#3d3450")
    for x, tall in ((2.62, 0.085), (2.8, 0.1), (2.96, 0.09), (3.16, 0.12), (3.42, 0.1)):
        crane(c, x, shore, tall, "#352e4a")
    ship(c, 2.86, shore + 0.004, 0.2, "#302a48", "#5a3044", "#8d7582")


def _glitter(c: Canvas, x: float, shore: float) -> None:
    """The sun's path over the water, in short strokes that lie ever farther apart."""
    rng = c.rng
    c.glow(x, shore + 0.09, 0.5, "#b0622e", 2.2, 0.3)
    strokes = []
    for depth in rng.beta(1.0, 1.6, 420) * 0.3:
        middle = x + float(rng.normal(0, 0.02 + 0.22 * depth))
        long, high = float(rng.uniform(0.004, 0.012) + 0.03 * depth), 0.0007 + 0.003 * float(depth)
        strokes.append(ring(middle, shore + 0.004 + float(depth), long, high))
    c.fill_all(strokes, [1.5, 1.1, 0.62], alpha=0.5)


def _near_hill(c: Canvas) -> None:
    """The dark hill we stand on, its grass, graves and pines."""

    def hill(x: float) -> float:
        left, right = np.exp(-(((x - 0.15) / 0.55) ** 2)), np.exp(-(((x - 3.9) / 0.6) ** 2))
        return float(0.9 - 0.13 * left - 0.2 * right + 0.012 * np.sin(7 * x))

    line = [(float(x), hill(float(x))) for x in np.linspace(0, c.w, 160)]
    c.fill([*line, (c.w, 1), (0, 1)], "#453c38", "#17171c", soft=0.002)
    grass(c, lambda x: hill(x) + 0.006, 0.016, 7000, "#1d1c1e", "#a5794e")
    grass(c, lambda x: hill(x) + 0.035, 0.022, 5000, "#1d1c1e", "#5d4a3a")
    grass(c, lambda x: hill(x) + 0.08, 0.03, 4000, "#1d1c1e", "#3f352f")
    for gx in (0.24, 0.42, 0.62, 3.22, 3.42, 3.64):
        grave(c, gx, hill(gx) + 0.05, 0.06, "#6a5a3c", 0.5)
    for x, tall in ((0.06, 0.62), (0.33, 0.4), (3.93, 0.72), (3.74, 0.5), (3.55, 0.3)):
        pine(c, x, hill(x) + 0.04, tall, "#15191c", "#6a5a3c", -0.6 if x > 2 else 0.6)


def cemetery() -> Image.Image:
    """Mounds and stones among the pines, the bay below."""
    c = Canvas(2400, 1600, 311)
    c.sky([(0, "#5f86b5"), (0.25, "#a9bccb"), (0.4, "#f0dcb4")])
    c.glow(0.38, 0.2, 0.75, "#6a4a1c", 2.0)
    c.glow(0.38, 0.2, 0.12, [1.2, 1.0, 0.6], 2.6)
    c.clouds(0.42, "#ffeed2", "#a5afc0", 0.5, 1.3)
    far_shore(c, 98, 0.42, Light(-0.1, 0.07, "#ffd9a2", "#627696"), Air("#b9bcc2", 0.62, 1, 0.03, "#ecd2a4"))
    c.reflect(0.43, "#7f9aa8", 0.85, 0.004)
    c.glow(0.38, 0.5, 0.3, "#6a5228", 2.0, 0.35)
    for x, foot in ((1.02, 0.535), (1.12, 0.54), (1.24, 0.545)):
        crane(c, x, foot, 0.075, "#54606c")
    c.fill([(0.92, 0.53), (1.0, 0.524), (c.w, 0.535), (c.w, 0.6), (0.92, 0.55)], "#6b6f6c", "#555b52")
    for layer, (drop, tone) in enumerate(((0.0, "#6b7d48"), (0.1, "#73854a"), (0.24, "#66773f"))):
        _terrace(c, layer, partial(_slope, drop), tone)
    path = [
        (0.925, 0.615),
        (0.9, 0.66),
        (0.83, 0.7),
        (0.87, 0.76),
        (0.78, 0.83),
        (0.68, 0.9),
        (0.74, 1.05),
        (1.0, 1.05),
        (0.88, 0.9),
        (0.93, 0.83),
        (0.985, 0.76),
        (0.88, 0.7),
        (0.93, 0.66),
        (0.94, 0.617),
    ]
    c.fill(rounded(path, 3), "#cdb98e", "#a9956c", alpha=0.85, soft=0.004)
    for x, foot, tall in ((0.06, 0.72, 0.5), (1.44, 0.76, 0.62), (1.3, 0.66, 0.36), (0.2, 0.62, 0.26)):
        pine(c, x, foot, tall, "#26362a", "#7f934f", -0.7)
    for x, y, tall, coat in ((0.79, 0.79, 0.085, "#3a4556"), (0.83, 0.792, 0.08, "#7c3f3a")):
        shadow(c, x, y, tall, 1.4, 0.3)
        walker(c, x, y, tall, coat, stride=0.5, skirt=coat == "#7c3f3a")
    return c.develop(warmth=0.02)


def _slope(drop: float, x: float) -> float:
    """The fall of the hillside, `drop` below its upper edge."""
    return float(0.6 + drop + 0.05 * np.sin(2.2 * x + 0.6) - 0.05 * np.exp(-(((x - 0.1) / 0.3) ** 2)))


def _terrace(c: Canvas, layer: int, edge: Callable[[float], float], tone: Colour) -> None:
    """A strip of hillside with its row of graves, larger the nearer it lies (layer 0–2)."""
    xs = [float(x) for x in np.linspace(0, c.w, 60)]
    line = [(x, edge(x) + 0.02 * layer * float(np.sin(5 * x))) for x in xs]
    c.fill(
        [*line, (c.w, 1), (0, 1)],
        mix(tone, "#f0d9a0", 0.22 - 0.08 * layer),
        mix(tone, "#22301f", 0.35),
        soft=0.002,
    )
    blades = (mix(tone, "#1f2a18", 0.5), mix(tone, "#f3e3a6", 0.5))
    grass(c, lambda x: edge(x) + 0.015, 0.02 + 0.014 * layer, 2600, *blades)
    size, apart = ((0.05, 0.125), (0.085, 0.215), (0.14, 0.37))[layer]
    for x in np.arange(0.12 + 0.05 * layer, c.w - 0.02, apart):
        gx = float(x + c.rng.normal(0, 0.012))
        if abs(gx - (0.88 - 0.15 * layer)) > 0.08 + 0.03 * layer:  # not on the path
            grave(c, gx, edge(gx) + size * 0.75, size, mix(tone, "#f0d9a0", 0.2))


def grave(c: Canvas, x: float, foot: float, size: float, turf: Colour, dusk: float = 0.0) -> None:
    """A grassed mound with a small stone before it; `dusk` takes the light away (0–1)."""

    def lit(colour: Colour) -> Colour:
        return mix(colour, "#1d1c22", dusk)

    angles = np.linspace(0, np.pi, 24)
    arc = [(x + size * 0.72 * float(np.cos(a)), foot - size * 0.55 * float(np.sin(a))) for a in angles]
    c.fill(
        [(x - size * 0.7, foot), (x + size * 1.2, foot + size * 0.1), (x + size * 0.7, foot - size * 0.1)],
        "#20281c",
        alpha=0.4,
        soft=size * 0.06,
    )
    c.fill(arc, lit(mix(turf, "#f6e6b0", 0.22)), lit(mix(turf, "#26331d", 0.45)))
    c.fill([*arc[:10], (x + 0.15 * size, foot)], lit("#2a3620"), alpha=0.35, soft=size * 0.04)
    top, left = foot - size * 0.42, x - size * 0.34
    c.fill(
        [
            (left + size * 0.2, top + 0.02 * size),
            (left + size * 0.26, top + 0.05 * size),
            (left + size * 0.26, foot + size * 0.04),
            (left + size * 0.2, foot + size * 0.06),
        ],
        lit("#6e6a64"),
    )
    c.fill(
        [
            (left, top + 0.03 * size),
            (left + size * 0.1, top - 0.02 * size),
            (left + size * 0.2, top + 0.03 * size),
            (left + size * 0.2, foot + size * 0.06),
            (left, foot + size * 0.06),
        ],
        lit("#e4dccb"),
        lit("#a59d90"),
    )
    c.rectangle(
        left - size * 0.05,
        foot + size * 0.04,
        left + size * 0.28,
        foot + size * 0.1,
        lit("#bdb4a4"),
        to=lit("#8d8578"),
    )
