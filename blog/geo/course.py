"""A stretch of the trip, sampled evenly: where it was, how light, and how likely people photograph."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blog.geo.clock_prior import FARTHEST_S, OFFSETS_S, STEP_S
from blog.geo.positions import EARTH_RADIUS_M, Floats, unit_vectors
from blog.geo.sun import HEIGHTS_DEG, sun_height_deg
from blog.geo.timeline import GAP_S, Indices, Timeline

SLOW_M_S, WALK_M_S, RIDE_M_S = 0.6, 2.2, 10.0
SLOW, WALK, RIDE, FAST = 1.0, 0.8, 0.4, 0.22
LONG_STAY, DROP_OUT, GAP, OUTSIDE = 0.3, 0.45, 0.07, 0.012
FIX_M, TIMING_S = 30.0, 5.0  # σ of an anchor: 30 m, and what was gone in 5 s
STAY_S, STAY_M = 30 * 60.0, 80.0
DROP_OUT_S = 180.0  # and four times what the receiver usually leaves between fixes
NIGHT, NIGHT_BELOW_DEG = 0.2, -12.0  # of those by day, the photos people take in the dark
NEAR_TRUSTED, NEAR_TRUSTED_S = 5.0, 90.0
GAUSS_R90 = 2.146  # the radius that holds 90 % of a round normal distribution of σ 1

_MARGIN = int(STAY_S / STEP_S) + 8  # bins on either side, so that the ends know what was around
_SUN_EVERY = 20  # bins; in five minutes the sun climbs a degree at most


@dataclass(frozen=True)
class Course:
    """Every STEP_S from start_s on: log_rate is log λ, how likely people photograph then; sun is an index of
    HEIGHTS_DEG; ways are where the lines of fixes were."""

    start_s: float
    log_rate: Floats
    sun: Indices
    ways: list["Way"]

    @classmethod
    def over(
        cls, first_s: float, last_s: float, lines: Sequence[Timeline], trusted_utc_s: Floats
    ) -> "Course":
        """All that photos written from first_s to last_s can meet; at least one of lines must lie there.

        What lies between two files is a gap as in one file, not outside.
        """
        start = first_s - FARTHEST_S - _MARGIN * STEP_S
        bins = int((last_s - first_s) / STEP_S) + len(OFFSETS_S) + 2 * _MARGIN + 2
        times = start + STEP_S * np.arange(bins, dtype=np.float64)
        near = [line for line in lines if line.time[-1] >= times[0] and line.time[0] <= times[-1]]
        sun = _sun_heights(times, near)
        ways = [_sampled(line, times) for line in near]
        begins, ends = min(line.time[0] for line in lines), max(line.time[-1] for line in lines)
        between = np.where((times >= begins) & (times <= ends), GAP, OUTSIDE)
        rate = np.max([between, *(way.rate for way in ways)], axis=0) * _by_light(sun)
        rate = _blurred(rate * _near_trusted(times, trusted_utc_s))
        nearest = np.rint((sun - HEIGHTS_DEG[0]) / (HEIGHTS_DEG[1] - HEIGHTS_DEG[0])).astype(np.int64)
        return cls(start, np.log(rate), nearest, ways)

    def reach(self, written_s: float) -> tuple[slice, float]:
        """The bins that a photo meets under OFFSETS_S, and the part of a bin that it is beyond them."""
        bins, beyond = divmod((written_s - FARTHEST_S - self.start_s) / STEP_S, 1)
        return slice(int(bins), int(bins) + len(OFFSETS_S)), beyond


@dataclass(frozen=True)
class Way:
    """One line on even times: rate is λ; space metres from the centre of the Earth (3, bins) and blur_m the σ
    of that place, both nan off the line; worth is 1, and less where a gap leaves the place wide open."""

    rate: Floats
    space: Floats
    blur_m: Floats
    worth: Floats


def _sampled(line: Timeline, times: Floats) -> Way:
    n = len(times)
    way = Way(np.full(n, OUTSIDE), np.full((3, n), np.nan), np.full(n, np.nan), np.ones(n))
    on = slice(*np.searchsorted(times, [line.time[0], line.time[-1]]).tolist())
    if on.stop > on.start:
        spots = line.at(times[on], np.zeros(on.stop - on.start))
        way.space[:, on] = EARTH_RADIUS_M * unit_vectors(spots.lat, spots.lon)
        speed = _speed(way.space[:, on])
        gap = spots.span_s >= GAP_S
        open_m = np.where(gap, np.hypot(FIX_M, spots.radius_m / GAUSS_R90), FIX_M)
        way.worth[on] = (FIX_M / open_m) ** 2
        way.blur_m[on] = np.hypot(open_m, np.where(gap, 0.0, TIMING_S * speed))
        way.rate[on] = _rates(way.space[:, on], speed, spots.span_s, _drop_out_s(line))
    return way


def _rates(space: Floats, speed: Floats, span_s: Floats, drop_out_s: float) -> Floats:
    """λ: people photograph while slow or stopped, and rarely while they stay for long or ride fast."""
    moving = np.array([SLOW, WALK, RIDE, FAST])[np.searchsorted([SLOW_M_S, WALK_M_S, RIDE_M_S], speed)]
    rate = np.where((speed <= WALK_M_S) & _stays(space), LONG_STAY, moving)
    rate = np.where(span_s > drop_out_s, DROP_OUT, rate)
    rates: Floats = np.where(span_s >= GAP_S, GAP, rate)
    return rates


def _drop_out_s(line: Timeline) -> float:
    return max(DROP_OUT_S, 4 * float(np.median(np.diff(line.time)))) if len(line.time) > 1 else DROP_OUT_S


def _speed(space: Floats) -> Floats:
    """Metres per second over a minute around."""
    ahead = np.clip(np.arange(space.shape[1]) + 2, 0, space.shape[1] - 1)
    behind = np.clip(np.arange(space.shape[1]) - 2, 0, None)
    step = space[:, ahead] - space[:, behind]
    speed: Floats = np.sqrt(np.einsum("ij,ij->j", step, step)) / (STEP_S * np.maximum(ahead - behind, 1))
    return speed


def _stays(space: Floats) -> NDArray[np.bool_]:
    """Where at least half an hour on end was spent within some 80 m."""
    half, n = int(STAY_S / STEP_S / 2), space.shape[1]
    if n <= 2 * half:
        return np.zeros(n, bool)
    start, middle, end = space[:, : n - 2 * half], space[:, half : n - half], space[:, 2 * half :]
    still = (_apart(start, middle) < STAY_M) & (_apart(start, end) < STAY_M) & (_apart(middle, end) < STAY_M)
    begun = np.cumsum(np.concatenate([[0], still]))  # how many such half hours had begun before each bin
    bins = np.arange(n)
    last, first = np.minimum(bins + 1, n - 2 * half), np.clip(bins - 2 * half, 0, n - 2 * half)
    return np.asarray(begun[last] > begun[first])


def _apart(a: Floats, b: Floats) -> Floats:
    distance: Floats = np.sqrt(np.einsum("ij,ij->j", a - b, a - b))
    return distance


def _by_light(sun_deg: Floats) -> Floats:
    return np.interp(sun_deg, [NIGHT_BELOW_DEG, 0], [NIGHT, 1])


def _near_trusted(times: Floats, trusted_utc_s: Floats) -> Floats:
    """Where another camera, whose clock is trusted, took a photo, this one is likelier to have done so."""
    if not len(trusted_utc_s):
        return np.ones_like(times)
    trusted = np.sort(trusted_utc_s)
    after = np.clip(np.searchsorted(trusted, times), 0, len(trusted) - 1)
    away = np.minimum(np.abs(times - trusted[after]), np.abs(times - trusted[np.maximum(after - 1, 0)]))
    boost: Floats = 1 + NEAR_TRUSTED * np.exp(-away / NEAR_TRUSTED_S)
    return boost


def _blurred(rate: Floats) -> Floats:
    """The mean over ±30 s: clocks of cameras and receivers drift a little, and photos take their time."""
    padded = np.pad(rate, 2, mode="edge")
    return np.convolve(padded, np.full(5, 0.2), mode="valid")


def _sun_heights(times: Floats, lines: Sequence[Timeline]) -> Floats:
    """The sun at the known place that is nearest in time."""
    fixes = np.concatenate([line.time for line in lines])
    order = np.argsort(fixes, kind="stable")
    fixes = fixes[order]
    lat, lon = (np.concatenate(parts)[order] for parts in ([x.lat for x in lines], [x.lon for x in lines]))
    some = np.append(times[::_SUN_EVERY], times[-1])
    after = np.clip(np.searchsorted(fixes, some), 0, len(fixes) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(some - fixes[before]) < np.abs(some - fixes[after]), before, after)
    return np.interp(times, some, sun_height_deg(some, lat[nearest], lon[nearest]))
