"""The nearest town and its country, on a photo's page."""

import re
from html import unescape

import pytest

from blog.trips.models import Source, Trip, TripPhoto
from blog.trips.published import EXACTLY, PublishedTrip
from tests.conftest import Visitor, exif, jpeg

SMALL = (60, 40)


def facts(page: str) -> dict[str, str]:
    """The facts of a photo as its page lists them."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    return {unescape(name): unescape(re.sub("<[^>]+>", "", value)) for name, value in found}


@pytest.fixture
def trip(author: Visitor) -> str:
    desk = author.make_trip("The far coast")
    by_the_sea = jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.05, 129.72))
    at_sea = jpeg("blue", SMALL, exif("2026:05:14 20:00:00", 40.0, 134.0))
    author.upload(desk, ("1.jpg", by_the_sea), ("2.jpg", at_sea))
    number = desk.rsplit("/", 1)[1]
    author.publish(author.write("![](photo:1) ![](photo:2)", trip=f"/{number}"))
    return desk


def test_a_photo_says_what_it_was_taken_near_to(author, visitor, trip):
    assert facts(visitor.get("/photos/1"))["Near"] == "Puryŏng-ŭp, North Korea"
    assert facts(author.get(f"{trip}/photos/1"))["Near"] == "Puryŏng-ŭp, North Korea"


def test_at_sea_it_names_nothing(visitor, trip):
    assert "Near" not in facts(visitor.get("/photos/2"))


def test_no_name_where_the_place_is_vague_or_none(app):
    spot = {"lat": 42.05, "lon": 129.72, "source": Source.NEIGHBOURS}
    trip = PublishedTrip.of(Trip(), EXACTLY)
    assert trip.near(TripPhoto(**spot, radius_m=900.0)) == "Puryŏng-ŭp, North Korea"
    assert trip.near(TripPhoto(**spot, radius_m=80_000.0)) == ""
    assert trip.near(TripPhoto(source=Source.NONE)) == ""
