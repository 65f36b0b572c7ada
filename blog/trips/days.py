"""The days of a trip, made anew with every placement: each local day's part of the route, and its facts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select

from blog.db import db
from blog.geo.countries import country_at
from blog.geo.legs import Means, legs
from blog.geo.motion import Flight, moving_s, part_flights
from blog.geo.positions import Floats, Position
from blog.geo.profile import end_to_end, heights_along
from blog.geo.tracks import Track
from blog.trips.models import Day, LegMeans, Trip, TripPhoto

QUARTER_HOUR_S = 900
ASKED_FOR_COUNTRY, FEW = 100, 20  # fixes of a recording; among more than a few, one alone is a stray
DRAWN_TO_M = 8.0  # a day's route is kept for drawing to this tolerance


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
    grounds, flights = part_flights([track for track in tracks if track.has_times])
    said = means_said(trip)
    for day in dates:
        todays = [row for row in rows if row.day_number == numbers[day]]
        parts = parts_of(day, zone, grounds)
        drawn = one_day(numbers[day], day, parts, todays)
        flown = [flight for flight in flights if left_on(flight, zone) == day]
        drawn.flights = [as_line(flight.line) for flight in flown]
        drawn.legs = [leg.told(said).as_json() for leg in legs(parts, flown)]
        drawn.countries = countries_of(parts, todays)
        trip.days.append(drawn)
    if timeless := [track for track in tracks if not track.has_times]:
        draw_timeless(trip, timeless)


def track_dates(tracks: Sequence[Track], zone: ZoneInfo) -> Iterable[date]:
    """Every local date on which a track has a point."""
    for track in tracks:
        times = track.time[np.isfinite(track.time)]
        for quarter in np.unique(times // QUARTER_HOUR_S):  # every zone's midnight falls on one
            yield datetime.fromtimestamp(float(quarter) * QUARTER_HOUR_S, zone).date()


def left_on(flight: Flight, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(flight.begins_at, zone).date()


def parts_of(day: date, zone: ZoneInfo, grounds: Sequence[Track]) -> list[Track]:
    """What was recorded on a local day, each stretch of time once, in order."""
    start = datetime.combine(day, datetime.min.time(), zone)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    parts = [track.between(start.timestamp(), end.timestamp() - 1e-3) for track in grounds]
    parts = [part for part in one_recording(parts) if len(part) > 1]
    return sorted(parts, key=lambda part: part.begins_at or 0)


def means_said(trip: Trip) -> list[tuple[float, float, Means]]:
    """What people said of stretches, in unix seconds, the last word last."""
    rows = db.session.scalars(select(LegMeans).filter_by(trip_id=trip.id).order_by(LegMeans.id))
    return [(row.begins_at.timestamp(), row.ends_at.timestamp(), row.means) for row in rows]


def countries_of(parts: Sequence[Track], rows: Iterable[TripPhoto]) -> list[str]:
    """The countries of a day in the order they were entered; a single stray fix enters none."""
    seen = [(row.taken_at.timestamp(), *here) for row in rows if row.taken_at and (here := spot(row))]
    for part in parts:
        some = slice(None, None, max(1, len(part) // ASKED_FOR_COUNTRY))
        seen += zip(part.time[some].tolist(), part.lat[some].tolist(), part.lon[some].tolist(), strict=True)
    codes = [country_at(Position(lat, lon)) for _, lat, lon in sorted(seen) if lat or lon]
    counts = Counter(codes)
    least = 2 if len(codes) > FEW else 1
    return [code for code in counts if code and counts[code] >= least]


def spot(row: TripPhoto) -> tuple[float, float] | None:
    return None if row.lat is None or row.lon is None else (row.lat, row.lon)


def one_day(number: int, day: date, parts: Sequence[Track], rows: list[TripPhoto]) -> Day:
    """A day's route on the ground: from the tracks of its hours, else the line through its placed photos."""
    if not parts:
        return Day(number=number, local_date=day, length_m=0.0, climb_m=0.0, lines=through(rows))
    along, ele, times = end_to_end(parts)
    measure(rows, along, times)
    return Day(
        number=number,
        local_date=day,
        length_m=sum(part.length_m for part in parts),
        climb_m=sum(part.climb_m for part in parts),
        moving_s=sum(moving_s(part) for part in parts),
        profile=np.round(heights_along(along, ele), 1).tolist(),
        lines=[as_line(line) for part in parts for line in part.simplified(DRAWN_TO_M) if len(line) > 1],
    )


def one_recording(parts: Sequence[Track]) -> list[Track]:
    """Of receivers that ran side by side, at each time only one: the way was gone once.

    The one with most points comes first; of the others, what they recorded before and after it is taken.
    """
    chosen: list[Track] = []
    for part in sorted(parts, key=len, reverse=True):
        chosen += beside(part, chosen)
    return chosen


def beside(part: Track, chosen: Sequence[Track]) -> list[Track]:
    """What a recording adds to those chosen: its stretches in none of their times."""
    left = [part] if len(part) else []
    for other in chosen:
        begins, ends = other.begins_at or 0.0, other.ends_at or 0.0
        sides = ((-np.inf, begins - 1e-3), (ends + 1e-3, np.inf))
        left = [some for one in left for a, b in sides if len(some := one.between(a, b)) > 1]
    return left


def through(rows: Iterable[TripPhoto]) -> list[list[list[float]]]:
    """The line through the places that are known; what was put between two of them lies on it."""
    known = [row for row in by_time(rows) if row.is_known]
    points = [[row.lat, row.lon] for row in known if row.lat is not None and row.lon is not None]
    return [points] if len(points) > 1 else []


def by_time(rows: Iterable[TripPhoto]) -> list[TripPhoto]:
    return sorted((row for row in rows if row.taken_at), key=lambda row: row.taken_at or row.added_at)


def as_line(line: np.ndarray) -> list[list[float]]:
    return [[round(float(lat), 6), round(float(lon), 6)] for lat, lon in line]


def measure(rows: Iterable[TripPhoto], along: Floats, times: Floats) -> None:
    """Give each photo of a day its distance from the day's start along the route, by its time."""
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
