"""Readers meet a photo's notes: in the post, on its own page, and as W3C Web Annotations."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from blog.db import db
from blog.photos.models import Photo
from blog.photos.notes import RegionNote
from blog.photos.regions import Region
from tests.conftest import Visitor, jpeg

SCHEMA = json.loads((Path(__file__).parent / "web_annotation.json").read_text(encoding="utf-8"))
BOOTH = Region.rectangle(0.1, 0.2, 0.3, 0.4)
ROOF = Region(((0.1, 0.1), (0.5, 0.1), (0.3, 0.7)))
EVIL = '<img src=x onerror=alert(1)>"&\n</style>'


@pytest.fixture
def trip(author: Visitor) -> str:
    """Two photos; on the first one two notes, on the second one a third."""
    desk = author.make_trip("Round the bay")
    author.upload(desk, ("one.jpg", jpeg("red", (60, 40))), ("two.jpg", jpeg("blue", (60, 40))))
    say(1, BOOTH, "The little blue booth")
    say(1, ROOF, EVIL)
    say(2, BOOTH, "Elsewhere")
    return desk


def say(photo_id: int, region: Region, text: str) -> RegionNote:
    photo = db.session.get_one(Photo, photo_id)
    note = photo.add_note(region, text, photo.uploaded_by)
    db.session.commit()
    return note


def test_a_phrase_leads_to_the_region_on_the_photo(author, visitor, trip):
    text = "There stood [the *booth*](note:1).\n\n![The quay](photo:1)\n\n[Gone](note:99), [far](note:3)."
    page = visitor.get(author.publish(author.write(text, trip=trip)))
    assert '<a href="#note-1" class="note-link">the <em>booth</em></a>' in page
    assert "note-99" not in page and "Gone, far." in page  # the other photo is in no published post
    assert page.count('id="note-1"') == page.count('id="region-1"') == page.count('id="mark-1"') == 1
    assert 'd="M0.1 0.2L0.4 0.2L0.4 0.6L0.1 0.6Z"' in page
    assert re.search(r'<ol class="notes"[^>]*>\s*<li class="note" id="note-1">', page)
    assert "onerror=alert(1)>" not in page
    assert EVIL in unescape(page)
    assert "style=" not in page.replace("<style", "")
    nonces = set(re.findall(r'<style nonce="([^"]+)"', page))
    assert len(nonces) == 1


def test_a_phrase_leads_to_the_other_photos_page_once_that_is_published(author, visitor, trip):
    author.publish(author.write("![](photo:2)", title="Before", trip=trip))
    address = author.publish(author.write("As [seen](note:3) before.", title="After", trip=trip))
    assert '<a href="/photos/2#note-3" class="note-link">seen</a>' in visitor.get(address)
    page = visitor.get("/photos/2")
    assert 'id="note-3"' in page
    assert "Elsewhere" in page
    assert 'href="http://localhost/photos/2#note-3"' in unescape(visitor.get("/feed.xml"))


def test_a_photo_shown_twice_has_its_notes_once(author, visitor, trip):
    page = visitor.get(author.publish(author.write("![](photo:1)\n\nWords.\n\n![](photo:1)", trip=trip)))
    assert page.count('class="regions"') == 1


def test_a_deleted_note_leaves_its_phrase(author, visitor, trip):
    address = author.publish(author.write("There stood [the booth](note:1).\n\n![](photo:1)", trip=trip))
    assert 'href="#note-1"' in visitor.get(address)
    author.send("/desk/notes/1/removal", "/desk/photos/1/notes")
    page = visitor.get(address)
    assert "note-1" not in page
    assert "There stood the booth." in page


def test_the_editor_offers_notes_beside_their_photo(author, trip):
    desk = author.write("![](photo:1)", trip=trip)
    page = author.get(desk)
    assert 'data-note="1"' in page
    assert "The little blue booth" in page


def test_annotations_are_valid_by_the_model(author, visitor, trip):
    visitor.get("/photos/1/annotations.json", 404)
    author.publish(author.write("![](photo:1)", trip=trip))
    answer = visitor.client.get("/photos/1/annotations.json")
    assert answer.headers["Content-Type"] == (
        'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    document = json.loads(answer.data)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document)
    booth, roof = document["items"]
    assert booth["target"]["selector"]["value"] == "xywh=percent:10,20,30,40"
    assert roof["target"]["selector"]["value"] == '<svg><polygon points="6,4 30,4 18,28" /></svg>'
    assert roof["body"]["value"] == EVIL
    assert booth["creator"] == {"type": "Person", "name": "Jonas"}
    assert "example.org" not in answer.text
    assert 'href="/photos/1/annotations.json"' in visitor.get("/photos/1")
    image = visitor.client.get(booth["target"]["source"]["id"].removeprefix("http://localhost"))
    assert image.mimetype == booth["target"]["source"]["format"]
    visitor.get("/photos/2/annotations.json", 404)


def test_broken_annotations_are_found():
    validator = Draft202012Validator(SCHEMA)
    assert not validator.is_valid({"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage"})
