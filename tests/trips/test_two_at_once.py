"""Files arrive three at a time, and two people may work on a trip: placing it for one waits for the other."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import Role, create_person
from blog.db import db
from blog.trips.intake import take_in_files
from blog.trips.models import Day, Trip, create_trip, trip_photos
from blog.trips.solving import solve
from tests.conftest import exif, jpeg

LONG_ENOUGH_S = 0.3  # for the second to come to where it waits for the first


def photo(day: int) -> tuple[str, io.BytesIO]:
    return f"{day}.jpg", io.BytesIO(jpeg("teal", (64, 48), exif(f"2026:05:{day} 12:00:00", 45.5, 13.5)))


def test_a_trip_is_placed_twice_at_once(app: Flask) -> None:
    jonas = create_person("Jonas", "jonas@example.org", "a long enough password", Role.AUTHOR)
    trip = create_trip("Two days", "", jonas)
    take_in_files(trip, [photo(10), photo(11)], jonas)
    trip_id, begun = trip.id, Event()

    def place_it_too() -> None:
        with app.app_context():
            found = db.session.get_one(Trip, trip_id)
            begun.set()
            solve(found)
            db.session.commit()
            db.session.remove()

    db.session.delete(trip_photos(trip)[0])
    solve(trip)
    with ThreadPoolExecutor(1) as somebody:
        other = somebody.submit(place_it_too)
        begun.wait(timeout=10)
        Event().wait(LONG_ENOUGH_S)
        db.session.commit()
        other.result(timeout=20)
    assert db.session.scalars(select(Day.number).filter_by(trip_id=trip_id)).all() == [1]
