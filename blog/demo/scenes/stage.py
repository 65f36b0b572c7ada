"""The kindergarten show: boards, curtain, nine dancers, one drum."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix, rgb, ring
from blog.demo.painting_figures import HAIR, SKIN, dancer, head, onlooker


def kindergarten_stage() -> Image.Image:
    """Nine five-year-olds with fans and one who has lost the count."""
    c = Canvas(2400, 1600, 441)
    _boards(c, ("#3f6fae", "#cfe0e4"), 0.66, 0.86)
    for cx, cy, r in (
        (0.5, 0.42, 0.1),
        (0.62, 0.4, 0.13),
        (0.75, 0.43, 0.1),
        (0.95, 0.47, 0.08),
        (1.06, 0.45, 0.1),
    ):
        c.ellipse(cx, cy, r, r * 0.5, "#f4f4ee", alpha=0.75, soft=0.01)
    peaks = [
        (0.15, 0.66),
        (0.34, 0.5),
        (0.46, 0.58),
        (0.66, 0.45),
        (0.83, 0.57),
        (1.0, 0.5),
        (1.16, 0.58),
        (1.36, 0.66),
    ]
    c.fill(peaks, "#6f9a86", "#a8c39a")
    c.rectangle(0, 0.635, c.w, 0.662, "#8fb06a", to="#7d9c5c")
    _curtains(c, "#a3262c", 0.66)
    for fx, x in ((0.3, 0.5), (0.75, 0.75), (1.2, 1.0)):
        _beam(c, fx, x, 0.74, 0.21, "#fff0c8")
    tones = (
        "#e0527a",
        "#f0b03f",
        "#4fa3b8",
        "#c84f9c",
        "#67a851",
        "#e8703f",
        "#6f74c4",
        "#e0527a",
        "#46a888",
    )
    for i, (x, foot) in enumerate(
        zip(np.linspace(0.38, 1.12, 5), (0.705, 0.695, 0.69, 0.695, 0.705), strict=True)
    ):
        _pool(c, float(x), foot, 0.2)
        dancer(c, float(x), foot, 0.2, tones[i], "#f6efe2", 0.85, "#f3a9c0", 0.3)
    for i, (x, foot) in enumerate(zip(np.linspace(0.46, 1.06, 4), (0.8, 0.79, 0.79, 0.8), strict=True)):
        late = i == 2
        _pool(c, float(x), foot, 0.25)
        dancer(
            c,
            float(x),
            foot,
            0.25,
            tones[i + 5],
            "#f6efe2",
            0.25 if late else 0.85,
            "#f3a9c0",
            -0.5 if late else 0.3,
        )
    for x in np.linspace(-0.02, 1.52, 12):
        onlooker(
            c,
            float(x + c.rng.normal(0, 0.015)),
            1.03,
            0.17 + float(c.rng.uniform(0, 0.02)),
            "#2f2124",
            "#100c0d",
        )
    return c.develop(bloom=0.6, vignette=0.3)


def kindergarten_drum() -> Image.Image:
    """The smallest of them had the largest drum."""
    c = Canvas(1600, 2400, 451)
    _boards(c, ("#233a6a", "#6f86b4"), 0.7, 0.9)
    for i in range(9):
        x, y = float(c.rng.uniform(0.12, 0.56)), float(c.rng.uniform(0.16, 0.55))
        star = [
            (x + r * float(np.sin(a)), y - r * float(np.cos(a)))
            for a, r in zip(np.arange(10) * np.pi / 5, [0.024, 0.0096] * 5, strict=True)
        ]
        c.fill(star, "#f3d98a" if i % 3 else "#f7f1dc", alpha=0.85)
    _curtains(c, "#8f2030", 0.7)
    _beam(c, 0.1, 0.34, 0.83, 0.26, "#ffe9b8", 0.2)
    _beam(c, 0.6, 0.34, 0.83, 0.24, "#ffdcc0", 0.14)
    for x, foot, tone in ((0.15, 0.755, "#4fa3b8"), (0.53, 0.755, "#67a851")):
        _pool(c, x, foot, 0.26)
        dancer(c, x, foot, 0.26, tone, "#f6efe2", 0.5, None, 0.2)
    x, foot, tall = 0.34, 0.86, 0.46
    _pool(c, x, foot, tall)
    hands = ((x - 0.33 * tall, foot - 0.62 * tall), (x + 0.31 * tall, foot - 0.74 * tall))
    dancer(c, x, foot, tall, "#e0527a", "#f7ecd9", hands=hands)
    _drum(c, x, foot - 0.42 * tall, 0.3 * tall)
    for hand, strike in zip(
        hands, ((x - 0.19 * tall, foot - 0.47 * tall), (x + 0.24 * tall, foot - 0.6 * tall)), strict=True
    ):
        c.line([hand, strike], 0.014 * tall, "#d9b98a")
        c.ellipse(*hand, 0.03 * tall, 0.028 * tall, SKIN)
    for hx in (0.06, 0.25, 0.44, 0.62):
        onlooker(c, hx, 1.04, 0.19, "#2a1d24", "#0e0a0c")
    return c.develop(bloom=0.6, vignette=0.35)


def kindergarten_bow() -> Image.Image:
    """The bow, which is also choreography."""
    c = Canvas(2000, 1500, 461)
    _boards(c, ("#a9cfe0", "#f3ead2"), 0.6, 0.84)
    for r, tone in (
        (0.34, "#d9705a"),
        (0.315, "#eaa552"),
        (0.29, "#f0d36a"),
        (0.265, "#8fbf74"),
        (0.24, "#6fa6c8"),
        (0.215, "#8d7fb8"),
        (0.19, "#f0d8ac"),
    ):
        c.fill(ring(0.667, 0.6, r * 1.25, r, np.pi, 2 * np.pi), tone, alpha=0.85)
    for x, y in ((0.27, 0.24), (0.36, 0.21), (1.0, 0.22), (1.09, 0.26)):
        c.ellipse(x, y, 0.075, 0.028, "#fdf8ec", alpha=0.9, soft=0.003)
    c.fill(
        [(0.17, 0.6), (0.3, 0.53), (0.5, 0.56), (0.7, 0.51), (0.95, 0.56), (1.17, 0.6)], "#8fae72", "#7a9a62"
    )
    _curtains(c, "#6b2a52", 0.6)
    _beam(c, 0.667, 0.667, 0.72, 0.5, "#fff2d4", 0.14)
    tones = ("#e0527a", "#f0b03f", "#4fa3b8", "#67a851", "#e8703f", "#6f74c4", "#c84f9c")
    for i, x in enumerate(np.linspace(0.27, 1.07, 7)):
        foot = 0.735 + 0.012 * abs(i - 3)
        _pool(c, float(x), foot, 0.22)
        _bowing(c, float(x), foot, 0.22, tones[i])
    for x in np.linspace(0.02, 1.3, 9):
        tall = 0.18 + float(c.rng.uniform(0, 0.02))
        onlooker(c, float(x), 1.03, tall, "#33222e", "#120b10")
    return c.develop(bloom=0.55, vignette=0.3)


def _boards(c: Canvas, sky: tuple[Colour, Colour], floor: float, bottom: float) -> None:
    """A painted backdrop above boards that run toward us, the dark house below."""
    c.sky([(0, sky[0]), (floor, sky[1]), (1, sky[1])])
    c.rectangle(0, floor, c.w, bottom, "#9a6a44", to="#5d3a26")
    for i in range(1, 9):
        y = floor + (bottom - floor) * (i / 9) ** 1.4
        c.rectangle(0, y, c.w, y + 0.0022, "#3f2718", alpha=0.6)
    c.rectangle(0, bottom, c.w, bottom + 0.012, "#c28a58", to="#7d5232")
    c.rectangle(0, bottom + 0.012, c.w, 1, "#3a2620", to="#140d0c")


def _curtains(c: Canvas, cloth: Colour, floor: float) -> None:
    """The curtain drawn to both sides, swags along the top."""
    side = 0.12 * c.w
    curtain(c, 0, side, 0, floor + 0.06, cloth, 5)
    curtain(c, c.w - side, c.w, 0, floor + 0.06, cloth, 5)
    for x in (side, c.w - side):
        c.rectangle(x - 0.012, 0, x + 0.012, floor + 0.05, "#000000", alpha=0.35, soft=0.01)
    count = max(5, round(c.w / 0.19))
    wide = c.w / count
    for i in range(count):
        middle = (i + 0.5) * wide
        for k in range(7):
            drop, spread = 0.135 * (1 - k / 7.5), wide * 0.56 * (1 - k / 16)
            swag = [
                (middle + spread * float(np.cos(a)), drop * float(np.sin(a)) ** 0.9)
                for a in np.linspace(0, np.pi, 26)
            ]
            c.fill(
                [(middle + spread, -0.02), *swag, (middle - spread, -0.02)],
                mix(cloth, ("#000000", "#ffffff")[k % 2], (0.4, 0.08)[k % 2]),
            )
        c.line(
            [
                (middle + 0.56 * wide * float(np.cos(a)), 0.135 * float(np.sin(a)) ** 0.9)
                for a in np.linspace(0.12, np.pi - 0.12, 26)
            ],
            0.006,
            "#d9b25c",
        )


def curtain(
    c: Canvas, left: float, right: float, top: float, bottom: float, cloth: Colour, folds: int = 6
) -> None:
    """Cloth that hangs in folds."""
    x0, y0, x1, y1 = c.box(left, top, right, bottom)
    if x1 <= x0 or y1 <= y0:
        return
    xs = np.linspace(0, 1, x1 - x0, dtype=np.float32)[None, :]
    ys = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None]
    wave = np.sin((xs + 0.03 * np.sin(5 * ys) * ys) * folds * 2 * np.pi + 1.3 * np.sin(xs * 9))
    light = 0.8 + 0.26 * wave + 0.08 * np.cos(2.3 * wave + 2) - 0.22 * ys * (1 - wave) / 2
    c.rgb[y0:y1, x0:x1] = rgb(cloth) * light[..., None]


def _beam(
    c: Canvas, from_x: float, x: float, foot: float, wide: float, colour: Colour, alpha: float = 0.16
) -> None:
    """A spotlight's cone and the pool where it lands."""
    c.fill(
        [(from_x - 0.012, -0.02), (from_x + 0.012, -0.02), (x + wide, foot), (x - wide, foot)],
        colour,
        alpha=alpha,
        soft=0.015,
    )
    c.ellipse(x, foot, wide * 1.15, wide * 0.24, colour, alpha=0.4, soft=0.012)


def _pool(c: Canvas, x: float, foot: float, tall: float) -> None:
    c.ellipse(
        x + 0.06 * tall, foot + 0.012 * tall, 0.32 * tall, 0.05 * tall, "#2c160e", alpha=0.5, soft=0.02 * tall
    )


def _drum(c: Canvas, x: float, y: float, r: float) -> None:
    """An hourglass drum slung across, a head at each end."""
    c.fill(
        [
            (x - r, y - 0.48 * r),
            (x, y - 0.2 * r),
            (x + r, y - 0.48 * r),
            (x + r, y + 0.48 * r),
            (x, y + 0.2 * r),
            (x - r, y + 0.48 * r),
        ],
        "#c23a34",
        "#7c1f22",
    )
    for k in range(6):
        a = -0.45 + 0.18 * k
        c.line([(x - r, y + a * r), (x, y - 0.3 * a * r), (x + r, y + a * r)], 0.008 * r * 3, "#f0dfae")
    for side in (-1, 1):
        c.ellipse(x + side * r, y, 0.17 * r, 0.54 * r, "#d9b36a")
        c.ellipse(x + side * r, y, 0.13 * r, 0.48 * r, "#f7f0de", to="#d8cbb0")


def _bowing(c: Canvas, x: float, foot: float, tall: float, skirt: Colour) -> None:
    """A child bent forward so that one sees hair and a ribbon."""
    waist = foot - 0.5 * tall
    c.fill(
        [
            (x - 0.08 * tall, waist),
            (x + 0.08 * tall, waist),
            (x + 0.26 * tall, foot),
            (x, foot + 0.015 * tall),
            (x - 0.26 * tall, foot),
        ],
        mix(skirt, "#ffffff", 0.15),
        mix(skirt, "#20101c", 0.3),
    )
    c.fill(
        [
            (x - 0.11 * tall, waist + 0.04 * tall),
            (x + 0.11 * tall, waist + 0.04 * tall),
            (x + 0.1 * tall, waist - 0.14 * tall),
            (x - 0.1 * tall, waist - 0.14 * tall),
        ],
        "#f6efe2",
        "#cbbfae",
    )
    for side in (-1, 1):
        c.line(
            [
                (x + side * 0.1 * tall, waist - 0.1 * tall),
                (x + side * 0.13 * tall, waist + 0.06 * tall),
                (x + side * 0.04 * tall, waist + 0.13 * tall),
            ],
            0.055 * tall,
            "#efe6d6",
        )
    head(c, x, waist - 0.13 * tall, 0.1 * tall)
    c.ellipse(x, waist - 0.17 * tall, 0.096 * tall, 0.085 * tall, HAIR)
    c.ellipse(x, waist - 0.25 * tall, 0.04 * tall, 0.028 * tall, skirt)
