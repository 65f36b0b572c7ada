"""Placing photos: each gets a place, a radius that can be trusted, and a word that says how it was found."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from blog.geo.clocks import ONE_JOURNEY_S, Clock, Reading
from blog.geo.positions import Floats, Position, between, distances_m
from blog.geo.timeline import FARTHEST_M, FLOOR_M, GAP_S, Indices, Spots, Timeline, timelines
from blog.geo.tracks import Track

Source = Literal["exif_gps", "by_hand", "track", "track_gap", "neighbours", "order", "none"]

BEYOND_REASON_S = 12 * 3600.0  # before the first or after the last known place
STRAYING_M_S = 2.5  # how fast a traveller may get away from there: walks, stops and short rides
OWN_GPS_M = 17.0

_FIX = -1  # stands for a receiver where a camera is asked for
_NOTHING = np.empty((0, 2))
_LOOKED_AT = 500  # fixes of a line that are enough to see how far it strays


@dataclass(frozen=True, slots=True)
class Shot:
    """What is known of a photo before it is placed.

    written_s is the local time that the camera wrote, read as if it were UTC (unix seconds); utc_s is its
    exact time where that is known without the camera's clock; position is its own GPS, by_hand where a
    person put it; order is its place in the story.
    """

    key: Hashable
    camera: str
    written_s: float | None
    position: Position | None
    by_hand: Position | None
    order: int
    utc_s: float | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a photo was taken: radius_m holds the true place nine times out of ten.

    clock_offset_s is that of the camera's clock, None where none was used. reason says in plain words why
    a photo has no place; it is None where it has one. leans_on are the known places (n, 2; degrees) that
    place and radius were worked out from: who hides one of them must hide this as well.
    """

    key: Hashable
    utc_s: float | None
    position: Position | None
    radius_m: float | None
    source: Source
    clock_offset_s: float | None
    reason: str | None = None
    leans_on: Floats = field(default_factory=lambda: _NOTHING, compare=False)


def shot(key: Hashable, reading: Reading, by_hand: Position | None, order: int) -> Shot:
    """The shot of a photo's reading; satellite time stands in where the camera wrote none."""
    utc_s = reading.gps_utc_s if reading.written_s is None else None
    return Shot(key, reading.camera, reading.written_s, reading.position, by_hand, order, utc_s)


def place(shots: Sequence[Shot], tracks: Sequence[Track], clocks: Mapping[str, Clock]) -> list[Placement]:
    """Where each shot was taken, in the order given.

    What a person said comes first, then the photo's own GPS, then its time: on a track, across a gap of the
    tracks, or between photos that have a place. Up to 12 h before the first or after the last known place it
    is put there, with a radius that grows by 2.5 m/s. Without a time, the order of the story decides.
    """
    board = _Board(shots, clocks)
    lines = [line for track in tracks for line in timelines(track)]
    board.place_on(lines)
    board.place_between(_anchors(board, lines))
    board.place_by_order(lines)
    return board.placements()


class _Anchors(NamedTuple):
    """Known places in order of time; camera is _FIX and width_s 0 for the fixes of tracks."""

    way: Timeline
    camera: Indices
    width_s: Floats


class _Board:
    """The shots as arrays, and the places found so far (nan and "none" until then)."""

    def __init__(self, shots: Sequence[Shot], clocks: Mapping[str, Clock]) -> None:
        self.shots = shots
        self.clocks = [_clock(shot, clocks) for shot in shots]
        self.utc = np.array([_utc_s(shot, clock) for shot, clock in zip(shots, self.clocks, strict=True)])
        self.width = np.array([clock.half_width_s if clock else 0.0 for clock in self.clocks])
        numbers = {camera: number for number, camera in enumerate({shot.camera: 0 for shot in shots})}
        self.camera = np.array([numbers[shot.camera] for shot in shots], np.int64)
        self.lat, self.lon, self.ele, self.radius, self.away_s = np.full((5, len(shots)), nan)
        self.leans_on: dict[int, Floats] = {}
        self.source = np.full(len(shots), "none", object)
        self.given = [shot.by_hand or shot.position for shot in shots]
        self._take_given()

    def _take_given(self) -> None:
        for i, position in enumerate(self.given):
            if position:
                self.lat[i], self.lon[i] = position.lat, position.lon
                self.ele[i] = nan if position.ele is None else position.ele
                by_hand = self.shots[i].by_hand is not None
                self.source[i], self.radius[i] = ("by_hand", FLOOR_M) if by_hand else ("exif_gps", OWN_GPS_M)

    def place_on(self, lines: Sequence[Timeline]) -> None:
        """By time, where a track has fixes around it; of several tracks, on that with the smallest radius."""
        timed = np.argsort(self.utc)  # neighbouring times find neighbouring fixes, which are still at hand
        unplaced = timed[np.isnan(self.lat[timed])]
        for line in lines:
            shots = unplaced[line.covers(self.utc[unplaced])]
            spots = line.at(self.utc[shots], self.width[shots])
            better = (spots.span_s < GAP_S) & ~(spots.radius_m >= self.radius[shots])
            self._put(shots, spots, better, "track")
            self._lean(shots[better], spots.leans_on[better])

    def place_between(self, anchors: _Anchors | None) -> None:
        """By time, between photos with a place and the ends of tracks and of their gaps."""
        shots = np.flatnonzero(np.isfinite(self.utc) & np.isnan(self.lat))
        if anchors is None or not len(shots):
            return
        utc, way = self.utc[shots], anchors.way
        before, after = way.around(utc)
        width = self._width_between(shots, anchors, before, after)
        spots = way.at(utc, width)
        inside = way.covers(utc) & (spots.span_s <= ONE_JOURNEY_S)
        on_tracks = (anchors.camera[before] == _FIX) & (anchors.camera[after] == _FIX)
        self._put(shots, spots, inside & on_tracks, "track_gap")
        self._put(shots, spots, inside & ~on_tracks, "neighbours")
        self._lean(shots[inside], spots.leans_on[inside])
        self._hold(shots[~inside], anchors)

    def _hold(self, shots: Indices, anchors: _Anchors) -> None:
        """Put what was taken beside the known places at the nearest, with a radius that says so."""
        utc, way = self.utc[shots], anchors.way
        before, after = way.around(utc)
        nearest = np.where(utc - way.time[before] <= way.time[after] - utc, before, after)
        self.away_s[shots] = away = utc - way.time[nearest]
        width = self._width_between(shots, anchors, nearest, nearest)
        radius = np.sqrt(OWN_GPS_M**2 + (STRAYING_M_S * away) ** 2 + (STRAYING_M_S * width) ** 2)
        lat, lon = way.lat[nearest], way.lon[nearest]
        spots = Spots(lat, lon, way.ele[nearest], radius, np.abs(away), ((lat, lon),))
        near, on_track = np.abs(away) <= BEYOND_REASON_S, anchors.camera[nearest] == _FIX
        self._put(shots, spots, near & on_track, "track_gap")
        self._put(shots, spots, near & ~on_track, "neighbours")
        self._lean(shots[near], spots.leans_on[near])

    def _width_between(self, shots: Indices, anchors: _Anchors, before: Indices, after: Indices) -> Floats:
        """The clock's width against those of the anchors; none where all three are of one camera."""
        own = (anchors.camera[before] == self.camera[shots]) & (anchors.camera[after] == self.camera[shots])
        theirs = np.maximum(anchors.width_s[before], anchors.width_s[after])
        return np.where(own, 0.0, np.hypot(self.width[shots], theirs))

    def place_by_order(self, lines: Sequence[Timeline]) -> None:
        """Without a time: between the placed neighbours in the story, by the fraction of the order."""
        story = np.argsort([shot.order for shot in self.shots], kind="stable")
        placed = story[np.isfinite(self.lat[story])]
        orders = np.array([shot.order for shot in self.shots])
        for i in np.flatnonzero(np.isnan(self.utc) & np.isnan(self.lat)):
            following = int(np.searchsorted(orders[placed], orders[i]))
            if 0 < following < len(placed) and self._on_one_journey(*placed[[following - 1, following]]):
                self._put_between(int(i), int(placed[following - 1]), int(placed[following]), lines)

    def _on_one_journey(self, a: int, b: int) -> bool:
        return not abs(self.utc[b] - self.utc[a]) > ONE_JOURNEY_S  # also where a time is unknown

    def _put_between(self, i: int, a: int, b: int, lines: Sequence[Timeline]) -> None:
        order, first, last = (self.shots[k].order for k in (i, a, b))
        fraction = (order - first) / (last - first) if last > first else 0.5
        lat, lon = between(self.lat[a], self.lon[a], self.lat[b], self.lon[b], fraction)
        way_lat, way_lon = self._way_between(a, b, lines)
        astray = distances_m(lat, lon, way_lat, way_lon)
        radius = np.clip(
            np.hypot(0.94 * astray.max(), max(self.radius[a], self.radius[b])), FLOOR_M, FARTHEST_M
        )
        ele = self.ele[a] + fraction * (self.ele[b] - self.ele[a])
        self.lat[i], self.lon[i], self.ele[i], self.radius[i], self.source[i] = lat, lon, ele, radius, "order"
        near = [0, 1, int(np.argmax(astray))]
        own = np.stack([way_lat[near], way_lon[near]], axis=1)
        self.leans_on[i] = np.concatenate([own, *(self.leans_on.get(k, _NOTHING) for k in (a, b))])

    def _way_between(self, a: int, b: int, lines: Sequence[Timeline]) -> tuple[Floats, Floats]:
        """Both neighbours, and the fixes of tracks between their times."""
        lat, lon = [self.lat[[a, b]]], [self.lon[[a, b]]]
        for line in lines:
            start, stop = np.searchsorted(line.time, np.sort(self.utc[[a, b]]))
            some = slice(start, stop, max(1, (stop - start) // _LOOKED_AT))
            lat.append(line.lat[some])
            lon.append(line.lon[some])
        return np.concatenate(lat), np.concatenate(lon)

    def _put(self, shots: Indices, spots: Spots, which: NDArray[np.bool_], source: Source) -> None:
        chosen = shots[which]
        self.lat[chosen], self.lon[chosen] = spots.lat[which], spots.lon[which]
        self.ele[chosen], self.radius[chosen] = (
            spots.ele[which],
            np.minimum(spots.radius_m[which], FARTHEST_M),
        )
        self.source[chosen] = source

    def _lean(self, shots: Indices, places: Floats) -> None:
        self.leans_on.update(zip(shots.tolist(), places, strict=True))

    def placements(self) -> list[Placement]:
        utc, radius, positions = _or_none(self.utc), _or_none(self.radius), self._positions()
        offsets = [clock.offset_s if clock else None for clock in self.clocks]
        reasons = {i: self._why_unplaced(i) for i in np.flatnonzero(np.isnan(self.lat)).tolist()}
        return [
            Placement(
                shot.key,
                utc[i],
                positions[i],
                radius[i],
                source,
                offsets[i],
                reasons.get(i),
                self.leans_on.get(i, _NOTHING),
            )
            for i, (shot, source) in enumerate(zip(self.shots, self.source.tolist(), strict=True))
        ]

    def _why_unplaced(self, i: int) -> str:
        if isnan(self.utc[i]):
            lacks = (
                "carries no time"
                if self.shots[i].written_s is None
                else "is by a camera whose clock is not known"
            )
            return f"It {lacks}, and it does not stand between two photos of one journey that have a place."
        if isnan(self.away_s[i]):
            return "There is no track and no other photo that says where the trip was."
        away = f"{_in_words(abs(self.away_s[i]))} {'before' if self.away_s[i] < 0 else 'after'}"
        return f"It was taken {away} the nearest known place. Is its camera's clock right?"

    def _positions(self) -> list[Position | None]:
        places = zip(self.given, self.lat.tolist(), self.lon.tolist(), self.ele.tolist(), strict=True)
        return [given or _position(lat, lon, ele) for given, lat, lon, ele in places]


def _in_words(seconds: float) -> str:
    for unit, length in (("years", 31_557_600.0), ("months", 2_629_800.0), ("days", 86_400.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds / 3600:.0f} hours"


def _or_none(values: Floats) -> list[float | None]:
    return [None if isnan(value) else value for value in values.tolist()]


def _clock(shot: Shot, clocks: Mapping[str, Clock]) -> Clock | None:
    return clocks.get(shot.camera) if shot.utc_s is None and shot.written_s is not None else None


def _utc_s(shot: Shot, clock: Clock | None) -> float:
    if shot.utc_s is not None:
        return shot.utc_s
    return shot.written_s + clock.offset_s if clock and shot.written_s is not None else nan


def _position(lat: float, lon: float, ele: float) -> Position | None:
    if isnan(lat):
        return None
    if lat == 0 == lon:  # a place like any other, but no Position may stand there: a centimetre beside it
        lat = 1e-7
    return Position(lat, lon, None if isnan(ele) else ele)


def _anchors(board: _Board, lines: Sequence[Timeline]) -> _Anchors | None:
    """The photos that carry their place and have a time, and the ends of tracks and of their gaps."""
    photos = np.flatnonzero(np.isfinite(board.utc) & np.isin(board.source, ("exif_gps", "by_hand")))
    edges = [(line, line.edges()) for line in lines]
    time = np.concatenate([board.utc[photos], *(line.time[i] for line, i in edges)])
    if not len(time):
        return None
    order = np.argsort(time, kind="stable")
    lat = np.concatenate([board.lat[photos], *(line.lat[i] for line, i in edges)])[order]
    lon = np.concatenate([board.lon[photos], *(line.lon[i] for line, i in edges)])[order]
    ele = np.concatenate([board.ele[photos], *(line.ele[i] for line, i in edges)])[order]
    fixes = len(time) - len(photos)
    camera = np.concatenate([board.camera[photos], np.full(fixes, _FIX)])[order]
    width = np.concatenate([board.width[photos], np.zeros(fixes)])[order]
    return _Anchors(Timeline(time[order], lat, lon, ele), camera, width)
