"""The job that makes a photo's renditions. It may be killed at any line and run again."""

import io
from datetime import timedelta
from typing import BinaryIO

from sqlalchemy import and_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from blog import jobs
from blog.db import db, now
from blog.photos import films, storage
from blog.photos.formats import RefusedFile
from blog.photos.models import Photo, PhotoState
from blog.photos.renditions import RenditionFormat, encode, prepare, step_down, summarise

MOST_ATTEMPTS = 3
LONGEST = timedelta(minutes=10)
MOST_AT_A_SWEEP = 100  # those of a large upload wait in the queue already


@jobs.task
def render(photo_id: int) -> None:
    """Make all renditions of a photo that waits for them; nothing for one that does not."""
    photo = claim(photo_id)
    if photo is None:
        return
    if photo.attempts > MOST_ATTEMPTS:
        photo.fail("Roadbook tried three times to prepare this photo and was interrupted each time.")
    else:
        try:
            make_renditions(photo)
        except RefusedFile as refusal:
            photo.fail(str(refusal))
        except films.Interrupted:
            photo.state, photo.processing_since = PhotoState.UPLOADED, None  # the sweep wakes it again
        except FileNotFoundError:
            photo.fail("The original of this photo is missing.")
    db.session.commit()


@jobs.sweep
def wake_leftovers() -> None:
    """Wake what a killed worker, or a wake-up that got lost, left behind."""
    oldest = select(Photo.id).where(waiting()).order_by(Photo.id).limit(MOST_AT_A_SWEEP)
    for photo_id in db.session.scalars(oldest).all():
        jobs.wake(render, photo_id)


def waiting() -> ColumnElement[bool]:
    """Uploaded, or being processed for so long that the worker must have died."""
    died = and_(Photo.state == PhotoState.PROCESSING, Photo.processing_since < now() - LONGEST)
    return or_(Photo.state == PhotoState.UPLOADED, died)


def claim(photo_id: int) -> Photo | None:
    """The photo, if it waits; from here on it waits for nobody else."""
    claimed = db.session.scalar(
        update(Photo)
        .where(Photo.id == photo_id, waiting())
        .values(state=PhotoState.PROCESSING, processing_since=now(), attempts=Photo.attempts + 1)
        .returning(Photo.id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return None if claimed is None else db.session.get_one(Photo, photo_id, populate_existing=True)


def picture_of(photo: Photo) -> BinaryIO:
    """What renditions are made of: the original, or the poster of a film."""
    key = storage.original_key(photo.sha256, photo.format)
    if not photo.is_film:
        return io.BytesIO(storage.get(key))
    with storage.opened(key) as film:
        return io.BytesIO(films.poster(film))


def make_renditions(photo: Photo) -> None:
    prepared, widths = prepare(picture_of(photo), photo.orientation)
    for image in step_down(prepared, widths):
        for rendition_format in RenditionFormat:
            key = storage.rendition_key(photo.media_key, image.width, rendition_format)
            storage.put(key, encode(image, rendition_format))
    photo.finish(widths, summarise(image))
