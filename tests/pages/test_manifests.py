"""Posts and trips for other sites' viewers: IIIF Presentation 3.0."""

import json

import pytest
from iiif_prezi3 import Manifest

from blog.db import db
from blog.geo.privacy import Precision
from blog.photos.models import Photo, RegionNote
from blog.photos.regions import Region
from blog.trips.models import HiddenZone, Trip
from tests.conftest import Visitor, exif, jpeg
from tests.pages.test_queries import queries

LAT, LON = 45.654321, 13.765432


@pytest.fixture
def walk(author: Visitor) -> str:
    """A published post with two photos, one of them with a place, a licence and two notes."""
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg(exif=exif("2026:05:14 10:30:00", LAT, LON))), ("b.jpg", jpeg("gold")))
    photo = db.session.get_one(Photo, 1)
    photo.rights, photo.credit = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/", "Mina <b>"
    corners = (Region.rectangle(0.1, 0.2, 0.3, 0.4), Region(((0.5, 0.5), (0.9, 0.5), (0.7, 0.9))))
    for number, region in enumerate(corners, 1):
        text = f"<i>{number}</i>"
        db.session.add(RegionNote(photo_id=1, number=number, corners=region.to_json(), text=text))
    db.session.commit()
    text = '![A pier](photo:1 "The pier") ![](photo:2)\n\nAgain:\n\n![](photo:1)'
    return author.publish(author.write(text, title="By the sea", trip=trip))


def manifest(visitor: Visitor, address: str) -> dict:
    response = visitor.client.get(f"{address}/manifest.json")
    assert response.status_code == 200
    assert response.content_type.startswith('application/ld+json;profile="http://iiif.io/api/presentation/3/')
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    told = json.loads(response.data)
    Manifest(**told)  # the models of the specification: raises on what it does not allow
    return told


def test_a_post_is_a_manifest_of_its_photos(visitor, walk):
    told = manifest(visitor, walk)
    assert (told["id"], told["label"]) == (f"http://localhost{walk}/manifest.json", {"none": ["By the sea"]})
    pier, gold = told["items"]
    assert (pier["label"], gold["label"]) == ({"none": ["The pier"]}, {"none": ["Photo 2"]})
    assert (pier["width"], pier["height"]) == (640, 420)
    body = pier["items"][0]["items"][0]["body"]
    assert body["service"][0]["id"] == f"http://localhost{db.session.get_one(Photo, 1).service}"
    assert visitor.client.get(body["id"]).content_type == body["format"] == "image/jpeg"
    assert pier["rights"] == "http://creativecommons.org/licenses/by/4.0/"
    assert pier["requiredStatement"]["value"] == {"none": ["Mina <b>"]}
    assert pier["navPlace"]["features"][0]["geometry"]["coordinates"] == pytest.approx([LON, LAT], abs=1e-4)
    assert "navPlace" not in gold and "rights" not in gold
    assert f'href="{walk}/manifest.json"' in visitor.get(walk)


def test_notes_are_annotations_on_their_canvas(visitor, walk):
    canvas = manifest(visitor, walk)["items"][0]
    first, second = canvas["annotations"][0]["items"]
    assert first["body"] == {"type": "TextualBody", "value": "<i>1</i>", "format": "text/plain"}
    assert first["target"]["source"] == canvas["id"]
    assert first["target"]["selector"]["value"] == "xywh=percent:10,20,30,40"
    assert second["target"]["selector"]["value"] == (
        '<svg><polygon points="320,210 576,210 448,378" /></svg>'
    )
    note = db.session.get_one(RegionNote, 1)
    note.deleted_at = note.created_at
    db.session.commit()
    assert len(manifest(visitor, walk)["items"][0]["annotations"][0]["items"]) == 1


def test_a_trip_tells_no_more_of_places_than_its_pages(visitor, walk):
    trip = db.session.get_one(Trip, 1)
    exact = manifest(visitor, "/trips/round-the-bay")
    assert len(exact["items"]) == 2
    assert str(LAT)[:6] in json.dumps(exact) and "navDate" in json.dumps(exact)
    trip.map_precision = Precision.TOWN
    db.session.commit()
    for address in ("/trips/round-the-bay", walk):
        rough = json.dumps(manifest(visitor, address))
        assert "navPlace" in rough and str(LAT)[:6] not in rough and str(LON)[:6] not in rough
    trip.map_precision = Precision.HIDDEN
    db.session.commit()
    hidden = json.dumps(manifest(visitor, "/trips/round-the-bay")["items"])
    assert "Feature" not in hidden and "navDate" not in hidden
    trip.map_precision = Precision.EXACT
    trip.hidden_zones = [
        HiddenZone(name="Home", lat=LAT, lon=LON, radius_m=900, shown_lat=LAT, shown_lon=LON)
    ]
    db.session.commit()
    assert "Feature" not in json.dumps(manifest(visitor, walk)["items"])


def test_a_manifest_takes_as_many_queries_for_many_photos(author, visitor, walk):
    with queries() as few:
        manifest(visitor, walk)
    trip = "/desk/trips/1"
    author.upload(trip, *((f"{n}.jpg", jpeg("teal", (300 + n, 200))) for n in range(6)))
    text = "\n\n".join(f"![](photo:{number})" for number in range(3, 9))
    more = author.publish(author.write(text, title="More", trip=trip))
    with queries() as many:
        assert len(manifest(visitor, more)["items"]) == 6
    assert len(many) == len(few)


def test_what_is_not_published_has_no_manifest(author, visitor):
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg()))
    draft = author.write("![](photo:1)", title="Draft", trip=trip)
    visitor.get("/posts/draft/manifest.json", 404)
    visitor.get("/trips/round-the-bay/manifest.json", 404)
    author.publish(draft)
    manifest(visitor, "/posts/draft")
    author.publish(author.write("No photo at all.", title="Words"))
    visitor.get("/posts/words/manifest.json", 404)
