"""Reading GPX files, 1.0 and 1.1: recorded tracks, or planned routes where nothing was recorded.

The file is streamed through expat, so memory grows with its points and not with its text. What strangers
send is bounded (bytes, points, depth, the length of one token); document types, and so entities, are refused.
"""

from array import array
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import nan
from typing import BinaryIO
from xml.parsers import expat

import numpy as np

from blog.geo.positions import distances_m
from blog.geo.tracks import Track

MAX_BYTES = 400_000_000
MAX_POINTS = 4_000_000
MAX_DEPTH = 50
MAX_TEXT = 200
MAX_TOKEN = 1_000_000  # expat reads an unfinished token again with every chunk
CHUNK = 1 << 18

EARLIEST_S = datetime(1980, 1, 6, tzinfo=UTC).timestamp()  # the first day of GPS time
LATEST_S = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
TOP_SPEED_M_S = 1000.0
TOP_ELE_M = 100_000.0

_POINTS = frozenset({"trkpt", "rtept"})
_FIELDS = {"ele": -2, "time": -1}  # where they stand in the row of the last point
_NAMED = ("trk", "metadata", "gpx", "rte")  # whose name is the track's, the best first


class TrackFileError(ValueError):
    """A track file that cannot be used; its message says why in plain words."""


@dataclass(frozen=True)
class TrackFile:
    """What a file held: its track, its name, and notes in plain words on what was left out or mended."""

    name: str | None
    track: Track
    notes: tuple[str, ...] = ()


def read_gpx(file: BinaryIO) -> TrackFile:
    """The track of a GPX file, in order of time where all its points have one.

    Raises TrackFileError for what is not GPX, holds no usable point, or exceeds the bounds of this module.
    A file that breaks off is used as far as it goes, with a note.
    """
    reader = _Reader()
    broken = reader.feed(file)
    rows = reader.recorded or reader.planned
    if not rows:
        raise TrackFileError(broken or reader.why_empty)
    track, notes = _track_of(rows)
    if broken:
        notes.insert(0, f"{broken} What stood before that was kept.")
    if rows is reader.planned:
        notes.insert(0, "This is a planned route, not a recorded track.")
    elif reader.planned:
        notes.append("The planned route in this file was left out; the recorded track is used.")
    return TrackFile(reader.name, track, tuple(notes))


class _Rows:
    """Points as they are read: the lat, lon, ele and time of each in one flat array, nan where missing."""

    def __init__(self) -> None:
        self.values = array("d")
        self.starts: list[int] = []
        self.bad_times = 0

    def __len__(self) -> int:
        return len(self.values) // 4

    def begin_segment(self) -> None:
        if not self.starts or self.starts[-1] != len(self):
            self.starts.append(len(self))


class _Reader:
    """The handlers of expat, and what they gather. They run millions of times, hence their bare style."""

    def __init__(self) -> None:
        self.recorded, self.planned = _Rows(), _Rows()
        self.names: dict[str, str] = {}
        self.is_gpx = self.has_waypoints = False
        self._rows = self.recorded
        self._path: list[str] = [""]
        self._pieces: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    @property
    def name(self) -> str | None:
        return next((self.names[parent] for parent in _NAMED if self.names.get(parent)), None)

    @property
    def why_empty(self) -> str:
        if self.has_waypoints:
            return "This file holds single places (waypoints) but no track and no route."
        return "There is no track in this file."

    def feed(self, file: BinaryIO) -> str | None:
        """Read the whole file. Says in words where its XML breaks off, or None where it is whole."""
        size = 0
        try:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                self._parser.Parse(chunk, False)
                self._refuse_too_much(size)
            self._parser.Parse(b"", True)
        except TrackFileError:
            raise
        except (expat.ExpatError, ValueError, LookupError):  # the latter two from odd encodings
            self._refuse_others()
            return f"The file is damaged or breaks off in line {self._parser.ErrorLineNumber:,}."
        self._refuse_others()
        return None

    def _refuse_others(self) -> None:
        if not self.is_gpx:
            raise TrackFileError("This is not a GPX file.")

    def _refuse_too_much(self, size: int) -> None:
        del self._pieces[MAX_TEXT:]
        if size > MAX_BYTES:
            raise TrackFileError(f"This file is too large: the limit is {MAX_BYTES // 1_000_000} MB.")
        if size - self._parser.CurrentByteIndex > MAX_TOKEN:
            raise TrackFileError("This is not a GPX file: one item in it is larger than a megabyte.")
        if len(self.recorded) + len(self.planned) > MAX_POINTS:
            raise TrackFileError(f"This file holds more than {MAX_POINTS:,} points. Please split it.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in _POINTS:
            self._rows = self.recorded if tag == "trkpt" else self.planned
            try:
                self._rows.values.extend((float(attributes["lat"]), float(attributes["lon"]), nan, nan))
            except (KeyError, ValueError):
                self._rows.values.extend((nan, nan, nan, nan))
        elif tag in _FIELDS and self._path[-1] in _POINTS:
            self._gather()
        else:
            self._start_other(tag)
        self._path.append(tag)

    def _start_other(self, tag: str) -> None:
        parent = self._path[-1]
        if not parent:
            self.is_gpx = tag == "gpx"
            if not self.is_gpx:
                raise TrackFileError(f"This is not a GPX file: it begins with <{tag[:40]}>.")
        if len(self._path) > MAX_DEPTH:
            raise TrackFileError("This is not a GPX file: its elements are nested too deeply.")
        if tag in ("trk", "trkseg"):
            self.recorded.begin_segment()
        elif tag == "rte":
            self.planned.begin_segment()
        elif tag == "wpt":
            self.has_waypoints = True
        elif tag == "name" and parent in _NAMED:
            self._gather()

    def _gather(self) -> None:
        self._pieces = []
        self._parser.CharacterDataHandler = self._pieces.append

    def _end(self, _tag: str) -> None:
        tag = self._path.pop()
        if tag in _FIELDS and self._path[-1] in _POINTS:
            self._parser.CharacterDataHandler = None
            text = "".join(self._pieces)
            self._rows.values[_FIELDS[tag]] = _number(text) if tag == "ele" else self._time(text)
        elif tag == "name" and self._path[-1] in _NAMED:
            self._parser.CharacterDataHandler = None
            self.names.setdefault(self._path[-1], " ".join("".join(self._pieces).split())[:MAX_TEXT])

    def _time(self, text: str) -> float:
        """The seconds of an ISO 8601 time, UTC where it names no zone as GPX demands; nan where none."""
        try:
            moment = datetime.fromisoformat(text.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            self._rows.bad_times += 1
            return nan


def _refuse_doctype(*_declaration: object) -> None:
    raise TrackFileError("This file declares a document type, which a GPX file never needs. It was not read.")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


def _track_of(rows: _Rows) -> tuple[Track, list[str]]:
    """The usable points as a track, and notes on the others."""
    lat, lon, ele, time = np.array(rows.values).reshape(-1, 4).T.copy()
    nowhere = (np.abs(lat) < 1e-6) & (np.abs(lon) < 1e-6)  # what receivers write without a fix
    usable = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ~nowhere
    if not usable.any():
        raise TrackFileError("No point in this file has a usable position.")
    ele[~(np.abs(ele) <= TOP_ELE_M)] = np.nan
    impossible = (time < EARLIEST_S) | (time > LATEST_S)
    time[impossible] = np.nan
    segments = np.searchsorted(rows.starts, np.flatnonzero(usable), side="right")
    starts = np.flatnonzero(np.diff(segments, prepend=-1)).astype(np.int64)
    track = Track(lat[usable], lon[usable], ele[usable], time[usable], starts)
    notes = []
    if left_out := len(lat) - len(track):
        notes.append(f"{_points(left_out)} had no usable position and {_was(left_out)} left out.")
    if bad_times := rows.bad_times + int(impossible.sum()):
        notes.append(f"The times of {_points(bad_times)} cannot be right and were ignored.")
    return _with_sound_times(track, notes), notes


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
        notes.append(f"{_points(untimed)} without a time {_was(untimed)} kept for drawing only.")
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


def _points(count: int) -> str:
    return f"{count:,} point{'' if count == 1 else 's'}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
