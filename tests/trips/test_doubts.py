"""A place that a camera wrote and that cannot be: shown, placed otherwise, believed on demand."""

import json

import pytest
from click.testing import CliRunner

from blog.db import db
from blog.trips.models import Source, TripPhoto
from blog.trips.place_command import place
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)
WAY = [(42.0 + i * 0.001, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]


def photos(strayed: tuple[float, float]) -> list[tuple[str, bytes]]:
    """A photo every ten minutes of the way with its place, the third of them astray."""
    places = [(42.0 + n * 0.01, 19.0) for n in range(5)]
    places[2] = strayed
    return [
        (f"{n}.jpg", jpeg(color, SMALL, exif(f"2026:05:14 10:{n}0:00", *place)))
        for n, (color, place) in enumerate(zip(("red", "green", "blue", "gold", "pink"), places, strict=True))
    ]


@pytest.fixture
def trip(author: Visitor) -> str:
    desk = author.make_trip("The walk")
    author.upload(desk, ("way.gpx", gpx(WAY)), *photos((52.5, 13.4)))
    return desk


def stray() -> TripPhoto:
    db.session.expire_all()
    return next(row for row in db.session.query(TripPhoto) if row.photo.file_name == "2.jpg")


def test_it_is_placed_otherwise_and_says_why(author, trip):
    row = stray()
    assert (row.source, row.lat) == (Source.TRACK, pytest.approx(42.02, abs=1e-3))
    assert "too far to go in that time" in row.doubt
    assert "Its own GPS is doubted." in author.get(trip)
    page = author.get(f"{trip}/photos/{row.photo_id}")
    assert "Its own GPS says otherwise, and is not believed." in page
    assert [one.doubt for one in db.session.query(TripPhoto) if one is not row] == [None] * 4


def test_a_person_may_believe_it_and_think_again(author, trip):
    own = f"{trip}/photos/{stray().photo_id}"
    author.send(f"{own}/place", own, lat="52.5", lon="13.4")
    assert (stray().source, stray().lat, stray().doubt) == (Source.BY_HAND, 52.5, None)
    author.send(f"{own}/own-place", own)
    assert (stray().source, bool(stray().doubt)) == (Source.TRACK, True)


def test_the_command_says_so_too(tmp_path):
    for name, content in [("way.gpx", gpx(WAY)), *photos((52.5, 13.4))]:
        (tmp_path / name).write_bytes(content)
    names = [str(tmp_path / f"{n}.jpg") for n in range(5)]
    result = CliRunner().invoke(place, ["--json", "--track", str(tmp_path / "way.gpx"), *names])
    entries = json.loads(result.stdout)["photos"]
    assert [entry["source"] for entry in entries] == ["exif_gps", "exif_gps", "track", "exif_gps", "exif_gps"]
    assert entries[2]["lat"] == pytest.approx(42.02, abs=1e-3)
    assert "is not believed" in entries[2]["reason"]
    assert "2.jpg: Its own GPS is too far" in result.stderr
