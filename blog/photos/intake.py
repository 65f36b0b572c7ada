"""Taking a photo in: received under no name, hashed as it grows, checked, kept, and then committed."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog import jobs
from blog.accounts.models import Person
from blog.db import db
from blog.photos import films, storage, workshop
from blog.photos.clips import Clip, ClipState
from blog.photos.conversion import convert
from blog.photos.exif import plain_text
from blog.photos.films import Film
from blog.photos.filmtags import read_film_tags
from blog.photos.formats import (
    HEAD_BYTES,
    MAX_BYTES,
    PhotoFormat,
    RefusedFile,
    check_pixels,
    recognise_film,
    too_many_bytes,
)
from blog.photos.metadata import Metadata
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.rendering import keep_renditions, render
from blog.photos.renditions import Rendered, Verified, verify
from blog.web.addresses import LARGEST_ID

CHUNK_BYTES = 1_000_000
LONGEST_S = 18  # for one file: whoever sends it waits for it


@dataclass(frozen=True)
class TakenIn:
    """`is_new` is false where the same bytes had been taken in before."""

    photo: Photo
    is_new: bool


def take_in(stream: BinaryIO, file_name: str, uploaded_by: Person | None) -> TakenIn:
    """Keep one photo or film, commit it, and have made what readers get of it.

    A photo has its smallest rendition at once. Raises `RefusedFile`, in words for the user, for what is
    neither.
    """
    with received(stream) as (file, sha256):
        photo, is_new = find(sha256), False
        if photo:
            keep_original(file, sha256, photo.format)
        else:
            photo, is_new = take_in_new(file, sha256, file_name, uploaded_by)
    photo.restore()  # whoever sends a binned photo again wants it
    clip = photo.clip
    if photo.state is PhotoState.FAILED:
        photo.try_again()
    if clip and clip.state is ClipState.FAILED:
        clip.try_again()
    photo_id, waits = photo.id, photo.state is PhotoState.UPLOADED
    clip_id = clip.id if clip and clip.state is ClipState.UPLOADED else None
    db.session.commit()
    if waits:
        jobs.wake(render, photo_id)
    if clip_id:
        jobs.wake(convert, clip_id)
    return TakenIn(photo, is_new)


def take_in_new(
    file: BinaryIO, sha256: str, file_name: str, uploaded_by: Person | None
) -> tuple[Photo, bool]:
    """The photo or film of bytes that nobody sent before, and whether it is new after all."""
    photo, first = film(file) or still(file)
    photo.sha256, photo.media_key = sha256, media_key(sha256)
    photo.file_name, photo.byte_size = shown_name(file_name), file.seek(0, 2)
    photo.uploaded_by_id = uploaded_by.id if uploaded_by else None
    keep_original(file, sha256, photo.format)
    if first:
        keep_renditions(photo.media_key, first)
    return find_or_create(photo)


@contextmanager
def received(stream: BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """(file, SHA-256) of all bytes of `stream`. The file has no name: a killed process leaves nothing.

    A file on the disk is not copied.
    """
    if isinstance(stream, BufferedReader):
        stream.seek(0)
        yield stream, hashlib.file_digest(stream, "sha256").hexdigest()
        return
    folder = Path(current_app.config["INSTANCE"])
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(dir=folder) as file:
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > max(MAX_BYTES, max_film_bytes()):
                raise RefusedFile(too_many_bytes())
            digest.update(chunk)
            file.write(chunk)
        yield file, digest.hexdigest()


def keep_original(file: BinaryIO, sha256: str, photo_format: PhotoFormat) -> None:
    key = storage.original_key(sha256, photo_format)
    if not storage.exists(key):
        storage.put_file(key, file)


def max_film_bytes() -> int:
    """The most that a film may weigh: no more than the database's numbers hold."""
    return min(int(float(current_app.config["MAX_VIDEO_MB"]) * 1_000_000), LARGEST_ID)


def still(file: BinaryIO) -> tuple[Photo, Rendered | None]:
    """A photo as its file shows it, not yet in the session, and its smallest rendition."""
    most = max_megapixels()
    verified: Verified = workshop.do(
        verify, file, most, seconds=LONGEST_S, megabytes=workshop.megabytes_for(most)
    )
    photo = described(verified.format, verified.width, verified.height, verified.metadata)
    photo.show(verified.first)
    if verified.claims_motion:
        add_moving_part(photo, file, verified.film_offset)
    return photo, verified.first


def film(file: BinaryIO) -> tuple[Photo, Rendered | None] | None:
    """A film likewise; None where the file is none."""
    file.seek(0)
    film_format, size = recognise_film(file.read(HEAD_BYTES)), file.seek(0, 2)
    if film_format is None:
        return None
    if size > max_film_bytes():
        most = max_film_bytes() // 1_000_000
        raise RefusedFile(f"This film has {size // 1_000_000} MB. Roadbook takes films of up to {most} MB.")
    found = films.probe(file)
    check_pixels(found.width, found.height, max_megapixels())
    photo = described(film_format, found.width, found.height, read_film_tags(found.tags))
    photo.clip = clip_of(found, 0, size)
    return photo, None


def max_megapixels() -> int:
    return int(current_app.config["MAX_MEGAPIXELS"])


def described(photo_format: PhotoFormat, width: int, height: int, metadata: Metadata) -> Photo:
    photo = Photo(format=photo_format, width=width, height=height)
    photo.take_over(metadata)
    return photo


def add_moving_part(photo: Photo, file: BinaryIO, offset: int | None) -> None:
    """Note the film in a motion photo. One that is damaged or gone takes nothing from the photo."""
    if offset is None:
        photo.problems = [*photo.problems, "This motion photo has lost its moving part. The photo is whole."]
        return
    try:
        photo.clip = clip_of(films.probe(file, offset), offset, file.seek(0, 2) - offset)
    except RefusedFile:
        photo.problems = [*photo.problems, "The moving part of this photo is damaged. The photo is whole."]


def clip_of(film: Film, offset: int, byte_size: int) -> Clip:
    return Clip(
        duration_s=film.duration_s,
        width=film.width,
        height=film.height,
        video_codec=film.video_codec,
        audio_codec=film.audio_codec,
        plays_as_it_is=film.plays_as_it_is,
        offset=offset,
        byte_size=byte_size,
        state=ClipState.UPLOADED,
    )


def shown_name(file_name: str) -> str:
    """The last part of a name as some browser or disk gave it, fit to be shown and kept."""
    name = re.split(r"[\\/]", file_name)[-1]
    return (plain_text(name) or "photo").replace("\n", " ")[-255:]


def find_or_create(photo: Photo) -> tuple[Photo, bool]:
    """The photo of these bytes, and whether it is new. Two uploads at once make one (unique constraint)."""
    known = find(photo.sha256)
    if known:
        return known, False
    sha256 = photo.sha256
    try:
        with db.session.begin_nested():  # so that what the caller has not committed yet survives
            db.session.add(photo)
    except IntegrityError:
        return db.session.scalars(select(Photo).where(Photo.sha256 == sha256)).one(), False
    return photo, True


def find(sha256: str) -> Photo | None:
    return db.session.scalar(select(Photo).where(Photo.sha256 == sha256))
