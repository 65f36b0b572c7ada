"""Regions of a photo: rectangles and polygons in fractions of the upright picture. PURE.

They are kept and served as the selectors of the W3C's Web Annotation model: a rectangle as the media
fragment `xywh=percent:` (https://www.w3.org/TR/media-frags/#naming-space), a polygon as an SVG selector.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LEAST_SIDE = 0.002  # of the picture; what is smaller was a slip of the hand
MOST_CORNERS = 100
DIGITS = 5  # a hundredth of a pixel in a picture of 1,000

NUMBER = r"(-?\d{1,7}(?:\.\d{1,12})?)"
XYWH = re.compile(rf"(?:#)?xywh=(percent:|pixel:)?{NUMBER},{NUMBER},{NUMBER},{NUMBER}")
SVG_POINTS = re.compile(r"<polygon\b[^>]{0,400}\bpoints=[\"']([-\d.,\s]{5,6000})[\"']")

Corner = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """Corners (x, y) in fractions, from the top left; two opposite ones stand for a rectangle.

    Raises `ValueError`, in words for the user, for what covers no part of the picture.
    """

    corners: tuple[Corner, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.corners) <= MOST_CORNERS:
            raise ValueError("A region has at least two and at most a hundred corners.")
        if not all(math.isfinite(number) for corner in self.corners for number in corner):
            raise ValueError("The corners of a region are numbers.")
        held = tuple((round(clip(x), DIGITS), round(clip(y), DIGITS)) for x, y in self.corners)
        object.__setattr__(self, "corners", held)
        if self.width < LEAST_SIDE or self.height < LEAST_SIDE:
            raise ValueError("This region is too small, or lies outside the photo.")

    @classmethod
    def rectangle(cls, x: float, y: float, width: float, height: float) -> Region:
        return cls(((x, y), (x + width, y + height)))

    @property
    def is_rectangle(self) -> bool:
        return len(self.corners) == 2

    @property
    def x(self) -> float:
        return min(x for x, _y in self.corners)

    @property
    def y(self) -> float:
        return min(y for _x, y in self.corners)

    @property
    def width(self) -> float:
        return max(x for x, _y in self.corners) - self.x

    @property
    def height(self) -> float:
        return max(y for _x, y in self.corners) - self.y

    @property
    def outline(self) -> tuple[Corner, ...]:
        """All corners in order, those of a rectangle clockwise from the top left."""
        if not self.is_rectangle:
            return self.corners
        left, top, right, bottom = self.x, self.y, self.x + self.width, self.y + self.height
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    @property
    def path(self) -> str:
        """The outline as an SVG path in a picture of 1 × 1."""
        return "M" + "L".join(f"{x:.5g} {y:.5g}" for x, y in self.outline) + "Z"

    @property
    def anchor(self) -> Corner:
        """Where its number stands: the corner that is nearest to the top left."""
        return min(self.outline, key=lambda corner: (corner[0] - self.x) ** 2 + (corner[1] - self.y) ** 2)

    def to_json(self) -> list[list[float]]:
        """As the database keeps it: [[x, y], …]."""
        return [list(corner) for corner in self.corners]

    @classmethod
    def from_json(cls, corners: Sequence[Sequence[float]]) -> Region:
        return cls(tuple((float(x), float(y)) for x, y in corners))

    def selector(self, width: int, height: int) -> dict[str, Any]:
        """As a W3C selector on the upright picture of `width` × `height` pixels."""
        if self.is_rectangle:
            numbers = (self.x, self.y, self.width, self.height)
            return {
                "type": "FragmentSelector",
                "conformsTo": "http://www.w3.org/TR/media-frags/",
                "value": "xywh=percent:" + ",".join(f"{100 * number:.7g}" for number in numbers),
            }
        points = " ".join(f"{x * width:.7g},{y * height:.7g}" for x, y in self.corners)
        return {"type": "SvgSelector", "value": f'<svg><polygon points="{points}" /></svg>'}

    @classmethod
    def from_selector(cls, selector: Any, width: int, height: int) -> Region:
        """From a W3C selector, as browsers and other programs write it. Raises `ValueError`."""
        value = selector.get("value") if isinstance(selector, dict) else None
        if not isinstance(value, str) or len(value) > 10_000:
            raise ValueError("This region cannot be read.")
        if match := XYWH.fullmatch(value.strip()):
            x, y, wide, high = (float(number) for number in match.groups()[1:])
            across, down = (100.0, 100.0) if match[1] == "percent:" else (float(width), float(height))
            return cls.rectangle(x / across, y / down, wide / across, high / down)
        if match := SVG_POINTS.search(value):
            return cls.from_json(list(pairs(match[1], width, height)))
        raise ValueError("A region is a rectangle or a polygon.")


def clip(number: float) -> float:
    return min(1.0, max(0.0, number))


def pairs(points: str, width: int, height: int) -> list[list[float]]:
    """The corners of an SVG polygon in pixels, as fractions. Raises `ValueError`."""
    numbers = [float(number) for number in re.split(r"[\s,]+", points.strip())]
    if len(numbers) % 2 or len(numbers) < 6:
        raise ValueError("A polygon has at least three corners.")
    return [[x / width, y / height] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
