"""Taking a photo in: received under no name, hashed as it grows, checked, kept, and then committed."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog import jobs
from blog.accounts.models import Person
from blog.db import db
from blog.photos import films, storage
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
    check,
    check_pixels,
    open_photo,
    recognise_film,
    too_many_bytes,
)
from blog.photos.metadata import Metadata, read_metadata
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.motion import claims_motion, find_film
from blog.photos.rendering import render
from blog.photos.renditions import upright_size
from blog.photos.xmp import read_xmp

CHUNK_BYTES = 1_000_000


@dataclass(frozen=True)
class TakenIn:
    """`is_new` is false where the same bytes had been taken in before."""

    photo: Photo
    is_new: bool


def take_in(stream: BinaryIO, file_name: str, uploaded_by: Person | None) -> TakenIn:
    """Keep one photo or film, commit it, and have made what readers get of it.

    Raises `RefusedFile`, in words for the user, for what is no photo that Roadbook takes.
    """
    with received(stream) as (file, sha256):
        described = describe(file, sha256, file_name, uploaded_by)
        keep_original(file, storage.original_key(sha256, described.format))
        photo, is_new = find_or_create(described)
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


@contextmanager
def received(stream: BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """(file, SHA-256) of all bytes of `stream`. The file has no name: a killed process leaves nothing."""
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


def keep_original(file: BinaryIO, key: str) -> None:
    if not storage.exists(key):
        file.seek(0)
        storage.put(key, file)


def max_film_bytes() -> int:
    return int(float(current_app.config["MAX_VIDEO_MB"]) * 1_000_000)


def describe(file: BinaryIO, sha256: str, file_name: str, uploaded_by: Person | None) -> Photo:
    """The photo or film as its file shows it, not yet in the session. Raises `RefusedFile`."""
    file.seek(0)
    film_format = recognise_film(file.read(HEAD_BYTES))
    photo = describe_film(file, film_format) if film_format else describe_photo(file, check(file))
    photo.sha256, photo.media_key = sha256, media_key(sha256)
    photo.file_name, photo.byte_size = shown_name(file_name), file.seek(0, 2)
    photo.uploaded_by_id = uploaded_by.id if uploaded_by else None
    return photo


def describe_photo(file: BinaryIO, photo_format: PhotoFormat) -> Photo:
    metadata = read_metadata(file)
    image = open_photo(file)[1]
    width, height = upright_size(image.size, metadata.orientation)
    photo = described(photo_format, width, height, metadata)
    xmp = read_xmp(image)
    if claims_motion(file, xmp):
        add_moving_part(photo, file, find_film(file, xmp))
    return photo


def describe_film(file: BinaryIO, film_format: PhotoFormat) -> Photo:
    size = file.seek(0, 2)
    if size > max_film_bytes():
        most = max_film_bytes() // 1_000_000
        raise RefusedFile(f"This film has {size // 1_000_000} MB. Roadbook takes films of up to {most} MB.")
    film = films.probe(file)
    check_pixels(film.width, film.height)
    photo = described(film_format, film.width, film.height, read_film_tags(film.tags))
    photo.clip = clip_of(film, 0, size)
    return photo


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
