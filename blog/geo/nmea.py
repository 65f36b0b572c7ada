"""Reading NMEA 0183: the sentences that a receiver sends, as loggers keep them."""

from array import array
from datetime import UTC, datetime
from functools import reduce
from math import nan
from operator import xor
from typing import BinaryIO

import numpy as np

from blog.geo.trackpoints import TRIFLE, TrackFile, TrackFileError, TrackPoints, number, refuse_too_much

MAX_LINE = 1000
DAY_S = 86_400.0

_NO_FIX = frozenset({"", "0", "7", "8"})  # of GGA: none, typed in by hand, simulated
_NOT_MEASURED = frozenset({"N", "M", "S"})  # of RMC: the same


def read_nmea(file: BinaryIO) -> TrackFile:
    """The track in the RMC and GGA sentences of a log; a loss of the fix ends a segment.

    Only sentences with a sound checksum are used. Days are those of the nearest RMC before, counted on at
    midnight; a log without any has no times. Raises TrackFileError where there is no usable sentence, or too
    many.
    """
    reader = _NmeaReader()
    size = 0
    while line := file.readline(MAX_LINE):
        size += len(line)
        refuse_too_much(size, len(reader.points))
        reader.take(line)
    if not reader.sentences:
        raise TrackFileError(reader.damage or "This is not an NMEA log.")
    if not reader.points:
        raise TrackFileError("The receiver of this log never knew where it was.")
    reader.set_times()
    if reader.damaged <= TRIFLE * (reader.damaged + reader.sentences):
        return reader.points.track_file(None, [reader.damage] if reader.damage else [])
    return reader.points.track_file(None, (), reader.damage)


class _NmeaReader:
    """Gathers the points; several sentences of one second are one point."""

    def __init__(self) -> None:
        self.points = TrackPoints()
        self.sentences = self.damaged = 0
        self._lines = self._first_damaged = 0
        self._clock = nan  # seconds of the day of the last point
        self._days = array("d")  # of each point, the midnight that begins its day, nan where it did not say

    @property
    def damage(self) -> str | None:
        if not self.damaged:
            return None
        if self.damaged == 1:
            return f"Line {self._first_damaged:,} is damaged and was left out."
        return f"{self.damaged:,} lines from line {self._first_damaged:,} on are damaged and were left out."

    def take(self, line: bytes) -> None:
        self._lines += 1
        _, dollar, sentence = line.partition(b"$")
        if not dollar or sentence[2:5] not in (b"RMC", b"GGA"):
            return
        fields = _checked(sentence)
        if fields is None:
            self.damaged += 1
            self._first_damaged = self._first_damaged or self._lines
            return
        self.sentences += 1
        (self._take_rmc if fields[0][2:] == "RMC" else self._take_gga)(fields)

    def _take_rmc(self, fields: list[str]) -> None:
        """`xxRMC,time,status,lat,N,lon,E,knots,course,ddmmyy,variation,E[,mode[,status]]`"""
        fields += [""] * 13
        if fields[2] != "A" or fields[12] in _NOT_MEASURED:
            self._lose_fix()
            return
        self._take_position(fields[1], fields[3:7])
        self._days[-1] = _midnight(fields[9])

    def _take_gga(self, fields: list[str]) -> None:
        """`xxGGA,time,lat,N,lon,E,quality,satellites,hdop,height,M,geoid,M,age,station`"""
        fields += [""] * 10
        if fields[6] in _NO_FIX:
            self._lose_fix()
            return
        self._take_position(fields[1], fields[2:6])
        self.points.values[-2] = number(fields[9])

    def _take_position(self, time: str, position: list[str]) -> None:
        clock = _seconds_of_day(time)
        if clock != self._clock or not self.points:
            self.points.add(_degrees(*position[:2]), _degrees(*position[2:]), nan, clock)
            self._days.append(nan)
        self._clock = clock

    def _lose_fix(self) -> None:
        self.points.begin_segment()
        self._clock = nan

    def set_times(self) -> None:
        """Turn seconds of the day into times: midnights are counted on from the last day that was named."""
        clock = np.frombuffer(self.points.values)[3::4]
        days = np.array(self._days)
        named = np.flatnonzero(np.isfinite(days))
        if not named.size:
            clock[:] = nan
            return
        midnights = np.concatenate([[0], np.cumsum(np.diff(clock) < -DAY_S / 2)])
        from_named = named[np.maximum(np.searchsorted(named, np.arange(len(days)), side="right") - 1, 0)]
        clock += days[from_named] + DAY_S * (midnights - midnights[from_named])


def _checked(sentence: bytes) -> list[str] | None:
    """The fields of a sentence, from after its `$`; None where its checksum is missing or wrong."""
    body, _, checksum = sentence.partition(b"*")
    try:
        if reduce(xor, body, 0) != int(checksum[:2], 16):
            return None
        return body.decode("ascii").split(",")
    except ValueError:
        return None


def _degrees(written: str, side: str) -> float:
    """The degrees of `dddmm.mmm` and a side of the globe."""
    point = written.find(".")
    minutes_at = (point if point >= 0 else len(written)) - 2
    if minutes_at < 0:
        return nan
    degrees = number(written[:minutes_at] or "0") + number(written[minutes_at:]) / 60
    return -degrees if side in ("S", "W") else degrees


def _seconds_of_day(written: str) -> float:
    """The seconds of `hhmmss.sss`, nan where it is none."""
    seconds = 3600 * number(written[:2]) + 60 * number(written[2:4]) + number(written[4:])
    return seconds if 0 <= seconds <= DAY_S else nan


def _midnight(written: str) -> float:
    """The unix time at which the day `ddmmyy` begins, nan where it is none. Years are 1980 to 2079."""
    try:
        year = int(written[4:6])
        century = 1900 if year >= 80 else 2000
        return datetime(century + year, int(written[2:4]), int(written[:2]), tzinfo=UTC).timestamp()
    except ValueError:
        return nan
