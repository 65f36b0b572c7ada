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
from blog.photos import storage
from blog.photos.exif import plain_text
from blog.photos.formats import MAX_BYTES, PhotoFormat, RefusedFile, check, open_photo, too_many_bytes
from blog.photos.metadata import read_metadata
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.rendering import render
from blog.photos.renditions import upright_size

CHUNK_BYTES = 1_000_000


@dataclass(frozen=True)
class TakenIn:
    """`is_new` is false where the same bytes had been taken in before."""

    photo: Photo
    is_new: bool


def take_in(stream: BinaryIO, file_name: str, uploaded_by: Person | None) -> TakenIn:
    """Keep one photo, commit it, and have its renditions made.

    Raises `RefusedFile`, in words for the user, for what is no photo that Roadbook takes.
    """
    with received(stream) as (file, sha256):
        photo_format = check(file)
        keep_original(file, storage.original_key(sha256, photo_format))
        photo, is_new = find_or_create(describe(file, sha256, photo_format, file_name, uploaded_by))
    photo.restore()  # whoever sends a binned photo again wants it
    if photo.state is PhotoState.FAILED:
        photo.try_again()
    photo_id, waits = photo.id, photo.state is PhotoState.UPLOADED
    db.session.commit()
    if waits:
        jobs.wake(render, photo_id)
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
            if size > MAX_BYTES:
                raise RefusedFile(too_many_bytes())
            digest.update(chunk)
            file.write(chunk)
        yield file, digest.hexdigest()


def keep_original(file: BinaryIO, key: str) -> None:
    if not storage.exists(key):
        file.seek(0)
        storage.put(key, file)


def describe(
    file: BinaryIO, sha256: str, photo_format: PhotoFormat, file_name: str, uploaded_by: Person | None
) -> Photo:
    """The photo as its file shows it, not yet in the session."""
    metadata = read_metadata(file)
    width, height = upright_size(open_photo(file)[1].size, metadata.orientation)
    photo = Photo(
        sha256=sha256,
        media_key=media_key(sha256),
        file_name=shown_name(file_name),
        format=photo_format,
        byte_size=file.seek(0, 2),
        width=width,
        height=height,
        uploaded_by_id=uploaded_by.id if uploaded_by else None,
    )
    photo.take_over(metadata)
    return photo


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
