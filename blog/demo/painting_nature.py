"""Trees, grass, rain and stars."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from blog.demo.painting import Canvas, Colour, Point, mix, rgb
from blog.demo.painting_noise import Field, enlarged, smooth_noise


def crown(
    canvas: Canvas, place: Callable[[np.random.Generator], Point], leaf: float, count: int, dark: Colour, light: Colour,
    sun: tuple[float, float] = (0.5, -1.0),
) -> None:
    """Foliage: dabs of the brush that `place` scatters, lighter toward the sun, the light ones on top."""
    rng = canvas.rng
    count = int(count * np.clip(leaf * canvas.height / 5, 0.12, 1))  # a small tree needs few strokes
    spots = np.array([place(rng) for _ in range(count)])
    reach = np.maximum(spots.std(0), 1e-6)
    facing = ((spots - spots.mean(0)) / reach) @ np.asarray(sun) / np.hypot(*sun)
    tones = np.clip(2.2 + 1.3 * facing + rng.normal(0, 1.1, count), 0, 5).astype(int)
    canvas.fill_all(_dabs(rng, spots[: count // 3], leaf * 1.8), mix(dark, "#10140c", 0.35), alpha=0.85)
    for tone in range(6):
        canvas.fill_all(_dabs(rng, spots[tones == tone], leaf), mix(dark, light, tone / 5), alpha=0.9)


def _dabs(rng: np.random.Generator, spots: NDArray[np.float64], size: float) -> list[NDArray[np.float64]]:
    """Small uneven hexagons around the spots."""
    angles = np.arange(6) * np.pi / 3 + rng.uniform(0, 1, (len(spots), 1))
    radii = size * rng.uniform(0.5, 1.2, (len(spots), 1)) * rng.uniform(0.55, 1.0, (len(spots), 6))
    return list(spots[:, None, :] + np.stack([radii * np.cos(angles), 0.8 * radii * np.sin(angles)], -1))


def poplar(canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5) -> None:
    """A slender Lombardy poplar, its branches swept upward."""
    canvas.fill(
        [(x - height * 0.012, foot), (x - height * 0.006, foot - height * 0.5), (x + height * 0.006, foot - height * 0.5),
         (x + height * 0.012, foot)], mix(dark, "#4b4038", 0.5))

    def place(rng: np.random.Generator) -> Point:
        up = rng.beta(1.3, 1.15)
        half = 0.085 * height * np.sin(np.pi * (0.12 + 0.88 * up)) ** 0.8 * (1.12 - 0.55 * up)
        return float(x + rng.normal(0, 0.5) * half), float(foot - height * (0.12 + 0.88 * up))

    crown(canvas, place, height * 0.013, 900, dark, light, (sun, -0.8))


def round_tree(canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5) -> None:
    """A broad tree: trunk and three clouds of leaves."""
    canvas.fill(
        [(x - height * 0.03, foot), (x - height * 0.015, foot - height * 0.5), (x + height * 0.015, foot - height * 0.5),
         (x + height * 0.03, foot)], mix(dark, "#4b4038", 0.5))
    rng = canvas.rng
    lobes = [(x + rng.uniform(-0.2, 0.2) * height, foot - height * rng.uniform(0.5, 0.8)) for _ in range(6)]

    def place(rng: np.random.Generator) -> Point:
        cx, cy = lobes[int(rng.integers(len(lobes)))]
        angle, radius = rng.uniform(0, 2 * np.pi), height * 0.19 * np.sqrt(rng.uniform(0, 1))
        return float(cx + radius * np.cos(angle)), float(cy + 0.85 * radius * np.sin(angle))

    crown(canvas, place, height * 0.013, 1500, dark, light, (sun, -0.8))


def pine(canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5) -> None:
    """A red pine as they grow on that coast: a bent bare trunk below flat cushions of needles."""
    rng = canvas.rng
    lean = rng.uniform(-0.16, 0.16) * height
    up = np.linspace(0, 1, 9)
    trunk = [(float(x + lean * t**1.6 + 0.02 * height * np.sin(5 * t)), float(foot - height * 0.9 * t)) for t in up]
    for (a, b), t in zip(zip(trunk, trunk[1:], strict=False), up, strict=False):
        canvas.line([a, b], height * (0.04 - 0.03 * float(t)), mix(dark, "#8a4f38", 0.45 - 0.3 * float(t)))
    cushions = []
    for _ in range(9):
        level = rng.uniform(0.55, 1.0)
        base = trunk[min(8, int(level * 8))]
        reach = (1.15 - level) * 0.62 * height
        cushions.append((base[0] + rng.uniform(-1, 1) * reach, base[1] - 0.04 * height, 0.11 * height))

    def place(rng: np.random.Generator) -> Point:
        cx, cy, r = cushions[int(rng.integers(len(cushions)))]
        return float(cx + rng.normal(0, 0.55) * r), float(cy + rng.normal(0, 0.22) * r)

    crown(canvas, place, height * 0.013, 1100, dark, light, (sun, -0.9))


def grass(canvas: Canvas, line: Callable[[float], float], height: float, count: int, dark: Colour, light: Colour) -> None:
    """Blades along a line y(x), from left to right of the canvas."""
    rng = canvas.rng
    for share in (0.0, 0.5, 1.0):
        blades = []
        for x in rng.uniform(-0.02, canvas.w + 0.02, count):
            foot, tall, bend = line(float(x)) + rng.uniform(0, height), height * rng.uniform(0.4, 1.2), rng.normal(0, 0.35)
            width = height * 0.045
            blades.append([(float(x - width), foot), (float(x + bend * tall), foot - tall), (float(x + width), foot)])
        canvas.fill_all(blades, mix(dark, light, share), alpha=0.85)


def rain(canvas: Canvas, amount: int, length: float, colour: Colour, alpha: float, slant: float = 0.12) -> None:
    """Falling rain as thin streaks."""
    rng = canvas.rng
    for depth in (0.5, 1.0):
        streaks = []
        for x, y in rng.uniform(-0.1, 1.1, (amount, 2)) * (canvas.w, 1):
            long = length * depth * rng.uniform(0.6, 1.3)
            thick = 0.0006 * depth
            streaks.append([(x, y), (x + thick, y), (x + slant * long + thick, y + long), (x + slant * long, y + long)])
        canvas.fill_all(streaks, colour, alpha=alpha * depth)


def stars(canvas: Canvas, bottom: float, count: int, colour: Colour = "#dfe6ff") -> None:
    """Stars of all magnitudes down to the given height, thinner toward the horizon."""
    rng = canvas.rng
    ys = np.sqrt(rng.uniform(0, 1, count)) if bottom < 0 else rng.beta(1.0, 1.7, count) * bottom
    xs = rng.uniform(0, canvas.w, count)
    for x, y, magnitude in zip(xs, ys, rng.pareto(2.2, count), strict=True):
        canvas.glow(float(x), float(y), 0.0014 + 0.0012 * min(float(magnitude), 2.5),
                    [min(0.25 + 0.5 * float(magnitude), 1.6) * v for v in (0.87, 0.9, 1.0)], 1.5)


def shafts(canvas: Canvas, x: float, y: float, colour: Colour, strength: float, spread: float = 1.2) -> None:
    """Beams of light that fan out downward from (x, y)."""
    h, w = canvas.height // 8, canvas.width // 8
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32) / h
    angle = np.arctan2(xs - x, np.maximum(ys - y, 1e-3))
    fan = smooth_noise(canvas.rng, 512, 1, 26, 1)[0]
    noise = np.interp(angle, np.linspace(-spread, spread, 512), fan, 0, 0)
    edge = np.clip(1 - (angle / spread) ** 2, 0, 1)
    reach = np.clip(1.2 - np.hypot(xs - x, ys - y), 0, 1) ** 1.3
    beams: Field = (np.clip(noise + 0.15, 0, 1) * edge * reach * strength).astype(np.float32)
    canvas.rgb += np.clip(enlarged(beams, canvas.width, canvas.height), 0, None)[..., None] * rgb(colour)


def crescent(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, phase: float = 0.55, tilt: float = 0.5) -> None:
    """A young moon; `phase` 0 is new, 1 a half moon, `tilt` turns its lit side (radians below the right)."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 40)
    rim = np.stack([np.cos(angles), np.sin(angles)], -1)
    inner = np.stack([(1 - phase) * np.cos(angles), np.sin(angles)], -1)[::-1]
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    outline = np.concatenate([rim, inner]) @ turn * radius + (x, y)
    canvas.glow(x, y, radius * 14, np.asarray(rgb(colour)) * 0.16, 2.6)
    canvas.fill([(float(a), float(b)) for a, b in outline], colour)
