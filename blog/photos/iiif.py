"""The IIIF Image API 3.0, level 2: what an address asks of a picture, and what a service says of it. PURE.

https://iiif.io/api/image/3.0/. A picture is served from a pyramid of square tiles: the levels are 1, 2, 4, …
times smaller than the picture, and the last of them is a single tile. See `blog/photos/pyramid.py`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TILE = 512  # pixels a side
MAX_WIDTH = 4096  # and height, of one answer; a sphere on a phone's graphics card is 4,096 wide
MAX_AREA = MAX_WIDTH * MAX_WIDTH // 2

CONTEXT = "http://iiif.io/api/image/3/context.json"
PROFILE = "http://iiif.io/api/image/3/level2.json"
EXTRA_FEATURES = ["canonicalLinkHeader", "mirroring", "profileLinkHeader"]

WHOLE = r"(\d{1,9})"
DECIMAL = r"(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})"
PIXELS = re.compile(rf"{WHOLE},{WHOLE},{WHOLE},{WHOLE}", re.ASCII)
SHARES = re.compile(rf"pct:{DECIMAL},{DECIMAL},{DECIMAL},{DECIMAL}", re.ASCII)
SIDES = re.compile(rf"(!?)(?:{WHOLE},{WHOLE}|{WHOLE},|,{WHOLE})", re.ASCII)
PERCENT = re.compile(rf"pct:{DECIMAL}", re.ASCII)
ROTATION = re.compile(rf"(!?){DECIMAL}", re.ASCII)
KNOWN_FORMATS = {"tif", "gif", "jp2", "pdf", "webp"}  # the specification's, that are not made here

Size = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, width, height


class BadRequest(ValueError):
    """What no picture can be: the address is wrong (400)."""


class NotOffered(ValueError):
    """What the specification knows and this service does not do (501)."""


class Quality(StrEnum):
    DEFAULT = "default"
    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


class ImageFormat(StrEnum):
    JPEG = "jpg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        return "image/jpeg" if self is ImageFormat.JPEG else "image/png"


@dataclass(frozen=True)
class Tile:
    """One tile of a pyramid: `scale` is how many times smaller than the picture its level is."""

    scale: int
    column: int
    row: int


@dataclass(frozen=True)
class ImageRequest:
    """A part of the upright picture, the size it is wanted in, and what is done to it after that."""

    full: Size
    box: Box
    size: Size
    is_mirrored: bool
    turn: int  # degrees clockwise: 0, 90, 180 or 270
    quality: Quality
    format: ImageFormat

    @classmethod
    def read(
        cls, full: Size, region: str, size: str, rotation: str, quality: str, extension: str
    ) -> ImageRequest:
        """What an address asks of a picture of `full` pixels. Raises `BadRequest` and `NotOffered`."""
        box = read_region(region, full)
        wanted = read_size(size, box[2:])
        is_mirrored, turn = read_rotation(rotation)
        if extension in KNOWN_FORMATS:
            raise NotOffered("Pictures are served as jpg and png.")
        if quality not in list(Quality) or extension not in list(ImageFormat):
            raise BadRequest("The qualities are default, color, gray and bitonal, the formats jpg and png.")
        return cls(full, box, wanted, is_mirrored, turn, Quality(quality), ImageFormat(extension))

    @property
    def canonical(self) -> str:
        """The one form of the address that all equal requests share (4.7)."""
        region = "full" if self.box == (0, 0, *self.full) else ",".join(map(str, self.box))
        size = "max" if self.size == largest(self.box[2:]) else f"{self.size[0]},{self.size[1]}"
        quality = Quality.DEFAULT if self.quality is Quality.COLOR else self.quality
        return f"{region}/{size}/{'!' * self.is_mirrored}{self.turn}/{quality}.{self.format}"

    @property
    def tile(self) -> Tile | None:
        """The tile of the pyramid that is exactly what is asked for, if one is."""
        plain = self.quality in (Quality.DEFAULT, Quality.COLOR) and not self.is_mirrored and not self.turn
        if not plain or self.format is not ImageFormat.JPEG:
            return None
        left, top, width, height = self.box
        for scale in scale_factors(self.full):
            side = TILE * scale
            is_aligned = left % side == 0 and top % side == 0
            is_whole = (width, height) == (min(side, self.full[0] - left), min(side, self.full[1] - top))
            if is_aligned and is_whole and self.size == level_size((width, height), scale):
                return Tile(scale, left // side, top // side)
        return None

    @property
    def scale(self) -> int:
        """The level to make it from: never more than four of its pixels become one."""
        wanted = self.size[0] * self.size[1]
        return next(
            scale
            for scale in scale_factors(self.full)
            if self.box[2] * self.box[3] < 4 * wanted * scale * scale or is_last(self.full, scale)
        )


def scale_factors(full: Size) -> list[int]:
    factors = [1]
    while not is_last(full, factors[-1]):
        factors.append(2 * factors[-1])
    return factors


def is_last(full: Size, scale: int) -> bool:
    """Whether the whole level is one tile."""
    return max(level_size(full, scale)) <= TILE


def level_size(size: Size, scale: int) -> Size:
    return math.ceil(size[0] / scale), math.ceil(size[1] / scale)


def read_region(region: str, full: Size) -> Box:
    """The part of the picture inside what is asked for. Raises `BadRequest` where that is nothing."""
    if region == "full":
        return (0, 0, *full)
    if region == "square":
        side = min(full)
        return (full[0] - side) // 2, (full[1] - side) // 2, side, side
    if match := PIXELS.fullmatch(region):
        left, top, width, height = (int(number) for number in match.groups())
    elif match := SHARES.fullmatch(region):
        across, down = full[0] / 100, full[1] / 100
        shares = (float(number) for number in match.groups())
        parts = zip(shares, (across, down, across, down), strict=True)
        left, top, width, height = (round(share * part) for share, part in parts)
    else:
        raise BadRequest("A region is full, square, x,y,w,h or pct:x,y,w,h.")
    width, height = min(width, full[0] - left), min(height, full[1] - top)
    if width < 1 or height < 1:
        raise BadRequest("This region holds no part of the picture.")
    return left, top, width, height


def read_size(size: str, region: Size) -> Size:
    """The size asked for a region of these pixels; nothing is scaled up, and nothing grows past the limits.

    The validator wants 400 where `!w,h` is larger than the region, though 4.2 could be read otherwise.
    """
    if size.startswith("^"):
        raise NotOffered("Pictures are not scaled up.")
    if size == "max":
        return largest(region)
    if match := PERCENT.fullmatch(size):
        share = float(match[1]) / 100
        wanted = (at_least_one(region[0] * share), at_least_one(region[1] * share)) if share else (0, 0)
    elif match := SIDES.fullmatch(size):
        wanted = fitted(match, region)
    else:
        raise BadRequest("A size is max, w, or ,h or w,h or !w,h or pct:n.")
    if min(wanted) < 1:
        raise BadRequest("This size holds no pixel.")
    if wanted[0] > region[0] or wanted[1] > region[1]:
        raise BadRequest("This size is larger than the region, and pictures are not scaled up.")
    if max(wanted) > MAX_WIDTH or wanted[0] * wanted[1] > MAX_AREA:
        raise BadRequest("This size is larger than maxWidth and maxArea allow.")
    return wanted


def fitted(match: re.Match[str], region: Size) -> Size:
    """`w,h` as it is, `!w,h` as a box to fit into, with one side the other by the region's shape."""
    within, *sides = match.groups()
    width, height, width_alone, height_alone = (int(side) if side else 0 for side in sides)
    if within and not sides[0]:
        raise BadRequest("A box to fit into has a width and a height.")
    if not within and sides[0]:
        return width, height
    if within:
        width_alone, height_alone = (width, 0) if width * region[1] <= height * region[0] else (0, height)
    if width_alone:
        return width_alone, at_least_one(region[1] * width_alone / region[0])
    return at_least_one(region[0] * height_alone / region[1]) if height_alone else 0, height_alone


def largest(region: Size) -> Size:
    """The largest size of a region that is served (`max`)."""
    scale = min(1.0, MAX_WIDTH / max(region), math.sqrt(MAX_AREA / (region[0] * region[1])))
    return max(1, math.floor(region[0] * scale)), max(1, math.floor(region[1] * scale))


def at_least_one(pixels: float) -> int:
    return max(1, round(pixels))


def read_rotation(rotation: str) -> tuple[bool, int]:
    """(whether to mirror first, degrees clockwise)."""
    match = ROTATION.fullmatch(rotation)
    if match is None or not 0 <= float(match[2]) <= 360:
        raise BadRequest("A rotation is a number of degrees from 0 to 360.")
    degrees = float(match[2])
    if degrees % 90:
        raise NotOffered("Pictures are turned by quarters of a turn.")
    return bool(match[1]), int(degrees) % 360


def describe(service: str, full: Size) -> dict[str, Any]:
    """The info.json of a picture; `service` is its base address."""
    factors = scale_factors(full)
    sizes = [level_size(full, scale) for scale in reversed(factors)]
    return {
        "@context": CONTEXT,
        "id": service,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": full[0],
        "height": full[1],
        "maxWidth": MAX_WIDTH,
        "maxArea": MAX_AREA,
        "sizes": [
            {"width": width, "height": height}
            for width, height in sizes
            if max(width, height) <= MAX_WIDTH and width * height <= MAX_AREA
        ],
        "tiles": [{"width": TILE, "height": TILE, "scaleFactors": factors}],
        "extraQualities": [quality for quality in Quality if quality is not Quality.DEFAULT],
        "extraFeatures": EXTRA_FEATURES,
    }
