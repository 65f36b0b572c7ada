"""How fast one was: time in motion, and flights told apart by their speed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from blog.geo.positions import EARTH_RADIUS_M, Floats, between, distances_m, unit_vectors
from blog.geo.timeline import GAP_S, Timeline, timelines
from blog.geo.tracks import Track

MINUTE_S = 60.0
MOVING_M_S = 0.4  # over a minute: slower than a steep path, faster than a receiver wanders

TICK_S = 1e-3  # times are kept to the millisecond; less is no time to divide by
AIRBORNE_M_S = 60.0  # from climb to approach
FASTEST_M_S = 350.0  # beyond it, a fix is wrong
FLOWN_M_S = 100.0  # on average; trains on rails stay under it
FLOWN_ACROSS_M_S = 85.0  # where the receiver was off on the way, and waiting at the gates counts
FLOWN_M = 50_000.0
HOLDING_S = 600.0  # slower fixes for so long, in a turn or by mistake, do not end a flight
ARC_STEP_M = 100_000.0


@dataclass(frozen=True)
class Flight:
    """From the last fix before it to the first after it, unix seconds; line (n, 2) is its great circle."""

    begins_at: float
    ends_at: float
    line: Floats


def moving_s(track: Track) -> float:
    """Seconds of a day or so in motion: the minutes in which one got ahead, in gaps as placing sees them."""
    return sum(map(_moving_s, timelines(track)))


def _moving_s(line: Timeline) -> float:
    minutes = np.append(np.arange(line.time[0], line.time[-1], MINUTE_S), line.time[-1])
    spots = line.at(minutes, np.zeros_like(minutes))
    gone = np.linalg.norm(np.diff(EARTH_RADIUS_M * unit_vectors(spots.lat, spots.lon)), axis=0)
    lasted = np.diff(minutes)
    return float(lasted[gone >= MOVING_M_S * lasted].sum())


def part_flights(tracks: Sequence[Track]) -> tuple[list[Track], list[Flight]]:
    """The ways on the ground, and the flights between and within them in order of time, each once.

    A track is cut in two where it flew; what was recorded in the air is in neither.
    """
    grounds: list[Track] = []
    flights = list(_between(tracks))
    for track in tracks:
        flown = list(_flown(track))
        ends = [(0, 0), *flown, (len(track) - 1, len(track) - 1)]
        grounds += [_stretch(track, a, b) for (_, a), (b, _) in pairwise(ends)]
        flights += [_flight(track, first, track, last) for first, last in flown]
    return grounds, list(_one_at_a_time(flights))


def _flown(track: Track) -> Iterator[tuple[int, int]]:
    """The last fix before and the first after each flight of a track."""
    gone = distances_m(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
    lasted = np.diff(track.time)
    speed = np.divide(gone, lasted, out=np.zeros_like(gone), where=lasted >= TICK_S)
    airborne = np.flatnonzero((speed >= AIRBORNE_M_S) & (speed <= FASTEST_M_S))
    breaks = track.time[airborne[1:]] - track.time[airborne[:-1] + 1] > HOLDING_S
    for steps in np.split(airborne, np.flatnonzero(breaks) + 1):
        if len(steps):
            first, last = int(steps[0]), int(steps[-1]) + 1
            if _is_flight(gone[first:last].sum(), lasted[first:last]):
                yield first, last


def _is_flight(gone_m: float, lasted: Floats) -> bool:
    least = FLOWN_ACROSS_M_S if lasted.max() >= GAP_S else FLOWN_M_S
    return bool(gone_m >= FLOWN_M and gone_m >= least * lasted.sum())


def _between(tracks: Iterable[Track]) -> Iterator[Flight]:
    """Flights from the end of what was recorded so far to the start of the next track."""
    ordered = sorted(filter(_runs_on, tracks), key=lambda track: float(track.time[0]))
    for latest, track in zip(accumulate(ordered, _later), ordered[1:], strict=False):
        gone = distances_m(latest.lat[-1], latest.lon[-1], track.lat[0], track.lon[0])
        lasted = track.time[:1] - latest.time[-1]
        if lasted[0] > 0 and _is_flight(float(gone), lasted):
            yield _flight(latest, -1, track, 0)


def _runs_on(track: Track) -> bool:
    """Whether a track begins with its first time and ends with its last."""
    return track.has_times and track.time[0] == track.begins_at and track.time[-1] == track.ends_at


def _later(a: Track, b: Track) -> Track:
    return b if b.time[-1] > a.time[-1] else a


def _flight(start: Track, first: int, end: Track, last: int) -> Flight:
    ends = start.lat[first], start.lon[first], end.lat[last], end.lon[last]
    arcs = int(distances_m(*ends) / ARC_STEP_M) + 2
    line = np.column_stack(between(*ends, np.linspace(0, 1, arcs)))
    return Flight(float(start.time[first]), float(end.time[last]), line)


def _stretch(track: Track, first: int, last: int) -> Track:
    """The points from first to last, both included."""
    rows = slice(first, last + 1)
    later = track.starts[(track.starts > first) & (track.starts <= last)] - first
    starts = np.concatenate([np.zeros(min(last + 1 - first, 1), np.int64), later])
    return Track(track.lat[rows], track.lon[rows], track.ele[rows], track.time[rows], starts)


def _one_at_a_time(flights: Iterable[Flight]) -> Iterator[Flight]:
    """In order of time, without those that another receiver has told of already."""
    landed = -np.inf
    for flight in sorted(flights, key=lambda flight: flight.begins_at):
        if flight.begins_at >= landed:
            landed = flight.ends_at
            yield flight
