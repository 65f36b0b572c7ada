"""The legs of a day: stretches travelled by one means, guessed from how fast one went, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import Any

import numpy as np

from blog.geo.basemap import Basemap, built_in
from blog.geo.motion import MOVING_M_S, Flight
from blog.geo.positions import EARTH_RADIUS_M, Floats, distances_m
from blog.geo.timeline import GAP_S, timelines
from blog.geo.tracks import Track

MINUTE_S = 60.0
ON_FOOT_M_S = 2.4  # over some minutes: walkers are slower, riders mostly faster
CYCLED_M_S, CYCLING_M_S = 9.5, 6.5  # nine minutes of ten, and the middle one: more is an engine
RAILED_M_S = 38.0  # the middle minute: faster than roads allow
SHORTEST_S = 300.0
LEAST_M = 300.0  # what got no farther is no leg of its own
AT_SEA, OFFSHORE_M = 0.8, 1500.0  # of the places, so far out: coasts are known to a kilometre at worst
LOOKED_AT = 60
SMOOTHED = 3  # minutes


class Means(StrEnum):
    """By what means one travelled."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    ROAD = "road"
    RAIL = "rail"
    BOAT = "boat"
    FLIGHT = "flight"


@dataclass(frozen=True)
class Leg:
    """From begins_s to ends_s (unix seconds) by one means, length_m on the ground, or through the air.

    `guess` is the means as it was guessed; `means` may be what a person said.
    """

    begins_s: float
    ends_s: float
    means: Means
    length_m: float
    guess: Means

    def as_json(self) -> dict[str, Any]:
        return {
            "begins": self.begins_s,
            "ends": self.ends_s,
            "means": self.means.value,
            "length_m": round(self.length_m, 1),
            "guess": self.guess.value,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Leg":
        means, guess = Means(stored["means"]), Means(stored["guess"])
        return cls(stored["begins"], stored["ends"], means, stored["length_m"], guess)

    def told(self, said: Iterable[tuple[float, float, Means]]) -> "Leg":
        """The leg with what a person said of most of its time (begins, ends, means); the last word counts."""
        means = self.guess
        for begins, ends, by in said:
            if min(ends, self.ends_s) - max(begins, self.begins_s) > (self.ends_s - self.begins_s) / 2:
                means = by
        return replace(self, means=means)


def legs(grounds: Sequence[Track], flights: Sequence[Flight], basemap: Basemap | None = None) -> list[Leg]:
    """The legs of the ways on the ground and of the flights of a day, in order of time.

    grounds are recordings that do not overlap. Halts belong to the leg around them.
    """
    found = [leg for track in grounds for leg in _of_track(track, basemap)]
    for flight in flights:
        line = flight.line
        length = float(distances_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum())
        found.append(Leg(flight.begins_at, flight.ends_at, Means.FLIGHT, length, Means.FLIGHT))
    return _joined(sorted(found, key=lambda leg: leg.begins_s))


@dataclass
class _Run:
    """Minutes first … last (not included) of one kind."""

    first: int
    last: int
    wheels: bool

    def __len__(self) -> int:
        return self.last - self.first


def _of_track(track: Track, basemap: Basemap | None) -> Iterable[Leg]:
    for line in timelines(track):
        if line.time[-1] - line.time[0] < MINUTE_S:
            continue
        minutes = np.append(np.arange(line.time[0], line.time[-1], MINUTE_S), line.time[-1])
        spots = line.at(minutes, np.zeros_like(minutes))
        gone = distances_m(spots.lat[:-1], spots.lon[:-1], spots.lat[1:], spots.lon[1:])
        speed = gone / np.maximum(np.diff(minutes), 1.0)
        off = spots.span_s[:-1] >= GAP_S  # the receiver was off: how one went there is not known
        for run in _runs(_smoothed(np.where(off, 0.0, speed))):
            own = slice(run.first, run.last)
            length = float(gone[own].sum())
            if length >= LEAST_M:
                where = slice(run.first, run.last + 1)
                means = _means(speed[own], run.wheels, spots.lat[where], spots.lon[where], basemap)
                yield Leg(float(minutes[run.first]), float(minutes[run.last]), means, length, means)


def _smoothed(speed: Floats) -> Floats:
    """The median of three minutes."""
    around = np.pad(speed, SMOOTHED // 2, mode="edge")
    smoothed: Floats = np.median(np.lib.stride_tricks.sliding_window_view(around, SMOOTHED), axis=1)
    return smoothed


def _runs(speed: Floats) -> list[_Run]:
    """On foot or on wheels, minute by minute; halts and short runs go with those around them."""
    kinds: list[bool | None] = [None if v < MOVING_M_S else bool(v > ON_FOOT_M_S) for v in speed.tolist()]
    known = [kind for kind in kinds if kind is not None]
    if not known:
        return []
    latest, filled = known[0], []
    for kind in kinds:
        latest = latest if kind is None else kind
        filled.append(latest)
    runs, at = [], 0
    for wheels, group in groupby(filled):
        count = len(list(group))
        runs.append(_Run(at, at + count, wheels))
        at += count
    while len(runs) > 1 and min(map(len, runs)) * MINUTE_S < SHORTEST_S:
        shortest = min(range(len(runs)), key=lambda i: len(runs[i]))
        runs[shortest].wheels = not runs[shortest].wheels
        runs = _merged(runs)
    return runs


def _merged(runs: Sequence[_Run]) -> list[_Run]:
    merged: list[_Run] = []
    for run in runs:
        if merged and merged[-1].wheels == run.wheels:
            merged[-1].last = run.last
        else:
            merged.append(run)
    return merged


def _means(speed: Floats, wheels: bool, lat: Floats, lon: Floats, basemap: Basemap | None) -> Means:
    step = max(1, len(lat) // LOOKED_AT)
    if _offshore(lat[::step], lon[::step], basemap or built_in()) >= AT_SEA:
        return Means.BOAT
    if not wheels:
        return Means.FOOT
    moving = speed[speed >= MOVING_M_S]
    middle, fast = np.percentile(moving, [50, 90])
    if middle >= RAILED_M_S:
        return Means.RAIL
    return Means.BICYCLE if fast <= CYCLED_M_S and middle <= CYCLING_M_S else Means.ROAD


def _offshore(lat: Floats, lon: Floats, basemap: Basemap) -> float:
    """The part of these places that have no land around them either: walks along a shore are no cruises."""
    north = np.degrees(OFFSHORE_M / EARTH_RADIUS_M)
    east = north / np.maximum(np.cos(np.radians(lat)), 0.01)
    sea = np.ones(len(lat), dtype=bool)
    for y, x in ((0, 0), (north, 0), (-north, 0), (0, east), (0, -east)):
        sea &= ~basemap.on_land(lat + y, lon + x)
    return float(sea.mean())


def _joined(found: Sequence[Leg]) -> list[Leg]:
    """Neighbours by one means become one leg."""
    joined: list[Leg] = []
    for leg in found:
        if joined and joined[-1].guess == leg.guess != Means.FLIGHT:
            before = joined[-1]
            joined[-1] = replace(before, ends_s=leg.ends_s, length_m=before.length_m + leg.length_m)
        else:
            joined.append(leg)
    return joined
