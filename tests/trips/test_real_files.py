"""Real photos and tracks through the upload page: none is lost without a word, none breaks the page.

Renditions wait for a worker here: they have tests of their own, and 300 real photos would take minutes.
"""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.db import db
from blog.trips.models import Day, Source, TrackFile, TripPhoto
from tests.conftest import Client, Visitor, make_app

NO_PHOTO_OR_TRACK = (".txt", ".rst", ".md", ".csv", ".py", "")
OUTCOME = re.compile(r'<li class="(\w+)"><strong>(.*?)</strong> (.*?)</li>', re.DOTALL)
AT_ONCE = 25


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """The application without renditions made at once."""
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path, JOBS_AT_ONCE=False)
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def files_of(folder: Path) -> list[Path]:
    """Every photo, film and track, the small ones first."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in NO_PHOTO_OR_TRACK]
    return sorted(paths, key=lambda path: (path.stat().st_size, path.name))


def send(author: Visitor, trip: str, paths: list[Path]) -> dict[str, tuple[str, str]]:
    """What became of each file, by name: (`placed`, `kept`, `track` or `refused`; the words)."""
    told: dict[str, tuple[str, str]] = {}
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        page = author.upload(trip, *((path.name, path.read_bytes()) for path in some)).text
        outcomes = OUTCOME.findall(page)
        assert [unescape(name) for _kind, name, _words in outcomes] == [path.name for path in some]
        told |= {unescape(name): (kind, unescape(words)) for kind, name, words in outcomes}
    return told


def take_in(author: Visitor, folder: Path) -> dict[str, tuple[str, str]]:
    """Send a folder to a trip of its own; what became of each file, after looking at all that shows them."""
    trip = author.make_trip(folder.name)
    told = send(author, trip, files_of(folder))
    for file, (kind, words) in told.items():
        assert kind in ("placed", "kept", "track", "refused"), file
        assert len(words) > 15, file
        assert words[0].isupper(), (file, words)
        assert words.rstrip().endswith((".", "?")), (file, words)
        assert not re.search(r"Error|Exception|Traceback|None|nan\b", words), (file, words)
    for row in db.session.scalars(select(TripPhoto)).unique():
        assert (row.source is Source.NONE) == (row.lat is None) == (row.reason is not None)
        assert row.lat is None or is_honest(row)
    for page in ("", "/tray", "/map.json"):
        author.get(trip + page)
    for photo_id in db.session.scalars(select(TripPhoto.photo_id).limit(6)).all():
        author.get(f"{trip}/photos/{photo_id}")
    return told


def is_honest(row: TripPhoto) -> bool:
    is_place = -90 <= row.lat <= 90 and -180 <= row.lon <= 180 and (row.lat, row.lon) != (0, 0)
    return is_place and row.radius_m > 0


@pytest.mark.parametrize("name", ["gpx", "drone", "exif"])
def test_every_real_file_ends_well_or_with_words(author, shared_data, name):
    assert len(take_in(author, shared_data / name)) >= 4


def kinds(told: dict[str, tuple[str, str]]) -> dict[str, int]:
    found = [kind for kind, _words in told.values()]
    return {kind: found.count(kind) for kind in sorted(set(found))}


def test_rome_in_one_day(author, shared_data):
    told = take_in(author, shared_data / "rome")
    assert kinds(told).get("refused", 0) == 0
    placed = db.session.scalars(select(TripPhoto).where(TripPhoto.lat.is_not(None))).unique().all()
    assert len(placed) >= 18
    assert sum(row.source is Source.EXIF_GPS for row in placed) == 16
    assert all(41.8 < row.lat < 42 and 12.4 < row.lon < 12.6 for row in placed)
    assert {row.zone for row in placed} == {"Europe/Rome"}


def test_two_continents_on_one_trip(author, shared_data):
    told = take_in(author, shared_data / "spain-argentina")
    assert kinds(told) == {"placed": 11}
    zones = db.session.scalars(select(TripPhoto.zone)).all()
    assert zones.count("America/Argentina/Buenos_Aires") + zones.count("America/Buenos_Aires") == 4
    assert sum(zone.startswith("Europe/") for zone in zones) == 7


def test_the_aegean_day_by_day(author, shared_data):
    told = take_in(author, shared_data / "aegean")
    assert kinds(told).get("refused", 0) == 0
    assert db.session.scalar(select(func.count()).select_from(TrackFile)) == kinds(told)["track"] >= 4
    rows = db.session.scalars(select(TripPhoto)).unique().all()
    assert sum(row.source is Source.EXIF_GPS for row in rows) >= 74
    assert sum(row.is_placed for row in rows) >= 0.95 * len(rows)
    days = db.session.scalars(select(Day)).all()
    assert days
    assert all(day.length_m < 500_000 for day in days)


def test_films_and_motion_photos(author, shared_data):
    told = take_in(author, shared_data / "phones")
    assert "refused" not in kinds(told)
    assert told["train.mov"] == ("placed", "Placed by its own GPS, within about 20 m.")
