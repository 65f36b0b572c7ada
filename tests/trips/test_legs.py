"""Legs and countries of a trip: guessed, corrected, and told to readers."""

import re

import pytest

from blog.db import db
from blog.trips.models import Day, LegMeans
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)


Fixes = list[tuple[float, float, str]]


def way(hour: int, minutes: int, m_s: float, lat: float, lon: float = 18.65) -> Fixes:
    """A straight way north at an even pace, a fix a minute."""
    return [
        (lat + i * 60 * m_s / 111_195, lon, f"2026-05-14T{hour + i // 60:02}:{i % 60:02}:00Z")
        for i in range(minutes)
    ]


@pytest.fixture
def trip(author: Visitor) -> str:
    """A walk of three quarters of an hour, then an hour by car from Montenegro into Bosnia."""
    desk = author.make_trip("Over the border")
    walk = way(6, 45, 1.3, 42.45)
    drive = way(7, 60, 20.0, walk[-1][0])
    author.upload(
        desk,
        ("day.gpx", gpx([*walk, *drive])),
        ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 08:10:00"))),
    )
    author.publish(author.write("![](photo:1)", trip="/" + desk.rsplit("/", 1)[1], day_number=1))
    return desk


def legs() -> list[tuple[str, float]]:
    db.session.expire_all()
    (day,) = db.session.query(Day)
    return [(leg["means"], leg["length_m"]) for leg in day.legs]


def say(author: Visitor, trip: str, number: int, means: str, **more: str) -> str:
    (day,) = db.session.query(Day)
    leg = day.legs[number]
    fields = {"begins": str(leg["begins"]), "ends": str(leg["ends"]), "means": means} | more
    return author.send(f"{trip}/legs", trip, **fields).text


def test_legs_are_guessed_and_told(author, visitor, trip):
    (walk, walked), (drive, driven) = legs()
    assert (walk, drive) == ("foot", "road")
    assert walked == pytest.approx(44 * 60 * 1.3, rel=0.1)
    assert driven == pytest.approx(59 * 60 * 20, rel=0.1)
    assert re.search(r"7\d km by road, 3\.\d km on foot", visitor.get("/trips/over-the-border"))
    assert "How you travelled" in author.get(trip)


def test_a_correction_stays_when_the_trip_is_solved_again(author, visitor, trip):
    assert "Noted." in say(author, trip, 1, "rail")
    assert [means for means, _ in legs()] == ["foot", "rail"]
    author.upload(trip, ("2.jpg", jpeg("blue", SMALL, exif("2026:05:14 09:10:00"))))
    assert [means for means, _ in legs()] == ["foot", "rail"]
    assert "by train" in visitor.get("/trips/over-the-border")
    say(author, trip, 1, "road")
    assert [means for means, _ in legs()] == ["foot", "road"]


@pytest.mark.parametrize("wrong", [{"means": "broom"}, {"ends": "0"}, {"begins": "many"}, {"begins": "1e99"}])
def test_what_makes_no_sense_changes_nothing(author, trip, wrong):
    say(author, trip, 1, **({"means": "rail"} | wrong))
    assert [means for means, _ in legs()] == ["foot", "road"]
    assert db.session.query(LegMeans).count() == 0


def test_countries_in_the_order_they_were_entered(visitor, trip):
    (day,) = db.session.query(Day)
    assert day.countries == ["ME", "BA"]
    assert "Montenegro, Bosnia" in visitor.get("/trips/over-the-border")


def test_legs_are_the_authors_to_correct(person, app, author, trip):
    other = Visitor(app.test_client()).sign_in(person("Other"))
    assert other.client.post(f"{trip}/legs", data={"means": "rail"}).status_code == 404


def test_two_recorders_count_once_and_complete_each_other(author):
    desk = author.make_trip("Two recorders")
    dense = way(6, 60, 1.3, 42.45)
    whole = way(6, 120, 1.3, 42.4501, 18.6501)
    author.upload(desk, ("battery.gpx", gpx([*dense, *halves(dense)])), ("other.gpx", gpx(whole)))
    (day,) = db.session.query(Day)
    assert day.length_m == pytest.approx(119 * 60 * 1.3, rel=0.03)


def halves(points: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Points at the half minutes: the same way, recorded twice as densely."""
    return [(lat + 30 * 1.3 / 111_195, lon, time.replace(":00Z", ":30Z")) for lat, lon, time in points[:-1]]
