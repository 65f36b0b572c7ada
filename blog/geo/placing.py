"""Placing photos along the route."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from blog.geo.positions import Position

Source = Literal["exif_gps", "by_hand", "track", "track_gap", "neighbours", "order", "none"]


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

    reason says in plain words why a photo has no place; it is None where it has one.
    """

    key: Hashable
    utc_s: float | None
    position: Position | None
    radius_m: float | None
    source: Source
    clock_offset_s: float | None
    reason: str | None = None
