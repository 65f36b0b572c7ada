"""Track files of every kind, recognised by their content, alone and in ZIPs."""

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo import trackfiles
from blog.geo.trackfiles import Kind, members, read_tracks, recognise
from blog.geo.trackpoints import TrackFile, TrackFileError
from tests.geo import test_fit, test_geojson, test_kml, test_nmea, test_tcx
from tests.geo.test_gpx import point as gpx_point
from tests.geo.test_gpx import track as gpx_track
from tests.geo.test_gpx import walk as gpx_walk


def zipped(*files: tuple[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


GPX = gpx_track(gpx_walk(3)).encode()
KML = test_kml.document(test_kml.track(0, 3)).encode()
KMZ = zipped(("images/a.png", b"\x89PNG"), ("doc.kml", KML))
EVERY = {
    Kind.GPX: GPX,
    Kind.FIT: test_fit.ACTIVITY_FILE,
    Kind.TCX: test_tcx.activity(test_tcx.walk()).encode(),
    Kind.KML: KML,
    Kind.KMZ: KMZ,
    Kind.NMEA: (test_nmea.rmc("090000", 1) + test_nmea.rmc("090001", 2)).encode(),
    Kind.GEOJSON: test_geojson.WHOLE.encode(),
}


def read(data: bytes, name: str = "a track") -> list[TrackFile]:
    return read_tracks(io.BytesIO(data), name)


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_is_recognised_by_its_content_and_read(kind):
    file = io.BytesIO(EVERY[kind])
    assert recognise(file) is kind
    assert file.tell() == 0
    (only,) = read(EVERY[kind], "photo.jpg")
    assert len(only.track) >= 2
    assert only.name == {"gpx": "Over the pass", "kml": "A day", "kmz": "A day"}.get(kind, "photo.jpg")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xef\xbb\xbf" + GPX, Kind.GPX),
        (GPX.decode().encode("utf-16"), Kind.GPX),
        (b"\n  <?xml version='1.0'?>" + GPX, Kind.GPX),
        (b"<!-- <kml> -->" + GPX, Kind.GPX),
        (b"<!DOCTYPE gpx [<!ENTITY a 'a'>]><gpx a='&a;'/>", Kind.GPX),
        (GPX.replace(b"<gpx", b"<x:gpx xmlns:x='x'").replace(b"</gpx", b"</x:gpx"), Kind.GPX),
        (b"\n {", Kind.GEOJSON),
        (b"a logger\r\n" + EVERY[Kind.NMEA], Kind.NMEA),
        (zipped(), Kind.ZIP),
        (b"", None),
        (b"Dear diary", None),
        (b"<svg/>", None),
        (b"<html>", None),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + EVERY[Kind.NMEA], None),
    ],
)
def test_recognising(data, kind):
    assert recognise(io.BytesIO(data)) is kind


EDGES = [(90, 0), (-90, 12), (0, 180), (0, -180), (-16.5, 179.9999), (-16.5, -179.9999)]


def nmea_at(lat: float, lon: float) -> str:
    north, east = (
        f"{int(abs(lat)):02}{abs(lat) % 1 * 60:07.4f}",
        f"{int(abs(lon)):03}{abs(lon) % 1 * 60:07.4f}",
    )
    sides = "S" if lat < 0 else "N", "W" if lon < 0 else "E"
    return test_nmea.sentence(f"GPRMC,090000,A,{north},{sides[0]},{east},{sides[1]},,,010524,,,A")


@pytest.mark.parametrize(
    "content",
    [
        gpx_track("".join(gpx_point(lat, lon) for lat, lon in EDGES)),
        test_tcx.activity("".join(test_tcx.point(lat, lon) for lat, lon in EDGES)),
        test_kml.document(test_kml.line(*(f"{lon},{lat}" for lat, lon in EDGES))),
        json.dumps({"type": "LineString", "coordinates": [[lon, lat] for lat, lon in EDGES]}),
        "".join(nmea_at(*edge) + test_nmea.rmc("090000", status="V") for edge in EDGES),
    ],
    ids=["gpx", "tcx", "kml", "geojson", "nmea"],
)
def test_poles_and_the_date_line_are_places_like_others(content):
    (file,) = read(content.encode())
    found = np.column_stack((file.track.lat, file.track.lon))
    assert found == pytest.approx(np.array(EDGES), abs=1e-5)
    assert file.damage is None


def test_what_is_no_track_is_refused_with_what_could_be_one():
    with pytest.raises(TrackFileError, match="GPX, FIT, TCX, KML, KMZ, NMEA or GeoJSON"):
        read(b"Dear diary")


def test_a_zip_gives_all_its_tracks_and_says_what_it_left_out():
    files = read(
        zipped(
            ("day 1.fit", EVERY[Kind.FIT]),
            ("folder/", b""),
            ("folder/day 2.kmz", KMZ),
            ("__MACOSX/._day 1.fit", b"\0"),
            (".DS_Store", b"\0"),
            ("photo.jpg", b"\xff\xd8\xff"),
            ("more.zip", zipped(("day 3.gpx", GPX))),
        )
    )
    assert [file.name for file in files] == ["day 1.fit", "A day"]
    assert files[0].notes == tuple(f"{name}: {trackfiles.NO_TRACK}" for name in ("photo.jpg", "more.zip"))
    assert files[1].notes == ()


def test_a_zip_without_a_track_says_why():
    with pytest.raises(
        TrackFileError, match=r"no track in this ZIP.*bad\.gpx: There is no track in this file\."
    ):
        read(zipped(("bad.gpx", b"<gpx/>")))


def locked() -> bytes:
    """A ZIP whose member says that it is encrypted."""
    data = bytearray(zipped(("a.gpx", GPX)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(("big.gpx", b" " * 5_000_000)), "grow beyond measure"),
        (zipped(("a.gpx", GPX), packing=zipfile.ZIP_BZIP2), "packed in a way"),
        (zipped(("a.gpx", GPX), packing=zipfile.ZIP_LZMA), "packed in a way"),
        (locked(), "password"),
        (zipped(("a.gpx", GPX))[:-30], "damaged"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (zipped(*((f"{i}.gpx", b"") for i in range(501))), "more than 500 files"),
    ],
)
def test_zips_that_cannot_be_used_are_refused_in_plain_words(data, words):
    with pytest.raises(TrackFileError, match=words):
        read(data)


def test_what_a_zip_announces_is_bounded_before_it_is_unpacked():
    """A directory of 100 MB, and members that claim 600 MB, cost nothing."""
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 100_000_000, 4, 0)
    directory = b"PK\x03\x04" + bytes(100_000_000) + end
    claims = bytearray(zipped(("a.gpx", bytes(range(256)) * 20_000), packing=zipfile.ZIP_STORED))
    at = claims.rindex(b"PK\x01\x02") + 24
    claims[at : at + 4] = struct.pack("<I", 600_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TrackFileError, match="announces more files"):
            recognise(io.BytesIO(directory))
        with pytest.raises(TrackFileError, match="too large"):
            members(io.BytesIO(bytes(claims)))
        assert tracemalloc.get_traced_memory()[1] < 120_000_000  # the 100 MB are the test's own
    finally:
        tracemalloc.stop()


def test_a_member_gives_no_more_than_it_announces():
    data = bytearray(zipped(("a.gpx", GPX)))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 60)
    (member,) = members(io.BytesIO(bytes(data)))
    with pytest.raises(TrackFileError, match="damaged"), member.open() as file:
        assert len(file.read()) <= 60


def check(data: bytes) -> None:
    try:
        assert all(len(file.track) > 0 for file in read(data))
    except TrackFileError as refusal:
        assert str(refusal).endswith((".", "?"))


ZIP = zipped(("a.gpx", GPX), ("b.kmz", KMZ), ("c.fit", EVERY[Kind.FIT]))


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(ZIP) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(ZIP)),
)
def test_any_change_of_a_zip_is_a_track_or_refused(changes, end):
    altered = bytearray(ZIP)
    for at, byte in changes:
        altered[at] = byte
    check(bytes(altered))
    check(bytes(altered[:end]))


@settings(max_examples=150)
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"<", b"{", b"<gpx>", b"\x0e\0\0\0\0\0\0\0.FIT", b"$GPRMC,"]),
    st.binary(max_size=200),
)
def test_any_bytes_are_a_track_or_refused(start, data):
    check(start + data)


def test_real_files_give_the_same_through_every_door(shared_data):
    paths = sorted(shared_data.glob("gpx/*.gpx"))
    assert paths
    for path in paths:
        data = path.read_bytes()
        assert recognise(io.BytesIO(data)) is Kind.GPX, path
        check(data)
    for path in sorted(shared_data.glob("hostile/xml/*")):
        with pytest.raises(TrackFileError):
            read(path.read_bytes())


@settings(max_examples=60)
@given(st.data())
def test_real_files_altered_anywhere(shared_data, data):
    path = data.draw(st.sampled_from(sorted(shared_data.glob("gpx/*.gpx"))))
    whole = path.read_bytes()[:20_000]
    at = data.draw(st.integers(0, len(whole)))
    check(whole[:at] + data.draw(st.binary(max_size=10)) + whole[at + data.draw(st.integers(0, 50)) :])
