"""The bin: photos that readers no longer get, and that are deleted with their files after thirty days."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, true, update

from blog import jobs
from blog.accounts.models import Person, Role
from blog.db import db, now
from blog.photos import storage
from blog.photos.models import Photo
from blog.posts.models import Post, PostPhoto
from blog.trips.models import Trip, TripPhoto
from blog.trips.rights import is_own_photo
from blog.trips.solving import solve

KEPT_FOR = timedelta(days=30)
MOST_AT_A_SWEEP = 100


def may_bin(person: Person) -> ColumnElement[bool]:
    """Whether a photo is this person's alone: uploaded by them, on nobody else's trip, in no other's post."""
    if person.role is Role.OWNER:
        return true()
    on_others_trips = select(TripPhoto.photo_id).join(Trip).where(Trip.owner_id != person.id)
    in_others_posts = (
        select(PostPhoto.photo_id).join(Post, Post.id == PostPhoto.post_id).where(Post.author_id != person.id)
    )
    return and_(
        or_(Photo.uploaded_by_id == person.id, Photo.uploaded_by_id.is_(None)),
        Photo.id.not_in(on_others_trips),
        Photo.id.not_in(in_others_posts),
    )


def in_bin(person: Person) -> ColumnElement[bool]:
    """Whether a photo lies in this person's bin and can still be taken out."""
    return and_(is_own_photo(person), Photo.binned_at > now() - KEPT_FOR)


def bin_photos(photos: Sequence[Photo]) -> datetime:
    """Put photos into the bin together: their one time, by which they come back together. Does not commit."""
    moment = now()
    for photo in photos:
        photo.bin(moment)
    settle(photos)
    return moment


def restore(photos: Sequence[Photo]) -> None:
    """Take photos out of the bin: they are on their trips and in their posts as before. Does not commit."""
    for photo in photos:
        photo.restore()
    settle(photos)


def settle(photos: Iterable[Photo]) -> None:
    """Place the trips of these photos again, and let their posts see what they show."""
    ids = [photo.id for photo in photos]
    db.session.flush()
    trips = select(TripPhoto.trip_id).where(TripPhoto.photo_id.in_(ids))
    for trip in db.session.scalars(select(Trip).where(Trip.id.in_(trips))).all():
        solve(trip)
    posts = select(PostPhoto.post_id).where(PostPhoto.photo_id.in_(ids))
    for post in db.session.scalars(select(Post).where(Post.id.in_(posts))).all():
        post.look_again()


@jobs.sweep
def empty_bin() -> None:
    """Delete what has been in the bin for thirty days. May be killed at any line and run again."""
    overdue = select(Photo.id).where(Photo.binned_at <= now() - KEPT_FOR).order_by(Photo.binned_at)
    for photo_id in db.session.scalars(overdue.limit(MOST_AT_A_SWEEP)).all():
        delete_for_good(photo_id)


def delete_for_good(photo_id: int) -> None:
    """Delete a photo that is still overdue, and all its files. Commits.

    The row goes first and holds the door until the files are gone: nobody takes the same photo in meanwhile.
    """
    db.session.execute(update(Post).where(Post.lead_photo_id == photo_id).values(lead_photo_id=None))
    gone = db.session.execute(
        delete(Photo)
        .where(Photo.id == photo_id, Photo.binned_at <= now() - KEPT_FOR)
        .returning(Photo.sha256, Photo.format, Photo.media_key)
    ).one_or_none()
    if gone:
        storage.delete_prefix(storage.renditions_prefix(gone.media_key))
        storage.delete(storage.original_key(gone.sha256, gone.format))
    db.session.commit()
