"""Clocks of cameras: how far UTC is from what a camera wrote."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Clock:
    """A camera's clock: offset_s is UTC minus what it wrote; half_width_s half of the offset's 90 % width.

    source: `gps` from satellite time, `zone` from the zone that the camera wrote, `by_hand` from a person,
    `assumed` the zone of the place (or UTC). probability is that of being right to 15 minutes, alternatives
    are rivals as (offset_s, probability).
    """

    offset_s: float
    half_width_s: float
    source: Literal["gps", "zone", "by_hand", "assumed"]
    probability: float = 1.0
    alternatives: tuple[tuple[float, float], ...] = ()
