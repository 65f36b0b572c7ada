"""XMP: the packet of XML in a photo, as trees of plain values, within bounds of size and depth. PURE.

RDF writes one property in many ways (an attribute, an element, a list, a nested description); what comes out
here is one: a name leads to nodes, a node has a text and properties of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser
from PIL.ImageFile import ImageFile

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 60

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
LISTS = {f"{RDF}Alt", f"{RDF}Bag", f"{RDF}Seq"}

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "Container": "http://ns.google.com/photos/1.0/container/",
    "Item": "http://ns.google.com/photos/1.0/container/item/",
}


class TooMuch(Exception):
    """More elements, or deeper ones, than any program writes."""


class Bounded(TreeBuilder):
    """Builds no more of a tree than a photo can need."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.count += 1
        self.depth += 1
        if self.count > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise TooMuch
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


@dataclass(frozen=True)
class Node:
    """One value: its text, the language it is in, and the properties inside it, by expanded names."""

    text: str = ""
    language: str = ""
    inside: dict[str, list[Node]] = field(default_factory=dict)

    def all(self, name: str) -> list[Node]:
        """Every value of a property such as "dc:subject"."""
        prefix, local = name.split(":")
        return self.inside.get(f"{{{NAMESPACES[prefix]}}}{local}", [])

    def one(self, name: str) -> Node:
        """The first value, an empty one where there is none."""
        return next(iter(self.all(name)), NOTHING)

    def texts(self, name: str) -> list[str]:
        """The texts of a property, that of the default language first."""
        nodes = sorted(self.all(name), key=lambda node: node.language != "x-default")
        return [node.text for node in nodes if node.text.strip()]

    def number(self, name: str) -> float | None:
        """The number a property says; None for anything else, infinities too."""
        try:
            number = float(self.one(name).text[:40])
        except ValueError:
            return None
        return number if abs(number) < 1e12 else None


NOTHING = Node()


def read_xmp(image: ImageFile | None) -> Node:
    """What a photo's XMP says; nothing where it has none, or one that is damaged, hostile or too large."""
    packet = xmp_packet(image)
    if not packet or len(packet) > MAX_BYTES:
        return NOTHING
    try:
        parser = DefusedXMLParser(target=Bounded(), forbid_dtd=True)
        parser.feed(packet)
        root = parser.close()
    except Exception:  # entities, a DTD, too much, not well-formed: it says nothing
        return NOTHING
    inside: dict[str, list[Node]] = {}
    for description in descriptions(root):
        for name, nodes in properties(description).items():
            inside.setdefault(name, []).extend(nodes)
    return Node(inside=inside)


def xmp_packet(image: ImageFile | None) -> bytes:
    if image is None:
        return b""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return (packet.encode("utf-8", "replace") if isinstance(packet, str) else bytes(packet)).strip(
        b"\x00 \r\n\t"
    )


def descriptions(root: Element) -> Iterator[Element]:
    """The descriptions of the photo itself: those directly inside rdf:RDF."""
    for rdf in root.iter(f"{RDF}RDF"):
        yield from rdf.iterfind(f"{RDF}Description")


def properties(element: Element) -> dict[str, list[Node]]:
    """Attributes and child elements alike, by expanded names."""
    found = {name: [Node(text)] for name, text in element.attrib.items() if not name.startswith(RDF)}
    for child in element:
        found.setdefault(child.tag, []).extend(values(child))
    return found


def values(element: Element) -> list[Node]:
    """A property's values: the items of its list, else the one thing it holds."""
    first = next(iter(element), None)
    if first is not None and first.tag in LISTS:
        return [node(item) for item in first.iterfind(f"{RDF}li")]
    return [node(element)]


def node(element: Element) -> Node:
    """A text, or a structure: inside an rdf:Description, or as the element's own attributes and children."""
    inner = element.find(f"{RDF}Description")
    inside = properties(element if inner is None else inner)
    language = element.get(LANGUAGE, "")
    inside.pop(LANGUAGE, None)
    return Node(element.text or "", language, inside)
