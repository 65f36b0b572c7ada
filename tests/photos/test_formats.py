"""What is taken as a photo and what is refused, in which words."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from blog.photos.formats import MAX_BYTES, PhotoFormat, RefusedFile, check

from .samples import saved, scene


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        ("JPEG", PhotoFormat.JPEG),
        ("PNG", PhotoFormat.PNG),
        ("WEBP", PhotoFormat.WEBP),
        ("HEIF", PhotoFormat.HEIC),
        ("AVIF", PhotoFormat.AVIF),
    ],
)
def test_photos_are_known_by_their_content(written_as, expected):
    assert check(saved(scene(), written_as)) is expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x00\x00\x20ftypqt  " + b"\x00" * 20, "This is a video."),
        (b"\x00\x00\x00\x20ftypisom" + b"\x00" * 20, "This is a video."),
        (b"GIF89a" + b"\x00" * 20, "This is a GIF picture."),
        (b"II*\x00" + b"\x00" * 20, "This is a TIFF picture or a raw photo."),
        (b"%PDF-1.7\n", "This is a PDF document."),
        (b"PK\x03\x04" + b"\x00" * 20, "This is a ZIP archive or an office document."),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg>", "This is an SVG drawing."),
        (b"<?xml version='1.0'?>\n<gpx version='1.1'>", "This is a GPX track."),
        (b"<!doctype html><html>", "This is a web page."),
        ("Dear diary, …".encode(), "This is a text."),
        (b"\x01\x02\x03\x04", "This is no photo that Roadbook knows."),
        (b"", "This file is empty."),
        (b"\xff\xd8\xff\xe0", "This photo is damaged: it begins as JPEG"),
        (b"\x89PNG\r\n\x1a\n", "This photo is damaged: it begins as PNG"),
    ],
)
def test_anything_else_is_refused_by_its_name(content, words):
    with pytest.raises(RefusedFile, match=words.split(":")[0].replace(".", r"\.")) as refusal:
        check(io.BytesIO(content))
    assert str(refusal.value).startswith(words)


def test_a_refusal_says_what_is_taken():
    with pytest.raises(RefusedFile) as refusal:
        check(io.BytesIO(b"\x00\x00\x00\x20ftypmp42"))
    assert str(refusal.value) == (
        "This is a video. Roadbook takes photos (JPEG, PNG, WebP, HEIC), films (MP4, MOV) "
        "and tracks (GPX, FIT, TCX, KML, NMEA, GeoJSON)."
    )


def png_that_claims(width: int, height: int) -> io.BytesIO:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\x00" * 4)


def test_too_many_pixels_are_refused_before_they_are_decoded():
    with pytest.raises(RefusedFile, match=r"400 megapixels \(20000 × 20000\)"):
        check(png_that_claims(20_000, 20_000))


def test_a_photo_that_no_jpeg_could_hold_is_refused():
    with pytest.raises(RefusedFile, match="too long and thin"):
        check(png_that_claims(70_000, 2))


class Long(io.BytesIO):
    """A file that says it is longer than it is."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return MAX_BYTES + 1 if whence == 2 else super().seek(offset, whence)


def test_too_many_bytes_are_refused():
    with pytest.raises(RefusedFile, match="larger than 200 MB"):
        check(Long(saved(scene()).getvalue()))


def test_a_panorama_of_ninety_megapixels_passes_without_a_warning():
    """Pillow's own limit warns from 89 megapixels on, and warnings are errors here."""
    assert check(saved(Image.new("L", (18_000, 5_000)), "PNG")) is PhotoFormat.PNG


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF\x40\x00\x00\x00WEBP", b"\x00\x00\x00\x18ftypheic"]),
)
def test_whatever_the_bytes_are_the_answer_is_a_format_or_a_refusal(tail, head):
    try:
        assert check(io.BytesIO(head + tail)) in PhotoFormat
    except RefusedFile as refusal:
        assert str(refusal).startswith("This ")
