"""Regions with names (Metadata Working Group, Guidelines 2.0, 5.9), and full spheres (GPano). PURE."""

from enum import StrEnum
from typing import Any

from blog.photos.exif import plain_text
from blog.photos.regions import Corner, Region
from blog.photos.xmp import Node

MOST_FACES = 100
LONGEST_NAME = 200
SAME_SHAPE = 0.03  # by how much a shape may differ, in parts of itself: sizes are whole pixels

Size = tuple[float, float]


class Projection(StrEnum):
    """How a picture is to be looked at: as it lies there, or from inside."""

    FLAT = "flat"
    SPHERE = "sphere"


def read_faces(xmp: Node, size: Size, orientation: int) -> tuple[dict[str, Any], ...]:
    """[{"name", "region": corners in fractions of the upright picture}, …] of what has a name in the file.

    `size` is that of the upright picture. Regions are given on the stored picture, before EXIF's
    `orientation`; programs that turned it first say so by the size that they applied them to. A picture
    that was cropped since has none: nobody knows where its faces went.
    """
    regions = xmp.one("mwg-rs:Regions")
    applied = applied_size(regions)
    stored = (size[1], size[0]) if orientation >= 5 else size
    if applied is None or is_alike(applied, stored):
        turn = orientation
    elif is_alike(applied, size):
        turn = 1
    else:
        return ()
    faces = []
    for region in regions.all("mwg-rs:RegionList")[:MOST_FACES]:
        name = " ".join((plain_text(region.one("mwg-rs:Name").text) or "").split())[:LONGEST_NAME]
        corners = area(region.one("mwg-rs:Area"), applied or stored)
        if name and corners:
            try:
                found = Region(tuple(upright(corner, turn) for corner in corners))
            except ValueError:  # no part of the picture
                continue
            faces.append({"name": name, "region": found.to_json()})
    return tuple(faces)


def applied_size(regions: Node) -> Size | None:
    dimensions = regions.one("mwg-rs:AppliedToDimensions")
    width, height = dimensions.number("stDim:w"), dimensions.number("stDim:h")
    return (width, height) if width and height and width > 0 and height > 0 else None


def is_alike(one: Size, other: Size) -> bool:
    shape, wanted = one[0] / one[1], other[0] / other[1]
    return abs(shape - wanted) <= SAME_SHAPE * wanted


def area(node: Node, size: Size) -> tuple[Corner, Corner] | None:
    """Two opposite corners of a rectangle, or of the square around a circle, from its middle."""
    if node.one("stArea:unit").text.strip() not in ("", "normalized"):
        return None
    x, y = node.number("stArea:x"), node.number("stArea:y")
    width, height, across = node.number("stArea:w"), node.number("stArea:h"), node.number("stArea:d")
    if across and not (width and height):  # in parts of the shorter side
        width, height = across * min(size) / size[0], across * min(size) / size[1]
    if x is None or y is None or not width or not height:
        return None
    return (x - width / 2, y - height / 2), (x + width / 2, y + height / 2)


def upright(corner: Corner, orientation: int) -> Corner:
    """A point of the stored picture where it lies once EXIF's orientation is applied."""
    x, y = corner
    places = {2: (1 - x, y), 3: (1 - x, 1 - y), 4: (x, 1 - y)}
    places |= {5: (y, x), 6: (1 - y, x), 7: (1 - y, 1 - x), 8: (y, 1 - x)}
    return places.get(orientation, corner)


def read_projection(xmp: Node, size: Size) -> Projection | None:
    """A sphere only where the file is all of one: 360° by 180°, nothing of it cut off, twice as wide as high.

    None where the file says nothing of a panorama.
    """
    kind = xmp.one("GPano:ProjectionType").text.strip().lower()
    if not kind:
        return None
    numbers = [xmp.number(f"GPano:{name}") for name in SPHERE_FACTS]
    full_width, full_height, width, height = numbers[:4]
    left, top = numbers[4] or 0.0, numbers[5] or 0.0
    if kind != "equirectangular" or not (full_width and full_height and width and height):
        return Projection.FLAT
    is_whole = (width, height, left, top) == (full_width, full_height, 0.0, 0.0)
    is_sphere = is_whole and is_twice_as_wide((full_width, full_height)) and is_twice_as_wide(size)
    return Projection.SPHERE if is_sphere else Projection.FLAT


SPHERE_FACTS = (
    "FullPanoWidthPixels",
    "FullPanoHeightPixels",
    "CroppedAreaImageWidthPixels",
    "CroppedAreaImageHeightPixels",
    "CroppedAreaLeftPixels",
    "CroppedAreaTopPixels",
)


def is_twice_as_wide(size: Size) -> bool:
    return size[1] > 0 and abs(size[0] / size[1] - 2) <= 0.01
