"""What a file says in its own words, bounded, to be kept beside the photo and shown to its author. PURE."""

from collections.abc import Iterable, Mapping
from typing import Any

from blog.photos.exif import Tags, plain_text
from blog.photos.iptc import Iptc

MOST_TAGS = 300
LONGEST_VALUE = 500
LONGEST_XMP = 60_000


def file_says(tags: Tags, iptc: Iptc, packet: bytes) -> dict[str, Any]:
    """{"exif": {name: text}, "iptc": {"2:120": text}, "xmp": text}, without what is not there."""
    xmp = " ".join(packet[:LONGEST_XMP].decode("utf-8", "replace").split())
    said = {
        "exif": bounded((name, tags.printed(name)) for name in tags.tags),
        "iptc": bounded((f"{part}:{number}", ", ".join(all_)) for (part, number), all_ in iptc.texts.items()),
        "xmp": plain_text(xmp, LONGEST_XMP),
    }
    return {kind: what for kind, what in said.items() if what}


def bounded(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    kept: dict[str, str] = {}
    for name, value in pairs:
        if len(kept) == MOST_TAGS:
            break
        if text := plain_text(value, LONGEST_VALUE):
            kept[str(name)[:100]] = text
    return kept
