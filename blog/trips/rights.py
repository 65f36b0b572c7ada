"""Whose photos these are: those that an author uploaded or has on a trip; to the owner of the site, all."""

from sqlalchemy import ColumnElement, or_, select, true

from blog.accounts.models import Person, Role
from blog.photos.models import Photo
from blog.trips.models import Trip, TripPhoto


def is_own_photo(person: Person) -> ColumnElement[bool]:
    """Whether a photo is this person's: to be described, moved, downloaded and deleted."""
    if person.role is Role.OWNER:
        return true()
    on_own_trips = select(TripPhoto.photo_id).join(Trip).where(Trip.owner_id == person.id)
    return or_(Photo.uploaded_by_id == person.id, Photo.id.in_(on_own_trips))


def is_own_trip(person: Person) -> ColumnElement[bool]:
    return true() if person.role is Role.OWNER else Trip.owner_id == person.id
