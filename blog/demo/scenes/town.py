"""Streets and squares: the bridge, the poplar street, the blue booth, the main square, the works."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, Point, mix, rgb
from blog.demo.painting_figures import cyclist, shadow, walker
from blog.demo.painting_nature import grass, pine, poplar, round_tree, stars
from blog.demo.painting_noise import fractal
from blog.demo.painting_perspective import View
from blog.demo.scenes.landscape import hills, wooded
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain

COATS: tuple[Colour, ...] = ("#3a4556", "#4f5a4a", "#6a5b50", "#7c3f3a", "#2f3b57", "#8a8577", "#5b4a63", "#c9c2b0")


def distant_hills(c: Canvas, seed: int, horizon: float, light: Light, air: Air, eye: float = 0.06) -> None:
    """A range of hills behind a town, for the sky already painted."""
    height = hills(seed, 6, 0.03, 0.13)
    ground = wooded(banded(height, [(0, "#8f9a68"), (0.1, "#6b7c52"), (0.2, "#77745f")]), seed, 0.2, 0.5)
    paint_terrain(c, Terrain(height, ground, 0.001, 3), Eye(eye, horizon, 1.5, near=0.25), light, air, 450)


def bridge() -> Image.Image:
    """The old bridge over the Tumen, half of it somebody else's."""
    c = Canvas(2400, 1600, 203)
    c.sky([(0, "#6d9cc6"), (0.35, "#b8d0da"), (0.52, "#e9ebe2")])
    c.clouds(0.52, "#ffffff", "#b2bfcb", 0.5, 1.1)
    distant_hills(c, 64, 0.5, Light(-0.18, 0.11, "#fff0d4", "#6d83a0"), Air("#b6c8d2", 0.5, 2, 0.02))
    c.mist(0.53, 0.02, "#d3dedd", 0.8, 0.8)
    shore = 0.565
    c.rectangle(0, shore - 0.02, c.w, shore + 0.005, "#7f8b5e", to="#8d8468")
    for x in np.arange(0.02, 1.5, 0.07):
        round_tree(c, float(x + c.rng.normal(0, 0.02)), shore, float(c.rng.uniform(0.04, 0.09)), "#46583a", "#a3b26c", -0.6)
    deck = (0.44, 0.475)
    c.fill([(0, deck[0] - 0.045), (c.w, deck[0] + 0.02), (c.w, deck[1] + 0.02), (0, deck[1] - 0.01)], "#cfc6b6", "#9d958a")
    for i in range(7):
        x = 0.06 + i * 0.235
        top = deck[1] - 0.01 + 0.03 * x / c.w
        c.fill([(x - 0.022, top), (x + 0.03, top), (x + 0.034, 0.62), (x - 0.028, 0.62)], "#b5ac9d", "#7f776c")
        c.fill([(x + 0.014, top), (x + 0.03, top), (x + 0.034, 0.62), (x + 0.016, 0.62)], "#6f695f", alpha=0.7)
        c.fill([(x - 0.035, top - 0.004), (x + 0.045, top - 0.004), (x + 0.03, top + 0.022), (x - 0.022, top + 0.022)], "#a79e90")
    rail = [(x, deck[0] - 0.075 + 0.065 * x / c.w) for x in (0.0, c.w)]
    c.line(rail, 0.004, "#8b9499")
    c.fill_all([[(x, deck[0] - 0.075 + 0.065 * x / c.w), (x + 0.003, deck[0] - 0.075 + 0.065 * x / c.w),
                 (x + 0.003, deck[0] - 0.04 + 0.06 * x / c.w), (x, deck[0] - 0.04 + 0.06 * x / c.w)]
                for x in np.arange(0, 1.5, 0.028)], "#7d868b")  # fmt: skip
    walker(c, 0.79, deck[0] - 0.012, 0.06, "#3a4556", stride=0.8)
    c.reflect(0.6, "#64889a", 0.8, 0.008)
    bank = [(0.0, 0.9), (0.3, 0.93), (0.7, 0.985), (1.0, 1.0), (0.0, 1.0)]
    c.fill(bank, "#6f7148", "#4f5334", soft=0.004)
    grass(c, lambda x: 0.93 + 0.09 * x, 0.07, 420, "#3d4a2a", "#b3b468")
    return c.develop()


def poplar_street() -> Image.Image:
    """A street in Hoeryong, half an hour before supper."""
    c = Canvas(1600, 2134, 211)
    c.sky([(0, "#7fa6c4"), (0.3, "#c3d3d2"), (0.5, "#f4e3bf")])
    c.glow(0.3, 0.47, 0.7, "#6b4a22", 2.2)
    c.clouds(0.5, "#fff4df", "#b8bfc8", 0.45, 1.5)
    v = View(c, 0.36, 0.53, 1.25, 1.6)
    v.floor("#a89a86", "#d9c6a2", 0.14)
    air: Colour = "#e9d3a8"
    for z in (60, 44, 33, 25, 19, 15):
        _house(v, -17, -8.5, z, z * 1.28, 3.4, mix("#efe8d8", air, min(z / 90, 0.8)), mix("#6f7a80", air, min(z / 90, 0.8)))
        _house(v, 8.5, 16, z, z * 1.28, 3.2, mix("#e2d4bd", air, min(z / 90, 0.8)), mix("#80655a", air, min(z / 90, 0.8)))
    c.fill(v.flat(-6.3, -5.2, 0.01, 2.4, 90), "#8f9a5a", "#7a8a4c", alpha=0.8)
    c.fill(v.flat(5.2, 6.3, 0.01, 2.4, 90), "#8f9a5a", "#7a8a4c", alpha=0.8)
    people = [(48, -1.5, 0), (36, 2.2, 1), (27, -3.0, 2), (20, 1.0, 3)]
    for z in (58, 46, 37, 30, 24, 19, 15, 11.5, 8.5):
        for side in (-1, 1):
            x, y = v.at(side * 5.8, 0, z)
            reach = 4.2 * v.length(1, z)
            c.fill([(x - 0.01, y), (x + 0.01, y), (x + reach + 0.04, y + reach * 0.12), (x + reach, y + reach * 0.12)],
                   "#5b5148", alpha=0.35, soft=0.004)  # fmt: skip
            fade = min(z / 80, 0.75)
            poplar(c, x, y, v.length(8.5, z), mix("#37472a", air, fade), mix("#c3c56a", air, fade), -0.7)
    for z, x, i in people:
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(1.7, z), 1.6)
        if i % 2:
            cyclist(c, px, py, v.length(1.7, z), COATS[i], 1 if i == 1 else -1, min(z / 110, 0.4), air)
        else:
            walker(c, px, py, v.length(1.7, z), COATS[i], stride=0.7, dim=min(z / 110, 0.4), air=air)
    px, py = v.at(1.7, 0, 9.5)
    shadow(c, px, py, v.length(1.7, 9.5), 1.6)
    cyclist(c, px, py, v.length(1.7, 9.5), "#46566e", 1)
    return c.develop(warmth=0.02)


def _house(v: View, x0: float, x1: float, z0: float, z1: float, tall: float, wall: Colour, roof: Colour) -> None:
    """A low house along the street: wall, windows, tiled roof."""
    inner = x1 if x1 < 0 else x0
    outer = x0 if x1 < 0 else x1
    v.canvas.fill(v.aside(inner, 0, tall, z0, z1), wall)
    v.canvas.fill(v.upright(min(inner, outer), max(inner, outer), 0, tall, z0), mix(wall, "#55606e", 0.25))
    panes = []
    for share in np.arange(0.14, 0.95, 0.24):
        a, b = z0 + (z1 - z0) * share, z0 + (z1 - z0) * (share + 0.1)
        panes.append(v.aside(inner, 1.1, 2.3, a, b))
    v.canvas.fill_all(panes, mix("#53636e", wall, 0.2))
    v.canvas.fill(v.face([(inner * 0.95, tall, z0), (inner * 0.95, tall, z1), ((inner + outer) / 2, tall + 1.7, z1),
                          ((inner + outer) / 2, tall + 1.7, z0)]), roof)  # fmt: skip
    v.canvas.fill(v.face([(inner * 0.95, tall, z0), ((inner + outer) / 2, tall + 1.7, z0), (outer, tall, z0)]), mix(roof, "#2d3238", 0.3))


def blue_booth() -> Image.Image:
    """The little blue booth on the corner, with its lamp already on."""
    c = Canvas(2000, 1500, 223)
    c.sky([(0, "#8794a6"), (0.35, "#c2bfc0"), (0.55, "#ecd7bb")])
    c.clouds(0.55, "#f7e7d4", "#9aa2b0", 0.6, 1.4)
    v = View(c, 0.42, 0.5, 1.15, 1.6)
    v.floor("#8b857d", "#b8ad9e", 0.12)
    for x0, x1, z, storeys, wall in ((-34, -12, 42, 5, "#cdbfae"), (-10, 9, 60, 6, "#d6cbbb"), (12, 40, 34, 5, "#c9b6a0")):
        _flats(c, v, x0, x1, z, storeys, wall)
    c.fill(v.flat(-60, 60, 0.12, 9.5, 10.6), "#b9b1a5", "#a29a8f")
    for x, tall in ((-0.06, 0.62), (1.24, 0.7)):
        round_tree(c, x, 0.66, tall, "#33442e", "#97a862", -0.5)
    _booth(c, v)
    for x, z, coat, stride in ((-3.4, 9.2, "#3a4556", 0.8), (-4.3, 9.6, "#7c3f3a", -0.7), (4.4, 12, "#6a5b50", 0.6), (5.0, 12.4, "#2f3b57", -0.6)):
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(1.7, z), 0.7, 0.3)
        walker(c, px, py, v.length(1.68, z), coat, stride=stride, skirt=coat == "#7c3f3a")
    px, py = v.at(3.2, 0, 7.2)
    shadow(c, px, py, v.length(1.7, 7.2), 0.7, 0.3)
    cyclist(c, px, py, v.length(1.7, 7.2), "#4f5a4a", -1)
    c.texture(0.035, 40)
    return c.develop()


def _flats(c: Canvas, v: View, x0: float, x1: float, z: float, storeys: int, wall: Colour) -> None:
    """A plain block of flats that faces us."""
    tall = storeys * 2.9
    c.fill(v.upright(x0, x1, 0, tall, z), wall, mix(wall, "#807a78", 0.35))
    panes, sills = [], []
    for storey in range(storeys):
        for x in np.arange(x0 + 1.1, x1 - 1.4, 2.7):
            panes.append(v.upright(x, x + 1.25, storey * 2.9 + 0.9, storey * 2.9 + 2.3, z))
            sills.append(v.upright(x - 0.1, x + 1.35, storey * 2.9 + 0.78, storey * 2.9 + 0.9, z))
    c.fill_all(panes, "#5f6a74")
    c.fill_all(sills, mix(wall, "#ffffff", 0.3))
    c.fill(v.upright(x0 - 0.3, x1 + 0.3, tall, tall + 0.5, z), mix(wall, "#5e5a5a", 0.4))


def _booth(c: Canvas, v: View) -> None:
    """Two metres square, a striped awning, jars and bottles behind the glass."""
    blue, deep = rgb("#4f8fb8"), rgb("#2f6288")
    x0, x1, z0, z1 = -1.25, 0.95, 6.2, 8.0
    foot = v.at(0, 0, z0)[1]
    c.fill([(v.at(x0 - 0.3, 0, z0)[0], foot), (v.at(x1 + 1.9, 0, z0)[0], foot + 0.02), (v.at(x1 + 1.2, 0, z1)[0], v.at(0, 0, z1)[1]),
            (v.at(x0, 0, z1)[0], v.at(0, 0, z1)[1])], "#3b3a40", alpha=0.5, soft=0.01)  # fmt: skip
    v.block((x0, x1), (0, 2.35), (z0, z1), blue, deep, blue)
    c.fill(v.upright(x0 + 0.16, x1 - 0.16, 1.05, 1.95, z0 - 0.01), "#f3d79a", "#c89a5c")
    jars = np.random.default_rng(5)
    for row in (1.07, 1.36, 1.62):
        c.line([v.at(x0 + 0.16, row, z0), v.at(x1 - 0.16, row, z0)], 0.004, "#7a6a4c")
        for x in np.arange(x0 + 0.24, x1 - 0.28, 0.12):
            colour = ("#8f4b3a", "#5f7a4a", "#e6ddc8", "#3e6a86", "#c98f3e", "#713f4c")[int(jars.integers(6))]
            c.fill(v.upright(x, x + 0.075, row + 0.02, row + jars.uniform(0.13, 0.22), z0), colour, mix(colour, "#000000", 0.4))
    c.fill(v.upright(-0.45, 0.1, 1.05, 1.62, z0 - 0.02), "#3a3430")
    hx, hy = v.at(-0.17, 1.5, z0)
    c.fill(v.upright(-0.36, 0.02, 1.05, 1.36, z0), "#b9807a")
    c.ellipse(hx, hy, 0.017, 0.021, "#c99b78")
    c.ellipse(hx, hy - 0.01, 0.019, 0.017, "#1f1c1e")
    for i, x in enumerate(np.arange(x0 - 0.12, x1 + 0.1, 0.2)):
        stripe = "#e9e3d3" if i % 2 else "#5c9cc2"
        c.fill(v.face([(x, 2.42, z0), (x + 0.2, 2.42, z0), (x + 0.2, 2.02, z0 - 0.6), (x, 2.02, z0 - 0.6)]), stripe, mix(stripe, "#2a4158", 0.3))
    c.fill(v.upright(x0 - 0.12, x1 + 0.12, 2.38, 2.6, z0), deep)
    c.fill(v.upright(x0 - 0.05, x1 + 0.05, 0.92, 1.04, z0 - 0.15), "#cfd6d6")
    c.fill(v.upright(x0, x1, 0, 0.3, z0 - 0.01), deep, alpha=0.6)
    gx, gy = v.at(-0.15, 1.85, z0)
    c.glow(gx, gy, 0.24, "#7a5426", 2.0)
    c.glow(gx, gy + 0.3, 0.3, "#3a2810", 2.0, 0.3)


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
        _pedestrian(v, float(rng.uniform(-0.7, 0.75) * z), z, -2.4, rng)
    for side in (-1, 1):
        for z in (58, 44, 34, 26, 20, 15.5):
            _lamp(v, side * 11.5, z, "#8d958f", None)
    shadow(c, *v.at(-2.1, 0, 9), v.length(1.7, 9), -2.2)
    walker(c, *v.at(-2.1, 0, 9), v.length(1.7, 9), "#35507a", stride=0.9)
    shadow(c, *v.at(-1.2, 0, 9.2), v.length(1.1, 9.2), -2.2)
    walker(c, *v.at(-1.2, 0, 9.2), v.length(1.12, 9.2), "#c9423e", stride=-0.8)
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
    top, bottom = 0.475, 0.6
    first, last = int(top * c.height), int(bottom * c.height)
    share = np.linspace(0, 1, last - first, dtype=np.float32)
    del share
    _paving(v, "#161b33", 0.4)
    for x, z, coat, stride in ((-1.9, 10, "#20263d", 0.9), (-1.25, 10.2, "#4b2838", -0.8), (4.1, 13, "#2a2f45", 0.7)):
        walker(c, *v.at(x, 0, z), v.length(1.7, z), coat, stride=stride, legs="#141828")
    return c.develop(bloom=0.7, vignette=0.3)


def _palace(v: View, wall: Colour, shade: Colour, glass: Colour, lit: float | None = None) -> None:
    """The broad building at the end of the square: a portico between two long wings."""
    c, z = v.canvas, 74.0
    v.block((-42, 42), (0, 11), (z + 4, z + 16), wall, shade, wall)
    v.block((-15, 15), (0, 16), (z, z + 12), mix(wall, "#ffffff", 0.06), shade, wall)
    panes = [v.upright(x, x + 1.5, y, y + 2.4, z + 4) for y in (1.4, 5.6) for x in (*np.arange(-40, -17, 3.1), *np.arange(16.5, 39.5, 3.1))]
    _lit_panes(c, panes, glass, shade, lit)
    c.fill(v.upright(-13, 13, 1, 13, z - 0.1), mix(shade, "#3a4048", 0.45), mix(shade, "#3a4048", 0.2))
    doors = [v.upright(x, x + 1.6, 1, 8.5, z - 0.12) for x in np.arange(-11.6, 11, 3.05)]
    _lit_panes(c, doors, glass, shade, lit if lit is None else 0.95)
    for x in np.arange(-13, 13.1, 3.06):
        c.fill(v.upright(x - 0.55, x + 0.55, 1, 13.2, z - 0.6), mix(wall, "#ffffff", 0.15), wall)
        c.fill(v.upright(x + 0.2, x + 0.55, 1, 13.2, z - 0.61), shade, alpha=0.7)
    c.fill(v.upright(-15.5, 15.5, 13, 14.6, z - 0.8), mix(wall, "#ffffff", 0.12), wall)
    c.fill(v.upright(-42.5, 42.5, 10.6, 11.4, z + 3.8), mix(wall, "#ffffff", 0.1))
    for i in range(5):
        c.fill(v.upright(-18 + i * 0.5, 18 - i * 0.5, i * 0.22, 0.22 + i * 0.22, z - 3 + i * 0.5), mix(wall, shade, 0.2 + 0.12 * i))
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


def _pedestrian(v: View, x: float, z: float, reach: float, rng: np.random.Generator, dusk: bool = False) -> None:
    px, py = v.at(x, 0, z)
    tall = v.length(float(rng.uniform(1.55, 1.75)), z)
    coat = COATS[int(rng.integers(len(COATS)))]
    if reach:
        shadow(v.canvas, px, py, tall, reach, 0.35)
    if rng.random() < 0.2:
        cyclist(v.canvas, px, py, tall, coat, 1 if rng.random() < 0.5 else -1, 0.72 if dusk else z / 160, "#2a3050" if dusk else "#e6e3d8")
    else:
        walker(v.canvas, px, py, tall, coat, stride=float(rng.choice([-0.8, 0.8, 0.3])), dim=0.72 if dusk else z / 160,
               air="#2a3050" if dusk else "#e6e3d8", skirt=bool(rng.random() < 0.35))  # fmt: skip


def _lamp(v: View, x: float, z: float, post: Colour, light: Colour | None) -> None:
    """A lamp post with three globes."""
    c = v.canvas
    px, foot = v.at(x, 0, z)
    _, top = v.at(x, 6.2, z)
    thick = v.length(0.16, z)
    c.fill([(px - thick, foot), (px + thick, foot), (px + thick * 0.5, top), (px - thick * 0.5, top)], post)
    c.line([(px - v.length(0.75, z), top + v.length(0.35, z)), (px + v.length(0.75, z), top + v.length(0.35, z))], thick * 0.8, post)
    for dx, dy in ((-0.75, 0.05), (0.75, 0.05), (0, -0.3)):
        gx, gy, r = px + v.length(dx, z), top + v.length(dy, z), v.length(0.26, z)
        c.ellipse(gx, gy, r, r, rgb(light) * 1.7 if light else "#f4f1e6")
        if light:
            c.glow(gx, gy, r * 9, mix(light, "#000000", 0.55), 2.4)


def tram() -> Image.Image:
    """A tram on the long avenue, older than its passengers."""
    c = Canvas(2000, 1500, 241)
    c.sky([(0, "#9fb4c4"), (0.3, "#d3d7d2"), (0.5, "#f0e6d0")])
    c.clouds(0.5, "#fffaf0", "#b6bcc4", 0.6, 1.3)
    v = View(c, 0.95, 0.46, 1.15, 1.7)
    v.floor("#918a82", "#c7bfb2", 0.1)
    for z in (75, 52, 36, 25):
        fade = min(z / 110, 0.7)
        _facade(c, v, -13, z, z * 1.35, 5, mix("#c9a892", "#ece2cf", fade))
        _facade(c, v, 15, z, z * 1.35, 6, mix("#a9b7b0", "#ece2cf", fade))
    for z in (60, 45, 34, 26, 20, 15, 11):
        for x in (-9.5, 11):
            px, py = v.at(x, 0, z)
            fade = min(z / 100, 0.6)
            round_tree(c, px, py, v.length(5.2, z), mix("#3c4f33", "#ece2cf", fade), mix("#a6b56c", "#ece2cf", fade), 0.6)
    for x in (-4.6, -3.2, -1.6, -0.2):
        far, near = v.at(x, 0, 80), v.at(x, 0, 3)
        c.fill([far, (far[0] + 0.0008, far[1]), (near[0] + 0.012, near[1]), near], "#6d675f")
    _tram_car(c, v)
    for x in (-3.9, -0.9):
        c.fill([v.at(x, 5.6, 4), v.at(x, 5.6, 80), (v.at(x, 5.6, 4)[0], v.at(x, 5.6, 4)[1] + 0.003)], "#4f5357", alpha=0.8)
    for x, z, coat, stride in ((6.5, 14, "#7c3f3a", 0.7), (7.2, 14.2, "#3a4556", -0.7), (6.2, 22, "#5b4a63", 0.5), (7.6, 27, "#4f5a4a", 0.6)):
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(1.7, z), -1.0, 0.3)
        walker(c, px, py, v.length(1.68, z), coat, stride=stride, skirt=coat == "#7c3f3a")
    shadow(c, *v.at(2.6, 0, 10), v.length(1.7, 10), -1.0, 0.3)
    cyclist(c, *v.at(2.6, 0, 10), v.length(1.7, 10), "#6a5b50", 1)
    c.texture(0.03, 40)
    return c.develop(warmth=0.01)


def _facade(c: Canvas, v: View, x: float, z0: float, z1: float, storeys: int, wall: Colour) -> None:
    """A block of flats along the avenue."""
    tall = storeys * 3.0
    c.fill(v.aside(x, 0, tall, z0, z1), wall)
    panes = [v.aside(x, s * 3 + 0.9, s * 3 + 2.4, z, z + 1.2) for s in range(storeys) for z in np.arange(z0 + 0.8, z1 - 1.4, 2.9)]
    c.fill_all(panes, mix("#6b7880", wall, 0.25))
    if x > 0:
        c.fill(v.upright(x, x + 14, 0, tall, z0), mix(wall, "#5d6470", 0.3))
    else:
        c.fill(v.upright(x - 14, x, 0, tall, z0), mix(wall, "#ffffff", 0.2))


def _tram_car(c: Canvas, v: View) -> None:
    """A two-coloured car that comes toward us."""
    x0, x1, z0, z1 = -5.2, -2.6, 11.0, 24.0
    c.fill(v.flat(x0 - 0.2, x1 + 0.5, 0.02, z0 - 0.4, z1), "#39373a", alpha=0.55, soft=0.008)
    v.block((x0, x1), (0.35, 3.2), (z0, z1), "#b9433a", "#8e322e", "#7a2c28")
    c.fill(v.aside(x1, 1.35, 3.2, z0, z1), "#e3d6b8")
    c.fill(v.upright(x0, x1, 1.35, 3.2, z0), "#efe3c6")
    c.fill_all([v.aside(x1, 1.6, 2.6, z, z + 1.25) for z in np.arange(z0 + 0.5, z1 - 1.4, 1.6)], "#54646e")
    c.fill(v.upright(x0 + 0.18, x1 - 0.18, 1.6, 2.65, z0 - 0.01), "#60737e", "#3f4d57")
    c.fill(v.upright(x0 + 0.2, x0 + 1.1, 1.65, 2.6, z0 - 0.02), "#8fa4ac", alpha=0.5)
    for x in (x0 + 0.45, x1 - 0.45):
        lx, ly = v.at(x, 0.85, z0)
        c.ellipse(lx, ly, 0.013, 0.013, [1.5, 1.4, 1.1])
        c.glow(lx, ly, 0.09, "#5a4a2a", 2.2)
    c.fill(v.upright(x0, x1, 0.3, 0.5, z0 - 0.02), "#3c3a3c")
    c.line([v.at(-3.9, 3.2, 15), v.at(-3.6, 4.6, 16.2), v.at(-3.9, 5.6, 15)], 0.004, "#3b3d40")


def works() -> Image.Image:
    """The chimneys come first, then the city they belong to."""
    c = Canvas(2400, 1600, 251)
    c.sky([(0, "#7d8697"), (0.28, "#b3a9a6"), (0.5, "#e9c9a0"), (0.6, "#f2dcb4")])
    c.glow(1.15, 0.5, 0.8, "#5c3a18", 2.2)
    distant_hills(c, 91, 0.5, Light(0.12, 0.05, "#ffd8a4", "#6d7590"), Air("#cdb9a6", 0.38, 3, 0.03), 0.06)
    c.mist(0.54, 0.03, "#e7d2b4", 0.7, 1.0)
    for scale, fade, base in ((0.6, 0.62, 0.6), (1.0, 0.3, 0.67)):
        _plant(c, scale, mix("#4b4648", "#dcc3a4", fade), base)
    c.mist(0.47, 0.028, "#d9c6b2", 0.75, 1.6)
    c.mist(0.63, 0.025, "#e6d0b0", 0.55, 1.2)
    rows = c.rng
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
            c.fill([(cx - 0.011 * scale, base), (cx - 0.007 * scale, base - high), (cx + 0.007 * scale, base - high), (cx + 0.011 * scale, base)],
                   tone, mix(tone, "#ffffff", 0.08))  # fmt: skip
            c.fill_all([[(cx - 0.0085 * scale, base - high + d), (cx + 0.0085 * scale, base - high + d), (cx + 0.0085 * scale, base - high + d + 0.01 * scale),
                         (cx - 0.0085 * scale, base - high + d + 0.01 * scale)] for d in (0.012 * scale, 0.04 * scale)], mix("#a05a48", tone, 0.35))  # fmt: skip
            _smoke(c, cx, base - high, scale)
        x += wide + float(rng.uniform(0.0, 0.06)) * scale


def _smoke(c: Canvas, x: float, y: float, scale: float) -> None:
    """A plume that rises a little and then lies down with the wind."""
    rng = c.rng
    for share in np.linspace(0, 1, 26):
        px = x + 0.42 * scale * float(share) ** 1.3
        py = y - 0.05 * scale * float(np.sin(min(share * 2.2, 1.57))) + float(rng.normal(0, 0.006))
        r = (0.008 + 0.036 * float(share)) * scale
        c.ellipse(px, py, r * 1.5, r, mix("#efe2d0", "#b6a9a2", float(rng.uniform(0, 1))), alpha=0.3 * (1 - 0.75 * float(share)), soft=r * 0.5)


def _roof(c: Canvas, x: float, y: float, wide: float, rng: np.random.Generator) -> None:
    """A low white house below a roof the colour of wet slate."""
    wall = mix("#e9e2d4", "#c9b79c", float(rng.uniform(0, 1)))
    roof = ("#5d666c", "#6a6f70", "#7c5f54", "#59616a")[int(rng.integers(4))]
    c.rectangle(x, y - wide * 0.16, x + wide * 0.86, y + wide * 0.14, wall, to=mix(wall, "#6d6258", 0.4))
    c.fill_all([[(x + wide * d, y - wide * 0.06), (x + wide * (d + 0.1), y - wide * 0.06), (x + wide * (d + 0.1), y + wide * 0.06), (x + wide * d, y + wide * 0.06)]
                for d in (0.12, 0.36, 0.6)], "#4d565c")  # fmt: skip
    c.fill([(x - wide * 0.06, y - wide * 0.13), (x + wide * 0.1, y - wide * 0.36), (x + wide * 0.76, y - wide * 0.36), (x + wide * 0.92, y - wide * 0.13)],
           mix(roof, "#d8c6a8", 0.25), roof)  # fmt: skip


def hotel_window() -> Image.Image:
    """From the hotel window, half past ten: some windows lit, then fewer."""
    c = Canvas(1500, 2000, 261)
    c.sky([(0, "#070d20"), (0.35, "#141f3f"), (0.56, "#2f3a5e")])
    stars(c, 0.5, 240)
    distant_hills(c, 93, 0.52, Light(0.1, 0.1, "#2b3450", "#1b2440"), Air("#1f2a4a", 0.5), 0.07)
    rng = c.rng
    for row, (base, scale, fade) in enumerate(((0.6, 0.5, 0.5), (0.7, 0.75, 0.25), (0.86, 1.15, 0.0))):
        x = -0.05
        while x < c.w:
            wide, tall = float(rng.uniform(0.1, 0.19)) * scale, float(rng.uniform(0.1, 0.2)) * scale
            wall = mix(mix("#1b2238", "#2a3150", float(rng.uniform(0, 1))), "#26324f", fade)
            c.rectangle(x, base - tall, x + wide, 1, wall, to=mix(wall, "#05070f", 0.6))
            _night_windows(c, x, base - tall, wide, tall + 0.08 * scale, scale, 0.2 + 0.05 * row)
            x += wide + float(rng.uniform(0, 0.03)) * scale
    for i in range(7):
        y = 0.99 - 0.055 * i
        x = 0.32 + 0.05 * i + 0.05 * np.sin(i)
        c.ellipse(float(x), y, 0.004, 0.004, [1.6, 1.35, 0.9])
        c.glow(float(x), y, 0.09, "#5e441f", 2.2)
    frame = "#0b0d14"
    c.rectangle(0, 0, 0.035, 1, frame)
    c.rectangle(c.w - 0.03, 0, c.w, 1, frame)
    c.rectangle(0.36, 0, 0.378, 1, frame)
    c.rectangle(0, 0.95, c.w, 1, "#12141c", to="#08090e")
    c.fill([(c.w - 0.03, 0), (c.w - 0.14, 0), (c.w - 0.1, 0.5), (c.w - 0.12, 0.96), (c.w - 0.03, 0.96)], "#2a2430", alpha=0.85, soft=0.004)
    return c.develop(bloom=0.8, vignette=0.35, grain=0.026)


def _night_windows(c: Canvas, x: float, y: float, wide: float, tall: float, scale: float, share: float) -> None:
    rng, w = c.rng, 0.012 * scale
    for wy in np.arange(y + 0.015 * scale, y + tall, 0.03 * scale):
        for wx in np.arange(x + 0.01 * scale, x + wide - 1.2 * w, 0.026 * scale):
            if rng.random() < share:
                tone = mix([1.25, 0.95, 0.5], [0.85, 0.95, 1.0], float(rng.uniform(0, 1) ** 3)) * np.float32(rng.uniform(0.4, 1.0))
                c.rectangle(float(wx), float(wy), float(wx + w), float(wy + w * 1.2), tone)
                c.glow(float(wx + w / 2), float(wy + w / 2), w * 3, tone * 0.2, 2.0)
            else:
                c.rectangle(float(wx), float(wy), float(wx + w), float(wy + w * 1.2), "#0c1122", alpha=0.7)


__all__ = ["blue_booth", "bridge", "fractal", "hotel_window", "pine", "poplar_street", "square_evening", "square_morning", "tram", "works"]
