"""After dark: a roof in Hoeryong, a hotel window in Chongjin."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, mix, rgb
from blog.demo.painting_nature import round_tree, stars
from blog.demo.painting_noise import enlarged, fractal, smoothstep
from blog.demo.painting_terrain import Air, Eye, Light, Terrain, banded, paint_terrain
from blog.demo.scenes.landscape import Z, distant_hills, hills


def hoeryong_night() -> Image.Image:
    """The town from the hotel roof: more stars than windows."""
    c = Canvas(2400, 1600, 91)
    c.sky([(0, "#060b1c"), (0.3, "#101c3c"), (0.5, "#24365c"), (0.58, "#3d4a6a")])
    _milky_way(c)
    stars(c, 0.52, 900)
    height = hills(36, 5, 0.04, 0.16) * (0.12 + 0.88 * smoothstep(0.3, 0.6, Z))
    ground = banded(height, [(0, "#4c5a6c"), (0.2, "#566478")])
    paint_terrain(
        c,
        Terrain(height, ground, 0.001, 3),
        Eye(0.045, 0.5, 1.3, near=0.06),
        Light(0.2, 0.1, "#6d7fa8", "#1d2846"),
        Air("#27365a", 0.5, 3, 0.03),
    )
    rng = c.rng
    for base, size, share in (
        (0.575, 0.03, 0.16),
        (0.605, 0.042, 0.16),
        (0.645, 0.06, 0.16),
        (0.705, 0.088, 0.18),
        (0.8, 0.14, 0.2),
    ):
        for left in np.arange(-0.05, c.w, size * 1.02):
            x = float(left + rng.normal(0, size * 0.15))
            _dark_house(
                c, x, base + float(rng.normal(0, size * 0.12)), size * float(rng.uniform(0.8, 1.05)), share
            )
        for x in rng.uniform(0, c.w, 8):
            round_tree(
                c,
                float(x),
                base + 0.62 * size,
                size * float(rng.uniform(0.7, 1.2)),
                "#080d1b",
                "#1a2540",
                0.2,
            )
    for i in range(9):
        x, y = 0.2 + 0.13 * i, 0.9 - 0.24 * (i / 8) ** 0.7
        c.ellipse(x, y, 0.003, 0.003, [1.7, 1.4, 0.9])
        c.glow(x, y, 0.07, "#5a4220", 2.4)
    return c.develop(bloom=0.8, vignette=0.35, grain=0.026)


def _milky_way(c: Canvas) -> None:
    h, w = c.height // 8, c.width // 8
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32) / h
    across = (ys - 0.62 + 0.42 * xs) / 0.16
    band = np.exp(-(across**2)) * (0.6 + 0.5 * fractal(c.rng, w, h, 12, 8, 5, 0.6))
    dust = np.exp(-((across - 0.15) ** 2) * 9) * smoothstep(0.0, 0.5, fractal(c.rng, w, h, 14, 9, 4))
    light = np.clip(band - 0.6 * dust, 0, 1) * np.clip(1.2 - 2.2 * ys, 0, 1)
    c.rgb += enlarged(light.astype(np.float32), c.width, c.height)[..., None] * rgb("#3a4058") * 1.1


def _dark_house(c: Canvas, x: float, y: float, size: float, share: float) -> None:
    """A house one sees only by its outline, now and then a lit window."""
    rng = c.rng
    two = 0.3 * size if rng.random() < 0.3 else 0.0
    c.fill(
        [(x, y - two), (x + size, y - two), (x + size, y + 0.6 * size), (x, y + 0.6 * size)],
        "#151e36",
        "#0a1022",
    )
    c.fill(
        [
            (x - 0.06 * size, y - two + 0.02 * size),
            (x + 0.15 * size, y - two - 0.22 * size),
            (x + 0.85 * size, y - two - 0.22 * size),
            (x + 1.06 * size, y - two + 0.02 * size),
        ],
        "#31405f",
        "#222d4a",
    )
    for wx in (0.16, 0.44, 0.7):
        if rng.random() < share:
            glow = rgb([1.35, 1.0, 0.5]) * np.float32(rng.uniform(0.55, 1.0))
            c.rectangle(x + wx * size, y + 0.08 * size, x + (wx + 0.13) * size, y + 0.22 * size, glow)
            c.glow(x + (wx + 0.065) * size, y + 0.15 * size, 0.42 * size, glow * 0.22, 2.2)


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
    c.fill(
        [(c.w - 0.03, 0), (c.w - 0.14, 0), (c.w - 0.1, 0.5), (c.w - 0.12, 0.96), (c.w - 0.03, 0.96)],
        "#2a2430",
        alpha=0.85,
        soft=0.004,
    )
    return c.develop(bloom=0.8, vignette=0.35, grain=0.026)


def _night_windows(
    c: Canvas, x: float, y: float, wide: float, tall: float, scale: float, share: float
) -> None:
    rng, w = c.rng, 0.012 * scale
    for wy in np.arange(y + 0.015 * scale, y + tall, 0.03 * scale):
        for wx in np.arange(x + 0.01 * scale, x + wide - 1.2 * w, 0.026 * scale):
            if rng.random() < share:
                tone = mix([1.25, 0.95, 0.5], [0.85, 0.95, 1.0], float(rng.uniform(0, 1) ** 3)) * np.float32(
                    rng.uniform(0.4, 1.0)
                )
                c.rectangle(float(wx), float(wy), float(wx + w), float(wy + w * 1.2), tone)
                c.glow(float(wx + w / 2), float(wy + w / 2), w * 3, tone * 0.2, 2.0)
            else:
                c.rectangle(float(wx), float(wy), float(wx + w), float(wy + w * 1.2), "#0c1122", alpha=0.7)
