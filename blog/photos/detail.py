"""Any part of a photo at any size: from its tiles, which are cut when somebody first looks closely.

Work is bounded, whoever asks and however often: one photo is cut at a time on a machine, two pictures are
composed at a time in a process, and all others are told to come back. Only tiles are kept, so a photo never
takes more room than about its own pixels once more.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from flask import current_app
from sqlalchemy import select

from blog.db import db
from blog.photos import films, storage, workshop
from blog.photos.iiif import ImageRequest, Tile
from blog.photos.models import Photo
from blog.photos.pyramid import compose, cut
from blog.photos.rendering import picture_of

places = BoundedSemaphore(2)
LONGEST_S = 60


class Busy(Exception):
    """Others are being served; worth trying again in a moment."""


def picture(photo: Photo, request: ImageRequest) -> bytes:
    """What is asked for of the photo, as readers may see it.

    Raises `Busy`, `RefusedFile` for a photo that cannot be cut, `FileNotFoundError` without its original.
    """
    key = photo.media_key

    def read(tile: Tile) -> bytes:
        return storage.get(storage.tile_key(key, tile))

    if tile := request.tile:
        try:
            return read(tile)
        except FileNotFoundError:
            pass
    with place():
        try:
            return read(tile) if tile else compose(request, read)
        except FileNotFoundError:
            try:
                cut_tiles(photo)
            except films.Interrupted as error:
                raise Busy from error
        return read(tile) if tile else compose(request, read)


@contextmanager
def place() -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        places.release()


def cut_tiles(photo: Photo) -> None:
    """Cut and keep all tiles of a photo. Done twice, it gives the same."""
    photo_id, key, orientation = photo.id, photo.media_key, photo.orientation
    hidden, most = photo.regions_hidden, workshop.megabytes_for(photo.megapixels)
    full = photo.width, photo.height
    with alone(), picture_of(photo) as original:
        tiles = workshop.do(cut, original, orientation, hidden, full, seconds=LONGEST_S, megabytes=most)
        db.session.rollback()  # to see what others committed meanwhile
        if db.session.scalar(select(Photo.media_key).where(Photo.id == photo_id)) != key:
            raise Busy  # something was hidden in it meanwhile: these pixels are not to be kept
        for tile, tile_content in tiles:
            storage.put(storage.tile_key(key, tile), tile_content)


@contextmanager
def alone() -> Iterator[None]:
    """For one process of the machine at a time. Raises `Busy` for the others."""
    with (Path(current_app.config["INSTANCE"]) / "tiles.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield
