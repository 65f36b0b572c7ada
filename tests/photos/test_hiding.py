"""Jonas hides a part of a photo: no byte that a reader can reach shows it, and old addresses are gone."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from blog import jobs
from blog.db import db, now
from blog.photos import rendering, storage
from blog.photos.clips import Clip, ClipState
from blog.photos.formats import PhotoFormat
from blog.photos.models import Photo, PhotoState, RetiredMedia, media_key
from blog.photos.regions import Region
from blog.photos.renditions import Rendered, prepare, step_down, summarise
from tests.conftest import Visitor

from .samples import camera_exif, saved, scene

DESK = "/desk/photos/1/notes"
PLATE = {"x": "60", "y": "10", "width": "20", "height": "20", "text": ""}
PAGES = ("/", "/trips/", "/trips/round-the-bay", "/posts/by-the-sea", "/photos/1", "/feed.xml", "/feed.json")


def with_plate(orientation: int = 1) -> bytes:
    """The scene, with the black and white of a number plate in its green quarter."""
    image = scene()
    for left in range(300, 372, 12):
        image.paste((250, 250, 250), (left, 40, left + 6, 88))
        image.paste((5, 5, 5), (left + 6, 40, left + 12, 88))
    return saved(image, exif=camera_exif(orientation).tobytes(), quality=95).getvalue()


@pytest.fixture
def post(author: Visitor) -> str:
    trip = author.make_trip("Round the bay")
    author.upload(trip, ("quay.jpg", with_plate()))
    return author.publish(author.write("Words.\n\n![The quay](photo:1)", trip=trip))


def images(visitor: Visitor) -> set[str]:
    """The address of every picture that any page names."""
    named = "".join(visitor.get(page) for page in PAGES)
    return set(re.findall(r"/media/[0-9a-f]{64}/\d+\.\w+", named))


def shows_plate(content: bytes) -> bool:
    """Whether black and white can still be told apart where it was."""
    image = Image.open(io.BytesIO(content)).convert("L")
    scale = image.width / 480
    darkest, brightest = image.crop([round(side * scale) for side in (304, 44, 368, 84)]).getextrema()
    return brightest - darkest > 100


def test_no_reader_gets_the_pixels_and_old_addresses_are_gone(app, author, visitor, post):
    before = images(visitor)
    assert before
    assert all(shows_plate(visitor.client.get(address).data) for address in before)
    assert "Hidden." in author.send("/desk/photos/1/hidden-regions", DESK, **PLATE).text
    after = images(visitor)
    assert len(after) == len(before)
    assert not before & after
    assert not any(shows_plate(visitor.client.get(address).data) for address in after)
    assert all(visitor.client.get(address).status_code in (404, 410) for address in before)
    uploads = Path(app.config["STORAGE_URL"])
    old = before.pop().split("/")[2]
    assert [path for path in uploads.rglob("*") if old in str(path) and path.is_file()] == []
    photo = db.session.get_one(Photo, 1)
    assert storage.get(storage.original_key(photo.sha256, photo.format)) == with_plate()


def test_the_author_shows_it_again(author, visitor, post):
    before = images(visitor)
    author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
    hidden = images(visitor)
    page = author.send("/desk/hidden-regions/1/removal", DESK)
    assert "Readers see this part again." in page.text
    assert images(visitor) == before
    rendering.clear_retired()
    assert all(shows_plate(visitor.client.get(address).data) for address in before)
    assert all(visitor.client.get(address).status_code == 404 for address in hidden)


def test_a_turned_photo_is_hidden_where_it_is_seen(author, visitor):
    trip = author.make_trip("Round the bay")
    upright = Image.open(io.BytesIO(with_plate()))
    stored = saved(upright.transpose(Image.Transpose.ROTATE_90), exif=camera_exif(6).tobytes(), quality=95)
    author.upload(trip, ("turned.jpg", stored.getvalue()))
    author.publish(author.write("![The quay](photo:1)", trip=trip))
    assert shows_plate(visitor.client.get(images(visitor).pop()).data)
    author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
    assert not any(shows_plate(visitor.client.get(address).data) for address in images(visitor))


def test_nothing_shows_while_new_files_are_made(author, visitor, post, monkeypatch):
    address = images(visitor).pop()
    monkeypatch.setattr(jobs, "wake", lambda *_arguments: None)  # the worker is killed right after the commit
    author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
    visitor.get(address, 404)
    assert images(visitor) == set()
    assert "data-thumbhash" not in visitor.get(post)
    assert "Being prepared" in visitor.get(post)
    assert "Being prepared" in author.get(DESK)
    key = address.split("/")[2]
    assert storage.exists(storage.renditions_prefix(key) + address.rsplit("/", 1)[1])
    monkeypatch.undo()
    db.session.rollback()
    rendering.clear_retired()  # what the sweep does
    rendering.wake_leftovers()
    assert not storage.exists(storage.renditions_prefix(key) + address.rsplit("/", 1)[1])
    assert images(visitor)


def test_files_that_a_slow_worker_writes_late_are_deleted_too(author, visitor, post, monkeypatch):
    """A worker that began before the hiding ends after it: neither its files nor its summary are kept."""
    photo = db.session.get_one(Photo, 1)
    old, made = photo.media_key, rendering.make_renditions
    photo.state = PhotoState.UPLOADED
    db.session.commit()

    def slowly(photo: Photo, key: str, there: tuple[int, ...] = ()) -> Rendered:
        monkeypatch.setattr(rendering, "make_renditions", made)
        author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
        return made(photo, key, ())

    monkeypatch.setattr(rendering, "make_renditions", slowly)
    rendering.render(1)
    db.session.expire_all()
    photo = db.session.get_one(Photo, 1)
    assert photo.is_ready
    assert photo.media_key == media_key(photo.sha256, [Region.rectangle(0.6, 0.1, 0.2, 0.2)])
    assert not any(shows_plate(visitor.client.get(address).data) for address in images(visitor))
    assert not storage.exists(storage.renditions_prefix(old) + "480.jpg")
    assert db.session.scalars(select(RetiredMedia.media_key)).all() == [old]
    storage.put(storage.renditions_prefix(old) + "480.jpg", b"killed before it looked")
    rendering.clear_retired()
    assert not storage.exists(storage.renditions_prefix(old) + "480.jpg")
    db.session.execute(update(RetiredMedia).values(retired_at=now() - timedelta(hours=1)))
    db.session.commit()
    rendering.clear_retired()
    assert db.session.scalars(select(RetiredMedia.media_key)).all() == []


def test_a_motion_photo_keeps_its_moving_part_to_itself(author, post):
    photo = db.session.get_one(Photo, 1)
    clip = {"duration_s": 2.0, "width": 480, "height": 320, "video_codec": "h264", "byte_size": 9}
    photo.clip = Clip(**clip, offset=1000, state=ClipState.READY, media_key=photo.media_key)
    db.session.commit()
    assert photo.film
    author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
    assert db.session.get_one(Photo, 1).film is None


def test_a_part_of_a_film_cannot_be_hidden(author, post):
    db.session.get_one(Photo, 1).format = PhotoFormat.MP4
    db.session.commit()
    answer = author.send("/desk/photos/1/hidden-regions", DESK, **PLATE)
    assert answer.status_code == 422
    assert "A part of a film cannot be hidden." in answer.text


def test_of_a_region_only_a_few_colours_are_left(app: Flask):
    noise = Image.effect_noise((480, 320), 90).convert("RGB")
    region = Region(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)))
    whole, _widths = prepare(saved(noise, "PNG"), 1)
    hidden, widths = prepare(saved(noise, "PNG"), 1, [region])
    inside = (130, 90, 350, 230)
    spread = [max(high - low for low, high in image.crop(inside).getextrema()) for image in (whole, hidden)]
    assert spread[0] > 200
    assert spread[1] < 40
    assert hidden.getpixel((10, 10)) == whole.getpixel((10, 10))
    for image in step_down(hidden, widths):
        assert image.width in widths
    assert summarise(hidden) != summarise(whole)
