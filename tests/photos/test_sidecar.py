"""XMP sidecars: what they say, who reads them, and what is never overwritten."""

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.placing import Placement
from blog.geo.positions import Position
from blog.photos.sidecar import ForeignSidecar, coordinate, sidecar, write_sidecar

EXIF = "{http://ns.adobe.com/exif/1.0/}"
DESCRIPTION = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
AT_HOTEL = Placement("a", 1714554300.25, Position(41.79, -12.5, 53.04), 23.4, "track_gap", -7200.0)
NOWHERE = Placement("a", None, None, None, "none", None, "It has no time.")


def said(text: bytes) -> dict[str, str]:
    """The properties of a sidecar as any XML reader finds them."""
    (description,) = fromstring(text).iter(DESCRIPTION)
    return dict(description.attrib)


def output_of(program: str, *arguments: str | Path) -> str:
    """What another program prints, where it is installed; the tests above read the same XML without it."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not here.")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def test_a_sidecar_says_where_when_how_sure_and_how():
    properties = said(sidecar(AT_HOTEL))
    assert properties[EXIF + "GPSLatitude"] == "41,47.400000N"
    assert properties[EXIF + "GPSLongitude"] == "12,30.000000W"
    assert (properties[EXIF + "GPSAltitude"], properties[EXIF + "GPSAltitudeRef"]) == ("530/10", "0")
    assert properties[EXIF + "GPSHPositioningError"] == "234/10"
    assert properties[EXIF + "DateTimeOriginal"] == "2024-05-01T08:05:00.250-01:00"
    assert properties["{urn:roadbook:placement:1.0:}Source"] == "track_gap"


def test_what_is_not_known_is_not_said():
    properties = said(sidecar(Placement("a", None, Position(-1.5, 2), None, "by_hand", None)))
    assert {"GPSAltitude", "GPSHPositioningError", "DateTimeOriginal", "GPSTimeStamp"}.isdisjoint(
        name.removeprefix(EXIF) for name in properties
    )
    with pytest.raises(ValueError, match="without a place"):
        sidecar(NOWHERE)


def test_below_the_sea():
    shore = said(sidecar(Placement("a", None, Position(31.5, 35.5, -430.2), 11.0, "track", 0.0)))
    assert (shore[EXIF + "GPSAltitude"], shore[EXIF + "GPSAltitudeRef"]) == ("4302/10", "1")


@given(st.floats(-180, 180))
def test_a_coordinate_keeps_the_place_to_two_millimetres(degrees):
    text = coordinate(degrees, "E", "W")
    whole, minutes = text[:-1].split(",")
    assert float(minutes) < 60
    back = (int(whole) + float(minutes) / 60) * (-1 if text[-1] == "W" else 1)
    assert abs(back - degrees) < 1e-8 + 1e-12


def test_exiftool_reads_it(tmp_path):
    path = write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    (found,) = json.loads(output_of("exiftool", "-json", "-n", path))
    assert (found["GPSLatitude"], found["GPSLongitude"]) == (41.79, -12.5)
    assert (found["GPSAltitude"], found["GPSHPositioningError"]) == (53, 23.4)
    assert found["DateTimeOriginal"] == "2024:05:01 08:05:00.250-01:00"
    assert found["Source"] == "track_gap"


def test_exiv2_as_in_darktable_reads_it(tmp_path):
    path = write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    lines = output_of("exiv2", "-PXkv", "print", path).splitlines()
    found = dict(line.split(maxsplit=1) for line in lines)
    assert found["Xmp.exif.GPSLatitude"] == "41,47.400000N"
    assert found["Xmp.exif.DateTimeOriginal"] == "2024-05-01T08:05:00.250-01:00"


def test_its_own_sidecar_is_replaced_and_nothing_else_is_left(tmp_path):
    write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    moved = Placement("a", None, Position(10, 20), 12.0, "by_hand", None)
    path = write_sidecar(tmp_path / "a.jpg", moved)
    assert path.read_bytes() == sidecar(moved)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"Dear diary",
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2"></x:xmpmeta>',
        sidecar(AT_HOTEL).replace(b"47.4", b"47.5"),
        sidecar(AT_HOTEL) + b"<!-- mine -->",
    ],
    ids=["empty", "text", "darktable's", "corrected by hand", "added to"],
)
def test_what_others_wrote_is_left_as_it_is(tmp_path, foreign):
    path = tmp_path / "a.jpg.xmp"
    path.write_bytes(foreign)
    with pytest.raises(ForeignSidecar, match="left as it is"):
        write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    assert path.read_bytes() == foreign
    assert list(tmp_path.iterdir()) == [path]


def test_what_exiftool_changed_is_left_as_it_is(tmp_path):
    path = write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    output_of("exiftool", "-q", "-overwrite_original", "-XMP:Title=Our hotel", path)
    changed = path.read_bytes()
    with pytest.raises(ForeignSidecar):
        write_sidecar(tmp_path / "a.jpg", AT_HOTEL)
    assert path.read_bytes() == changed


def test_folders_and_links_in_the_way_are_left(tmp_path):
    (tmp_path / "a.jpg.xmp").mkdir()
    (tmp_path / "b.jpg.xmp").symlink_to(tmp_path / "gone")
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(ForeignSidecar):
            write_sidecar(tmp_path / name, AT_HOTEL)
    assert not (tmp_path / "gone").exists()
