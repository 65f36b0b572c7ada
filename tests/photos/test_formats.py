"""What is taken as a photo and what is refused, in which words."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from blog.photos.formats import MAX_BYTES, PhotoFormat, RefusedFile, check
from blog.photos.rawphotos import raw_kind

from .samples import saved, scene


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        ("JPEG", PhotoFormat.JPEG),
        ("PNG", PhotoFormat.PNG),
        ("WEBP", PhotoFormat.WEBP),
        ("HEIF", PhotoFormat.HEIC),
        ("AVIF", PhotoFormat.AVIF),
        ("TIFF", PhotoFormat.TIFF),
        ("GIF", PhotoFormat.GIF),
        ("MPO", PhotoFormat.JPEG),
    ],
)
def test_photos_are_known_by_their_content(written_as, expected):
    assert check(saved(scene(), written_as)) is expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x00\x00\x20ftypqt  " + b"\x00" * 20, "This is a video."),
        (b"\x00\x00\x00\x20ftypisom" + b"\x00" * 20, "This is a video."),
        (b"GIF89a" + b"\x00" * 20, "This photo is damaged: it begins as GIF"),
        (b"II*\x00" + b"\x00" * 20, "This photo is damaged: it begins as TIFF"),
        (b"\x00\x00\x00\x18ftypcrx " + b"\x00" * 20, "This is a raw photo (CR3)"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00" + b"\x00" * 20, "This is a raw photo (CR2)"),
        (b"FUJIFILMCCD-RAW 0201" + b"\x00" * 20, "This is a raw photo (RAF)"),
        (b"IIRO\x08\x00\x00\x00" + b"\x00" * 20, "This is a raw photo (ORF)"),
        (b"IIU\x00\x18\x00\x00\x00" + b"\x00" * 20, "This is a raw photo (RW2)"),
        (b"7z\xbc\xaf\x27\x1c" + b"\x00" * 20, "This is a 7-Zip archive."),
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
    with pytest.raises(RefusedFile, match=r"^This ") as refusal:
        check(io.BytesIO(content))
    assert str(refusal.value).startswith(words)


def test_a_refusal_says_what_is_taken():
    with pytest.raises(RefusedFile) as refusal:
        check(io.BytesIO(b"\x00\x00\x00\x20ftypmp42"))
    assert str(refusal.value) == (
        "This is a video. Roadbook takes photos (JPEG, HEIC, PNG, WebP, AVIF, TIFF, GIF), films (MP4, MOV) "
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


@settings(max_examples=150)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF\x40\x00\x00\x00WEBP", b"\x00\x00\x00\x18ftypheic"]),
)
def test_whatever_the_bytes_are_the_answer_is_a_format_or_a_refusal(tail, head):
    try:
        assert check(io.BytesIO(head + tail)) in PhotoFormat
    except RefusedFile as refusal:
        assert str(refusal).startswith("This ")


def tiff(*images: dict[int, int], order: str = "<", make: bytes = b"") -> io.BytesIO:
    """A TIFF of tags alone: images beside each other, each {tag: number}."""
    file = io.BytesIO(b"II*\x00" if order == "<" else b"MM\x00*")
    file.seek(4)
    at = 8
    for number, tags in enumerate(images):
        entries = [
            struct.pack(order + "HHI4s", tag, 4, 1, struct.pack(order + "I", n)) for tag, n in tags.items()
        ]
        size = 2 + 12 * (len(entries) + bool(make)) + 4
        if make:
            entries.append(struct.pack(order + "HHII", 271, 2, len(make), at + size))
        file.write(struct.pack(order + "I", at))
        following = at + size + len(make)
        file.seek(at)
        file.write(struct.pack(order + "H", len(entries)) + b"".join(sorted(entries)))
        if number + 1 == len(images):
            file.write(struct.pack(order + "I", 0))
        else:
            file.seek(4, 1)
        file.write(make)
        file.seek(at + size - 4)
        at = following
    return file


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (tiff({50706: 0x01040000}), "DNG"),
        (tiff({262: 2}, {262: 32803}, make=b"NIKON CORPORATION\x00"), "NEF"),
        (tiff({262: 2}, {259: 34713}, order=">", make=b"NIKON\x00"), "NEF"),
        (tiff({259: 6}, {262: 32803}, make=b"SONY\x00"), "ARW"),
        (tiff({262: 34892}, make=b"Somebody\x00"), "RAW"),
    ],
)
def test_a_raw_photo_is_told_from_a_tiff(file, kind):
    with pytest.raises(RefusedFile) as refusal:
        check(file)
    assert str(refusal.value) == (
        f"This is a raw photo ({kind}), which no browser can show. Export it as JPEG, "
        "or upload the JPEG that many cameras keep beside it."
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_that_points_at_itself_ends(order):
    loop = tiff({330: 8, 262: 2}, order=order)
    assert raw_kind(loop) is None
