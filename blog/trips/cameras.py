"""The cameras of a trip and their clocks, as the author sees and corrects them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from blog.geo.clocks import Clock
from blog.trips.models import Trip, TripPhoto
from blog.trips.solving import clocks_of, corrections

SAME_S = 90.0  # a proposal that changes less than this is none
WORTH_SAYING = 0.3


@dataclass(frozen=True)
class Camera:
    """One camera on a trip. `offset_s` is UTC minus what it wrote; None while no photo of it has a time."""

    name: str
    photo_count: int
    example: TripPhoto | None
    zone_offset_s: float
    offset_s: float | None
    is_by_hand: bool
    clock: Clock | None = None

    @property
    def ahead_s(self) -> float | None:
        """Seconds the clock showed more than the local time of the trip; negative: less."""
        return None if self.offset_s is None else -self.offset_s - self.zone_offset_s

    def offset_for(self, ahead_s: float) -> float:
        """UTC minus written, for a clock that is `ahead_s` ahead of local time."""
        return -ahead_s - self.zone_offset_s

    @property
    def parts(self) -> tuple[str, int, int, int]:
        """(`ahead`, `behind` or `right`; hours; minutes; seconds)."""
        return in_parts(self.ahead_s or 0.0)

    @property
    def proposal(self) -> tuple[tuple[str, int, int, int], float] | None:
        """What the track and the photos rather speak for, in parts, and how likely that is; None: nothing."""
        if self.clock is None or self.clock.is_sure or self.clock.proposal is None:
            return None
        offset_s, probability = self.clock.proposal
        ahead_s = -offset_s - self.zone_offset_s
        differs = abs(ahead_s - (self.ahead_s or 0.0)) > SAME_S
        return (in_parts(ahead_s), probability) if differs and probability >= WORTH_SAYING else None


def in_parts(ahead_s: float) -> tuple[str, int, int, int]:
    """An error of a clock as (`ahead`, `behind` or `right`; hours; minutes; seconds)."""
    error = round(ahead_s)
    direction = "ahead" if error > 0 else "behind" if error < 0 else "right"
    minutes, seconds = divmod(abs(error), 60)
    return direction, *divmod(minutes, 60), seconds


def cameras_of(trip: Trip, rows: Sequence[TripPhoto]) -> list[Camera]:
    """The cameras whose photos carry a time, those with most photos first."""
    clocks = clocks_of(trip, rows)
    by_hand = corrections(trip).keys()
    names = sorted({row.photo.camera for row in rows if row.photo.taken_local})
    cameras = [camera(trip, name, rows, name in by_hand, clocks.get(name)) for name in names]
    return sorted(cameras, key=lambda one: -one.photo_count)


def camera(trip: Trip, name: str, rows: Sequence[TripPhoto], is_by_hand: bool, clock: Clock | None) -> Camera:
    own = [row for row in rows if row.photo.camera == name and row.photo.taken_local]
    example = own[len(own) // 2] if own else None
    offsets = [row.clock_offset_s for row in own if row.clock_offset_s is not None]
    offset = sorted(offsets)[len(offsets) // 2] if offsets else None
    written = example.photo.taken_local if example else None
    return Camera(name, len(own), example, zone_offset(trip, written), offset, is_by_hand, clock)


def zone_offset(trip: Trip, written: datetime | None) -> float:
    """Seconds the trip's local time is ahead of UTC around a local time."""
    if written is None:
        return 0.0
    offset = written.replace(tzinfo=ZoneInfo(trip.zone)).utcoffset()
    return (offset or timedelta()).total_seconds()
