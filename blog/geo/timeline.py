"""Where one was between known places, and how surely.

From the page on placement: great circles between fixes, dwell–travel–dwell across gaps, and
r90 = c(T) · sqrt(17² + (2.03·d·√(u(1−u)))² + (.163·τ^1.18)²), the clock's width added in quadrature.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blog.geo.positions import Floats, between, distances_m
from blog.geo.tracks import Track

GAP_S = 30 * 60.0  # longer between two fixes, and one rather stayed, went, and stayed than crept along
FLOOR_M = 11.0
FARTHEST_M = 20_015_000.0  # half way around the Earth

_TRAVEL_UP_TO_M = (1_500.0, 5_000.0, 50_000.0, 400_000.0)
_TRAVEL_M_S = np.array([1.1, 2.5, 9.0, 22.0, 70.0])
_CARE_UP_TO_S = (300.0, 1_800.0, 7_200.0, 14_400.0, 43_200.0)
_CARE = np.array([0.68, 0.75, 0.85, 0.97, 1.21, 1.98])
_MOST_LINES = 8

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Spots:
    """Places, one for each time asked for: degrees, metres, and the seconds between the fixes around."""

    lat: Floats
    lon: Floats
    ele: Floats
    radius_m: Floats
    span_s: Floats
    known: tuple[tuple[Floats, Floats], ...]  # latitudes and longitudes that they were worked out from

    @property
    def leans_on(self) -> Floats:
        """The places that each was worked out from (n, k, 2; degrees): those before and after, and, where
        clocks are not exact, where one was at either end of their widths."""
        return np.stack([np.stack(places, axis=1) for places in self.known], axis=1)


@dataclass(frozen=True)
class Timeline:
    """At least one known place, in order of time (unix seconds); ele is nan where unknown."""

    time: Floats
    lat: Floats
    lon: Floats
    ele: Floats

    def covers(self, utc_s: Floats) -> NDArray[np.bool_]:
        return (utc_s >= self.time[0]) & (utc_s <= self.time[-1])

    def around(self, utc_s: Floats) -> tuple[Indices, Indices]:
        """The indices of the known places before and after; both at the end, where there is but one."""
        after = np.searchsorted(self.time, utc_s, side="right")
        last = len(self.time) - 1
        return np.clip(after - 1, 0, max(last - 1, 0)), np.clip(after, min(1, last), last)

    def at(self, utc_s: Floats, width_s: Floats) -> Spots:
        """Where one was at these times, known to ± width_s; outside the timeline, at its end."""
        before, after = self.around(utc_s)
        span = self.time[after] - self.time[before]
        fraction = _fraction(utc_s - self.time[before], span)
        distance = distances_m(self.lat[before], self.lon[before], self.lat[after], self.lon[after])
        moved = _moved(fraction, distance, span)
        lat, lon = between(self.lat[before], self.lon[before], self.lat[after], self.lon[after], moved)
        ele = self.ele[before] + moved * (self.ele[after] - self.ele[before])
        radius = r90_m(span, distance, fraction)
        known = [(self.lat[i], self.lon[i]) for i in (before, after)]
        if np.any(width_s > 0):
            exactly = np.zeros_like(utc_s)
            ends = [self.at(utc_s - width_s, exactly), self.at(utc_s + width_s, exactly)]
            earlier, later = (distances_m(lat, lon, end.lat, end.lon) for end in ends)
            radius = np.hypot(radius, np.maximum(earlier, later))  # speed times width
            known += [(end.lat, end.lon) for end in ends]
        return Spots(lat, lon, ele, np.clip(radius, FLOOR_M, FARTHEST_M), span, tuple(known))

    def edges(self) -> Indices:
        """The first and last known place, and those on either side of every gap."""
        gaps = np.flatnonzero(np.diff(self.time) >= GAP_S)
        return np.unique(np.concatenate([[0, len(self.time) - 1], gaps, gaps + 1]))


def r90_m(span_s: Floats, distance_m: Floats, fraction: Floats) -> Floats:
    """The radius that holds the true place nine times out of ten, without a clock's width and the floor.

    span_s and distance_m lie between the fixes around, fraction is that of the time between them.
    """
    care = _CARE[np.searchsorted(_CARE_UP_TO_S, span_s, side="right")]
    astray = 2.03 * distance_m * np.sqrt(fraction * (1 - fraction))
    waiting = 0.163 * (np.minimum(fraction, 1 - fraction) * span_s) ** 1.18
    radius: Floats = care * np.sqrt(17.0**2 + astray**2 + waiting**2)
    return radius


def timelines(track: Track) -> list[Timeline]:
    """The timed fixes of a track. Segments recorded side by side, as by two receivers, stay apart."""
    if len(track) and np.all(track.time[1:] >= track.time[:-1]) and np.isfinite(track.time[0]):
        return [Timeline(track.time, track.lat, track.lon, track.ele)]
    lines: list[list[Indices]] = []
    for part in sorted(_timed_parts(track), key=lambda part: float(track.time[part[0]])):
        line = next((line for line in lines if track.time[line[-1][-1]] <= track.time[part[0]]), None)
        if line is None and len(lines) < _MOST_LINES:
            lines.append([part])
        else:
            (line or lines[0]).append(part)
    return [_timeline(track, np.concatenate(line)) for line in lines]


def _timed_parts(track: Track) -> list[Indices]:
    parts = [np.arange(part.start, part.stop) for part in track.segments]
    timed = [part[np.isfinite(track.time[part])] for part in parts]
    return [part[np.argsort(track.time[part], kind="stable")] for part in timed if len(part)]


def _timeline(track: Track, points: Indices) -> Timeline:
    points = points[np.argsort(track.time[points], kind="stable")]
    return Timeline(track.time[points], track.lat[points], track.lon[points], track.ele[points])


def _fraction(elapsed_s: Floats, span_s: Floats) -> Floats:
    return np.divide(np.clip(elapsed_s, 0, span_s), span_s, out=np.zeros_like(span_s), where=span_s > 0)


def _moved(fraction: Floats, distance_m: Floats, span_s: Floats) -> Floats:
    """The fraction of the way gone: that of the time, but dwell–travel–dwell across a gap."""
    speed = _TRAVEL_M_S[np.searchsorted(_TRAVEL_UP_TO_M, distance_m, side="right")]
    travelling = np.clip(distance_m / (speed * np.maximum(span_s, 1.0)), 1e-9, 1)
    moved = np.clip((fraction - (1 - travelling) / 2) / travelling, 0, 1)
    return np.where(span_s >= GAP_S, moved, fraction)
