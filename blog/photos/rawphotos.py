"""Telling a camera's raw file from a TIFF picture: both begin alike. PURE.

A raw file is a TIFF (TIFF 6.0, section 2) of which one image holds the sensor's own values: in the colours of
its filter (DNG 1.7, `PhotometricInterpretation`), or packed in the maker's own way.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MOST_IMAGES = 12
MOST_TAGS = 300

COMPRESSION, PHOTOMETRIC, MAKE, SUB_IFDS, DNG_VERSION = 259, 262, 271, 330, 50706
SENSOR_COLOURS = {32803, 34892}  # the filter's mosaic; "linear raw"
MAKERS_PACKING = {32767, 32769, 32770, 34713, 65000, 65535}  # Sony, Samsung, Nikon, Kodak, Pentax

# How a maker's raw files end; by the first word of its name.
NAMES = {
    "nikon": "NEF",
    "sony": "ARW",
    "pentax": "PEF",
    "ricoh": "PEF",
    "samsung": "SRW",
    "hasselblad": "3FR",
    "epson": "ERF",
    "seiko": "ERF",
    "kodak": "DCR",
    "eastman": "DCR",
    "leaf": "MOS",
    "phase": "IIQ",
    "canon": "CR2",
}

# (offset, bytes there, its name): files that say so at their very beginning
SIGNATURES = (
    (8, b"CR\x02", "CR2"),
    (8, b"IIII", "IIQ"),
    (8, b"MMMM", "IIQ"),
    (4, b"ftypcrx ", "CR3"),
    (0, b"FUJIFILMCCD-RAW", "RAF"),
    (0, b"IIRO", "ORF"),
    (0, b"IIRS", "ORF"),
    (0, b"MMOR", "ORF"),
    (0, b"IIU\x00", "RW2"),
    (0, b"FOVb", "X3F"),
    (0, b"\x00MRM", "MRW"),
    (0, b"II\x1a\x00\x00\x00HEAPCCDR", "CRW"),
)


class Tag(NamedTuple):
    kind: int
    length: int
    value: bytes  # the four bytes in the entry: the value itself, or where it stands


def raw_kind(file: BinaryIO) -> str | None:
    """What the raw files of its maker are called ("NEF"), or None for anything else. Reads a few kB."""
    file.seek(0)
    head = file.read(32)
    for offset, signature, name in SIGNATURES:
        if head.startswith(signature, offset):
            return name
    try:
        return kind_of_tiff(file, head)
    except struct.error:  # it ends in the middle
        return None


def kind_of_tiff(file: BinaryIO, head: bytes) -> str | None:
    if head[:4] not in (b"II*\x00", b"MM\x00*"):
        return None
    order = "<" if head[:2] == b"II" else ">"
    images = list(directories(file, order, struct.unpack(order + "I", head[4:8])[0]))
    if any(DNG_VERSION in tags for tags in images):
        return "DNG"
    if not any(holds_sensor_values(tags, order) for tags in images):
        return None
    make = next((text(file, order, tags[MAKE]) for tags in images if MAKE in tags), "")
    return NAMES.get(make.split(" ")[0].lower(), "RAW")


def holds_sensor_values(tags: dict[int, Tag], order: str) -> bool:
    return (
        number(tags.get(PHOTOMETRIC), order) in SENSOR_COLOURS
        or number(tags.get(COMPRESSION), order) in MAKERS_PACKING
    )


def directories(file: BinaryIO, order: str, first: int) -> Iterator[dict[int, Tag]]:
    """The tags of every image in the file, those inside others too, as many as there is time for."""
    waiting, seen = [first], {0}
    while waiting and len(seen) <= MOST_IMAGES:
        offset = waiting.pop(0)
        if offset in seen:
            continue
        seen.add(offset)
        file.seek(offset)
        (count,) = struct.unpack(order + "H", file.read(2))
        if count > MOST_TAGS:
            return
        block = file.read(12 * count)
        tags = {}
        for number_, kind, values, value in struct.iter_unpack(
            order + "HHI4s", block[: len(block) // 12 * 12]
        ):
            tags[number_] = Tag(kind, values, value)
        following = file.read(4)
        yield tags
        if SUB_IFDS in tags:
            waiting += addresses(file, order, tags[SUB_IFDS])
        if len(following) == 4:
            waiting += struct.unpack(order + "I", following)


def addresses(file: BinaryIO, order: str, tag: Tag) -> list[int]:
    count = min(tag.length, MOST_IMAGES)
    if tag.length == 1:
        return list(struct.unpack(order + "I", tag.value))
    file.seek(struct.unpack(order + "I", tag.value)[0])
    return list(struct.unpack(f"{order}{count}I", file.read(4 * count)))


def number(tag: Tag | None, order: str) -> int | None:
    if tag is None:
        return None
    size = "H" if tag.kind == 3 else "I"
    return int(struct.unpack(order + size, tag.value[: struct.calcsize(size)])[0])


def text(file: BinaryIO, order: str, tag: Tag) -> str:
    content = tag.value
    if tag.length > 4:
        file.seek(struct.unpack(order + "I", tag.value)[0])
        content = file.read(min(tag.length, 40))
    return content.split(b"\x00")[0].decode("ascii", errors="replace").strip()
