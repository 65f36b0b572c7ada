"""The profile of heights on the pages of a trip and its posts."""

import re

import pytest

from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)


def day(date: str, lat: float) -> bytes:
    return gpx([(lat + i / 1000, 19.0, f"{date}T08:{i:02}:00Z") for i in range(60)])


@pytest.fixture
def told(author: Visitor) -> str:
    """Two days with a track and a photo each, told in one post of the first day: its address."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("one.gpx", day("2026-05-14", 42.0)),
        ("two.gpx", day("2026-05-15", 42.1)),
        ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:30:00"))),
        ("2.jpg", jpeg("blue", SMALL, exif("2026:05:15 10:30:00"))),
    )
    number = desk.rsplit("/", 1)[1]
    return author.publish(author.write("![](photo:1) ![](photo:2)", trip=f"/{number}", day_number=1))


def profiles(page: str) -> list[str]:
    return re.findall(r'<svg class="profile".*?</svg>', page)


def dots(svg: str) -> list[str]:
    return re.findall(r'<a class="profile-photo" href="(.*?)"', svg)


def test_the_trips_profile_runs_through_its_days(visitor, told):
    wide, narrow = profiles(visitor.get("/trips/round-the-bay"))
    assert 'viewBox="0 0 736 96"' in wide
    assert 'viewBox="0 0 390 96"' in narrow
    assert dots(wide) == dots(narrow) == ["/photos/1", "/photos/2"]
    assert wide.count('class="profile-day"') == 1
    first, second = (float(x) for x in re.findall(r'<circle cx="([\d.]+)"', wide))
    assert (first, second) == pytest.approx((736 / 4, 736 * 3 / 4), abs=8)
    assert ">120 m<" in wide
    assert ">13 km<" in wide


def test_a_posts_profile_is_that_of_its_day(visitor, told):
    page = visitor.get(told)
    wide, _ = profiles(page)
    assert len(dots(wide)) == 1
    assert dots(wide)[0].endswith("photo-1")
    assert "<dt>On the move</dt><dd>59 min</dd>" in page


def test_without_heights_there_is_no_profile(author, visitor):
    desk = author.make_trip("Round the bay")
    way = day("2026-05-14", 42.0).replace(b"<ele>120</ele>", b"")
    author.upload(desk, ("way.gpx", way), ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:30:00"))))
    number = desk.rsplit("/", 1)[1]
    post = author.publish(author.write("![](photo:1)", trip=f"/{number}", day_number=1))
    assert profiles(visitor.get("/trips/round-the-bay")) == []
    assert profiles(visitor.get(post)) == []
