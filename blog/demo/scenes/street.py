"""Streets: the bridge, the poplars, the little blue booth, the tram."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix, rgb, rounded
from blog.demo.painting_figures import cyclist, head, shadow, walker
from blog.demo.painting_nature import grass, poplar, round_tree
from blog.demo.painting_perspective import View
from blog.demo.painting_terrain import Air, Light
from blog.demo.scenes.landscape import distant_hills


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
        round_tree(
            c,
            float(x + c.rng.normal(0, 0.02)),
            shore,
            float(c.rng.uniform(0.04, 0.09)),
            "#46583a",
            "#a3b26c",
            -0.6,
        )
    deck = (0.44, 0.475)
    c.fill(
        [(0, deck[0] - 0.045), (c.w, deck[0] + 0.02), (c.w, deck[1] + 0.02), (0, deck[1] - 0.01)],
        "#cfc6b6",
        "#9d958a",
    )
    for i in range(7):
        x = 0.06 + i * 0.235
        top = deck[1] - 0.01 + 0.03 * x / c.w
        c.fill(
            [(x - 0.022, top), (x + 0.03, top), (x + 0.034, 0.62), (x - 0.028, 0.62)], "#b5ac9d", "#7f776c"
        )
        c.fill(
            [(x + 0.014, top), (x + 0.03, top), (x + 0.034, 0.62), (x + 0.016, 0.62)], "#6f695f", alpha=0.7
        )
        c.fill(
            [
                (x - 0.035, top - 0.004),
                (x + 0.045, top - 0.004),
                (x + 0.03, top + 0.022),
                (x - 0.022, top + 0.022),
            ],
            "#a79e90",
        )
    rail = [(x, deck[0] - 0.075 + 0.065 * x / c.w) for x in (0.0, c.w)]
    c.line(rail, 0.004, "#8b9499")
    c.fill_all(
        [
            [
                (x, deck[0] - 0.075 + 0.065 * x / c.w),
                (x + 0.003, deck[0] - 0.075 + 0.065 * x / c.w),
                (x + 0.003, deck[0] - 0.04 + 0.06 * x / c.w),
                (x, deck[0] - 0.04 + 0.06 * x / c.w),
            ]
            for x in np.arange(0, 1.5, 0.028)
        ],
        "#7d868b",
    )
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
    for z in (60.0, 44.0, 33.0, 25.0, 19.0, 15.0):
        _house(
            v,
            -17,
            -8.5,
            z,
            z * 1.28,
            3.4,
            mix("#efe8d8", air, min(z / 90, 0.8)),
            mix("#6f7a80", air, min(z / 90, 0.8)),
        )
        _house(
            v,
            8.5,
            16,
            z,
            z * 1.28,
            3.2,
            mix("#e2d4bd", air, min(z / 90, 0.8)),
            mix("#80655a", air, min(z / 90, 0.8)),
        )
    c.fill(v.flat(-6.3, -5.2, 0.01, 2.4, 90), "#8f9a5a", "#7a8a4c", alpha=0.8)
    c.fill(v.flat(5.2, 6.3, 0.01, 2.4, 90), "#8f9a5a", "#7a8a4c", alpha=0.8)
    people = [(48, -1.5, 0), (36, 2.2, 1), (27, -3.0, 2), (20, 1.0, 3)]
    for z in (58, 46, 37, 30, 24, 19, 15, 11.5, 8.5):
        for side in (-1, 1):
            x, y = v.at(side * 5.8, 0, z)
            reach = 4.2 * v.length(1, z)
            c.fill(
                [
                    (x - 0.01, y),
                    (x + 0.01, y),
                    (x + reach + 0.04, y + reach * 0.12),
                    (x + reach, y + reach * 0.12),
                ],
                "#5b5148",
                alpha=0.35,
                soft=0.004,
            )
            fade = min(z / 80, 0.75)
            poplar(c, x, y, v.length(8.5, z), mix("#37472a", air, fade), mix("#c3c56a", air, fade), -0.7)
    for z, x, i in people:
        px, py = v.at(x, 0, z)
        shadow(c, px, py, v.length(1.7, z), 1.6)
        if i % 2:
            cyclist(
                c,
                px,
                py,
                v.length(1.7, z),
                ("#3a4556", "#4f5a4a", "#6a5b50", "#7c3f3a")[i],
                1 if i == 1 else -1,
                min(z / 110, 0.4),
                air,
            )
        else:
            walker(
                c,
                px,
                py,
                v.length(1.7, z),
                ("#3a4556", "#4f5a4a", "#6a5b50", "#7c3f3a")[i],
                stride=0.7,
                dim=min(z / 110, 0.4),
                air=air,
            )
    px, py = v.at(1.7, 0, 9.5)
    shadow(c, px, py, v.length(1.7, 9.5), 1.6)
    cyclist(c, px, py, v.length(1.7, 9.5), "#46566e", 1)
    return c.develop(warmth=0.02)


def _house(
    v: View, x0: float, x1: float, z0: float, z1: float, tall: float, wall: Colour, roof: Colour
) -> None:
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
    v.canvas.fill(
        v.face(
            [
                (inner * 0.95, tall, z0),
                (inner * 0.95, tall, z1),
                ((inner + outer) / 2, tall + 1.7, z1),
                ((inner + outer) / 2, tall + 1.7, z0),
            ]
        ),
        roof,
    )
    v.canvas.fill(
        v.face([(inner * 0.95, tall, z0), ((inner + outer) / 2, tall + 1.7, z0), (outer, tall, z0)]),
        mix(roof, "#2d3238", 0.3),
    )


def blue_booth() -> Image.Image:
    """The little blue booth on the corner, with its lamp already on."""
    c = Canvas(2000, 1500, 223)
    c.sky([(0, "#8794a6"), (0.35, "#c2bfc0"), (0.55, "#ecd7bb")])
    c.clouds(0.55, "#f7e7d4", "#9aa2b0", 0.6, 1.4)
    v = View(c, 0.42, 0.5, 1.15, 1.6)
    v.floor("#8b857d", "#b8ad9e", 0.12)
    for x0, x1, z, storeys, wall in (
        (-34, -12, 42.0, 5, "#cdbfae"),
        (-10, 9, 60.0, 6, "#d6cbbb"),
        (12, 40, 34.0, 5, "#c9b6a0"),
    ):
        _flats(c, v, x0, x1, z, storeys, wall)
    c.fill(v.flat(-60, 60, 0.12, 9.5, 10.6), "#b9b1a5", "#a29a8f")
    for trunk, tall in ((-0.06, 0.62), (1.24, 0.7)):
        round_tree(c, trunk, 0.66, tall, "#33442e", "#97a862", -0.5)
    _booth(c, v)
    for x, z, coat, stride in (
        (-3.4, 9.2, "#3a4556", 0.8),
        (-4.3, 9.6, "#7c3f3a", -0.7),
        (4.4, 12, "#6a5b50", 0.6),
        (5.0, 12.4, "#2f3b57", -0.6),
    ):
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
    c.fill(
        [
            (v.at(x0 - 0.3, 0, z0)[0], foot),
            (v.at(x1 + 1.9, 0, z0)[0], foot + 0.02),
            (v.at(x1 + 1.2, 0, z1)[0], v.at(0, 0, z1)[1]),
            (v.at(x0, 0, z1)[0], v.at(0, 0, z1)[1]),
        ],
        "#3b3a40",
        alpha=0.5,
        soft=0.01,
    )
    v.block((x0, x1), (0, 2.35), (z0, z1), blue, deep, blue)
    c.fill(v.upright(x0 + 0.16, x1 - 0.16, 1.05, 1.95, z0 - 0.01), "#f3d79a", "#c89a5c")
    jars = np.random.default_rng(5)
    for row in (1.07, 1.36, 1.62):
        c.line([v.at(x0 + 0.16, row, z0), v.at(x1 - 0.16, row, z0)], 0.004, "#7a6a4c")
        for x in np.arange(x0 + 0.24, x1 - 0.28, 0.12):
            colour = ("#8f4b3a", "#5f7a4a", "#e6ddc8", "#3e6a86", "#c98f3e", "#713f4c")[int(jars.integers(6))]
            c.fill(
                v.upright(x, x + 0.075, row + 0.02, row + jars.uniform(0.13, 0.22), z0),
                colour,
                mix(colour, "#000000", 0.4),
            )
    c.fill(v.upright(-0.45, 0.1, 1.05, 1.62, z0 - 0.02), "#3a3430")
    c.fill(rounded(v.upright(-0.4, 0.06, 0.98, 1.38, z0)), "#b9807a", "#8f5c58")
    head(c, *v.at(-0.17, 1.47, z0), v.length(0.115, z0))
    for i, x in enumerate(np.arange(x0 - 0.12, x1 + 0.1, 0.2)):
        stripe = "#e9e3d3" if i % 2 else "#5c9cc2"
        c.fill(
            v.face([(x, 2.42, z0), (x + 0.2, 2.42, z0), (x + 0.2, 2.02, z0 - 0.6), (x, 2.02, z0 - 0.6)]),
            stripe,
            mix(stripe, "#2a4158", 0.3),
        )
    c.fill(v.upright(x0 - 0.12, x1 + 0.12, 2.38, 2.6, z0), deep)
    c.fill(v.upright(x0 - 0.05, x1 + 0.05, 0.92, 1.04, z0 - 0.15), "#cfd6d6")
    c.fill(v.upright(x0, x1, 0, 0.3, z0 - 0.01), deep, alpha=0.6)
    gx, gy = v.at(-0.15, 1.85, z0)
    c.glow(gx, gy, 0.24, "#7a5426", 2.0)
    c.glow(gx, gy + 0.3, 0.3, "#3a2810", 2.0, 0.3)


def tram() -> Image.Image:
    """A tram on the long avenue, older than its passengers."""
    c = Canvas(2000, 1500, 241)
    c.sky([(0, "#9fb4c4"), (0.3, "#d3d7d2"), (0.5, "#f0e6d0")])
    c.clouds(0.5, "#fffaf0", "#b6bcc4", 0.6, 1.3)
    v = View(c, 0.95, 0.46, 1.15, 1.7)
    v.floor("#8b857e", "#c4bcb0", 0.1)
    for left, right in ((-13, -8.2), (9.4, 15)):
        c.fill(v.flat(left, right, 0.02, 2.5, 90), "#d6cdbd", "#b3a999")
        kerb = right if left < 0 else left
        c.fill(v.aside(kerb, 0, 0.14, 2.5, 90), "#8a8379")
    for z in (75.0, 52.0, 36.0, 25.0):
        fade = min(z / 110, 0.7)
        _facade(c, v, -13, z, z * 1.35, 5, mix("#c9a892", "#ece2cf", fade))
        _facade(c, v, 15, z, z * 1.35, 6, mix("#a9b7b0", "#ece2cf", fade))
    for z in (60.0, 45.0, 34.0, 26.0, 20.0, 15.0, 11.0):
        for x in (-9.5, 11):
            px, py = v.at(x, 0, z)
            fade = min(z / 100, 0.6)
            round_tree(
                c,
                px,
                py,
                v.length(5.2, z),
                mix("#3c4f33", "#ece2cf", fade),
                mix("#a6b56c", "#ece2cf", fade),
                0.6,
            )
    for x in (-4.6, -3.2, -1.6, -0.2):
        far, near = v.at(x, 0, 80), v.at(x, 0, 3)
        c.fill([far, (far[0] + 0.0008, far[1]), (near[0] + 0.012, near[1]), near], "#6d675f")
    _tram_car(c, v)
    for x in (-3.9, -0.9):
        c.fill(
            [v.at(x, 5.6, 4), v.at(x, 5.6, 80), (v.at(x, 5.6, 4)[0], v.at(x, 5.6, 4)[1] + 0.003)],
            "#4f5357",
            alpha=0.8,
        )
    for x, z, coat, stride in (
        (6.5, 14, "#7c3f3a", 0.7),
        (7.2, 14.2, "#3a4556", -0.7),
        (6.2, 22, "#5b4a63", 0.5),
        (7.6, 27, "#4f5a4a", 0.6),
    ):
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
    panes = [
        v.aside(x, s * 3 + 0.9, s * 3 + 2.4, z, z + 1.2)
        for s in range(storeys)
        for z in np.arange(z0 + 0.8, z1 - 1.4, 2.9)
    ]
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
    for z in np.arange(z0 + 1.2, z0 + 9, 0.8):
        star = [
            (r * float(np.sin(a)), r * float(np.cos(a)))
            for a, r in zip(np.arange(10) * np.pi / 5, [0.17, 0.07] * 5, strict=True)
        ]
        c.fill(v.face([(x1 + 0.01, 1.0 + up, z + 1.4 * along) for along, up in star]), "#f0d9a0")
    c.fill(v.upright(x0 + 0.18, x1 - 0.18, 1.6, 2.65, z0 - 0.01), "#60737e", "#3f4d57")
    c.fill(v.upright(x0 + 0.2, x0 + 1.1, 1.65, 2.6, z0 - 0.02), "#8fa4ac", alpha=0.5)
    for x in (x0 + 0.45, x1 - 0.45):
        lx, ly = v.at(x, 0.85, z0)
        c.ellipse(lx, ly, 0.013, 0.013, [1.5, 1.4, 1.1])
        c.glow(lx, ly, 0.09, "#5a4a2a", 2.2)
    c.fill(v.upright(x0, x1, 0.3, 0.5, z0 - 0.02), "#3c3a3c")
    c.line([v.at(-3.9, 3.2, 15), v.at(-3.6, 4.6, 16.2), v.at(-3.9, 5.6, 15)], 0.004, "#3b3d40")
