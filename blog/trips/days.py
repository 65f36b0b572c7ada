"""The days of a trip, made anew with every placement: each local day's part of the route, and its facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

import numpy as np
from sqlalchemy import select

from blog.db import db
from blog.geo.countries import country_at
from blog.geo.legs import Means, legs
from blog.geo.motion import Flight, moving_s, part_flights
from blog.geo.positions import Floats, Position
from blog.geo.profile import end_to_end, heights_along
from blog.geo.timeline import GAP_S
from blog.geo.tracks import Track
from blog.geo.zones import local_time
from blog.trips.models import Day, LegMeans, Trip, TripPhoto

QUARTER_HOUR_S = 900
ASKED_FOR_COUNTRY, FEW = 100, 20  # fixes of a recording; among more than a few, one alone is a stray
DRAWN_TO_M = 8.0  # a day's route is kept for drawing to this tolerance


def draw_days(trip: Trip, rows: Iterable[TripPhoto], tracks: Sequence[Track]) -> None:
    """Cut the trip into local days, give each its route, and every photo its day and its kilometre."""
    rows = list(rows)
    grounds, flights = part_flights([track for track in tracks if track.has_times])
    recorded = by_local_day(grounds)
    flown = [(left_on(flight), flight) for flight in flights]
    dates = sorted(
        {*recorded, *(day for day, _ in flown), *(row.local_time.date() for row in rows if row.local_time)}
    )
    numbers = {day: (day - dates[0]).days + 1 for day in dates}
    trip.days.clear()
    db.session.flush()
    for row in rows:
        row.day_number = numbers.get(row.local_time.date()) if row.local_time else None
        row.along_m = None
    said = means_said(trip)
    for day in dates:
        todays = [row for row in rows if row.day_number == numbers[day]]
        parts = parts_of(recorded.get(day, []))
        drawn = one_day(numbers[day], day, parts, todays)
        left = [flight for date_left, flight in flown if date_left == day]
        drawn.flights = [as_line(flight.line) for flight in left]
        drawn.legs = [leg.told(said).as_json() for leg in legs(parts, left)]
        drawn.countries = countries_of(parts, todays)
        trip.days.append(drawn)
    if timeless := [track for track in tracks if not track.has_times]:
        draw_timeless(trip, timeless)


def by_local_day(tracks: Iterable[Track]) -> dict[date, list[Track]]:
    """Recordings cut at midnight, as it was where they were recorded."""
    days: dict[date, list[Track]] = defaultdict(list)
    for track in tracks:
        for day, begins, ends in local_days(track):
            days[day].append(track.between(begins, ends))
    return days


def local_days(track: Track) -> Iterator[tuple[date, float, float]]:
    """The local dates of a recording in order of time, each with its begin and end (unix seconds).

    One date can come twice, where one travels east over the date line.
    """
    known = np.flatnonzero(np.isfinite(track.time))
    quarters, first = np.unique(track.time[known] // QUARTER_HOUR_S, return_index=True)
    begins = (quarters * QUARTER_HOUR_S).tolist()  # every zone's midnight falls on one
    places = np.column_stack([track.lat, track.lon])[known[first]].tolist()
    dates = [local_date(utc_s, *place) for utc_s, place in zip(begins, places, strict=True)]
    for day, run in groupby(zip(dates, begins, strict=True), key=itemgetter(0)):
        starts = [utc_s for _, utc_s in run]
        yield day, starts[0], starts[-1] + QUARTER_HOUR_S - 1e-3


def local_date(utc_s: float, lat: float, lon: float) -> date:
    return local_time(utc_s, Position(lat, lon)).date()


def left_on(flight: Flight) -> date:
    lat, lon = flight.line[0].tolist()
    return local_date(flight.begins_at, lat, lon)


def parts_of(recorded: Sequence[Track]) -> list[Track]:
    """What was recorded on a local day, each stretch of time once, in order."""
    parts = [part for part in one_recording(recorded) if len(part) > 1]
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

    The one with most points comes first; of the others, what they recorded before and after it is taken, and
    while it was off for half an hour or more.
    """
    chosen: list[Track] = []
    for part in sorted(parts, key=len, reverse=True):
        more = beside(part, chosen)
        chosen = [piece for one in chosen for piece in cut_around(one, more)] + more
    return chosen


def beside(part: Track, chosen: Sequence[Track]) -> list[Track]:
    """What a recording adds to those chosen: its stretches in none of their times."""
    left = [part] if len(part) else []
    for other in chosen:
        left = [some for one in left for a, b in off_times(other) if len(some := one.between(a, b)) > 1]
    return left


def off_times(track: Track) -> list[tuple[float, float]]:
    """Begin and end of the times in which a recording has nothing to say."""
    times = np.sort(track.time[np.isfinite(track.time)])
    gaps = np.flatnonzero(np.diff(times) >= GAP_S)
    ends, begins = (times[some].tolist() for some in (np.append(gaps, -1), np.append(0, gaps + 1)))
    return [(a + 1e-3, b - 1e-3) for a, b in zip([-np.inf, *ends], [*begins, np.inf], strict=True)]


def cut_around(track: Track, others: Iterable[Track]) -> list[Track]:
    """A recording in the pieces between what others recorded in its gaps."""
    pieces = [track]
    for other in others:
        begins, ends = other.begins_at or 0.0, other.ends_at or 0.0
        sides = ((-np.inf, begins), (ends, np.inf))
        pieces = [some for one in pieces for a, b in sides if len(some := one.between(a, b))]
    return pieces


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
