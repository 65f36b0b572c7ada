"""FIT files, written here message by message as watches write them."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo import fit
from blog.geo.fit import read_fit
from blog.geo.trackpoints import TrackFile, TrackFileError

START = 1083488000  # in seconds since the end of 1989
START_UTC = 1714553600  # the same, 2024-05-01T08:53:20Z
FILE_ID = (0, [(0, 1, 0x00)])
RECORD = (20, [(253, 4, 0x86), (0, 4, 0x85), (1, 4, 0x85), (78, 4, 0x86)])
EVENT = (21, [(253, 4, 0x86), (0, 1, 0x00), (1, 1, 0x00)])
NO_TIME = (20, [(0, 4, 0x85), (1, 4, 0x85), (2, 2, 0x84), (3, 1, 0x02)])
ACTIVITY = (34, [(253, 4, 0x86), (5, 4, 0x86)])


def definition(local: int, message: tuple, order: str = "<", extra: tuple = ()) -> bytes:
    number, fields = message
    head = struct.pack(f"{order}BBHB", 0, order == ">", number, len(fields))
    body = head + b"".join(bytes(field) for field in fields)
    if extra:
        body += bytes([len(extra)]) + b"".join(bytes(field) for field in extra)
    return bytes([0x40 | (0x20 if extra else 0) | local]) + body


def semicircles(degrees: float) -> int:
    return round(degrees * 2**31 / 180)


def record(lat: float, lon: float, at: int = START, ele: float = 900.0, local: int = 0) -> bytes:
    height = round((ele + 500) * 5)
    return struct.pack("<BIiiI", local, at, semicircles(lat), semicircles(lon), height)


def event(kind: int, at: int = START, local: int = 1) -> bytes:
    return struct.pack("<BIBB", local, at, 0, kind)


def checksum(data: bytes) -> int:
    """CRC-16 as Garmin's documentation has it, by half bytes."""
    table = [0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401]
    table += [0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400]
    crc = 0
    for byte in data:
        crc = (crc >> 4) & 0x0FFF ^ table[crc & 0xF] ^ table[byte & 0xF]
        crc = (crc >> 4) & 0x0FFF ^ table[crc & 0xF] ^ table[(byte >> 4) & 0xF]
    return crc


def whole(*messages: bytes, header: int = 14) -> bytes:
    body = b"".join(messages)
    head = struct.pack("<BBHI4s", header, 0x20, 2132, len(body), b".FIT")
    if header == 14:
        head += struct.pack("<H", checksum(head))
    return head + body + struct.pack("<H", checksum(head + body))


def walk(n: int = 5, start: int = START) -> list[bytes]:
    return [record(46 + i / 1000, 7, start + 10 * i, 900 + i) for i in range(n)]


ACTIVITY_FILE = whole(definition(0, RECORD), definition(1, EVENT), event(0), *walk(5), event(4))


def read(data: bytes) -> TrackFile:
    return read_fit(io.BytesIO(data))


def test_a_record_has_its_position_height_and_time():
    file = read(ACTIVITY_FILE)
    assert file.notes == ()
    assert file.track.lat == pytest.approx([46, 46.001, 46.002, 46.003, 46.004], abs=1e-6)
    assert file.track.lon == pytest.approx(7, abs=1e-6)
    assert file.track.ele.tolist() == [900, 901, 902, 903, 904]
    assert file.track.time.tolist() == [START_UTC + 10 * i for i in range(5)]


def test_the_local_time_of_the_watch_moves_nothing():
    local = struct.pack("<BII", 2, START, START + 7200)
    data = whole(definition(0, RECORD), definition(2, ACTIVITY), *walk(2), local)
    assert read(data).track.time.tolist() == [START_UTC, START_UTC + 10]


def test_a_stop_of_the_timer_ends_a_segment():
    pause = [event(4), event(0, START + 600)]
    data = whole(
        definition(0, RECORD), definition(1, EVENT), event(0), *walk(3), *pause, *walk(2, START + 600)
    )
    assert read(data).track.starts.tolist() == [0, 3]


def test_big_endian_and_added_fields_are_read():
    extra = ((0, 2, 0), (1, 1, 0))
    message = struct.pack(">BIiiI", 3, START, semicircles(-33.5), semicircles(151.25), 2500) + b"abc"
    track = read(whole(definition(3, RECORD, ">", extra), message, message)).track
    assert (track.lat[1], track.lon[1]) == (pytest.approx(-33.5, abs=1e-6), pytest.approx(151.25, abs=1e-6))
    assert (track.ele[1], track.time[1]) == (0, START_UTC)


def test_times_in_the_head_of_a_message_roll_over():
    """The last five bits of START are 0: then come 31, and twice 2 of the next 32 seconds."""
    assert START % 32 == 0
    short = [
        bytes([0x80 | 1 << 5 | bits]) + struct.pack("<iiHB", semicircles(46), semicircles(7), 7000, 99)
        for bits in (0, 31, 2, 2)
    ]
    data = whole(definition(0, RECORD), definition(1, NO_TIME), record(46, 7), *short)
    track = read(data).track
    assert (track.time - START_UTC).tolist() == [0, 0, 31, 34, 34]
    assert track.ele[1:].tolist() == [900] * 4


def test_records_without_a_position_are_no_points():
    nowhere = struct.pack("<BIiiI", 0, START, 0x7FFFFFFF, 0x7FFFFFFF, 7000)
    assert len(read(whole(definition(0, RECORD), nowhere, *walk(2), nowhere)).track) == 2
    with pytest.raises(TrackFileError, match="indoors"):
        read(whole(definition(0, RECORD), nowhere))


def test_a_height_and_a_time_may_be_unknown():
    unknown = struct.pack(
        "<BIiiI", 0, 5000, semicircles(46), semicircles(7), 0xFFFFFFFF
    )  # 5000 s after its start
    track = read(whole(definition(0, RECORD), unknown, unknown)).track
    assert np.isnan(track.ele).all()
    assert not track.has_times


def test_files_in_one_another_are_read_on():
    later = whole(definition(0, RECORD), *walk(2, START + 3600), header=12)
    assert len(read(ACTIVITY_FILE + later).track) == 7


def test_a_course_is_planned_and_its_times_are_not_real():
    course = whole(definition(2, FILE_ID), bytes([2, 6]), definition(0, RECORD), *walk(3))
    file = read(course)
    assert not file.track.has_times
    assert file.notes[0] == "This is a planned route, not a recorded track."


def test_a_file_that_the_device_could_not_finish_is_read():
    unfinished = bytearray(ACTIVITY_FILE[:-2])
    unfinished[4:8] = bytes(4)
    assert len(read(bytes(unfinished)).track) == 5


def test_a_file_that_breaks_off_is_used_as_far_as_it_goes():
    file = read(ACTIVITY_FILE[:-20])
    assert len(file.track) == 4
    assert file.damage == "The file breaks off at byte 122, after 4 records with a position."


def test_altered_bytes_are_told():
    altered = bytearray(ACTIVITY_FILE)
    altered[-12] ^= 1
    assert read(bytes(altered)).notes == (
        "The checksum of this file is wrong: some of it may have been altered on its way.",
    )


def test_poles_and_the_date_line():
    ends = [record(90, 0), record(-90, -180, START + 80_000), record(0, -180, START + 160_000)]
    track = read(whole(definition(0, RECORD), *ends)).track
    assert track.lat == pytest.approx([90, -90, 0], abs=1e-6)
    assert track.lon[1:] == pytest.approx([-180, -180], abs=1e-6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no position"),
        (b"hello, this is no such file", "not a FIT file"),
        (whole(), "damaged at byte 14"),
        (whole(b"\x05\x01"), "damaged at byte 14"),
        (whole(definition(0, (20, [])), b"\0" * 50), "damaged at byte 20"),
        (whole(definition(0, RECORD), record(0, 0)), "No point in this file has a usable position"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(data, words):
    with pytest.raises(TrackFileError, match=words):
        read(data)


def test_its_size_is_bounded(monkeypatch):
    monkeypatch.setattr(fit, "MAX_BYTES", 100)
    with pytest.raises(TrackFileError, match="too large"):
        read(ACTIVITY_FILE)


def check(data: bytes) -> None:
    try:
        assert len(read(data).track) > 0
    except TrackFileError as refusal:
        assert str(refusal).endswith((".", "?"))


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(ACTIVITY_FILE) - 1), st.integers(0, 255)), max_size=8), st.data()
)
def test_any_change_is_a_track_or_refused(changes, data):
    altered = bytearray(ACTIVITY_FILE)
    for at, byte in changes:
        altered[at] = byte
    check(bytes(altered[: data.draw(st.integers(0, len(altered)))]))
    check(bytes(altered))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_messages_are_a_track_or_refused(body):
    check(whole(body))
    check(whole(definition(0, RECORD), definition(1, EVENT), body))
