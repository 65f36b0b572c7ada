"""EXIF tags, read by ExifRead within bounds of time and memory. PURE."""

import io
import logging
import math
import re
from collections.abc import Mapping
from typing import Any, BinaryIO, Literal, cast

from exifread.core.exceptions import ExifNotFound
from exifread.core.exif_header import ExifHeader
from exifread.core.find_exif import determine_type, get_endian_str
from PIL.ImageFile import ImageFile

MAX_READS = 60_000  # real files take some hundreds
MAX_READ_BYTES = 65_536
MAX_TEXT = 4_000

# What is asked for, by ExifRead's names. ExifOffset and GPSInfo lead to the other two directories.
WANTED = {
    "Image": {"ExifOffset", "GPSInfo"}
    | {"Artist", "Copyright", "DateTime", "ImageDescription", "Make", "Model", "Orientation"}
    | {"Rating", "SerialNumber"},
    "EXIF": {"BodySerialNumber", "ExposureTime", "FNumber", "FocalLength", "ISOSpeedRatings", "LensModel"}
    | {"DateTimeOriginal", "DateTimeDigitized", "OffsetTime", "OffsetTimeOriginal"}
    | {"SubSecTime", "SubSecTimeDigitized", "SubSecTimeOriginal"},
    "GPS": {"GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef"}
    | {"GPSAltitude", "GPSAltitudeRef", "GPSDate", "GPSTimeStamp", "GPSImgDirection"},
}

# Control characters but for tab and new line, what turns the direction of the text around it, halves of
# surrogate pairs. Joiners stay: Persian words and emoji need them.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

# It reports every oddity of a file; what matters of it stands in the photo's `problems`.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


class DamagedExif(Exception):
    """The EXIF block cannot be read, or not in reasonable time."""


class Rationed:
    """A file that may be read only so often and so much at once: a hostile EXIF block can ask for hours."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.reads = 0
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise DamagedExif("too many reads")
        return self.file.read(size if 0 <= size < MAX_READ_BYTES else MAX_READ_BYTES)


class Header(ExifHeader):
    """ExifRead's reader for the few tags that are asked for; to read the others takes most of its time."""

    reads_all = False

    def s2n(self, offset: int, length: int, signed: bool = False) -> int:
        """As ExifRead's: the whole number at an offset, 0 where the file ends before or in it."""
        self.file_handle.seek(self.offset + offset)
        found = self.file_handle.read(length)
        order: Literal["little", "big"] = "little" if self.endian == "I" else "big"
        return int.from_bytes(found, order, signed=signed) if len(found) == length else 0

    def _process_tag(self, ifd: int, ifd_name: str, *what: Any) -> None:
        _entry, _at, _tag, name, *_how = what
        if self.reads_all or name in WANTED[ifd_name]:
            super()._process_tag(ifd, ifd_name, *what)


class Tags:
    """The tags of one photo by ExifRead's names, such as "EXIF DateTimeOriginal"."""

    def __init__(self, tags: Mapping[str, Any]) -> None:
        self.tags = tags

    def __contains__(self, name: str) -> bool:
        return name in self.tags

    def text(self, *names: str) -> str | None:
        """The first of these tags that says something."""
        return next((text for name in names if (text := self._text(name))), None)

    def _text(self, name: str) -> str | None:
        values = self._values(name)
        if isinstance(values, bytes):
            values = values.decode("cp1252", errors="replace")
        return plain_text(values) if isinstance(values, str) else None

    def numbers(self, name: str) -> list[float]:
        """All numbers of a tag; empty where it is missing or one of them is no finite number."""
        values = self._values(name)
        try:
            numbers = [float(v[0] if isinstance(v, tuple) else v) for v in values]
        except (TypeError, ValueError, ArithmeticError):
            return []
        return numbers if all(map(math.isfinite, numbers)) else []

    def number(self, *names: str) -> float | None:
        """The first number of the first of these tags that has one."""
        return next((numbers[0] for name in names if (numbers := self.numbers(name))), None)

    def printed(self, name: str) -> str:
        """A tag's value as ExifRead prints it, bounded; empty where it cannot be printed."""
        try:
            return str(self.tags.get(name))[:MAX_TEXT]
        except Exception:  # it is made of the file's own numbers
            return ""

    def _values(self, name: str) -> Any:
        return getattr(self.tags.get(name), "values", ())


def plain_text(text: str, longest: int = MAX_TEXT) -> str | None:
    """One line or more without control characters, trimmed and bounded; None where nothing is left."""
    lines = text[:longest].replace("\r\n", "\n").replace("\r", "\n")
    return UNSEEN.sub("", lines).strip() or None


def read_tags(file: BinaryIO, image: ImageFile | None, in_full: bool = True) -> Tags:
    """The EXIF tags of `file`, which `image` is the opened header of, if it could be opened; all of them, or
    only those that something is made of.

    Pillow knows the containers better (EXIF behind long other segments, every HEIC brand), ExifRead finds
    what stands behind the pixels or in a file whose header is damaged. Raises `DamagedExif`.
    """
    block = image.info.get("exif") if image else None
    if isinstance(block, bytes) and block:
        return process(io.BytesIO(block.removeprefix(b"Exif\x00\x00")), in_full)
    try:
        return process(file, in_full)
    except DamagedExif:  # what it stumbled over need not have been EXIF
        return Tags({})


def process(file: BinaryIO, in_full: bool) -> Tags:
    rationed = cast(BinaryIO, Rationed(file))
    try:
        return Tags(tags_of(rationed, in_full))
    except ExifNotFound:
        return Tags({})
    except Exception as error:  # ExifRead raises nearly anything on damaged bytes
        if in_full:  # what nobody asks for may be all that is damaged
            file.seek(0)
            return process(file, in_full=False)
        raise DamagedExif(str(error)) from error


def tags_of(file: BinaryIO, in_full: bool) -> dict[str, Any]:
    """As ExifRead's `process_file`, without thumbnails and makers' notes. Raises nearly anything."""
    offset, order, fake_exif = determine_type(file)
    header = Header(file, get_endian_str(order)[0], offset, fake_exif, strict=False, detailed=False)
    header.reads_all = in_full
    header.dump_ifd(header.s2n(4, 4), "Image")
    if pointer := header.tags.get("Image ExifOffset"):
        header.dump_ifd(pointer.values[0], "EXIF")
    return header.tags
