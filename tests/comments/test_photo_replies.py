"""Replies to a photo and to a spot of it: in the thread of the post, with a picture of that spot."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from blog.comments.models import Comment
from blog.comments.spots import LEAST_SIDE, cut, read_spot
from blog.comments.verdict import Status
from blog.db import db
from blog.photos.models import Photo
from blog.photos.regions import Region
from blog.photos.rendering import renew
from tests.conftest import Visitor, jpeg, moved_to, value

PINNED = {"photo_id": "1", "spot_x": "50", "spot_y": "25", "spot_width": "20", "spot_height": "40,5"}


@pytest.fixture
def post(author: Visitor) -> str:
    """A published post with one photo, its left half red and its right half blue: its address."""
    picture = Image.new("RGB", (800, 600), "red")
    picture.paste("blue", (400, 0, 800, 600))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    trip = author.make_trip()
    author.upload(trip, ("halves.jpg", out.getvalue()))
    return author.publish(author.write("The bay.\n\n![](photo:1)", trip=trip))


def saved() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def approve_all() -> None:
    for comment in saved():
        comment.set_status(Status.APPROVED)
    db.session.commit()


def spots(page: str) -> list[str]:
    return re.findall(r'class="spot" href="[^"]+"><img src="([^"]+)"', page)


def colour(answer) -> str:
    with Image.open(io.BytesIO(answer.data)) as picture:
        red, _green, blue = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    return "red" if red > 200 and blue < 60 else "blue" if blue > 200 and red < 60 else "another"


def test_a_reply_to_a_spot_stands_with_the_photo_and_in_the_thread(app, visitor, author, post):
    page = visitor.get("/photos/1")
    assert value(page, "photo_id") == "1"
    assert 'name="spot_width"' in page
    assert 'name="spot_width"' not in visitor.get(post)
    address = moved_to(visitor.reply(post, "That booth!", **PINNED))
    assert re.fullmatch(r"/photos/1\?waiting=[\w.-]+#comment-1", address)
    assert "That booth!" in visitor.get(address)
    assert "That booth!" not in visitor.get("/photos/1")
    author.reply(post, "About the whole photo", photo_id="1")
    author.reply(post, "About the post")
    approve_all()
    assert [row.region for row in saved()] == [[0.5, 0.25, 0.2, 0.405], None, None]
    thread, photo = visitor.get(post), visitor.get("/photos/1")
    assert [words in thread for words in ("That booth!", "the whole photo", "About the post")] == [True] * 3
    assert [words in photo for words in ("That booth!", "the whole photo", "About the post")] == [
        True,
        True,
        False,
    ]
    assert len(spots(thread)) == 2
    assert 'href="/photos/1#comment-1"' in thread
    assert 'href="#spot-1"' in photo
    assert 'id="spot-1"><path class="dim" d="M0 0H1V1H0ZM0.5 0.25h0.2v0.405h-0.2z"' in photo


def test_the_picture_of_a_spot_is_small_and_of_that_spot(app, visitor, post):
    visitor.reply(post, "The blue side", **PINNED)
    visitor.reply(post, "The red side", **PINNED | {"spot_x": "10"})
    approve_all()
    blue, red = spots(visitor.get(post))
    answer = visitor.client.get(blue)
    assert (answer.status_code, answer.mimetype, colour(answer)) == (200, "image/jpeg", "blue")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 10_000
    assert colour(visitor.client.get(red)) == "red"
    assert visitor.client.get(blue).data == answer.data


def test_what_is_hidden_in_the_photo_is_hidden_in_its_spots(app, visitor, post):
    visitor.reply(post, "The blue side", **PINNED)
    approve_all()
    (before,) = spots(visitor.get(post))
    assert colour(visitor.client.get(before)) == "blue"
    photo = db.session.get_one(Photo, 1)
    photo.hide(Region.rectangle(0.45, 0, 0.55, 1), None)
    db.session.commit()
    renew(photo)
    (after,) = spots(visitor.get(post))
    assert after != before
    for address in (before, after):
        assert colour(visitor.client.get(address)) != "blue"


def test_a_photo_that_goes_takes_its_picture_along_and_leaves_the_words(app, visitor, author, post):
    visitor.reply(post, "That booth!", **PINNED)
    approve_all()
    (picture,) = spots(visitor.get(post))
    photo = db.session.get_one(Photo, 1)
    photo.bin(photo.created_at)
    db.session.commit()
    page = visitor.get(post)
    assert "That booth!" in page
    assert spots(page) == []
    assert visitor.client.get(picture).status_code == 404
    photo = db.session.get_one(Photo, 1)
    photo.restore()
    db.session.commit()
    assert visitor.client.get(picture).status_code == 200
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    assert visitor.client.get(picture).status_code == 404


def test_an_answer_is_about_the_same_photo_and_shows_it_once(app, visitor, author, post):
    visitor.reply(post, "That booth!", **PINNED)
    approve_all()
    author.reply(post, "It is still there.", parent_id="1")
    assert saved()[1].photo_id == 1
    assert len(spots(visitor.get(post))) == 1
    assert "It is still there." in visitor.get("/photos/1")
    assert "Replying to Sofia" in visitor.get("/photos/1?reply=1")


@pytest.mark.parametrize("photo_id", ["2", "99", "-1", "x", "1 OR 1=1", "9" * 30])
def test_a_photo_that_the_post_does_not_show_is_no_photo(visitor, author, post, photo_id):
    author.upload("/desk/trips/1", ("other.jpg", jpeg("olive")))
    assert visitor.reply(post, "Words", **PINNED | {"photo_id": photo_id}).status_code == 303
    assert [(row.photo_id, row.region) for row in saved()] == [(None, None)]


@pytest.mark.parametrize(
    "spot",
    [
        ("1", "", "", ""),
        ("x", "0", "10", "10"),
        ("nan", "0", "10", "10"),
        ("0", "inf", "10", "10"),
        ("-1", "0", "10", "10"),
        ("95", "0", "10", "10"),
        ("0", "0", "0.5", "10"),
        ("0", "0", "10", "-10"),
        ("0", "0", "1e400", "10"),
        ("0", "0", "1" * 100_000, "10"),
    ],
)
def test_a_spot_that_is_none_is_given_back_with_the_words(visitor, post, spot):
    numbers = dict(zip(("spot_x", "spot_y", "spot_width", "spot_height"), spot, strict=True))
    answer = visitor.reply(post, "My careful words", photo_id="1", **numbers)
    assert answer.status_code == 422
    assert "no part of the photo" in answer.text
    assert "My careful words" in answer.text
    assert 'class="numbers" open' in answer.text
    assert saved() == []


NUMBER = st.floats(width=32).map(str) | st.text(max_size=14) | st.floats(0, 100).map(lambda n: f"{n:.2f}")


@given(st.lists(NUMBER, min_size=4, max_size=4))
def test_whatever_is_typed_a_spot_lies_inside_the_photo(numbers):
    try:
        spot = read_spot(numbers)
    except ValueError:
        return
    if spot:
        x, y, width, height = spot
        assert 0 <= x < x + width <= 1.00001
        assert 0 <= y < y + height <= 1.00001
        assert min(width, height) > 0.9 * LEAST_SIDE or x + width >= 1 or y + height >= 1


@given(
    st.tuples(st.floats(0, 0.99), st.floats(0, 0.99), st.floats(LEAST_SIDE, 1), st.floats(LEAST_SIDE, 1)),
    st.sampled_from([(800, 3), (3, 800), (400, 300), (1, 1)]),
)
def test_every_spot_can_be_cut(spot, size):
    x, y, width, height = spot
    picture = cut(jpeg("teal", size), (x, y, min(width, 1 - x), min(height, 1 - y)))
    with Image.open(io.BytesIO(picture)) as made:
        assert 1 <= max(made.size) <= 320


def test_a_reply_without_a_spot_has_no_picture_of_one(visitor, post):
    assert visitor.client.get("/comments/1/spot.jpg").status_code == 404
    visitor.reply(post, "Without a spot", photo_id="1")
    assert visitor.client.get("/comments/1/spot.jpg").status_code == 404
