"""IPTC-IIM records of a photo, as texts. PURE."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL.ImageFile import ImageFile
from PIL.IptcImagePlugin import getiptcinfo

from blog.photos.exif import MAX_TEXT, plain_text

UTF8_MARK = b"\x1b%G"  # ISO 2022, what IPTC 1:90 says when its texts are UTF-8
MAX_VALUES = 200  # of one record
RECORDS, DIGEST = 0x0404, 0x0425  # Photoshop's image resources

Key = tuple[int, int]


@dataclass(frozen=True)
class Iptc:
    """Texts by (record, data set). `is_newer`: a program that knows no XMP changed them after the XMP.

    That is what the digest beside them tells (Metadata Working Group, Guidelines 2.0, 3.3): it is of the
    records as they were when both were written together.
    """

    texts: Mapping[Key, list[str]] = field(default_factory=dict)
    is_newer: bool = False

    def all(self, number: int) -> list[str]:
        """Every value of an application record (2:…)."""
        return self.texts.get((2, number), [])


def read_iptc(image: ImageFile | None) -> Iptc:
    if image is None:
        return Iptc()
    try:
        records = getiptcinfo(image) or {}
    except Exception:  # a damaged record says nothing
        return Iptc()
    is_utf8 = UTF8_MARK in first(records.get((1, 90)))
    texts = {key: list(decoded(values, is_utf8)) for key, values in records.items() if key[0] == 2}
    return Iptc({key: value for key, value in texts.items() if value}, is_newer(image))


def first(record: bytes | list[bytes] | None) -> bytes:
    return (record[0] if isinstance(record, list) else record) or b""


def decoded(record: bytes | list[bytes] | None, is_utf8: bool) -> list[str]:
    values = record if isinstance(record, list) else [record or b""]
    return [text for value in values[:MAX_VALUES] if (text := iptc_text(value, is_utf8))]


def iptc_text(value: bytes, is_utf8: bool) -> str | None:
    """A record that does not name its character set is UTF-8 where it can be, else Windows-1252."""
    value = value[:MAX_TEXT]
    try:
        return plain_text(value.decode("utf-8", errors="replace" if is_utf8 else "strict"))
    except UnicodeDecodeError:
        return plain_text(value.decode("cp1252", errors="replace"))


def is_newer(image: ImageFile) -> bool:
    resources = image.info.get("photoshop")
    if not isinstance(resources, dict):
        return False
    records, digest = resources.get(RECORDS), resources.get(DIGEST)
    if not isinstance(records, bytes) or not isinstance(digest, bytes) or len(digest) != 16:
        return False
    return digest != bytes(16) and hashlib.md5(records, usedforsecurity=False).digest() != digest
