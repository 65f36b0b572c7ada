"""The main square, in the morning and when the lamps come on."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, Point, mix, rgb
from blog.demo.painting_figures import cyclist, shadow, walker
from blog.demo.painting_nature import round_tree
from blog.demo.painting_perspective import View
from blog.demo.painting_terrain import Air, Light
from blog.demo.scenes.landscape import distant_hills

COATS: tuple[Colour, ...] = (
    "#3a4556",
    "#4f5a4a",
    "#6a5b50",
    "#7c3f3a",
    "#2f3b57",
    "#8a8577",
    "#5b4a63",
    "#c9c2b0",
)


def square_morning() -> Image.Image:
    """The main square a little before nine."""
    c = Canvas(2400, 1600, 231)
    c.sky([(0, "#5f93c4"), (0.3, "#a9c8d8"), (0.46, "#eaeada")])
    c.clouds(0.46, "#ffffff", "#b4c0cc", 0.45, 1.2)
    distant_hills(c, 81, 0.44, Light(0.2, 0.08, "#ffeccb", "#7186a4"), Air("#bccdd6", 0.45, 2, 0.03), 0.05)
    v = View(c, 0.83, 0.475, 1.15, 3.4)
    v.floor("#c9bfae", "#e2dccd", 0.07)
    _paving(v, "#a79d8d", 0.35)
    _palace(v, "#e9e2d2", "#c7bba6", "#7d98a6")
    rng = c.rng
    for _ in range(46):
        z = float(rng.uniform(13, 62))
        _pedestrian(v, float(rng.uniform(-0.7, 0.75) * z), z, -1.6, rng)
    for side in (-1, 1):
        for z in (58, 44, 34, 26, 20, 15.5):
            _lamp(v, side * 11.5, z, "#8d958f", None)
    shadow(c, *v.at(-3.0, 0, 9), v.length(1.7, 9), -1.5)
    walker(c, *v.at(-3.0, 0, 9), v.length(1.7, 9), "#35507a", stride=0.9)
    shadow(c, *v.at(-2.1, 0, 9.2), v.length(1.1, 9.2), -1.5)
    walker(c, *v.at(-2.1, 0, 9.2), v.length(1.12, 9.2), "#c9423e", stride=-0.8)
    return c.develop()


def square_evening() -> Image.Image:
    """The same square when the lamps come on, wet from a shower."""
    c = Canvas(2400, 1600, 232)
    c.sky([(0, "#1f2c52"), (0.25, "#4b507f"), (0.4, "#a77a8c"), (0.48, "#eda777")])
    c.clouds(0.47, "#e79a86", "#39406a", 0.55, 1.4)
    distant_hills(c, 81, 0.44, Light(-0.2, 0.02, "#c98a76", "#3d4670"), Air("#8a7390", 0.4, 2, 0.03), 0.05)
    v = View(c, 0.66, 0.475, 1.15, 3.0)
    _palace(v, "#7d7a92", "#5b5c7c", "#ffd58c", lit=0.55)
    for side in (-1, 1):
        for z in (58, 44, 34, 26, 20, 15.5, 12):
            _lamp(v, side * 11.5, z, "#22283c", "#ffd9a0")
    rng = c.rng
    people = [(float(rng.uniform(-0.6, 0.75) * z), float(z)) for z in np.sort(rng.uniform(16, 60, 26))[::-1]]
    for x, z in people:
        _pedestrian(v, x, z, 0, rng, dusk=True)
    c.reflect(0.56, "#2c3152", 0.62, 0.009)
    _paving(v, "#161b33", 0.4)
    for x, z, coat, stride in (
        (-1.9, 10, "#20263d", 0.9),
        (-1.25, 10.2, "#4b2838", -0.8),
        (4.1, 13, "#2a2f45", 0.7),
    ):
        walker(c, *v.at(x, 0, z), v.length(1.7, z), coat, stride=stride, legs="#141828")
    return c.develop(bloom=0.7, vignette=0.3)


def _palace(v: View, wall: Colour, shade: Colour, glass: Colour, lit: float | None = None) -> None:
    """The broad building at the end of the square: a portico between two long wings."""
    c, z = v.canvas, 74.0
    v.block((-42, 42), (0, 11), (z + 4, z + 16), wall, shade, wall)
    v.block((-15, 15), (0, 16), (z, z + 12), mix(wall, "#ffffff", 0.06), shade, wall)
    panes = [
        v.upright(x, x + 1.5, y, y + 2.4, z + 4)
        for y in (1.4, 5.6)
        for x in (*np.arange(-40, -17, 3.1), *np.arange(16.5, 39.5, 3.1))
    ]
    _lit_panes(c, panes, glass, shade, lit)
    c.fill(v.upright(-13, 13, 1, 13, z - 0.1), mix(shade, "#3a4048", 0.45), mix(shade, "#3a4048", 0.2))
    doors = [v.upright(x, x + 1.6, 1, 8.5, z - 0.12) for x in np.arange(-12.27, 11, 3.06)]
    _lit_panes(c, doors, glass, shade, lit if lit is None else 0.95)
    for x in np.arange(-13, 13.1, 3.06):
        c.fill(v.upright(x - 0.55, x + 0.55, 1, 13.2, z - 0.6), mix(wall, "#ffffff", 0.15), wall)
        c.fill(v.upright(x + 0.2, x + 0.55, 1, 13.2, z - 0.61), shade, alpha=0.7)
    c.fill(v.upright(-15.5, 15.5, 13, 14.6, z - 0.8), mix(wall, "#ffffff", 0.12), wall)
    c.fill(v.upright(-42.5, 42.5, 10.6, 11.4, z + 3.8), mix(wall, "#ffffff", 0.1))
    for i in range(5):
        c.fill(
            v.upright(-18 + i * 0.5, 18 - i * 0.5, i * 0.22, 0.22 + i * 0.22, z - 3 + i * 0.5),
            mix(wall, shade, 0.2 + 0.12 * i),
        )
    for x in (*np.arange(-44, -17, 4.2), *np.arange(19, 45, 4.2)):
        px, py = v.at(float(x), 0, z - 2)
        tone = ("#20293a", "#55607a") if lit else ("#3d5238", "#8fa45f")
        round_tree(c, px, py, v.length(4.6, z), *tone, 0.6)


def _lit_panes(c: Canvas, panes: list[list[Point]], glass: Colour, dark: Colour, lit: float | None) -> None:
    if lit is None:
        c.fill_all(panes, glass)
        return
    on = c.rng.random(len(panes)) < lit
    c.fill_all([p for p, o in zip(panes, on, strict=True) if not o], mix(dark, "#1c2138", 0.5))
    c.fill_all([p for p, o in zip(panes, on, strict=True) if o], rgb(glass) * 1.15)
    for p, o in zip(panes, on, strict=True):
        if o:
            c.glow((p[0][0] + p[1][0]) / 2, (p[0][1] + p[2][1]) / 2, 0.03, "#4a3218", 2.0)


def _paving(v: View, colour: Colour, alpha: float) -> None:
    """Joints between the slabs, broad enough to show the perspective."""
    c = v.canvas
    for x in np.arange(-60, 60.1, 4):
        far, near = v.at(float(x), 0, 70), v.at(float(x), 0, 4.5)
        c.fill([far, (far[0] + 0.0006, far[1]), (near[0] + 0.004, near[1]), near], colour, alpha=alpha)
    for z in (*np.arange(5, 20, 2.5), *np.arange(20, 70, 5)):
        y = v.at(0, 0, float(z))[1]
        c.rectangle(0, y, c.w, y + 0.02 / float(z), colour, alpha=alpha)


def _pedestrian(
    v: View, x: float, z: float, reach: float, rng: np.random.Generator, dusk: bool = False
) -> None:
    px, py = v.at(x, 0, z)
    tall = v.length(float(rng.uniform(1.55, 1.75)), z)
    coat = COATS[int(rng.integers(len(COATS)))]
    if reach:
        shadow(v.canvas, px, py, tall, reach, 0.35)
    if rng.random() < 0.2:
        cyclist(
            v.canvas,
            px,
            py,
            tall,
            coat,
            1 if rng.random() < 0.5 else -1,
            0.72 if dusk else z / 160,
            "#2a3050" if dusk else "#e6e3d8",
        )
    else:
        walker(
            v.canvas,
            px,
            py,
            tall,
            coat,
            stride=float(rng.choice([-0.8, 0.8, 0.3])),
            dim=0.72 if dusk else z / 160,
            air="#2a3050" if dusk else "#e6e3d8",
            skirt=bool(rng.random() < 0.35),
        )


def _lamp(v: View, x: float, z: float, post: Colour, light: Colour | None) -> None:
    """A lamp post with three globes."""
    c = v.canvas
    px, foot = v.at(x, 0, z)
    _, top = v.at(x, 6.2, z)
    thick = v.length(0.16, z)
    c.fill([(px - thick, foot), (px + thick, foot), (px + thick * 0.5, top), (px - thick * 0.5, top)], post)
    c.line(
        [
            (px - v.length(0.75, z), top + v.length(0.35, z)),
            (px + v.length(0.75, z), top + v.length(0.35, z)),
        ],
        thick * 0.8,
        post,
    )
    for dx, dy in ((-0.75, 0.05), (0.75, 0.05), (0, -0.3)):
        gx, gy, r = px + v.length(dx, z), top + v.length(dy, z), v.length(0.26, z)
        c.ellipse(gx, gy, r, r, rgb(light) * 1.7 if light else "#f4f1e6")
        if light:
            c.glow(gx, gy, r * 9, mix(light, "#000000", 0.55), 2.4)
