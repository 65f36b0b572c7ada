"""The school on the way."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix
from blog.demo.painting_figures import shadow, walker
from blog.demo.painting_nature import grass, poplar
from blog.demo.painting_perspective import View
from blog.demo.painting_terrain import Air, Light
from blog.demo.scenes.landscape import distant_hills


def school_yard() -> Image.Image:
    """One long low building, a row of windows, a yard, poplars."""
    c = Canvas(2400, 1600, 501)
    c.sky([(0, "#5d93c3"), (0.3, "#a8c9db"), (0.5, "#ecebdd")])
    c.clouds(0.5, "#ffffff", "#b6c3cf", 0.5, 1.2)
    distant_hills(c, 66, 0.46, Light(-0.16, 0.09, "#fff0d2", "#6f86a3"), Air("#bccfd6", 0.5, 2, 0.03), 0.045)
    v = View(c, 0.8, 0.52, 1.2, 1.7)
    v.floor("#c0a27c", "#dcc8a2", 0.09)
    c.fill(v.flat(-80, 80, 0.02, 36, 60), "#9aa564", "#a9ac70")
    for x in np.arange(-24, 26, 2.9):
        px, py = v.at(float(x + c.rng.normal(0, 0.3)), 0, 41)
        poplar(c, px, py, v.length(float(c.rng.uniform(9, 12)), 41), "#4c6238", "#b4c471", -0.6)
    _schoolhouse(c, v)
    for x in (-16.2, 16.4):
        px, py = v.at(x, 0, 25)
        poplar(c, px, py, v.length(10.5, 27), "#3d5230", "#aabd66", -0.6)
    rng = c.rng
    for x, z, tall, coat, stride in (
        (-6.0, 20, 1.2, "#b9473f", 0.9),
        (-4.8, 19, 1.25, "#3d5f8c", -0.9),
        (-3.6, 21, 1.15, "#e0d8c6", 0.6),
        (2.2, 16, 1.25, "#3d5f8c", 0.9),
        (3.4, 17, 1.2, "#b9473f", -0.8),
        (6.5, 22, 1.3, "#e0d8c6", 0.8),
        (7.6, 21.5, 1.2, "#3d5f8c", -0.5),
        (-8.2, 23, 1.65, "#4a4f5a", 0.2),
    ):
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(tall, z), 1.3, 0.4)
        walker(
            c,
            px,
            py,
            v.length(tall, z),
            coat,
            stride=stride,
            skirt=bool(rng.random() < 0.4),
            dim=z / 160,
            air="#e8dfc8",
        )
    bx, by = v.at(0.3, 0.12, 15.5)
    c.ellipse(bx + 0.004, by + 0.006, 0.011, 0.003, "#5b4a36", alpha=0.5)
    c.ellipse(bx, by, 0.0075, 0.0075, "#f4f1e6", to="#b9b2a2")
    _goal(c, v, -11, 24)
    _goal(c, v, 9.6, 26)
    for x, z in ((-5.2, 9), (-2.6, 8.4)):
        c.ellipse(*v.at(x, 0, z), 0.09, 0.007, "#a78a66", alpha=0.5, soft=0.003)
    return c.develop()


def _goal(c: Canvas, v: View, x: float, z: float) -> None:
    c.line([v.at(x, 0, z), v.at(x, 2, z), v.at(x + 3, 2, z), v.at(x + 3, 0, z)], 0.0035, "#f0ede2")


def _schoolhouse(c: Canvas, v: View) -> None:
    """One storey, a row of windows, a porch in the middle, cream and green."""
    z, tall, half = 31.0, 3.9, 17.6
    wall, green = "#efe5cb", "#7fa58c"
    c.fill(v.flat(-half - 0.5, half + 3, 0.02, z - 2.2, z), "#6e5c45", alpha=0.5, soft=0.006)
    c.fill(v.upright(-half, half, 0, tall, z), wall, mix(wall, "#b8a27c", 0.3))
    c.fill(v.upright(-half, half, 0, 0.95, z - 0.02), green, mix(green, "#3a4d42", 0.3))
    panes = [v.upright(x, x + 1.25, 1.3, 3.0, z - 0.03) for x in _windows(half)]
    c.fill_all(panes, "#54707f", "#8aa6b0")
    c.fill_all(
        [v.upright(x + 0.1, x + 0.55, 2.1, 2.95, z - 0.04) for x in _windows(half)[::3]], "#c9dde2", alpha=0.6
    )
    c.fill_all(
        [v.upright(x + d, x + d + 0.07, 1.3, 3.0, z - 0.05) for x in _windows(half) for d in (0, 0.6, 1.2)],
        "#f6f2e4",
    )
    c.fill_all([v.upright(x, x + 1.25, 2.4, 2.47, z - 0.05) for x in _windows(half)], "#f6f2e4")
    c.fill_all([v.upright(x - 0.08, x + 1.33, 1.16, 1.3, z - 0.06) for x in _windows(half)], "#d9cdb0")
    eaves, ridge = half + 0.7, half - 1.2
    c.fill(
        v.face(
            [
                (-eaves, tall, z - 0.6),
                (eaves, tall, z - 0.6),
                (ridge, tall + 2.4, z + 4),
                (-ridge, tall + 2.4, z + 4),
            ]
        ),
        "#8a6a5c",
        "#a5705a",
    )
    for x in np.arange(-half, half, 0.8):
        c.line(
            [v.at(float(x), tall, z - 0.6), v.at(float(x) * 0.93, tall + 2.4, z + 4)],
            0.0012,
            "#7a5a4e",
            alpha=0.5,
        )
    c.fill(v.upright(-eaves, eaves, tall - 0.2, tall + 0.05, z - 0.6), "#e9dfc6")
    v.block(
        (-2.0, 2.0), (0, 3.3), (z - 2.2, z), mix(wall, "#ffffff", 0.25), mix(wall, "#8c7f68", 0.3), "#c9b690"
    )
    c.fill(v.face([(-2.4, 3.3, z - 2.3), (2.4, 3.3, z - 2.3), (0, 4.7, z - 2.3)]), "#a5705a")
    c.fill(v.upright(-1.2, 1.2, 0.2, 2.7, z - 2.22), "#4a5a55", "#5f6f68")
    c.fill_all([v.upright(x, x + 0.09, 0.2, 2.7, z - 2.24) for x in (-1.2, -0.05, 1.1)], "#efe9d8")
    for i in range(3):
        step = v.upright(-1.9 + 0.1 * i, 1.9 - 0.1 * i, 0.14 * i, 0.14 * i + 0.14, z - 2.9 + 0.2 * i)
        c.fill(step, mix("#b9ab92", "#ffffff", 0.12 * i))


def _windows(half: float) -> list[float]:
    """Left edges of the windows, none behind the porch."""
    return [float(x) for x in np.arange(-half + 0.6, half - 1.3, 1.93) if not -3.4 < x < 2.1]


def school_poplars() -> Image.Image:
    """The poplars beside the yard, each with a whitewashed foot."""
    c = Canvas(1600, 2400, 511)
    c.sky([(0, "#6a9bc6"), (0.35, "#b4cfda"), (0.62, "#f1ead2")])
    c.glow(0.1, 0.3, 0.9, "#4a3a1c", 2.0)
    c.clouds(0.6, "#fffdf4", "#bcc7cf", 0.45, 1.6)
    distant_hills(c, 67, 0.63, Light(-0.2, 0.08, "#fff0d2", "#7488a2"), Air("#c6d2d2", 0.45, 2, 0.03), 0.04)
    v = View(c, 0.16, 0.665, 1.5, 1.6)
    v.floor("#a4925f", "#c9bf86", 0.12)
    c.fill(v.flat(-1.1, 1.5, 0.01, 2.2, 60), "#d8c59d", "#c4ac80")
    air: Colour = "#dfe0cf"
    for z in (44, 33, 25.5, 20, 16, 13, 10.4):
        x, y = v.at(2.7, 0, z)
        tall, fade = v.length(11, z), min(z / 85, 0.6)
        c.fill(
            [
                (x - 0.02 * tall, y),
                (x + 0.02 * tall, y),
                (x + 0.5 * tall, y + 0.07 * tall),
                (x + 0.4 * tall, y + 0.08 * tall),
            ],
            "#4a4a2c",
            alpha=0.4,
            soft=0.006,
        )
        poplar(c, x, y, tall, mix("#33472b", air, fade), mix("#b9c667", air, fade), -0.8)
        c.fill(
            [
                (x - 0.0125 * tall, y),
                (x - 0.0115 * tall, y - 0.085 * tall),
                (x + 0.0115 * tall, y - 0.085 * tall),
                (x + 0.0125 * tall, y),
            ],
            "#f3efe2",
            mix("#cfc9ba", air, fade),
        )
    for x, z, tall, coat, stride, skirt in (
        (-0.1, 14, 1.2, "#b9473f", 0.8, True),
        (0.5, 14.3, 1.25, "#3d5f8c", -0.8, False),
        (0.2, 24, 1.6, "#4a4f5a", 0.6, False),
    ):
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(tall, z), 1.5, 0.35)
        walker(c, px, py, v.length(tall, z), coat, stride=stride, skirt=skirt)
    grass(c, lambda x: 0.985 - 0.05 * x, 0.03, 700, "#4f5a30", "#d0cb7e")
    return c.develop()
