"""Broken track files: nothing of them counts before their owner agrees, and nothing of them is lost."""

import io
import re

import pytest
from sqlalchemy import select

from blog.db import db
from blog.trips.models import Day, Source, TrackFile
from tests.conftest import Visitor, exif, gpx, jpeg
from tests.trips.test_intake import HOUR, SMALL, outcome, row, send
from tests.trips.test_track_kinds import zipped

WHOLE = gpx(HOUR).replace(b"<trkpt", b"\n<trkpt")  # the first point stands in line 2
BROKEN = WHOLE[: WHOLE.index(b'lat="42.04"')]
PHOTO = ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:30:00")))
QUESTION = "The file ends in line 42. 40 points over 4.3 km could be read."
USE = re.compile(r'action="([^"]*/use)"')
LEAVE_OUT = re.compile(r'action="([^"]*/leaving-out)"')


@pytest.fixture
def trip(author: Visitor) -> str:
    return author.make_trip("Round the bay")


def is_used() -> bool:
    return db.session.scalars(select(TrackFile.is_used)).one()


def test_a_broken_track_waits_until_its_owner_agrees(author, trip, tmp_path):
    page = send(author, trip, ("way.gpx", BROKEN), PHOTO)
    kind, words = outcome(page, "way.gpx")
    assert kind == "asked"
    assert words.startswith(QUESTION)
    assert "Use what could be read" in words and "Leave it out" in words
    assert not is_used()
    assert row("a.jpg").source is Source.NONE
    assert [path.read_bytes() for path in (tmp_path / "uploads" / "originals").rglob("*.gpx")] == [BROKEN]

    assert "photos were placed again" in author.send(USE.search(words)[1], trip).text
    assert is_used()
    assert row("a.jpg").source is Source.TRACK
    assert db.session.scalar(select(Day.length_m)) == pytest.approx(4_337, abs=5)


def test_the_question_stands_in_the_list_of_tracks(author, trip):
    send(author, trip, ("way.gpx", BROKEN), PHOTO)
    page = author.get(trip)
    assert "The file ends in line 42. What is left could be read." in page and "Left out" in page
    assert LEAVE_OUT.search(page) is None
    author.send(USE.search(page)[1], trip)
    assert "Use what could be read" not in author.get(trip)
    assert row("a.jpg").is_placed


def test_leaving_it_out_changes_nothing_and_can_be_taken_back(author, trip):
    words = outcome(send(author, trip, ("way.gpx", BROKEN), PHOTO), "way.gpx")[1]
    assert "waits in the list" in author.send(LEAVE_OUT.search(words)[1], trip).text
    assert not is_used()
    assert "Use what could be read" in author.get(trip)


def test_a_sound_track_can_be_left_out_and_used_again(author, trip):
    send(author, trip, ("way.gpx", WHOLE), PHOTO)
    page = author.get(trip)
    assert "Leave it out for now" in page and USE.search(page) is None
    author.send(LEAVE_OUT.search(page)[1], trip)
    assert not row("a.jpg").is_placed
    assert b"<trkpt" not in author.client.get(f"{trip}/route.gpx").data
    page = author.get(trip)
    assert "Use it again" in page
    author.send(USE.search(page)[1], trip)
    assert row("a.jpg").source is Source.TRACK


def test_the_same_file_again_asks_again(author, trip):
    send(author, trip, ("way.gpx", BROKEN))
    kind, words = outcome(send(author, trip, ("again.gpx", BROKEN)), "again.gpx")
    assert kind == "asked"
    assert "already there, but left out" in words and QUESTION in words and "Use what could be read" in words
    author.send(USE.search(words)[1], trip)
    assert "already part of the trip" in outcome(send(author, trip, ("way.gpx", BROKEN)), "way.gpx")[1]


def test_in_a_zip_only_the_broken_tracks_are_asked_for(author, trip):
    box = zipped(("good.gpx", gpx(HOUR[:10])), ("bad.gpx", BROKEN))
    kind, words = outcome(send(author, trip, ("all.zip", box)), "all.zip")
    assert kind == "asked"
    assert "good.gpx: A track of 1 km." in words and f"bad.gpx: {QUESTION}" in words
    assert len(USE.findall(words)) == 1
    used = dict(db.session.execute(select(TrackFile.file_name, TrackFile.is_used)).all())
    assert used == {"good.gpx": True, "bad.gpx": False}


@pytest.mark.parametrize(("lost", "kind"), [(5, "track"), (10, "asked")])
def test_a_few_points_without_a_place_are_no_question(author, trip, lost, kind):
    points = [(lat, lon, time) if i >= lost else (0.0, 0.0, time) for i, (lat, lon, time) in enumerate(HOUR)]
    told, words = outcome(send(author, trip, ("way.gpx", gpx(points))), "way.gpx")
    assert (told, is_used()) == (kind, kind == "track")
    assert f"{lost} points from point 1 on have no usable position and were left out." in words


def test_nothing_to_read_is_refused_with_the_line(author, trip):
    start = WHOLE[: WHOLE.index(b"<trkpt")]
    assert outcome(send(author, trip, ("way.gpx", start)), "way.gpx") == (
        "refused",
        "The file ends in line 2.",
    )


def test_a_script_gets_the_choices_and_the_answer(author, trip):
    token = author.token(trip)
    sent = {"csrf_token": token, "files": [(io.BytesIO(BROKEN), "way.gpx")]}
    json = {"Accept": "application/json"}
    (result,) = author.client.post(f"{trip}/files", data=sent, headers=json).json["results"]
    assert (result["outcome"], result["message"]) == ("asked", QUESTION)
    (choice,) = result["choices"]
    answer = author.client.post(USE.search(choice)[1], data={"csrf_token": token}, headers=json)
    assert "placed again" in answer.json["message"]
    assert is_used()
    late = author.client.post(LEAVE_OUT.search(choice)[1], data={"csrf_token": "old"}, headers=json)
    assert (late.status_code, is_used()) == (422, True)


def test_only_its_owner_decides(app, author, person, trip):
    words = outcome(send(author, trip, ("way.gpx", BROKEN)), "way.gpx")[1]
    use = USE.search(words)[1]
    other = Visitor(app.test_client()).sign_in(person("Ada"))
    assert other.send(use, "/desk/trips/new").status_code == 404
    own = other.make_trip("Elsewhere")
    assert other.send(f"{own}/tracks/1/use", "/desk/trips/new").status_code == 404
    assert not is_used()
