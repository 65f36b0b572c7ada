"""Clocks of cameras: how far UTC is from what a camera wrote.

Exact clocks come from satellite time or from a person. Otherwise tracks, places and pairs are searched for an
offset; until they prove one, the zone that the camera wrote, or that of the place where the trip is, gives a
clock that is right only as far as cameras are set right, and what the search found is a proposal.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import Literal

import numpy as np

from blog.geo.clock_prior import log_prior, zone_weights
from blog.geo.clock_search import Anchor, Evidence, Pair, Posterior, search
from blog.geo.positions import Floats, Position
from blog.geo.timeline import timelines
from blog.geo.tracks import Track
from blog.geo.zones import utc_time, zone_at

DAY_S = 86_400.0
ONE_JOURNEY_S = 30 * DAY_S  # what lies farther apart in time says nothing of one another
FARTHEST_ZONE_S = 14 * 3600.0
AGREEMENT_S = 60.0  # satellite times farther than this from the median are stale

# The prior of PLACEMENT: the error of a set clock is {.6 Laplace 45 s, .3 Laplace 5 min, .1 uniform ±45 min}.
SET_CLOCK_S = 725.0  # half of its 90 % width
WITHIN_QUARTER_HOUR = 0.92  # the part of it within ±15 min
LOCAL_ZONE, NEXT_ZONE, UTC_ZONE = 0.55, 0.05, 0.05  # of cameras that do not say their zone

BY_HAND_S = 30.0  # a person reads a clock to the minute
ONE_FIX_S = 30.0  # one or two satellite times may be stale without showing it
HALF_HOUR_S, SET_TO_S = 1800.0, 180.0  # what zones differ by, and how well most clocks are set
ASKED_FOR_ZONE = 24  # of a camera's photos, about as many as tell which zones it was in
WRITTEN_TO_S = 1.0  # cameras write whole seconds


Sample = tuple[float, float | None, float | None]
Sighting = tuple[float, Position]


@dataclass(frozen=True, slots=True)
class Clock:
    """A camera's clock: offset_s is UTC minus what it wrote; half_width_s half of the offset's 90 % width.

    source: `gps` from satellite time, `by_hand` from a person, `matched` where enough places or pairs agree;
    `zone` from the zone that the camera wrote, `assumed` the zone of the place, or UTC where no place is
    known. probability is that of being right to 15 minutes. proposal is what the evidence makes of a clock
    that is not sure, alternatives are the rivals of that (or of the offset itself where there is none):
    (offset_s, probability), the likeliest first.
    """

    offset_s: float
    half_width_s: float
    source: Literal["gps", "zone", "by_hand", "matched", "assumed"]
    probability: float = 1.0
    alternatives: tuple[tuple[float, float], ...] = ()
    proposal: tuple[float, float] | None = None

    @property
    def knows_zone(self) -> bool:
        """False where UTC was assumed for want of anything better."""
        return self.half_width_s < FARTHEST_ZONE_S

    @property
    def is_sure(self) -> bool:
        """Whether it may be used without asking anyone."""
        return self.source in ("gps", "by_hand", "matched")

    @property
    def likeliest(self) -> tuple[float, float]:
        """(offset_s, probability) of the best that is known: the proposal where there is one."""
        return self.proposal or (self.offset_s, self.probability)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one photo file says of time and place.

    written_s is the local time that the camera wrote, read as if it were UTC (unix seconds); zone_offset_s
    what the file claims local time to be ahead of UTC; gps_utc_s and gps_seconds_of_day are satellite time.
    position is its own GPS, by_hand where a person put it, ev the exposure value at ISO 100.
    """

    camera: str
    written_s: float | None = None
    zone_offset_s: float | None = None
    gps_utc_s: float | None = None
    gps_seconds_of_day: float | None = None
    position: Position | None = None
    by_hand: Position | None = None
    ev: float | None = None


def in_usual_zone(readings: Sequence[Reading]) -> list[Reading]:
    """The readings, with what each camera wrote brought to the zone that it wrote most often.

    A phone changes its zone by itself on the way; so one offset fits all its photos.
    """
    zones: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for reading in readings:
        if reading.zone_offset_s is not None:
            zones[reading.camera][reading.zone_offset_s] += 1
    usual = {camera: counts.most_common(1)[0][0] for camera, counts in zones.items()}
    return [_in_zone(reading, usual.get(reading.camera)) for reading in readings]


def camera_clocks(
    readings: Sequence[Reading],
    tracks: Sequence[Track],
    by_hand: Mapping[str, float],
    pairs: Sequence[tuple[int, int]] = (),
) -> dict[str, Clock]:
    """The clock of every camera that wrote a time.

    by_hand holds the offsets that a person gave (seconds). pairs are indices of readings by two cameras that
    show one moment; someone has to say so, for photos alike in time prove nothing while a clock is unknown.
    """
    readings = in_usual_zone(readings)
    cameras: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        if reading.written_s is not None:
            cameras[reading.camera].append(reading)
    seen = _sightings(readings, tracks)
    clocks = {
        camera: camera_clock(own, _place_at(_middle_s(own), _sightings(own, ()) or seen), by_hand.get(camera))
        for camera, own in cameras.items()
    }
    times = trusted_times(readings, clocks)
    lines = [line for track in tracks for line in timelines(track)]
    trusted = np.array([time for time in times if time is not None])
    for camera, clock in clocks.items():
        own_pairs = _pairs_of(camera, readings, times, pairs)
        if not clock.is_sure and (lines or own_pairs):
            own = cameras[camera]
            prior = log_prior(_zones(own, seen))
            clocks[camera] = judged(clock, search(_evidence(own, own_pairs), lines, prior, trusted))
    return clocks


def prior_of(own: Sequence[Reading], readings: Sequence[Reading], tracks: Sequence[Track]) -> Floats:
    """log P of a camera's offsets before its evidence, by the zones of the trip."""
    return log_prior(_zones(own, _sightings(readings, tracks)))


def judged(clock: Clock, posterior: Posterior) -> Clock:
    """The clock that was found where it is sure, else the one at hand with what was found as a proposal.

    Where the camera wrote one zone and the tracks say another, somebody has to be asked: its zone may be set
    wrong, or a receiver wrote local time and called it UTC.
    """
    best, *rivals = posterior.candidates()
    offset_s, odds = best
    if posterior.is_sure and not (clock.source == "zone" and _is_other_zone(offset_s - clock.offset_s)):
        return Clock(offset_s, posterior.half_width_s(offset_s), "matched", odds, tuple(rivals))
    at_hand = posterior.within(clock.offset_s)
    return replace(clock, probability=at_hand, proposal=best, alternatives=tuple(rivals))


def _is_other_zone(apart_s: float) -> bool:
    return (
        abs(apart_s) > HALF_HOUR_S / 2
        and abs(apart_s - HALF_HOUR_S * round(apart_s / HALF_HOUR_S)) < SET_TO_S
    )


def trusted_times(readings: Sequence[Reading], clocks: Mapping[str, Clock]) -> list[float | None]:
    """The UTC of every reading whose camera's clock is sure."""
    sure = {camera: clock.offset_s for camera, clock in clocks.items() if clock.is_sure}
    return [
        None if reading.written_s is None or reading.camera not in sure
        else reading.written_s + sure[reading.camera]
        for reading in readings
    ]  # fmt: skip


def camera_clock(
    readings: Sequence[Reading], place: Position | None, by_hand_s: float | None = None
) -> Clock:
    """The clock of one camera, from the best evidence there is; readings are those with a written time.

    place is where the trip was at the time. Half widths take cameras as they are: one whose zone alone is
    known is as wrong as people set clocks, and one whose zone is a guess may also have missed summer time.
    """
    if by_hand_s is not None:
        return Clock(by_hand_s, BY_HAND_S, "by_hand")
    zone_s = _zone_offset_s(readings, place)
    samples = [(r.written_s or 0.0, r.gps_utc_s, r.gps_seconds_of_day) for r in readings]
    exact = exact_clock(samples, -(zone_s or 0.0))
    if exact:
        return exact
    if zone_s is None:
        return Clock(0.0, FARTHEST_ZONE_S, "assumed", UTC_ZONE)
    if any(reading.zone_offset_s is not None for reading in readings):
        return Clock(-zone_s, SET_CLOCK_S, "zone", WITHIN_QUARTER_HOUR)
    rivals = {3600.0 - zone_s: NEXT_ZONE, -3600.0 - zone_s: NEXT_ZONE, 0.0: UTC_ZONE}
    alternatives = tuple((offset, odds) for offset, odds in rivals.items() if offset != -zone_s)
    return Clock(-zone_s, 3600 + SET_CLOCK_S, "assumed", LOCAL_ZONE * WITHIN_QUARTER_HOUR, alternatives)


def exact_clock(samples: Sequence[Sample], near_s: float = 0.0) -> Clock | None:
    """The clock that satellite times prove, or None where they prove nothing.

    A sample is what the camera wrote, the satellite's UTC, and its seconds of the day, where known. The
    offset is the median, its width from the median absolute deviation. A date that puts the offset beyond
    the world's zones is stale, and the seconds of the day decide; unless it lies a month or more ahead of the
    camera, whose clock then fell back to its first day. An offset of which only the time of day is known is
    taken nearest to near_s.
    """
    offsets = np.array(_offsets(_without_repeats(samples), near_s))
    if not len(offsets):
        return None
    middle = np.sort(offsets)[(len(offsets) - 1) // 2]
    agreeing = offsets[np.abs(offsets - middle) <= AGREEMENT_S]
    if 2 * len(agreeing) <= len(offsets) and len(offsets) > 1:
        return None
    offset = float(np.median(agreeing))
    deviation = float(np.median(np.abs(agreeing - offset)))
    half_width = max(WRITTEN_TO_S, 1.645 * 1.4826 * deviation) if len(agreeing) > 2 else ONE_FIX_S
    return Clock(offset, half_width, "gps", round(1 - 0.1 ** min(len(agreeing), 3), 3))


def _evidence(own: Sequence[Reading], pairs: Sequence[Pair]) -> Evidence:
    written = [reading.written_s or 0.0 for reading in own]
    anchors = [
        Anchor(time, place)
        for time, reading in zip(written, own, strict=True)
        if (place := reading.by_hand or reading.position)
    ]
    ev = np.array([nan if reading.ev is None else reading.ev for reading in own])
    return Evidence(np.array(written), ev, anchors, pairs)


def _pairs_of(
    camera: str,
    readings: Sequence[Reading],
    times: Sequence[float | None],
    pairs: Sequence[tuple[int, int]],
) -> list[Pair]:
    """The pairs of this camera's photos with those whose time is trusted."""
    found = []
    for own, other in [*pairs, *((b, a) for a, b in pairs)]:
        written, utc = readings[own].written_s, times[other]
        if readings[own].camera == camera and written is not None and utc is not None:
            found.append(Pair(written, utc))
    return found


def _zones(own: Sequence[Reading], seen: Sequence[Sighting]) -> dict[float, float]:
    """How likely the camera kept each zone: those in force around its photos, and where the trip began."""
    local: Counter[float] = Counter()
    for reading in own[:: max(1, len(own) // ASKED_FOR_ZONE)]:
        written = reading.written_s or 0.0
        zone_s = _zone_there_s(_place_at(written, seen), written)
        if zone_s is not None:
            local[zone_s] += 1
    shares = {zone_s: count / local.total() for zone_s, count in local.items()}
    started = min((one for one in seen if not isnan(one[0])), key=lambda sighting: sighting[0], default=None)
    home_s = _zone_there_s(started[1], started[0]) if started else None
    written_zone_s = next((one.zone_offset_s for one in own if one.zone_offset_s is not None), None)
    return zone_weights(shares, None if home_s in shares else home_s, written_zone_s)


def _zone_there_s(place: Position | None, when_s: float) -> float | None:
    """How far the zone in force at a place is ahead of UTC, in seconds."""
    zone = zone_at(place) if place else None
    offset = zone.utcoffset(utc_time(when_s).replace(tzinfo=None)) if zone else None
    return None if offset is None else offset.total_seconds()


def _without_repeats(samples: Sequence[Sample]) -> list[Sample]:
    """A receiver without a fix repeats its last time; only the first photo that carries it counts."""
    first: dict[tuple[float | None, float | None], Sample] = {}
    for sample in sorted(samples, key=lambda sample: sample[0]):
        first.setdefault(sample[1:], sample)
    return list(first.values())


def _offsets(samples: Sequence[Sample], near_s: float) -> list[float]:
    dated = [gps - written for written, gps, _ in samples if gps is not None]
    sound = [offset for offset in dated if _date_is_sound(offset)]
    stale = [offset for offset in dated if not _date_is_sound(offset)]
    near_s = float(np.median(sound)) if sound else near_s
    undated = [of_day - written for written, gps, of_day in samples if gps is None and of_day is not None]
    return sound + [offset - DAY_S * round((offset - near_s) / DAY_S) for offset in stale + undated]


def _date_is_sound(offset_s: float) -> bool:
    return abs(offset_s) <= FARTHEST_ZONE_S + 3600 or offset_s > 30 * DAY_S


def _in_zone(reading: Reading, zone_s: float | None) -> Reading:
    own = reading.zone_offset_s
    if own is None or zone_s is None or own == zone_s or reading.written_s is None:
        return reading
    return replace(reading, written_s=reading.written_s + zone_s - own, zone_offset_s=zone_s)


def _zone_offset_s(readings: Sequence[Reading], place: Position | None) -> float | None:
    """How far the camera's zone is ahead of UTC: as it wrote, else as it is at the place."""
    written = [reading.zone_offset_s for reading in readings if reading.zone_offset_s is not None]
    if written:
        return written[0]
    return _zone_there_s(place, _middle_s(readings))


def _middle_s(readings: Sequence[Reading]) -> float:
    written = sorted(reading.written_s for reading in readings if reading.written_s is not None)
    return written[len(written) // 2]


def _sightings(readings: Sequence[Reading], tracks: Sequence[Track]) -> list[Sighting]:
    """Where the trip was and when (unix seconds, or nan), roughly: local times stand beside UTC."""
    photos = [
        (nan if reading.written_s is None else reading.written_s, place)
        for reading in readings
        if (place := reading.by_hand or reading.position)
    ]
    fixes = [
        (float(track.time[i]), Position(float(track.lat[i]), float(track.lon[i])))
        for track in tracks
        for i in range(0, len(track), max(1, len(track) // 100))
        if track.lat[i] or track.lon[i]
    ]
    return photos + fixes


def _place_at(when_s: float, sightings: Sequence[Sighting]) -> Position | None:
    """The place nearest in time on that journey; one without a time only where there is no other."""
    away = [
        (ONE_JOURNEY_S if isnan(time) else abs(time - when_s), i) for i, (time, _) in enumerate(sightings)
    ]
    nearest_s, i = min(away, default=(inf, 0))
    return sightings[i][1] if nearest_s <= ONE_JOURNEY_S else None
