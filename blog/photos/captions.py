"""The words in a photo file: caption, title, credit, from IPTC, XMP and EXIF in this order. PURE."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from PIL.ImageFile import ImageFile
from PIL.IptcImagePlugin import getiptcinfo

from blog.photos.exif import MAX_TEXT, Tags, plain_text

MAX_XMP_BYTES = 1_000_000
UTF8_MARK = b"\x1b%G"  # ISO 2022, what IPTC 1:90 says when its texts are UTF-8

DC = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

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
    caption: str | None = None
    title: str | None = None
    credit: str | None = None


def read_words(image: ImageFile | None, tags: Tags) -> Words:
    """Caption, title and credit. What a camera writes by itself is none of them."""
    iptc, xmp = read_iptc(image), read_xmp(image)
    maker = {tags.text("Image Make"), tags.text("Image Model")}
    exif = Words(tags.text("Image ImageDescription"), None, tags.text("Image Artist"))
    sources = (iptc, xmp, exif)
    return Words(
        caption=next((w.caption for w in sources if is_human(w.caption) and w.caption not in maker), None),
        title=next((w.title for w in sources if is_human(w.title)), None),
        credit=next((w.credit for w in sources if is_human(w.credit) and w.credit not in maker), None),
    )


def is_human(text: str | None) -> bool:
    """Whether somebody wrote this, as far as one can tell."""
    return bool(text) and not JUNK.fullmatch(text or "")


def read_iptc(image: ImageFile | None) -> Words:
    """IPTC-IIM: 2:120 Caption-Abstract, 2:05 Object Name, 2:80 By-line. Only JPEG carries it."""
    if image is None or not image.info.get("photoshop"):
        return Words()
    try:
        records = getiptcinfo(image) or {}
    except Exception:  # a damaged record says nothing
        return Words()
    is_utf8 = UTF8_MARK in first(records.get((1, 90)))
    caption, title, credit = (iptc_text(records.get((2, number)), is_utf8) for number in (120, 5, 80))
    return Words(caption, title, credit)


def first(record: bytes | list[bytes] | None) -> bytes:
    """A repeatable record's first value."""
    return (record[0] if isinstance(record, list) else record) or b""


def iptc_text(record: bytes | list[bytes] | None, is_utf8: bool) -> str | None:
    """A record that does not name its character set is UTF-8 where it can be, else Windows-1252."""
    value = first(record)[:MAX_TEXT]
    try:
        return plain_text(value.decode("utf-8", errors="replace" if is_utf8 else "strict"))
    except UnicodeDecodeError:
        return plain_text(value.decode("cp1252", errors="replace"))


def read_xmp(image: ImageFile | None) -> Words:
    """Dublin Core in XMP: description, title, creator. No entities, no DTD, at most 1 MB."""
    packet = xmp_packet(image)
    if not packet or len(packet) > MAX_XMP_BYTES:
        return Words()
    try:
        root = fromstring(packet, forbid_dtd=True)
    except Exception:  # damaged or hostile XML says nothing
        return Words()
    caption, title, credit = (xmp_text(root, name) for name in ("description", "title", "creator"))
    return Words(caption, title, credit)


def xmp_packet(image: ImageFile | None) -> bytes:
    if image is None:
        return b""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return (packet.encode() if isinstance(packet, str) else bytes(packet)).strip(b"\x00 \r\n\t")


def xmp_text(root: Element, name: str) -> str | None:
    """The value of a Dublin Core property: the default language's, else the first."""
    texts = sorted(property_values(root, DC + name), key=lambda value: value[0] != "x-default")
    return next((text for _language, value in texts if (text := plain_text(value))), None)


def property_values(root: Element, name: str) -> Iterator[tuple[str, str]]:
    """(language, text) of a property, written as an attribute, as a text, or as a list of alternatives."""
    for element in root.iter():
        if name in element.attrib:
            yield "", element.attrib[name]
        if element.tag == name:
            yield "", element.text or ""
            for item in element.iter(RDF + "li"):
                yield item.get(XML_LANGUAGE, ""), item.text or ""
