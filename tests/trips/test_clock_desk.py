"""The clock desk: what is believed of a camera's clock, a look before a change, and taking it back."""

import re
from collections.abc import Sequence
from html import unescape
from itertools import zip_longest

import pytest

from blog.db import db
from blog.trips.models import CameraClock, SameMoment, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg, value

SMALL = (60, 40)
WREN = "Wren W1"
PHONE = "Finch P2"
HOUR = [
    [(42.0 + i * 0.001, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]
]  # ten o'clock in Montenegro


@pytest.fixture
def trip(author: Visitor) -> str:
    """An hour's walk north, four photos by a camera, and two by a phone with places of its own."""
    desk = author.make_trip("The walk")
    own = [
        (f"w{n}.jpg", jpeg(color, SMALL, exif(f"2026:05:14 10:{n}0:00", camera=WREN)))
        for n, color in enumerate(("red", "green", "blue", "gold"), 1)
    ]
    phone = [
        (
            f"p{n}.jpg",
            jpeg(color, SMALL, exif(f"2026:05:14 10:{n}5:00", 42.0 + 0.01 * n + 0.005, 19.0, camera=PHONE)),
        )
        for n, color in enumerate(("pink", "gray"), 1)
    ]
    author.upload(desk, ("hour.gpx", gpx(*HOUR)), *own, *phone)
    return desk


def row(name: str) -> TripPhoto:
    db.session.expire_all()
    return next(row for row in db.session.query(TripPhoto) if row.photo.file_name == name)


def minute(name: str) -> float:
    """The minute of the walk at which a photo is placed."""
    return round((row(name).lat - 42) / 0.001, 1)


def text(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def look(author: Visitor, trip: str, camera: str = WREN, status: int = 200, **asked: str) -> str:
    answer = author.client.get(f"{trip}/clocks", query_string={"camera": camera} | asked)
    assert answer.status_code == status
    return answer.text


def offered(page: str) -> float:
    """The offset that the page's button would apply."""
    return float(re.search(r'name="offset_s" value="(-?[\d.]+)"', page)[1])


def apply(author: Visitor, trip: str, offset: float, camera: str = WREN) -> str:
    return author.send(f"{trip}/clocks", trip, camera=camera, offset_s=str(offset)).text


ASSUMED = -7200.0


def test_it_says_what_is_believed_and_why(author, trip):
    page = text(look(author, trip))
    assert "The clock of Wren W1" in page
    assert "Right likely 4 of its 4 moments then fall on the track." in page
    assert "It wrote 10:30 when it was 10:30." in page


def test_looking_changes_nothing(author, trip):
    page = look(author, trip, direction="ahead", minutes="10")
    assert offered(page) == ASSUMED - 600
    assert minute("w2.jpg") == 20
    assert db.session.query(CameraClock).count() == 0


def test_what_was_looked_at_is_applied_and_undone(author, trip):
    page = apply(author, trip, offered(look(author, trip, direction="ahead", minutes="10")))
    assert "The clock of Wren W1 is corrected" in page
    assert "10 min ahead sure You said so on" in text(page)
    assert minute("w2.jpg") == 10
    apply(author, trip, ASSUMED - 300)
    assert minute("w2.jpg") == 15
    for expected in (10, 20):
        author.send(f"{trip}/clocks/undo", trip, camera=WREN)
        assert minute("w2.jpg") == expected
    assert "There is nothing to take back." in author.send(f"{trip}/clocks/undo", trip, camera=WREN).text
    assert db.session.query(CameraClock).count() == 0


def test_a_photo_tells_by_its_moment(author, trip):
    page = look(author, trip, photo=str(row("w2.jpg").photo_id), at="2026-05-14T10:17:00")
    assert offered(page) == ASSUMED - 180


def test_a_photo_tells_by_its_place(author, trip):
    page = look(author, trip, photo=str(row("w2.jpg").photo_id), lat="42.013", lon="19.0002")
    assert offered(page) == ASSUMED - 7 * 60


def test_a_place_that_was_passed_twice_gives_both(author, trip):
    back = [(42.0 + i * 0.001, 19.0, f"2026-05-14T09:{59 - i:02}:00Z") for i in range(59, -1, -1)]
    author.upload(trip, ("back.gpx", gpx(back)))
    page = look(author, trip, photo=str(row("w2.jpg").photo_id), lat="42.013", lon="19.0")
    assert offered(page) == ASSUMED - 7 * 60
    assert "another pass by that place" in page
    assert "1 h 26 min behind another pass" in text(page)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"offset": "many"}, "is not a number"),
        ({"offset": "nan"}, "is not a number"),
        ({"offset": "9e9"}, "more than a hundred years"),
        ({"direction": "sideways"}, ""),
        ({"direction": "ahead", "minutes": "75"}, "minutes and seconds go from 0 to 59"),
        ({"photo": "1", "at": "noon"}, "Give the day and the time"),
        ({"photo": "1", "lat": "95", "lon": "2"}, "is not between"),
        ({"photo": "1", "lat": "9"}, "is not a number"),
    ],
)
def test_what_makes_no_sense_gets_a_clear_word(author, trip, asked, words):
    page = look(author, trip, status=422, **asked)
    assert words in re.search(r'<p class="error" role="alert">([^<]+)</p>', page)[1]


def test_what_was_typed_stays_where_it_makes_no_sense(author, trip):
    page = look(author, trip, status=422, direction="ahead", hours="2", minutes="75")
    assert '<option value="ahead" selected>' in page
    assert 'name="hours" value="2"' in page
    assert 'name="minutes" value="75"' in page
    page = look(author, trip, status=422, photo=str(row("w2.jpg").photo_id), lat="95", lon="19.2")
    assert (value(page, "lat"), value(page, "lon")) == ("95", "19.2")


def test_it_says_how_many_photos_would_move(author, trip):
    assert "4 photos move." in text(look(author, trip, direction="ahead", minutes="10"))
    page = text(look(author, trip, PHONE, direction="ahead", minutes="10"))
    assert "None of its photos moves" in page


def test_a_clock_that_nothing_tells_of(author):
    desk = author.make_trip("No track yet")
    author.upload(desk, ("a.jpg", jpeg("teal", SMALL, exif("2026:05:14 09:05:00", camera=WREN))))
    page = look(author, desk)
    assert "Not known Nothing tells yet" in text(page)
    assert "It wrote 09:05 on 14 May." in text(page)
    assert not {"<figure>", 'name="offset_s"'} & set(re.findall(r'<figure>|name="offset_s"', page))


def days_out(author: Visitor, days: dict[str, tuple[float, int]], zones: Sequence[str] = ()) -> str:
    """A trip with an hour's walk on each day, at eight o'clock UTC and a longitude, and three photos of it
    with their places, by a camera that showed the given hour and wrote the day's zone, if any."""
    desk = author.make_trip("Days out")
    walks, photos = [], []
    for day, (lon, shown), zone in zip_longest(days, days.values(), zones):
        walks.append([(38.9 + i * 0.001, lon, f"{day}T08:{i:02}:00Z") for i in range(60)])
        for minute in (10, 30, 50):
            written = exif(f"{day.replace('-', ':')} {shown:02}:{minute}:00", *walks[-1][minute][:2], WREN)
            if zone:
                written.get_ifd(0x8769)[0x9011] = zone
            photos.append((f"{day}-{minute}.jpg", jpeg(f"#{day[-2:]}{minute}aa", SMALL, written)))
    author.upload(desk, ("days.gpx", gpx(*walks)), *photos)
    return desk


def test_a_clock_that_was_right_until_summer_time_ended(author):
    """Spain's clocks went back on 25 October 2026, and the camera's did not."""
    desk = days_out(author, {"2026-10-24": (-3.7, 10), "2026-10-26": (-3.7, 10)})
    row_words = text(author.get(desk))
    assert "Right at first, 1 h ahead in the end sure The local time changed on the way" in row_words


def test_each_part_is_judged_by_the_local_time_where_it_was(author):
    """From Spain to Portugal: a camera that showed Spanish time was right in Spain."""
    desk = days_out(author, {"2026-05-10": (-3.7, 10), "2026-05-11": (-3.8, 10), "2026-05-12": (-8.0, 9)})
    assert "set back by 1 h between 10:50 on 11 May and 09:10 on 12 May" in text(author.get(desk))
    author.send(f"{desk}/clocks/periods", desk, camera=WREN, photo=str(row("2026-05-12-10.jpg").photo_id))
    assert "Right sure 6 of the 6 photos with a place of their own fit" in text(look(author, desk))
    later = look(author, desk, f"{WREN} · 2026-05-12T09:10:00")
    assert "Right sure 3 of the 3 photos with a place of their own fit" in text(later)


def test_a_phone_that_changes_its_zone_by_itself_was_right_everywhere(author):
    days = {"2026-05-10": (-8.0, 9), "2026-05-11": (-3.7, 10), "2026-05-12": (-8.0, 9)}
    desk = days_out(author, days, ["+01:00", "+02:00", "+01:00"])
    row_words = text(author.get(desk))
    assert "9 photos · wrote 10:30 when it was 10:30 Right sure 9 of the 9" in row_words
    assert "local time changed" not in row_words


def test_a_long_trip_is_looked_at_day_by_day(author):
    desk = days_out(author, {"2026-05-10": (-3.7, 10), "2026-05-11": (-3.8, 10)})
    for asked, other in (("1", "2"), ("2", "1")):
        page = look(author, desk, day=asked)
        assert re.search(rf'day={asked}#look" aria-current="true">Day {asked}<', unescape(page))
        assert re.search(rf'day={other}#look">Day {other}<', unescape(page))
        assert "3 photos on the map" in text(page)


def test_unknown_cameras_do_not_exist(author, trip):
    look(author, trip, camera="Nobody's", status=404)


def test_a_photo_put_on_the_map_by_hand_stays(author, trip):
    author.send(f"{trip}/photos/{row('w2.jpg').photo_id}/place", trip, lat="42.05", lon="19.0")
    apply(author, trip, ASSUMED - 600)
    assert (minute("w2.jpg"), minute("w3.jpg")) == (50, 20)


def test_a_clock_that_was_changed_on_the_way(author, trip):
    author.send(f"{trip}/clocks/periods", trip, camera=WREN, photo=str(row("w3.jpg").photo_id))
    later = f"{WREN} · 2026-05-14T10:30:00"
    assert "from 14 May 2026, 10:30 by its clock" in author.get(trip)
    apply(author, trip, ASSUMED - 600, later)
    assert [minute(f"w{n}.jpg") for n in (1, 2, 3, 4)] == [10, 20, 20, 30]
    joined = author.send(f"{trip}/clocks/periods/removal", trip, camera=later)
    assert "Joined again. Before, you had said: 10 min ahead." in joined.text
    assert [minute(f"w{n}.jpg") for n in (1, 2, 3, 4)] == [10, 20, 30, 40]
    assert "by its clock" not in author.get(trip)


def test_moments_shared_with_another_camera_settle_a_clock(author, trip):
    apply(author, trip, -7200.0, PHONE)
    author.upload(trip, ("p3.jpg", jpeg("navy", SMALL, exif("2026:05:14 10:35:00", camera=PHONE))))
    for own, other in (("w1.jpg", "p1.jpg"), ("w2.jpg", "p2.jpg"), ("w3.jpg", "p3.jpg")):
        author.send(f"{trip}/clocks/moments", trip, camera=WREN, photo=str(row(own).photo_id),
                    other=str(row(other).photo_id))  # fmt: skip
    page = look(author, trip)
    assert "show the same moment" in page
    assert "3 of the 3 moments that you named agree" in text(page)
    assert "sure" in text(page)
    assert minute("w1.jpg") == pytest.approx(15, abs=0.5)
    for one in db.session.query(SameMoment).all():
        author.send(f"{trip}/clocks/moments/{one.id}/removal", trip, camera=WREN)
    assert db.session.query(SameMoment).count() == 0
    assert minute("w1.jpg") == 10


def test_moments_beside_those_of_the_phone_speak_for_an_offset(author, trip):
    apply(author, trip, -7200.0, PHONE)
    author.upload(trip, ("p3.jpg", jpeg("navy", SMALL, exif("2026:05:14 10:35:05", camera=PHONE))))
    page = text(look(author, trip, direction="behind", minutes="5"))
    assert "3 of its 4 moments match those of Finch P2 within 5 s once 5 min are added." in page
    assert "match those of" not in text(look(author, trip))


def test_two_photos_of_one_camera_or_one_alone_are_no_pair(author, trip):
    for other in (str(row("w2.jpg").photo_id), "0", "9" * 30):
        said = author.send(f"{trip}/clocks/moments", trip, camera=WREN, photo=str(row("w1.jpg").photo_id),
                           other=other)  # fmt: skip
        assert "Choose a photo of each camera." in said.text
    assert db.session.query(SameMoment).count() == 0


def test_what_the_slider_gets(author, trip):
    slide = author.client.get(f"{trip}/clocks/slide.json", query_string={"camera": WREN}).get_json()
    assert (slide["offset"], slide["zone"]) == (ASSUMED, 7200)
    assert len(slide["way"]) == 60
    assert slide["way"][0][1:] == [42.0, 19.0]
    times = {int(photo): seconds + slide["offset"] for photo, seconds in slide["written"].items()}
    assert times[row("w2.jpg").photo_id] == slide["way"][20][0]
    phone = author.client.get(f"{trip}/clocks/slide.json", query_string={"camera": PHONE}).get_json()
    assert phone["written"] == {}  # what has its own place does not slide


def test_only_its_owner_may_look(person, app, author, trip):
    other = Visitor(app.test_client()).sign_in(person("Other"))
    for address in ("clocks?camera=x", "clocks/slide.json?camera=x"):
        assert other.client.get(f"{trip}/{address}").status_code == 404
    for action in ("", "/undo", "/removal", "/periods", "/periods/removal", "/moments", "/moments/1/removal"):
        assert other.client.post(f"{trip}/clocks{action}", data={"camera": WREN}).status_code == 404


def test_a_change_on_the_way_is_proposed_and_taken(author):
    desk = author.make_trip("The long walk")
    hours = [[(42.0 + i * 0.001, 19.0, f"2026-05-14T{6 + i // 60:02}:{i % 60:02}:00Z") for i in range(480)]]
    photos = []
    for n in range(12):
        hour, late = divmod(30 * n + 20, 60)
        written = f"2026:05:14 {8 + hour + (1 if n >= 6 else 0):02}:{late:02}:00"
        place = (42.0 + (30 * n + 20) * 0.001, 19.0)
        photos.append((f"r{n}.jpg", jpeg(f"#{n:02}a0b0", SMALL, exif(written, *place, camera=WREN))))
    author.upload(desk, ("long.gpx", gpx(*hours)), *photos)
    row_words = text(author.get(desk))
    assert "the clock was set forward by 1 h between 10:50 and 12:20 on 14 May, by its own time" in row_words
    assert "Right likely 6 of the 12 photos with a place of their own fit the track." in row_words
    author.send(f"{desk}/clocks/periods", desk, camera=WREN, photo=str(row("r6.jpg").photo_id))
    later = text(look(author, desk, f"{WREN} · 2026-05-14T12:20:00"))
    assert "1 h ahead, as in another time zone sure" in later
    assert "It seems that" not in text(author.get(desk))
