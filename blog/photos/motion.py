"""Motion photos: a short film behind a still, in one file. PURE.

Google's first kind says how far from its end the film begins (GCamera:MicroVideoOffset), the second lists
what the file is made of (Container:Directory); Samsung's marks the place with a word, and HEIC has a box.
Apple's Live Photos are two files.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from blog.photos.xmp import Node

SAMSUNG_TRAILER = b"SEFT"  # the last four bytes
FILM_BEGINS = re.compile(rb"\x00\x00\x00[\x08-\x80]ftyp(?:mp4[12]|isom|iso[2-9]|avc1|qt  |MSNV|3gp\d)")
LONGEST_BEGINNING = 12
CHUNK_BYTES = 1_000_000
PASSED_OVER = 100  # the still comes first


def claims_motion(file: BinaryIO, xmp: Node) -> bool:
    """Whether the file says that there is a film in it."""
    if any(xmp.number(name) == 1 for name in ("GCamera:MicroVideo", "GCamera:MotionPhoto")):
        return True
    file.seek(-min(4, file.seek(0, 2)), 2)
    return file.read(4) == SAMSUNG_TRAILER


def find_film(file: BinaryIO, xmp: Node) -> int | None:
    """Where the film begins, in bytes, in a file that claims to have one; None if there is none in it.

    Programs that edit the still leave the numbers as they were: they are believed where a film begins there,
    else the film is looked for.
    """
    size = file.seek(0, 2)
    for length in said_lengths(xmp):
        offset = size - length
        if offset >= PASSED_OVER and begins_film(file, offset):
            return offset
    return search(file)


def said_lengths(xmp: Node) -> Iterator[int]:
    """How many bytes from the end the film may begin."""
    if offset := xmp.number("GCamera:MicroVideoOffset"):
        yield int(offset)
    items = [entry.one("Container:Item") for entry in xmp.all("Container:Directory")]
    kinds = [item.one("Item:Semantic").text.strip() for item in items]
    if "MotionPhoto" in kinds:
        behind = items[kinds.index("MotionPhoto") :]
        yield int(
            sum((item.number("Item:Length") or 0) + (item.number("Item:Padding") or 0) for item in behind)
        )


def begins_film(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return FILM_BEGINS.match(file.read(LONGEST_BEGINNING)) is not None


def search(file: BinaryIO) -> int | None:
    """The first film in the file behind its beginning, read piece by piece."""
    at = PASSED_OVER
    file.seek(at)
    held = b""
    while chunk := file.read(CHUNK_BYTES):
        piece = held + chunk
        if match := FILM_BEGINS.search(piece):
            return at - len(held) + match.start()
        at += len(chunk)
        held = piece[-LONGEST_BEGINNING + 1 :]
    return None
