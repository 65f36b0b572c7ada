"""Tracks of every kind on their way into a trip, and through the command line."""

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from blog.db import db
from blog.trips import intake
from blog.trips.models import TrackFile
from blog.trips.place_command import place
from tests.conftest import Visitor, exif, gpx, jpeg
from tests.geo.test_trackfiles import EVERY
from tests.trips.test_intake import HOUR, SMALL, outcome, send

PHOTO = jpeg(size=SMALL, exif=exif("2026:05:14 10:30:00"))


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def trip(author: Visitor) -> str:
    return author.make_trip("Round the bay")


@pytest.mark.parametrize("kind", EVERY)
def test_a_track_of_every_kind_is_taken_and_kept_as_it_came(author, trip, tmp_path, kind):
    assert outcome(send(author, trip, ("way", EVERY[kind])), "way")[0] == "track"
    kept = [path for path in (tmp_path / "uploads" / "originals").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [EVERY[kind]]
    assert kept[0].suffix == f".{kind}"
    again = outcome(send(author, trip, ("again", EVERY[kind])), "again")
    assert "already part of the trip" in again[1]


def test_a_track_beyond_the_limit_is_refused_alone_and_in_a_zip(author, trip, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST_TRACK", len(gpx(HOUR)) - 1)
    words = "This track is larger than 250 MB. Split it and try again."
    assert outcome(send(author, trip, ("way.gpx", gpx(HOUR))), "way.gpx") == ("refused", words)
    box = zipped(("one.gpx", gpx(HOUR)))
    assert f"one.gpx: {words}" in outcome(send(author, trip, ("all.zip", box)), "all.zip")[1]
    assert db.session.scalar(select(TrackFile.id)) is None


def test_the_tracks_of_a_zip_are_kept_one_by_one(author, trip, tmp_path):
    way, other = gpx(HOUR[:30]), gpx(HOUR[30:])
    box = zipped(("day/one.gpx", way), ("two.gpx", other), ("a.jpg", PHOTO))
    kind, words = outcome(send(author, trip, ("all.zip", box), ("a.jpg", PHOTO)), "all.zip")
    assert kind == "track"
    assert "day/one.gpx: A track of 3.2 km." in words
    assert "a.jpg: Not taken: only tracks are read from a ZIP." in words
    names = db.session.scalars(select(TrackFile.file_name).order_by(TrackFile.id)).all()
    assert names == ["day/one.gpx", "two.gpx"]
    kept = [path.read_bytes() for path in (tmp_path / "uploads" / "originals").rglob("*.gpx")]
    assert sorted(kept) == sorted([way, other])
    assert "already part of the trip" in outcome(send(author, trip, ("one.gpx", way)), "one.gpx")[1]


def test_a_zip_full_of_photos_is_not_told_photo_by_photo(author, trip):
    photos = [(f"{i}.jpg", PHOTO) for i in range(30)]
    kind, words = outcome(send(author, trip, ("all.zip", zipped(("one.gpx", gpx(HOUR)), *photos))), "all.zip")
    assert kind == "track"
    assert "20 other files in it were not taken either." in words
    kind, words = outcome(send(author, trip, ("photos.zip", zipped(*photos))), "photos.zip")
    assert kind == "refused"
    assert "no track in this ZIP" in words


def test_the_command_places_by_every_track_in_a_zip(tmp_path: Path):
    box, photo = tmp_path / "all.zip", tmp_path / "a.jpg"
    box.write_bytes(zipped(("one.gpx", gpx(HOUR)), ("notes.txt", b"We set out at nine.")))
    photo.write_bytes(PHOTO)
    result = CliRunner().invoke(place, ["--track", str(box), str(photo)])
    assert "notes.txt: This is no track that Roadbook can read" in result.output
    assert "the track" in result.output
    assert result.exit_code == 0
