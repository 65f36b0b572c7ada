"""The job that makes the copy of a film that readers get. It may be killed at any line and run again.

Readers never get the original's bytes: its place and time stand in them. A copy is made where the original
plays too, then without decoding anything.
"""

from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import and_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from blog import jobs
from blog.db import db, now
from blog.photos import films, storage
from blog.photos.clips import Clip, ClipState
from blog.photos.formats import RefusedFile
from blog.photos.models import Photo
from blog.photos.notes import HiddenRegion

MOST_ATTEMPTS = 3
SILENCE = timedelta(minutes=3)  # a living worker says how far it is every few seconds
SAID_EVERY = timedelta(seconds=2)
MOST_AT_A_SWEEP = 20


@jobs.task_aside
def convert(clip_id: int) -> None:
    """Make the copy of a film that waits for one; nothing for one that does not."""
    clip = claim(clip_id)
    if clip is None:
        return
    if clip.attempts > MOST_ATTEMPTS:
        clip.fail("Roadbook tried three times to prepare this film and was interrupted each time.")
    else:
        try:
            make_copy(clip)
        except RefusedFile as refusal:
            clip.fail(str(refusal))
        except FileNotFoundError:
            clip.fail("The original of this film is missing.")
        except films.Interrupted:
            clip.state, clip.processing_since = ClipState.UPLOADED, None  # the sweep wakes it again
    db.session.commit()


@jobs.sweep
def wake_waiting_films() -> None:
    for clip_id in db.session.scalars(
        select(Clip.id).where(waiting()).order_by(Clip.id).limit(MOST_AT_A_SWEEP)
    ):
        jobs.wake(convert, clip_id)


def waiting() -> ColumnElement[bool]:
    """Uploaded, made for a key that the photo had before, or silent for so long that its worker died.

    A photo with hidden parts keeps still: a moving picture would show them.
    """
    photo_key = select(Photo.media_key).where(Photo.id == Clip.photo_id).scalar_subquery()
    hides = select(HiddenRegion.id).where(HiddenRegion.photo_id == Clip.photo_id).exists()
    died = and_(Clip.state == ClipState.PROCESSING, Clip.processing_since < now() - SILENCE)
    is_old = and_(Clip.state == ClipState.READY, Clip.media_key != photo_key)
    return and_(or_(Clip.state == ClipState.UPLOADED, died, is_old), ~hides)


def claim(clip_id: int) -> Clip | None:
    """The clip, if it waits; from here on it waits for nobody else."""
    claimed = db.session.scalar(
        update(Clip)
        .where(Clip.id == clip_id, waiting())
        .values(state=ClipState.PROCESSING, processing_since=now(), progress=0.0, attempts=Clip.attempts + 1)
        .returning(Clip.id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return None if claimed is None else db.session.get_one(Clip, clip_id, populate_existing=True)


def make_copy(clip: Clip) -> None:
    photo = db.session.get_one(Photo, clip.photo_id)
    media_key, original = photo.media_key, storage.original_key(photo.sha256, photo.format)
    offset, is_motion = clip.offset, clip.is_motion
    target = unfinished(clip.id)
    db.session.commit()  # hours may pass: no transaction stays open
    try:
        with storage.opened(original) as file:
            byte_size = films.copy(file, target, Saying(clip.id), offset, is_silent=is_motion)
        with target.open("rb") as made:
            storage.put(storage.clip_key(media_key), made)
    finally:
        target.unlink(missing_ok=True)
    clip.finish(media_key, byte_size)


def unfinished(clip_id: int) -> Path:
    """Where a copy grows: always the same file, so that a killed worker leaves one at most."""
    folder = Path(current_app.config["INSTANCE"]) / "films"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{clip_id}.mp4"


class Saying:
    """Writes down how far a copy is, and that its worker lives; kept pages stay good meanwhile."""

    def __init__(self, clip_id: int) -> None:
        self.clip_id, self.said_at = clip_id, now()

    def __call__(self, part: float) -> None:
        if now() - self.said_at < SAID_EVERY:
            return
        self.said_at = now()
        db.session.execute(
            update(Clip)
            .where(Clip.id == self.clip_id, Clip.state == ClipState.PROCESSING)
            .values(progress=part, processing_since=self.said_at)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
