"""The jobs that make renditions and delete old ones. They may be killed at any line and run again."""

import io
from datetime import timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import ColumnElement

from blog import jobs
from blog.db import db, now
from blog.photos import storage
from blog.photos.formats import RefusedFile
from blog.photos.models import Photo, PhotoState, RetiredMedia
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
    key = photo.media_key
    if photo.attempts > MOST_ATTEMPTS:
        photo.fail("Roadbook tried three times to prepare this photo and was interrupted each time.")
    else:
        try:
            make_renditions(photo)
        except RefusedFile as refusal:
            photo.fail(str(refusal))
        except FileNotFoundError:
            photo.fail("The original of this photo is missing.")
    settle(photo, key)


def settle(photo: Photo, key: str) -> None:
    """Keep what came of it, unless a region was hidden or shown meanwhile: those files are nobody's."""
    with db.session.no_autoflush:
        still = db.session.scalar(
            update(Photo)
            .where(Photo.id == photo.id, Photo.media_key == key, Photo.state == PhotoState.PROCESSING)
            .values(attempts=Photo.attempts)  # from here to the commit nobody else changes the row
            .returning(Photo.id)
            .execution_options(synchronize_session=False)
        )
    if still is None:
        db.session.rollback()
    db.session.commit()


def renew(photo: Photo) -> None:
    """After the commit of a change of what is hidden: the old files go, new ones are made."""
    jobs.wake(clear_retired)
    jobs.wake(render, photo.id)


@jobs.task
@jobs.sweep
def clear_retired() -> None:
    """Delete the files under keys that no photo has any longer."""
    for key in db.session.scalars(select(RetiredMedia.media_key)).all():
        clear(key)


def clear(key: str) -> None:
    """Delete what lies under a retired key.

    The row stays for as long as a worker that began before may still write there; until the commit it keeps
    the photo from getting this key back.
    """
    row = db.session.scalar(
        update(RetiredMedia)
        .where(RetiredMedia.media_key == key)
        .values(retired_at=RetiredMedia.retired_at)
        .returning(RetiredMedia)
    )
    if row:
        storage.delete_prefix(storage.media_prefix(key))
        if row.retired_at < now() - LONGEST:
            db.session.delete(row)
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
    if claimed is None:
        return None
    # One question for both, so that the key names what is hidden whatever happens meanwhile.
    together = joinedload(Photo.hidden_regions)
    return db.session.get_one(Photo, photo_id, populate_existing=True, options=[together])


def make_renditions(photo: Photo) -> None:
    original = io.BytesIO(storage.get(storage.original_key(photo.sha256, photo.format)))
    hidden = [hidden.region for hidden in photo.hidden_regions]
    prepared, widths = prepare(original, photo.orientation, hidden)
    for image in step_down(prepared, widths):
        for rendition_format in RenditionFormat:
            key = storage.rendition_key(photo.media_key, image.width, rendition_format)
            storage.put(key, encode(image, rendition_format))
    photo.finish(widths, summarise(image))
