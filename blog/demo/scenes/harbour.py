"""The port: cranes, ships, boats."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, Point, Rgb, mix, rounded
from blog.demo.painting_figures import shadow, walker
from blog.demo.painting_noise import smoothstep
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain
from blog.demo.scenes.landscape import X, Z, hills, wooded


def port_afternoon() -> Image.Image:
    """Two cranes, one ship, no hurry."""
    c = Canvas(2000, 1500, 301)
    c.sky([(0, "#86a5bd"), (0.35, "#c5d2d4"), (0.56, "#efe9da")])
    c.clouds(0.56, "#fffdf6", "#b9c3ca", 0.55, 1.2)
    far_shore(c, 95, 0.56, Light(-0.15, 0.09, "#ffefd2", "#7f90a6"), Air("#cbd4d6", 0.4, 2, 0.03))
    for x, tall, tone in (
        (0.2, 0.2, "#8b9499"),
        (0.47, 0.24, "#7d888f"),
        (1.06, 0.3, "#5f6c76"),
        (0.84, 0.36, "#4b5a66"),
    ):
        crane(c, x, 0.585, tall, tone)
    ship(c, 0.62, 0.6, 0.5, "#3d4d5c", "#8e4a3c", "#e3ddcf")
    for x in (0.02, 0.14, 0.27):
        c.rectangle(x, 0.545, x + 0.11, 0.59, "#b4aa9c", to="#8f867b")
        c.fill([(x - 0.004, 0.546), (x + 0.055, 0.528), (x + 0.114, 0.546)], "#84776c")
    c.rectangle(0, 0.585, c.w, 0.603, "#aaa294", to="#6d675f")
    c.reflect(0.603, "#7d97a0", 0.75, 0.011)
    _quay(c, "#b3a998", "#8c8275")
    for x, y, tall, coat, stride in (
        (0.34, 0.9, 0.13, "#3a4556", 0.4),
        (0.39, 0.905, 0.132, "#6a5b50", -0.2),
        (1.02, 0.86, 0.11, "#4f5a4a", 0.8),
    ):
        shadow(c, x, y, tall, 1.3, 0.35)
        walker(c, x, y, tall, coat, stride=stride)
    _bollards(c, "#3f444a")
    gulls(c, 14, "#f7f5ee")
    c.texture(0.025, 50)
    return c.develop()


def harbour_dusk() -> Image.Image:
    """The same cranes from across the water once the lamps are on."""
    c = Canvas(2400, 1600, 302)
    c.sky([(0, "#1d2b55"), (0.22, "#46508a"), (0.4, "#b0718c"), (0.5, "#f09a6c"), (0.56, "#ffcf8c")])
    c.glow(0.5, 0.55, 0.8, "#7a3a18", 2.2)
    c.clouds(0.54, "#ff9f7c", "#45477a", 0.55, 1.3)
    far_shore(c, 96, 0.55, Light(-0.1, 0.02, "#d98a6a", "#3c4370"), Air("#a06a80", 0.34, 2, 0.03, "#f09a72"))
    quay = 0.575
    rng = c.rng
    x = 0.55
    while x < c.w:
        wide, tall = float(rng.uniform(0.05, 0.14)), float(rng.uniform(0.02, 0.05))
        c.rectangle(x, quay - tall, x + wide, quay + 0.005, "#2d3052", to="#20233f")
        x += wide
    for x, tall, tone in (
        (0.62, 0.19, "#3b3c60"),
        (0.78, 0.24, "#30335a"),
        (0.98, 0.3, "#262a4c"),
        (1.22, 0.4, "#1b1f3c"),
    ):
        crane(c, x, quay, tall, tone)
        c.glow(x - 0.52 * tall, quay - tall * 0.99, 0.022, [1.2, 0.25, 0.15], 2.4)
    ship(c, 0.86, quay + 0.012, 0.46, "#1b2140", "#3b2340", "#4a4d74")
    ship(c, 0.1, quay + 0.002, 0.2, "#262a50", "#392746", "#4c4d78")
    c.rectangle(0.5, quay - 0.004, c.w, quay + 0.014, "#1c2040")
    for x in np.arange(0.53, c.w, 0.072):
        _quay_lamp(c, float(x), quay, 0.05, [1.7, 1.25, 0.65])
    for x, y in ((0.93, 0.53), (1.06, 0.53), (1.2, 0.535), (1.24, 0.52), (0.14, 0.555), (0.23, 0.557)):
        c.ellipse(x, y, 0.003, 0.003, [1.6, 1.4, 1.0])
        c.glow(x, y, 0.05, "#6e5426", 2.4)
    c.reflect(quay + 0.014, "#2c2f5c", 0.92, 0.016)
    rowing_boat(c, 0.36, 0.86, 0.2, "#14182f", "#20264a")
    return c.develop(bloom=0.8, vignette=0.3)


def boats() -> Image.Image:
    """Squid boats at the small pier, their lamps like rows of bottles."""
    c = Canvas(1600, 2134, 303)
    c.sky([(0, "#7aa2be"), (0.3, "#bcd0d4"), (0.42, "#e7e6da")])
    c.clouds(0.42, "#ffffff", "#adbac4", 0.5, 1.5)
    far_shore(c, 97, 0.42, Light(0.2, 0.1, "#ffeccb", "#7388a4"), Air("#bccdd4", 0.4, 2, 0.03))
    water = 0.435
    c.rectangle(0, water - 0.012, c.w, water + 0.004, "#8d8a7c")
    c.reflect(0.44, "#6f93a0", 0.7, 0.01)
    for x, foot, size, hull in (
        (0.1, 0.53, 0.24, "#6f8f7a"),
        (0.5, 0.59, 0.34, "#4a7fa0"),
        (0.1, 0.735, 0.5, "#a6503f"),
    ):
        before = c.rgb.copy()
        squid_boat(c, x, foot, size, hull)
        _mirror_below(c, before, foot - 0.004)
    c.fill([(0, 0.93), (c.w, 0.89), (c.w, 1), (0, 1)], "#b0a696", "#8b8275")
    c.fill([(0, 0.93), (c.w, 0.89), (c.w, 0.905), (0, 0.945)], "#6b645b")
    for x in (0.16, 0.55):
        y = 0.955 - 0.05 * x
        c.fill(
            rounded([(x - 0.02, y), (x - 0.014, y - 0.05), (x + 0.014, y - 0.05), (x + 0.02, y)], 1),
            "#3d4146",
        )
    c.line([(0.16, 0.9), (0.2, 0.86), (0.25, 0.8), (0.3, 0.725)], 0.004, "#d9d1bd")
    gulls(c, 7, "#f7f5ee")
    return c.develop()


def _mirror_below(c: Canvas, before: Rgb, foot: float) -> None:
    """Mirror in the water what has been painted since `before`, broken by the ripples."""
    first = int(foot * c.height)
    rows = min(first, c.height - first)
    new = (np.abs(c.rgb[first - rows : first] - before[first - rows : first]).max(-1) > 0.01).astype(
        np.float32
    )[::-1]
    image = c.rgb[first - rows : first][::-1]
    throw = (c.ripples(rows) * 22).astype(np.int32)
    columns = np.clip(np.arange(c.width) + throw, 0, c.width - 1)
    lines = np.clip(np.arange(rows)[:, None] + throw // 2, 0, rows - 1)
    veil = new[lines, columns] * np.linspace(0.62, 0.25, rows, dtype=np.float32)[:, None]
    below = c.rgb[first : first + rows]
    below += (image[lines, columns] - below) * veil[..., None]


def squid_boat(c: Canvas, x: float, foot: float, size: float, hull: Colour) -> None:
    """A wooden boat, bow to the right, with a string of lamps between two masts."""
    deck = foot - 0.17 * size
    c.fill(
        [
            (x, deck + 0.02 * size),
            (x + 0.75 * size, deck + 0.01 * size),
            (x + 1.04 * size, deck - 0.09 * size),
            (x + 0.9 * size, foot),
            (x + 0.06 * size, foot),
        ],
        mix(hull, "#ffffff", 0.12),
        mix(hull, "#1c1e22", 0.45),
    )
    c.line(
        [
            (x, deck + 0.045 * size),
            (x + 0.76 * size, deck + 0.035 * size),
            (x + 1.02 * size, deck - 0.06 * size),
        ],
        0.016 * size,
        "#e8e1d0",
    )
    c.rectangle(
        x + 0.1 * size, deck - 0.2 * size, x + 0.36 * size, deck + 0.015 * size, "#ece6d8", to="#c3bbab"
    )
    c.rectangle(
        x + 0.07 * size, deck - 0.225 * size, x + 0.39 * size, deck - 0.195 * size, mix(hull, "#ffffff", 0.2)
    )
    for wx in (0.13, 0.21, 0.29):
        c.rectangle(x + wx * size, deck - 0.16 * size, x + (wx + 0.05) * size, deck - 0.08 * size, "#4c5f6a")
    masts = (x + 0.05 * size, x + 0.84 * size)
    for mx in masts:
        c.line([(mx, deck), (mx, deck - 0.62 * size)], 0.014 * size, "#5f5a52")
    for drop in (0.42, 0.55):
        c.line([(masts[0], deck - drop * size), (masts[1], deck - drop * size)], 0.005 * size, "#5f5a52")
        for lx in np.linspace(masts[0] + 0.04 * size, masts[1] - 0.04 * size, 12):
            c.ellipse(
                float(lx), deck - (drop - 0.03) * size, 0.016 * size, 0.024 * size, "#f4f3ea", to="#a9bac0"
            )


def rowing_boat(c: Canvas, x: float, y: float, size: float, hull: Colour, man: Colour) -> None:
    """A man in a small boat, dark against bright water."""
    c.fill(
        [
            (x - 0.05 * size, y + 0.05 * size),
            (x + 1.05 * size, y + 0.05 * size),
            (x + 0.8 * size, y + 0.22 * size),
            (x + 0.2 * size, y + 0.22 * size),
        ],
        hull,
        alpha=0.5,
        soft=0.006,
    )
    c.fill(
        [
            (x, y - 0.07 * size),
            (x + 0.2 * size, y - 0.02 * size),
            (x + 0.8 * size, y - 0.02 * size),
            (x + size, y - 0.09 * size),
            (x + 0.86 * size, y + 0.06 * size),
            (x + 0.15 * size, y + 0.06 * size),
        ],
        hull,
    )
    c.fill(
        [
            (x + 0.42 * size, y),
            (x + 0.44 * size, y - 0.2 * size),
            (x + 0.54 * size, y - 0.23 * size),
            (x + 0.6 * size, y),
        ],
        man,
    )
    c.ellipse(x + 0.5 * size, y - 0.28 * size, 0.04 * size, 0.05 * size, man)
    c.line(
        [
            (x + 0.52 * size, y - 0.14 * size),
            (x + 0.66 * size, y - 0.04 * size),
            (x + 1.16 * size, y + 0.1 * size),
        ],
        0.014 * size,
        hull,
    )


def crane(c: Canvas, x: float, foot: float, tall: float, tone: Colour) -> None:
    """A level-luffing harbour crane on its portal, jib to the left."""
    half = 0.13 * tall
    for side in (-1, 1):
        c.line([(x + side * half, foot), (x + side * half * 0.55, foot - 0.34 * tall)], 0.028 * tall, tone)
    c.line([(x - half * 0.8, foot - 0.17 * tall), (x + half * 0.8, foot - 0.17 * tall)], 0.02 * tall, tone)
    c.rectangle(x - half * 0.75, foot - 0.39 * tall, x + half * 0.75, foot - 0.33 * tall, tone)
    cab = (x - 0.04 * tall, foot - 0.52 * tall)
    c.fill(
        [
            (x - 0.09 * tall, foot - 0.39 * tall),
            (x - 0.09 * tall, cab[1]),
            (x + 0.16 * tall, cab[1]),
            (x + 0.16 * tall, foot - 0.39 * tall),
        ],
        tone,
    )
    c.rectangle(
        x - 0.075 * tall, foot - 0.5 * tall, x - 0.02 * tall, foot - 0.44 * tall, mix(tone, "#cfe0e6", 0.35)
    )
    root, peak, tip = (
        (x - 0.05 * tall, foot - 0.5 * tall),
        (x + 0.06 * tall, foot - 0.78 * tall),
        (x - 0.52 * tall, foot - 0.98 * tall),
    )
    c.line([(x + 0.02 * tall, cab[1]), peak, (x + 0.12 * tall, cab[1])], 0.018 * tall, tone)
    _truss(c, root, tip, 0.045 * tall, 0.012 * tall, tone)
    c.line([peak, tip], 0.007 * tall, tone)
    c.line([peak, (x + 0.2 * tall, foot - 0.62 * tall), (x + 0.15 * tall, cab[1])], 0.016 * tall, tone)
    c.rectangle(x + 0.14 * tall, foot - 0.63 * tall, x + 0.24 * tall, foot - 0.56 * tall, tone)
    nose = (tip[0] - 0.12 * tall, tip[1] + 0.06 * tall)
    c.line([tip, nose], 0.016 * tall, tone)
    c.line([nose, (nose[0], foot - 0.42 * tall)], 0.005 * tall, tone)
    c.rectangle(nose[0] - 0.015 * tall, foot - 0.43 * tall, nose[0] + 0.015 * tall, foot - 0.39 * tall, tone)


def _truss(c: Canvas, a: Point, b: Point, depth: float, thick: float, tone: Colour) -> None:
    """A lattice girder between two points."""
    (ax, ay), (bx, by) = a, b
    long = float(np.hypot(bx - ax, by - ay))
    nx, ny = -(by - ay) / long * depth, (bx - ax) / long * depth
    share = np.linspace(0, 1, 13)
    lower = [(float(ax + (bx - ax) * s), float(ay + (by - ay) * s)) for s in share]
    upper = [
        (x - nx * (1 - 0.7 * float(s)), y - ny * (1 - 0.7 * float(s)))
        for (x, y), s in zip(lower, share, strict=True)
    ]
    zigzag = [p for pair in zip(lower, upper, strict=True) for p in pair]
    c.line(lower, thick, tone)
    c.line(upper, thick, tone)
    c.line(zigzag, thick * 0.6, tone)


def ship(c: Canvas, x: float, foot: float, long: float, hull: Colour, belly: Colour, house: Colour) -> None:
    """A small freighter at the quay, bow to the left."""
    deck = foot - 0.11 * long
    c.fill(
        [
            (x - 0.04 * long, deck - 0.045 * long),
            (x + 0.16 * long, deck - 0.015 * long),
            (x + 0.3 * long, deck),
            (x + long, deck),
            (x + 0.985 * long, foot),
            (x + 0.05 * long, foot),
        ],
        mix(hull, "#ffffff", 0.08),
        hull,
    )
    c.fill(
        [
            (x + 0.03 * long, foot - 0.03 * long),
            (x + 0.99 * long, foot - 0.03 * long),
            (x + 0.985 * long, foot),
            (x + 0.05 * long, foot),
        ],
        belly,
    )
    c.line(
        [
            (x - 0.02 * long, deck - 0.02 * long),
            (x + 0.18 * long, deck + 0.012 * long),
            (x + long, deck + 0.018 * long),
        ],
        0.006 * long,
        mix(hull, "#ffffff", 0.35),
    )
    for i, (left, right, up) in enumerate(((0.72, 0.97, 0.09), (0.74, 0.95, 0.16), (0.76, 0.92, 0.22))):
        c.rectangle(
            x + left * long,
            deck - up * long,
            x + right * long,
            deck - (up - 0.075) * long,
            mix(house, "#ffffff", 0.1 * i),
            to=mix(house, "#5e6470", 0.2),
        )
        c.fill_all(
            [
                [
                    (x + w * long, deck - (up - 0.02) * long),
                    (x + (w + 0.012) * long, deck - (up - 0.02) * long),
                    (x + (w + 0.012) * long, deck - (up - 0.035) * long),
                    (x + w * long, deck - (up - 0.035) * long),
                ]
                for w in np.arange(left + 0.02, right - 0.02, 0.026)
            ],
            mix(house, "#1e2836", 0.75),
        )
    c.rectangle(x + 0.86 * long, deck - 0.3 * long, x + 0.91 * long, deck - 0.2 * long, belly)
    for mx in (0.3, 0.52):
        c.line(
            [(x + mx * long, deck), (x + mx * long, deck - 0.26 * long)], 0.01 * long, mix(house, hull, 0.4)
        )
        for side in (-0.14, 0.14):
            c.line(
                [(x + mx * long, deck - 0.05 * long), (x + (mx + side) * long, deck - 0.2 * long)],
                0.006 * long,
                mix(house, hull, 0.4),
            )
    for hx in (0.2, 0.36, 0.56):
        c.rectangle(x + hx * long, deck - 0.02 * long, x + (hx + 0.11) * long, deck, mix(hull, house, 0.4))


def far_shore(c: Canvas, seed: int, horizon: float, light: Light, air: Air) -> None:
    height = hills(seed, 6, 0.02, 0.11) * smoothstep(0.42, 0.6, Z + 0.12 * (X - 0.5) ** 2)
    ground = wooded(banded(height, [(0, "#8f9a6c"), (0.08, "#6d7c56"), (0.2, "#77745f")]), seed, 0.2, 0.5)
    paint_terrain(c, Terrain(height, ground, 0.0008, 3), Eye(0.012, horizon, 1.5, near=0.3), light, air, 400)


def _quay(c: Canvas, stone: Colour, dark: Colour) -> None:
    c.fill([(0, 0.8), (c.w, 0.735), (c.w, 1), (0, 1)], mix(stone, "#ffffff", 0.1), dark)
    c.fill([(0, 0.8), (c.w, 0.735), (c.w, 0.755), (0, 0.825)], mix(dark, "#4a463f", 0.5))
    for i in range(9):
        x = 0.02 + 0.17 * i
        c.line(
            [(x, 0.822 - 0.05 * x / c.w), (x - 0.12 - 0.03 * i, 1.0)],
            0.003,
            mix(dark, "#4a463f", 0.4),
            alpha=0.5,
        )
    for y in (0.87, 0.93):
        c.line([(0, y + 0.01), (c.w, y - 0.05)], 0.0035, mix(dark, "#4a463f", 0.4), alpha=0.5)


def _bollards(c: Canvas, tone: Colour) -> None:
    for x in (0.16, 0.62, 1.16):
        y = 0.83 - 0.055 * x / c.w
        c.fill(
            [(x - 0.012, y + 0.02), (x - 0.009, y - 0.02), (x + 0.009, y - 0.02), (x + 0.012, y + 0.02)], tone
        )
        c.ellipse(x, y - 0.022, 0.016, 0.008, mix(tone, "#ffffff", 0.15))


def _quay_lamp(c: Canvas, x: float, foot: float, tall: float, light: list[float]) -> None:
    c.line([(x, foot), (x, foot - tall)], 0.0025, "#171b38")
    c.ellipse(x, foot - tall, 0.0042, 0.0042, light)
    c.glow(x, foot - tall, 0.07, [0.34 * v for v in light], 2.6)


def gulls(c: Canvas, count: int, colour: Colour) -> None:
    """Gulls as everybody draws them, because that is what they look like."""
    for _ in range(count):
        x, y, s = (
            float(c.rng.uniform(0.05, c.w)),
            float(c.rng.uniform(0.1, 0.5)),
            float(c.rng.uniform(0.006, 0.014)),
        )
        tilt = float(c.rng.uniform(-0.4, 0.4)) * s
        c.fill(
            [
                (x - s, y - 0.5 * s + tilt),
                (x - 0.4 * s, y - 0.62 * s),
                (x, y),
                (x + 0.4 * s, y - 0.62 * s),
                (x + s, y - 0.5 * s - tilt),
                (x + 0.4 * s, y - 0.42 * s),
                (x, y + 0.22 * s),
                (x - 0.4 * s, y - 0.42 * s),
            ],
            colour,
        )
