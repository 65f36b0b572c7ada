"""The words in a photo file: caption, title, keywords, whose it is, how good it is. PURE.

Which source counts, as the Metadata Working Group has it (Guidelines 2.0, chapters 3 and 5), with one
exception:

1. XMP;
2. IPTC, and before XMP where IPTC's digest shows that it was changed after the XMP was written;
3. EXIF last, where the guidelines have it first: cameras fill its description with their own names, and its
   letters are ASCII.

Each property is taken from the first source that has it, never mixed out of two.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from blog.photos.exif import Tags, plain_text
from blog.photos.iptc import Iptc
from blog.photos.xmp import Node

MOST_KEYWORDS = 100
LONGEST_KEYWORD = 100
MOST_CREATORS = 5

# What cameras and programs write where a caption belongs.
JUNK = re.compile(
    r"""
    (?-i:(\w+\ ){0,2}DIGITAL\ (STILL\ )?CAMERA)  # OLYMPUS, SAMSUNG, KONICA MINOLTA …
    | (kodak|sony|hp|casio|fujifilm)\ digital\ (still\ )?camera
    | dcim[\\/].*                          # GoPro, DJI: a path on the card
    | (sony|minolta|konica)\ dsc\b.*
    | exif[_ ]jpeg.*
    | <.*>                                 # <Samsung S630>
    | (default|untitled|unknown|none|null|n/?a|image|picture|photo|screenshot|ascii|binary\ comment)
    # Huawei's modes:
    | (cof|dav|edf|fbt|fhd|hdr\w*|lll|mde|nbt|oznor\w*|ozedf\w*|ptr?|rhdr|rpt\w*|sdr|shp\w*|zlk)
    # file names:
    | (img|dsc[fn]?|_?mg|pxl|p|dji|gopr|gh|mvimg|burst|oi|screenshot)[_-]?\d[\w-]*(\.\w+)?
    | (created\ with|edited\ with|processed\ with|file\ written\ by)\b.*
    | [\W\d_]*                             # nothing that could be read aloud
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Words:
    """`rating` is 1 to 5 stars."""

    caption: str | None = None
    title: str | None = None
    credit: str | None = None
    rights: str | None = None
    keywords: tuple[str, ...] = ()
    rating: int | None = None


def read_words(xmp: Node, iptc: Iptc, tags: Tags) -> Words:
    """What people wrote into the file. What a camera writes by itself is none of it."""
    written = (from_iptc(iptc), from_xmp(xmp)) if iptc.is_newer else (from_xmp(xmp), from_iptc(iptc))
    sources = (*written, from_exif(tags))
    maker = {tags.text("Image Make"), tags.text("Image Model")}

    def told(texts: Iterable[str | None]) -> str | None:
        return next((text for text in texts if is_human(text) and text not in maker), None)

    return Words(
        caption=told(source.caption for source in sources),
        title=told(source.title for source in sources),
        credit=told(source.credit for source in sources),
        rights=told(source.rights for source in sources),
        keywords=next((source.keywords for source in sources if source.keywords), ()),
        rating=next((source.rating for source in sources if source.rating), None),
    )


def from_xmp(xmp: Node) -> Words:
    """Dublin Core, and the stars of XMP's own schema."""
    return Words(
        caption=first(xmp.texts("dc:description")),
        title=first(xmp.texts("dc:title")),
        credit=joined(xmp.texts("dc:creator")),
        rights=first(xmp.texts("dc:rights")),
        keywords=keywords(xmp.texts("dc:subject")),
        rating=stars(xmp.number("xmp:Rating")),
    )


def from_iptc(iptc: Iptc) -> Words:
    """2:120 Caption-Abstract, 2:05 Object Name, 2:80 By-line, 2:116 Copyright Notice, 2:25 Keywords."""
    return Words(
        caption=first(iptc.all(120)),
        title=first(iptc.all(5)),
        credit=joined(iptc.all(80)),
        rights=first(iptc.all(116)),
        keywords=keywords(iptc.all(25)),
    )


def from_exif(tags: Tags) -> Words:
    return Words(
        caption=tags.text("Image ImageDescription"),
        credit=tags.text("Image Artist"),
        rights=tags.text("Image Copyright"),
        rating=stars(tags.number("Image Rating")),
    )


def first(texts: Iterable[str]) -> str | None:
    return next((text for raw in texts if (text := plain_text(raw))), None)


def joined(texts: Iterable[str]) -> str | None:
    """Several people in the order of the file."""
    names = [name for raw in texts if (name := plain_text(raw)) and is_human(name)]
    return ", ".join(list(dict.fromkeys(names))[:MOST_CREATORS]) or None


def keywords(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, in one line, in the order of the file."""
    words = (" ".join((plain_text(raw) or "").split())[:LONGEST_KEYWORD] for raw in texts)
    return tuple(dict.fromkeys(word for word in words if word))[:MOST_KEYWORDS]


def stars(number: float | None) -> int | None:
    """1 to 5; 0 is "not rated" and -1 "rejected" in XMP."""
    return int(number) if number is not None and 1 <= number <= 5 else None


def is_human(text: str | None) -> bool:
    """Whether somebody wrote this, as far as one can tell."""
    return bool(text) and not JUNK.fullmatch(text or "")
