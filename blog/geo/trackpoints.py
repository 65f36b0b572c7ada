"""Track points as a file's reader gathers them, and the sound track that is made of them.

Every reader of track files ends here: what is no position, no height and no time is left out or ignored in
one way, and said in one set of words.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from blog.geo.positions import distances_m
from blog.geo.tracks import Track

MAX_BYTES = 400_000_000
MAX_POINTS = 4_000_000
MAX_TEXT = 200  # letters of a name, a number or a time
MAX_TOKEN = 1_000_000  # bytes of one item; what streams a file reads an unfinished one again with every chunk
CHUNK = 1 << 18

EARLIEST_S = datetime(1980, 1, 6, tzinfo=UTC).timestamp()  # the first day of GPS time
LATEST_S = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
TOP_SPEED_M_S = 1000.0
TOP_ELE_M = 100_000.0
TRIFLE = 0.1  # of a file's points or times; to lose more of them is damage

PLANNED = "This is a planned route, not a recorded track."


class TrackFileError(ValueError):
    """A track file that cannot be used; its message says why in plain words."""


@dataclass(frozen=True)
class TrackFile:
    """What a file held: its track, its name, and notes in plain words on what was left out or mended.

    damage says where the file breaks off or what else is wrong with it, None where it is sound.
    """

    name: str | None
    track: Track
    notes: tuple[str, ...] = ()
    damage: str | None = None


class TrackPoints:
    """Points as they are read: the lat, lon, ele and time of each in one flat array, nan where missing.

    A time that is there but is none is inf; it is counted and ignored.
    Millions of them are read, so readers may write into `values` themselves.
    """

    def __init__(self) -> None:
        self.values = array("d")
        self.starts: list[int] = []

    def __len__(self) -> int:
        return len(self.values) // 4

    def begin_segment(self) -> None:
        if not self.starts or self.starts[-1] != len(self):
            self.starts.append(len(self))

    def add(self, lat: float, lon: float, ele: float = nan, time: float = nan) -> None:
        """Add a point: degrees, metres, and unix seconds UTC."""
        self.values.extend((lat, lon, ele, time))

    def extend(self, others: "TrackPoints") -> None:
        """Add the points of others as segments of their own."""
        self.begin_segment()
        self.starts.extend(len(self) + start for start in others.starts if start)
        self.values.extend(others.values)

    def drop_last(self) -> None:
        del self.values[-4:]

    def forget_times(self) -> None:
        self.values[3::4] = array("d", [nan]) * len(self)

    def track_file(
        self, name: str | None = None, notes: Iterable[str] = (), damage: str | None = None
    ) -> TrackFile:
        """The usable points as a track, in order of time where all of them have one.

        notes and damage are what the reader has to say; more than a `TRIFLE` of the points or times that
        cannot be used is damage too. Raises TrackFileError where no point is usable.
        """
        track, unusable, impossible = self._track()
        trifles, damages = list(notes), [damage] if damage else []
        for lost, what, outcome in (
            (unusable, "no usable position", "left out"),
            (impossible, "an impossible time", "kept without it"),
        ):
            if lost.any():
                words = f"{_which(lost)} {what} and {_was(int(lost.sum()))} {outcome}."
                (damages if TRIFLE < lost.mean() < 1 else trifles).append(
                    words
                )  # of all: a file without times
        track = _with_sound_times(track, trifles)
        return TrackFile(name, track, tuple(trifles), " ".join(damages) or None)

    def _track(self) -> tuple[Track, NDArray[np.bool_], NDArray[np.bool_]]:
        """The usable points, and which of all have no usable position and which an impossible time."""
        lat, lon, ele, time = np.array(self.values).reshape(-1, 4).T.copy()
        nowhere = (np.abs(lat) < 1e-6) & (np.abs(lon) < 1e-6)  # what receivers write without a fix
        usable = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ~nowhere
        if not usable.any():
            raise TrackFileError("No point in this file has a usable position.")
        ele[~(np.abs(ele) <= TOP_ELE_M)] = np.nan
        impossible = (time < EARLIEST_S) | (time > LATEST_S)
        time[impossible] = np.nan
        segments = np.searchsorted(self.starts, np.flatnonzero(usable), side="right")
        starts = np.flatnonzero(np.diff(segments, prepend=-1)).astype(np.int64)
        track = Track(lat[usable], lon[usable], ele[usable], time[usable], starts)
        return track, ~usable, impossible


def iso_seconds(text: str) -> float:
    """The unix seconds of an ISO 8601 time, UTC where it names no zone.

    inf where it is none, or a day alone.
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2024-05-01"):
            return inf
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return inf


def number(text: str) -> float:
    """The number that a text says, or nan."""
    try:
        return float(text)
    except ValueError:
        return nan


def tidy(text: str) -> str:
    """A name on one line, not too long."""
    return " ".join(text.split())[:MAX_TEXT]


def refuse_too_much(size: int, count: int) -> None:
    """Raise TrackFileError where a file has more bytes or points than may be read."""
    if size > MAX_BYTES:
        raise TrackFileError(f"This file is too large: the limit is {MAX_BYTES // 1_000_000} MB.")
    if count > MAX_POINTS:
        raise TrackFileError(f"This file holds more than {MAX_POINTS:,} points. Please split it.")


def points(count: int) -> str:
    return f"{count:,} point{'' if count == 1 else 's'}"


def _which(lost: NDArray[np.bool_]) -> str:
    count, first = int(lost.sum()), f"{int(lost.argmax()) + 1:,}"
    return f"Point {first} has" if count == 1 else f"{points(count)} from point {first} on have"


def _with_sound_times(track: Track, notes: list[str]) -> Track:
    """The track in order of time, or without times where these cannot be those of the way."""
    untimed = int(np.isnan(track.time).sum())
    if untimed == len(track):
        notes.append("No times in this file: it draws the route but cannot place photos.")
        return track
    if _median_speed(track) > TOP_SPEED_M_S:
        notes.append("Its times are not those of the way: it draws the route but cannot place photos.")
        return replace(track, time=np.full(len(track), np.nan))
    if untimed:
        notes.append(f"{points(untimed)} without a time {_was(untimed)} kept for drawing only.")
        return track
    return _in_order(track, notes)


def _in_order(track: Track, notes: list[str]) -> Track:
    segment_begins = np.minimum.reduceat(track.time, track.starts)
    sizes = np.diff(track.starts, append=len(track))
    segment = np.repeat(np.argsort(np.argsort(segment_begins, kind="stable")), sizes)
    order = np.lexsort((track.time, segment))
    if np.array_equal(order, np.arange(len(track))):
        return track
    notes.append("Its points were not in order of time; they have been sorted.")
    starts = np.flatnonzero(np.diff(segment[order], prepend=-1)).astype(np.int64)
    return Track(track.lat[order], track.lon[order], track.ele[order], track.time[order], starts)


def _median_speed(track: Track) -> float:
    """Metres per second, of the steps that lead anywhere."""
    steps = distances_m(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
    seconds = np.abs(np.diff(track.time))
    moving = np.isfinite(seconds) & (steps > 0)
    return float(np.median(steps[moving] / np.maximum(seconds[moving], 1e-3))) if moving.any() else 0.0


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
