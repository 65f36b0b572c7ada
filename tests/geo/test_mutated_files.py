"""Every reader on files that something has happened to: it reads them or refuses them, within its bounds.

A reader may take `BYTES_EACH` bytes of memory for every byte of a file, and `BYTES_MORE` whatever its size;
points make the most of a byte, about a hundred bytes each, and of these there may be four million.
"""

import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.geo.trackfiles import Kind, read_track, read_tracks, recognise
from blog.geo.trackpoints import TrackFile, TrackFileError
from tests.geo import test_fit, test_geojson, test_gpx, test_kml, test_nmea, test_tcx
from tests.geo.test_trackfiles import zipped

BYTES_EACH, BYTES_MORE = 64, 8_000_000

GPX = test_gpx.track(test_gpx.walk(40), test_gpx.walk(20, "2024-05-01T10:{:02}:00Z")).encode()
KML = test_kml.document(test_kml.track(0, 30), test_kml.line("7,46", "7.1,46", "7.2,46.1")).encode()
NMEA = "".join(
    test_nmea.rmc(f"0900{second:02}", second) + test_nmea.gga(f"0900{second:02}") for second in range(40)
).encode()
FILES = {
    Kind.GPX: GPX,
    Kind.FIT: test_fit.ACTIVITY_FILE,
    Kind.TCX: test_tcx.activity(test_tcx.walk(30)).encode(),
    Kind.KML: KML,
    Kind.KMZ: zipped(("doc.kml", KML), ("images/a.png", b"\x89PNG")),
    Kind.NMEA: NMEA,
    Kind.GEOJSON: test_geojson.WHOLE.encode(),
    Kind.ZIP: zipped(("a.gpx", GPX), ("b.kmz", zipped(("doc.kml", KML))), ("c.fit", test_fit.ACTIVITY_FILE)),
}

Change = Callable[[bytes], bytes]
SPOTS = st.floats(0, 1, exclude_max=True)
LENGTHS = st.integers(1, 400)


def at(data: bytes, spot: float) -> int:
    return int(spot * len(data))


def flip(spot: float, bits: int) -> Change:
    return lambda data: (
        data[: at(data, spot)]
        + bytes(byte ^ bits for byte in data[at(data, spot) : at(data, spot) + 1])
        + data[at(data, spot) + 1 :]
    )


def cut(spot: float) -> Change:
    return lambda data: data[: at(data, spot)]


def delete(spot: float, length: int) -> Change:
    return lambda data: data[: at(data, spot)] + data[at(data, spot) + length :]


def insert(spot: float, what: bytes) -> Change:
    return lambda data: data[: at(data, spot)] + what + data[at(data, spot) :]


def repeat(spot: float, length: int, times: int) -> Change:
    def change(data: bytes) -> bytes:
        begin = at(data, spot)
        return data[:begin] + data[begin : begin + length] * times + data[begin + length :]

    return change


def move(spot: float, length: int, to: float) -> Change:
    def change(data: bytes) -> bytes:
        begin = at(data, spot)
        return insert(to, data[begin : begin + length])(data[:begin] + data[begin + length :])

    return change


def swap(these: tuple[bytes, bytes]) -> Change:
    """Names, brackets and other small words change places."""
    one, other = these
    return lambda data: other.join(part.replace(other, one) for part in data.split(one))


WORDS = [
    (b"lat", b"lon"), (b"<ele>", b"<time>"), (b"trkpt", b"trkseg"), (b"Trackpoint", b"Track"),
    (b"</", b"<"), (b"coord", b"when"), (b"Point", b"LineString"), (b"coordinates", b"coordTimes"),
    (b"[", b"{"), (b":", b","), (b"$GPRMC", b"$GPGGA"), (b".", b","), (b"\r\n", b"*"), (b"N", b"S"),
    (b"\0", b"\1"), (b"PK\1\2", b"PK\3\4"),
]  # fmt: skip
DIGITS = st.sampled_from(
    [b"9", b"-", b"e9", b"1e999", b"nan", b"inf", b"99999999999999999999", b".", b"\xd9\xa3"]
)
CHANGES = st.one_of(
    st.builds(flip, SPOTS, st.integers(1, 255)),
    st.builds(cut, SPOTS),
    st.builds(delete, SPOTS, LENGTHS),
    st.builds(insert, SPOTS, DIGITS | st.binary(min_size=1, max_size=8)),
    st.builds(repeat, SPOTS, LENGTHS, st.integers(2, 40)),
    st.builds(move, SPOTS, LENGTHS, SPOTS),
    st.builds(swap, st.sampled_from(WORDS)),
)


def altered(data: bytes, changes: list[Change]) -> bytes:
    for change in changes:
        data = change(data)[:1_000_000]
    return data


def check(data: bytes) -> list[TrackFile]:
    """That a file gives sound tracks or a refusal in words, within the bound; no other error passes."""
    tracemalloc.start()
    try:
        files = read_tracks(io.BytesIO(data), "a track")
    except TrackFileError as refusal:
        assert str(refusal).endswith((".", "?"))
        files = []
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak <= BYTES_EACH * len(data) + BYTES_MORE
    for file in files:
        track = file.track
        assert len(track) > 0
        assert np.all(np.abs(track.lat) <= 90) and np.all(np.abs(track.lon) <= 180)
        assert not np.any((track.lat == 0) & (track.lon == 0))
        assert all(note.endswith(".") for note in file.notes)
    return files


def test_whole_files_are_read_without_a_word():
    for kind, data in FILES.items():
        assert recognise(io.BytesIO(data)) is kind
        assert all(len(file.track) > 1 and file.damage is None for file in check(data)), kind


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=120)
@given(changes=st.lists(CHANGES, min_size=1, max_size=5))
def test_any_change_is_read_or_refused(kind, changes):
    check(altered(FILES[kind], changes))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), changes=st.lists(CHANGES, min_size=1, max_size=5))
def test_any_change_of_a_real_file_is_read_or_refused(shared_data: Path, data, changes):
    paths = sorted([*shared_data.glob("gpx/*.gpx"), *shared_data.glob("hostile/xml/*")])
    whole = data.draw(st.sampled_from(paths)).read_bytes()[:60_000]
    check(altered(whole, changes))


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind not in (Kind.KMZ, Kind.ZIP)])
@settings(max_examples=25)
@given(spot=SPOTS)
def test_what_a_cut_file_gives_is_the_beginning_of_the_whole(kind, spot):
    whole = read_track(io.BytesIO(FILES[kind]))
    try:
        part = read_track(io.BytesIO(cut(spot)(FILES[kind])))
    except TrackFileError:
        return
    count = len(part.track)
    assert count <= len(whole.track)
    assert part.track.lat.tolist() == whole.track.lat[:count].tolist()
    assert part.track.lon.tolist() == whole.track.lon[:count].tolist()


def fit_of(body: bytes) -> bytes:
    return struct.pack("<BBHI4sH", 14, 0x10, 100, len(body), b".FIT", 0) + body + b"\0\0"


def definition(message: int, *fields: tuple[int, int]) -> bytes:
    listed = b"".join(bytes([number, size, 0]) for number, size in fields)
    return b"\x40\0\0" + struct.pack("<HB", message, len(fields)) + listed


GREEDY = {  # the most points, segments, names or numbers that fit into so many bytes
    "points of GPX": b"<gpx><trk><trkseg>" + b"<trkpt/>" * 60_000,
    "segments of GPX": b"<gpx><trk>" + b'<trkseg><trkpt lat="1" lon="2"/></trkseg>' * 20_000,
    "kinds of elements": b"<gpx>" + b"".join(b"<a%d/>" % i for i in range(9_000)),
    "kinds of attributes": b"<gpx><a " + b" ".join(b'b%d=""' % i for i in range(40_000)) + b"/></gpx>",
    "text": b"<gpx><name>" + b"a\n" * 300_000,
    "points of KML": b"<kml><LineString><coordinates>" + b"1 " * 200_000,
    "times of KML": b"<kml><gx:Track>" + b"<when/>" * 60_000,
    "points of GeoJSON": b'{"type":"LineString","coordinates":[' + b"[1,2]," * 60_000,
    "lines of GeoJSON": b'{"type":"MultiLineString","coordinates":[' + b"[[1,2]]," * 40_000 + b"[[1,2]]]}",
    "times of GeoJSON": b'{"type":"Feature","times":[' + b"1," * 100_000,
    "records of FIT": fit_of(definition(20, (0, 4), (1, 4)) + struct.pack("<bii", 0, 10**9, 10**8) * 40_000),
    "definitions of FIT": fit_of(definition(20, *((i % 255, 255) for i in range(255))) * 300),
    "huge messages of FIT": fit_of(definition(20, *((i, 255) for i in range(255))) + bytes(65_026) * 6),
    "sentences of NMEA": NMEA * 40,
}


@pytest.mark.parametrize("name", GREEDY)
def test_greedy_files_stay_within_the_bound(name):
    check(GREEDY[name])


def test_no_entity_is_ever_expanded():
    """Not those declared inside, which are refused, and not those that were never declared."""
    for entity in ("&x;", "&#x26;x;", "&lol9;", "%x;"):
        for kind in (Kind.GPX, Kind.TCX, Kind.KML):
            text = FILES[kind].decode()
            name = text.replace("</name>", f"{entity}</name>", 1).replace("<Id>", f"<Id>{entity}", 1)
            declared = f'<!DOCTYPE x [<!ENTITY x "{"y" * 500}"><!ENTITY lol9 SYSTEM "file:///etc/passwd">]>'
            with pytest.raises(TrackFileError, match="document type"):
                read_track(io.BytesIO((declared + name).encode()))
            try:
                found = read_track(io.BytesIO(name.encode())).name or ""
            except TrackFileError:
                continue
            assert "yyy" not in found and "root:" not in found
