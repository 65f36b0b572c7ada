"""An author's photos: which of them are looked for, in which order, and one page of them by day."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import joinedload

from blog.accounts.models import Person
from blog.db import db
from blog.geo.basemap import Town, built_in
from blog.photos.models import Photo
from blog.posts.models import PostPhoto
from blog.trips.models import TripPhoto
from blog.trips.rights import is_own_photo

PAGE = 100
MOST_WORDS, MOST_TOWNS = 6, 8
NEAR_TOWN_DEG = 0.05  # of latitude: about 5 km
NO_TRIP = -1


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    ADDED = "added"


@dataclass(frozen=True)
class Wanted:
    """What is looked for. trip: its number, `NO_TRIP`, or 0 for all; None and "" leave a question open."""

    words: str = ""
    trip: int = 0
    day: int = 0
    camera: str = ""
    placed: bool | None = None
    used: bool | None = None
    captioned: bool | None = None
    order: Order = Order.NEWEST

    def rule(self, person: Person) -> ColumnElement[bool]:
        """Whether a photo is this person's, not in the bin, and as wanted."""
        conditions = [is_own_photo(person), Photo.binned_at.is_(None)]
        if self.trip == NO_TRIP:
            conditions.append(~exists().where(TripPhoto.photo_id == Photo.id))
        elif self.trip:
            conditions.append(self._on_trip())
        if self.camera:
            conditions.append(Photo.camera == self.camera)
        for wish, condition in (
            (self.placed, exists().where(TripPhoto.photo_id == Photo.id, TripPhoto.lat.is_not(None))),
            (self.used, exists().where(PostPhoto.photo_id == Photo.id)),
            (self.captioned, func.coalesce(Photo.caption, "") != ""),
        ):
            if wish is not None:
                conditions.append(condition if wish else ~condition)
        if self.words.strip():
            conditions.append(says(self.words))
        return and_(*conditions)

    def _on_trip(self) -> ColumnElement[bool]:
        row = exists().where(TripPhoto.photo_id == Photo.id, TripPhoto.trip_id == self.trip)
        return row.where(TripPhoto.day_number == self.day) if self.day else row

    def in_order(self, query: Select[Any]) -> Select[Any]:
        """By the time they were taken, those without one at the end; or as they came."""
        if self.order is Order.ADDED:
            return query.order_by(Photo.id.desc())
        found = select(func.min(TripPhoto.taken_at)).where(TripPhoto.photo_id == Photo.id)
        taken = func.coalesce(found.correlate(Photo).scalar_subquery(), Photo.taken_local)
        if self.order is Order.OLDEST:
            return query.order_by(taken.is_(None), taken, Photo.id)
        return query.order_by(taken.is_(None), taken.desc(), Photo.id.desc())


def says(text: str) -> ColumnElement[bool]:
    """Whether all words stand in what a photo says of itself, or it was taken near a town of that name."""
    words = text.split()[:MOST_WORDS]
    whole = " ".join(words)
    towns = built_in().towns.named([*words, whole], MOST_TOWNS)
    by_word = [says_word(word, towns) for word in words]
    return or_(and_(*by_word), *(taken_near(town) for town in towns if is_named(town, whole)))


def says_word(word: str, towns: Sequence[Town]) -> ColumnElement[bool]:
    texts = (Photo.caption, Photo.alt, Photo.title, Photo.file_name)
    in_json = json.dumps(word)[1:-1]  # as the keywords are kept
    return or_(
        *(text.icontains(word, autoescape=True) for text in texts),
        cast(Photo.keywords, String).icontains(in_json, autoescape=True),
        *(taken_near(town) for town in towns if is_named(town, word)),
    )


def is_named(town: Town, name: str) -> bool:
    return town.name.casefold() == name.casefold()


def taken_near(town: Town) -> ColumnElement[bool]:
    """Whether a photo was taken in a box around a town that is about as high as wide."""
    widening = 1 / max(0.05, math.cos(math.radians(town.lat)))
    return exists().where(
        TripPhoto.photo_id == Photo.id,
        TripPhoto.lat.between(town.lat - NEAR_TOWN_DEG, town.lat + NEAR_TOWN_DEG),
        TripPhoto.lon.between(town.lon - NEAR_TOWN_DEG * widening, town.lon + NEAR_TOWN_DEG * widening),
    )


@dataclass(frozen=True)
class Shot:
    """A photo as it lies in the library. taken: local time, without a zone; None where nothing tells."""

    photo: Photo
    taken: datetime | None
    uses: int
    is_placed: bool

    @property
    def name(self) -> str:
        return self.photo.caption or self.photo.alt or self.photo.file_name


@dataclass(frozen=True)
class Page:
    """One page of what was found, by day. `begins_within`: its first day began on the page before."""

    number: int
    count: int
    days: list[tuple[date | None, list[Shot]]]
    begins_within: bool

    @property
    def last(self) -> int:
        return max(1, -(-self.count // PAGE))


def find_page(person: Person, wanted: Wanted, number: int) -> Page:
    """Page `number` (the last, where there are fewer), in four queries."""
    rule = wanted.rule(person)
    count = db.session.scalar(select(func.count()).select_from(Photo).where(rule)) or 0
    number = min(max(1, number), max(1, -(-count // PAGE)))
    start = (number - 1) * PAGE
    one_before = min(start, 1)
    query = wanted.in_order(select(Photo).where(rule)).offset(start - one_before).limit(PAGE + one_before)
    shots = shots_of(db.session.scalars(query).unique().all())
    before, shots = shots[:one_before], shots[one_before:]
    days = [(day, list(group)) for day, group in groupby(shots, lambda shot: day_of(shot, wanted.order))]
    begins_within = bool(before and days and day_of(before[0], wanted.order) == days[0][0])
    return Page(number, count, days, begins_within)


def day_of(shot: Shot, order: Order) -> date | None:
    """The day it stands under: when it was taken or, in the order they came, when it came."""
    if order is Order.ADDED:
        return shot.photo.created_at.date()
    return shot.taken.date() if shot.taken else None


def shots_of(photos: Iterable[Photo]) -> list[Shot]:
    """The photos with what trips and posts know of them, in two queries."""
    photos = list(photos)
    ids = [photo.id for photo in photos]
    rows: dict[int, TripPhoto] = {}
    on_trips = select(TripPhoto).where(TripPhoto.photo_id.in_(ids)).options(joinedload(TripPhoto.photo))
    for row in db.session.scalars(on_trips.order_by(TripPhoto.id.desc())).unique():
        if row.photo_id not in rows or row.is_placed:
            rows[row.photo_id] = row
    counted = select(PostPhoto.photo_id, func.count()).where(PostPhoto.photo_id.in_(ids))
    uses = dict(row._tuple() for row in db.session.execute(counted.group_by(PostPhoto.photo_id)))
    return [shot_of(photo, rows.get(photo.id), uses.get(photo.id, 0)) for photo in photos]


def shot_of(photo: Photo, row: TripPhoto | None, uses: int) -> Shot:
    local = row.local_time if row else None
    taken = local.replace(tzinfo=None) if local else photo.taken_local
    return Shot(photo, taken, uses, bool(row and row.is_placed))


def cameras_of(person: Person) -> list[str]:
    """The cameras of this person's photos, those with most first."""
    query = select(Photo.camera).where(is_own_photo(person), Photo.binned_at.is_(None))
    return list(db.session.scalars(query.group_by(Photo.camera).order_by(func.count().desc(), Photo.camera)))


def own_photos(person: Person, ids: Sequence[int]) -> list[Photo]:
    """Those of these photos that are this person's and not in the bin, by time."""
    query = select(Photo).where(Photo.id.in_(ids), is_own_photo(person), Photo.binned_at.is_(None))
    return list(db.session.scalars(Wanted(order=Order.OLDEST).in_order(query)).unique())
