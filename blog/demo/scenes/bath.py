"""The town bath."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, rounded
from blog.demo.painting_perspective import View
from blog.demo.scenes.rooms import room


def spa() -> Image.Image:
    """The bath, after everybody else had gone home."""
    c = Canvas(1200, 1600, 481)
    v = View(c, 0.36, 0.4, 0.95, 1.7)
    room(c, v, 2.8, 3.0, 9, "#2c4550", "#3f7c92", "#4c8ea4", ("#2f5663", "#467b8c"))
    _tiles(c, v)
    c.fill(v.upright(-1.65, 1.65, 1.25, 2.65, 8.95), "#f0c68c", "#dca873")
    c.fill(
        v.face(
            [
                (-1.65, 1.25, 8.9),
                (-1.2, 1.75, 8.9),
                (-0.7, 1.6, 8.9),
                (-0.1, 2.2, 8.9),
                (0.5, 1.75, 8.9),
                (1.0, 1.95, 8.9),
                (1.65, 1.25, 8.9),
            ]
        ),
        "#4f7f86",
        "#88a890",
    )
    c.fill(v.upright(-1.65, 1.65, 1.25, 1.42, 8.88), "#5f9fb8")
    c.fill(v.flat(-2.35, 2.35, 0.33, 2.75, 8.1), "#a9ccd0", "#86b3bc")
    c.fill(v.upright(-2.35, 2.35, 0, 0.33, 2.75), "#5f96a6", "#33606e")
    for x, z in ((-1.15, 7.4), (1.15, 7.4), (-1.15, 4.6), (1.15, 4.6)):
        lx, ly = v.at(x, 2.35, z)
        c.line([v.at(x, 3, z), (lx, ly)], 0.002, "#1d2f36")
        r = v.length(0.17, z)
        c.ellipse(lx, ly, r, r, [1.9, 1.5, 0.9])
        c.glow(lx, ly, r * 8, "#7a5426", 2.2)
    top = v.at(0, 0.32, 7.8)[1]
    first = int(top * c.height)
    wet = np.zeros((c.height - first, c.width), np.float32)
    (x0, y0, x1, y1), water = c.mask([v.flat(-2.1, 2.1, 0.32, 3.05, 7.8)])
    wet[y0 - first : y1 - first, x0:x1] = water
    c.reflect(top, "#1c5866", 0.78, 0.006, wet)
    _bucket(c, *v.at(0.85, 0.33, 2.85), 0.13)
    for y in (0.35, 0.43):
        c.fill(
            rounded(
                v.face([(-0.95, y + 0.09, 2.8), (-0.3, y + 0.09, 2.8), (-0.3, y, 2.8), (-0.95, y, 2.8)]), 2
            ),
            "#f6f1e6",
            "#c9c4b8",
        )
    for y, spread, alpha in ((top - 0.02, 0.04, 0.7), (top + 0.06, 0.07, 0.6), (top + 0.17, 0.07, 0.4)):
        c.mist(y, spread, "#e3ecea", alpha, 1.7)
    return c.develop(bloom=0.8, vignette=0.4)


def _tiles(c: Canvas, v: View) -> None:
    """Joints of small tiles on the walls and the floor."""
    joint = "#27505e"
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
    c.fill(
        [
            (x - 0.42 * size, foot - 0.6 * size),
            (x + 0.42 * size, foot - 0.6 * size),
            (x + 0.34 * size, foot),
            (x - 0.34 * size, foot),
        ],
        "#d3a56c",
        "#8d6236",
    )
    c.ellipse(x, foot - 0.6 * size, 0.42 * size, 0.11 * size, "#f0d3a0")
    c.ellipse(x, foot - 0.59 * size, 0.36 * size, 0.085 * size, "#6d4a2a")
    for y in (0.18, 0.46):
        c.rectangle(
            x - 0.39 * size, foot - y * size - 0.012, x + 0.39 * size, foot - y * size, "#5c5a52", alpha=0.8
        )
