"""What an attentive reader could work out of a hidden place, from all that is published together."""

import io
import json
import re

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from blog.db import db
from blog.geo.positions import Position, between, distance_m, distances_m
from blog.geo.privacy import FARTHEST_SHIFT, Precision
from blog.trips.models import HiddenZone
from tests.conftest import Visitor, exif, gpx, jpeg
from tests.pages.crawl import Reached, crawl
from tests.pages.test_privacy import HOME, LOOKOUT, RADIUS_M, SMALL, WAY, choose, number

NUMBER = re.compile(r"(?<![\w.])-?\d{1,3}\.\d{2,}")
NOT_PLACES = ("land", "borders", "towns", "bounds")  # of the Earth, and the frame around what is drawn


def everything(visitor: Visitor) -> list[Reached]:
    found = list(crawl(visitor.client))
    assert len(found) > 25
    return found


def text_of(reached: Reached) -> str:
    kind = reached.answer.mimetype
    if kind.startswith(("image/", "font/", "text/css")) or "javascript" in kind:
        return ""
    if reached.address.endswith("/map.json"):
        document = json.loads(reached.body)
        return json.dumps({key: part for key, part in document.items() if key not in NOT_PLACES})
    return reached.body.decode()


def spots_within(radius_m: float, place: Position, found: list[Reached]) -> list[tuple[str, float, float]]:
    """Neighbouring numbers in what readers get that are degrees of a spot so near, in either order."""
    near = []
    for reached in found:
        numbers = np.array([float(one) for one in NUMBER.findall(text_of(reached))])
        if len(numbers) < 2:
            continue
        for lat, lon in ((numbers[:-1], numbers[1:]), (numbers[1:], numbers[:-1])):
            hits = np.flatnonzero(distances_m(place.lat, place.lon, lat, lon) < radius_m)
            near += [(reached.address, float(lat[i]), float(lon[i])) for i in hits]
    return near


def hide(author: Visitor, desk: str, radius_m: int = RADIUS_M, place: Position = HOME) -> HiddenZone:
    author.send(f"{desk}/privacy/zones", f"{desk}/privacy", name="Home", lat=str(place.lat),
                lon=str(place.lon), radius_m=str(radius_m))  # fmt: skip
    return db.session.query(HiddenZone).order_by(HiddenZone.id.desc()).first()


def centre(zone: HiddenZone) -> Position:
    return Position(zone.shown_lat, zone.shown_lon)


def tell(author: Visitor, desk: str, text: str, title: str = "By the sea") -> None:
    author.publish(author.write(text, title, trip=number(desk), day_number=1))


@pytest.fixture
def trip(author: Visitor) -> str:
    """A walk from home to a lookout, with a photo at either end, told in a post."""
    desk = author.make_trip("Bay")
    author.upload(
        desk,
        ("walk.gpx", gpx(WAY)),
        ("home.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:10", HOME.lat, HOME.lon))),
        ("lookout.jpg", jpeg("green", SMALL, exif("2026:05:14 10:30:00", LOOKOUT.lat, LOOKOUT.lon))),
    )
    tell(author, desk, "![](photo:1)\n\n![](photo:2)\n\n::map{}\n\n::map{day=1}")
    return desk


def test_nothing_that_can_be_reached_tells_a_hidden_place(author, visitor, trip):
    before = everything(visitor)
    assert spots_within(20, HOME, before)
    zone = hide(author, trip)
    after = everything(visitor)
    assert spots_within(RADIUS_M, centre(zone), after) == []
    assert spots_within(20, LOOKOUT, after)
    for old in before:
        tag = {"If-None-Match": old.answer.headers.get("ETag", "")}
        with visitor.client.get(old.address, headers=tag) as again:
            is_kept = again.status_code == 304
        assert not is_kept or spots_within(RADIUS_M, centre(zone), [old]) == []


@pytest.mark.parametrize(
    ("precision", "metres"), [(Precision.KILOMETRE, 5), (Precision.TOWN, 100), (Precision.HIDDEN, 20_000)]
)
def test_nothing_that_can_be_reached_is_more_exact_than_published(author, visitor, trip, precision, metres):
    choose(author, trip, precision)
    found = everything(visitor)
    assert spots_within(metres, HOME, found) + spots_within(metres, LOOKOUT, found) == []


def test_errors_parts_and_heads_tell_no_more(author, visitor, trip):
    zone = hide(author, trip)
    answers = []
    for address in ("/trips/bay", "/trips/bay/map.json", "/trips/bay/route.gpx", "/photos/1", "/feed.json"):
        for query in ("", "?precision=exact", "?photo=1&day=1"):
            for headers in ({}, {"Range": "bytes=0-4000"}, {"Accept": "application/json"}):
                answer = visitor.client.get(address + query, headers=headers)
                answers.append(Reached(address, answer.get_data(), answer))
        assert visitor.client.head(address).get_data() == b""
    for address in (f"{trip}/map.json", f"{trip}/photos/1", f"{trip}/privacy", f"{trip}/route.gpx"):
        answer = visitor.client.get(address)
        assert answer.status_code in (302, 303, 401, 403, 404), address
        answers.append(Reached("refused", answer.get_data(), answer))
    whole = [one for one in answers if one.answer.status_code == 200]
    assert spots_within(RADIUS_M, centre(zone), whole) == []


def test_no_image_that_can_be_reached_carries_camera_data(visitor, trip):
    images = [one for one in everything(visitor) if one.address.startswith("/media/")]
    assert {one.address.rsplit(".", 1)[1] for one in images} >= {"jpg", "avif"}
    for one in images:
        with Image.open(io.BytesIO(one.body)) as image:
            assert not image.getexif()
            assert not {"xmp", "exif", "photoshop", "comment"} & set(image.info)
        assert b"Kestrel" not in one.body


def ends_near(zone: HiddenZone, client: FlaskClient, trips: list[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The last segments of lines that end at the circle: the end, and the point before it."""
    found = []
    for slug in trips:
        route = client.get(f"/trips/{slug}/map.json").get_json()["route"]
        for line in (line for part in route["features"] for line in part["geometry"]["coordinates"]):
            points = np.array(line)[:, ::-1]
            for end, other in ((points[0], points[1]), (points[-1], points[-2])):
                if abs(distances_m(zone.shown_lat, zone.shown_lon, *end) - zone.radius_m) < 20:
                    found.append((end, other))
    return found


def test_cut_ways_do_not_point_at_the_door(author, visitor):
    """Straight ways home from many sides, with few points: drawn on, they would meet there."""
    slugs, zone = [], None
    for n, (north, east) in enumerate([(0.03, 0), (0.01, 0.04), (-0.03, 0.02), (0.0, -0.04), (-0.02, -0.03)]):
        far = (HOME.lat + north, HOME.lon + east)
        desk = author.make_trip(f"Way {n}")
        day = f"2026-05-{10 + n}"
        way = [(*far, f"{day}T08:00:00Z"), (HOME.lat, HOME.lon, f"{day}T08:10:00Z")]
        author.upload(desk, ("way.gpx", gpx(way)))
        tell(author, desk, "Words.", f"Day {n}")
        zone = hide(author, desk)
        slugs.append(f"way-{n}")
    ends = ends_near(zone, visitor.client, slugs)
    assert len(ends) == 5
    scale = np.array([1, np.cos(np.radians(HOME.lat))])
    heading = [((end - other) * scale, end * scale) for end, other in ends]
    # the point from which all straight lines are least far
    normals = [np.array([-h[1], h[0]]) / np.hypot(*h) for h, _ in heading]
    meeting = np.linalg.lstsq(
        np.array(normals), np.array([n @ p for n, (_, p) in zip(normals, heading, strict=True)])
    )[0]
    lat, lon = meeting / scale
    assert distance_m(Position(lat, lon), centre(zone)) < 30  # nothing but the circle that all can see


def test_a_day_that_ends_at_home_tells_no_distance_inside(author, visitor):
    desk = author.make_trip("Home again")
    back = [(lat, lon, at) for (lat, lon, _), (_, _, at) in zip(reversed(WAY), WAY, strict=True)]
    author.upload(desk, ("back.gpx", gpx(back)))
    tell(author, desk, "Words.")
    assert "on the move" in visitor.get("/trips/home-again")
    zone = hide(author, desk)
    page = visitor.get("/trips/home-again")
    assert "on the move" not in page
    told = re.search(r"1 day · ([\d.]+) (k?m)", page)
    metres = float(told[1]) * (1000 if told[2] == "km" else 1)
    assert metres == pytest.approx(distance_m(LOOKOUT, centre(zone)) - RADIUS_M, abs=60)


def test_a_photo_between_a_hidden_place_and_another_is_nowhere(author, visitor):
    """From two places, a time between them and a radius, the third place follows."""
    desk = author.make_trip("Bay")
    author.upload(
        desk,
        ("home.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", HOME.lat, HOME.lon))),
        ("between.jpg", jpeg("blue", SMALL, exif("2026:05:14 10:15:00"))),
        ("lookout.jpg", jpeg("green", SMALL, exif("2026:05:14 10:30:00", LOOKOUT.lat, LOOKOUT.lon))),
        ("later.jpg", jpeg("navy", SMALL, exif("2026:05:14 10:35:00"))),
        ("last.jpg", jpeg("pink", SMALL, exif("2026:05:14 10:40:00", LOOKOUT.lat + 0.004, LOOKOUT.lon))),
    )
    tell(author, desk, "\n\n".join(f"![](photo:{n})" for n in range(1, 6)))

    def placed() -> list[int]:
        return [one["id"] for one in visitor.client.get("/trips/bay/map.json").get_json()["photos"]]

    assert placed() == [1, 2, 3, 4, 5]
    zone = hide(author, desk)
    assert placed() == [3, 4, 5]
    found = everything(visitor)
    on_the_way = Position(*map(float, between(HOME.lat, HOME.lon, LOOKOUT.lat, LOOKOUT.lon, 0.5)))
    assert spots_within(100, on_the_way, found) == []
    assert spots_within(RADIUS_M, centre(zone), found) == []


def test_many_trips_and_many_tries_draw_one_circle(author):
    """Where circles meet, the place is: the mean of twenty would be the door."""
    first = author.make_trip("First")
    zones = [hide(author, first)]
    kept = centre(zones[0])
    for _ in range(3):
        author.send(f"{first}/privacy/zones/{zones[-1].id}/removal", f"{first}/privacy")
        zones.append(hide(author, first))
        assert centre(zones[-1]) == kept
    for n in range(3):
        beside = Position(HOME.lat + 0.0002 * n, HOME.lon - 0.0003 * n)
        zones.append(hide(author, author.make_trip(f"Trip {n}"), RADIUS_M - 100 * n, beside))
        assert (centre(zones[-1]), zones[-1].radius_m) == (kept, RADIUS_M)
    large = hide(author, author.make_trip("Large"), 3 * RADIUS_M)
    assert distance_m(centre(large), kept) <= FARTHEST_SHIFT * 2 * RADIUS_M + 1
    assert distance_m(centre(large), HOME) <= FARTHEST_SHIFT * large.radius_m + 1


def test_a_photo_on_two_trips_is_told_as_the_more_private_one_has_it(author, visitor, trip):
    again = author.make_trip("Again")
    author.upload(
        again,
        ("home.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:10", HOME.lat, HOME.lon))),
        ("lookout.jpg", jpeg("green", SMALL, exif("2026:05:14 10:30:00", LOOKOUT.lat, LOOKOUT.lon))),
    )
    tell(author, again, "![](photo:1)\n\n![](photo:2)", "Told twice")
    assert spots_within(20, HOME, everything(visitor))
    hide(author, trip)
    pages = [
        Reached(address, answer.get_data(), answer)
        for address in ("/posts/told-twice", "/photos/1", "/feed.json")
        if (answer := visitor.client.get(address))
    ]
    assert 'data-lat="42.4283' not in visitor.get("/posts/told-twice")
    assert [one["id"] for one in visitor.client.get("/trips/again/map.json").get_json()["photos"]] == [2]
    assert spots_within(20, LOOKOUT, pages)
    choose(author, trip, Precision.HIDDEN)
    assert visitor.client.get("/trips/again/map.json").get_json()["photos"] == []
