"""The jobs that make renditions and delete old ones. They may be killed at any line and run again."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

from flask import current_app
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import ColumnElement

from blog import jobs
from blog.db import db, now
from blog.photos import films, renditions, storage, workshop
from blog.photos.formats import RefusedFile
from blog.photos.models import Photo, PhotoState, RetiredMedia, media_key
from blog.photos.renditions import Rendered, RenditionFormat

LONGEST_S = 180  # for one photo
MOST_ATTEMPTS = 3
LONGEST = timedelta(minutes=10)
MOST_AT_A_SWEEP = 100  # those of a large upload wait in the queue already


@jobs.task
def render(photo_id: int) -> None:
    """Make all renditions of a photo that waits for them; nothing for one that does not."""
    photo = claim(photo_id)
    if photo is None:
        return
    key, rendered, failure = photo.media_key, None, None
    if photo.attempts > MOST_ATTEMPTS:
        failure = "Roadbook tried three times to prepare this photo and was interrupted each time."
    else:
        try:
            rendered = make_renditions(photo, key, widths_there(photo))
        except RefusedFile as refusal:
            failure = str(refusal)
        except FileNotFoundError:
            failure = "The original of this photo is missing."
        except films.Interrupted:
            pass
    if not held(photo, key, PhotoState.PROCESSING):
        drop(photo, key)
    elif rendered:
        photo.finish(rendered)
    elif failure:
        photo.fail(failure)
    else:
        photo.state, photo.processing_since = PhotoState.UPLOADED, None  # the sweep wakes it again
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
        storage.delete_prefix(storage.renditions_prefix(key))
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


def make_renditions(photo: Photo, key: str, there: tuple[int, ...] = ()) -> Rendered:
    """Make and keep the renditions of a photo under `key`, but for the widths that are `there`.

    Raises `RefusedFile`, `FileNotFoundError` where the original is lost, and `films.Interrupted`.
    """
    with picture_of(photo) as picture:
        rendered: Rendered = workshop.do(
            renditions.render,
            picture,
            photo.orientation,
            photo.regions_hidden,
            photo.files_credit,
            there,
            seconds=LONGEST_S,
            megabytes=workshop.megabytes_for(photo.megapixels),
        )
    keep_renditions(key, rendered)
    return rendered


@contextmanager
def picture_of(photo: Photo) -> Iterator[BinaryIO]:
    """What readers' pictures are made of, as a file on the disk: the original, or the poster of a film."""
    with storage.opened(storage.original_key(photo.sha256, photo.format)) as original:
        if not photo.is_film:
            yield original
            return
        with tempfile.TemporaryFile(dir=current_app.config["INSTANCE"]) as poster:
            poster.write(films.poster(original))
            yield poster


def keep_renditions(key: str, rendered: Rendered) -> None:
    for rendition in rendered.renditions:
        storage.put(storage.rendition_key(key, rendition.width, rendition.format), rendition.content)


def widths_there(photo: Photo) -> tuple[int, ...]:
    """The widths of which every file is there already, such as the one made on arrival."""
    return tuple(
        width
        for width in photo.widths
        if all(
            storage.exists(storage.rendition_key(photo.media_key, width, kind)) for kind in RenditionFormat
        )
    )


def held(photo: Photo, key: str, state: PhotoState) -> bool:
    """Whether the photo is still as it was when the work on it began; until the commit it stays so.

    Somebody may have hidden a part of it meanwhile: what was made then shows too much.
    """
    same = db.session.scalar(
        update(Photo)
        .where(Photo.id == photo.id, Photo.media_key == key, Photo.state == state)
        .values(failure=None)
        .returning(Photo.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(photo)
    return same is not None


def drop(photo: Photo, key: str) -> None:
    """Delete what was made under a key that is not the photo's any more."""
    if photo.media_key != key:
        storage.delete_prefix(storage.renditions_prefix(key))


def rebuild(photo: Photo) -> None:
    """Make all renditions of a photo again, under its key of today; until then readers see the old.

    Raises what `make_renditions` does, and leaves the photo as it was.
    """
    old, state, new = photo.media_key, photo.state, media_key(photo.sha256, photo.regions_hidden)
    rendered = make_renditions(photo, new)
    if not held(photo, old, state):
        db.session.commit()
        drop(photo, new)
        return
    if old != new:
        photo.move_to(new)
    photo.finish(rendered)
    db.session.commit()
    clear_retired()
