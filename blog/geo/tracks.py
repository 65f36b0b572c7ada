"""Tracks: what a receiver recorded, as arrays."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from blog.geo.positions import EARTH_RADIUS_M, Floats, distances_m, unit_vectors

CLIMB_STEP_M = 50.0  # heights are averaged over this much of the way
CLIMB_BAND_M = 5.0  # a rise counts when it exceeds this; receivers wander by less

LONGEST_SPAN = 2_000  # points, one of which is kept anyway: a hostile way has every point look at all others

_MAGIC = b"RBT1"
_HEAD = struct.Struct("<4sII")  # magic, points, segments
_SCALES = (1e7, 1e7, 1e2, 1e3)  # lat and lon to 1e-7°, ele to 1 cm, time to 1 ms
_MISSING = np.iinfo(np.int64).min
_MAX_POINTS = 5_000_000


@dataclass(frozen=True)
class Track:
    """Points as arrays of one length, in the order of the way.

    lat and lon in degrees, ele in metres and time in unix seconds UTC, both nan where unknown;
    starts holds the index of the first point of each segment. Raises ValueError where they do not fit.
    """

    lat: Floats
    lon: Floats
    ele: Floats
    time: Floats
    starts: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.lat)
        if not n == len(self.lon) == len(self.ele) == len(self.time):
            raise ValueError("The arrays of a track must have one length.")
        if not np.all(np.diff(self.starts, prepend=-1, append=n) > 0) or (n and not np.any(self.starts == 0)):
            raise ValueError("The segments of a track must start at 0 and follow one another.")
        if not (np.all(np.abs(self.lat) <= 90) and np.all(np.abs(self.lon) <= 180)):
            raise ValueError("A point of the track is not on the Earth.")

    def __len__(self) -> int:
        return len(self.lat)

    @property
    def has_times(self) -> bool:
        return self.begins_at is not None

    @cached_property
    def begins_at(self) -> float | None:
        return float(np.nanmin(self.time)) if np.any(np.isfinite(self.time)) else None

    @cached_property
    def ends_at(self) -> float | None:
        return float(np.nanmax(self.time)) if np.any(np.isfinite(self.time)) else None

    @cached_property
    def length_m(self) -> float:
        """The way recorded, in metres; the gaps between segments are not counted."""
        steps = self._steps_m
        return float(steps.sum() - steps[self.starts].sum()) if len(self) else 0.0

    @cached_property
    def climb_m(self) -> float:
        """Metres climbed, with the noise of the receiver kept out.

        Heights are averaged over every 50 m of the way, and a rise counts only when it exceeds 5 m since the
        last low point; what lies between segments is not counted.
        """
        return sum(_climb_m(along, ele) for along, ele in self._profiles())

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(south, west, north, east) in degrees; west > east where it spans the date line.

        Raises ValueError for a track without points.
        """
        if not len(self):
            raise ValueError("A track without points has no bounds.")
        west, east = _shortest_span(self.lon)
        return float(self.lat.min()), west, float(self.lat.max()), east

    @property
    def segments(self) -> list[slice]:
        ends = [*self.starts[1:].tolist(), len(self)]
        return [slice(start, end) for start, end in zip(self.starts.tolist(), ends, strict=False)]

    def distance_along(self) -> Floats:
        """Metres from the first point to every point, the straight gaps between segments included."""
        return np.cumsum(self._steps_m)

    def between(self, start_s: float, end_s: float) -> "Track":
        """The points of this time span (ends included); points without a time are left out."""
        return self._only((self.time >= start_s) & (self.time <= end_s))

    def simplified(self, tolerance_m: float) -> list[Floats]:
        """The way with few points that keep it within tolerance_m: an (n, 2) array of lat, lon per segment.

        Douglas–Peucker on the chords between points in space, so the date line and the poles need no care.
        """
        points = np.column_stack([self.lat, self.lon])
        space = EARTH_RADIUS_M * unit_vectors(self.lat, self.lon).T
        return [points[part][_kept(space[part], tolerance_m)] for part in self.segments]

    def to_bytes(self) -> bytes:
        """The track in a compact form that from_bytes reads: differences of whole numbers, deflated."""
        columns = zip((self.lat, self.lon, self.ele, self.time), _SCALES, strict=True)
        steps = [np.diff(_whole(column, scale), prepend=0) for column, scale in columns]
        body = b"".join(array.astype("<i8").tobytes() for array in [self.starts, *steps])
        return _HEAD.pack(_MAGIC, len(self), len(self.starts)) + zlib.compress(body, 4)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Track":
        """The track that to_bytes wrote. Raises ValueError for anything else."""
        body, n, segments = _unpacked(data)
        starts = np.frombuffer(body, "<i8", segments).astype(np.int64)
        deltas = np.frombuffer(body, "<i8", 4 * n, offset=8 * segments).reshape(4, n)
        lat, lon, ele, time = (_from_whole(np.cumsum(row), s) for row, s in zip(deltas, _SCALES, strict=True))
        return cls(lat, lon, ele, time, starts)

    @cached_property
    def _steps_m(self) -> Floats:
        """Metres from the point before to every point; 0 for the first."""
        steps = np.zeros(len(self))
        steps[1:] = distances_m(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])
        return steps

    def _profiles(self) -> Iterator[tuple[Floats, Floats]]:
        along = self.distance_along()
        for part in self.segments:
            known = np.isfinite(self.ele[part])
            if known.sum() > 1:
                yield along[part][known], self.ele[part][known]

    def _only(self, keep: NDArray[np.bool_]) -> "Track":
        segment = np.searchsorted(self.starts, np.flatnonzero(keep), side="right")
        starts = np.flatnonzero(np.diff(segment, prepend=0)).astype(np.int64)
        return Track(self.lat[keep], self.lon[keep], self.ele[keep], self.time[keep], starts)


def _climb_m(along: Floats, ele: Floats) -> float:
    """Metres climbed in one segment: means over CLIMB_STEP_M, then a dead band of CLIMB_BAND_M."""
    _, step = np.unique((along - along[0]) // CLIMB_STEP_M, return_inverse=True)
    heights = np.bincount(step, ele) / np.bincount(step)
    climb, low = 0.0, float(heights[0])
    high = low
    for height in heights.tolist():
        high = max(high, height)
        if height < high - CLIMB_BAND_M or height < low:  # the rise is over, or has not begun
            climb += high - low if high - low > CLIMB_BAND_M else 0.0
            low = high = height
    return climb + (high - low if high - low > CLIMB_BAND_M else 0.0)


def _shortest_span(lon: Floats) -> tuple[float, float]:
    """West and east of the shortest arc that holds all longitudes."""
    west, east = float(lon.min()), float(lon.max())
    if east - west <= 180:
        return west, east
    around = np.unique(lon)
    gaps = np.diff(around, append=around[0] + 360)
    widest = int(gaps.argmax())
    return float(around[(widest + 1) % len(around)]), float(around[widest])


def _kept(points: Floats, tolerance_m: float) -> NDArray[np.bool_]:
    """Which of the points (n, 3), in metres, Douglas–Peucker keeps."""
    keep = np.zeros(len(points), dtype=bool)
    keep[::LONGEST_SPAN] = keep[-1] = True
    spans = list(pairwise(np.flatnonzero(keep).tolist()))
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        off = _distances_to_chord(points[first + 1 : last], points[first], points[last])
        farthest = int(off.argmax())
        if off[farthest] > tolerance_m:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return keep


def _distances_to_chord(points: Floats, start: Floats, end: Floats) -> Floats:
    chord = end - start
    square = float(chord @ chord)
    along = np.clip((points - start) @ chord / square, 0, 1) if square else np.zeros(len(points))
    off = points - start - along[:, None] * chord
    distances: Floats = np.sqrt(np.einsum("ij,ij->i", off, off))
    return distances


def _whole(column: Floats, scale: float) -> NDArray[np.int64]:
    known = np.isfinite(column)
    return np.where(known, np.rint(np.where(known, column, 0) * scale), _MISSING).astype(np.int64)


def _from_whole(whole: NDArray[np.int64], scale: float) -> Floats:
    return np.where(whole == _MISSING, np.nan, whole / scale)


def _unpacked(data: bytes) -> tuple[bytes, int, int]:
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        raise ValueError("These bytes are not a track.")
    _, n, segments = _HEAD.unpack_from(data)
    size = 8 * (segments + 4 * n)
    if n > _MAX_POINTS or segments > n:
        raise ValueError("This track is too large to be true.")
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data[_HEAD.size :], size + 1)
    except zlib.error as error:
        raise ValueError("These bytes are a damaged track.") from error
    if len(body) != size or not inflater.eof or inflater.unused_data:
        raise ValueError("These bytes are a damaged track.")
    return body, n, segments
