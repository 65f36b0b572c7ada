"""What readers get of a trip's places, by its map precision and its hidden zones, from every address."""

import io
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from blog.db import db
from blog.geo.positions import Position, distance_m, distances_m
from blog.geo.privacy import CELL_RADIUS_M, FARTHEST_SHIFT, Precision
from blog.photos.models import Photo
from blog.trips.models import HiddenZone, Trip, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)
HOME = Position(42.4283, 18.7712)
LOOKOUT = Position(42.4523, 18.7931)
RADIUS_M = 800
WAY = [
    (HOME.lat + i * 0.0004, HOME.lon + i * 0.0003641, f"2026-05-14T08:{i // 2:02}:{i % 2 * 30:02}Z")
    for i in range(61)
]
PAGES = (
    "/",
    "/trips/",
    "/trips/bay",
    "/trips/bay/map.json",
    "/trips/bay/route.gpx",
    "/posts/by-the-sea",
    "/posts/by-the-sea/map.json",
    "/photos/1",
    "/photos/2",
    "/feed.xml",
    "/feed.json",
    "/sitemap.xml",
)
PAIRS = (
    r'data-lat="(-?[\d.]+)" data-lon="(-?[\d.]+)"',
    r'"latitude": ?(-?[\d.]+), ?"longitude": ?(-?[\d.]+)',
    r'"lat": ?(-?[\d.]+), ?"lon": ?(-?[\d.]+)',
    r'lat="(-?[\d.]+)" lon="(-?[\d.]+)"',
)


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
    author.publish(author.write("![](photo:1)\n\n![](photo:2)\n\n::map{}", trip=number(desk), day_number=1))
    return desk


def number(desk: str) -> str:
    return "/" + desk.rsplit("/", 1)[1]


def choose(author: Visitor, trip: str, precision: Precision) -> None:
    author.send(f"{trip}/privacy", f"{trip}/privacy", precision=precision.value)


def hide_home(author: Visitor, trip: str) -> HiddenZone:
    author.send(f"{trip}/privacy/zones", f"{trip}/privacy", name="Home", lat=str(HOME.lat), lon=str(HOME.lon),
                radius_m=str(RADIUS_M))  # fmt: skip
    return db.session.query(HiddenZone).one()


def bodies(visitor: Visitor) -> dict[str, str]:
    """Everything a reader can ask for, as text."""
    answers = {address: visitor.client.get(address) for address in PAGES}
    gone = {address for address, answer in answers.items() if answer.status_code != 200}
    assert gone <= {"/trips/bay/route.gpx"}
    return {address: answer.get_data(as_text=True) for address, answer in answers.items()}


def places(visitor: Visitor) -> np.ndarray:
    """All pairs of coordinates in what readers get; those of towns and coasts on the map are not ours."""
    found = []
    for address, body in bodies(visitor).items():
        for pattern in PAIRS:
            found += re.findall(pattern, body.split('"towns"')[0])
        if address.endswith(".json") and '"route"' in body:
            route = visitor.client.get(address).get_json()["route"]
            lines = [line for part in route["features"] for line in part["geometry"]["coordinates"]]
            found += [(lat, lon) for line in lines for lon, lat in line]
    return np.array(found, dtype=float).reshape(-1, 2)


def away_from(place: Position, visitor: Visitor) -> np.ndarray:
    return distances_m(place.lat, place.lon, *places(visitor).T)


def test_exactly_by_default(visitor, trip):
    assert away_from(HOME, visitor).min() < 10
    assert away_from(LOOKOUT, visitor).min() < 10
    assert "walk.gpx" not in "".join(bodies(visitor).values())


def test_a_hidden_place_is_nowhere(author, visitor, trip):
    zone = hide_home(author, trip)
    shown = Position(zone.shown_lat, zone.shown_lon)
    assert 0 < distance_m(HOME, shown) <= FARTHEST_SHIFT * RADIUS_M
    assert away_from(shown, visitor).min() >= RADIUS_M
    assert away_from(HOME, visitor).min() >= (1 - FARTHEST_SHIFT) * RADIUS_M
    assert away_from(LOOKOUT, visitor).min() < 10
    everything = "".join(bodies(visitor).values())
    assert "Home" not in everything
    assert str(zone.shown_lat)[:8] not in everything


def test_a_day_that_enters_a_zone_tells_only_what_is_drawn(author, visitor, trip):
    whole = visitor.get("/trips/bay")
    assert "on the move" in whole
    hide_home(author, trip)
    page = visitor.get("/trips/bay")
    assert "on the move" not in page
    assert '<svg class="profile' not in page
    walked = sum(distances_m(*a, *b) for a, b in pairwise([(lat, lon) for lat, lon, _ in WAY]))
    told = re.search(r"1 day · ([\d.]+) (k?m)", page)
    metres = float(told[1]) * (1000 if told[2] == "km" else 1)
    assert (1 - FARTHEST_SHIFT) * RADIUS_M - 100 < walked - metres < 2 * RADIUS_M
    assert "km 3" not in visitor.get("/photos/2")


def test_to_a_kilometre(author, visitor, trip):
    choose(author, trip, Precision.KILOMETRE)
    grid = {tuple(place) for place in places(visitor).round(4).tolist()}
    assert 2 <= len(grid) <= 12
    assert away_from(LOOKOUT, visitor).min() < CELL_RADIUS_M
    for digits in (f"{LOOKOUT.lat:.4f}", f"{LOOKOUT.lon:.4f}", f"{HOME.lat:.4f}", f"{HOME.lon:.4f}"):
        assert digits not in "".join(bodies(visitor).values())
    assert "about 1 km" in visitor.get("/photos/2")


def test_to_a_kilometre_beside_a_hidden_place(author, visitor, trip):
    choose(author, trip, Precision.KILOMETRE)
    zone = hide_home(author, trip)
    assert distances_m(zone.shown_lat, zone.shown_lon, *places(visitor).T).min() >= RADIUS_M


def test_to_the_town(author, visitor, trip):
    choose(author, trip, Precision.TOWN)
    towns = {tuple(place) for place in places(visitor).round(4).tolist()}
    assert 1 <= len(towns) <= 2
    for place in (HOME, LOOKOUT):
        assert all(100 < distance_m(place, Position(*town)) < 20_000 for town in towns)
    assert "Montenegro" in visitor.get("/photos/2")


@pytest.mark.parametrize(("precision", "names"), [(Precision.COUNTRY, True), (Precision.HIDDEN, False)])
def test_no_map_at_all(author, visitor, trip, precision, names):
    choose(author, trip, precision)
    assert len(places(visitor)) == 0
    assert visitor.client.get("/trips/bay/route.gpx").status_code == 404
    page = visitor.get("/photos/2")
    assert ("Montenegro" in page, "Kotor" in page, 'class="map"' in page) == (names, False, False)
    assert 'class="map"' not in visitor.get("/posts/by-the-sea") + visitor.get("/trips/bay")
    assert ("+00:00" in page) is names  # a time beside its UTC would tell the zone


def test_image_files_carry_no_place(visitor, trip):
    addresses = set(re.findall(r"/media/[0-9a-f]+/\d+\.(?:jpg|avif)", visitor.get("/posts/by-the-sea")))
    assert addresses
    for address in addresses:
        with Image.open(io.BytesIO(visitor.client.get(address).get_data())) as image:
            assert not image.getexif()
            assert "xmp" not in image.info
    assert visitor.client.get(f"/originals/{db.session.query(Photo).first().sha256}").status_code == 404


def test_the_author_goes_on_seeing_everything(author, trip):
    hide_home(author, trip)
    choose(author, trip, Precision.HIDDEN)
    assert len(author.client.get(f"{trip}/map.json").get_json()["photos"]) == 2
    assert 'value="42.428300"' in author.get(f"{trip}/photos/1")
    assert "2 photos" in author.get("/desk/")


def test_the_desk_says_what_readers_get(author, trip):
    hide_home(author, trip)
    page = re.sub(r"<[^>]+>", " ", author.get(f"{trip}/privacy"))
    home, lookout = (
        re.search(rf"{name}\.jpg(.*?)(?=lookout\.jpg|$)", page, re.S)[1] for name in ("home", "lookout")
    )
    assert re.search(r"by its own GPS.*nothing", home, re.S)
    assert "the exact place" in lookout


@pytest.mark.parametrize("precision", Precision)
def test_the_preview_is_what_readers_get(author, visitor, trip, precision):
    hide_home(author, trip)
    choose(author, trip, precision)

    def told(page: str, start: str) -> tuple[list[str], str]:
        drawn = re.findall(r'<svg class="map".*?</svg>', page, re.S)
        facts = re.search(r"<p[^>]*>([^<]*2026[^<]*?1 day[^<]*)</p>", page.split(start)[1])
        return [re.sub(r'href="[^"]*"', "", one) for one in drawn], facts[1].split(" · 2 photos")[0].strip()

    preview = told(author.get(f"{trip}/privacy"), 'id="preview"')
    assert preview == told(visitor.get("/trips/bay"), "<main")
    assert len(preview[0]) == (2 if precision in ("exact", "kilometre", "town") else 0)


def test_a_place_hidden_on_one_trip_is_offered_on_the_next(author, person, app, trip):
    zone = hide_home(author, trip)
    again = author.make_trip("Again")
    assert "on another trip" not in author.get(f"{again}/privacy")
    author.upload(again, ("walk.gpx", gpx(WAY)))
    assert "You hide “Home” on another trip" in author.get(f"{again}/privacy")
    page = author.get(f"{again}/privacy?zone={zone.id}")
    assert all(f'value="{one}"' in page for one in ("Home", HOME.lat, HOME.lon, RADIUS_M))
    author.send(f"{again}/privacy/zones", f"{again}/privacy", name="Home", lat=str(HOME.lat),
                lon=str(HOME.lon), radius_m=str(RADIUS_M))  # fmt: skip
    assert "on another trip" not in author.get(f"{again}/privacy")
    other = Visitor(app.test_client()).sign_in(person("Other"))
    theirs = other.make_trip("Theirs")
    other.upload(theirs, ("walk.gpx", gpx(WAY)))
    assert "on another trip" not in other.get(f"{theirs}/privacy")
    assert other.client.get(f"{theirs}/privacy?zone={zone.id}").status_code == 404


def test_a_place_shown_again(author, visitor, trip):
    zone = hide_home(author, trip)
    author.send(f"{trip}/privacy/zones/{zone.id}/removal", f"{trip}/privacy")
    assert db.session.query(HiddenZone).count() == 0
    assert away_from(HOME, visitor).min() < 10


def test_the_form_starts_around_a_photo(author, trip):
    page = author.get(f"{trip}/privacy?photo=1")
    assert f'value="{HOME.lat}"' in page
    assert author.client.get(f"{trip}/privacy?photo=99").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat": "91"},
        {"lon": "many"},
        {"name": ""},
        {"radius_m": "5"},
        {"radius_m": "9999999"},
        {"lat": "0", "lon": "0"},
    ],
)
def test_a_place_that_makes_no_sense_hides_nothing(author, trip, wrong):
    fields = {"name": "Home", "lat": "42.4", "lon": "18.7", "radius_m": "500"} | wrong
    answer = author.send(f"{trip}/privacy/zones", f"{trip}/privacy", follow=False, **fields)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert db.session.query(HiddenZone).count() == 0


def test_it_is_the_owners_to_choose(person, app, author, trip):
    other = Visitor(app.test_client()).sign_in(person("Other"))
    assert other.client.get(f"{trip}/privacy").status_code == 404
    assert other.client.post(f"{trip}/privacy", data={"precision": "hidden"}).status_code == 404
    assert db.session.query(Trip).one().map_precision is Precision.EXACT
    assert db.session.query(TripPhoto).count() == 2
