"""What speaks for a clock's offset, counted so that it can be told in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blog.geo.clock_search import BURST_S, PAIR_AGREES_S, Anchor, Pair, anchor_agrees
from blog.geo.clocks import AGREEMENT_S, Reading
from blog.geo.positions import Floats, Position, distances_m
from blog.geo.sun import DAYLIGHT_EV, sun_height_deg
from blog.geo.timeline import GAP_S, Timeline

BESIDE_S = 30.0  # photos of two cameras so close are taken for one moment
HALT_S, HALT_M_S = 60.0, 0.6  # slower than this over two minutes is a halt
NIGHT_BELOW_DEG = -6.0  # civil twilight ends
DAY_S = 86_400.0
PASS_M = 60.0  # a track that came within this of its nearest approach passed there as well
PASSES_APART_S = 600.0


@dataclass(frozen=True)
class Support:
    """Counts for one offset. moments are bursts of photos; recorded are those while a track was recording,
    halted those of them at a halt, night those with the light of day in the dark. beside are moments within
    30 s of a photo by beside_camera, whose clock is sure; none of them is farther than beside_s seconds."""

    photos: int
    moments: int
    satellite: int
    satellite_of: int
    anchors: int
    anchors_of: int
    pairs: int
    pairs_of: int
    beside: int
    beside_camera: str
    beside_s: float
    recorded: int
    halted: int
    night: int


def support(
    own: Sequence[Reading],
    offset_s: float,
    lines: Sequence[Timeline],
    others: Sequence[tuple[str, Floats]] = (),
    pairs: Sequence[Pair] = (),
) -> Support:
    """What speaks for an offset of one camera's readings (each with a written time).

    others are cameras whose clocks are sure, with the times of their photos (unix seconds).
    """
    written = np.array([reading.written_s for reading in own], dtype=np.float64)
    moments = np.sort(written)[np.diff(np.sort(written), prepend=-np.inf) > BURST_S] + offset_s
    anchors = [
        Anchor(reading.written_s or 0.0, place)
        for reading in own
        if (place := reading.by_hand or reading.position)
    ]
    told = [told for reading in own if (told := _satellite_offset(reading, offset_s)) is not None]
    recorded, halted = _on_track(moments, lines)
    camera, beside = _beside(moments, others)
    return Support(
        photos=len(own),
        moments=len(moments),
        satellite=sum(abs(one - offset_s) <= AGREEMENT_S for one in told),
        satellite_of=len(told),
        anchors=sum(anchor_agrees(anchor, offset_s, lines) for anchor in anchors),
        anchors_of=len(anchors) if lines else 0,
        pairs=sum(abs(pair.written_s + offset_s - pair.utc_s) <= PAIR_AGREES_S for pair in pairs),
        pairs_of=len(pairs),
        beside=len(beside),
        beside_camera=camera,
        beside_s=float(beside.max()) if len(beside) else 0.0,
        recorded=recorded,
        halted=halted,
        night=_by_night(own, offset_s, lines),
    )


def passes(lines: Sequence[Timeline], place: Position) -> list[float]:
    """When the tracks were nearest to a place (unix seconds), each pass by once; none without a track."""
    times = np.concatenate([np.empty(0), *(line.time for line in lines)])
    if not len(times):
        return []
    order = np.argsort(times, kind="stable")
    lat, lon = (np.concatenate([getattr(line, name) for line in lines])[order] for name in ("lat", "lon"))
    times, away = times[order], distances_m(lat, lon, place.lat, place.lon)
    near = np.flatnonzero(away <= away.min() + PASS_M)
    visits = np.split(near, np.flatnonzero(np.diff(times[near]) > PASSES_APART_S) + 1)
    return [float(times[visit[np.argmin(away[visit])]]) for visit in visits]


def _satellite_offset(reading: Reading, near_s: float) -> float | None:
    if reading.written_s is None:
        return None
    if reading.gps_utc_s is not None:
        return reading.gps_utc_s - reading.written_s
    if reading.gps_seconds_of_day is None:
        return None
    offset = reading.gps_seconds_of_day - reading.written_s
    return offset - DAY_S * round((offset - near_s) / DAY_S)


def _on_track(moments: Floats, lines: Sequence[Timeline]) -> tuple[int, int]:
    """How many moments fall between fixes, and how many of those on a halt."""
    recorded, halted = np.zeros((2, len(moments)), dtype=bool)
    nothing = np.zeros_like(moments)
    for line in lines:
        inside = line.covers(moments) & (line.at(moments, nothing).span_s < GAP_S)
        before, after = line.at(moments - HALT_S, nothing), line.at(moments + HALT_S, nothing)
        slow = distances_m(before.lat, before.lon, after.lat, after.lon) <= 2 * HALT_S * HALT_M_S
        recorded |= inside
        halted |= inside & slow
    return int(recorded.sum()), int(halted.sum())


def _beside(moments: Floats, others: Sequence[tuple[str, Floats]]) -> tuple[str, Floats]:
    """The camera that photographed at the same moments most often, and how many seconds apart."""
    best: tuple[str, Floats] = ("", np.empty(0))
    for camera, times in others:
        if len(times):
            known = np.sort(times)
            after = np.clip(np.searchsorted(known, moments), 1, len(known) - 1) if len(known) > 1 else 0
            apart = np.minimum(np.abs(moments - known[after]), np.abs(moments - known[after - 1]))
            if (close := apart[apart <= BESIDE_S]).size > len(best[1]):
                best = camera, close
    return best


def _by_night(own: Sequence[Reading], offset_s: float, lines: Sequence[Timeline]) -> int:
    """Photos with the light of day that would have been taken in the dark."""
    bright = np.array(
        [r.written_s for r in own if r.ev is not None and r.ev >= DAYLIGHT_EV], dtype=np.float64
    )
    if not len(bright) or not lines:
        return 0
    utc = bright + offset_s
    longest = max(lines, key=lambda line: len(line.time))
    spots = longest.at(utc, np.zeros_like(utc))
    return int((sun_height_deg(utc, spots.lat, spots.lon) < NIGHT_BELOW_DEG).sum())
