"""Trees, grass, rain and stars."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from blog.demo.painting import Canvas, Colour, mix, rgb
from blog.demo.painting_noise import Field, enlarged, smooth_noise

Scatter = Callable[[np.random.Generator, int], NDArray[np.float64]]


def crown(
    canvas: Canvas,
    scatter: Scatter,
    leaf: float,
    count: int,
    dark: Colour,
    light: Colour,
    sun: tuple[float, float],
) -> None:
    """Foliage: dabs of the brush that `scatter` places, lighter toward the sun, the light ones on top.

    However large the tree, a leaf stays a leaf: a tall one gets more of them, a small one gets by with fewer.
    """
    rng = canvas.rng
    size = min(max(leaf, 0.0016), max(0.0062, 0.45 * leaf))
    spots = scatter(rng, int(min(count * (leaf / size) ** 2, 6500)))
    facing = ((spots - spots.mean(0)) / np.maximum(spots.std(0), 1e-6)) @ np.asarray(sun) / np.hypot(*sun)
    tones = np.clip(2.3 + 1.15 * facing + rng.normal(0, 1.15, len(spots)), 0, 5).astype(int)
    canvas.fill_all(_dabs(rng, spots[::2], size * 1.25), mix(dark, "#10140c", 0.3), alpha=0.8)
    for tone in range(6):
        canvas.fill_all(_dabs(rng, spots[tones == tone], size), mix(dark, light, tone / 5), alpha=0.85)


def _dabs(rng: np.random.Generator, spots: NDArray[np.float64], size: float) -> list[NDArray[np.float64]]:
    """Small uneven hexagons around the spots."""
    angles = np.arange(6) * np.pi / 3 + rng.uniform(0, 1, (len(spots), 1))
    radii = size * rng.uniform(0.5, 1.2, (len(spots), 1)) * rng.uniform(0.5, 1.0, (len(spots), 6))
    return list(spots[:, None, :] + np.stack([radii * np.cos(angles), 0.75 * radii * np.sin(angles)], -1))


def _in_disc(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points spread evenly over the unit disc, a few beyond its edge."""
    angle, radius = (
        rng.uniform(0, 2 * np.pi, count),
        np.sqrt(rng.uniform(0, 1, count)) * rng.uniform(0.93, 1.1, count),
    )
    return radius * np.cos(angle), radius * np.sin(angle)


def _trunk(canvas: Canvas, x: float, foot: float, height: float, half: float, colour: Colour) -> None:
    canvas.fill(
        [(x - half, foot), (x - half / 2, foot - height), (x + half / 2, foot - height), (x + half, foot)],
        colour,
    )


def poplar(
    canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5
) -> None:
    """A slender Lombardy poplar, its branches swept upward in tufts."""
    _trunk(canvas, x, foot, height * 0.5, height * 0.012, mix(dark, "#4b4038", 0.5))
    tufts = np.stack([np.linspace(0, 1, 34), canvas.rng.uniform(0, 1, 34)], 1)

    def scatter(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        across, along = _in_disc(rng, count)
        tuft = tufts[rng.integers(0, len(tufts), count)]
        up = np.clip(tuft[:, 0] + 0.13 * along, 0, 1)
        half = 0.088 * height * np.sin(np.pi * (0.1 + 0.9 * up)) ** 0.75 * (1.15 - 0.6 * up)
        sideways = 0.5 * (2 * tuft[:, 1] - 1) + 0.6 * across
        return np.stack([x + sideways * half, foot - height * (0.11 + 0.89 * up)], 1)

    crown(canvas, scatter, height * 0.013, 1150, dark, light, (sun, -0.7))


def round_tree(
    canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5
) -> None:
    """A broad tree: a trunk below overlapping clouds of leaves."""
    _trunk(canvas, x, foot, height * 0.5, height * 0.028, mix(dark, "#4b4038", 0.5))
    rng = canvas.rng
    around = np.linspace(0, 2 * np.pi, 9, endpoint=False) + rng.uniform(0, 0.5, 9)
    lobes = np.stack([x + 0.2 * height * np.cos(around), foot - height * (0.64 + 0.16 * np.sin(around))], 1)
    lobes += rng.normal(0, 0.03 * height, lobes.shape)

    def scatter(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        across, down = _in_disc(rng, count)
        return lobes[rng.integers(0, len(lobes), count)] + np.stack([across * 0.15, down * 0.13], 1) * height

    crown(canvas, scatter, height * 0.016, 2000, dark, light, (sun, -0.8))


def pine(
    canvas: Canvas, x: float, foot: float, height: float, dark: Colour, light: Colour, sun: float = 0.5
) -> None:
    """A red pine as they grow on that coast: a bent bare trunk below flat cushions of needles."""
    rng = canvas.rng
    lean = rng.uniform(-0.16, 0.16) * height
    up = np.linspace(0, 1, 13)
    trunk = np.stack([x + lean * up**1.6 + 0.02 * height * np.sin(5 * up), foot - height * 0.9 * up], 1)
    girth = height * (0.021 - 0.016 * up)[:, None] * (1, 0)
    canvas.fill(
        np.concatenate([trunk - girth, (trunk + girth)[::-1]]),
        mix(dark, "#a55f40", 0.5),
        mix(dark, "#4a332a", 0.6),
    )
    levels = np.array([0.56, 0.64, 0.72, 0.78, 0.84, 0.9, 0.95, 1.0])
    sides = np.where(np.arange(8) % 2, 1.0, -1.0) * rng.uniform(0.5, 1.0, 8) * (levels < 0.99)
    reach = (1.2 - levels) * 0.5 * height
    hold = trunk[np.minimum((levels * 12).astype(int), 12)]
    cushions = hold + np.stack([sides * reach, np.full(8, -0.035 * height)], 1)
    for start, end in zip(hold, cushions, strict=True):
        canvas.line(
            [(start[0], start[1] + 0.03 * height), (end[0], end[1])],
            height * 0.009,
            mix(dark, "#6a4534", 0.4),
        )

    def scatter(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        across, down = _in_disc(rng, count)
        pick = rng.integers(0, 8, count)
        wide = (0.1 + 0.11 * (1.05 - levels[pick])) * height
        return cushions[pick] + np.stack(
            [across * wide, down * 0.05 * height - 0.02 * height * (1 - across**2)], 1
        )

    crown(canvas, scatter, height * 0.012, 1300, dark, light, (0.5 * sun, -1.0))


def grass(
    canvas: Canvas, line: Callable[[float], float], height: float, count: int, dark: Colour, light: Colour
) -> None:
    """Tufts of thin blades along a line y(x), from left to right of the canvas."""
    rng = canvas.rng
    for share in (0.0, 0.35, 0.7, 1.0):
        tufts = rng.uniform(-0.02, canvas.w + 0.02, max(1, count // 9))
        xs = np.repeat(tufts, 4) + rng.normal(0, 0.35 * height, 4 * len(tufts))
        feet = np.array([line(float(x)) for x in xs]) + rng.uniform(0, 1.2 * height, len(xs))
        tall, bend = height * rng.uniform(0.3, 1.15, len(xs)), rng.normal(0, 0.3, len(xs)) * height
        half = np.full(len(xs), max(0.03 * height, 0.0006))
        left, tip, right = (xs - half, feet), (xs + bend, feet - tall), (xs + half, feet)
        middle = (
            (xs + 0.35 * bend - 0.6 * half, feet - 0.55 * tall),
            (xs + 0.35 * bend + 0.6 * half, feet - 0.55 * tall),
        )
        blades = np.stack([np.stack(corner, 1) for corner in (left, middle[0], tip, middle[1], right)], 1)
        canvas.fill_all(list(blades), mix(dark, light, share), alpha=0.75)


def rain(
    canvas: Canvas, amount: int, length: float, colour: Colour, alpha: float, slant: float = 0.12
) -> None:
    """Falling rain as thin streaks."""
    rng = canvas.rng
    for depth in (0.5, 1.0):
        streaks = []
        for x, y in rng.uniform(-0.1, 1.1, (amount, 2)) * (canvas.w, 1):
            long = length * depth * rng.uniform(0.6, 1.3)
            thick = 0.0006 * depth
            streaks.append(
                [(x, y), (x + thick, y), (x + slant * long + thick, y + long), (x + slant * long, y + long)]
            )
        canvas.fill_all(streaks, colour, alpha=alpha * depth)


def stars(canvas: Canvas, bottom: float, count: int) -> None:
    """Stars of all magnitudes down to the given height, thinner toward the horizon."""
    rng = canvas.rng
    ys = rng.beta(1.0, 1.7, count) * bottom
    xs = rng.uniform(0, canvas.w, count)
    for x, y, magnitude in zip(xs, ys, rng.pareto(2.2, count), strict=True):
        canvas.glow(
            float(x),
            float(y),
            0.0014 + 0.0012 * min(float(magnitude), 2.5),
            [min(0.25 + 0.5 * float(magnitude), 1.6) * v for v in (0.87, 0.9, 1.0)],
            1.5,
        )


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


def crescent(
    canvas: Canvas, x: float, y: float, radius: float, colour: Colour, phase: float = 0.55, tilt: float = 0.5
) -> None:
    """A young moon; `phase` 0 is new, 1 a half moon, `tilt` turns its lit side (radians below the right)."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 40)
    rim = np.stack([np.cos(angles), np.sin(angles)], -1)
    inner = np.stack([(1 - phase) * np.cos(angles), np.sin(angles)], -1)[::-1]
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    outline = np.concatenate([rim, inner]) @ turn * radius + (x, y)
    canvas.glow(x, y, radius * 14, np.asarray(rgb(colour)) * 0.16, 2.6)
    canvas.fill([(float(a), float(b)) for a, b in outline], colour)
