"""What addresses of the IIIF Image API ask for, whatever their parts say."""

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from blog.photos.iiif import (
    MAX_AREA,
    MAX_WIDTH,
    TILE,
    BadRequest,
    ImageFormat,
    ImageRequest,
    NotOffered,
    level_size,
    scale_factors,
)
from blog.photos.pyramid import compose, cut
from tests.photos.samples import saved

sides = st.integers(1, 20_000)
sizes = st.tuples(sides, sides)
parts = st.text("0123456789,.!^:pctmaxfulsqre-", max_size=24)


def asked(full: tuple[int, int], region: str, size: str, rotation: str = "0") -> ImageRequest:
    return ImageRequest.read(full, region, size, rotation, "default", "jpg")


@given(sizes, parts, parts, parts)
def test_no_address_asks_for_more_than_the_limits(full, region, size, rotation):
    try:
        request = asked(full, region, size, rotation)
    except (BadRequest, NotOffered):
        return
    left, top, width, height = request.box
    assert 0 <= left < left + width <= full[0] and 0 <= top < top + height <= full[1]
    assert 1 <= request.size[0] <= min(width, MAX_WIDTH) and 1 <= request.size[1] <= min(height, MAX_WIDTH)
    assert request.size[0] * request.size[1] <= MAX_AREA


@given(sizes, st.integers(1, 500), st.integers(1, 500))
def test_a_picture_is_made_from_at_most_four_times_its_pixels(full, width, height):
    try:
        request = asked(full, "full", f"{width},{height}")
    except BadRequest:
        return
    made_from = math.prod(level_size(full, request.scale))
    assert made_from <= 5 * width * height + sum(full) + 1 or request.scale == scale_factors(full)[-1]


@given(sizes, st.data())
def test_tiles_are_known_by_their_addresses(full, data):
    scale = data.draw(st.sampled_from(scale_factors(full)))
    columns, rows = (math.ceil(side / (TILE * scale)) for side in full)
    column, row = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    left, top = column * TILE * scale, row * TILE * scale
    width, height = min(TILE * scale, full[0] - left), min(TILE * scale, full[1] - top)
    size = level_size((width, height), scale)
    tile = asked(full, f"{left},{top},{width},{height}", f"{size[0]},{size[1]}").tile
    assert tile is not None  # of this level or, for a pixel at the edge, of a finer one
    assert (tile.column * tile.scale, tile.row * tile.scale) == (column * scale, row * scale)


@given(sizes, parts, parts)
def test_canonical_addresses_ask_for_the_same(full, region, size):
    try:
        request = asked(full, region, size)
    except (BadRequest, NotOffered):
        return
    region, size, rotation, rest = request.canonical.split("/")
    quality, extension = rest.split(".")
    again = ImageRequest.read(full, region, size, rotation, quality, extension)
    assert (again.box, again.size, again.canonical) == (request.box, request.size, request.canonical)
    assert again.format is ImageFormat.JPEG


@pytest.mark.parametrize("full", [(200, 90), (1, 3000), (513, 512), (1025, 700), (1300, 1100)])
def test_any_part_looks_as_if_cut_from_the_photo(full):
    """A slope of colours, in which every place is told by its colour; strips leave no seams."""
    photo = Image.merge("RGB", [slope(full, True), slope(full, False), Image.new("L", full, 90)])
    tiles = dict(cut(saved(photo, "PNG"), 1, (), full))
    for region, size in (
        ("full", "max"),
        ("full", "pct:37"),
        ("pct:30,40,55,50", "max"),
        ("square", "pct:50"),
    ):
        request = asked(full, region, size)
        found = Image.open(io.BytesIO(compose(request, tiles.__getitem__)))
        left, top, width, height = request.box
        part = photo.crop((left, top, left + width, top + height))
        expected = part.resize(request.size, Image.Resampling.LANCZOS)
        assert found.size == request.size
        differences = zip(found.tobytes(), expected.tobytes(), strict=True)
        assert max(abs(a - b) for a, b in differences) <= 12, (full, region, size)


def slope(size: tuple[int, int], is_across: bool) -> Image.Image:
    """Black to white."""
    gradient = Image.linear_gradient("L")
    return (gradient.transpose(Image.Transpose.ROTATE_90) if is_across else gradient).resize(size)
