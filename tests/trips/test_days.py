"""The facts of a trip's days: distance, climb, time in motion, heights, flights."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from blog.db import db
from blog.trips.models import Day, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)


def walk(lat: float, lon: float, day: int, hour: int) -> list[tuple[float, float, str]]:
    """An hour northwards, a fix every minute."""
    return [(lat + i / 1000, lon, f"2026-05-{day:02}T{hour:02}:{i:02}:00Z") for i in range(60)]


def days() -> list[Day]:
    return list(db.session.scalars(select(Day).order_by(Day.number)))


@pytest.fixture
def trip(author: Visitor) -> str:
    return author.make_trip("Round the bay")


def test_time_in_motion_leaves_out_the_rest(author, trip):
    morning, noon = walk(42.0, 19.0, 14, 8), walk(42.059, 19.0, 14, 11)
    author.upload(trip, ("day.gpx", gpx([*morning, *noon])))
    (day,) = days()
    assert day.length_m == pytest.approx(118 * 111.195, rel=0.001)
    assert day.moving_s == pytest.approx(2 * 59 * 60, abs=180)


def test_a_flight_is_a_great_circle_and_no_road(author, trip):
    rome, athens = walk(41.8, 12.25, 14, 6), walk(37.94, 23.94, 14, 10)
    photo = jpeg("red", SMALL, exif("2026:05:14 13:30:00", 37.97, 23.94))
    author.upload(trip, ("out.gpx", gpx(rome)), ("there.gpx", gpx(athens)), ("1.jpg", photo))
    (day,) = days()
    assert day.length_m == pytest.approx(118 * 111.195, rel=0.001)
    (flight,) = day.flights
    assert flight[0] == pytest.approx([41.859, 12.25], abs=1e-5)
    assert flight[-1] == pytest.approx([37.94, 23.94], abs=1e-5)
    assert len(flight) > 10
    assert all(len(line) == 2 for line in day.lines)  # straight ways on the ground
    row = db.session.scalars(select(TripPhoto)).unique().one()
    assert row.along_m < 20_000


def test_readers_see_the_flight_on_the_map(author, visitor, trip):
    photo = jpeg("red", SMALL, exif("2026:05:14 13:30:00", 37.97, 23.94))
    way = gpx([*walk(41.8, 12.25, 14, 6), *walk(37.94, 23.94, 14, 10)])
    author.upload(trip, ("way.gpx", way), ("1.jpg", photo))
    author.publish(author.write("![](photo:1)", trip="/" + trip.rsplit("/", 1)[1]))
    assert 'class="map-flown"' in visitor.get("/trips/round-the-bay")
    features = visitor.client.get("/trips/round-the-bay/map.json").get_json()["route"]["features"]
    (flown,) = (f for f in features if f["properties"]["kind"] == "flown")
    assert len(flown["geometry"]["coordinates"]) == 1


def test_a_flight_within_one_track_is_no_road_either(author, trip):
    author.upload(trip, ("all.gpx", gpx([*walk(41.8, 12.25, 14, 6), *walk(37.94, 23.94, 14, 10)])))
    (day,) = days()
    assert day.length_m == pytest.approx(118 * 111.195, rel=0.001)
    assert len(day.flights) == 1


def test_a_flight_over_night_belongs_to_the_day_it_left(author, trip):
    author.upload(trip, ("a.gpx", gpx(walk(41.8, 12.25, 14, 12))), ("b.gpx", gpx(walk(35.7, 139.7, 15, 2))))
    first, second = days()
    assert (len(first.flights), second.flights) == (1, [])


def test_heights_along_the_day(author, trip):
    author.upload(trip, ("day.gpx", gpx(walk(42.0, 19.0, 14, 8))))
    (day,) = days()
    along, heights = zip(*day.profile, strict=True)
    assert set(heights) == {120.0}
    assert (along[0], along[-1]) == (0.0, pytest.approx(59 * 111.195, rel=0.001))


def test_without_a_track_there_are_no_such_facts(author, trip):
    author.upload(trip, ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.0, 19.0))))
    (day,) = days()
    assert (day.moving_s, day.profile, day.flights) == (0.0, [], [])


def test_days_of_an_older_version_are_kept_and_get_their_facts_with_the_next_file(app, author, trip):
    author.upload(trip, ("day.gpx", gpx(walk(42.0, 19.0, 14, 8))))
    migrations = app.config["MIGRATIONS"]
    db.session.rollback()
    downgrade(directory=migrations, revision="0001")
    upgrade(directory=migrations)
    (day,) = days()
    assert day.length_m > 6_000
    assert (day.moving_s, day.profile, day.flights) == (0.0, [], [])
    author.get(trip)
    author.upload(trip, ("1.jpg", jpeg("red", SMALL)))
    db.session.expire_all()
    (day,) = days()
    assert day.moving_s > 3_000


def test_days_end_at_the_midnight_of_the_place(author, trip):
    """Ana flies from Lisbon to Tokyo: an early walk there is another day, though not yet by Lisbon's time."""
    lisbon = [walk(38.72, -9.14, 14, hour) for hour in (8, 10, 12)]
    tokyo = [walk(35.68, 139.75, 15, 12), walk(35.68, 139.75, 15, 21)]
    photo = jpeg("red", SMALL, exif("2026:05:16 06:30:00", 35.71, 139.75))
    tracks = [(f"{number}.gpx", gpx(way)) for number, way in enumerate([*lisbon, *tokyo])]
    author.upload(trip, *tracks, ("1.jpg", photo))
    assert [(str(day.local_date), round(day.length_m / 6561)) for day in days()] == [
        ("2026-05-14", 3),
        ("2026-05-15", 1),
        ("2026-05-16", 1),
    ]
    row = db.session.scalars(select(TripPhoto)).unique().one()
    assert (row.day_number, round(row.along_m / 111.195)) == (3, 30)
    page = author.get(trip)
    assert "06:00" in page and "21:00" not in page.partition("How you travelled")[2].partition("</form>")[0]


def test_one_date_comes_twice_for_who_sails_east_over_the_date_line(author, trip):
    """From Auckland's 15 May back into the 14th of the Cook Islands, which is then seen to its end."""
    start, end = walk(-36.84, 174.76, 14, 14), walk(-21.2, -159.78, 15, 4)
    author.upload(trip, ("nz.gpx", gpx(start)), ("cook.gpx", gpx(end)))
    assert [str(day.local_date) for day in days()] == ["2026-05-14", "2026-05-15"]
    assert [round(day.length_m) > 0 for day in days()] == [True, True]


def test_a_receiver_that_was_off_at_noon_is_helped_out_by_another(author, trip):
    """The watch writes every minute but for noon; the phone, every five, all day."""
    noon = [(42.06 + i / 1000, 19.0, f"2026-05-14T09:{i:02}:00Z") for i in range(60)]
    later = [(42.12 + i / 1000, 19.0, f"2026-05-14T10:{i:02}:00Z") for i in range(60)]
    morning = walk(42.0, 19.0, 14, 8)
    aside = [(lat, lon + 0.01, time) for lat, lon, time in [*morning, *noon, *later][::5]]
    photo = jpeg("red", SMALL, exif("2026:05:14 11:30:00"))
    author.upload(trip, ("watch.gpx", gpx([*morning, *later])), ("phone.gpx", gpx(aside)), ("1.jpg", photo))
    (day,) = days()
    assert day.length_m == pytest.approx((59 + 55 + 59) * 111.195, rel=0.01)
    assert [round(line[0][1], 3) for line in day.lines] == [19.0, 19.01, 19.0]
    row = db.session.scalars(select(TripPhoto)).unique().one()
    assert (row.source, round(row.lon, 3)) == ("track", 19.01)
    assert row.along_m == pytest.approx((59 + 30) * 111.195, rel=0.02)
