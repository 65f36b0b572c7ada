"""A page asks the database a fixed number of questions, however much it shows."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from benchmarks.busy_post import grow
from blog.accounts.models import Person, Role
from blog.comments.commenters import commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import move
from blog.comments.verdict import Status, Verdict
from blog.comments.views import FRAGMENT
from blog.db import db
from blog.photos.models import Photo
from blog.photos.regions import Region
from blog.posts.models import Post
from blog.trips.models import Trip, TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg

WAY = [(42.0 + i / 1000, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]


@contextmanager
def queries() -> Iterator[list[str]]:
    """The SELECTs that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def asked(reader: Visitor, address: str) -> int:
    """How many queries an uncached page takes."""
    reader.client.application.extensions["edition"].advance()
    with queries() as sent:
        reader.get(address)
    return len(sent)


def photos(count: int, trip_id: int) -> list[int]:
    """Numbers of `count` photos on the trip; all but the first two are copies of a row, made quickly."""
    model = db.session.get_one(Photo, 1)
    columns = {
        column.key: getattr(model, column.key)
        for column in Photo.__table__.columns
        if column.key not in ("id", "sha256", "media_key")
    }
    have = db.session.scalar(select(func.count()).select_from(Photo)) or 0
    for number in range(have, count):
        db.session.add(Photo(sha256=f"{number:064x}", media_key=f"{number:064x}", **columns))
        db.session.flush()
    ids = list(db.session.scalars(select(Photo.id).order_by(Photo.id).limit(count)))
    known = set(db.session.scalars(select(TripPhoto.photo_id)))
    db.session.add_all(
        TripPhoto(trip_id=trip_id, photo_id=n, lat=42.0 + n / 1000, lon=19.0, radius_m=20.0, day_number=1)
        for n in ids
        if n not in known
    )
    db.session.commit()
    return ids


def write(post: Post, ids: list[int]) -> None:
    text = "[Look](note:1)\n\n" + "\n\n".join(f"Words.\n\n![](photo:{number})" for number in ids)
    post.save_text(post.title, "", text, db.session.get_one(Person, post.author_id))
    db.session.commit()


def note(*photo_ids: int) -> None:
    """A note on each of these photos; the first is tied to a phrase of the post."""
    for photo_id in photo_ids:
        photo = db.session.get_one(Photo, photo_id)
        photo.add_note(Region.rectangle(0.1, 0.1, 0.2, 0.2), "Look here", photo.uploaded_by)
    db.session.commit()


def talk(post: Post, count: int) -> None:
    """Replies that answer each other, some by the author."""
    author = db.session.get_one(Person, post.author_id)
    rows: list[Comment] = []
    for number in range(count):
        parent = rows[number // 2] if number % 3 else None
        row = add_comment(
            post,
            parent,
            "Sofia",
            "s@example.org",
            "Words.",
            Verdict(Status.APPROVED),
            author if number % 5 == 0 else None,
            commenter=commenter_for("s@example.org", "Sofia"),
        )
        rows.append(row)
    db.session.commit()


@pytest.fixture
def post(author: Visitor) -> Post:
    """A published post of a trip with a track."""
    trip = author.make_trip("Round the bay")
    first = ("1.jpg", jpeg("red", (60, 40), exif("2026:05:14 10:10:00")))
    author.upload(
        trip, ("way.gpx", gpx(WAY)), first, ("2.jpg", jpeg("blue", (60, 40), exif("2026:05:14 10:20:00")))
    )
    author.publish(author.write("![](photo:1)\n\n![](photo:2)", trip=trip, day_number=1))
    author.publish(author.write("Before it.", title="Another", trip=trip))
    return db.session.get_one(Post, 1)


PAGES = [
    "/",
    "/trips/",
    "/trips/round-the-bay",
    "/trips/round-the-bay/route.gpx",
    "/posts/by-the-sea",
    "/posts/by-the-sea/map.json",
    "/photos/1",
    "/photos/1/annotations.json",
    "/feed.xml",
    "/feed.json",
    "/sitemap.xml",
    "/comments.xml",
    "/posts/by-the-sea/comments.xml",
]


def test_forty_photos_and_sixty_replies_ask_no_more(visitor, post):
    note(1)
    few = {page: asked(visitor, page) for page in PAGES}
    write(post, photos(40, 1))
    note(*range(1, 41))
    talk(post, 60)
    many = {page: asked(visitor, page) for page in PAGES}
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page] + 1} == {}
    assert many["/posts/by-the-sea"] == few["/posts/by-the-sea"]
    assert max(many.values()) <= 12
    assert visitor.get("/posts/by-the-sea").count("<figure") == 40
    assert visitor.get("/posts/by-the-sea").count('<li class="comment') == 60


def test_ten_thousand_replies_ask_no_more_than_ten(visitor, post):
    address = "/posts/by-the-sea"
    pages = [
        address,
        f"{address}?reply=9",
        f"{address}/comments",
        f"{address}/comments?order=newest&after=9",
        f"{address}/comments?before=9",
        f"{address}/comments?branch=1",
        f"{address}/comments?branch=1&after=3",
        f"{address}/comments.xml",
        "/comments.xml",
    ]
    asked_at = {}
    for count in (10, 190, 9_800):
        grow(post, [(0 if number % 3 else number // 2) if number % 4 else None for number in range(count)])
        asked_at[count] = [asked(visitor, page) for page in pages]
    assert asked_at[10] == asked_at[190] == asked_at[9_800]
    assert max(asked_at[10]) <= 12
    with queries() as sent:
        visitor.get(f"{address}/comments?branch=1&after=3", headers={"Accept": FRAGMENT})
    assert (
        len([statement for statement in sent if "FROM comment" in statement]) == 2
    )  # the first, and the page


def test_more_posts_ask_no_more(visitor, author, post):
    few = {page: asked(visitor, page) for page in PAGES}
    for number in range(6):
        trip = author.make_trip(f"Trip {number}")
        author.publish(author.write("![](photo:1)", title=f"Story {number}", trip=trip))
    many = {page: asked(visitor, page) for page in PAGES}
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page] + 1} == {}


def test_desks_ask_a_fixed_number_too(author, moderator, post):
    pages = [
        "/desk/",
        "/desk/trips/1",
        "/desk/trips/1/tray",
        "/desk/trips/1/map.json",
        "/desk/posts/1",
        "/desk/posts/1/preview",
        "/desk/photos?trip=1&q=1",
        "/desk/photos/words?photo=1&photo=2",
        "/desk/photos/1",
    ]
    queue = ["/desk/moderation?status=approved", "/desk/moderation/log", "/desk/moderation/people/1"]
    talk(post, 1)
    few = {page: asked(author, page) for page in pages} | {page: asked(moderator, page) for page in queue}
    write(post, photos(40, 1))
    talk(post, 25)
    petra = db.session.scalars(select(Person).where(Person.role == Role.MODERATOR)).one()
    for row in db.session.scalars(select(Comment)):
        move(row, Status.REJECTED, petra)
        move(row, Status.APPROVED, petra)
    db.session.commit()
    many = {page: asked(author, page) for page in pages} | {page: asked(moderator, page) for page in queue}
    assert {page: (few[page], many[page]) for page in many if many[page] > few[page] + 2} == {}
    assert max(many.values()) <= 16


def test_a_signed_in_reader_asks_two_more(visitor, author, post):
    """Who it is, and what waits for a moderator."""
    assert asked(author, "/posts/by-the-sea") <= asked(visitor, "/posts/by-the-sea") + 2


def test_a_kept_page_asks_nothing(visitor, post):
    visitor.get("/posts/by-the-sea")
    with queries() as sent:
        visitor.get("/posts/by-the-sea")
    assert sent == []


def test_solving_a_trip_asks_a_fixed_number(author, post):
    def move() -> int:
        with queries() as sent:
            author.send(
                "/desk/trips/1/photos/1/place", "/desk/trips/new", follow=False, lat="42.1", lon="19.1"
            )
        return len(sent)

    few = move()
    photos(40, 1)
    assert move() <= few + 1
    assert db.session.scalar(select(func.count()).select_from(Trip)) == 1
