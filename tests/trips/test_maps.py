"""Maps on the desk and for readers: the circle of an uncertain photo, and the names of dots."""

import re

import pytest

from tests.conftest import Visitor, exif, jpeg
from tests.trips.test_intake import SMALL, row, send

RING = re.compile(r'<circle class="map-ring" cx="([-\d.]+)" cy="([-\d.]+)" r="([\d.]+)"/>')


@pytest.fixture
def trip(author: Visitor) -> str:
    """A trip of three photos; the second has no place of its own."""
    trip = author.make_trip("Round the bay")
    send(
        author,
        trip,
        ("first.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.0, 19.0))),
        ("between.jpg", jpeg("green", SMALL, exif("2026:05:14 10:30:00"))),
        ("last.jpg", jpeg("blue", SMALL, exif("2026:05:14 11:00:00", 42.2, 19.0))),
    )
    return trip


def test_the_page_of_an_uncertain_photo_shows_its_circle_and_says_it(author, trip):
    uncertain = row("between.jpg")
    post = author.publish(author.write("![](photo:1) ![](photo:2)", trip=trip))
    reader = Visitor(author.client.application.test_client())
    assert reader.get(post)
    for page in (
        author.get(f"{trip}/photos/{uncertain.photo_id}"),
        reader.get(f"/photos/{uncertain.photo_id}"),
    ):
        rings = RING.findall(page)
        assert len(rings) == 2  # the map for a wide screen, and that for a phone
        assert all(float(radius) >= 8 for _x, _y, radius in rings)
        assert re.search(r"about [\d.]+ km, between two photos", page)
    assert not RING.search(reader.get(f"/photos/{row('first.jpg').photo_id}"))


def test_the_authors_dots_have_the_names_of_files_and_the_readers_have_not(author, trip):
    author.send(f"{trip}/photos/1", f"{trip}/photos/1", caption="The start")
    names = [photo["label"] for photo in author.client.get(f"{trip}/map.json").json["photos"]]
    assert sorted(names) == ["The start", "between.jpg", "last.jpg"]
    author.publish(author.write("![](photo:1) ![](photo:2)", trip=trip))
    seen = author.client.get("/trips/round-the-bay/map.json")
    assert sorted(photo["label"] for photo in seen.json["photos"]) == ["Photo", "The start"]
    assert "between.jpg" not in seen.text
