"""Reading GPX files, 1.0 and 1.1: recorded tracks, or planned routes where nothing was recorded."""

from math import nan
from typing import BinaryIO

from blog.geo.trackpoints import PLANNED, TrackFile, TrackFileError, iso_seconds, number, tidy
from blog.geo.xmlstream import XmlReader

_POINTS = frozenset({"trkpt", "rtept"})
_NAMED = ("trk", "metadata", "gpx", "rte")  # whose name is the track's, the best first


def read_gpx(file: BinaryIO) -> TrackFile:
    """The track of a GPX file, in order of time where all its points have one.

    Raises TrackFileError for what is not GPX, holds no usable point, or exceeds the bounds of `trackpoints`.
    Of a file that breaks off it is what stands before.
    """
    reader = _GpxReader()
    damage = reader.feed(file)
    if damage and _POINTS.intersection(reader.path):
        reader.current.drop_last()
    points = reader.recorded or reader.planned
    if not points:
        raise TrackFileError(damage or reader.why_empty)
    notes = []
    if points is reader.planned:
        notes.append(PLANNED)
    elif reader.planned:
        notes.append("The planned route in this file was left out; the recorded track is used.")
    return points.track_file(reader.name, notes, damage)


class _GpxReader(XmlReader):
    kind, root = "GPX", "gpx"

    def __init__(self) -> None:
        super().__init__()
        self.recorded, self.planned = self.new_points(), self.new_points()
        self.names: dict[str, str] = {}
        self.has_waypoints = False
        self.current = self.recorded

    @property
    def name(self) -> str | None:
        return next((self.names[parent] for parent in _NAMED if self.names.get(parent)), None)

    @property
    def why_empty(self) -> str:
        if self.has_waypoints:
            return "This file holds single places (waypoints) but no track and no route."
        return "There is no track in this file."

    def opened(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        if tag in _POINTS:
            self.current = self.recorded if tag == "trkpt" else self.planned
            try:
                self.current.values.extend((float(attributes["lat"]), float(attributes["lon"]), nan, nan))
            except (KeyError, ValueError):
                self.current.values.extend((nan, nan, nan, nan))
        elif tag in ("time", "ele"):
            if parent in _POINTS:
                self.gather()
        elif tag in ("trk", "trkseg"):
            self.recorded.begin_segment()
        elif tag == "rte":
            self.planned.begin_segment()
        elif tag == "wpt":
            self.has_waypoints = True
        elif tag == "name" and parent in _NAMED:
            self.gather()

    def read(self, tag: str, parent: str, text: str) -> None:
        if tag == "time":
            self.current.values[-1] = iso_seconds(text)
        elif tag == "ele":
            self.current.values[-2] = number(text)
        else:
            self.names.setdefault(parent, tidy(text))
