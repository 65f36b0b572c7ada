"""Deleting photos: told before, gone for readers at once, back by a click, for good after thirty days."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from blog.accounts.models import Role
from blog.db import db, now
from blog.photos.models import Photo
from blog.posts.models import Post
from blog.trips.models import Day, TripPhoto
from tests.conftest import Visitor, exif, jpeg
from tests.posts.test_library import LIBRARY, SMALL, names, photo, send

PIER = jpeg("red", SMALL, exif("2026:05:14 10:00:00", 42.4247, 18.7712))
CHURCH = jpeg("green", SMALL, exif("2026:05:15 09:00:00", 42.4862, 18.6993))


@pytest.fixture
def trip(author: Visitor) -> str:
    desk = author.make_trip("Round the bay")
    author.upload(desk, ("pier.jpg", PIER), ("church.jpg", CHURCH))
    return desk


@pytest.fixture
def story(author: Visitor, trip: str) -> str:
    """A published post that shows both."""
    return author.publish(author.write("![](photo:1)\n\n![](photo:2)\n\nWords.", trip=trip))


def media(number: int) -> str:
    return photo(number).url(photo(number).widths[0])


def undo(author: Visitor, page: str):
    moment = re.search(r'name="binned_at" value="([^"]+)"', page)[1]
    return author.send(f"{LIBRARY}/restoration", LIBRARY, binned_at=moment)


def test_an_unused_photo_goes_at_once_and_comes_back(author, trip):
    page = send(author, f"{LIBRARY}/bin?trip=1", 1).text
    assert "1 photo is in the bin, for 30 days." in page
    assert names(page) == ["church.jpg"]
    assert "pier.jpg" not in author.get(trip)
    assert db.session.scalar(select(func.count()).select_from(Day)) == 1
    author.get(f"{trip}/photos/1", 404)
    assert "1 photo is back." in undo(author, page).text
    assert 'id="tile-1"' in author.get(trip)
    assert db.session.scalar(select(func.count()).select_from(Day)) == 2


def test_what_posts_show_is_told_before_it_goes(author, visitor, trip, story):
    asked = send(author, f"{LIBRARY}/bin?trip=1&_scheme=javascript&_external=1", 1).text
    assert 'action="/desk/photos/bin?trip=1"' in asked
    assert re.search(r"1 post shows it:\s+By the sea", asked)
    assert not photo(1).is_binned
    visitor.get("/photos/1")
    address = media(1)
    assert visitor.client.get(address).status_code == 200
    page = send(author, f"{LIBRARY}/bin", 1, knowing="yes").text
    shown = visitor.get(story)
    assert "photo-1" not in shown
    assert 'id="photo-2"' in shown
    assert "is not here" not in shown
    for gone in (address, "/photos/1"):
        assert visitor.client.get(gone).status_code == 404
    for listing in ("/sitemap.xml", "/feed.xml", "/feed.json", "/", "/trips/round-the-bay"):
        assert photo(1).media_key not in visitor.get(listing)
        assert "/photos/1<" not in visitor.get(listing)
    assert "Photo 1 is in the bin." in author.get("/desk/posts/1")
    post = db.session.get_one(Post, 1)
    assert (post.lead_photo_id, post.photo_count) == (2, 1)
    undo(author, page)
    assert 'id="photo-1"' in visitor.get(story)
    assert visitor.client.get(address).status_code == 200
    assert db.session.get_one(Post, 1).photo_count == 2


def test_a_text_saved_meanwhile_still_shows_the_photo_when_it_is_back(author, visitor, trip, story):
    send(author, f"{LIBRARY}/bin", 1, knowing="yes")
    version = re.search(r'name="version" value="([^"]+)"', author.get("/desk/posts/1"))[1]
    author.send("/desk/posts/1", "/desk/posts/1", title="By the sea", trip_id="1", day_number="0",
                text="New words.\n\n![](photo:1)", version=version)  # fmt: skip
    assert "photo-1" not in visitor.get(story)
    author.send(f"{LIBRARY}/restoration", LIBRARY, photo="1")
    assert 'id="photo-1"' in visitor.get(story)


def test_the_bin_has_a_page_of_its_own(author, trip):
    assert "The bin is empty." in author.get(f"{LIBRARY}/bin")
    send(author, f"{LIBRARY}/bin", 1, 2)
    page = author.get(f"{LIBRARY}/bin")
    assert names(page) == ["church.jpg", "pier.jpg"] or names(page) == ["pier.jpg", "church.jpg"]
    assert "/media/" not in page
    assert author.client.get(f"{LIBRARY}/1/thumbnail.jpg").mimetype == "image/jpeg"
    assert "This photo is in the bin." in author.get(f"{LIBRARY}/1")
    author.send(f"{LIBRARY}/restoration", f"{LIBRARY}/bin", photo="1")
    assert (photo(1).is_binned, photo(2).is_binned) == (False, True)
    for nothing in (
        *({"photo": number} for number in ("99", "-1", "9" * 30, "-" + "9" * 30)),
        *(
            {"binned_at": at}
            for at in ("yesterday", "2026-01-01T00:00:00+00:00", "0001-01-01T00:00:00+23:59")
        ),
    ):
        assert author.send(f"{LIBRARY}/restoration", LIBRARY, **nothing).status_code == 200
    assert photo(2).is_binned


def test_after_thirty_days_it_is_gone_with_its_files(app, author, visitor, tmp_path, trip, story):
    page = send(author, f"{LIBRARY}/bin", 1, knowing="yes").text
    key, sha256 = photo(1).media_key, photo(1).sha256
    binned(1, days=29)
    app.extensions["jobs"].sweep_now()
    assert files(tmp_path, key)
    assert files(tmp_path, sha256)
    binned(1, days=30)
    assert "nothing of it in the bin any more" in undo(author, page).text
    app.extensions["jobs"].sweep_now()
    assert db.session.get(Photo, 1) is None
    assert files(tmp_path, key) == files(tmp_path, sha256) == []
    assert db.session.scalars(select(TripPhoto.photo_id)).all() == [2]
    assert 'id="photo-2"' in visitor.get(story)
    assert "Photo 1 is not here." in author.get("/desk/posts/1")
    author.upload(trip, ("pier.jpg", PIER))
    assert "pier.jpg" in author.get(trip)


def binned(number: int, days: int) -> None:
    photo(number).binned_at = now() - timedelta(days=days, minutes=1 if days >= 30 else 0)
    db.session.commit()


def files(folder: Path, name: str) -> list[Path]:
    return [path for path in (folder / "uploads").rglob("*") if name in str(path) and path.is_file()]


def test_the_same_file_sent_again_takes_the_photo_out_of_the_bin(author, trip):
    send(author, f"{LIBRARY}/bin", 1)
    author.upload(trip, ("again.jpg", PIER))
    assert not photo(1).is_binned
    assert 'id="tile-1"' in author.get(trip)


def test_what_others_use_stays(author, app, person, visitor, trip):
    mina = Visitor(app.test_client()).sign_in(person("Mina"))
    mina.upload(mina.make_trip("Mina's"), ("same.jpg", PIER))
    answer = send(author, f"{LIBRARY}/bin", 1, 2).text
    assert "1 photo stays: somebody else uploaded it or uses it too." in answer
    assert "1 photo is in the bin" in answer
    assert (photo(1).is_binned, photo(2).is_binned) == (False, True)
    assert "cannot be deleted" in author.get(f"{LIBRARY}/1")
    send(mina, f"{LIBRARY}/bin", 1)
    assert not photo(1).is_binned
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    send(olga, f"{LIBRARY}/bin", 1)
    assert photo(1).is_binned
