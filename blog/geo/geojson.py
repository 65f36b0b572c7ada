"""Reading GeoJSON (RFC 7946) with times: lines whose features say them beside, or single points that do.

GeoJSON has no rule for times. Those in use are read: `coordTimes` (togeojson), `coordinateProperties.times`
(the same, newer), `times`, `time` or `timestamp` of single points, and a fourth number of every position
(kepler.gl); ISO 8601, or milliseconds or seconds.
"""

from array import array
from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import suppress
from math import isnan, nan
from typing import Any, BinaryIO

import ijson

from blog.geo.trackpoints import (
    EARLIEST_S,
    MAX_TOKEN,
    TrackFile,
    TrackFileError,
    TrackPoints,
    iso_seconds,
    refuse_too_much,
    tidy,
)

MAX_DEPTH = 50
CHUNK = 1 << 13  # of which one is read byte by byte to find where it is damaged

_SERIES = frozenset({"coordTimes", "times", "timestamps"})  # a time for every point
_SINGLE = frozenset({"time", "timestamp", "datetime"})  # the time of a feature
_LINES = frozenset({"LineString", "MultiLineString"})
_PLACES = frozenset({"Point", "MultiPoint"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_OTHER_TYPES = frozenset({"Feature", "FeatureCollection", "GeometryCollection"})
_MILLISECONDS_FROM = 1e11  # as seconds, that would be the year 5138


def read_geojson(file: BinaryIO) -> TrackFile:
    """The track of a GeoJSON file: its lines with times, else its points with times, else its lines.

    Raises TrackFileError for what is not GeoJSON, holds no usable point, or exceeds the bounds of
    `trackpoints`. Of a file that breaks off it is what stands before.
    """
    reader = _GeoJsonReader()
    damage = reader.feed(file)
    points = reader.recorded or reader.moments or reader.lines
    if not points:
        raise TrackFileError(damage or reader.why_empty)
    notes = []
    if points is not reader.lines and reader.lines:
        notes.append("The lines without times in this file were left out; what has times is used.")
    if reader.has_misfits:
        misfits = "Some times in this file do not fit the points of their line, and were ignored."
        damage = f"{damage} {misfits}" if damage else misfits
    return points.track_file(reader.name, notes, damage)


def _where_damaged(file: BinaryIO, chunk_begins: int) -> str:
    """Where a parser gives up that took all before this byte, which it does not say itself."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    file.seek(0)
    line, at = 1, file.seek(len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0)
    with suppress(ijson.JSONError, UnicodeDecodeError):
        while at < chunk_begins:
            chunk = file.read(min(CHUNK, chunk_begins - at))
            parser.send(chunk)
            line, at = line + chunk.count(b"\n"), at + len(chunk)
            del events[:]
        for byte in file.read(CHUNK):
            parser.send(bytes([byte]))
            line, at = line + (byte == 0x0A), at + 1
    return f"in line {line:,}, at byte {at:,}"


def _seconds(written: float) -> float:
    return written / 1000 if abs(written) >= _MILLISECONDS_FROM else written


class _Feature:
    """What is known of a feature until it ends; its geometry and its times come in any order."""

    def __init__(self) -> None:
        self.lines, self.places = TrackPoints(), TrackPoints()
        self.series: dict[str, array[float]] = {}
        self.single = nan

    def __len__(self) -> int:
        return len(self.lines) + len(self.places) + sum(map(len, self.series.values()))

    def give_times(self, points: TrackPoints) -> bool:
        """Give points the series that has as many times; whether they have times now."""
        fitting = next((times for times in self.series.values() if len(times) == len(points)), None)
        if fitting is not None:
            points.values[3::4] = fitting
        return fitting is not None or not all(map(isnan, points.values[3::4]))


class _GeoJsonReader:
    """Takes the events of a JSON parser, and gathers one feature after the other."""

    def __init__(self) -> None:
        self.recorded, self.moments, self.lines = TrackPoints(), TrackPoints(), TrackPoints()
        self.name: str | None = None
        self.has_misfits = self.has_places = False
        self._is_geojson = False
        self._keys: list[str] = []  # of every object that is open, the key being read
        self._depth = 0
        self._feature = _Feature()
        self._geometry = TrackPoints()
        self._shape = ""
        self._numbers: list[float] = []  # of one position
        self._take: dict[str, Callable[[Any], None]] = {
            "start_map": self._start_map,
            "map_key": self._map_key,
            "end_map": self._end_map,
            "start_array": self._start_array,
            "end_array": self._end_array,
            "number": self._number,
            "string": self._string,
            "null": self._null,
            "boolean": lambda _value: None,
        }

    @property
    def why_empty(self) -> str:
        if self.has_places:
            return "This file holds places without times, but no track."
        return "There is no track in this file." if self._is_geojson else "This is not a GeoJSON file."

    def feed(self, file: BinaryIO) -> str | None:
        """Read the whole file. Says in words where its JSON breaks off, or None where it is whole."""
        events = ijson.sendable_list()
        parser = ijson.basic_parse_coro(events, use_float=True)
        size = idle = 0
        what = "is damaged"
        try:
            while chunk := file.read(CHUNK):
                begin, size = size, size + len(chunk)
                parser.send(chunk if begin else chunk.removeprefix(BOM_UTF8))
                idle = 0 if events else idle + len(chunk)
                self._refuse_too_much(size, idle)
                self._take_all(events)
            begin, what = size, "ends"
            parser.close()
        except (ijson.JSONError, UnicodeDecodeError):
            self._take_all(events)
            self._end_all()
            self._refuse_others()
            return f"The file {what} {_where_damaged(file, begin)}."
        self._take_all(events)
        self._refuse_others()
        return None

    def _refuse_others(self) -> None:
        if not self._is_geojson:
            raise TrackFileError("This is not a GeoJSON file.")

    def _refuse_too_much(self, size: int, idle: int) -> None:
        points = len(self.recorded) + len(self.moments) + len(self.lines) + len(self._geometry)
        refuse_too_much(size, points + len(self._feature))
        if idle > MAX_TOKEN:
            raise TrackFileError("This is not a GeoJSON file: one item in it is larger than a megabyte.")

    def _take_all(self, events: list[tuple[str, Any]]) -> None:
        take = self._take
        for event, value in events:
            take[event](value)
        del events[:]

    def _start_map(self, _value: None) -> None:
        self._keys.append("")
        self._go_deeper()

    def _map_key(self, key: str) -> None:
        self._keys[-1] = key

    def _end_map(self, _value: None) -> None:
        self._depth -= 1
        self._keys.pop()
        self._end_geometry()
        if not self._keys or self._keys[-1] == "features":
            self._end_feature()

    def _start_array(self, _value: None) -> None:
        self._go_deeper()
        self._numbers = []

    def _end_array(self, _value: None) -> None:
        self._depth -= 1
        if self._numbers:
            lon, lat, ele, time = (*self._numbers, nan, nan, nan)[:4]
            seconds = _seconds(time)
            self._geometry.add(lat, lon, ele, seconds if seconds > EARLIEST_S else nan)  # else a measure
            self._numbers = []
        elif self._keys and self._keys[-1] == "coordinates":
            self._geometry.begin_segment()

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TrackFileError("This is not a GeoJSON file: it is nested too deeply.")

    def _number(self, value: float) -> None:
        key = self._keys[-1] if self._keys else ""
        if key == "coordinates":
            if len(self._numbers) < 4:
                self._numbers.append(value)
        else:
            self._time(key, _seconds(value))

    def _string(self, value: str) -> None:
        key = self._keys[-1] if self._keys else ""
        if key == "type":
            self._set_type(value)
        elif key in ("name", "title") and "crs" not in self._keys:
            self.name = self.name or tidy(value) or None
        elif key in _SERIES or key in _SINGLE:
            self._time(key, iso_seconds(value))

    def _null(self, _value: None) -> None:
        self._time(self._keys[-1] if self._keys else "", nan)

    def _time(self, key: str, seconds: float) -> None:
        if key in _SERIES:
            self._feature.series.setdefault(key, array("d")).append(seconds)
        elif key in _SINGLE:
            self._feature.single = seconds

    def _set_type(self, value: str) -> None:
        if value in _LINES or value in _PLACES or value in _AREAS:
            self._shape = value
            self._is_geojson = True
        elif value in _OTHER_TYPES:
            self._is_geojson = True

    def _end_geometry(self) -> None:
        if self._geometry:
            if self._shape in _LINES:
                self._feature.lines.extend(self._geometry)
            elif self._shape in _PLACES:
                self._feature.places.extend(self._geometry)
            self._geometry = TrackPoints()

    def _end_feature(self) -> None:
        feature, self._feature = self._feature, _Feature()
        if feature.lines:
            has_times = feature.give_times(feature.lines)
            self.has_misfits |= bool(feature.series) and not has_times
            (self.recorded if has_times else self.lines).extend(feature.lines)
        elif feature.places:
            self._end_places(feature)

    def _end_places(self, feature: _Feature) -> None:
        if not feature.give_times(feature.places) and len(feature.places) == 1:
            feature.places.values[3] = feature.single
        if isnan(feature.places.values[3]):
            self.has_places = True
        else:
            self.moments.values.extend(feature.places.values)

    def _end_all(self) -> None:
        """End what was open where the file broke off; times may have come first, and reach farther."""
        self._end_geometry()
        for times in self._feature.series.values():
            del times[len(self._feature.lines) :]
        self._end_feature()
