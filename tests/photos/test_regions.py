"""Regions: rectangles and polygons in fractions, and as the W3C writes them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from blog.photos.regions import Region

fractions = st.floats(0, 1)
sizes = st.integers(50, 20_000)


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.1, 1), st.floats(0.1, 1), sizes, sizes)
def test_a_rectangle_comes_back_from_its_selector(x, y, width, height, across, down):
    region = Region.rectangle(x, y, width * (1 - x), height * (1 - y))
    again = Region.from_selector(region.selector(across, down), across, down)
    assert again.is_rectangle
    for corner, same in zip(region.corners, again.corners, strict=True):
        assert corner == pytest.approx(same, abs=3e-5)


@given(st.lists(st.tuples(fractions, fractions), min_size=3, max_size=30), sizes, sizes)
def test_a_polygon_comes_back_from_its_selector(corners, across, down):
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    assume(max(xs) - min(xs) > 0.01 and max(ys) - min(ys) > 0.01)
    region = Region(tuple(corners))
    again = Region.from_selector(region.selector(across, down), across, down)
    for corner, same in zip(region.corners, again.corners, strict=True):
        assert corner == pytest.approx(same, abs=3e-5)


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=8))
def test_whatever_is_asked_a_region_lies_inside_the_photo(corners):
    try:
        region = Region(tuple(corners))
    except ValueError as error:
        assert str(error)[0].isupper()
        return
    assert all(0 <= number <= 1 for corner in region.outline for number in corner)
    assert region.width > 0
    assert region.height > 0
    assert Region.from_json(region.to_json()) == region


@pytest.mark.parametrize(
    "selector",
    [
        None,
        "xywh=percent:0,0,10,10",
        {},
        {"value": 7},
        {"value": "xywh=percent:0,0,10"},
        {"value": "xywh=percent:NaN,0,10,10"},
        {"value": "xywh=percent:200,200,10,10"},
        {"value": "xywh=percent:10,10,0,0"},
        {"value": "<svg><polygon points='1,1 2,2' /></svg>"},
        {"value": "<svg><polygon points='1,1 2,2 3' /></svg>"},
        {"value": "<svg><script>alert(1)</script></svg>"},
        {"value": "<svg><polygon points='" + "1,1 " * 4000 + "' /></svg>"},
    ],
)
def test_what_is_no_region_is_refused_in_words(selector):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        Region.from_selector(selector, 100, 100)


def test_pixels_are_understood_too():
    assert Region.from_selector({"value": "xywh=pixel:10,20,30,40"}, 100, 200) == Region.rectangle(
        0.1, 0.1, 0.3, 0.2
    )
    assert Region.from_selector({"value": "#xywh=10,20,30,40"}, 100, 200) == Region.rectangle(
        0.1, 0.1, 0.3, 0.2
    )


def test_a_region_is_drawn_as_a_path_with_its_number_at_the_upper_left():
    assert Region.rectangle(0.1, 0.2, 0.3, 0.4).path == "M0.1 0.2L0.4 0.2L0.4 0.6L0.1 0.6Z"
    assert Region.rectangle(0.1, 0.2, 0.3, 0.4).anchor == (0.1, 0.2)
    kite = Region(((0.5, 0.1), (0.8, 0.5), (0.5, 0.9), (0.2, 0.5)))
    assert kite.path == "M0.5 0.1L0.8 0.5L0.5 0.9L0.2 0.5Z"
    assert kite.anchor in kite.corners
