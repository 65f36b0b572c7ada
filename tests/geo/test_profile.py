"""The drawn profile of a way."""

import re
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest

from blog.geo.profile import POINTS, Profile, ProfilePhoto, draw_profile, end_to_end, heights_along
from blog.geo.tracks import Track

HILL = np.array([[0.0, 100], [5_000, 600], [10_000, 100]])


def part(n: int, ele: float, begins_s: float = 0.0) -> Track:
    """Northwards, a fix every 100 m or so."""
    steps = np.arange(n, dtype=float)
    return Track(
        42 + steps * 100 / 111_195, np.full(n, 19.0), np.full(n, ele), begins_s + steps, np.array([0])
    )


def circles(svg: str) -> list[tuple[float, float]]:
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    return [(float(x), float(y)) for x, y in found]


def test_parts_are_laid_end_to_end_without_what_lies_between():
    along, ele, times = end_to_end([part(11, 5), part(11, 7, 1e6)])
    assert (along[0], along[10], along[11]) == pytest.approx((0, 1000, 1000), rel=1e-4)
    assert along[-1] == pytest.approx(2000, rel=1e-4)
    assert (ele[10], ele[11], times[11]) == (5, 7, 1e6)
    assert [len(column) for column in end_to_end([])] == [0, 0, 0]


def test_heights_are_means_over_stretches_and_not_too_many():
    along = np.linspace(0, 100_000, 20_000)
    heights = heights_along(along, 500 + 100 * np.sin(along / 20_000) + np.tile([3.0, -3.0], 10_000))
    assert 100 < len(heights) <= POINTS
    assert np.allclose(heights[:, 1], 500 + 100 * np.sin(heights[:, 0] / 20_000), atol=0.5)
    assert np.all(np.diff(heights[:, 0]) > 0)


def test_without_heights_there_is_no_profile():
    nothing = np.full(9, np.nan)
    assert heights_along(np.arange(9.0), nothing).shape == (0, 2)
    nothing[3] = 100
    assert heights_along(np.arange(9.0), nothing).shape == (0, 2)


def test_photos_are_dots_on_the_line():
    photos = [ProfilePhoto(2, 10_000, "/photos/2", "Down"), ProfilePhoto(1, 5_000, "/photos/1", "Top <1>")]
    svg = draw_profile(Profile(HILL, photos, title="Heights"), 212, 136)
    assert circles(svg) == [(106, 18), (206, 118)]
    root = fromstring(svg)
    assert (root.get("role"), root.get("aria-label")) == ("group", "Heights")
    assert [link.get("href") for link in root.iter("a")] == ["/photos/1", "/photos/2"]
    assert root.find("a/title").text == "Top <1>"


def test_photos_at_one_spot_share_a_dot():
    photos = [ProfilePhoto(n, 5_000 + n, f"/photos/{n}", "Top") for n in range(3)]
    svg = draw_profile(Profile(HILL, photos), 212, 136)
    assert len(circles(svg)) == 1
    assert "<title>Top +2</title>" in svg


def test_a_photo_beyond_the_profile_stands_at_its_end():
    photos = [ProfilePhoto(1, 12_000, "/photos/1", "On")]
    heights = np.array([[1_000.0, 5], [9_000, 5]])
    ((x, y),) = circles(draw_profile(Profile(heights, photos), 212, 136))
    assert 0 <= x <= 212
    assert 0 <= y <= 136


def test_a_flat_way_is_drawn_flat_at_the_foot():
    svg = draw_profile(Profile(np.array([[0.0, 3], [4_000, 4]])), 212, 136)
    assert 'role="img"' in svg
    line = re.search(r'class="profile-line" d="M6 118l200-1.7"', svg)
    assert line, svg


def test_its_words_are_escaped_and_it_has_no_style():
    evil = '"><script>'
    photo = ProfilePhoto(1, 5_000, evil, evil)
    svg = draw_profile(Profile(HILL, [photo], [0.0, 5_000], evil, evil, evil, evil), 212, 136)
    fromstring(svg)
    assert "<script>" not in svg
    assert "style=" not in svg
    assert svg.count('class="profile-day"') == 2
