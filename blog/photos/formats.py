"""What a file really is, by its content, before a single pixel is decoded. PURE."""

import re
from enum import StrEnum
from typing import BinaryIO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError, DecompressionBombWarning
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from blog.photos.rawphotos import raw_kind

MAX_BYTES = 200_000_000
MAX_MEGAPIXELS = 100
MAX_SIDE = 65_000  # no JPEG can be longer
HEAD_BYTES = 512

TAKEN = (
    "Roadbook takes photos (JPEG, HEIC, PNG, WebP, AVIF, TIFF, GIF), films (MP4, MOV) "
    "and tracks (GPX, FIT, TCX, KML, NMEA, GeoJSON)."
)


class RefusedFile(ValueError):
    """A file that Roadbook does not keep as a photo; the message says why in the user's words."""


class PhotoFormat(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"
    TIFF = "tiff"
    GIF = "gif"
    MP4 = "mp4"
    MOV = "mov"

    @property
    def is_film(self) -> bool:
        return self in (PhotoFormat.MP4, PhotoFormat.MOV)

    @property
    def extension(self) -> str:
        return "jpg" if self is PhotoFormat.JPEG else self.value

    @property
    def turns_itself(self) -> bool:
        """Whether its decoder gives the picture upright already, whatever EXIF says."""
        return self in (PhotoFormat.HEIC, PhotoFormat.TIFF)


class PlainJpeg(JpegImageFile):
    """A JPEG whose EXIF stays unread: Pillow would parse it for a resolution in dpi that nothing here needs,
    and warn about every damaged tag. Of several pictures in one file (MPO) it is the first."""

    def _read_dpi_from_exif(self) -> None:
        pass


# Opened by class: `Image.open` would try every format it knows, and its limit on pixels is process-wide.
READERS: dict[PhotoFormat, type[ImageFile]] = {
    PhotoFormat.JPEG: PlainJpeg,
    PhotoFormat.PNG: PngImageFile,
    PhotoFormat.WEBP: WebPImageFile,
    PhotoFormat.HEIC: HeifImageFile,
    PhotoFormat.AVIF: AvifImageFile,
    PhotoFormat.TIFF: TiffImageFile,
    PhotoFormat.GIF: GifImageFile,
}

SIGNATURES = (
    (b"\xff\xd8\xff", PhotoFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", PhotoFormat.PNG),
    (b"GIF87a", PhotoFormat.GIF),
    (b"GIF89a", PhotoFormat.GIF),
    (b"II*\x00", PhotoFormat.TIFF),
    (b"MM\x00*", PhotoFormat.TIFF),
    (b"II+\x00", PhotoFormat.TIFF),  # with addresses of 64 bits
    (b"MM\x00+", PhotoFormat.TIFF),
)
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
FILM_BRANDS = re.compile(rb"mp4[12]|M4V[ HP]|isom|iso[2-9]|avc1|MSNV|dash|mmp4|3g[p2]\w|XAVC|f4v ")
QUICKTIME_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}  # how a MOV without a brand begins

# (offset, bytes there, what such a file is)
OTHERS = (
    (0, b"BM", "a BMP picture"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (4, b"ftypjx", "a JPEG 2000 picture"),
    (4, b"ftyp", "a video"),
    (4, b"moov", "a video"),
    (4, b"mdat", "a video"),
    (4, b"wide", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (8, b"AVI ", "a video"),
    (0, b"\x00\x00\x01\xba", "a video"),
    (8, b"WAVE", "a sound file"),
    (0, b"ID3", "a sound file"),
    (0, b"OggS", "a sound file"),
    (0, b"fLaC", "a sound file"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a compressed archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"BZh", "a compressed archive"),
    (0, b"\xfd7zXZ", "a compressed archive"),
    (257, b"ustar", "a TAR archive"),
    (8, b".FIT", "a FIT track"),
)

# What a text says near its beginning, in lower case.
TEXTS = (
    (b"<gpx", "a GPX track"),
    (b"<svg", "an SVG drawing"),
    (b"<kml", "a KML file"),
    (b"<html", "a web page"),
)


def check(file: BinaryIO, max_megapixels: int = MAX_MEGAPIXELS) -> PhotoFormat:
    """The format of a photo that may be decoded. Its name and extension are not asked.

    Raises `RefusedFile` for anything else: another kind of file, a damaged header, too many bytes or pixels.
    """
    size = file.seek(0, 2)
    if size == 0:
        raise RefusedFile("This file is empty.")
    if size > MAX_BYTES:
        raise RefusedFile(too_many_bytes())
    photo_format, image = open_photo(file)
    check_pixels(image.width, image.height, max_megapixels)
    return photo_format


def too_many_bytes() -> str:
    return f"This file is larger than {MAX_BYTES // 1_000_000} MB, which is the most Roadbook takes."


def check_pixels(width: int, height: int, max_megapixels: int = MAX_MEGAPIXELS) -> None:
    if width < 1 or height < 1:
        raise RefusedFile("This photo is damaged: it has no width or no height.")
    if width * height > max_megapixels * 1_000_000:
        raise RefusedFile(
            f"This photo has {width * height / 1_000_000:,.0f} megapixels ({width} × {height}). "
            f"Roadbook takes up to {max_megapixels}: make it smaller and try again."
        )
    if max(width, height) > MAX_SIDE:
        raise RefusedFile(
            f"This photo is too long and thin ({width} × {height}). "
            f"Roadbook takes up to {MAX_SIDE:,} pixels a side."
        )


def open_photo(file: BinaryIO) -> tuple[PhotoFormat, ImageFile]:
    """Format and image of a file with only its header read. Raises `RefusedFile`; `file` stays open."""
    photo_format = format_of(file)
    file.seek(0)
    try:
        return photo_format, READERS[photo_format](file)
    except MemoryError:
        raise
    except (DecompressionBombError, DecompressionBombWarning) as error:
        raise RefusedFile("This photo is damaged: it claims to have far too many pixels.") from error
    except Exception as error:  # decoders raise nearly anything on damaged bytes
        name = photo_format.value.upper()
        raise RefusedFile(f"This photo is damaged: it begins as {name} but cannot be read.") from error


def format_of(file: BinaryIO) -> PhotoFormat:
    """The photo format of a file, by its first few kB. Raises `RefusedFile` where it is none."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if raw := raw_kind(file):
        raise RefusedFile(
            f"This is a raw photo ({raw}), which no browser can show. Export it as JPEG, "
            "or upload the JPEG that many cameras keep beside it."
        )
    photo_format = recognise(head)
    if photo_format is None:
        raise RefusedFile(f"This is {describe(head)}. {TAKEN}")
    return photo_format


def recognise(head: bytes) -> PhotoFormat | None:
    """The photo format that begins with these bytes; at least 64 of them tell."""
    for signature, photo_format in SIGNATURES:
        if head.startswith(signature):
            return photo_format
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    brands = file_type_brands(head)
    if brands & AVIF_BRANDS:
        return PhotoFormat.AVIF
    return PhotoFormat.HEIC if brands & HEIC_BRANDS else None


def file_type_brands(head: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO base media file (ISO/IEC 14496-12, 4.3); empty for others."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[at : at + 4] for at in range(16, end, 4)}


def recognise_film(head: bytes) -> PhotoFormat | None:
    """The format of a film that begins with these bytes; what is in it, only FFmpeg can tell."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand == b"qt  ":
            return PhotoFormat.MOV
        return PhotoFormat.MP4 if FILM_BRANDS.fullmatch(brand) else None
    return PhotoFormat.MOV if head[4:8] in QUICKTIME_ATOMS else None


def describe(head: bytes) -> str:
    """What a file is that begins with these bytes and is no photo Roadbook takes: "a video"."""
    for offset, signature, name in OTHERS:
        if head.startswith(signature, offset):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for word, name in TEXTS:
        if word in start:
            return name
    return "a text" if is_text(start) else "no photo that Roadbook knows"


def is_text(start: bytes) -> bool:
    """Whether it has no control characters but those of a text."""
    return bool(start) and not set(start) & (set(range(32)) - {9, 10, 12, 13})
