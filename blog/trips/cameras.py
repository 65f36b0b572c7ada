"""The cameras of a trip and their clocks, as the author sees, tries and corrects them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from flask_babel import gettext as _
from flask_babel import ngettext

from blog.geo.clock_resets import Reset, find_reset
from blog.geo.clock_search import Pair
from blog.geo.clock_support import Support, passes, support
from blog.geo.clocks import BY_HAND_S, Clock, Reading, prior_of
from blog.geo.placing import place
from blog.geo.positions import Floats, Position
from blog.geo.timeline import Timeline, timelines
from blog.trips.clocks import Period, Said, clock_again, pairs_among, said_of, same_moments, told_by
from blog.trips.evidence import clocks_for, readings_of, shots_of
from blog.trips.models import FROM_THE_BEGINNING, CameraClock, SameMoment, Source, Trip, TripPhoto
from blog.trips.published import EXACTLY, PublishedPhoto, PublishedTrip
from blog.trips.solving import tracks_of
from blog.web.locale import clock_time, duration, short_day

SAME_S = 90.0  # a proposal that changes less than this is none
WORTH_SAYING = 0.3
ZONES_APART_S = 1800.0
ENOUGH_BESIDE = 3


@dataclass(frozen=True)
class Camera:
    """One camera in one period. `zone_s` is how far local time on the trip was ahead of UTC then."""

    period: Period
    rows: Sequence[TripPhoto]
    clock: Clock
    zone_s: float
    support: Support
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
        return self.rivals[0] if self.rivals[0][1] >= max(WORTH_SAYING, self.clock.probability) else None


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
        zone_s = zone_offset(self.trip, rows[len(rows) // 2].photo.taken_local)
        counted = self.support(period.key, clock.offset_s)
        return Camera(period, rows, clock, zone_s, counted, told_by(self.trip, period))

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
        return self.readings[self.rows.index(row)]

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


def zone_offset(trip: Trip, written: datetime | None) -> float:
    """Seconds the trip's local time is ahead of UTC around a local time."""
    if written is None:
        return 0.0
    offset = written.replace(tzinfo=ZoneInfo(trip.zone)).utcoffset()
    return (offset or timedelta()).total_seconds()


# In words


def reset_words(camera: Camera, reset: Reset) -> str:
    """`It seems that its clock was changed …: 5 min ahead before, right after (97 % sure).`"""
    last, first = (datetime.fromtimestamp(seconds, UTC) for seconds in (reset.last_s, reset.since_s))
    return _(
        "It seems that the clock was changed between %(last)s and %(first)s by its own time: "
        "%(before)s before, %(after)s after (%(odds)d %% sure).",
        last=f"{clock_time(last)}, {short_day(last)}",
        first=clock_time(first)
        if first.date() == last.date()
        else f"{clock_time(first)}, {short_day(first)}",
        before=error_words(camera.ahead_by(reset.before_s)),
        after=error_words(camera.ahead_by(reset.after_s)),
        odds=reset.probability * 100,
    )


def in_parts(ahead_s: float) -> tuple[str, int, int, int]:
    """An error of a clock as (`ahead`, `behind` or `right`; hours; minutes; seconds)."""
    error = round(ahead_s)
    direction = "ahead" if error > 0 else "behind" if error < 0 else "right"
    minutes, seconds = divmod(abs(error), 60)
    return direction, *divmod(minutes, 60), seconds


def length_words(seconds: float) -> str:
    """`1 h 3 min`, `4 min 20 s`, `20 s`."""
    seconds = abs(round(seconds))
    if seconds >= 600:
        return _("%(h)d h", h=seconds // 3600) if seconds % 3600 < 30 else duration(seconds)
    minutes, rest = divmod(seconds, 60)
    if minutes and rest:
        return _("%(m)d min %(s)d s", m=minutes, s=rest)
    return _("%(m)d min", m=minutes) if minutes else _("%(s)d s", s=rest)


def error_words(ahead_s: float) -> str:
    """`right`, `1 h 3 min ahead`, `6 h behind, as in another time zone`."""
    if abs(ahead_s) < 1:
        return _("right")
    of_zone = (
        abs(ahead_s - ZONES_APART_S * round(ahead_s / ZONES_APART_S)) < 30 and abs(ahead_s) >= ZONES_APART_S
    )
    length = length_words(ahead_s)
    words = _("%(length)s ahead", length=length) if ahead_s > 0 else _("%(length)s behind", length=length)
    return _("%(words)s, as in another time zone", words=words) if of_zone else words


def sureness(clock: Clock) -> str:
    """`sure`, `likely` or `a guess`."""
    if clock.is_sure:
        return _("sure")
    return _("likely") if clock.probability >= 0.8 else _("a guess")


def why(camera: Camera) -> str:
    """The strongest of what speaks for a camera's clock, in a sentence."""
    clock, found = camera.clock, camera.support
    if clock.source == "by_hand":
        said = camera.told[0].set_at if camera.told else None
        return _("You said so on %(day)s.", day=short_day(said)) if said else _("You said so.")
    if clock.source == "gps":
        return _(
            "Its own satellite time says so, on %(n)d of %(of)d photos.",
            n=found.satellite,
            of=found.satellite_of,
        )
    if words := because(found):
        return words
    if clock.source == "zone":
        return _("It shows the time of the zone that it wrote, and nothing speaks against it.")
    if not clock.knows_zone:
        return _("Nothing tells yet: a track, or one photo put on the map, would help.")
    return _("Nothing tells: the local time of the trip is assumed.")


def because(found: Support) -> str:
    """What speaks for an offset; empty where nothing does."""
    if found.anchors:
        return ngettext(
            "%(num)d of the %(of)d photos with a place of their own fits the track.",
            "%(num)d of the %(of)d photos with a place of their own fit the track.",
            found.anchors,
            of=found.anchors_of,
        )
    if found.pairs:
        return _("%(n)d of the %(of)d moments that you named agree.", n=found.pairs, of=found.pairs_of)
    if found.beside >= ENOUGH_BESIDE:
        return _(
            "%(n)d of its moments match those of %(camera)s within %(s)d s.",
            n=found.beside, camera=found.beside_camera, s=max(1, round(found.beside_s)),
        )  # fmt: skip
    if found.recorded:
        on_track = _(
            "%(n)d of its %(of)d moments then fall on the track.", n=found.recorded, of=found.moments
        )
        return " ".join(filter(None, [on_track, at_halts(found), by_night(found)]))
    return ""


def at_halts(found: Support) -> str:
    return _("%(n)d of them fall on a halt.", n=found.halted) if found.halted > 1 else ""


def by_night(found: Support) -> str:
    if not found.night:
        return ""
    return ngettext(
        "%(num)d photo in daylight would have been taken at night.",
        "%(num)d photos in daylight would have been taken at night.",
        found.night,
    )


def written_words(camera: Camera, offset_s: float) -> str:
    """`wrote 14:20 when it was 13:17`."""
    written = camera.example.photo.taken_local
    if written is None:
        return ""
    local = written + timedelta(seconds=offset_s + camera.zone_s)
    was = clock_time(local) if local.date() == written.date() else f"{clock_time(local)}, {short_day(local)}"
    return _("wrote %(written)s when it was %(local)s", written=clock_time(written), local=was)
