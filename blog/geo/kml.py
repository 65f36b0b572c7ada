"""Reading KML 2.2 and 2.3 with Google's extensions: tracks with times, timed placemarks, drawn lines."""

from array import array
from math import inf, nan
from typing import BinaryIO

import numpy as np

from blog.geo.trackpoints import (
    MAX_TEXT,
    TrackFile,
    TrackFileError,
    TrackPoints,
    iso_seconds,
    number,
    refuse_too_much,
    tidy,
)
from blog.geo.xmlstream import XmlReader

_NAMED = ("Document", "Folder", "Placemark")  # whose name is the track's, the best first


def read_kml(file: BinaryIO) -> TrackFile:
    """The track of a KML file: its gx:Tracks, else its placemarks with a time, else its lines.

    Raises TrackFileError for what is not KML, holds no usable point, or exceeds the bounds of `trackpoints`.
    Of a file that breaks off it is what stands before.
    """
    reader = _KmlReader()
    damage = reader.feed(file)
    reader.end_track()
    points = reader.tracks or reader.moments or reader.lines
    if not points:
        raise TrackFileError(damage or reader.why_empty)
    _forget_ground_level(points)
    notes = []
    if points is not reader.lines and reader.lines:
        notes.append("The lines drawn in this file were left out; its points with times are used.")
    return points.track_file(reader.name, notes, damage)


class _KmlReader(XmlReader):
    kind, root = "KML", "kml"
    closes = frozenset({"Track", "Placemark", "coordinates"})

    def __init__(self) -> None:
        super().__init__()
        self.tracks, self.moments, self.lines = self.new_points(), self.new_points(), self.new_points()
        self.names: dict[str, str] = {}
        self.has_places = False
        self._times = array("d")  # of the track or placemark being read
        self._track_begins = 0
        self._place: tuple[float, float, float] | None = None
        self._unfinished = ""  # the end of a piece of text, inside a coordinate

    @property
    def name(self) -> str | None:
        return next((self.names[parent] for parent in _NAMED if self.names.get(parent)), None)

    @property
    def why_empty(self) -> str:
        if self.has_places:
            return "This file holds single places without times, but no track."
        return "There is no track in this file."

    def opened(self, tag: str, parent: str, _attributes: dict[str, str]) -> None:
        if tag == "coord" or self._is_time(tag, parent) or (tag == "name" and parent in _NAMED):
            self.gather()
        elif tag == "Track":
            self._times = array("d")
            self._track_begins = len(self.tracks)
            self.tracks.begin_segment()
        elif tag == "Placemark":
            self._times = array("d")
            self._place = None
        elif tag == "LineString":
            self.lines.begin_segment()
        elif tag == "coordinates":
            self._open_coordinates(parent)

    def read(self, tag: str, parent: str, text: str) -> None:
        if tag == "coord":  # an empty one keeps its place beside its time
            self.tracks.add(*_position(text.replace(",", " ").split()))
        elif tag == "name":
            self.names.setdefault(parent, tidy(text))
        else:
            self._times.append(iso_seconds(text))
            refuse_too_much(0, len(self._times))

    def closed(self, tag: str) -> None:
        if tag == "Track":
            self.end_track()
        elif tag == "Placemark":
            self._end_placemark()
        else:
            self._take(" ")
            self.parser.CharacterDataHandler = None

    def end_track(self) -> None:
        """Give the points of a gx:Track their times, which stand apart from them, in the same order."""
        begin = self._track_begins
        paired = max(min(len(self._times), len(self.tracks) - begin), 0)
        self.tracks.values[4 * begin + 3 : 4 * (begin + paired) : 4] = self._times[:paired]
        self._times = array("d")
        self._track_begins = len(self.tracks)

    def _end_placemark(self) -> None:
        if self._place is None:
            return
        times = [time for time in self._times[:2] if time != inf]
        for time in times:  # one, or the begin and the end of a stay
            self.moments.add(*self._place, time)
        self.has_places |= not times
        self._place = None

    def _is_time(self, tag: str, parent: str) -> bool:
        """Whether it is a time of the thing itself; those of views and layers are of no interest."""
        if tag not in ("when", "begin", "end"):
            return False
        return parent == "Track" or (parent in ("TimeStamp", "TimeSpan") and self.path[-2] == "Placemark")

    def _open_coordinates(self, parent: str) -> None:
        """A line can be longer than fits in memory as text, so its coordinates are taken piece by piece."""
        if parent in ("LineString", "Point"):
            self._add = self.lines.add if parent == "LineString" else self._put
            self._unfinished = ""
            self.parser.CharacterDataHandler = self._take

    def _take(self, text: str) -> None:
        pieces = (self._unfinished + text).split()
        self._unfinished = "" if text[-1].isspace() or not pieces else pieces.pop()[:MAX_TEXT]
        for piece in pieces:
            self._add(*_position(piece.split(",")))

    def _put(self, lat: float, lon: float, ele: float) -> None:
        self._place = (lat, lon, ele)


def _position(parts: list[str]) -> tuple[float, float, float]:
    """(lat, lon, ele) of what KML writes as lon, lat and perhaps a height."""
    lon, lat, ele = (*map(number, parts[:3]), nan, nan, nan)[:3]
    return lat, lon, ele


def _forget_ground_level(points: TrackPoints) -> None:
    """Heights that are all 0 say that the line lies on the ground, wherever that is."""
    heights = np.frombuffer(points.values)[2::4]
    if not np.any(heights[np.isfinite(heights)]):
        heights[:] = nan
