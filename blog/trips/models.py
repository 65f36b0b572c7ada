"""A trip with its tracks, its days, its photos and their places."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    true,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from blog.accounts.models import Person
from blog.db import Base, db, named, now
from blog.geo.legs import Means
from blog.geo.positions import Position
from blog.geo.privacy import Precision
from blog.photos.models import Photo
from blog.web.slugs import free_slug

FROM_THE_BEGINNING = datetime(1900, 1, 1)  # noqa: DTZ001 — a camera's clock knows no zone

Line = list[list[float]]  # [[lat, lon], …]


class Source(StrEnum):
    """How a place was found; see PLACEMENT in docs/placing.md."""

    EXIF_GPS = "exif_gps"
    BY_HAND = "by_hand"
    TRACK = "track"
    TRACK_GAP = "track_gap"
    NEIGHBOURS = "neighbours"
    ORDER = "order"
    NONE = "none"


class Trip(Base):
    """A journey: photos and tracks hang on it, posts tell it."""

    __tablename__ = "trip"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    dek: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    map_precision: Mapped[Precision] = mapped_column(
        named(Precision), default=Precision.EXACT, server_default=Precision.EXACT.value
    )
    clocks: Mapped[dict[str, Any]] = deferred(
        mapped_column(JSON, default=dict, server_default="{}", nullable=False)
    )  # what the last placement found of each camera's clock
    created_at: Mapped[datetime] = mapped_column(default=now)
    owner: Mapped[Person] = relationship()
    days: Mapped[list[Day]] = relationship(
        back_populates="trip", cascade="all, delete-orphan", order_by="Day.number"
    )
    hidden_zones: Mapped[list[HiddenZone]] = relationship(
        cascade="all, delete-orphan", order_by="HiddenZone.id", lazy="selectin"
    )

    @property
    def begins_on(self) -> date | None:
        return self.days[0].local_date if self.days else None

    @property
    def length_m(self) -> float:
        return sum(day.length_m for day in self.days)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))


class Day(Base):
    """A calendar day of a trip in local time, with its part of the route. Made anew with every placement."""

    __tablename__ = "day"
    __table_args__ = (UniqueConstraint("trip_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    number: Mapped[int]
    local_date: Mapped[date]
    length_m: Mapped[float] = mapped_column(default=0.0)
    climb_m: Mapped[float] = mapped_column(default=0.0)
    moving_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    lines: Mapped[list[Line]] = mapped_column(JSON, default=list)
    flights: Mapped[list[Line]] = mapped_column(JSON, default=list, server_default="[]")
    profile: Mapped[Line] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # [[metres along, high], …]
    legs: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # as `geo.legs.Leg` writes itself, in order of time
    countries: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # ISO 3166-1, in the order they were entered
    trip: Mapped[Trip] = relationship(back_populates="days")


class TrackFile(Base):
    """A track file as it was read. Its points are kept packed; the original stays in the storage."""

    __tablename__ = "track_file"
    __table_args__ = (UniqueConstraint("trip_id", "sha256"),)
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(255))
    points: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    point_count: Mapped[int]
    length_m: Mapped[float]
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    added_at: Mapped[datetime] = mapped_column(default=now)
    is_used: Mapped[bool] = mapped_column(default=True, server_default=true())  # False until someone agrees


class CameraClock(Base):
    """One thing that a person said about a camera's clock on this trip.

    offset_s is UTC minus what the camera wrote, from what it wrote as `since` on; None leaves it to the
    evidence. A `since` after the beginning says that the clock was changed there. Of what was said about one
    period the last counts; taking it back deletes it, and what was said before counts again.
    """

    __tablename__ = "camera_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), index=True)
    camera: Mapped[str] = mapped_column(String(310))
    since: Mapped[datetime] = mapped_column(
        DateTime, default=FROM_THE_BEGINNING, server_default="1900-01-01 00:00:00"
    )  # the camera's clock, without a zone
    offset_s: Mapped[float | None]
    set_at: Mapped[datetime] = mapped_column(default=now)


class SameMoment(Base):
    """Two photos by different cameras that show one moment, because a person said so."""

    __tablename__ = "same_moment"
    __table_args__ = (UniqueConstraint("trip_id", "photo_id", "other_photo_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)
    other_photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)


class LegMeans(Base):
    """How a person says a stretch was travelled; it counts for legs that lie mostly inside it."""

    __tablename__ = "leg_means"

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    means: Mapped[Means] = mapped_column(named(Means))


class HiddenZone(Base):
    """A place that readers do not learn of: whatever lies within radius_m of the shown centre is cut.

    The shown centre is shifted at random inside the radius, once, so that the hole in the route does not
    point at the place itself; see `DrawnCircle`.
    """

    __tablename__ = "hidden_zone"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    lat: Mapped[float]
    lon: Mapped[float]
    radius_m: Mapped[float]
    shown_lat: Mapped[float]
    shown_lon: Mapped[float]


class DrawnCircle(Base):
    """A circle that once hid a place. It is remembered when the zone is gone: another one around the same
    place, on this trip or on another, would tell readers who saw both where they meet.
    """

    __tablename__ = "drawn_circle"

    id: Mapped[int] = mapped_column(primary_key=True)
    lat: Mapped[float]
    lon: Mapped[float]
    radius_m: Mapped[float]


class TripPhoto(Base):
    """A photo on a trip, and its placement: where, how sure, and how it was found."""

    __tablename__ = "trip_photo"
    __table_args__ = (UniqueConstraint("trip_id", "photo_id"),)
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    by_hand_lat: Mapped[float | None]
    by_hand_lon: Mapped[float | None]

    taken_at: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    ele: Mapped[float | None]
    radius_m: Mapped[float | None]
    source: Mapped[Source] = mapped_column(named(Source), default=Source.NONE)
    leans_on: Mapped[Line | None] = mapped_column(
        JSON
    )  # the known places it was worked out from; None where that was not noted
    clock_offset_s: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)
    doubt: Mapped[str | None] = mapped_column(Text)  # why the camera's own GPS is not believed
    day_number: Mapped[int | None]
    along_m: Mapped[float | None]

    photo: Mapped[Photo] = relationship(lazy="joined")
    trip: Mapped[Trip] = relationship()

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else Position(self.lat, self.lon, self.ele)

    @property
    def is_known(self) -> bool:
        """Whether its place was said by its camera or a person, not worked out from other places."""
        return self.source in (Source.EXIF_GPS, Source.BY_HAND)

    @property
    def by_hand(self) -> Position | None:
        if self.by_hand_lat is None or self.by_hand_lon is None:
            return None
        return Position(self.by_hand_lat, self.by_hand_lon)

    @property
    def local_time(self) -> datetime | None:
        return self.taken_at.astimezone(ZoneInfo(self.zone)) if self.taken_at else None

    @property
    def is_placed(self) -> bool:
        return self.lat is not None

    def put(self, position: Position | None) -> None:
        """Move by hand, or with None give the photo back to its own place."""
        self.by_hand_lat = position.lat if position else None
        self.by_hand_lon = position.lon if position else None


def create_trip(title: str, dek: str, owner: Person) -> Trip:
    """A new trip with an address of its own, not yet committed."""

    def is_taken(slug: str) -> bool:
        return db.session.scalar(select(Trip.id).where(Trip.slug == slug)) is not None

    trip = Trip(
        slug=free_slug(title, "trip", is_taken), title=title.strip(), dek=dek.strip(), owner_id=owner.id
    )
    db.session.add(trip)
    return trip


def trip_photos(trip: Trip) -> list[TripPhoto]:
    """The trip's photos by time, those without one at the end in order of arrival; none of the bin."""
    query = select(TripPhoto).where(TripPhoto.trip_id == trip.id, not_binned())
    rows = db.session.scalars(query).unique().all()
    return sorted(rows, key=lambda row: (row.taken_at is None, row.taken_at or row.added_at, row.id))


def not_binned() -> ColumnElement[bool]:
    """Whether the photo of a `TripPhoto` is to be seen, placed and counted: it is not in the bin."""
    return TripPhoto.photo.has(Photo.binned_at.is_(None))


def set_camera_clock(
    trip: Trip, camera: str, offset_s: float | None, since: datetime = FROM_THE_BEGINNING
) -> None:
    """Say what a camera's clock was off by in a period, or with None leave it to the evidence."""
    db.session.add(CameraClock(trip_id=trip.id, camera=camera, since=since, offset_s=offset_s))
