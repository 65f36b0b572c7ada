"""Reading TCX files (Garmin's Training Center Database, versions 1 and 2): activities, or planned courses."""

from math import isnan, nan
from typing import BinaryIO

from blog.geo.trackpoints import PLANNED, TrackFile, TrackFileError, iso_seconds, number, tidy
from blog.geo.xmlstream import XmlReader

_FIELDS = {"LatitudeDegrees": -4, "LongitudeDegrees": -3, "AltitudeMeters": -2, "Time": -1}


def read_tcx(file: BinaryIO) -> TrackFile:
    """The track of a TCX file; every lap and every part of one is a segment.

    Raises TrackFileError for what is not TCX, holds no usable point, or exceeds the bounds of `trackpoints`.
    Of a file that breaks off it is what stands before. The times of a course are those of a
    virtual partner, so they are not read.
    """
    reader = _TcxReader()
    damage = reader.feed(file)
    if damage and "Trackpoint" in reader.path:
        reader.current.drop_last()
    if reader.recorded:
        return reader.recorded.track_file(None, (), damage)
    if not reader.planned:
        raise TrackFileError(damage or "There is no position in this file. Was it recorded indoors?")
    reader.planned.forget_times()
    return reader.planned.track_file(reader.name, [PLANNED], damage)


class _TcxReader(XmlReader):
    kind, root = "TCX", "TrainingCenterDatabase"
    closes = frozenset({"Trackpoint"})

    def __init__(self) -> None:
        super().__init__()
        self.recorded, self.planned = self.new_points(), self.new_points()
        self.name: str | None = None
        self.current = self.recorded

    def opened(self, tag: str, parent: str, _attributes: dict[str, str]) -> None:
        if tag == "Trackpoint":
            self.current.add(nan, nan)
        elif tag == "Track":
            self.current = self.planned if "Course" in self.path else self.recorded
            self.current.begin_segment()
        elif (tag in _FIELDS and self._is_of_a_point(parent)) or (tag == "Name" and parent == "Course"):
            self.gather()

    def read(self, tag: str, _parent: str, text: str) -> None:
        if tag == "Name":
            self.name = self.name or tidy(text) or None
        else:
            self.current.values[_FIELDS[tag]] = iso_seconds(text) if tag == "Time" else number(text)

    def closed(self, _tag: str) -> None:
        """What a watch writes while it is paused or indoors has no position, and is no point."""
        if isnan(self.current.values[-4]) and isnan(self.current.values[-3]):
            self.current.drop_last()

    def _is_of_a_point(self, parent: str) -> bool:
        return parent == "Trackpoint" or (parent == "Position" and self.path[-2] == "Trackpoint")
