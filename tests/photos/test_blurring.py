"""What is hidden is gone: nothing of it goes into what readers get."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from blog.photos.blurring import destroy, mask
from blog.photos.regions import LEAST_SIDE, Region
from blog.photos.renditions import TURNS, prepare, step_down, summarise

from .samples import BLUE, RED, saved, scene

SIZE = (96, 64)
places, lengths = st.floats(0, 0.9), st.floats(0.02, 0.6)
rectangles = st.builds(Region.rectangle, places, places, lengths, lengths)
corners = st.tuples(st.floats(0, 1), st.floats(0, 1))


def is_large(points: list[tuple[float, float]]) -> bool:
    return all(max(numbers) - min(numbers) > 2 * LEAST_SIDE for numbers in zip(*points, strict=True))


polygons = st.lists(corners, min_size=3, max_size=7).filter(is_large).map(lambda p: Region(tuple(p)))


def noise(seed: int, mode: str = "RGB") -> Image.Image:
    random = Image.effect_noise(SIZE, 60 + seed % 90)
    bands = [random.rotate(90 * turn + seed, expand=False) for turn in range(len(mode))]
    return Image.merge(mode, bands) if len(mode) > 1 else bands[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(rectangles, polygons), min_size=1, max_size=3), st.sampled_from(["L", "RGB", "CMYK"])
)
def test_two_photos_that_differ_only_in_what_is_hidden_become_the_same(regions, mode):
    one, other = noise(1, mode), noise(2, mode)
    hidden = mask(SIZE, regions)
    other = Image.composite(other, one, hidden)  # as `one` but for the hidden part
    first, second = destroy(one, regions), destroy(other, regions)
    assert first.tobytes() == second.tobytes()
    assert (first.mode, first.size) == (mode, SIZE)
    around = hidden.point(lambda value: 255 - value)
    black = Image.new(mode, SIZE)
    assert not ImageChops.difference(
        Image.composite(first, black, around), Image.composite(one, black, around)
    ).getbbox()


@settings(max_examples=60, deadline=None)
@given(st.one_of(rectangles, polygons))
def test_all_of_a_region_is_covered(region):
    """Every pixel that the region touches at all, drawn eight times as large."""
    large = Image.new("L", (8 * SIZE[0], 8 * SIZE[1]))
    outline = [(x * large.width, y * large.height) for x, y in region.outline]
    ImageDraw.Draw(large).polygon(outline, fill=255, outline=255)
    touched = large.reduce(8).point(lambda value: 255 if value else 0)
    assert not ImageChops.subtract(touched, mask(SIZE, [region])).getbbox()


def test_the_whole_picture_becomes_grey():
    assert destroy(scene(), [Region.rectangle(0, 0, 1, 1)]).getcolors() == [(480 * 320, (128, 128, 128))]


def test_nothing_hidden_is_nothing_changed():
    picture = scene()
    assert destroy(picture, []) is picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_region_is_of_the_upright_picture(orientation):
    """A red sign in a blue wall, hidden: no rendition and no thumbhash of it has any red."""
    upright = Image.new("RGB", (1200, 800), BLUE)
    upright.paste(RED, (120, 80, 360, 240))
    opposite = {6: TURNS[8], 8: TURNS[6]}.get(orientation, TURNS.get(orientation))
    stored = upright if opposite is None else upright.transpose(opposite)
    image, widths = prepare(saved(stored, quality=95), orientation, [Region.rectangle(0.1, 0.1, 0.2, 0.2)])
    assert widths == (400, 800, 1200)
    for step in step_down(image, widths):
        assert max(red for _count, (red, _green, _blue) in step.getcolors(1_000_000)) < 60
    assert summarise(step).color == "#1f3cc8"
