"""The route as GPX: exact and whole for the author, what the map shows for readers."""

import io
from xml.etree.ElementTree import Element, fromstring

import pytest

from blog.geo.gpx import read_gpx
from tests.conftest import Visitor, exif, gpx, jpeg

GPX = "{http://www.topografix.com/GPX/1/1}"
SMALL = (60, 40)
# A straight way north: readers' maps need but its ends.
WAY = [(42.0 + i / 1000, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]


@pytest.fixture
def trip(author: Visitor) -> str:
    """A day with a track, two placed photos, one that says nothing; only the first photo is published."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("day.gpx", gpx(WAY, name="The pier &lt;1&gt;")),
        ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:10:00"))),
        ("2.jpg", jpeg("green", SMALL, exif("2026:05:14 10:20:00"))),
        ("4.jpg", jpeg("pink", SMALL)),
    )
    author.send(f"{desk}/photos/1", f"{desk}/photos/1", caption="The pier", alt="")
    author.publish(author.write("![](photo:1)", trip=trip_number(desk), day_number=1))
    return desk


def trip_number(desk: str) -> str:
    return "/" + desk.rsplit("/", 1)[1]


def download(visitor: Visitor, address: str) -> tuple[bytes, Element]:
    response = visitor.client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "application/gpx+xml"
    assert response.headers["Content-Disposition"] == "attachment; filename=round-the-bay.gpx"
    body = response.get_data()
    return body, fromstring(body)


def test_the_author_gets_every_point_and_every_placed_photo(author, trip):
    response = author.client.get(f"{trip}/route.gpx")
    assert response.headers["Cache-Control"] == "no-store"
    body, root = download(author, f"{trip}/route.gpx")
    again = read_gpx(io.BytesIO(body))
    assert (len(again.track), again.name) == (60, "The pier <1>")
    assert again.track.ends_at - again.track.begins_at == 59 * 60
    first, second = root.iter(f"{GPX}wpt")
    assert (first.findtext(f"{GPX}name"), second.findtext(f"{GPX}name")) == ("The pier", "2.jpg")
    assert second.findtext(f"{GPX}time") == "2026-05-14T08:20:00Z"
    assert float(second.get("lat")) == pytest.approx(42.02, abs=1e-6)
    assert second.findtext(f"{GPX}desc").startswith("Placed on the track, within about")


def test_readers_get_what_the_map_shows_and_no_more(visitor, trip):
    body, root = download(visitor, "/trips/round-the-bay/route.gpx")
    (waypoint,) = root.iter(f"{GPX}wpt")
    assert waypoint.findtext(f"{GPX}name") == "The pier"
    assert waypoint.find(f"{GPX}link").get("href") == "http://localhost/photos/1"
    assert b"<time>" not in body
    assert b"2.jpg" not in body
    assert root.findtext(f"{GPX}trk/{GPX}name") == "Day 1"
    assert len(list(root.iter(f"{GPX}trkpt"))) == 2


def test_both_pages_lead_to_it(author, visitor, trip):
    assert 'href="/trips/round-the-bay/route.gpx"' in visitor.get("/trips/round-the-bay")
    assert f'href="{trip}/route.gpx"' in author.get(trip)


def test_a_trip_without_tracks_is_drawn_through_its_photos(author):
    desk = author.make_trip("Round the bay")
    places = [(42.0, 19.0), (42.1, 19.0)]
    files = [
        (f"{n}.jpg", jpeg(color, SMALL, exif(f"2026:05:14 10:{n}0:00", *place)))
        for n, (color, place) in enumerate(zip(("red", "blue"), places, strict=True))
    ]
    author.upload(desk, *files)
    _, root = download(author, f"{desk}/route.gpx")
    assert len(list(root.iter(f"{GPX}wpt"))) == 2
    assert [float(point.get("lat")) for point in root.iter(f"{GPX}trkpt")] == [42.0, 42.1]


def test_an_empty_trip_is_an_empty_file(author):
    _, root = download(author, f"{author.make_trip('Round the bay')}/route.gpx")
    assert [child.tag for child in root] == [f"{GPX}metadata"]


def test_readers_pages_of_it_are_kept_until_something_changes(author, visitor, trip):
    first = visitor.client.get("/trips/round-the-bay/route.gpx")
    assert first.headers["ETag"]
    same = visitor.client.get(
        "/trips/round-the-bay/route.gpx", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert same.status_code == 304
    author.send(f"{trip}/photos/1/place", f"{trip}/photos/1", lat="42.5", lon="19.5")
    moved = visitor.client.get("/trips/round-the-bay/route.gpx")
    assert b'lat="42.5000000"' in moved.get_data()


def test_a_trip_nobody_has_told_gives_nothing(author, visitor):
    author.make_trip("A secret journey")
    visitor.get("/trips/a-secret-journey/route.gpx", 404)
