"""Which of the places that cameras wrote are not to be believed, and why.

Good places are many and must stay; a place is doubted only where something contradicts it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blog.geo.clocks import Clock, Reading
from blog.geo.positions import Floats, Position, distance_m, distances_m
from blog.geo.timeline import Timeline, timelines
from blog.geo.tracks import Track

SAME_M = 1.0  # a receiver with a fix wanders farther than this within minutes
STALE_S = 300.0  # phones give their last fix again for some minutes, and rightly so
MOVED_ON_M = 1_000.0
FASTEST_M_S = 300.0  # faster than an airliner
BY_LAND_M_S = 60.0
JUMP_M = 20_000.0
OFF_TRACK_M = 2_000.0
FITS_M, MOST_FIT, ENOUGH_FIT = 500.0, 0.7, 3
RECORDING_S = 300.0  # between the fixes around
EMPTY_M = 100.0  # around 0, 0
FAR_M = 100_000.0


@dataclass(frozen=True)
class Doubt:
    """Why a place is not believed, and how many metres off it is.

    `stale` repeats that of the reading `other`, `jump` is too far to get to and back, `off_track` lies where
    the track was not, `empty` is what receivers without a fix write.
    """

    kind: Literal["stale", "jump", "off_track", "empty"]
    away_m: float
    other: int | None = None


@dataclass(frozen=True)
class _Seen:
    """A place that a photo carries: index of the reading, unix seconds (nan where not known)."""

    index: int
    utc_s: float
    place: Position


def doubts(
    readings: Sequence[Reading], tracks: Sequence[Track], clocks: Mapping[str, Clock]
) -> dict[int, Doubt]:
    """The readings whose own place is doubted, by index. What a person put on the map is no reading's own."""
    seen = [
        _Seen(index, _utc_s(reading, clocks), reading.position)
        for index, reading in enumerate(readings)
        if reading.position and not reading.by_hand
    ]
    found = dict(_empty(seen))
    left = [one for one in seen if one.index not in found]
    lines = [line for track in tracks for line in timelines(track)]
    cameras: defaultdict[str, list[_Seen]] = defaultdict(list)
    for one in sorted(left, key=lambda one: one.utc_s):
        if np.isfinite(one.utc_s):
            cameras[readings[one.index].camera].append(one)
    for camera, own in cameras.items():
        clock = clocks.get(camera)
        tells = lines if clock and clock.is_sure else []  # a wrong clock would make every place look wrong
        for rule in (_jumps, _stale, _off_track):
            found |= dict(rule([one for one in own if one.index not in found], tells))
    return found


def _utc_s(reading: Reading, clocks: Mapping[str, Clock]) -> float:
    if reading.written_s is None:
        return float("nan") if reading.gps_utc_s is None else reading.gps_utc_s
    clock = clocks.get(reading.camera)
    return reading.written_s + clock.offset_s if clock else float("nan")


def _empty(seen: Sequence[_Seen]) -> Iterator[tuple[int, Doubt]]:
    """Beside 0, 0 or on whole degrees, where the others are far away."""
    if len(seen) < 3:
        return
    middle = Position(*np.median([(one.place.lat, one.place.lon) for one in seen], axis=0).tolist())
    for one in seen:
        is_whole = one.place.lat == round(one.place.lat) and one.place.lon == round(one.place.lon)
        is_nowhere = float(distances_m(0, 0, one.place.lat, one.place.lon)) <= EMPTY_M
        away = distance_m(one.place, middle)
        if (is_whole or is_nowhere) and away > FAR_M:
            yield one.index, Doubt("empty", away)


def _jumps(own: Sequence[_Seen], _lines: Sequence[Timeline]) -> Iterator[tuple[int, Doubt]]:
    """Too far from those before and after, which agree with each other."""
    for before, one, after in zip(own, own[1:], own[2:], strict=False):
        there, back = distance_m(before.place, one.place), distance_m(one.place, after.place)
        is_jump = min(there, back) > JUMP_M and _too_fast(before, one) and _too_fast(one, after)
        if is_jump and not _too_fast(before, after):
            yield one.index, Doubt("jump", min(there, back))


def _too_fast(a: _Seen, b: _Seen, m_s: float = FASTEST_M_S) -> bool:
    return distance_m(a.place, b.place) > m_s * max(1.0, abs(b.utc_s - a.utc_s))


def _stale(own: Sequence[_Seen], lines: Sequence[Timeline]) -> Iterator[tuple[int, Doubt]]:
    """Repeats of an earlier place, though the trip had moved on meanwhile."""
    first: _Seen | None = None
    for i, one in enumerate(own):
        if first is None or distance_m(first.place, one.place) > SAME_M:
            first = one
        elif one.utc_s - first.utc_s > STALE_S:
            away = _gone_m(one, lines) or _next_away_m(one, own[i + 1 :])
            if away > MOVED_ON_M:
                yield one.index, Doubt("stale", away, first.index)


def _gone_m(one: _Seen, lines: Sequence[Timeline]) -> float:
    """How far from the place every track was that was recording at that moment; 0 where none was."""
    return min((float(away[0]) for line in lines if len(away := _apart_m([one], line)[0])), default=0.0)


def _next_away_m(one: _Seen, later: Sequence[_Seen]) -> float:
    """How far the next place that differs is, where nobody could get there by land in time; else 0."""
    following = next((other for other in later if distance_m(one.place, other.place) > SAME_M), None)
    if following is None or not _too_fast(one, following, BY_LAND_M_S):
        return 0.0
    return distance_m(one.place, following.place)


def _off_track(own: Sequence[_Seen], lines: Sequence[Timeline]) -> Iterator[tuple[int, Doubt]]:
    """Where the track was elsewhere at that moment, of a camera whose places fit it otherwise."""
    for line in lines:
        away, which = _apart_m(own, line)
        if len(away) and (away <= FITS_M).sum() >= max(ENOUGH_FIT, MOST_FIT * len(away)):
            for i in np.flatnonzero(away > OFF_TRACK_M).tolist():
                yield own[which[i]].index, Doubt("off_track", float(away[i]))


def _apart_m(own: Sequence[_Seen], line: Timeline) -> tuple[Floats, list[int]]:
    """Metres between the places and the line at their moments, for those while it was recording."""
    utc = np.array([one.utc_s for one in own], dtype=np.float64)
    inside = np.flatnonzero(line.covers(utc))
    spots = line.at(utc[inside], np.zeros(len(inside)))
    places = np.array(
        [(own[i].place.lat, own[i].place.lon) for i in inside.tolist()], dtype=np.float64
    ).reshape(-1, 2)
    away = distances_m(places[:, 0], places[:, 1], spots.lat, spots.lon)
    recording = spots.span_s <= RECORDING_S
    return away[recording], inside[recording].tolist()
