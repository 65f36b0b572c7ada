"""The cameras of a trip and their clocks, as the author sees, tries and corrects them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from blog.geo.clock_resets import Reset, find_reset
from blog.geo.clock_search import QUARTER_HOUR_S, Pair
from blog.geo.clock_support import Support, passes, support
from blog.geo.clocks import BY_HAND_S, Clock, Reading, prior_of
from blog.geo.placing import place
from blog.geo.positions import Floats, Position
from blog.geo.timeline import Timeline, timelines
from blog.trips.clocks import Period, Said, clock_again, pairs_among, said_of, same_moments, told_by
from blog.trips.evidence import clocks_for, readings_of, seconds, shots_of
from blog.trips.models import FROM_THE_BEGINNING, CameraClock, SameMoment, Source, Trip, TripPhoto
from blog.trips.published import EXACTLY, PublishedPhoto, PublishedTrip
from blog.trips.solving import tracks_of

SAME_S = 90.0  # a proposal that changes less than this is none
WORTH_SAYING = 0.3


@dataclass(frozen=True)
class Camera:
    """One camera in one period. Its clock is judged by the local time at its photo in the middle, which is
    what it wrote + the clock's offset + `zone_s`; `ends_s` are the same of its first and its last photo.
    It has better witnesses where more places and pairs speak for what was found than for what is taken."""

    period: Period
    rows: Sequence[TripPhoto]
    clock: Clock
    zone_s: float
    ends_s: tuple[float, float]
    support: Support
    has_better_witnesses: bool
    told: Sequence[CameraClock]

    @property
    def key(self) -> str:
        return self.period.key

    @property
    def name(self) -> str:
        return self.period.camera

    @property
    def example(self) -> TripPhoto:
        return self.rows[len(self.rows) // 2]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.example.zone)

    @property
    def ahead_s(self) -> float:
        """Seconds the clock showed more than the local time of the trip; negative: less."""
        return self.ahead_by(self.clock.offset_s)

    def ahead_by(self, offset_s: float) -> float:
        """The error of a clock with this offset."""
        return -offset_s - self.zone_s

    def offset_for(self, ahead_s: float) -> float:
        """UTC minus written, for a clock that is `ahead_s` ahead of local time."""
        return -ahead_s - self.zone_s

    @property
    def is_by_hand(self) -> bool:
        return self.clock.source == "by_hand"

    @property
    def rivals(self) -> list[tuple[float, float]]:
        """(offset, probability) of what else it may be, the likeliest first."""
        found = [self.clock.proposal, *self.clock.alternatives]
        return [one for one in found if one and abs(one[0] - self.clock.offset_s) > SAME_S]

    @property
    def proposal(self) -> tuple[float, float] | None:
        """What the track and the photos rather speak for; None: nothing that is worth saying."""
        if self.clock.is_sure or self.clock.proposal is None or not self.rivals:
            return None
        offset_s, odds = self.rivals[0]
        if abs(offset_s - self.clock.offset_s) <= QUARTER_HOUR_S:  # the odds of either hold both
            return self.rivals[0] if self.has_better_witnesses else None
        return self.rivals[0] if odds >= max(WORTH_SAYING, self.clock.probability) else None


class ClockDesk:
    """All that a trip's clocks are judged by, gathered once."""

    def __init__(self, trip: Trip, rows: Sequence[TripPhoto]) -> None:
        self.trip = trip
        self.rows = sorted(rows, key=lambda row: row.id)
        self.said: Said = said_of(trip)
        self.moments: list[SameMoment] = same_moments(trip)
        self.readings: list[Reading] = readings_of(self.rows, self.said)
        self.tracks = tracks_of(trip)
        self.lines: list[Timeline] = [line for track in self.tracks for line in timelines(track)]

    @cached_property
    def clocks(self) -> dict[str, Clock]:
        """As the last placement found them; trips of an older version have to be asked again."""
        if self.trip.clocks:
            return {key: clock_again(stored) for key, stored in self.trip.clocks.items()}
        return clocks_for(self.rows, self.readings, self.tracks, self.said, self.moments)

    @cached_property
    def cameras(self) -> list[Camera]:
        """Those that wrote a time, the ones with most photos first; a camera's periods in their order."""
        periods = {self.said.period_of(row) for row in self.rows if row.photo.taken_local}
        cameras = [self._camera(period) for period in periods if period.key in self.clocks]
        photos = {camera.name: 0 for camera in cameras}
        for camera in cameras:
            photos[camera.name] += len(camera.rows)
        return sorted(cameras, key=lambda one: (-photos[one.name], one.name, one.period.since))

    def camera(self, key: str) -> Camera | None:
        return next((camera for camera in self.cameras if camera.key == key), None)

    def _camera(self, period: Period) -> Camera:
        rows = [row for row in self.rows if row.photo.taken_local and self.said.period_of(row) == period]
        rows.sort(key=lambda row: row.photo.taken_local or FROM_THE_BEGINNING)
        clock = self.clocks[period.key]
        first, middle, last = (self._zone_s(row) for row in (rows[0], rows[len(rows) // 2], rows[-1]))
        counted = self.support(period.key, clock.offset_s)
        best = self.support(period.key, clock.likeliest[0])
        is_better = best.anchors + best.pairs > counted.anchors + counted.pairs
        return Camera(
            period, rows, clock, middle, (first, last), counted, is_better, told_by(self.trip, period)
        )

    def _zone_s(self, row: TripPhoto) -> float:
        """How far local time there was ahead of UTC, by the zone that the camera usually wrote."""
        written = row.photo.taken_local or FROM_THE_BEGINNING
        ahead = written.replace(tzinfo=ZoneInfo(row.zone)).utcoffset() or timedelta()
        return ahead.total_seconds() + (self.reading_of(row).written_s or 0.0) - (seconds(written) or 0.0)

    def support(self, key: str, offset_s: float) -> Support:
        own = [one for one in self.readings if one.camera == key and one.written_s is not None]
        return support(own, offset_s, self.lines, self._others(key), self._pairs(key))

    def _others(self, key: str) -> list[tuple[str, Floats]]:
        """The cameras whose clocks are sure, with the times of their photos."""
        sure = {camera: clock.offset_s for camera, clock in self.clocks.items() if clock.is_sure}
        return [
            (camera, np.array([r.written_s + offset for r in self.readings
                               if r.camera == camera and r.written_s is not None]))
            for camera, offset in sure.items() if camera != key
        ]  # fmt: skip

    def _pairs(self, key: str) -> list[Pair]:
        pairs = []
        for one in pairs_among(self.rows, self.moments):
            for own, other in (one, one[::-1]):
                mine, theirs = self.readings[own], self.readings[other]
                clock = self.clocks.get(theirs.camera)
                if (
                    mine.camera == key
                    and clock
                    and mine.written_s is not None
                    and theirs.written_s is not None
                ):
                    pairs.append(Pair(mine.written_s, theirs.written_s + clock.offset_s))
        return pairs

    def reset(self, camera: Camera) -> Reset | None:
        """Where the photos speak for a change of the clock on the way, and nobody has said what it was."""
        if camera.is_by_hand:
            return None
        own = [one for one in self.readings if one.camera == camera.key and one.written_s is not None]
        prior = prior_of(own, self.readings, self.tracks)
        return find_reset(own, self._pairs(camera.key), self.lines, prior)

    def first_after(self, camera: Camera, reset: Reset) -> TripPhoto | None:
        """The first photo after a change."""
        later = (row for row in camera.rows if (self.reading_of(row).written_s or 0.0) >= reset.since_s)
        return next(later, None)

    def reading_of(self, row: TripPhoto) -> Reading:
        return self._reading_of[row.id]

    @cached_property
    def _reading_of(self) -> dict[int, Reading]:
        return {row.id: reading for row, reading in zip(self.rows, self.readings, strict=True)}

    def placed_with(self, camera: Camera, offset_s: float) -> list[PublishedPhoto]:
        """The camera's photos where they would be with another offset. Nothing is changed."""
        clocks = self.clocks | {camera.key: Clock(offset_s, BY_HAND_S, "by_hand")}
        exact = PublishedTrip.of(self.trip, EXACTLY)
        placements = place(shots_of(self.rows, self.readings), self.tracks, clocks)
        own = {row.id for row in camera.rows}
        return [
            replace(
                exact.photo(row),
                position=placement.position,
                radius_m=placement.radius_m,
                source=Source(placement.source),
                taken_at=None if placement.utc_s is None else datetime.fromtimestamp(placement.utc_s, UTC),
            )
            for row, placement in zip(self.rows, placements, strict=True)
            if row.id in own
        ]

    def passes(self, place: Position) -> list[float]:
        return passes(self.lines, place)
