"""The ironworks and the houses before it."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix
from blog.demo.painting_nature import grass, round_tree
from blog.demo.painting_terrain import Air, Light
from blog.demo.scenes.landscape import distant_hills


def works() -> Image.Image:
    """The chimneys come first, then the city they belong to."""
    c = Canvas(2400, 1600, 251)
    c.sky([(0, "#7d8697"), (0.28, "#b3a9a6"), (0.5, "#e9c9a0"), (0.6, "#f2dcb4")])
    c.glow(1.15, 0.5, 0.8, "#5c3a18", 2.2)
    distant_hills(c, 91, 0.5, Light(0.12, 0.05, "#ffd8a4", "#6d7590"), Air("#cdb9a6", 0.38, 3, 0.03), 0.06)
    c.mist(0.54, 0.03, "#e7d2b4", 0.7, 1.0)
    c.rectangle(-0.02, 0.575, c.w + 0.02, 0.72, "#c4b08c", alpha=0.9, soft=0.012)
    for scale, fade, base in ((0.6, 0.62, 0.6), (1.0, 0.3, 0.67)):
        _plant(c, scale, mix("#4b4648", "#dcc3a4", fade), base)
    c.mist(0.47, 0.028, "#d9c6b2", 0.75, 1.6)
    c.mist(0.63, 0.025, "#e6d0b0", 0.55, 1.2)
    rows = c.rng
    c.rectangle(0, 0.675, c.w, 0.95, "#b7a883", to="#7f8052")
    for line, scale in ((0.72, 0.8), (0.79, 1.15), (0.88, 1.6)):
        for x in np.arange(-0.05, c.w + 0.1, 0.085 * scale):
            _roof(c, float(x + rows.normal(0, 0.01)), line + float(rows.normal(0, 0.004)), 0.09 * scale, rows)
        for x in rows.uniform(0, c.w, 9):
            round_tree(c, float(x), line + 0.02 * scale, 0.07 * scale, "#3b4a34", "#95a066", 0.7)
    c.fill([(0, 0.93), (c.w, 0.9), (c.w, 1), (0, 1)], "#6d7348", "#4c5235", soft=0.004)
    grass(c, lambda x: 0.97 - 0.01 * x, 0.06, 420, "#3f4529", "#a8a361")
    return c.develop(warmth=0.015)


def _plant(c: Canvas, scale: float, tone: Colour, base: float) -> None:
    """Halls, gantries and chimneys of an ironworks, and the smoke that lies down over them."""
    rng = c.rng
    x = 0.05 if scale > 0.8 else 0.35
    while x < c.w - 0.1:
        wide, tall = float(rng.uniform(0.08, 0.2)) * scale, float(rng.uniform(0.05, 0.1)) * scale
        teeth = [(x, base), (x, base - tall)]
        for i in range(4):
            teeth += [(x + wide * (i + 0.2) / 4, base - tall * 1.35), (x + wide * (i + 1) / 4, base - tall)]
        c.fill([*teeth, (x + wide, base)], mix(tone, "#ffffff", 0.06), tone)
        if rng.random() < 0.75:
            cx, high = x + wide * float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.36)) * scale
            c.fill(
                [
                    (cx - 0.011 * scale, base),
                    (cx - 0.007 * scale, base - high),
                    (cx + 0.007 * scale, base - high),
                    (cx + 0.011 * scale, base),
                ],
                tone,
                mix(tone, "#ffffff", 0.08),
            )
            c.fill_all(
                [
                    [
                        (cx - 0.0085 * scale, base - high + d),
                        (cx + 0.0085 * scale, base - high + d),
                        (cx + 0.0085 * scale, base - high + d + 0.01 * scale),
                        (cx - 0.0085 * scale, base - high + d + 0.01 * scale),
                    ]
                    for d in (0.012 * scale, 0.04 * scale)
                ],
                mix("#a05a48", tone, 0.35),
            )
            _smoke(c, cx, base - high, scale)
        x += wide + float(rng.uniform(0.0, 0.06)) * scale


def _smoke(c: Canvas, x: float, y: float, scale: float) -> None:
    """A plume that rises a little and then lies down with the wind."""
    rng = c.rng
    for share in np.linspace(0, 1, 26):
        px = x + 0.42 * scale * float(share) ** 1.3
        py = y - 0.05 * scale * float(np.sin(min(share * 2.2, 1.57))) + float(rng.normal(0, 0.006))
        r = (0.008 + 0.036 * float(share)) * scale
        c.ellipse(
            px,
            py,
            r * 1.5,
            r,
            mix("#f3e8d8", "#a79c98", float(rng.uniform(0, 1))),
            alpha=0.42 * (1 - 0.7 * float(share)),
            soft=r * 0.4,
        )


def _roof(c: Canvas, x: float, y: float, wide: float, rng: np.random.Generator) -> None:
    """A low white house below a roof the colour of wet slate."""
    wall = mix("#e9e2d4", "#c9b79c", float(rng.uniform(0, 1)))
    roof = ("#5d666c", "#6a6f70", "#7c5f54", "#59616a")[int(rng.integers(4))]
    c.rectangle(x, y - wide * 0.16, x + wide * 0.86, y + wide * 0.14, wall, to=mix(wall, "#6d6258", 0.4))
    c.fill_all(
        [
            [
                (x + wide * d, y - wide * 0.06),
                (x + wide * (d + 0.1), y - wide * 0.06),
                (x + wide * (d + 0.1), y + wide * 0.06),
                (x + wide * d, y + wide * 0.06),
            ]
            for d in (0.12, 0.36, 0.6)
        ],
        "#4d565c",
    )
    c.fill(
        [
            (x - wide * 0.06, y - wide * 0.13),
            (x + wide * 0.1, y - wide * 0.36),
            (x + wide * 0.76, y - wide * 0.36),
            (x + wide * 0.92, y - wide * 0.13),
        ],
        mix(roof, "#d8c6a8", 0.25),
        roof,
    )
