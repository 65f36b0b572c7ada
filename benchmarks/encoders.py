"""Which encoder, at which effort: bytes and CPU seconds at equal likeness, over real photos.

    python -m benchmarks.encoders [--widths 800,1800] PHOTO...

For every photo and width, every encoder writes the picture at several qualities. Likeness is the structural
similarity (SSIM, Wang et al. 2004) of the luma in windows of 8 × 8 pixels, as -10 log10(1 - SSIM). The bytes
and seconds of an encoder are read off its curve where it is as alike as the JPEG of quality 80, and printed
as the geometric mean of their ratios to that JPEG, with the quality that reaches it.
"""

import argparse
import io
import math
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blog.photos.metadata import read_metadata
from blog.photos.renditions import prepare, step_down

WINDOW = 8
STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # C1 and C2 of the formula
JPEG: Mapping[str, Any] = {"format": "JPEG", "progressive": True, "optimize": True}
AVIF: Mapping[str, Any] = {"format": "AVIF", "max_threads": 1}

ENCODERS: Mapping[str, tuple[Mapping[str, Any], tuple[int, ...]]] = {
    "JPEG": (JPEG, (65, 75, 80, 85, 92)),
    "JPEG 4:4:4": (JPEG | {"subsampling": 0}, (60, 70, 80, 88)),
    "WebP, effort 4": ({"format": "WEBP", "method": 4}, (60, 70, 80, 88, 94)),
    "WebP, effort 6": ({"format": "WEBP", "method": 6}, (60, 70, 80, 88, 94)),
    **{f"AVIF, speed {speed}": (AVIF | {"speed": speed}, (40, 50, 58, 66, 75, 85)) for speed in (9, 8, 7, 6)},
    "AVIF, speed 8, tune iq": (AVIF | {"speed": 8, "advanced": {"tune": "iq"}}, (40, 50, 58, 66, 75, 85)),
    "AVIF, speed 8, tune ssim": (AVIF | {"speed": 8, "advanced": {"tune": "ssim"}}, (40, 50, 58, 66, 75, 85)),
}


class Point(NamedTuple):
    quality: float
    likeness: float  # dB
    size: float  # bytes
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--widths", default="800,1800")
    parser.add_argument("photos", nargs="+", type=Path)
    given = parser.parse_args()
    widths = {int(width) for width in given.widths.split(",")}
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ENCODERS}
    count = 0
    for path in given.photos:
        for image in pictures(path, widths):
            count += 1
            compare(image, found)
    print(f"{count} pictures of {len(given.photos)} photos; as alike as the JPEG of quality 80:")
    print(f"{'':26}{'quality':>8}{'bytes':>8}{'CPU':>8}")
    for name, rows in found.items():
        if rows:
            quality, size, seconds = zip(*rows, strict=True)
            print(f"{name:26}{np.mean(quality):8.0f}{mean_ratio(size):8.2f}{mean_ratio(seconds):8.2f}")


def pictures(path: Path, widths: set[int]) -> list[Image.Image]:
    file = io.BytesIO(path.read_bytes())
    prepared, made = prepare(file, read_metadata(file).orientation)
    return [image for image in step_down(prepared, made) if image.width in widths]


def compare(image: Image.Image, found: dict[str, list[tuple[float, float, float]]]) -> None:
    luma = np.asarray(image.convert("L"), np.float64)
    norm = measured(image, luma, JPEG, 80)
    for name, (options, qualities) in ENCODERS.items():
        curve = [measured(image, luma, options, quality) for quality in qualities]
        if at := where(curve, norm.likeness):
            found[name].append((at.quality, at.size / norm.size, at.seconds / norm.seconds))


def measured(
    image: Image.Image, luma: NDArray[np.float64], options: Mapping[str, Any], quality: int
) -> Point:
    file = io.BytesIO()
    start = time.process_time()
    image.save(file, **options, quality=quality)
    seconds = time.process_time() - start
    again = np.asarray(Image.open(file).convert("L"), np.float64)
    return Point(quality, -10 * math.log10(1 - ssim(luma, again)), len(file.getvalue()), seconds)


def where(curve: list[Point], likeness: float) -> Point | None:
    """The point between two of the curve that is as alike; None where the curve does not reach there."""
    for low, high in pairwise(curve):
        if low.likeness <= likeness <= high.likeness:
            part = (likeness - low.likeness) / (high.likeness - low.likeness)
            return Point(*(a + part * (b - a) for a, b in zip(low, high, strict=True)))
    return None


def ssim(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    mean_1, mean_2 = windows(one), windows(other)
    variance_1, variance_2 = windows(one * one) - mean_1**2, windows(other * other) - mean_2**2
    covariance = windows(one * other) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + STEADY[0]) * (2 * covariance + STEADY[1])
    below = (mean_1**2 + mean_2**2 + STEADY[0]) * (variance_1 + variance_2 + STEADY[1])
    return float((above / below).mean())


def windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of every window of 8 × 8."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    high, low = sums[WINDOW:], sums[:-WINDOW]
    return (high[:, WINDOW:] - high[:, :-WINDOW] - low[:, WINDOW:] + low[:, :-WINDOW]) / WINDOW**2


def mean_ratio(ratios: tuple[float, ...]) -> float:
    return math.exp(sum(math.log(max(ratio, 1e-9)) for ratio in ratios) / len(ratios))


if __name__ == "__main__":
    main()
