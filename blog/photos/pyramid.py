"""A photo cut into tiles, so that any part of it can be shown at any size without decoding it again.

`cut` decodes the original once and makes every tile, to be run in the workshop. `compose` makes any other
picture from the tiles, a strip at a time. What is kept of a photo is its tiles and nothing else, however many
sizes are asked for. Pillow only. PURE.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from PIL import Image

from blog.photos.formats import open_photo
from blog.photos.iiif import TILE, ImageFormat, ImageRequest, Quality, Size, Tile, is_last, level_size
from blog.photos.regions import Region
from blog.photos.renditions import picture, shrunk

STRIP_PIXELS = 4_000_000  # of the level that are held at once
MARGIN = 8  # pixels around a strip, for the filter

ReadTile = Callable[[Tile], bytes]


def cut(
    file: BinaryIO, orientation: int, hidden: Sequence[Region], full: Size
) -> tuple[tuple[Tile, bytes], ...]:
    """Every tile of a photo of `full` pixels, as JPEG without metadata.

    The file has as many, or fewer where it is the poster of a film. Raises `RefusedFile` for damaged pixels.
    """
    _format, photo = open_photo(file)
    return tuple(tiles_of(shrunk(picture(photo, orientation, hidden, full[0]), full)))


def tiles_of(image: Image.Image) -> Iterator[tuple[Tile, bytes]]:
    full, scale, profile = image.size, 1, image.info.get("icc_profile")
    while True:
        for row, top in enumerate(range(0, image.height, TILE)):
            for column, left in enumerate(range(0, image.width, TILE)):
                box = left, top, min(left + TILE, image.width), min(top + TILE, image.height)
                yield Tile(scale, column, row), encode(image.crop(box), ImageFormat.JPEG, profile)
        if is_last(full, scale):
            return
        image, scale = image.reduce(2), 2 * scale


def compose(request: ImageRequest, read: ReadTile) -> bytes:
    """The picture that is asked for, made from the tiles of one level. `read` gives a tile's bytes."""
    image = scaled_region(request, read)
    info = image.info
    if request.is_mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if request.turn:
        image = image.transpose(CLOCKWISE[request.turn])
    if request.quality is Quality.GRAY:
        image = image.convert("L")
    elif request.quality is Quality.BITONAL:
        image = image.convert("1")
    profile = info.get("icc_profile") if image.mode == "RGB" else None
    return encode(image, request.format, profile)


CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def encode(image: Image.Image, image_format: ImageFormat, profile: bytes | None) -> bytes:
    file = io.BytesIO()
    if image_format is ImageFormat.PNG:
        image.save(file, "PNG", compress_level=3, icc_profile=profile)
    else:
        image.save(file, "JPEG", quality=85, optimize=True, icc_profile=profile)
    return file.getvalue()


def scaled_region(request: ImageRequest, read: ReadTile) -> Image.Image:
    """The region at its size, strip by strip, so that large ones need little memory."""
    scale, (width, height) = request.scale, request.size
    left, top, wide, high = (number / scale for number in request.box)
    level = level_size(request.full, scale)
    result = Image.new("RGB", request.size)
    rows = max(1, int(STRIP_PIXELS / wide * height / high))
    for y in range(0, height, rows):
        end = min(y + rows, height)
        box = left, top + y * high / height, min(left + wide, level[0]), top + end * high / height
        strip, origin = assembled(box, scale, level, read)
        inside = (
            box[0] - origin[0],
            box[1] - origin[1],
            box[2] - origin[0],
            min(box[3] - origin[1], strip.height),
        )
        part = strip.resize((width, end - y), Image.Resampling.LANCZOS, inside)
        result.paste(part, (0, y))
        result.info = strip.info
    return result


def assembled(
    box: tuple[float, float, float, float], scale: int, level: Size, read: ReadTile
) -> tuple[Image.Image, Size]:
    """The part of a level that covers `box` and a margin around it, and where that part begins."""
    left, top = max(0, int(box[0]) - MARGIN), max(0, int(box[1]) - MARGIN)
    right, bottom = min(level[0], int(box[2]) + MARGIN), min(level[1], int(box[3]) + MARGIN)
    part = Image.new("RGB", (right - left, bottom - top))
    for row in range(top // TILE, (bottom - 1) // TILE + 1):
        for column in range(left // TILE, (right - 1) // TILE + 1):
            with Image.open(io.BytesIO(read(Tile(scale, column, row))), formats=["JPEG"]) as tile:
                part.paste(tile, (column * TILE - left, row * TILE - top))
                profile = tile.info.get("icc_profile")
    part.info = {"icc_profile": profile} if profile else {}
    return part, (left, top)
