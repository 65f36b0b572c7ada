"""The library: finding photos, describing several at once, putting them on trips, and whose they are."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from blog.accounts.models import Role
from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.posts.models import Post, PostPhoto, create_post
from blog.trips.models import Trip, TripPhoto
from tests.conftest import Visitor, exif, jpeg, moved_to

SMALL = (60, 40)
LIBRARY = "/desk/photos"


@pytest.fixture
def trip(author: Visitor) -> str:
    """Two days on the bay of Kotor: the first two photos have a place, the last has no time."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("pier.jpg", jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.4247, 18.7712))),
        ("church.jpg", jpeg("green", SMALL, exif("2026:05:15 09:00:00", 42.4862, 18.6993, "Gull G1"))),
        ("scan.jpg", jpeg("blue", SMALL)),
    )
    return desk


@pytest.fixture
def mina(app, person) -> Visitor:
    """Another author, with a trip of her own."""
    return Visitor(app.test_client()).sign_in(person("Mina"))


def names(page: str) -> list[str]:
    return re.findall(r'aria-label="Choose ([^"]+)"', page)


def found(visitor: Visitor, query: str = "") -> list[str]:
    return names(visitor.get(f"{LIBRARY}?{query}"))


def send(visitor: Visitor, address: str, *photos: int, follow: bool = True, **fields: object):
    return visitor.send(address, LIBRARY, follow=follow, photo=[str(one) for one in photos], **fields)


def photo(number: int) -> Photo:
    return db.session.get_one(Photo, number)


def test_photos_lie_by_day_the_newest_first(author, trip):
    page = author.get(LIBRARY)
    assert names(page) == ["church.jpg", "pier.jpg", "scan.jpg"]
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["15 May 2026", "14 May 2026", "Without a date"]
    assert found(author, "order=oldest") == ["pier.jpg", "church.jpg", "scan.jpg"]
    assert found(author, "order=added") == ["scan.jpg", "church.jpg", "pier.jpg"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("trip=1", ["church.jpg", "pier.jpg", "scan.jpg"]),
        ("trip=-1", []),
        ("trip=1&day=2", ["church.jpg"]),
        ("camera=Gull+G1", ["church.jpg"]),
        ("placed=yes", ["church.jpg", "pier.jpg"]),
        ("placed=no", ["scan.jpg"]),
        ("used=yes", ["pier.jpg"]),
        ("used=no&placed=yes", ["church.jpg"]),
        ("q=PIER", ["pier.jpg"]),
        ("q=kotor", ["pier.jpg"]),
        ("q=kotor+church", []),
        ("q=100%25", []),
        (
            "trip=99&day=x&camera=nothing&placed=maybe&order=none&page=-5",
            ["church.jpg", "pier.jpg", "scan.jpg"],
        ),
    ],
)
def test_what_is_looked_for(author, trip, query, expected):
    author.write("![](photo:1)", trip=trip)
    assert found(author, query) == expected


def test_words_of_every_kind_are_searched(author, trip):
    photo(1).caption, photo(1).keywords = "The ferry's jetty, 50% shorter", ["école", "sunset"]
    photo(2).alt = "A door"
    db.session.commit()
    for query, expected in {
        "jetty+ferry": 1,
        "50%25": 1,
        "école": 1,
        "sunset": 1,
        "door": 1,
        "door+jetty": 0,
    }.items():
        assert len(found(author, f"q={query}")) == expected, query
    assert found(author, "captioned=yes") == ["The ferry&#39;s jetty, 50% shorter"]


def test_many_photos_have_numbered_pages(author, trip):
    model = {c.key: getattr(photo(1), c.key) for c in Photo.__table__.columns if c.key != "id"}
    for number in range(120):
        db.session.add(Photo(**model | {"sha256": f"{number:064}", "media_key": f"{number:064}"}))
    db.session.commit()
    first, second = author.get(LIBRARY), author.get(f"{LIBRARY}?page=2")
    assert (len(names(first)), len(names(second))) == (100, 23)
    assert "continued" in second
    assert "continued" not in first
    assert 'href="/desk/photos?page=2"' in first
    assert found(author, "page=99999999999999") == names(second)
    fragment = author.get(f"{LIBRARY}/sheet?page=2")
    assert "<html" not in fragment
    assert len(names(fragment)) == 23


def test_a_caption_changes_where_no_post_says_otherwise(author, visitor, trip):
    follows = author.publish(author.write("![](photo:1)", title="Follows", trip=trip))
    differs = author.publish(author.write('![](photo:1 "Mine alone")', title="Differs", trip=trip))
    page = author.get(f"{LIBRARY}/1")
    assert re.search(r"Follows.*shows this caption.*Differs.*says “Mine alone” instead", page, re.S)
    author.send(f"{LIBRARY}/1", f"{LIBRARY}/1", caption="The old pier", alt="Planks over water")
    assert "The old pier" in visitor.get(follows)
    assert 'alt="Planks over water"' in visitor.get(differs)
    assert "Mine alone" in visitor.get(differs)
    assert '<span class="said">The old pier' not in visitor.get(differs)
    too_long = author.send(f"{LIBRARY}/1", f"{LIBRARY}/1", caption="x" * 2001)
    assert too_long.status_code == 422
    assert "x" * 2001 in too_long.text


def test_several_are_captioned_at_once(author, trip):
    leads = moved_to(send(author, f"{LIBRARY}/choice?trip=1", 1, 2, follow=False))
    page = author.get(leads)
    assert "Caption 2 photos" in page
    each = {"photo1-caption": "Pier", "photo1-alt": "A pier", "photo2-caption": "", "photo2-alt": "A church"}
    assert moved_to(author.send(leads, leads, follow=False, **each)) == f"{LIBRARY}?trip=1"
    assert [(photo(n).caption, photo(n).alt) for n in (1, 2)] == [("Pier", "A pier"), ("", "A church")]
    author.send(leads, leads, **each, caption="By the sea")
    assert [photo(n).caption for n in (1, 2, 3)] == ["By the sea", "By the sea", None]
    wrong = author.send(leads, leads, **each | {"photo2-alt": "y" * 2001})
    assert wrong.status_code == 422
    assert "y" * 2001 in wrong.text
    for address in ("choice", "additions", "moves", "bin"):
        assert "Choose some photos first" in send(author, f"{LIBRARY}/{address}").text


def test_photos_go_to_another_trip_with_their_places_by_hand(author, trip):
    author.send(f"{trip}/photos/3/place", trip, lat="42.5", lon="18.6")
    other = author.make_trip("Another")
    assert "On “Another” now" in send(author, f"{LIBRARY}/additions", 1, 3, trip_id="2").text
    assert on_trips(1) == [1, 2]
    assert "Moved to “Another”" in send(author, f"{LIBRARY}/moves?trip=1", 1, 2, 3, trip_id="2").text
    assert [on_trips(n) for n in (1, 2, 3)] == [[2], [2], [2]]
    assert 'id="tile-3"' in author.get(other)
    assert 'id="tile-3"' not in author.get(trip)
    placed = db.session.scalars(select(TripPhoto).where(TripPhoto.photo_id == 2)).unique().one()
    assert (placed.trip_id, round(placed.lat, 3)) == (2, 42.486)
    for nowhere in ("0", "x", "9" * 30, "-" + "9" * 30):
        assert "Choose a trip first" in send(author, f"{LIBRARY}/moves", 1, trip_id=nowhere).text


def on_trips(number: int) -> list[int]:
    query = select(TripPhoto.trip_id).where(TripPhoto.photo_id == number).order_by(TripPhoto.trip_id)
    return list(db.session.scalars(query))


def test_a_moved_photo_keeps_the_place_it_got_by_hand(author, trip):
    author.send(f"{trip}/photos/3/place", trip, lat="42.5", lon="18.6")
    author.make_trip("Another")
    send(author, f"{LIBRARY}/moves", 3, trip_id="2")
    row = db.session.scalars(select(TripPhoto).where(TripPhoto.photo_id == 3)).unique().one()
    assert (row.trip_id, row.lat, row.source) == (2, 42.5, "by_hand")


def test_nobody_touches_the_photos_of_others(author, mina, trip, person, app):
    theirs = mina.make_trip("Mina's")
    assert found(mina) == []
    for address in ("additions", "moves"):
        send(mina, f"{LIBRARY}/{address}", 1, trip_id=theirs.rsplit("/", 1)[1])
        assert on_trips(1) == [1]
        assert "Choose a trip first" in send(author, f"{LIBRARY}/{address}", 1, trip_id="2").text
    send(mina, f"{LIBRARY}/bin", 1, knowing="yes")
    assert not photo(1).is_binned
    mina.get(f"{LIBRARY}/words?photo=1", 302)
    for address in ("", "/original", "/thumbnail.jpg"):
        mina.get(f"{LIBRARY}/1{address}", 404)
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    assert len(found(olga)) == 3


def test_the_original_is_for_its_author_and_only_to_be_kept(author, visitor, trip):
    answer = author.client.get(f"{LIBRARY}/1/original")
    assert answer.data == jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.4247, 18.7712))
    assert answer.headers["Content-Disposition"] == "attachment; filename=pier.jpg"
    assert answer.mimetype == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    answer.close()
    assert moved_to(visitor.client.get(f"{LIBRARY}/1/original")).startswith("/sign-in")
    with Image.open(io.BytesIO(author.client.get(f"{LIBRARY}/1/thumbnail.jpg").data)) as image:
        assert image.size == SMALL


def test_the_original_comes_from_a_bucket_as_well(app, author):
    app.extensions["storage"] = storage.make_store("memory:///")
    content = jpeg("orange", SMALL)
    author.upload(author.make_trip(), ("ünïcode “name”.jpg", content))
    answer = author.client.get(f"{LIBRARY}/1/original")
    assert answer.data == content
    assert "%C3%BCn%C3%AFcode" in answer.headers["Content-Disposition"]
    assert answer.content_length == len(content)
    storage.delete(storage.original_key(photo(1).sha256, photo(1).format))
    author.get(f"{LIBRARY}/1/original", 404)


def test_a_post_shows_no_photo_that_its_author_may_not_use(author, mina, visitor, trip):
    text = "![](photo:1)\n\n![](photo:2)"
    mine = mina.write(text, title="Borrowed")
    assert "Photo 1 is left out: it belongs to someone who has not published it." in mina.get(mine)
    preview = mina.send(f"{mine}/preview", mine, text=text)
    assert "/media/" not in preview.text
    assert "Photo 2 is left out" in mina.get(f"{mine}/publication")
    address = mina.publish(mine)
    page = visitor.get(address)
    assert "<figure" not in page
    assert "left out" not in page
    assert "/photos/1" not in visitor.get("/sitemap.xml")
    visitor.get("/photos/1", 404)

    author.publish(author.write("![](photo:1)", title="Published", trip=trip))
    mina.write(text, title="Quoting")
    quoting = db.session.scalars(select(Post.id).where(Post.title == "Quoting")).one()
    used = select(PostPhoto.photo_id).where(PostPhoto.post_id == quoting)
    assert db.session.scalars(used).all() == [1]


def test_who_writes_about_another_s_trip_may_show_its_photos(author, person, visitor, trip):
    """Mina's post stands on Jonas' trip, as two who travelled together write."""
    mina = person("Mina", Role.AUTHOR)
    post = create_post("The same journey", mina, db.session.get_one(Trip, int(trip.rsplit("/", 1)[1])))
    post.save_text(post.title, "", "![](photo:1)", mina)
    post.publish()
    db.session.commit()
    assert 'id="photo-1"' in visitor.get("/posts/the-same-journey")
    assert "1 photo" in visitor.get("/")


def test_the_owner_of_the_site_may_use_every_photo(author, app, person, visitor, trip):
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    desk = author.write("Nothing yet.", title="Helped", trip=trip)
    theirs = olga.make_trip("Olga's")
    olga.upload(theirs, ("hers.jpg", jpeg("purple", SMALL)))
    saved = {"title": "Helped", "trip_id": "1", "day_number": "0"}
    olga.send(desk, desk, **saved, text="![](photo:4)", version=version(olga, desk))
    assert 'id="photo-4"' in author.get(desk)
    author.send(
        desk, desk, **saved, text="Still: ![](photo:4)\n\n![](photo:4)", version=version(author, desk)
    )
    assert 'id="photo-4"' in visitor.get(author.publish(desk))


def version(visitor: Visitor, desk: str) -> str:
    return re.search(r'name="version" value="([^"]+)"', visitor.get(desk))[1]
