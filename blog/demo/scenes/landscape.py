"""Out in the open: the river, the valley road, the pass, rain and clear air."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Rgb, Stops, rgb
from blog.demo.painting_nature import crescent, grass, poplar, rain, round_tree, shafts, stars
from blog.demo.painting_noise import Field, fractal, ridged, smoothstep
from blog.demo.painting_terrain import SIZE, Air, Eye, Light, Terrain, banded, paint_terrain

Z, X = (axis.astype(np.float32) / SIZE for axis in np.ogrid[0:SIZE, 0:SIZE])

SPRING: Stops = [(0, "#a3a568"), (0.03, "#879557"), (0.07, "#647b45"), (0.13, "#5d6f45"), (0.2, "#857f68")]


def hills(seed: int, cells: int = 5, near: float = 0.05, far: float = 0.14, gain: float = 0.45) -> Field:
    """Worn hills whose height grows from the viewer's feet to the far edge of the map."""
    return ridged(np.random.default_rng(seed), SIZE, cells, 6, gain) * (near + (far - near) * Z)


def along(path: Field, width: float | Field, soft: float) -> Field:
    """1 within `width` of the path x(z), falling to 0 over `soft`."""
    return 1 - smoothstep(width, width + soft, np.abs(X - path))


def wooded(ground: Rgb, seed: int, share: float = 0.0, dark: float = 0.5, cells: int = 9) -> Rgb:
    """Woods laid over open ground in patches; a higher share means more of them."""
    woods = smoothstep(-0.15, 0.25, fractal(np.random.default_rng(seed), SIZE, SIZE, cells, cells, 5) + share)
    return ground + (rgb("#3c4f34") * 0.9 - ground) * (woods * dark)[..., None]


def fielded(ground: Rgb, seed: int, where: Field, cells: int = 46) -> Rgb:
    """Strips of spring fields: ploughed earth, young barley, last year's straw."""
    rng = np.random.default_rng(seed)
    colours = np.stack([rgb(c) for c in ("#8a6a4c", "#7d8f4a", "#9aa45a", "#b9a878", "#6f8044", "#94745a")])
    pick = rng.integers(0, len(colours), (cells * 2, cells))
    skew = X + 0.05 * np.sin(Z * 11) + 0.3 * Z
    plots = pick[(Z * cells * 2).astype(int) % (cells * 2), (skew * cells).astype(int) % cells]
    edge = np.minimum((skew * cells) % 1, (Z * cells * 2) % 1) < 0.06
    plot = colours[plots] * np.where(edge, 0.72, 1.0)[..., None].astype(np.float32)
    return ground + (plot - ground) * where[..., None]


def tumen_river() -> Image.Image:
    """The river at noon, shallow and wide between gravel banks."""
    c = Canvas(2400, 1600, 101)
    course = 0.52 + 0.11 * np.sin(Z * 7.5 + 0.4) + 0.03 * np.sin(Z * 19)
    bed = along(course, 0.028 + 0.012 * np.sin(Z * 23), 0.03)
    plain = along(course, 0.09, 0.16)
    height = hills(7, 6, 0.05, 0.16) * (1 - 0.93 * plain) + 0.0035 - 0.012 * bed
    ground = wooded(banded(height, SPRING), 3, 0.0, 0.6)
    ground = fielded(ground, 4, plain * (1 - bed) * 0.8)
    ground += (rgb("#b9ad97") - ground) * smoothstep(0.15, 0.6, bed)[..., None]
    c.sky([(0, "#4f86bd"), (0.25, "#8db6d2"), (0.42, "#d8e3e2")])
    c.clouds(0.44, "#ffffff", "#aebccc", 0.52, 1.2)
    land = Terrain(height, ground, 0.0009 * (1 - 0.7 * plain), 2, water=0.0)
    wet = paint_terrain(
        c,
        land,
        Eye(0.055, 0.37, 1.25, near=0.055),
        Light(-0.16, 0.13, "#fff0d6", "#6d84a3"),
        Air("#b9cbd6", 0.75, 1.5, 0.02),
    )
    first = int(0.385 * c.height)
    c.reflect(0.385, "#6f93a5", 0.75, 0.006, wet[first:])
    return c.develop()


def valley_morning() -> Image.Image:
    """Early light on the hills south of town, the valley still full of mist."""
    c = Canvas(2400, 1600, 3)
    valley = smoothstep(0.0, 0.4, np.abs(X - 0.5 - 0.08 * np.sin(Z * 9)))
    height = hills(12, 5, 0.05, 0.14) * (0.25 + 0.75 * valley)
    ground = wooded(banded(height, SPRING), 5, 0.3, 0.45)
    c.sky([(0, "#5c86b4"), (0.3, "#a9c3d4"), (0.5, "#f0dcbc")])
    c.glow(1.1, 0.36, 1.0, "#664422", 2.2)
    c.clouds(0.5, "#fff6ea", "#b9bccb", 0.42)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0014, 5),
        Eye(0.085, 0.36, near=0.05),
        Light(0.16, 0.06, "#ffd9a0", "#55688c"),
        Air("#c9d3d8", 0.55, 4, 0.02, "#f6dcb0"),
    )
    return c.develop()


def road_to_pass() -> Image.Image:
    """The gravel road, winding up toward the pass."""
    c = Canvas(2400, 1600, 21)
    way = 0.5 + (0.012 + 0.05 * Z) * np.sin(26 * Z**0.8 + 0.6) + 0.05 * (Z - 0.03)
    verge = along(way, 0.035, 0.12)
    raw = hills(44, 5, 0.07, 0.2)
    height = raw * (1 - 0.9 * verge) + 0.085 * Z**1.5 * verge
    ground = wooded(banded(height, SPRING), 6, 0.35, 0.75, 12)
    road = along(way, 0.0052, 0.0016)
    ground += (rgb("#cbb793") - ground) * road[..., None]
    c.sky([(0, "#6b93b9"), (0.3, "#b5c9d3"), (0.5, "#e6e4d8")])
    c.clouds(0.46, "#fbf8f2", "#a9b4c2", 0.62, 1.4)
    growth = 0.001 * (1 - 0.95 * along(way, 0.007, 0.004)) * (0.6 + 0.4 * (1 - verge))
    paint_terrain(
        c,
        Terrain(height, ground, growth, 8),
        Eye(0.03, 0.34, 1.2, near=0.035),
        Light(-0.2, 0.1, "#ffe9c4", "#62758f"),
        Air("#bccbd3", 0.6, 1.5, 0.03),
    )
    for x, foot, tall in (
        (0.13, 0.79, 0.5),
        (0.3, 0.66, 0.27),
        (0.38, 0.6, 0.17),
        (1.38, 0.86, 0.62),
        (1.19, 0.68, 0.3),
    ):
        poplar(c, x, foot, tall, "#38492c", "#9db05e", -0.5)
    grass(c, lambda x: 0.97 + 0.05 * np.sin(3 * x), 0.05, 500, "#3c4a28", "#a9ab5c")
    return c.develop()


def pass_in_rain() -> Image.Image:
    """Looking back from the first pass, the rain behind us."""
    c = Canvas(1600, 2134, 33)
    height = hills(19, 6, 0.1, 0.24, 0.5)
    ground = wooded(banded(height, [(0, "#6f7a62"), (0.2, "#5f6b5c")]), 2, 0.4, 0.7)
    c.sky([(0, "#7d888f"), (0.3, "#a5aeb2"), (0.5, "#c5cac9")])
    c.clouds(0.42, "#c8cdce", "#7b868d", 0.8, 1.6, 0.85)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0016, 3),
        Eye(0.16, 0.33, 1.5, near=0.1),
        Light(0.1, 0.2, "#b9c0c4", "#67757d"),
        Air("#b4bcbf", 0.3, 5, 0.05),
    )
    c.mist(0.42, 0.035, "#c3c9ca", 0.75, 1.2)
    c.mist(0.6, 0.03, "#b9c1c2", 0.4, 1.4)
    rain(c, 1400, 0.06, "#e4e9ea", 0.17)
    return c.develop(vignette=0.3)


def beyond_the_pass() -> Image.Image:
    """The same valley from the other side, the sun breaking through."""
    c = Canvas(1600, 2400, 37)
    height = hills(71, 5, 0.09, 0.22)
    ground = wooded(banded(height, [(0, "#93a052"), (0.08, "#6f8647"), (0.2, "#6d7a50")]), 9, 0.0, 0.6)
    c.sky([(0, "#3d4f66"), (0.2, "#6d7f90"), (0.36, "#d9c9a2"), (0.42, "#f3e2b5")])
    c.clouds(0.4, "#d9cbb4", "#44525f", 0.74, 1.5, 0.9)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0014, 4),
        Eye(0.15, 0.3, 1.7, near=0.1),
        Light(-0.11, 0.07, "#ffdf9c", "#4d5f78"),
        Air("#b3b9b4", 0.55, 3, 0.04, "#f4dca4"),
    )
    shafts(c, 0.2, -0.15, "#ffe6b0", 0.2, 1.1)
    return c.develop()


def puryong_river() -> Image.Image:
    """The river at Puryong an hour after the rain."""
    c = Canvas(2400, 1600, 52)
    course = 0.47 + 0.1 * np.sin(Z * 6 + 2.2)
    bed = along(course, 0.03, 0.035)
    height = hills(23, 6, 0.1, 0.24, 0.5) * (1 - 0.97 * along(course, 0.05, 0.2)) + 0.003 - 0.012 * bed
    ground = wooded(banded(height, [(0, "#7d8a5c"), (0.05, "#5e7050"), (0.2, "#52624f")]), 6, 0.5, 0.6)
    c.sky([(0, "#8d9aa6"), (0.25, "#b9c2c8"), (0.45, "#e5e2da")])
    c.clouds(0.42, "#eceae6", "#8f9aa6", 0.7, 1.5)
    wet = paint_terrain(
        c,
        Terrain(height, ground, 0.0012, 9, water=0.0),
        Eye(0.035, 0.38, 1.3, near=0.04),
        Light(0.05, 0.12, "#e9e0cf", "#6d7d88"),
        Air("#c2ccd0", 0.45, 6, 0.025),
    )
    first = int(0.395 * c.height)
    c.reflect(0.395, "#8d9c9f", 0.85, 0.003, wet[first:])
    c.mist(0.42, 0.02, "#dfe4e4", 0.7, 1.2)
    for x, foot, tall in ((0.06, 0.9, 0.42), (1.38, 0.64, 0.2), (1.44, 0.7, 0.3)):
        round_tree(c, x, foot, tall, "#2f3e30", "#7c8f5e", 0.1)
    return c.develop(warmth=0.01)


def moon_over_hills() -> Image.Image:
    """An old thin moon above the valley, before anybody is up."""
    c = Canvas(1600, 2400, 61)
    height = hills(31, 5, 0.08, 0.2)
    ground = banded(height, [(0, "#4c5668"), (0.2, "#5c6678")])
    c.sky([(0, "#0d1730"), (0.3, "#233a63"), (0.48, "#66739a"), (0.56, "#c08f83")])
    stars(c, 0.4, 260)
    x, y = 0.42, 0.3
    crescent(c, x, y, 0.022, [1.5, 1.42, 1.2], 0.3, 2.4)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0012, 3),
        Eye(0.13, 0.55, 1.5, near=0.08),
        Light(0.02, 0.03, "#a98078", "#2a3556"),
        Air("#5d6690", 0.45, 4, 0.04, "#a5838c"),
    )
    return c.develop(bloom=0.6, vignette=0.3)


def road_at_dusk() -> Image.Image:
    """Copper ridges above the last kilometres."""
    c = Canvas(2400, 1600, 77)
    height = hills(57, 6, 0.06, 0.19)
    ground = wooded(banded(height, [(0, "#8a6f58"), (0.2, "#a5785c")]), 7, 0.1, 0.5)
    c.sky([(0, "#3a4572"), (0.22, "#7a6c93"), (0.4, "#d98f74"), (0.5, "#f6c27e")])
    c.glow(0.42, 0.42, 0.9, "#7a3a18", 2.4)
    c.clouds(0.48, "#ffb98a", "#6c5478", 0.5, 1.3)
    paint_terrain(
        c,
        Terrain(height, ground, 0.0014, 6),
        Eye(0.075, 0.44, 1.3, near=0.05),
        Light(-0.08, 0.03, "#ffab6e", "#4b4a72"),
        Air("#a9788a", 0.5, 3, 0.03, "#f0a473"),
    )
    return c.develop(bloom=0.5, vignette=0.28)


def spring_fields() -> Image.Image:
    """Ploughed strips running up the hillside farther than a plough should go."""
    c = Canvas(2000, 1500, 83)
    slope = smoothstep(0.1, 0.7, Z + 0.25 * (X - 0.5))
    height = hills(41, 4, 0.02, 0.1) * (0.35 + 0.65 * slope) + 0.05 * slope
    tilled = 1 - smoothstep(0.055, 0.085, height)
    ground = fielded(wooded(banded(height, SPRING), 8, 0.1, 0.55), 12, tilled, 58)
    growth = (0.0002 + 0.0012 * (1 - tilled)).astype(np.float32)
    c.sky([(0, "#6fa0c9"), (0.3, "#b3ced9"), (0.45, "#e9ead9")])
    c.clouds(0.44, "#ffffff", "#b3c0cb", 0.55, 1.3)
    paint_terrain(
        c,
        Terrain(height, ground, growth, 6),
        Eye(0.07, 0.33, 1.3, near=0.06),
        Light(-0.2, 0.08, "#ffe6b8", "#64799a"),
        Air("#bfced3", 0.7, 1, 0.03),
    )
    for x, foot, tall in ((1.13, 0.86, 0.34), (1.24, 0.8, 0.24)):
        round_tree(c, x, foot, tall, "#4a5a38", "#f3efe0", -0.5)
    return c.develop()


def village() -> Image.Image:
    """White walls and slate roofs a field's breadth back from the road."""
    c = Canvas(2000, 1500, 87)
    near_hill = smoothstep(0.28, 0.5, Z)
    height = hills(29, 5, 0.03, 0.17) * (0.06 + 0.94 * near_hill)
    ground = wooded(banded(height, SPRING), 14, 0.2, 0.6)
    ground = fielded(ground, 15, 1 - near_hill, 40)
    growth = (0.0002 + 0.001 * near_hill).astype(np.float32)
    c.sky([(0, "#8aa0b4"), (0.3, "#bccbd2"), (0.42, "#e4e3d6")])
    c.clouds(0.42, "#f4f2ec", "#a2afbb", 0.65, 1.3)
    paint_terrain(
        c,
        Terrain(height, ground, growth, 7),
        Eye(0.03, 0.38, 1.3, near=0.045),
        Light(0.18, 0.12, "#fff0d8", "#6d8099"),
        Air("#bcc9d0", 0.5, 2, 0.03),
    )
    rows = ((0.492, 0.035, 16), (0.515, 0.046, 13), (0.545, 0.06, 11))
    for line, size, count in rows:
        for i in range(count):
            x = 0.18 + (i + 0.3 * float(c.rng.random())) * 1.05 / count
            cottage(c, x, line + float(c.rng.normal(0, 0.003)), size * float(c.rng.uniform(0.85, 1.15)))
            if c.rng.random() < 0.45:
                round_tree(c, x + size * 1.1, line + size * 0.3, size * 1.5, "#3f5236", "#a9b86c", 0.5)
    for x in (0.05, 0.1, 1.25, 1.29):
        poplar(c, x, 0.56, 0.2, "#3d5030", "#9db161", 0.5)
    c.mist(0.475, 0.012, "#d6dad6", 0.5, 1.4)
    return c.develop()


def cottage(c: Canvas, x: float, y: float, size: float) -> None:
    """A white house under a hipped roof the colour of wet slate, lit from the right."""
    c.fill([(x, y), (x + size, y), (x + size, y + 0.36 * size), (x, y + 0.36 * size)], "#dcd8cd", "#b9b3a6")
    c.fill(
        [(x + 0.02 * size, y), (x + size, y), (x + size, y + 0.36 * size), (x + 0.6 * size, y + 0.36 * size)],
        "#f4f0e5",
        alpha=0.6,
    )
    for wx in (0.14, 0.42, 0.72):
        c.rectangle(x + wx * size, y + 0.1 * size, x + (wx + 0.13) * size, y + 0.25 * size, "#51606a")
    c.fill(
        [
            (x - 0.08 * size, y + 0.03 * size),
            (x + 0.14 * size, y - 0.24 * size),
            (x + 0.86 * size, y - 0.24 * size),
            (x + 1.08 * size, y + 0.03 * size),
        ],
        "#77838a",
        "#525d66",
    )


def distant_hills(c: Canvas, seed: int, horizon: float, light: Light, air: Air, eye: float = 0.06) -> None:
    """A range of hills behind a town, for the sky already painted."""
    height = hills(seed, 6, 0.03, 0.13)
    ground = wooded(banded(height, [(0, "#8f9a68"), (0.1, "#6b7c52"), (0.2, "#77745f")]), seed, 0.2, 0.5)
    paint_terrain(c, Terrain(height, ground, 0.001, 3), Eye(eye, horizon, 1.5, near=0.25), light, air, 450)
