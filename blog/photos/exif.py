"""EXIF tags, read by ExifRead within bounds of time and memory. PURE."""

import io
import logging
import math
import re
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

import exifread
from PIL.ImageFile import ImageFile

MAX_READS = 60_000  # real files take some hundreds
MAX_READ_BYTES = 65_536
MAX_TEXT = 4_000

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


def read_tags(file: BinaryIO, image: ImageFile | None) -> Tags:
    """The EXIF tags of `file`, which `image` is the opened header of, if it could be opened.

    Pillow knows the containers better (EXIF behind long other segments, every HEIC brand), ExifRead finds
    what stands behind the pixels or in a file whose header is damaged. Raises `DamagedExif`.
    """
    block = image.info.get("exif") if image else None
    if isinstance(block, bytes) and block:
        return process(io.BytesIO(block.removeprefix(b"Exif\x00\x00")))
    try:
        return process(file)
    except DamagedExif:  # what it stumbled over need not have been EXIF
        return Tags({})


def process(file: BinaryIO) -> Tags:
    rationed = cast(BinaryIO, Rationed(file))
    try:
        return Tags(exifread.process_file(rationed, details=False, extract_thumbnail=False))
    except Exception as error:  # ExifRead raises nearly anything on damaged bytes
        raise DamagedExif(str(error)) from error
