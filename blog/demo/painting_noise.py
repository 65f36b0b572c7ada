"""Seeded noise, the raw material of hills, clouds, water and paper."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field: TypeAlias = NDArray[np.floating[Any]]


def enlarged(field: Field, width: int, height: int) -> Field:
    """The field resampled to height × width with bicubic smoothness."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def smooth_noise(rng: np.random.Generator, width: int, height: int, across: float, down: float) -> Field:
    """Value noise in about [-1, 1] with so many cells across and down."""
    columns, rows = max(2, round(across)), max(2, round(down))
    grid = rng.uniform(-1, 1, (rows + 2, columns + 2)).astype(np.float32)
    image = Image.fromarray(grid)
    box = (1.0, 1.0, columns + 1.0, rows + 1.0)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box=box))


def fractal(
    rng: np.random.Generator,
    width: int,
    height: int,
    across: float,
    down: float,
    octaves: int = 5,
    gain: float = 0.5,
) -> Field:
    """Sum of octaves of value noise, in about [-1, 1]; `across` and `down` are the cells of the first."""
    total = np.zeros((height, width), np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        scale = 2**octave
        total += weight * smooth_noise(rng, width, height, across * scale, down * scale)
        weights += weight
        weight *= gain
    return total * np.float32(1.6 / weights)


def periodic_noise(rng: np.random.Generator, size: int, cells: int) -> Field:
    """Square value noise in [-1, 1] that continues over its edges."""
    grid = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    padded = np.pad(grid, 3, mode="wrap")
    box = (3.0, 3.0, cells + 3.0, cells + 3.0)
    return np.asarray(Image.fromarray(padded).resize((size, size), Image.Resampling.BICUBIC, box=box))


def ridged(rng: np.random.Generator, size: int, cells: int, octaves: int, gain: float = 0.5) -> Field:
    """Ridged multifractal in [0, 1] after Musgrave: worn crests, rougher where the octave before is high."""
    total = np.zeros((size, size), np.float32)
    carry: Field = np.ones((size, size), np.float32)
    weight = 1.0
    for octave in range(octaves):
        valley = np.sqrt(periodic_noise(rng, size, cells * 2**octave) ** 2 + np.float32(0.004))
        crest = np.clip(1 - valley * 1.35, 0, 1) ** 1.4 * carry
        total += np.float32(weight) * crest
        carry = np.clip(crest * 1.2 + 0.15, 0, 1)
        weight *= gain
    return 1 - (1 - total / total.max()) ** 1.45  # broad backs rather than needles


def smoothstep(low: float | Field, high: float | Field, value: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth between (Hermite)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
