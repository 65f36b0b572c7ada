"""What people said of a trip's clocks, what the placement found of them, and how both are kept.

A camera's photos may be parted into periods where its clock was changed on the way. Each period is a camera
of its own to `geo.clocks`, under a key: the camera's name, for later ones with what it wrote at their start.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from blog.db import db
from blog.geo.clocks import Clock
from blog.trips.models import FROM_THE_BEGINNING, CameraClock, SameMoment, Trip, TripPhoto


@dataclass(frozen=True)
class Period:
    """A camera's photos from what it wrote as `since` on."""

    camera: str
    since: datetime = FROM_THE_BEGINNING

    @property
    def key(self) -> str:
        return self.camera if self.is_first else f"{self.camera} · {self.since.isoformat()}"

    @property
    def is_first(self) -> bool:
        return self.since == FROM_THE_BEGINNING


@dataclass(frozen=True)
class Said:
    """All that people said of a trip's clocks: the starts of each camera's periods, and offsets by key."""

    starts: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)

    def period_of(self, row: TripPhoto) -> Period:
        camera, written = row.photo.camera, row.photo.taken_local
        starts = self.starts.get(camera, ())
        at = bisect_right(starts, written) if written else 0
        return Period(camera, starts[at - 1]) if at else Period(camera)


def said_of(trip: Trip) -> Said:
    rows = db.session.scalars(select(CameraClock).filter_by(trip_id=trip.id).order_by(CameraClock.id))
    last: dict[Period, float | None] = {}
    for row in rows:
        last[Period(row.camera, row.since)] = row.offset_s
    starts: defaultdict[str, list[datetime]] = defaultdict(list)
    for period in last:
        if not period.is_first:
            starts[period.camera].append(period.since)
    offsets = {period.key: offset for period, offset in last.items() if offset is not None}
    return Said({camera: sorted(dates) for camera, dates in starts.items()}, offsets)


def told_by(trip: Trip, period: Period) -> list[CameraClock]:
    """What was said of one period, newest first."""
    query = select(CameraClock).filter_by(trip_id=trip.id, camera=period.camera, since=period.since)
    return list(db.session.scalars(query.order_by(CameraClock.id.desc())))


def take_back(trip: Trip, period: Period) -> bool:
    """Forget the last thing said of a period: what was said before counts again. Whether there was any."""
    told = told_by(trip, period)
    for row in told[:1]:
        db.session.delete(row)
    return bool(told)


def join_periods(trip: Trip, period: Period) -> None:
    """Forget that the clock was changed there, and all that was said of the time after it."""
    for row in told_by(trip, period):
        db.session.delete(row)


def same_moments(trip: Trip) -> list[SameMoment]:
    return list(db.session.scalars(select(SameMoment).filter_by(trip_id=trip.id).order_by(SameMoment.id)))


def pairs_among(rows: Sequence[TripPhoto], moments: Iterable[SameMoment]) -> list[tuple[int, int]]:
    """The moments as indices of rows."""
    at = {row.photo_id: index for index, row in enumerate(rows)}
    return [
        (at[one.photo_id], at[one.other_photo_id])
        for one in moments
        if one.photo_id in at and one.other_photo_id in at
    ]


def kept(clock: Clock) -> dict[str, Any]:
    """A clock as JSON."""
    return asdict(clock)


def clock_again(stored: Mapping[str, Any]) -> Clock:
    """The clock that `kept` wrote."""
    values = dict(stored)
    values["alternatives"] = tuple((offset, odds) for offset, odds in values.get("alternatives", ()))
    values["proposal"] = tuple(values["proposal"]) if values.get("proposal") else None
    return Clock(**values)
