"""A trip with its tracks, its days, its photos and their places."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from blog.accounts.models import Person
from blog.db import Base, db, named, now
from blog.geo.positions import Position
from blog.photos.models import Photo
from blog.web.slugs import free_slug

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
    created_at: Mapped[datetime] = mapped_column(default=now)
    owner: Mapped[Person] = relationship()
    days: Mapped[list[Day]] = relationship(
        back_populates="trip", cascade="all, delete-orphan", order_by="Day.number"
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


class CameraClock(Base):
    """What a person said about a camera's clock on this trip: UTC minus what the camera wrote."""

    __tablename__ = "camera_clock"
    __table_args__ = (UniqueConstraint("trip_id", "camera"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"))
    camera: Mapped[str] = mapped_column(String(255))
    offset_s: Mapped[float]
    set_at: Mapped[datetime] = mapped_column(default=now)


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
    clock_offset_s: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)
    day_number: Mapped[int | None]
    along_m: Mapped[float | None]

    photo: Mapped[Photo] = relationship(lazy="joined")
    trip: Mapped[Trip] = relationship()

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else Position(self.lat, self.lon, self.ele)

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
    """The trip's photos by time, those without a time by their order of arrival at the end."""
    rows = db.session.scalars(select(TripPhoto).where(TripPhoto.trip_id == trip.id)).unique().all()
    return sorted(rows, key=lambda row: (row.taken_at is None, row.taken_at or row.added_at, row.id))


def set_camera_clock(trip: Trip, camera: str, offset_s: float | None) -> None:
    """Say what a camera's clock was off by, or with None leave it to the photos again."""
    found = db.session.scalar(
        select(CameraClock).where(CameraClock.trip_id == trip.id, CameraClock.camera == camera)
    )
    if offset_s is None:
        if found:
            db.session.delete(found)
    elif found:
        found.offset_s, found.set_at = offset_s, now()
    else:
        db.session.add(CameraClock(trip_id=trip.id, camera=camera, offset_s=offset_s))
