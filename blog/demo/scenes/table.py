"""Supper, from above."""

import numpy as np
from PIL import Image

from blog.demo.painting import Canvas, Colour, mix, rgb, ring, rounded
from blog.demo.painting_noise import enlarged, fractal


def dinner() -> Image.Image:
    """Supper from above, before anybody had the heart to begin."""
    c = Canvas(1600, 1200, 471)
    grain = fractal(c.rng, 800, 600, 4, 70, 4, 0.7)
    c.rgb[:] = rgb("#6d4527") * (1 + 0.3 * enlarged(grain, c.width, c.height))[..., None]
    for x in np.arange(-0.1, 1.4, 0.222):
        c.rectangle(float(x), 0, float(x) + 0.003, 1, "#2c190d", alpha=0.6)
    c.glow(0.66, 0.42, 1.05, "#4a2f12", 1.4)
    _rice(c, 0.3, 0.72, 0.125)
    _soup(c, 0.66, 0.47, 0.2)
    _fish(c, 1.03, 0.62, 0.21)
    _kimchi(c, 0.99, 0.24, 0.115)
    _greens(c, 0.63, 0.14, 0.1, "#4f7a38", "#9bb85a")
    _greens(c, 0.3, 0.3, 0.115, "#e2d9b0", "#f6f0d2")
    _eggs(c, 0.65, 0.84, 0.115)
    _greens(c, 0.05, 0.52, 0.1, "#5a3a26", "#a87a4c")
    _rice(c, 1.3, 0.35, 0.12)
    _plate(c, 1.28, 0.88, 0.1, "#efe9dc")
    c.ellipse(1.28, 0.88, 0.07, 0.07, "#c98a3a", to="#7c4a18")
    _plate(c, 0.09, 0.12, 0.11, "#e9e3d4")
    c.ellipse(0.09, 0.12, 0.085, 0.085, "#d9b05a", to="#b5862f")
    for x0, y0, x1, y1 in ((0.45, 0.98, 0.49, 0.62), (0.475, 0.985, 0.512, 0.625)):
        c.line([(x0 + 0.006, y0 + 0.008), (x1 + 0.006, y1 + 0.008)], 0.011, "#20120a", alpha=0.4)
        c.line([(x0, y0), (x1, y1)], 0.008, "#cfd3d2")
    c.line([(0.535, 0.98), (0.55, 0.72)], 0.009, "#d5d8d6")
    c.ellipse(0.552, 0.695, 0.022, 0.036, "#dfe2e0", to="#9ea4a4")
    c.texture(0.04, 60)
    return c.develop(bloom=0.4, vignette=0.4, warmth=0.02)


def _plate(c: Canvas, x: float, y: float, r: float, glaze: Colour, rim: Colour = "#5f7fa0") -> None:
    """A dish from above: shadow, rim, a thin painted line, the well."""
    c.ellipse(x + 0.05 * r, y + 0.12 * r, 1.05 * r, 1.05 * r, "#160b05", alpha=0.55, soft=0.06 * r)
    c.ellipse(x, y, r, r, mix(glaze, "#ffffff", 0.5), to=mix(glaze, "#7d6a55", 0.35))
    c.ellipse(x, y, 0.93 * r, 0.93 * r, rim, alpha=0.55)
    c.ellipse(x, y, 0.91 * r, 0.91 * r, glaze, to=mix(glaze, "#ffffff", 0.3))
    c.ellipse(
        x, y + 0.01 * r, 0.78 * r, 0.78 * r, mix(glaze, "#5c4a38", 0.28), to=mix(glaze, "#ffffff", 0.15)
    )


def _scatter(
    c: Canvas,
    x: float,
    y: float,
    r: float,
    count: int,
    size: tuple[float, float],
    tones: tuple[Colour, ...],
    slim: float = 0.5,
) -> None:
    """Morsels heaped in a round, light ones on top."""
    rng = c.rng
    for level, tone in enumerate(tones):
        reach = r * (1 - 0.16 * level)
        pieces = []
        for _ in range(count):
            a, d = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.uniform(0, 1))
            px, py, t = x + d * np.cos(a), y + d * np.sin(a) - 0.03 * r * level, rng.uniform(0, np.pi)
            lx, ly = rng.uniform(*size) * np.array([np.cos(t), np.sin(t)])
            pieces.append(
                [
                    (px - lx, py - ly),
                    (px + slim * ly, py - slim * lx),
                    (px + lx, py + ly),
                    (px - slim * ly, py + slim * lx),
                ]
            )
        c.fill_all(pieces, tone, alpha=0.92)


def _rice(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#e9e6de", "#8a9a7a")
    c.ellipse(x, y - 0.02 * r, 0.74 * r, 0.72 * r, "#fbf8ef", to="#cfc8b8")
    _scatter(c, x, y - 0.02 * r, 0.66 * r, 120, (0.02 * r, 0.05 * r), ("#d9d3c4", "#efeadd", "#ffffff"), 0.45)


def _soup(c: Canvas, x: float, y: float, r: float) -> None:
    """The noodles the town is proud of, in their brass bowl."""
    c.ellipse(x + 0.05 * r, y + 0.1 * r, 1.06 * r, 1.06 * r, "#160b05", alpha=0.6, soft=0.06 * r)
    c.ellipse(x, y, r, r, "#f0cf7a", to="#8a6524")
    c.ellipse(x, y, 0.92 * r, 0.92 * r, "#a8812f", to="#f3d98a")
    c.ellipse(x, y, 0.87 * r, 0.87 * r, "#9c6a3a", to="#b98a54")
    rng = c.rng
    for k in range(150):
        a, d, bend = rng.uniform(0, 2 * np.pi), rng.uniform(0.08, 0.56) * r, rng.uniform(0.6, 2.0)
        cx, cy = x + 0.16 * r * np.cos(a * 3), y + 0.16 * r * np.sin(a * 2)
        strand = [
            (float(cx + d * np.cos(a + bend * t)), float(cy + d * np.sin(a + bend * t)))
            for t in np.linspace(0, 1, 9)
        ]
        c.line(strand, 0.024 * r, mix("#7a6246", "#e8d6ae", k / 150))
    for k, tone in enumerate(("#b5402c", "#c9543a", "#a8361f")):
        c.fill(ring(x + (0.05 * k - 0.1) * r, y - 0.1 * r + 0.07 * k * r, 0.2 * r, 0.07 * r), tone)
    c.ellipse(x + 0.24 * r, y + 0.2 * r, 0.17 * r, 0.15 * r, "#fbf6ea", to="#e2dac8")
    c.ellipse(x + 0.24 * r, y + 0.2 * r, 0.085 * r, 0.078 * r, "#f0b93f", to="#dd9a26")
    _scatter(c, x - 0.25 * r, y + 0.2 * r, 0.2 * r, 22, (0.03 * r, 0.08 * r), ("#3f6b34", "#7ba650"), 0.3)


def _fish(c: Canvas, x: float, y: float, r: float) -> None:
    """A grilled fish from the port, scored twice."""
    plate = [(x + 1.25 * r * np.cos(a), y + 0.72 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 48)]
    c.fill([(px + 0.04 * r, py + 0.1 * r) for px, py in plate], "#160b05", alpha=0.55, soft=0.05 * r)
    c.fill(plate, "#f3efe6", "#cbc3b4")
    c.fill(
        [(x + 1.12 * r * np.cos(a), y + 0.6 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 48)],
        "#e2dccf",
        "#f4f0e6",
    )
    body = [
        (x - 0.85 * r, y),
        (x - 0.6 * r, y - 0.2 * r),
        (x - 0.1 * r, y - 0.3 * r),
        (x + 0.4 * r, y - 0.2 * r),
        (x + 0.72 * r, y - 0.05 * r),
        (x + 1.0 * r, y - 0.24 * r),
        (x + 0.95 * r, y),
        (x + 1.0 * r, y + 0.24 * r),
        (x + 0.72 * r, y + 0.05 * r),
        (x + 0.4 * r, y + 0.2 * r),
        (x - 0.1 * r, y + 0.28 * r),
        (x - 0.6 * r, y + 0.18 * r),
    ]
    c.fill(
        rounded([(px + 0.02 * r, py + 0.05 * r) for px, py in body], 1), "#4a3622", alpha=0.5, soft=0.02 * r
    )
    c.fill(rounded(body, 1), "#8f6a3c", "#c9a46a")
    c.fill(
        [
            (x - 0.6 * r, y - 0.04 * r),
            (x + 0.6 * r, y - 0.02 * r),
            (x + 0.3 * r, y + 0.1 * r),
            (x - 0.3 * r, y + 0.12 * r),
        ],
        "#e6c98e",
        alpha=0.6,
        soft=0.02 * r,
    )
    for k in (-0.35, -0.1, 0.15, 0.4):
        c.line([(x + k * r, y - 0.2 * r), (x + (k - 0.1) * r, y + 0.18 * r)], 0.03 * r, "#4a2d16")
    c.ellipse(x - 0.68 * r, y - 0.04 * r, 0.035 * r, 0.035 * r, "#1c120a")
    c.fill(ring(x + 0.15 * r, y + 0.44 * r, 0.16 * r, 0.06 * r), "#f1d657", to="#cfa526")


def _kimchi(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#efeae0")
    _scatter(
        c,
        x,
        y,
        0.64 * r,
        44,
        (0.1 * r, 0.2 * r),
        ("#8f2f1c", "#c2502c", "#e0a060", "#d2623a", "#f0d6a0"),
        0.4,
    )


def _greens(c: Canvas, x: float, y: float, r: float, dark: Colour, light: Colour) -> None:
    _plate(c, x, y, r, "#efeae0")
    _scatter(c, x, y, 0.66 * r, 80, (0.1 * r, 0.22 * r), (dark, mix(dark, light, 0.5), light), 0.16)


def _eggs(c: Canvas, x: float, y: float, r: float) -> None:
    _plate(c, x, y, r, "#efeae0")
    for k in range(5):
        a = 2 * np.pi * k / 5 + 0.3
        ex, ey = x + 0.42 * r * float(np.cos(a)), y + 0.42 * r * float(np.sin(a))
        c.ellipse(ex + 0.02 * r, ey + 0.05 * r, 0.24 * r, 0.2 * r, "#6d5c48", alpha=0.4, soft=0.02 * r)
        c.ellipse(ex, ey, 0.24 * r, 0.2 * r, "#fdfaf0", to="#ddd5c2")
        c.ellipse(ex, ey, 0.12 * r, 0.11 * r, "#f2bd45", to="#dc9a2a")
