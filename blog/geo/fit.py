"""Reading FIT files, which watches and bicycle computers write.

A FIT file is a header, messages, and a checksum; several may follow one another. A message begins with a byte
that names its definition, and that lists the sizes of its fields: enough to skip what is of no interest. Of
Garmin's long list of messages and fields, the numbers of the few below are needed.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from typing import BinaryIO

from blog.geo.trackpoints import PLANNED, TrackFile, TrackFileError, TrackPoints

MAX_BYTES = 32_000_000  # a day with a point every second takes 2 to 5 MB

EPOCH_S = datetime(1989, 12, 31, tzinfo=UTC).timestamp()
EARLIEST_TIMESTAMP = 0x10000000  # smaller ones count the seconds since the device was switched on
DEGREES = 180 / 2**31  # a position counts parts of a half circle

FILE_ID, RECORD, EVENT = 0, 20, 21  # messages
TYPE = 0  # of FILE_ID
LAT, LON, ALTITUDE, ENHANCED_ALTITUDE = 0, 1, 2, 78  # of RECORD
KIND, EVENT_TYPE = 0, 1  # of EVENT
TIMESTAMP = 253  # of all messages
COURSE = 6  # a TYPE
TIMER, STOPS = 0, frozenset({1, 4, 8, 9})  # a KIND, and its EVENT_TYPEs that stop it

_READ = {  # the codes of `struct` for the fields that are read
    FILE_ID: {TYPE: "B"},
    RECORD: {LAT: "i", LON: "i", ALTITUDE: "H", ENHANCED_ALTITUDE: "I"},
    EVENT: {KIND: "B", EVENT_TYPE: "B"},
}
_SIZES = {"B": 1, "H": 2, "I": 4, "i": 4}
_INVALID = {"B": 0xFF, "H": 0xFFFF, "I": 0xFFFFFFFF, "i": 0x7FFFFFFF}

_HEADER = struct.Struct("<BxxxI4s")  # its size, and that of the messages
_HEADER_SIZES = (12, 14)


def read_fit(file: BinaryIO) -> TrackFile:
    """The track of a FIT file; where the timer was stopped, a segment ends.

    Times are the timestamps of the records, which are UTC whatever the watch showed; those of a course are
    those of a virtual partner, so they are not read. Raises TrackFileError for what is not FIT, holds no
    position, or is too large. Of a file that breaks off it is what stands before.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TrackFileError(f"This file is too large: the limit for FIT is {MAX_BYTES // 1_000_000} MB.")
    reader = _FitReader(data)
    damage = reader.read()
    if not reader.points:
        raise TrackFileError(damage or "There is no position in this file. Was it recorded indoors?")
    if reader.is_course:
        reader.points.forget_times()
    notes = [PLANNED] if reader.is_course else []
    if reader.is_altered:
        notes.append("The checksum of this file is wrong: some of it may have been altered on its way.")
    return reader.points.track_file(None, notes, damage)


class _DamagedError(ValueError):
    """The bytes make no sense from here on."""


@dataclass(frozen=True)
class _Definition:
    """How the messages of one kind are laid out."""

    message: int
    size: int
    layout: struct.Struct
    fields: tuple[tuple[int, int], ...]  # the number of each that is read, and what it holds when unknown

    def values(self, data: bytes, at: int) -> dict[int, int]:
        """What is known of the fields that are read, by their numbers."""
        found = zip(self.fields, self.layout.unpack_from(data, at), strict=True)
        return {number: value for (number, invalid), value in found if value != invalid}


class _FitReader:
    def __init__(self, data: bytes) -> None:
        self.points = TrackPoints()
        self.is_course = self.is_altered = False
        self._data = data
        self._at = 0
        self._definitions: dict[int, _Definition] = {}
        self._timestamp = 0

    def read(self) -> str | None:
        """Read all there is. Says in words where it breaks off, or None where it is whole."""
        try:
            while self._at < len(self._data):
                self._read_file()
        except (IndexError, struct.error):
            return self._breaks_off("breaks off")
        except _DamagedError:
            return self._breaks_off("is damaged")
        return None

    def _breaks_off(self, how: str) -> str:
        at, records = min(self._at, len(self._data)), len(self.points)
        after = f", after {records:,} record{'' if records == 1 else 's'} with a position" if records else ""
        return f"The file {how} at byte {at:,}{after}."

    def _read_file(self) -> None:
        begin = self._at
        header_size, size, mark = _HEADER.unpack_from(self._data, begin)
        if mark != b".FIT" or header_size not in _HEADER_SIZES:
            if begin == 0:
                raise TrackFileError("This is not a FIT file.")
            raise _DamagedError
        self._at += header_size
        end = self._at + size if size else len(self._data)  # 0 where the device had no time to say
        self._definitions = {}
        while self._at < end:
            self._read_message()
        if self._at > end:
            raise _DamagedError
        if size:
            (checksum,) = struct.unpack_from("<H", self._data, end)
            self.is_altered |= checksum != _crc(self._data[begin:end])
            self._at += 2

    def _read_message(self) -> None:
        head = self._data[self._at]
        if head & 0xC0 == 0x40:
            self._read_definition(head)
            return
        definition = self._definitions.get(head >> 5 & 0x03 if head & 0x80 else head & 0x0F)
        if definition is None or not definition.size:
            raise _DamagedError
        if definition.fields:
            values = definition.values(self._data, self._at + 1)
            self._set_timestamp(values, head)
            self._take(definition.message, values)
        self._at += 1 + definition.size

    def _read_definition(self, head: int) -> None:
        at, order = self._at + 1, ">" if self._data[self._at + 2] else "<"
        message, count = struct.unpack_from(f"{order}HB", self._data, at + 2)
        fields = [struct.unpack_from("BB", self._data, at + 5 + 3 * i) for i in range(count)]
        at += 5 + 3 * count
        extra = 0
        if head & 0x20:  # fields that apps on the device have added
            extra = sum(self._data[at + 2 + 3 * i] for i in range(self._data[at]))
            at += 1 + 3 * self._data[at]
        self._definitions[head & 0x0F] = _definition(message, order, fields, extra)
        self._at = at

    def _set_timestamp(self, values: dict[int, int], head: int) -> None:
        """A message says its time itself, or its head has the last five bits of it."""
        self._timestamp = values.get(TIMESTAMP, self._timestamp)
        if head & 0x80:
            self._timestamp += (head - self._timestamp) & 0x1F

    def _take(self, message: int, values: dict[int, int]) -> None:
        if message == RECORD:
            self._take_record(values)
        elif message == EVENT:
            if values.get(KIND) == TIMER and values.get(EVENT_TYPE) in STOPS:
                self.points.begin_segment()
        elif message == FILE_ID:
            self.is_course |= values.get(TYPE) == COURSE

    def _take_record(self, values: dict[int, int]) -> None:
        if LAT not in values or LON not in values:
            return
        height = values.get(ENHANCED_ALTITUDE, values.get(ALTITUDE))
        ele = nan if height is None else height / 5 - 500
        time = EPOCH_S + self._timestamp if self._timestamp >= EARLIEST_TIMESTAMP else nan
        self.points.add(values[LAT] * DEGREES, values[LON] * DEGREES, ele, time)


def _definition(message: int, order: str, fields: list[tuple[int, ...]], extra: int) -> _Definition:
    codes = _READ.get(message, {}) | {TIMESTAMP: "I"}
    layout, read = order, []
    for number, size in fields:
        code = codes.get(number)
        if code and _SIZES[code] == size:
            layout += code
            read.append((number, _INVALID[code]))
        else:
            layout += f"{size}x"
    size = sum(size for _, size in fields) + extra
    return _Definition(message, size, struct.Struct(layout), tuple(read))


def _crc_table() -> tuple[int, ...]:
    """CRC-16/ARC, byte by byte."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)  # noqa: PLW2901
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc
