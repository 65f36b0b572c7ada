"""A camera whose clock was changed on the way: one offset for all its photos against two, parted at a moment.

Both are weighed by their marginal likelihood on OFFSETS_S, so that two offsets pay for their freedom. Only
what knows a time counts: satellite times, places on the track, pairs. Habits would propose changes that never
were (on 4 of 40 made-up trips).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blog.geo.clock_search import BURST_S, Anchor, Clue, Evidence, Pair, Posterior, clues
from blog.geo.clocks import Reading
from blog.geo.positions import Floats
from blog.geo.timeline import Timeline

CHANGED = 0.01  # of cameras on a trip, before any evidence
APART_S = 150.0  # a smaller difference is a clock that drifts, or is read badly
LIKELY = 0.9  # less is not worth a proposal
FEWEST = 3  # clues on either side of the moment
MOST_CLUES = 500  # of more, so many evenly: they say when to a few photos, in a tenth of a second


@dataclass(frozen=True)
class Reset:
    """The clock was changed between the photos written last_s and since_s (unix seconds as written).

    before_s and after_s are the likeliest offsets, UTC minus written, on either side.
    """

    last_s: float
    since_s: float
    before_s: float
    after_s: float
    probability: float


def find_reset(
    own: Sequence[Reading], pairs: Sequence[Pair], lines: Sequence[Timeline], log_prior: Floats
) -> Reset | None:
    """The change of a clock that its photos speak for; None where one offset serves all."""
    anchors = [
        Anchor(reading.written_s, place)
        for reading in own
        if reading.written_s is not None and (place := reading.by_hand or reading.position)
    ]
    nothing = np.empty(0)
    evidence = Evidence(nothing, nothing, anchors, pairs, _satellites(own))
    told = sorted(clues(evidence, lines, nothing), key=lambda clue: clue.written_s)
    told = told[:: -(-len(told) // MOST_CLUES) or 1]
    if len(told) < 2 * FEWEST:
        return None
    before, after = _cumulated(told, log_prior), _cumulated(told[::-1], log_prior)[::-1]
    moments = np.array([clue.written_s for clue in told])
    parted = np.append(False, np.diff(moments) > 0)  # not within one moment
    parted[:FEWEST] = parted[-FEWEST + 1 :] = False
    at = np.flatnonzero(parted)
    if not len(at):
        return None
    two = before[at - 1] + after[at]
    best = int(at[np.argmax(two)])
    odds = _summed_log(two) - np.log(len(at)) + np.log(CHANGED) - before[-1] - np.log1p(-CHANGED)
    probability = float(1 / (1 + np.exp(-np.clip(odds, -500, 500))))
    if probability < LIKELY:
        return None
    before_s, after_s = (_likeliest(part, log_prior) for part in (told[:best], told[best:]))
    if abs(before_s - after_s) < APART_S:
        return None
    return Reset(float(moments[best - 1]), float(moments[best]), before_s, after_s, probability)


def _satellites(own: Sequence[Reading]) -> list[Pair]:
    """What it wrote beside satellite time; a burst or a time that is repeated counts once, stale or not."""
    times: dict[float, float] = {}
    for reading in own:
        if reading.written_s is not None and reading.gps_utc_s is not None:
            first = times.get(reading.gps_utc_s, reading.written_s)
            times[reading.gps_utc_s] = min(first, reading.written_s)
    apart: list[Pair] = []
    for pair in sorted((Pair(written, utc) for utc, written in times.items()), key=lambda one: one.written_s):
        if not apart or pair.written_s - apart[-1].written_s > BURST_S:
            apart.append(pair)
    return apart


def _cumulated(told: Sequence[Clue], log_prior: Floats) -> Floats:
    """log P of the first clue, the first two, …, whatever the offset."""
    logs = log_prior.copy()
    sums = np.empty(len(told))
    for i, clue in enumerate(told):
        logs += clue.log
        sums[i] = _summed_log(logs)
    return sums


def _summed_log(logs: Floats) -> float:
    """log Σ exp."""
    most = logs.max()
    return float(most + np.log(np.exp(logs - most).sum()))


def _likeliest(told: Sequence[Clue], log_prior: Floats) -> float:
    logs = log_prior + np.sum([clue.log for clue in told], axis=0)
    probability = np.exp(logs - logs.max())
    return Posterior(probability / probability.sum()).best_s
