"""What photo files say about themselves, by their EXIF."""
# ruff: noqa: DTZ001 (a camera's clock has no zone)

import io
import struct
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from blog.geo.positions import Position
from blog.photos.metadata import Metadata, camera_name, read_metadata

from .samples import EXIF_IFD, camera_exif, found_files, gps_exif, saved, scene, with_segments


def photo(exif: Image.Exif | bytes, file_format: str = "JPEG") -> io.BytesIO:
    return saved(scene(64, 48), file_format, exif=exif)


def dated(written: str, **tags: object) -> Metadata:
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD).update(
        {0x9003: written} | {int(name[1:], 16): value for name, value in tags.items()}
    )
    return read_metadata(photo(exif))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_camera_s_tags_are_read_from_every_container(file_format):
    exif = camera_exif().tobytes() if file_format == "HEIF" else camera_exif()
    metadata = read_metadata(photo(exif, file_format))
    assert metadata.taken_local == datetime(2024, 5, 17, 9, 30, 15, 250_000)
    assert metadata.utc_offset_s == 9 * 3600
    assert metadata.gps_time == datetime(2024, 5, 17, 0, 30, 14, tzinfo=UTC)
    assert metadata.gps_seconds_of_day == 30 * 60 + 14
    assert metadata.position == Position(41.5, 129.75, 12.0)
    assert metadata.heading == 271.5
    assert metadata.camera == "Canon EOS R5 #042021000123"
    assert metadata.lens == "RF 35mm F1.8"
    assert (metadata.exposure_s, metadata.f_number, metadata.iso) == (0.004, 4.0, 200)
    assert metadata.focal_length_mm == 35.0
    assert (metadata.caption, metadata.credit) == ("Boats in the harbour", "Ana Writer")
    assert metadata.problems == ()
    assert metadata.position_problem is None


def test_a_photo_without_exif_says_nothing_and_has_no_problem():
    metadata = read_metadata(saved(scene(64, 48)))
    assert metadata == Metadata()
    assert metadata.camera == "unknown camera"


def test_exif_behind_a_long_other_segment_is_found():
    long = with_segments(photo(camera_exif()).getvalue(), *[(0xE4, b"x" * 60_000)] * 3)
    assert read_metadata(io.BytesIO(long)).camera_model == "Canon EOS R5"


@pytest.mark.parametrize(
    "written",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2023:02:30 10:00:00",
        "1826:01:01 00:00:00",
        "2999:01:01 00:00:00",
        "2024:05:17 25:00:00",
        "yesterday",
    ],
)
def test_an_impossible_date_is_none_and_a_problem(written):
    metadata = dated(written)
    assert metadata.taken_local is None
    assert metadata.problems == (f"The camera wrote an impossible date: “{written.strip()}”.",)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-17T09:30:15", datetime(2024, 5, 17, 9, 30, 15)),
        ("2024/05/17 09:30:15.5", datetime(2024, 5, 17, 9, 30, 15, 500_000)),
        ("2024:5:7 9:03:05", datetime(2024, 5, 7, 9, 3, 5)),
    ],
)
def test_dates_of_careless_writers_are_read(written, expected):
    assert dated(written).taken_local == expected


@pytest.mark.parametrize(
    ("subseconds", "microseconds"), [("5", 500_000), ("007", 7_000), ("  ", 0), ("x", 0)]
)
def test_subseconds_are_a_fraction(subseconds, microseconds):
    taken = dated("2024:05:17 09:30:15", _9291=subseconds).taken_local
    assert taken == datetime(2024, 5, 17, 9, 30, 15, microseconds)


def test_the_file_s_own_date_is_better_than_none_and_doubted():
    exif = Image.Exif()
    exif[0x0132] = "2024:05:17 09:30:15"
    metadata = read_metadata(photo(exif))
    assert metadata.taken_local == datetime(2024, 5, 17, 9, 30, 15)
    assert metadata.problems == ("Its time is when the file was last changed, perhaps after it was taken.",)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("+09:00", 32_400),
        ("-03:30", -12_600),
        ("Z", 0),
        ("+0545", 20_700),
        ("+99:00", None),
        ("", None),
        ("CEST", None),
    ],
)
def test_offset_from_utc(written, seconds):
    assert dated("2024:05:17 09:30:15", _9011=written).utc_offset_s == seconds


def test_gps_time_without_its_date_is_still_a_time_of_day():
    metadata = read_metadata(photo(gps_exif(_29=None)))
    assert metadata.gps_time is None
    assert metadata.gps_seconds_of_day == 1814.0


def test_gps_date_alone_is_no_time():
    metadata = read_metadata(photo(gps_exif(_7=(25.0, 0.0, 0.0))))
    assert metadata.gps_time is None
    assert metadata.gps_seconds_of_day is None


@pytest.mark.parametrize(
    ("lat_letter", "lon_letter", "lat", "lon"),
    [
        ("N", "E", 41.5, 129.75),
        ("S", "E", -41.5, 129.75),
        ("N", "W", 41.5, -129.75),
        ("s", "w", -41.5, -129.75),
    ],
)
def test_hemispheres(lat_letter, lon_letter, lat, lon):
    position = read_metadata(photo(gps_exif(_1=lat_letter, _3=lon_letter))).position
    assert (position.lat, position.lon) == (lat, lon)


NULL = (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"_2": NULL, "_4": NULL}, "The position is 0, 0"),
        ({"_2": (95.0, 0.0, 0.0)}, "The latitude 95 is not between"),
        ({"_4": (181.0, 0.0, 0.0)}, "The longitude 181 is not between"),
        ({"_1": None}, "The GPS position in this file is incomplete."),
        ({"_4": None}, "The GPS position in this file is incomplete."),
        ({"_2": (41.0, 99.0, 0.0)}, "The GPS position in this file is incomplete."),
    ],
)
def test_an_impossible_position_is_none_with_the_reason(changes, words):
    metadata = read_metadata(photo(gps_exif(**changes)))
    assert metadata.position is None
    assert metadata.position_problem.startswith(words)


@pytest.mark.parametrize(
    ("reference", "metres", "expected"),
    [(0, 12.0, 12.0), (1, 12.0, -12.0), (1, 919.39, None), (0, 2e6, None)],
)
def test_altitude_below_the_sea_and_beyond_reason(reference, metres, expected):
    assert read_metadata(photo(gps_exif(_5=bytes([reference]), _6=metres))).position.ele == expected


@pytest.mark.parametrize(("written", "expected"), [(1, 1), (6, 6), (8, 8), (0, 1), (9, 1), (6553, 1)])
def test_a_nonsense_orientation_is_upright(written, expected):
    assert read_metadata(photo(camera_exif(written))).orientation == expected


def test_heic_turns_by_itself():
    """Its container says how to turn it, decoders obey, and its EXIF must not turn it again."""
    assert read_metadata(photo(camera_exif(6).tobytes(), "HEIF")).orientation == 1


@pytest.mark.parametrize(
    ("make", "model", "serial", "name"),
    [
        ("Canon", "Canon EOS R5", "123", "Canon EOS R5 #123"),
        ("NIKON CORPORATION", "NIKON D70", None, "NIKON D70"),
        ("Apple", "iPhone 6s", None, "Apple iPhone 6s"),
        ("Apple", None, None, "Apple"),
        (None, None, "123", "unknown camera"),
    ],
)
def test_the_name_of_a_camera(make, model, serial, name):
    assert camera_name(make, model, serial) == name


def test_an_exif_block_that_asks_for_hours_is_given_up_soon():
    """A thousand directories of 60,000 entries each, every one in the same few bytes."""
    entry = struct.pack("<HHII", 0x0110, 3, 999, 26)
    directories = struct.pack("<H", 60_000) + entry * 5_000
    block = b"II*\x00" + struct.pack("<I", 8) + directories
    start = time.process_time()
    metadata = read_metadata(
        io.BytesIO(with_segments(saved(scene()).getvalue(), (0xE1, b"Exif\x00\x00" + block)))
    )
    assert time.process_time() - start < 2
    assert metadata.problems == ("The camera data in this file is damaged.",)


def test_tags_that_nobody_asks_for_are_passed_over():
    """Three hundred lists of 999 numbers stand before the model: to read them all would take too long."""
    many = struct.pack("<HHII", 0xC000, 3, 999, 26) * 300
    model = struct.pack("<HHI4s", 0x0110, 2, 4, b"K-7\0")
    block = b"II*\x00" + struct.pack("<IH", 8, 301) + many + model + bytes(4)
    metadata = read_metadata(
        io.BytesIO(with_segments(saved(scene()).getvalue(), (0xE1, b"Exif\x00\x00" + block)))
    )
    assert (metadata.camera_model, metadata.problems) == ("K-7", ())


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(content):
    assert isinstance(read_metadata(io.BytesIO(content)), Metadata)


SAMPLE = photo(camera_exif()).getvalue()


@settings(max_examples=250)
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=12), st.integers(20, len(SAMPLE))
)
def test_no_damage_to_a_photo_makes_it_raise(changes, length):
    damaged = bytearray(SAMPLE)
    for at, value in changes:
        damaged[at] = value
    metadata = read_metadata(io.BytesIO(damaged[:length]))
    assert metadata.orientation in range(1, 9)


def test_found_photos_are_read_without_a_surprise():
    read = {
        path.name: read_metadata(io.BytesIO(path.read_bytes()))
        for path in found_files("rome", "exif", "hostile/images")
    }
    placed = [name for name, metadata in read.items() if metadata.position and name.startswith("BDH_")]
    assert len(placed) == 16 * any(name.startswith("BDH_") for name in read)
    assert all(problem.endswith(".") for metadata in read.values() for problem in metadata.problems)
