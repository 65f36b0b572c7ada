"""Solve a trip's placement again: photos, tracks and clocks in; places of photos and the trip's days out.

Runs after every upload, every move by hand and every corrected clock. What a person or a camera's own GPS
said is never overwritten, because `geo.placing` takes it as given.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from blog.db import db
from blog.geo.placing import Placement, place
from blog.geo.positions import Position
from blog.geo.tracks import Track
from blog.geo.zones import zone_at
from blog.trips.evidence import gather
from blog.trips.models import CameraClock, Day, Source, TrackFile, Trip, TripPhoto, trip_photos

QUARTER_HOUR_S = 900
DRAWN_TO_M = 8.0  # a day's route is kept for drawing to this tolerance


def tracks_of(trip: Trip) -> list[Track]:
    files = db.session.scalars(
        select(TrackFile).where(TrackFile.trip_id == trip.id).options(undefer(TrackFile.points))
    )
    return [Track.from_bytes(file.points) for file in files]


def solve(trip: Trip) -> None:
    """Place every photo of the trip and draw its days anew. Does not commit."""
    take_turns(trip)
    rows, tracks = trip_photos(trip), tracks_of(trip)
    rows.sort(key=lambda row: row.id)
    by_hand = {
        c.camera: c.offset_s for c in db.session.scalars(select(CameraClock).filter_by(trip_id=trip.id))
    }
    shots, clocks = gather(rows, tracks, by_hand)
    for row, placement in zip(rows, place(shots, tracks, clocks), strict=True):
        keep(row, placement)
    trip.zone = home_zone(rows, tracks)
    for row in rows:
        row.zone = zone_name(row.position) or trip.zone
    draw_days(trip, rows, tracks)


def take_turns(trip: Trip) -> None:
    """Wait for whoever places this trip just now, and see what came of it: files arrive three at a time.

    The trip's row stays locked until the commit.
    """
    db.session.flush()
    db.session.execute(
        update(Trip).where(Trip.id == trip.id).values(zone=Trip.zone),
        execution_options={"synchronize_session": False},
    )
    db.session.expire(trip, ["zone", "days"])


def keep(row: TripPhoto, placement: Placement) -> None:
    """Write a placement into its row."""
    position = placement.position
    row.lat = position.lat if position else None
    row.lon = position.lon if position else None
    row.ele = position.ele if position else None
    row.taken_at = None if placement.utc_s is None else datetime.fromtimestamp(placement.utc_s, UTC)
    row.radius_m = placement.radius_m
    row.source = Source(placement.source)
    row.clock_offset_s = placement.clock_offset_s
    row.reason = placement.reason


def zone_name(position: Position | None) -> str | None:
    zone = zone_at(position) if position else None
    return zone.key if zone else None


def home_zone(rows: Sequence[TripPhoto], tracks: Sequence[Track]) -> str:
    """The time zone most of the trip happened in."""
    names = Counter(zone_name(row.position) for row in rows[:: max(1, len(rows) // 200)] if row.is_placed)
    names.update(zone_name(start) for track in tracks if (start := track_start(track)))
    del names[None]
    return names.most_common(1)[0][0] or "UTC" if names else "UTC"


def track_start(track: Track) -> Position | None:
    try:
        return Position(float(track.lat[0]), float(track.lon[0])) if len(track) else None
    except ValueError:
        return None


def draw_days(trip: Trip, rows: Iterable[TripPhoto], tracks: Sequence[Track]) -> None:
    """Cut the trip into local days, give each its route, and every photo its day and its kilometre."""
    rows = list(rows)
    zone = ZoneInfo(trip.zone)
    dates = sorted(set(track_dates(tracks, zone)) | {row.local_time.date() for row in rows if row.local_time})
    numbers = {day: (day - dates[0]).days + 1 for day in dates}
    trip.days.clear()
    db.session.flush()
    for row in rows:
        row.day_number = numbers.get(row.local_time.date()) if row.local_time else None
        row.along_m = None
    for day in dates:
        todays = [row for row in rows if row.day_number == numbers[day]]
        trip.days.append(one_day(numbers[day], day, zone, tracks, todays))
    if timeless := [track for track in tracks if not track.has_times]:
        draw_timeless(trip, timeless)


def track_dates(tracks: Sequence[Track], zone: ZoneInfo) -> Iterable[date]:
    """Every local date on which a track has a point."""
    for track in tracks:
        times = track.time[np.isfinite(track.time)]
        for quarter in np.unique(times // QUARTER_HOUR_S):  # every zone's midnight falls on one
            yield datetime.fromtimestamp(float(quarter) * QUARTER_HOUR_S, zone).date()


def one_day(number: int, day: date, zone: ZoneInfo, tracks: Sequence[Track], rows: list[TripPhoto]) -> Day:
    """A day's route: from the tracks of its hours, else the line through its placed photos."""
    start = datetime.combine(day, datetime.min.time(), zone)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    parts = [track.between(start.timestamp(), end.timestamp() - 1e-3) for track in tracks if track.has_times]
    parts = [part for part in one_recording(parts) if len(part) > 1]
    if not parts:
        return Day(number=number, local_date=day, length_m=0.0, climb_m=0.0, lines=through(rows))
    parts.sort(key=lambda part: part.begins_at or 0)
    measure(rows, parts)
    return Day(
        number=number,
        local_date=day,
        length_m=sum(part.length_m for part in parts),
        climb_m=sum(part.climb_m for part in parts),
        lines=[as_line(line) for part in parts for line in part.simplified(DRAWN_TO_M) if len(line) > 1],
    )


def one_recording(parts: Sequence[Track]) -> list[Track]:
    """Of receivers that ran side by side, only the one with most points: the way was gone once."""
    chosen: list[Track] = []
    for part in sorted(parts, key=len, reverse=True):
        if len(part) and not any(overlap(part, other) for other in chosen):
            chosen.append(part)
    return chosen


def overlap(a: Track, b: Track) -> bool:
    """Whether more than half of the shorter recording's time lies in the other's."""
    starts, ends = (a.begins_at or 0, b.begins_at or 0), (a.ends_at or 0, b.ends_at or 0)
    shorter = min(ends[0] - starts[0], ends[1] - starts[1])
    return min(ends) - max(starts) > shorter / 2


def through(rows: Iterable[TripPhoto]) -> list[list[list[float]]]:
    points = [[row.lat, row.lon] for row in by_time(rows) if row.lat is not None and row.lon is not None]
    return [points] if len(points) > 1 else []


def by_time(rows: Iterable[TripPhoto]) -> list[TripPhoto]:
    return sorted((row for row in rows if row.taken_at), key=lambda row: row.taken_at or row.added_at)


def as_line(line: np.ndarray) -> list[list[float]]:
    return [[round(float(lat), 6), round(float(lon), 6)] for lat, lon in line]


def measure(rows: Iterable[TripPhoto], parts: Sequence[Track]) -> None:
    """Give each photo of a day its distance from the day's start along the route, by its time."""
    times = np.concatenate([part.time for part in parts])
    offsets = np.cumsum([0.0] + [part.distance_along()[-1] for part in parts[:-1]])
    along = np.concatenate([part.distance_along() + off for part, off in zip(parts, offsets, strict=True)])
    known = np.isfinite(times)
    order = np.argsort(times[known], kind="stable")
    for row in rows:
        if row.taken_at and row.is_placed:
            row.along_m = float(np.interp(row.taken_at.timestamp(), times[known][order], along[known][order]))


def draw_timeless(trip: Trip, tracks: Sequence[Track]) -> None:
    """A track without times still draws the route: on the trip's first day, or on a day of its own."""
    if not trip.days:
        today = trip.created_at.date()
        trip.days.append(Day(number=1, local_date=today, length_m=0.0, climb_m=0.0, lines=[]))
    first = trip.days[0]
    drawn = [as_line(line) for track in tracks for line in track.simplified(DRAWN_TO_M) if len(line) > 1]
    first.lines = [*first.lines, *drawn]
    first.length_m += sum(track.length_m for track in tracks)
    first.climb_m += sum(track.climb_m for track in tracks)
