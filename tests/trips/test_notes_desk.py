"""Jonas writes notes on regions of a photo: drawn or typed, moved, changed, deleted and brought back."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from blog.accounts.models import Role
from blog.db import db
from blog.photos.models import Photo
from blog.photos.notes import RegionNote
from blog.photos.regions import Region
from tests.conftest import Visitor, jpeg, moved_to

DESK = "/desk/photos/1/notes"
BOOTH = {"x": "10", "y": "20", "width": "30", "height": "40", "text": "The booth"}
ROOF = '<svg><polygon points="0.1,0.1 0.5,0.1 0.3,0.7" /></svg>'


@pytest.fixture
def trip(author: Visitor) -> str:
    desk = author.make_trip("Round the bay")
    author.upload(desk, ("quay.jpg", jpeg("teal")))
    return desk


def add(author: Visitor, text: str, **more: str) -> RegionNote:
    moved_to(author.send(DESK, DESK, follow=False, **(BOOTH | {"text": text} | more)))
    return db.session.scalars(select(RegionNote).order_by(RegionNote.id.desc())).first()


def listed(page: str) -> list[tuple[str, str]]:
    """Number and words of the notes, as the desk lists them."""
    numbers = re.findall(r'<span class="number"[^>]*>(\d+)<', page)
    words = re.findall(r'<textarea name="text" id="text-\d+"[^>]*>([^<]*)<', page)
    return list(zip(numbers, map(unescape, words), strict=True))


def test_a_note_is_typed_without_a_script(author, trip):
    assert DESK in author.get(f"{trip}/photos/1")
    page = author.send(DESK, DESK, **BOOTH)
    assert "Note 1 is there." in page.text
    assert listed(page.text) == [("1", "The booth")]
    note = db.session.scalars(select(RegionNote)).one()
    assert note.corners == [[0.1, 0.2], [0.4, 0.6]]
    assert note.author.name == "Jonas"
    assert "[…](note:1)" in page.text
    assert f'href="{trip}/photos/1"' in page.text


def test_a_polygon_is_drawn_and_survives_new_words(author, trip):
    note = add(author, "The roof", outline=ROOF)
    assert note.corners == [[0.1, 0.1], [0.5, 0.1], [0.3, 0.7]]
    box = {"x": "10", "y": "10", "width": "40", "height": "60"}
    author.send("/desk/notes/1", DESK, text="The red roof", **box)
    note = db.session.scalars(select(RegionNote)).one()
    assert (note.text, len(note.corners)) == ("The red roof", 3)
    author.send("/desk/notes/1", DESK, text="The red roof", **(box | {"x": "12.5"}))
    assert db.session.scalars(select(RegionNote.corners)).one() == [[0.125, 0.1], [0.525, 0.7]]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"text": "  "}, "Write what there is to see here."),
        ({"text": "x" * 2001}, "This note is too long."),
        ({"x": "", "y": ""}, "Draw a region on the photo first"),
        ({"x": "140"}, "between 0 and 100"),
        ({"width": "0.1"}, "too small"),
        ({"x": "left"}, "Not a valid float value"),
        ({"outline": "M0 0"}, "A region is a rectangle or a polygon."),
        ({"outline": "<svg><polygon points='0,0 1,1'/></svg>"}, "at least three corners"),
        ({"outline": "x" * 20_000}, "longer than 10000"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(author, trip, sent, words):
    fields = {"text": "Kept <words>"} | sent
    answer = author.send(DESK, DESK, **(BOOTH | fields))
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert "Kept <words>" in unescape(answer.text) or "text" in sent
    assert db.session.scalar(select(RegionNote)) is None
    add(author, "The booth")
    refused = author.send("/desk/notes/1", DESK, **(BOOTH | fields))
    if not words.startswith("Draw"):
        assert refused.status_code == 422
        assert db.session.scalars(select(RegionNote.text)).one() == "The booth"


def test_notes_keep_their_numbers_in_order(author, trip):
    for words in ("One", "Two", "Three"):
        add(author, words)
    page = author.send("/desk/notes/3/position", DESK, number="1").text
    assert listed(page) == [("1", "Three"), ("2", "One"), ("3", "Two")]
    page = author.send("/desk/notes/1/removal", DESK).text
    assert listed(page) == [("1", "Three"), ("2", "Two")]
    undo = re.search(r'action="(/desk/notes/1/restoration)"', page)
    page = author.send(undo[1], DESK).text
    assert listed(page) == [("1", "Three"), ("2", "One"), ("3", "Two")]
    assert "Note 2 is back." in page
    author.send("/desk/notes/1/position", DESK, number="999")
    assert listed(author.get(DESK)) == [("1", "Three"), ("2", "One"), ("3", "Two")]  # no such number


def test_a_photo_takes_sixty_notes(author, trip):
    photo = db.session.get_one(Photo, 1)
    for number in range(60):
        photo.add_note(Region.rectangle(0.1, 0.1, 0.2, 0.2), f"Note {number}", None)
    db.session.commit()
    answer = author.send(DESK, DESK, **BOOTH)
    assert answer.status_code == 422
    assert "Sixty notes are the most" in answer.text


def test_a_face_in_the_file_becomes_a_note_with_one_press(author, trip):
    photo = db.session.get_one(Photo, 1)
    photo.faces = [
        {"name": "Ana <b>", "region": [[0.2, 0.2], [0.4, 0.5]]},
        {"name": "", "region": [[0.6, 0.2], [0.8, 0.5]]},
        {"name": "Nowhere", "region": [[7, 7], [8, 8]]},
        {"name": "Odd"},
    ]
    db.session.commit()
    page = author.get(DESK)
    assert page.count("Make it a note") == 1
    assert "Nowhere" not in page
    assert "Ana &lt;b&gt;" in page
    outline = unescape(re.search(r'name="outline" value="([^"]+)"><input', page)[1])
    author.send(DESK, DESK, outline=outline, text="Ana <b>")
    note = db.session.scalars(select(RegionNote)).one()
    assert (note.text, note.corners) == ("Ana <b>", [[0.2, 0.2], [0.4, 0.5]])
    assert "Make it a note" not in author.get(DESK)


def test_only_whose_photo_it_is_and_the_owner_may(app, author, trip, person):
    add(author, "The booth")
    mina = Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR))
    mina.get(DESK, 404)
    token = mina.token("/desk/trips/new")
    for address in (DESK, "/desk/notes/1", "/desk/notes/1/removal", "/desk/photos/1/hidden-regions"):
        answer = mina.client.post(address, data=BOOTH | {"csrf_token": token})
        assert answer.status_code == 404, address
    author.send("/desk/photos/1/hidden-regions", DESK, **BOOTH)
    mina.upload(mina.make_trip("Mina's"), ("same.jpg", jpeg("teal")))
    assert listed(mina.get(DESK)) == [("1", "The booth")]  # she has the same photo on a trip of hers
    assert "Show it again" not in mina.get(DESK)  # what Jonas hid stays hidden
    assert mina.client.post("/desk/hidden-regions/1/removal", data={"csrf_token": token}).status_code == 404
    assert "Show it again" in author.get(DESK)
    owner = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    assert "Note 2 is there." in owner.send(DESK, DESK, **BOOTH).text
    answer = author.client.post("/desk/notes/1/removal", data={})
    assert answer.status_code == 303  # without the token nothing happens
    assert len(listed(author.get(DESK))) == 2


def test_in_the_bin_a_photo_takes_no_notes(author, trip):
    add(author, "The booth")
    token = author.token("/desk/trips/new")
    author.client.post("/desk/photos/bin", data={"photo": "1", "csrf_token": token})
    author.get(DESK, 404)
    for address in (DESK, "/desk/notes/1", "/desk/notes/1/position", "/desk/photos/1/hidden-regions"):
        answer = author.client.post(address, data=BOOTH | {"csrf_token": token})
        assert answer.status_code == 404, address
