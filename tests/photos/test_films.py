"""Films and motion photos: taken in, placed, given to readers as copies that say nothing of place or time."""

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select, update

from blog import jobs
from blog.db import db, now
from blog.photos import conversion, films, storage
from blog.photos.clips import Clip, ClipState
from blog.photos.formats import RefusedFile
from blog.photos.intake import take_in
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.notes import HiddenRegion

from .filmed import ANDROID, APPLE, film
from .samples import BLUE, MICRO_VIDEO, RED, corners, is_scene, saved, scene, with_segments, xmp_segment

CONTAINER = (
    '<G:MotionPhoto xmlns:G="http://ns.google.com/photos/1.0/camera/">1</G:MotionPhoto>'
    '<C:Directory xmlns:C="http://ns.google.com/photos/1.0/container/" '
    'xmlns:I="http://ns.google.com/photos/1.0/container/item/"><rdf:Seq>'
    '<rdf:li rdf:parseType="Resource"><C:Item I:Semantic="Primary" I:Length="0"/></rdf:li>'
    '<rdf:li rdf:parseType="Resource"><C:Item I:Semantic="MotionPhoto" I:Length="{}"/></rdf:li>'
    "</rdf:Seq></C:Directory>"
)


@pytest.fixture(scope="module")
def plain() -> bytes:
    """H.264 with sound, as an Android phone writes it."""
    return film(tags=ANDROID)


def taken(content: bytes, name: str = "VID_1.MP4") -> Photo:
    return take_in(io.BytesIO(content), name, None).photo


def given(photo: Photo) -> bytes:
    """What readers get of a film."""
    assert photo.clip.state is ClipState.READY, photo.clip.failure
    return storage.get(storage.clip_key(photo.media_key))


def shown(content: bytes) -> tuple[Image.Image, str, list[str]]:
    """The first picture as a player shows it, its codec, and those of the sound."""
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        image = frame.to_image().rotate(frame.rotation, expand=True)
        return image, stream.codec_context.name, [s.codec_context.name for s in container.streams.audio]


def test_a_film_is_kept_described_and_given_as_a_copy(app, plain):
    photo = taken(plain)
    assert photo.is_film
    assert (photo.width, photo.height, photo.state) == (160, 120, PhotoState.READY)
    assert photo.taken_local.isoformat() == "2024-05-17T00:30:16"
    assert (photo.utc_offset_s, photo.position.lat, photo.position.lon) == (0, 41.5, 129.75)
    assert (photo.clip.duration_s, photo.clip.plays_as_it_is, photo.clip.progress) == (1.0, True, 1.0)
    assert photo.film == f"/media/{photo.media_key}/clip.mp4"
    assert storage.get(storage.original_key(photo.sha256, photo.format)) == plain
    poster = Image.open(io.BytesIO(storage.get(storage.rendition_key(photo.media_key, 160, "jpg"))))
    assert is_scene(poster)


def test_an_iphone_writes_the_local_time_its_zone_and_its_place(app):
    photo = taken(film(container="mov", sound="pcm_s16le", tags=APPLE), "IMG_1.MOV")
    assert (photo.format, photo.camera) == ("mov", "Apple iPhone 15")
    assert (photo.taken_local.isoformat(), photo.utc_offset_s) == ("2024-05-17T09:30:15", 32_400)
    assert (photo.position.lat, photo.position.lon, photo.position.ele) == (41.5, 129.75, 12.0)
    assert photo.clip.plays_as_it_is is False  # browsers do not play its sound
    assert shown(given(photo))[1:] == ("h264", ["aac"])
    db.session.expire_all()
    assert photo.file_says["film"]["com.apple.quicktime.model"] == "iPhone 15"


def test_a_reader_s_copy_says_neither_where_nor_when(app, plain):
    assert b"x264" in plain  # a message between the pictures, which cameras use too
    assert b"x264" not in given(taken(plain))
    for content in (plain, film(container="mov", tags=APPLE, rotation=-90), film("libx265", tags=ANDROID)):
        copy = given(taken(content))
        assert not [word for word in (b"41.5", b"129.75", b"2024", b"iPhone", b"Lavf") if word in copy]
        with av.open(io.BytesIO(copy)) as container:
            assert "creation_time" not in container.metadata
        assert copy.index(b"moov") < copy.index(b"mdat")  # playing begins before all is there


@pytest.mark.parametrize(
    ("options", "codec"),
    [
        ({"rotation": -90}, "h264"),  # taken over, turned by the player
        ({"rotation": -90, "codec": "libx265"}, "h264"),
        ({"rotation": -90, "codec": "prores_ks", "pixels": "yuv422p10le", "container": "mov"}, "h264"),
        ({"rotation": -90, "codec": "mpeg4"}, "h264"),
        ({"rotation": -90, "codec": "libx265", "pixels": "yuv420p10le"}, "h264"),
    ],
)
def test_films_stand_upright_whatever_they_were_made_of(app, options, codec):
    """Turned by a quarter clockwise: what was below is left, what was left is above."""
    photo = taken(film(**options))
    assert (photo.width, photo.height) == (120, 160)
    poster = Image.open(io.BytesIO(storage.get(storage.rendition_key(photo.media_key, 120, "jpg"))))
    image, found, sound = shown(given(photo))
    assert (found, sound) == (codec, ["aac"])
    for picture in (poster, image):
        assert picture.size == (120, 160)
        for colour, wanted in zip(corners(picture)[:2], (BLUE, RED), strict=True):
            assert all(abs(a - b) < 25 for a, b in zip(colour, wanted, strict=True))


def test_a_film_larger_than_readers_need_becomes_1080p(app):
    photo = taken(film(size=(2560, 1440), seconds=0.2, sound=None))
    assert (photo.width, photo.height) == (2560, 1440)
    assert shown(given(photo))[0].size == (1920, 1080)


def test_a_film_of_one_picture_has_a_poster(app):
    assert taken(film(seconds=0.1, sound=None)).is_ready


def test_any_part_of_a_film_can_be_asked_for(app, visitor, plain):
    photo = taken(plain)
    whole = given(photo)
    answer = visitor.client.get(photo.film)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, whole, "video/mp4")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "immutable" in answer.headers["Cache-Control"]
    part = visitor.client.get(photo.film, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.data) == (206, whole[100:300])
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(whole)}"
    end = visitor.client.get(photo.film, headers={"Range": "bytes=-50"})
    assert (end.status_code, end.data) == (206, whole[-50:])
    assert visitor.client.get(photo.film, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    seen = visitor.client.get(photo.film, headers={"If-None-Match": answer.headers["ETag"]})
    assert (seen.status_code, seen.data) == (304, b"")
    assert visitor.client.get(f"/media/{'0' * 64}/clip.mp4").status_code == 404


def test_films_may_lie_in_a_bucket(app, visitor, plain):
    app.extensions["storage"] = storage.make_store("memory:///")
    photo = taken(plain)
    part = visitor.client.get(photo.film, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, b"ftyp")


@pytest.mark.parametrize("said", [MICRO_VIDEO, CONTAINER], ids=["micro video", "container"])
def test_a_motion_photo_keeps_its_still_and_its_moving_part(app, plain, said):
    still = saved(scene()).getvalue()
    photo = taken(with_segments(still, xmp_segment(said.format(len(plain)))) + plain, "PXL_1.MP.jpg")
    assert (photo.is_film, photo.width, photo.height) == (False, 480, 320)
    assert photo.clip.is_motion
    image, codec, sound = shown(given(photo))
    assert is_scene(image, tolerance=25)
    assert (codec, sound) == ("h264", [])  # what was said beside the camera is nobody's business
    assert b"129.75" not in given(photo)


def test_a_motion_photo_whose_numbers_are_wrong_is_searched(app, plain):
    still = with_segments(saved(scene()).getvalue(), xmp_segment(MICRO_VIDEO.format(1024)))
    assert taken(still + bytes(5_000) + plain).clip.duration_s == 1.0


def test_samsung_s_motion_photos_are_known_by_their_end(app, plain):
    photo = taken(saved(scene()).getvalue() + b"\x00\x00\x30\x0aMotionPhoto_Data" + plain + b"SEFH..SEFT")
    assert photo.clip.state is ClipState.READY


@pytest.mark.parametrize("behind", [b"", b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 3_000])
def test_a_broken_motion_photo_is_still_a_photo(app, behind):
    still = with_segments(saved(scene()).getvalue(), xmp_segment(MICRO_VIDEO.format(max(1024, len(behind)))))
    photo = taken(still + behind)
    assert (photo.clip, photo.state) == (None, PhotoState.READY)
    assert "moving part" in photo.problems[-1]
    assert "The photo is whole." in photo.problems[-1]


def test_a_photo_with_hidden_parts_keeps_still(app, visitor, plain):
    still = with_segments(saved(scene()).getvalue(), xmp_segment(MICRO_VIDEO.format(len(plain))))
    photo = taken(still + plain)
    before = photo.film
    photo.hidden_regions.append(HiddenRegion(corners=[[0.1, 0.1], [0.4, 0.4]]))
    photo.media_key = media_key(photo.sha256, [region.region for region in photo.hidden_regions])
    db.session.commit()
    app.extensions["jobs"].sweep_now()
    assert photo.film is None
    assert visitor.client.get(before).status_code == 404
    assert visitor.client.get(f"/media/{photo.media_key}/clip.mp4").status_code == 404
    photo.hidden_regions.clear()
    photo.media_key = media_key(photo.sha256)
    db.session.commit()
    app.extensions["jobs"].sweep_now()
    db.session.expire_all()
    assert visitor.client.get(photo.film).status_code == 200


def begins_with(*brands: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brands[0] + b"\x00\x00\x02\x00" + b"isommp42"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (begins_with(b"mp42") + b"\xff" * 4_000, "damaged"),
        (begins_with(b"qt  "), "damaged"),
        (b"\x00\x00\x00\x08wide" + b"\x00" * 300, "damaged"),
    ],
)
def test_what_is_no_film_is_refused_in_words(app, content, why):
    with pytest.raises(RefusedFile, match=why):
        taken(content)
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0


def test_sound_alone_is_no_film(app):
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as made:
        heard = made.add_stream("aac", rate=44_100, layout="mono")
        for number in range(3):
            silence = np.zeros((1, 1024), dtype="float32")
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, 1024 * number
            made.mux(heard.encode(frame))
        made.mux(heard.encode(None))
    with pytest.raises(RefusedFile, match="no moving picture"):
        taken(file.getvalue())


def test_a_film_larger_than_the_setting_is_refused(app, plain):
    app.config["MAX_VIDEO_MB"] = "0.001"
    with pytest.raises(RefusedFile, match="films of up to"):
        taken(plain)


def test_a_playlist_that_calls_itself_a_film_opens_no_other_file(app, tmp_path):
    """FFmpeg would follow it to any file or address, were it left to guess what a file is."""
    playlist = f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path / 'secret'}\n".encode()
    with pytest.raises(RefusedFile):
        probed(tmp_path, playlist)


def probed(folder: Path, content: bytes) -> films.Film:
    path = folder / "film"
    path.write_bytes(content)
    with path.open("rb") as file:
        return films.probe(file)


def test_cut_and_changed_films_end_in_a_film_or_a_reason(app, tmp_path, plain):
    """Bytes changed in the index and in the pictures, the end cut off: always an answer."""
    answers = set()
    for number in range(12):
        changed = bytearray(plain[: len(plain) - 200 * (number % 3)])
        for step in range(6):
            changed[(number * 977 + step * 3331) % len(changed)] ^= 0xFF
        try:
            answers.add(type(probed(tmp_path, bytes(changed))).__name__)
        except RefusedFile as refusal:
            answers.add(type(refusal).__name__)
    assert answers <= {"Film", "RefusedFile"}


def test_a_copy_that_was_killed_is_made_again(app, monkeypatch, plain):
    photo = taken(plain)
    # What a worker that was killed in the middle leaves: a state, a part of a file.
    conversion.unfinished(photo.clip.id).write_bytes(plain[:500])
    db.session.execute(
        update(Clip).values(
            state=ClipState.PROCESSING,
            processing_since=now() - timedelta(minutes=1),
            media_key=None,
            progress=0.4,
        )
    )
    db.session.commit()
    app.extensions["jobs"].sweep_now()
    assert photo.clip.state is ClipState.PROCESSING  # it may be alive
    db.session.execute(update(Clip).values(processing_since=now() - conversion.SILENCE))
    db.session.commit()
    app.extensions["jobs"].sweep_now()
    db.session.expire_all()
    assert shown(given(photo))[1] == "h264"
    assert not conversion.unfinished(photo.clip.id).exists()
    jobs.wake(conversion.convert, photo.clip.id)  # twice is harmless
    assert photo.clip.attempts == 0


def test_a_process_that_is_killed_leaves_the_film_waiting(app, monkeypatch, plain):
    """The system may kill it for its memory; three times, and the author is told."""
    monkeypatch.setattr(films, "PROGRAM", Path("/dev/null"))
    monkeypatch.setattr(films, "probe", lambda *_args: films.Film(1.0, 160, 120, "h264", "aac", True, {}))
    photo = taken(plain)
    for _ in range(conversion.MOST_ATTEMPTS):
        assert photo.clip.state is ClipState.UPLOADED
        app.extensions["jobs"].sweep_now()
        db.session.expire_all()
    assert photo.clip.state is ClipState.FAILED
    assert "interrupted each time" in photo.clip.failure
    monkeypatch.undo()
    assert taken(plain).clip.state is ClipState.READY  # the same file once more tries again


def test_the_server_loads_no_ffmpeg():
    code = "import sys, wsgi; print([name for name in sys.modules if name == 'av' or name.startswith('av.')])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_films_and_motion_photos_of_others(app, shared_data):
    phones = shared_data / "phones"
    train = taken((phones / "train.mov").read_bytes(), "train.mov")
    assert (train.camera, train.utc_offset_s) == ("Apple iPhone 6s", 3600)
    assert train.position.lat == pytest.approx(52.2097)
    copy = given(train)
    assert not [word for word in (b"52.2097", b"iPhone", b"2021", b"mebx") if word in copy]
    assert shown(given(taken((phones / "sample-5s.mp4").read_bytes())))[1:] == ("h264", ["aac"])
    broken = taken((phones / "google_motion_photo_broken.jpg").read_bytes(), "google.jpg")
    assert (broken.clip, broken.state) == (None, PhotoState.READY)
    assert "lost its moving part" in broken.problems[-1]
