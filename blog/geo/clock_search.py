"""The posterior of a camera's clock offset, where nothing tells it exactly.

log P(o) = prior + ¼ Σ w log λ(t + o) + ¼ Σ w log P(EV | sun(t + o)) + Σ anchors + Σ pairs, on OFFSETS_S.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from blog.geo.clock_prior import FARTHEST_S, OFFSETS_S, STEP_S, laplace
from blog.geo.course import Course
from blog.geo.positions import EARTH_RADIUS_M, Floats, Position, unit_vectors
from blog.geo.sun import DAYLIGHT_EV, log_exposure
from blog.geo.timeline import Timeline

TRUST = 0.25  # in habits: the moments of a day hang together, so each says less than it seems to
BURST_S = 15.0  # shots closer than this are one moment
CROWD_S, CROWDED = 300.0, -0.7
MOST_ANCHORS = 100

RIGHT_ANCHOR, STRAY_ANCHOR = 0.88, 0.004
RIGHT_PAIR = 0.8
RIGHT_SATELLITE, SATELLITE_AGREES_S = 0.9, 60.0

QUARTER_HOUR_S = 900.0
ENOUGH_WITNESSES, SURE = 3, 0.99
AGREEING = 0.6  # of all witnesses; fewer speak for two clocks, or for a track that is another's
RECORDING_S = 300.0  # between the fixes around
PLACED_S, SURE_TO_PLACE = 120.0, 0.95  # right to a quarter of an hour can still be a kilometre off
ANCHOR_AGREES_SIGMAS, PAIR_AGREES_S = 2.5, 120.0
LIKELY = 0.02  # rivals less likely than this are not worth showing
MOST_RIVALS = 5

_CHUNK_S = 8 * 86_400.0  # of a long trip, so much is sampled at once


@dataclass(frozen=True, slots=True)
class Anchor:
    """A photo whose place is known: what the camera wrote (unix seconds), and where it was taken."""

    written_s: float
    position: Position


@dataclass(frozen=True, slots=True)
class Pair:
    """What the camera wrote, and the true time of another camera's photo of the same moment."""

    written_s: float
    utc_s: float


@dataclass(frozen=True)
class Evidence:
    """What one camera's photos say: written_s (n,), in any order, and ev (n,), nan where unknown.

    satellites pair what it wrote with satellite time, of which some may be stale.
    """

    written_s: Floats
    ev: Floats
    anchors: Sequence[Anchor] = ()
    pairs: Sequence[Pair] = ()
    satellites: Sequence[Pair] = ()


class Clue(NamedTuple):
    """What one moment, anchor or pair says: log P of it under every one of OFFSETS_S, but for a constant."""

    written_s: float
    log: Floats


@dataclass(frozen=True)
class Posterior:
    """probability of every one of OFFSETS_S; witnesses are the anchors and pairs that agree with `best_s`.

    strays are those that contradict it: pairs, and anchors at whose moment a track was recording elsewhere.
    """

    probability: Floats
    witnesses: int = 0
    strays: int = 0

    def within(self, offset_s: float, reach_s: float = QUARTER_HOUR_S) -> float:
        """The probability that the offset is no farther than reach_s from offset_s."""
        return min(1.0, float(self.probability[np.abs(OFFSETS_S - offset_s) <= reach_s].sum()))

    def half_width_s(self, offset_s: float) -> float:
        """Half of the width around offset_s that holds 90 %, at least half a step."""
        away = np.abs(OFFSETS_S - offset_s)
        order = np.argsort(away)
        held = int(np.searchsorted(np.cumsum(self.probability[order]), 0.9))
        return max(STEP_S / 2, float(away[order][min(held, len(order) - 1)]))

    @property
    def best_s(self) -> float:
        return self.candidates()[0][0]

    @property
    def is_sure(self) -> bool:
        """Whether it may be applied without asking."""
        enough = self.witnesses >= max(ENOUGH_WITNESSES, AGREEING * (self.witnesses + self.strays))
        close = self.within(self.best_s, PLACED_S) >= SURE_TO_PLACE
        return enough and close and self.within(self.best_s) >= SURE

    def candidates(self) -> list[tuple[float, float]]:
        """(offset_s, probability within a quarter of an hour), the likeliest first; none overlap."""
        left = self.probability.copy()
        found: list[tuple[float, float]] = []
        while len(found) <= MOST_RIVALS and left.any():  # much evidence leaves exactly nothing to rivals
            mass = _summed(left, QUARTER_HOUR_S)
            centre = OFFSETS_S[int(np.argmax(mass))]
            near = np.abs(OFFSETS_S - centre) <= QUARTER_HOUR_S
            offset = _peak_s(np.where(near, left, 0.0))
            own = np.abs(OFFSETS_S - offset) <= QUARTER_HOUR_S
            odds = min(1.0, float(left[own].sum()))
            if odds < LIKELY and found:
                break
            found.append((offset, odds))
            left[own] = 0.0
        return sorted(found, key=lambda candidate: -candidate[1])


def search(
    evidence: Evidence, lines: Sequence[Timeline], log_prior: Floats, trusted_utc_s: Floats
) -> Posterior:
    """The posterior over OFFSETS_S. trusted_utc_s are the times of photos by cameras whose clock is known."""
    logs = log_prior.copy()
    for clue in clues(evidence, lines, trusted_utc_s):
        logs += clue.log
    probability = np.exp(logs - logs.max())
    posterior = Posterior(probability / probability.sum())
    best = posterior.best_s
    anchors = _apart(evidence.anchors)
    off = [anchor for anchor in anchors if not anchor_agrees(anchor, best, lines)]
    agree = [abs(pair.written_s + best - pair.utc_s) <= PAIR_AGREES_S for pair in evidence.pairs]
    witnesses = len(anchors) - len(off) + agree.count(True)
    strays = agree.count(False) + sum(_was_recorded(anchor.written_s + best, lines) for anchor in off)
    return Posterior(posterior.probability, witnesses, strays)


def clues(evidence: Evidence, lines: Sequence[Timeline], trusted_utc_s: Floats) -> Iterator[Clue]:
    """All that the evidence says, one by one, in any order."""
    for pair in evidence.pairs:
        yield Clue(pair.written_s, _pair_log(pair))
    for satellite in evidence.satellites:
        yield Clue(satellite.written_s, _satellite_log(satellite))
    anchors = _apart(evidence.anchors)
    moments, ev = _moments(evidence)
    weights = TRUST * _weights(moments)
    for start, end in _stretches(np.append(moments, [anchor.written_s for anchor in anchors])):
        if not any(_can_meet(line, start, end) for line in lines):  # whatever the offset, all is outside
            continue
        course = Course.over(start, end, lines, trusted_utc_s)
        own = (moments >= start) & (moments <= end)
        yield from _habits(course, moments[own], ev[own], weights[own])
        for anchor in anchors:
            if start <= anchor.written_s <= end:
                yield Clue(anchor.written_s, _anchor_log(course, anchor))


def anchor_agrees(anchor: Anchor, offset_s: float, lines: Sequence[Timeline]) -> bool:
    """Whether a track was at the anchor's place at that moment."""
    when = anchor.written_s + offset_s
    near = [line for line in lines if line.time[0] <= when <= line.time[-1]]
    if not near:
        return False
    index = int(np.argmin(np.abs(OFFSETS_S - offset_s)))
    course = Course.over(anchor.written_s, anchor.written_s, near, np.empty(0))
    floor = RIGHT_ANCHOR * np.exp(-(ANCHOR_AGREES_SIGMAS**2) / 2) + STRAY_ANCHOR
    return bool(_anchor_log(course, anchor)[index] >= np.log(floor))


def _was_recorded(utc_s: float, lines: Sequence[Timeline]) -> bool:
    """Whether a track has fixes close around a moment, so that it can contradict a place."""
    when, nothing = np.array([utc_s]), np.zeros(1)
    return any(line.covers(when)[0] and line.at(when, nothing).span_s[0] <= RECORDING_S for line in lines)


def _pair_log(pair: Pair) -> Floats:
    apart = pair.written_s + OFFSETS_S - pair.utc_s
    right = 0.7 * laplace(apart, 25) + 0.3 * laplace(apart, 150)
    return np.log(RIGHT_PAIR * right + (1 - RIGHT_PAIR) / (2 * FARTHEST_S))


def _satellite_log(satellite: Pair) -> Floats:
    """Right to the minute, so that a clock that drifts stays one clock, or stale and then anything."""
    near = np.abs(satellite.written_s + OFFSETS_S - satellite.utc_s) <= SATELLITE_AGREES_S
    odds = RIGHT_SATELLITE * near / (2 * SATELLITE_AGREES_S) + (1 - RIGHT_SATELLITE) / (2 * FARTHEST_S)
    return np.log(odds)


def _habits(course: Course, moments: Floats, ev: Floats, weights: Floats) -> Iterator[Clue]:
    """What the tracks say of when people photograph, and of daylight."""
    light = {level: log_exposure(level) for level in np.unique(ev[np.isfinite(ev)]).tolist()}
    rate = course.log_rate
    for moment, level, weight in zip(moments.tolist(), ev.tolist(), weights.tolist(), strict=True):
        bins, beyond = course.reach(moment)
        ahead = slice(bins.start + 1, bins.stop + 1)
        log = (1 - beyond) * rate[bins] + beyond * rate[ahead]
        if level in light:
            log += light[level][course.sun[bins]]
        yield Clue(moment, weight * log)


def _anchor_log(course: Course, anchor: Anchor) -> Floats:
    """log(.88 exp(−d²/2σ²) + background), against the line that fits best."""
    there = EARTH_RADIUS_M * unit_vectors(anchor.position.lat, anchor.position.lon)[:, None]
    bins, beyond = course.reach(anchor.written_s)
    ahead = slice(bins.start + 1, bins.stop + 1)
    best = np.zeros_like(OFFSETS_S)
    for way in course.ways:
        off = (1 - beyond) * way.space[:, bins] + beyond * way.space[:, ahead] - there
        fit = np.exp(-np.einsum("ij,ij->j", off, off) / (2 * way.blur_m[bins] ** 2))
        best = np.fmax(best, way.worth[bins] * fit)  # fmax: where a line is not, it says nothing
    return np.log(RIGHT_ANCHOR * best + STRAY_ANCHOR)


def _moments(evidence: Evidence) -> tuple[Floats, Floats]:
    """The start of every burst, and its exposure value to a quarter of a stop; nan where it tells nothing."""
    order = np.argsort(evidence.written_s, kind="stable")
    written, ev = evidence.written_s[order], evidence.ev[order]
    starts = np.diff(written, prepend=-np.inf) > BURST_S
    levels = np.rint(np.where(ev[starts] >= DAYLIGHT_EV, ev[starts], np.nan) * 4) / 4
    return written[starts], levels


def _weights(moments: Floats) -> Floats:
    """Moments that crowd within ±5 min share what they say."""
    crowd = np.searchsorted(moments, moments + CROWD_S, side="right")
    crowd -= np.searchsorted(moments, moments - CROWD_S)
    weights: Floats = crowd.astype(float) ** CROWDED
    return weights


def _stretches(written_s: Floats) -> Iterator[tuple[float, float]]:
    """First and last time of parts that are short enough to be sampled at once."""
    written = np.sort(written_s)
    part = np.floor((written - written[:1]) / _CHUNK_S)
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(written)]
    for first, stop in pairwise(edges):
        if stop > first:
            yield float(written[first]), float(written[stop - 1])


def _can_meet(line: Timeline, start_s: float, end_s: float) -> bool:
    return bool(line.time[-1] >= start_s - FARTHEST_S and line.time[0] <= end_s + FARTHEST_S)


def _apart(anchors: Sequence[Anchor]) -> Sequence[Anchor]:
    """A receiver without a fix repeats its last place, and a burst says a thing once: each counts for one.

    Of more than a hundred, a hundred evenly: more would say no more.
    """
    places: dict[Position, Anchor] = {}
    for anchor in sorted(anchors, key=lambda anchor: anchor.written_s):
        places.setdefault(anchor.position, anchor)
    apart: list[Anchor] = []
    for anchor in places.values():
        if not apart or anchor.written_s - apart[-1].written_s > BURST_S:
            apart.append(anchor)
    return apart[:: max(1, -(-len(apart) // MOST_ANCHORS))]


def _summed(values: Floats, reach_s: float) -> Floats:
    """The sum within ±reach_s of every offset."""
    reach = round(reach_s / STEP_S)
    total = np.concatenate([[0.0], np.cumsum(values)])
    bins = np.arange(len(values))
    sums: Floats = total[np.minimum(bins + reach + 1, len(values))] - total[np.maximum(bins - reach, 0)]
    return sums


def _peak_s(probability: Floats) -> float:
    """The likeliest minute and a half, and in it the mean, to the second."""
    centre = OFFSETS_S[int(np.argmax(_summed(probability, 45)))]
    near = np.abs(OFFSETS_S - centre) <= 90
    return float(np.round(np.average(OFFSETS_S[near], weights=probability[near]))) + 0.0  # never −0
