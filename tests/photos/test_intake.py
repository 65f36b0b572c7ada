"""Photos taken in through the application: kept, known again, rendered, and given to readers."""

import hashlib
import io
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from blog import jobs
from blog.accounts.models import Role
from blog.db import db, now
from blog.photos import media, rendering, storage
from blog.photos.formats import MAX_BYTES, RefusedFile
from blog.photos.intake import TakenIn, take_in
from blog.photos.metadata import read_metadata
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.notes import HiddenRegion
from blog.photos.renditions import Rendered, RenditionFormat
from tests.conftest import make_app

from .samples import camera_exif, gps_exif, iptc_segment, is_scene, saved, scene, with_segments
from .test_workshop import There


def portrait() -> io.BytesIO:
    """480 × 320 as stored, to be turned to 320 × 480."""
    return saved(scene(), exif=camera_exif(orientation=6))


def taken(file: io.BytesIO | None = None, name: str = "IMG_1.JPG") -> Photo:
    return take_in(file or portrait(), name, None).photo


def files_of(app, folder: str) -> list[Path]:
    return sorted(path for path in (Path(app.config["STORAGE_URL"]) / folder).rglob("*") if path.is_file())


def test_a_photo_is_kept_described_and_rendered(app, person):
    jonas = person("Jonas", Role.AUTHOR)
    content = portrait().getvalue()
    result = take_in(io.BytesIO(content), "IMG_1.JPG", jonas)
    photo = result.photo
    assert result.is_new
    assert photo.sha256 == hashlib.sha256(content).hexdigest()
    assert (photo.width, photo.height, photo.byte_size) == (320, 480, len(content))
    assert photo.uploaded_by is jonas
    assert photo.camera == "Canon EOS R5 #042021000123"
    assert (photo.position.lat, photo.position.lon, photo.position.ele) == (41.5, 129.75, 12.0)
    assert photo.caption == "Boats in the harbour"
    assert photo.exposure_words == "1/250 s, ƒ/4, ISO 200, 35 mm"
    assert photo.camera_words == "Canon EOS R5"
    assert (photo.state, photo.widths, photo.attempts) == (PhotoState.READY, [320], 1)
    assert len(photo.color) == 7
    assert [path.read_bytes() for path in files_of(app, "originals")] == [content]
    assert [path.name for path in files_of(app, "renditions")] == ["320.avif", "320.jpg"]


def test_what_placement_needs_is_what_the_file_said(app):
    photo = taken()
    db.session.expire_all()
    assert photo.taken_local.isoformat() == "2024-05-17T09:30:15.250000"
    assert photo.gps_time.isoformat() == "2024-05-17T00:30:14+00:00"
    assert (photo.utc_offset_s, photo.gps_seconds_of_day, photo.heading) == (32_400, 1814.0, 271.5)


def test_a_file_that_does_not_know_where_it_was_is_kept_with_the_reason(app):
    photo = taken(saved(scene(), exif=gps_exif(_2=(0.0, 0.0, 0.0), _4=(0.0, 0.0, 0.0))))
    assert photo.position is None
    assert photo.position_problem.startswith("The position is 0, 0")
    assert photo.state is PhotoState.READY


def test_the_same_bytes_twice_are_one_photo(app):
    first, second = take_in(portrait(), "one.jpg", None), take_in(portrait(), "two.jpg", None)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.photo is second.photo
    assert first.photo.file_name == "one.jpg"
    assert first.photo.attempts == 1
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_two_uploads_at_once_are_one_photo_and_lose_nothing_else(app, person, monkeypatch):
    """The second looked before the first was there: the unique constraint tells."""
    first = taken()
    monkeypatch.setattr("blog.photos.intake.find", lambda sha256: None)
    mina = person("Mina")
    mina.name = "Mina R."
    assert take_in(portrait(), "again.jpg", None) == TakenIn(first, is_new=False)
    db.session.expire_all()
    assert mina.name == "Mina R."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("IMG 1 – Kopie.JPG", "IMG 1 – Kopie.JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\IMG_1.JPG", "IMG_1.JPG"),
        ("x" * 400 + ".jpg", "x" * 251 + ".jpg"),
        ("фото\u202egpj.exe", "фотоgpj.exe"),
        ("a\x00b\udc80.jpg", "ab.jpg"),
        ("", "photo"),
        ("/", "photo"),
    ],
)
def test_a_file_s_name_is_shown_and_never_a_path(app, name, shown):
    photo = taken(name=name)
    assert photo.file_name == shown
    assert [path.stem for path in files_of(app, "originals")] == [photo.sha256]


def test_what_is_no_photo_is_refused_and_leaves_nothing(app):
    with pytest.raises(RefusedFile, match="This is a text"):
        take_in(io.BytesIO(b"Dear diary"), "photo.jpg", None)
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0
    assert files_of(app, "") == []


class Endless(io.RawIOBase):
    """A stream that never ends."""

    def read(self, size: int = -1) -> bytes:
        return b"\xff" * size


def test_a_stream_is_cut_off_at_the_most_bytes(app, monkeypatch):
    assert MAX_BYTES == 200_000_000
    monkeypatch.setattr("blog.photos.intake.MAX_BYTES", 3_000_000)
    with pytest.raises(RefusedFile, match="larger than 200 MB"):
        take_in(Endless(), "endless.jpg", None)


def test_broken_pixels_are_refused_in_plain_words_and_leave_nothing(app):
    whole = saved(scene(800, 600), quality=95).getvalue()
    with pytest.raises(RefusedFile, match="This photo is damaged: its pixels cannot be read to the end"):
        taken(io.BytesIO(whole[: len(whole) // 2]))
    assert files_of(app, "") == []


def test_the_smallest_rendition_is_there_at_once(app, visitor):
    """While the worker has not begun."""
    app.extensions["jobs"].immediate = False
    photo = taken(saved(scene(1000, 500)))
    assert (photo.state, photo.widths, photo.can_be_seen) == (PhotoState.UPLOADED, [400], True)
    assert photo.thumbhash
    assert photo.color
    assert visitor.client.get(photo.url(400)).status_code == 200
    first = {path: path.stat().st_mtime_ns for path in files_of(app, "renditions")}
    rendering.render(photo.id)
    assert (photo.state, photo.widths) == (PhotoState.READY, [400, 800, 1000])
    assert {path: path.stat().st_mtime_ns for path in first} == first  # made once


def test_a_photo_larger_than_the_setting_is_refused(app):
    app.config["MAX_MEGAPIXELS"] = "1"
    with pytest.raises(RefusedFile, match=r"This photo has 2 megapixels \(2000 × 1000\).*up to 1: make it"):
        taken(saved(scene(2000, 1000)))


def test_a_decoder_that_breaks_down_at_the_renditions_is_told(app, monkeypatch):
    photo = waiting_photo()
    monkeypatch.setattr("blog.photos.rendering.LONGEST_S", 0.3)
    monkeypatch.setattr("blog.photos.renditions.render", There("lambda *all: __import__('time').sleep(9)"))
    rendering.render(photo.id)
    assert photo.state is PhotoState.FAILED
    assert photo.failure.startswith("Reading this photo takes longer")


def test_what_is_hidden_while_the_renditions_are_made_is_not_in_them(app, monkeypatch):
    """Somebody hides a part after the worker began: its work is thrown away, and done again."""
    photo = waiting_photo()
    hide = HiddenRegion(corners=[[0.1, 0.1], [0.4, 0.4]])
    old = photo.media_key

    def too_late(key: str, rendered: Rendered) -> None:
        kept(key, rendered)
        if photo.media_key == old:
            photo.hidden_regions.append(hide)
            photo.media_key, photo.state = media_key(photo.sha256, [hide.region]), PhotoState.UPLOADED
            db.session.commit()

    kept = rendering.keep_renditions
    monkeypatch.setattr("blog.photos.rendering.keep_renditions", too_late)
    rendering.render(photo.id)
    assert photo.state is PhotoState.UPLOADED
    assert files_of(app, "renditions") == []
    rendering.render(photo.id)
    assert photo.is_ready
    assert {path.parent.name for path in files_of(app, "renditions")} == {photo.media_key}
    left_above = Image.open(io.BytesIO(storage.get(storage.rendition_key(photo.media_key, 320, "jpg"))))
    assert not is_scene(left_above)


def test_a_failed_photo_that_is_uploaded_again_is_tried_again(app):
    photo = taken()
    photo.fail("The original of this photo is missing.")
    files_of(app, "originals")[0].unlink()
    db.session.commit()
    again = taken()
    assert again is photo
    assert (photo.state, photo.failure) == (PhotoState.READY, None)
    assert len(files_of(app, "originals")) == 1


def test_words_of_a_person_outlast_those_of_the_file(app):
    photo = taken()
    photo.caption = "Our boats"
    photo.take_over(read_metadata(portrait()))
    assert photo.caption == "Our boats"


def test_a_caption_may_come_from_the_title(app):
    titled = with_segments(saved(scene()).getvalue(), iptc_segment((2, 5, b"Harbour")))
    assert taken(io.BytesIO(titled)).caption == "Harbour"


def waiting_photo(**state: object) -> Photo:
    """A photo as a killed worker leaves it."""
    photo = taken()
    values = {"state": PhotoState.PROCESSING, "widths": [], "processing_since": now() - timedelta(minutes=11)}
    for name, value in (values | state).items():
        setattr(photo, name, value)
    db.session.commit()
    return photo


def test_the_sweep_finishes_what_a_killed_worker_left(app):
    photo = waiting_photo()
    app.extensions["jobs"].sweep_now()
    db.session.refresh(photo)
    assert (photo.state, photo.widths, photo.attempts) == (PhotoState.READY, [320], 2)


def test_the_sweep_wakes_what_nobody_woke(app):
    photo = waiting_photo(state=PhotoState.UPLOADED, processing_since=None)
    rendering.wake_leftovers()
    db.session.refresh(photo)
    assert photo.is_ready


def test_the_sweep_leaves_a_worker_its_time(app):
    photo = waiting_photo(processing_since=now())
    rendering.wake_leftovers()
    db.session.refresh(photo)
    assert photo.state is PhotoState.PROCESSING


def test_a_photo_that_kills_its_workers_is_given_up(app):
    photo = waiting_photo(attempts=3)
    rendering.wake_leftovers()
    db.session.refresh(photo)
    assert photo.state is PhotoState.FAILED
    assert photo.failure.startswith("Roadbook tried three times")


def test_a_lost_original_is_said(app):
    photo = waiting_photo()
    files_of(app, "originals")[0].unlink()
    rendering.render(photo.id)
    assert photo.failure == "The original of this photo is missing."


def test_rendering_twice_does_nothing_twice(app):
    photo = taken()
    rendering.render(photo.id)
    rendering.render(999)
    assert photo.attempts == 1


def test_a_rendition_goes_to_readers_for_ever(app, visitor):
    photo = taken()
    for rendition_format, media_type in (
        (RenditionFormat.AVIF, "image/avif"),
        (RenditionFormat.JPEG, "image/jpeg"),
    ):
        response = visitor.client.get(photo.url(320, rendition_format))
        assert response.status_code == 200
        assert response.content_type == media_type
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in response.headers
        assert response.data == storage.get(storage.rendition_key(photo.media_key, 320, rendition_format))
        again = visitor.client.get(
            photo.url(320, rendition_format), headers={"If-None-Match": response.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
        head = visitor.client.head(photo.url(320, rendition_format))
        assert (head.status_code, int(head.headers["Content-Length"])) == (200, len(response.data))


def test_a_part_of_a_rendition_is_given(app, visitor):
    photo = taken()
    whole = visitor.client.get(photo.url(320))
    part = visitor.client.get(
        photo.url(320), headers={"Range": "bytes=2-5", "If-Range": whole.headers["ETag"]}
    )
    assert (part.status_code, part.data) == (206, whole.data[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(whole.data)}"
    assert visitor.client.get(photo.url(320), headers={"Range": "bytes=9999999-"}).status_code == 416


def test_a_bucket_gives_its_files_itself(migrated, tmp_path, monkeypatch):
    """The address is signed here, without asking the bucket."""
    for name, value in (("ACCESS_KEY_ID", "key"), ("SECRET_ACCESS_KEY", "secret"), ("REGION", "eu-west-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path, STORAGE_URL="s3://bucket/prefix")
    with app.app_context():
        key = storage.rendition_key("ab" * 32, 400, RenditionFormat.JPEG)
        with app.test_request_context():
            answer = media.public_file(key, "image/jpeg")
        assert answer.status_code == 302
        assert answer.location.startswith(f"https://s3.eu-west-1.amazonaws.com/bucket/prefix/{key}?X-Amz-")
        assert "secret" not in answer.location
        assert answer.headers["Cache-Control"] == "public, max-age=43200"
        policy = app.test_client().get("/").headers["Content-Security-Policy"]
        assert "img-src 'self' data: blob: https://s3.eu-west-1.amazonaws.com;" in policy
        db.engine.dispose()


def test_nothing_else_is_given(app, visitor):
    photo = taken()
    original = storage.original_key(photo.sha256, photo.format)
    for address in (
        f"/media/{photo.media_key}/400.jpg",
        f"/media/{photo.media_key}/320.png",
        f"/media/{photo.media_key}/320.jpeg",
        f"/media/{photo.media_key.upper()}/320.jpg",
        f"/media/{photo.media_key[:-1]}/320.jpg",
        f"/media/{'0' * 64}/320.jpg",
        f"/media/{photo.media_key}/-320.jpg",
        f"/media/{photo.media_key}/..%2f320.jpg",
        f"/media/{original}",
        f"/{original}",
        f"/media/../{original}",
    ):
        assert visitor.client.get(address).status_code == 404, address


def test_a_finished_rendition_that_was_lost_is_not_found(app, visitor):
    photo = taken()
    for path in files_of(app, "renditions"):
        path.unlink()
    assert visitor.client.get(photo.url(320)).status_code == 404


def test_addresses_for_a_picture_element(app):
    photo = taken(saved(scene(1000, 500)))
    base = f"/media/{photo.media_key}"
    assert photo.srcset("avif") == f"{base}/400.avif 400w, {base}/800.avif 800w, {base}/1000.avif 1000w"
    assert photo.largest("jpg") == f"{base}/1000.jpg"
    assert (photo.aspect, photo.is_panorama) == (2.0, False)


def test_work_waits_for_the_worker(app):
    """With a queue that does not run at once, the photo is there and says that it waits."""
    queue = app.extensions["jobs"]
    queue.immediate = False
    photo = taken()
    assert photo.state is PhotoState.UPLOADED
    queue.immediate = True
    jobs.wake(rendering.render, photo.id)
    db.session.refresh(photo)
    assert photo.is_ready
