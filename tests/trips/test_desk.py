"""The author at the desk of a trip: moves photos, corrects clocks, writes captions."""

import re

import pytest
from sqlalchemy import select

from blog.db import db
from blog.photos.models import Photo, Projection
from blog.trips.models import CameraClock, Source, Trip, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg, moved_to

SMALL = (60, 40)
HOUR = [(42.0 + i / 1000, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]
KESTREL, MERLIN = "Kestrel K-2", "Merlin M-7"


@pytest.fixture
def trip(author: Visitor) -> str:
    """A trip with a track of an hour, and two cameras on it."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("way.gpx", gpx(HOUR)),
        ("k1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:10:00", camera=KESTREL))),
        ("k2.jpg", jpeg("green", SMALL, exif("2026:05:14 10:20:00", camera=KESTREL))),
        ("m1.jpg", jpeg("blue", SMALL, exif("2026:05:14 10:30:00", camera=MERLIN))),
    )
    return desk


def row(name: str) -> TripPhoto:
    query = select(TripPhoto).join(Photo).where(Photo.file_name == name)
    return db.session.scalars(query).unique().one()


def places() -> dict[str, float]:
    """The latitude of every placed photo, by its file's name."""
    rows = db.session.scalars(select(TripPhoto)).unique()
    return {one.photo.file_name: round(one.lat, 4) for one in rows if one.lat is not None}


def cameras(author: Visitor, trip: str) -> dict[str, str]:
    """What the desk says of each camera, by its name."""
    page = author.get(trip)
    section = page[page.index('id="cameras"') : page.index('id="tracks"')]
    return {
        name: re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", rest))
        for name, rest in re.findall(r'<span class="main">(.*?)</span>(.*?)</li>', section, re.DOTALL)
    }


def correct(author: Visitor, trip: str, camera: str = KESTREL, **clock: object):
    return author.send(f"{trip}/clocks", trip, camera=camera, **clock)


def test_an_author_makes_a_trip_and_gives_it_words(author):
    desk = author.make_trip("  Čačak & back  ")
    assert author.get("/desk/").count("Čačak &amp; back") == 1
    author.send(desk, desk, title="To Čačak", dek="Three days.")
    page = author.get(desk)
    assert "To Čačak" in page
    assert "Three days." in page
    assert db.session.scalar(select(Trip.slug)) == "cacak-back"  # its address stays


@pytest.mark.parametrize(
    ("title", "words"),
    [("", "Give the trip a title."), ("   ", "Give the trip a title."), ("x" * 201, "longer than 200")],
)
def test_a_trip_needs_a_title(author, title, words):
    answer = author.send("/desk/trips/new", "/desk/trips/new", title=title, dek="Kept words")
    assert answer.status_code == 422
    assert words in answer.text
    assert "Kept words" in answer.text
    assert db.session.scalar(select(Trip)) is None


def test_an_emptied_title_is_refused_and_the_old_one_stays(author, trip):
    answer = author.send(trip, trip, title=" ", dek="New words")
    assert answer.status_code == 422
    assert "New words" in answer.text
    assert db.session.scalar(select(Trip.title)) == "Round the bay"


def test_two_trips_of_one_name_have_two_addresses(author):
    author.make_trip("Home")
    author.make_trip("Home")
    assert db.session.scalars(select(Trip.slug).order_by(Trip.id)).all() == ["home", "home-2"]


def test_an_author_moves_a_photo_and_gives_it_back(author, trip):
    own = row("k1.jpg").lat
    page = author.send(f"{trip}/photos/1/place", f"{trip}/photos/1", lat="42.5", lon="18.5")
    assert "Moved." in page.text
    assert "Placed by hand." in page.text
    moved = row("k1.jpg")
    assert (moved.lat, moved.lon, moved.source) == (42.5, 18.5, Source.BY_HAND)
    author.upload(trip, ("late.jpg", jpeg("pink", SMALL, exif("2026:05:14 10:40:00", 42.5, 18.6, MERLIN))))
    assert row("k1.jpg").lat == 42.5  # solving again leaves it there

    page = author.send(f"{trip}/photos/1/own-place", f"{trip}/photos/1")
    assert "Back where its own data puts it." in page.text
    assert row("k1.jpg").lat == pytest.approx(own)
    assert row("k1.jpg").source is Source.TRACK


def test_its_own_gps_is_overruled_by_hand_and_not_lost(author, trip):
    author.upload(trip, ("gps.jpg", jpeg("pink", SMALL, exif("2026:05:14 10:40:00", 42.7, 18.7))))
    author.send(f"{trip}/photos/4/place", trip, lat="42.1", lon="18.1")
    assert row("gps.jpg").lat == 42.1
    author.send(f"{trip}/photos/4/own-place", trip)
    assert row("gps.jpg").lat == pytest.approx(42.7)


NO_PLACES = ["", "x y", "91 0", "0 181", "0 0", "nan 1", "1e999 1", "41,9 12"]


def test_what_is_no_place_moves_nothing(author, trip):
    before, token = places(), author.token("/desk/trips/new")
    for typed in NO_PLACES:
        lat, lon = typed.split() or ("", "")
        sent = {"lat": lat, "lon": lon, "csrf_token": token}
        page = author.client.post(f"{trip}/photos/1/place", data=sent, follow_redirects=True).text
        assert "Moved." not in page, typed
        script = author.client.post(
            f"{trip}/photos/1/place", data=sent, headers={"Accept": "application/json"}
        )
        assert script.status_code == 422, typed
        assert script.json["message"].endswith("."), typed
        assert "float" not in script.json["message"], typed
        assert script.json["lat"] == row("k1.jpg").lat
        assert places() == before


def test_a_script_that_moves_a_photo_gets_its_new_tile(author, trip):
    sent = {"lat": "42.5", "lon": "18.5", "csrf_token": author.token("/desk/trips/new")}
    answer = author.client.post(
        f"{trip}/photos/1/place", data=sent, headers={"Accept": "application/json"}
    ).json
    assert (answer["message"], answer["lat"], answer["lon"]) == ("Moved.", 42.5, 18.5)
    assert "put there by hand" in answer["html"]


def test_the_desk_tells_what_each_clock_said(author, trip):
    told = cameras(author, trip)
    assert set(told) == {KESTREL, MERLIN}
    assert "2 photos" in told[KESTREL]
    assert "wrote 10:20 when it was 10:20" in told[KESTREL]


def test_an_author_corrects_a_cameras_clock_for_all_its_photos(author, trip):
    before = places()
    answer = correct(author, trip, direction="ahead", hours="0", minutes="5", seconds="0")
    assert f"The clock of {KESTREL} is corrected" in answer.text
    after = places()
    assert before["k1.jpg"] - after["k1.jpg"] == pytest.approx(
        0.005, abs=2e-4
    )  # five minutes of the way back
    assert before["k2.jpg"] - after["k2.jpg"] == pytest.approx(0.005, abs=2e-4)
    assert after["m1.jpg"] == before["m1.jpg"]
    told = cameras(author, trip)
    assert "wrote 10:20 when it was 10:15 5 min ahead sure You said so on" in told[KESTREL]
    assert "You said so" not in told[MERLIN]


def test_a_clock_of_another_zone_is_corrected(author, trip):
    author.upload(trip, ("z.jpg", jpeg("pink", SMALL, exif("2026:05:14 17:40:30", camera="Zone Z"))))
    assert row("z.jpg").source is not Source.TRACK
    correct(author, trip, "Zone Z", direction="ahead", hours="7", minutes="0", seconds="30")
    assert row("z.jpg").source is Source.TRACK
    assert row("z.jpg").lat == pytest.approx(42.04, abs=1e-3)
    correct(author, trip, "Zone Z", direction="behind", hours="7")
    assert row("z.jpg").local_time.day == 15


def test_a_correction_can_be_changed_and_forgotten(author, trip):
    before = places()
    correct(author, trip, direction="ahead", minutes="5")
    correct(author, trip, direction="behind", minutes="5")
    assert places()["k1.jpg"] - before["k1.jpg"] == pytest.approx(0.005, abs=2e-4)
    author.send(f"{trip}/clocks/removal", trip, camera=KESTREL)
    assert places() == before


def test_photos_that_come_later_follow_the_correction(author, trip):
    correct(author, trip, direction="ahead", minutes="5")
    author.upload(trip, ("k3.jpg", jpeg("pink", SMALL, exif("2026:05:14 10:40:00", camera=KESTREL))))
    assert row("k3.jpg").lat == pytest.approx(42.035, abs=1e-3)


def test_the_clock_that_was_right_is_kept_as_said(author, trip):
    correct(author, trip, direction="right")
    assert "Right sure You said so" in cameras(author, trip)[KESTREL]
    assert row("k1.jpg").lat == pytest.approx(42.01, abs=1e-3)


NO_CLOCKS: list[dict[str, str]] = [
    {"direction": "sideways", "minutes": "5"},
    {"minutes": "5"},
    {"direction": "ahead", "minutes": "75"},
    {"direction": "ahead", "hours": "-1"},
    {"direction": "ahead", "hours": "many"},
    {"direction": "ahead", "minutes": "5", "camera": "Nobody's"},
]


def test_a_correction_that_makes_no_sense_changes_nothing(author, trip):
    before = places()
    for clock in NO_CLOCKS:
        answer = correct(author, trip, **({"camera": KESTREL} | clock))
        assert "is corrected" not in answer.text, clock
        assert 'class="notice"' in answer.text, clock
        assert places() == before
        assert db.session.scalar(select(CameraClock)) is None


def test_clocks_belong_to_one_trip(author, trip):
    other = author.make_trip("Another")
    author.upload(
        other,
        ("way.gpx", gpx(HOUR)),
        ("x.jpg", jpeg("pink", SMALL, exif("2026:05:14 10:10:00", camera=KESTREL))),
    )
    correct(author, trip, direction="ahead", minutes="5")
    assert row("x.jpg").lat == pytest.approx(42.01, abs=1e-3)


def test_an_author_writes_caption_and_alt_text(author, trip):
    desk = f"{trip}/photos/1"
    assert "Saved." in author.send(desk, desk, caption="  The pier <at> dawn ", alt="A pier & a boat").text
    photo = db.session.get_one(Photo, 1)
    assert (photo.caption, photo.alt) == ("The pier <at> dawn", "A pier & a boat")
    page = author.get(trip)
    assert "The pier &lt;at&gt; dawn" in page
    assert "<at>" not in page
    too_long = author.send(desk, desk, caption="x" * 2001, alt="Kept words")
    assert too_long.status_code == 422
    assert "Kept words" in too_long.text
    assert db.session.get_one(Photo, 1).alt == "A pier & a boat"


def test_a_photo_is_taken_off_the_trip_and_stays_in_posts(author, trip):
    post = author.publish(author.write("![](photo:1)", trip=trip))
    assert "Taken off the trip" in author.send(f"{trip}/photos/1/removal", trip).text
    assert "k1.jpg" not in author.get(f"{trip}/tray")
    author.get(f"{trip}/photos/1", 404)
    reader = Visitor(author.client.application.test_client())
    assert 'id="photo-1"' in reader.get(post)
    reader.get("/photos/1")


def test_the_map_of_the_desk_holds_every_placed_photo(author, trip):
    answer = author.client.get(f"{trip}/map.json")
    assert answer.mimetype == "application/json"
    text = answer.text
    for number in (1, 2, 3):
        assert f"/desk/trips/1/photos/{number}" in text


def test_photos_and_tracks_of_another_trip_are_out_of_reach(author, trip):
    other = author.make_trip("Another")
    author.get(f"{other}/photos/1", 404)
    author.send(f"{other}/tracks/1/removal", other)
    assert "way" in author.get(trip)[author.get(trip).index('id="tracks"') :].lower()
    token = author.token(other)
    moved = author.client.post(f"{other}/photos/1/place", data={"lat": "1", "lon": "1", "csrf_token": token})
    assert moved.status_code == 404


def test_who_was_signed_out_meanwhile_is_told_so(app, author, trip):
    author.send("/sign-out", "/desk/")
    script = author.client.post(f"{trip}/files", headers={"Accept": "application/json"})
    assert script.status_code == 401
    assert "sign in" in script.json["error"].lower()
    assert moved_to(author.client.post(f"{trip}/files")).startswith("/sign-in")


def test_the_author_says_whether_a_photo_shows_all_around(author, visitor):
    trip = author.make_trip()
    author.upload(trip, ("hill.jpg", jpeg(size=(800, 400))), ("sea.jpg", jpeg("navy", (800, 400))))
    page, shown = f"{trip}/photos/1", author.publish(author.write("![](photo:1) ![](photo:2)", trip=trip))
    assert "data-sphere" not in visitor.get(shown)  # twice as wide as high is not enough
    assert "As its file says: flat" in author.get(page)
    author.send(f"{page}/projection", page, projection="sphere")
    assert visitor.get(shown).count("data-sphere") == visitor.get(shown).count("360°") == 1
    assert "Look around" in visitor.get("/photos/1")
    db.session.get_one(Photo, 2).projection_in_file = Projection.SPHERE
    db.session.commit()
    assert "As its file says: all around" in author.get(f"{trip}/photos/2")
    assert visitor.get(shown).count("data-sphere") == 2
    author.send(f"{trip}/photos/2/projection", page, projection="flat")
    author.send(f"{page}/projection", page, projection="")
    assert "data-sphere" not in visitor.get(shown)
    said = author.send(f"{page}/projection", page, projection="cube").text
    assert "Not a valid choice" in said
    assert "data-sphere" not in visitor.get(shown)
