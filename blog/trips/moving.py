"""Photos from trip to trip. A place that somebody gave a photo by hand goes with it."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select

from blog.accounts.models import Person
from blog.db import db
from blog.photos.models import Photo
from blog.trips.models import SameMoment, Trip, TripPhoto
from blog.trips.rights import is_own_trip
from blog.trips.solving import solve


def put_on(photos: Sequence[Photo], trip: Trip, _by: Person) -> None:
    """Put photos on the trip as well, and place them there. Does not commit."""
    there = rows_of(photos, trip)
    db.session.add_all(
        TripPhoto(trip_id=trip.id, photo_id=photo.id) for photo in photos if photo.id not in there
    )
    db.session.flush()
    solve(trip)


def move_to(photos: Sequence[Photo], trip: Trip, by: Person) -> None:
    """Put photos on the trip and take them off the other trips of this person. Does not commit."""
    there = rows_of(photos, trip)
    ids = [photo.id for photo in photos]
    rows = db.session.scalars(
        select(TripPhoto)
        .join(Trip)
        .where(TripPhoto.photo_id.in_(ids), TripPhoto.trip_id != trip.id, is_own_trip(by))
        .order_by(TripPhoto.id)
    ).unique()
    left: dict[int, Trip] = {}
    for row in rows.all():
        left[row.trip_id] = row.trip
        if row.photo_id in there:
            db.session.delete(row)
        else:
            there.add(row.photo_id)
            row.trip = trip
    forget_moments(ids, list(left))
    put_on([photo for photo in photos if photo.id not in there], trip, by)
    for other in left.values():
        solve(other)


def rows_of(photos: Sequence[Photo], trip: Trip) -> set[int]:
    """The numbers of those that are on the trip already."""
    ids = [photo.id for photo in photos]
    on_trip = select(TripPhoto.photo_id).where(TripPhoto.trip_id == trip.id, TripPhoto.photo_id.in_(ids))
    return set(db.session.scalars(on_trip))


def forget_moments(ids: Sequence[int], trip_ids: Sequence[int]) -> None:
    """What was said of two photos of a trip counts no more once one of them has left it."""
    of_photos = or_(SameMoment.photo_id.in_(ids), SameMoment.other_photo_id.in_(ids))
    db.session.execute(delete(SameMoment).where(SameMoment.trip_id.in_(trip_ids), of_photos))
