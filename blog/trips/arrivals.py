"""Taking in what has arrived: all whole uploads of a trip at once, and then one solving of its placement.

May be killed at any line and run again: an upload stays `received`, and its file where it is, until its
outcome is committed.
"""

import errno
import hashlib
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from blog import jobs
from blog.db import db
from blog.photos.uploads import Upload, UploadState
from blog.trips.intake import Outcome, Taken, describe, receive
from blog.trips.models import TrackFile, Trip, TripPhoto, not_binned
from blog.trips.solving import solve

MOST_AT_ONCE = 50
MOST_ATTEMPTS = 3
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = logging.getLogger(__name__)


def finish(upload: Upload) -> None:
    """Have an upload taken in if all of it is here. Commits."""
    if upload.state is UploadState.RECEIVING and upload.is_whole:
        upload.state = UploadState.RECEIVED
    db.session.commit()
    if upload.state is UploadState.RECEIVED:
        jobs.wake_first(take_in_uploads, int(upload.details["trip"]))


@jobs.task
def take_in_uploads(trip_id: int) -> None:
    """Take in a trip's uploads that are whole, and place its photos once for all of them."""
    with claimed(trip_id) as batch:
        trip = db.session.get(Trip, trip_id)
        kept = [upload for upload in batch if keep(trip, upload)]
        if trip and kept:
            solve(trip)
        for upload in kept:
            settle(trip, upload)
        db.session.commit()
        for upload in batch:
            # What was refused without a fault of its own stays until it expires.
            if upload.state is not UploadState.RECEIVED and upload.attempts <= MOST_ATTEMPTS:
                upload.path.unlink(missing_ok=True)
                if upload.state is UploadState.TAKEN:
                    drop_twins(upload)
        db.session.commit()


def drop_twins(upload: Upload) -> None:
    """Delete what was begun of the same file before: its sender never heard that it had been announced."""
    digest = upload.details.get("sha256")
    twins = select(Upload).where(
        Upload.person_id == upload.person_id,
        Upload.state == UploadState.RECEIVING,
        Upload.details["trip"].as_string() == str(upload.details["trip"]),
        Upload.details["sha256"].as_string() == digest,
    )
    for twin in db.session.scalars(twins).all() if digest else ():
        twin.path.unlink(missing_ok=True)
        db.session.delete(twin)


@contextmanager
def claimed(trip_id: int) -> Iterator[list[Upload]]:
    """The trip's uploads that wait, but for those that another worker is taking in just now."""
    waiting = (
        select(Upload)
        .where(Upload.state == UploadState.RECEIVED, Upload.details["trip"].as_string() == str(trip_id))
        .order_by(Upload.id)
        .limit(MOST_AT_ONCE)
    )
    with ExitStack() as claims:
        uploads = [one for one in db.session.scalars(waiting).all() if claims.enter_context(one.claim())]
        for upload in uploads:
            db.session.refresh(upload)
        yield [upload for upload in uploads if upload.state is UploadState.RECEIVED]


def keep(trip: Trip | None, upload: Upload) -> bool:
    """Keep the file of one upload, and remember that; whether the trip has to be solved for it. Commits."""
    if upload.outcome:  # kept before, by a worker that was killed
        return True
    try:
        upload.attempts += 1
        db.session.commit()
        with force_locale(upload.details["locale"]):
            upload.outcome = as_outcome(taken_of(trip, upload))
        if upload.outcome["outcome"] == Outcome.REFUSED:
            upload.state = UploadState.REFUSED
        db.session.commit()
    except Exception as error:  # one file must not keep the others waiting
        log.exception("An upload could not be taken in: %s", upload.token)
        db.session.rollback()
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            upload.attempts = 0  # that is not the file's fault
            db.session.commit()
        return False
    return upload.state is UploadState.RECEIVED


def taken_of(trip: Trip | None, upload: Upload) -> Taken | int:
    """As `receive`, for an upload."""
    name = upload.file_name
    if trip is None:
        return Taken(name, Outcome.REFUSED, _("The trip for this file is gone."))
    if upload.attempts > MOST_ATTEMPTS:
        words = _("Roadbook tried three times to take this file in, and failed. The fault is ours.")
        return Taken(name, Outcome.REFUSED, words)
    try:
        with upload.path.open("rb") as file:
            announced = upload.details.get("sha256")
            if announced and announced != hashlib.file_digest(file, "sha256").hexdigest():
                words = _("It did not arrive as it was sent. Please choose it again.")
                return Taken(name, Outcome.REFUSED, words)
            file.seek(0)
            return receive(trip, name, file, upload.person)
    except FileNotFoundError:
        words = _("It was lost on the server. Please choose it again.")
        return Taken(name, Outcome.REFUSED, words)


def settle(trip: Trip | None, upload: Upload) -> None:
    """Say what became of a kept upload, after the trip was solved."""
    with force_locale(upload.details["locale"]):
        upload.outcome = as_outcome(outcome_of(trip, upload))
    upload.state = UploadState.TAKEN


def as_outcome(what: Taken | int) -> dict[str, object]:
    """As it is kept in `Upload.outcome`; for a photo that waits for the solving, only its number."""
    if not isinstance(what, Taken):
        return {"outcome": Outcome.KEPT.value, "message": "", "photo_id": what}
    return {
        "outcome": what.outcome.value,
        "message": what.message,
        "photo_id": what.photo_id,
        "asks": [track.id for track in what.asks],
    }


def outcome_of(trip: Trip | None, upload: Upload) -> Taken:
    """What became of an upload, as far as it is still true: a photo may have found its place since."""
    kept = upload.outcome or {}
    photo_id = kept.get("photo_id")
    if trip and photo_id and is_on(trip, photo_id):
        return describe(trip, upload.file_name, photo_id)
    asks = db.session.scalars(select(TrackFile).where(TrackFile.id.in_(kept.get("asks") or []))).all()
    return Taken(upload.file_name, Outcome(kept["outcome"]), kept["message"], asks=tuple(asks))


def is_on(trip: Trip, photo_id: int) -> bool:
    """Whether the trip shows the photo: it may have been taken off it since, or be in the bin."""
    row = select(TripPhoto.id).where(
        TripPhoto.trip_id == trip.id, TripPhoto.photo_id == photo_id, not_binned()
    )
    return db.session.scalar(row) is not None


@jobs.sweep
def wake_arrivals() -> None:
    """Wake what a killed server or worker left behind."""
    for upload in db.session.scalars(select(Upload).where(Upload.state == UploadState.RECEIVING)).all():
        if upload.is_whole:
            upload.state = UploadState.RECEIVED
    db.session.commit()
    waiting = select(Upload.details["trip"].as_string()).where(Upload.state == UploadState.RECEIVED)
    for trip_id in set(db.session.scalars(waiting)):
        jobs.wake_first(take_in_uploads, int(trip_id))
