"""Files dropped on a trip: each ends placed, kept with a reason, or refused with one."""

import io
import re
import zipfile
from datetime import date

import pytest
from PIL import Image
from pillow_heif import HeifFile, from_pillow
from sqlalchemy import func, select

from blog.db import db
from blog.photos.models import Photo
from blog.trips.models import Day, Source, TrackFile, Trip, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)
HOUR = [(42.0 + i / 1000, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]  # 111 m a minute, northwards


@pytest.fixture
def trip(author: Visitor) -> str:
    return author.make_trip("Round the bay")


def outcome(page: str, name: str) -> tuple[str, str]:
    """(`placed`, `kept`, `track` or `refused`; what was said) of a file."""
    found = re.search(rf'<li class="(\w+)"><strong>{re.escape(name)}</strong> (.*?)</li>', page, re.DOTALL)
    assert found, f"{name} was lost without a word"
    return found[1], found[2]


def row(name: str) -> TripPhoto:
    query = select(TripPhoto).join(Photo).where(Photo.file_name == name)
    return db.session.scalars(query).unique().one()


def send(author: Visitor, trip: str, *files: tuple[str, bytes]) -> str:
    answer = author.upload(trip, *files)
    assert answer.status_code == 200
    return answer.text


def test_a_photo_stands_where_its_own_gps_says(author, trip):
    page = send(author, trip, ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:30:00", 42.43, 18.77))))
    kind, words = outcome(page, "a.jpg")
    assert kind == "placed"
    assert "by its own GPS" in words
    assert (row("a.jpg").lat, row("a.jpg").lon) == (
        pytest.approx(42.43, abs=1e-5),
        pytest.approx(18.77, abs=1e-5),
    )
    assert row("a.jpg").source is Source.EXIF_GPS
    assert row("a.jpg").zone == "Europe/Podgorica"


def test_a_photo_stands_on_the_track_by_its_time(author, trip):
    local = exif("2026:05:14 10:30:30")  # 08:30:30 UTC, in summer time
    page = send(author, trip, ("way.gpx", gpx(HOUR)), ("a.jpg", jpeg(size=SMALL, exif=local)))
    assert outcome(page, "way.gpx") == ("track", "A track of 6.6 km.")
    assert outcome(page, "a.jpg")[0] == "placed"
    placed = row("a.jpg")
    assert placed.source is Source.TRACK
    assert placed.lat == pytest.approx(42.0305, abs=1e-4)
    assert placed.ele == pytest.approx(120)
    assert placed.local_time.hour == 10
    assert placed.along_m == pytest.approx(3391, abs=15)


def test_a_track_that_comes_later_places_what_waited(author, trip):
    page = send(author, trip, ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:30:00"))))
    kind, words = outcome(page, "a.jpg")
    assert kind == "kept"
    assert "no track and no other photo" in words
    send(author, trip, ("way.gpx", gpx(HOUR)))
    assert row("a.jpg").source is Source.TRACK


def test_taking_the_track_off_takes_its_places_with_it(author, trip):
    send(author, trip, ("way.gpx", gpx(HOUR)), ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:30:00"))))
    assert "was taken off the trip" in author.send(f"{trip}/tracks/1/removal", trip).text
    assert row("a.jpg").source is Source.NONE
    assert not row("a.jpg").is_placed
    assert db.session.scalar(select(func.count()).select_from(TrackFile)) == 0


def test_a_photo_stands_between_its_neighbours(author, trip):
    page = send(
        author,
        trip,
        ("first.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.0, 19.0))),
        ("between.jpg", jpeg("green", SMALL, exif("2026:05:14 10:30:00"))),
        ("last.jpg", jpeg("blue", SMALL, exif("2026:05:14 11:00:00", 42.2, 19.0))),
    )
    assert "between two photos" in outcome(page, "between.jpg")[1]
    assert row("between.jpg").source is Source.NEIGHBOURS
    assert 42.0 < row("between.jpg").lat < 42.2
    assert row("between.jpg").radius_m > 1000


def test_a_photo_without_a_time_stands_by_its_order(author, trip):
    page = send(
        author,
        trip,
        ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.0, 19.0))),
        ("2.jpg", jpeg("green", SMALL)),
        ("3.jpg", jpeg("blue", SMALL, exif("2026:05:14 11:00:00", 42.2, 19.0))),
    )
    assert "by its place in the story" in outcome(page, "2.jpg")[1]
    assert row("2.jpg").source is Source.ORDER
    assert row("2.jpg").lat == pytest.approx(42.1, abs=0.01)


def test_a_photo_that_says_nothing_is_kept_with_the_reason(author, trip):
    kind, words = outcome(send(author, trip, ("a.jpg", jpeg(size=SMALL))), "a.jpg")
    assert kind == "kept"
    assert "It carries no" in words
    assert "It carries no" in author.get(trip)


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (91, 10), (10, 181)])
def test_coordinates_that_are_no_place_are_not_used(author, trip, lat, lon):
    page = send(author, trip, ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:00:00", lat, lon))))
    assert outcome(page, "a.jpg")[0] == "kept"
    assert not row("a.jpg").is_placed
    assert row("a.jpg").photo.position_problem


def heic() -> bytes:
    out = io.BytesIO()
    file: HeifFile = from_pillow(Image.new("RGB", (64, 48), "olive"))
    file.save(out, quality=60, exif=exif("2026:05:14 10:00:00", 42.0, 19.0).tobytes())
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_of_photos_are_taken(author, trip, kind):
    out = io.BytesIO()
    Image.new("RGBA", SMALL, "#00804080").save(out, kind, exif=exif("2026:05:14 10:00:00", 42.0, 19.0))
    page = send(author, trip, (f"a.{kind.lower()}", out.getvalue()))
    assert outcome(page, f"a.{kind.lower()}")[0] == "placed"
    assert row(f"a.{kind.lower()}").photo.is_ready


def test_a_photo_of_a_phone_in_heic_is_taken(author, trip):
    assert outcome(send(author, trip, ("IMG_1.HEIC", heic())), "IMG_1.HEIC")[0] == "placed"
    assert row("IMG_1.HEIC").photo.is_ready


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.jpg", jpeg(size=SMALL))
    return out.getvalue()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><name>&b;</name></trk></gpx>"""
OUTSIDE = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')


REFUSED = [
    ("notes.txt", b"We set out at nine.", "a text"),
    ("empty.jpg", b"", "empty"),
    ("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(200), "damaged"),
    ("film.mov", b"\0\0\0\x14ftypqt  " + bytes(200), "damaged"),
    ("all.zip", archive(), "ZIP"),
    ("header.jpg", b"\xff\xd8\xff\xe0" + bytes(20), "damaged"),
    ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "GPX"),
    ("page.html", b"<!doctype html><html><script>alert(1)</script>", ""),
    ("bomb.gpx", BOMB, ""),
    ("outside.gpx", OUTSIDE, ""),
    ("empty.gpx", gpx([]), ""),
    ("broken.gpx", b"<gpx><trk><trkseg><trkpt lat=", ""),
    ("random.jpg", bytes(range(256)) * 4, "no photo"),
]


def test_what_is_no_photo_and_no_track_is_refused_in_words(author, trip):
    good = ("good.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:00:00", 42.0, 19.0)))
    page = send(author, trip, *((name, content) for name, content, _words in REFUSED), good)
    for name, _content, words in REFUSED:
        kind, said = outcome(page, name)
        assert (name, kind) == (name, "refused")
        assert words in said, name
        assert said.endswith((".", "?")), name
        assert not re.search("Traceback|root:", said), name
    assert outcome(page, "good.jpg")[0] == "placed"
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_a_truncated_photo_is_refused_and_its_damage_is_told(author, trip):
    whole = jpeg("red", (400, 300), exif("2026:05:14 10:00:00", 42.0, 19.0))
    page = send(author, trip, ("cut.jpg", whole[: len(whole) // 2]), ("whole.jpg", whole))
    state, words = outcome(page, "cut.jpg")
    assert state == "refused"
    assert words.endswith("its pixels cannot be read to the end. Copy it from the camera again.")
    assert outcome(page, "whole.jpg")[0] == "placed"


def test_the_same_bytes_twice_are_one_photo(author, trip):
    picture = jpeg(size=SMALL)
    page = send(author, trip, ("a.jpg", picture), ("again.jpg", picture))
    assert outcome(page, "again.jpg")[0] == "kept"
    send(author, trip, ("third.jpg", picture))
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    assert db.session.scalar(select(func.count()).select_from(TripPhoto)) == 1
    other = author.make_trip("Another")
    send(author, other, ("a.jpg", picture))
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    assert db.session.scalar(select(func.count()).select_from(TripPhoto)) == 2


def test_the_same_track_twice_is_one_track(author, trip):
    send(author, trip, ("way.gpx", gpx(HOUR)))
    assert "already part of the trip" in outcome(send(author, trip, ("copy.gpx", gpx(HOUR))), "copy.gpx")[1]
    assert db.session.scalar(select(func.count()).select_from(TrackFile)) == 1


def test_a_name_cannot_lead_out_of_the_folder_or_into_the_page(app, author, trip, tmp_path):
    evil = '../../<img src=x onerror=alert(1)>".jpg'
    page = send(author, trip, (evil, jpeg(size=SMALL)))
    assert "<img src=x" not in page
    assert "<img src=x" not in author.get(f"{trip}/photos/1")
    kept = [path.name for path in (tmp_path / "uploads" / "originals").rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert re.fullmatch(r"[0-9a-f]{64}\.jpg", kept[0])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + gpx(HOUR),
        gpx(HOUR).decode().encode("utf-16"),
        b"\n  " + gpx(HOUR).split(b"?>", 1)[1],
        gpx(HOUR[:20], [], HOUR[40:]),
        gpx(*([point] for point in HOUR)),
    ],
    ids=["BOM", "UTF-16", "leading space", "empty segment", "segments of one point"],
)
def test_tracks_of_any_state_are_read(author, trip, content):
    assert outcome(send(author, trip, ("way.gpx", content)), "way.gpx")[0] == "track"
    assert db.session.scalar(select(Day.local_date)) == date(2026, 5, 14)
    author.get(trip)
    author.get(f"{trip}/map.json")


def test_a_track_without_times_draws_the_route(author, trip):
    timeless = gpx([(lat, lon, None) for lat, lon, _ in HOUR])
    assert "6.6 km" in outcome(send(author, trip, ("way.gpx", timeless)), "way.gpx")[1]
    day = db.session.scalars(select(Day)).one()
    assert day.length_m == pytest.approx(6560, rel=0.01)
    assert day.lines
    send(author, trip, ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 10:00:00", 42.0, 19.0))))
    assert db.session.scalar(select(Day.length_m)) == pytest.approx(6560, rel=0.01)


def test_two_receivers_side_by_side_count_once(author, trip):
    beside = [(lat + 0.00002, lon, time) for lat, lon, time in HOUR[::3]]
    send(author, trip, ("one.gpx", gpx(HOUR)), ("two.gpx", gpx(beside)))
    assert db.session.scalar(select(Day.length_m)) == pytest.approx(6560, rel=0.02)


def test_days_are_those_of_the_place(author, trip):
    late = [(35.68, 139.7 + i / 1000, f"2026-05-13T{14 + i // 60}:{i % 60:02}:00Z") for i in range(120)]
    send(author, trip, ("way.gpx", gpx(late)))  # 23:00 to 01:00 in Tokyo
    days = db.session.scalars(select(Day).order_by(Day.number)).all()
    assert [(day.number, day.local_date) for day in days] == [(1, date(2026, 5, 13)), (2, date(2026, 5, 14))]
    assert days[0].length_m == pytest.approx(days[1].length_m, rel=0.03)
    assert db.session.scalar(select(Trip.zone)) == "Asia/Tokyo"


def test_a_way_over_the_date_line_is_as_long_as_it_is(author, trip):
    over = [(-16.8, 179.5 + i / 60 - (360 if i > 30 else 0), f"2026-05-14T02:{i:02}:00Z") for i in range(60)]
    send(author, trip, ("way.gpx", gpx(over)), ("a.jpg", jpeg(size=SMALL, exif=exif("2026:05:14 14:30:00"))))
    assert db.session.scalar(select(Day.length_m)) == pytest.approx(104_700, rel=0.02)
    placed = row("a.jpg")
    assert abs(abs(placed.lon) - 180) < 0.1
    page = author.get(trip)
    assert "105 km" in page


def test_a_journey_between_zones_keeps_local_dates(author, trip):
    send(
        author,
        trip,
        ("home.jpg", jpeg("red", SMALL, exif("2026:05:14 22:00:00", 48.1, 11.6, "Phone P"))),
        ("there.jpg", jpeg("blue", SMALL, exif("2026:05:15 23:30:00", 37.77, -122.42, "Other O"))),
    )
    assert row("home.jpg").local_time.date() == date(2026, 5, 14)
    assert row("there.jpg").zone == "America/Los_Angeles"
    assert row("there.jpg").local_time.date() == date(2026, 5, 15)
    assert [day.number for day in db.session.scalars(select(Day))] == [1, 2]


def test_a_script_is_told_of_each_file_in_json(author, trip):
    token = author.token(trip)
    files = [
        (io.BytesIO(jpeg(size=SMALL)), "a.jpg"),
        (io.BytesIO(b"text"), "b.txt"),
        (io.BytesIO(gpx(HOUR)), "c.gpx"),
    ]
    answer = author.client.post(
        f"{trip}/files", data={"csrf_token": token, "files": files}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200
    photo, text, track = answer.json["results"]
    assert (photo["file"], photo["outcome"], photo["photo_id"]) == ("a.jpg", "kept", 1)
    assert 'id="tile-1"' in photo["html"]
    assert (text["outcome"], text["photo_id"], text["html"]) == ("refused", None, None)
    assert track["outcome"] == "track"


def test_a_script_whose_page_is_too_old_is_told_in_json(author, trip):
    sent = {"files": (io.BytesIO(jpeg(size=SMALL)), "a.jpg"), "csrf_token": "old"}
    answer = author.client.post(f"{trip}/files", data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "open for a long time" in answer.json["error"]


def test_sending_nothing_says_so(author, trip):
    assert "Choose some photos" in send(author, trip)


def test_a_caption_in_the_file_is_taken_over(author, trip):
    data = exif("2026:05:14 10:00:00", 42.0, 19.0)
    data[0x010E] = "The old lighthouse"
    send(author, trip, ("a.jpg", jpeg(size=SMALL, exif=data)))
    assert "The old lighthouse" in author.get(f"{trip}/photos/1")
