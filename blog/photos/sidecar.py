"""XMP sidecars: the place and time of a photo in a small file beside it (`photo.jpg.xmp`).

darktable, digiKam and exiftool read it by this name. The photo itself is never opened for writing.
"""

import hashlib
import os
import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

from blog.geo.placing import Placement
from blog.geo.positions import Position
from blog.geo.zones import local_time

NAMESPACES = {
    "exif": "http://ns.adobe.com/exif/1.0/",
    "roadbook": "urn:roadbook:placement:1.0:",
}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Roadbook {seal}">
"""
SEALED = re.compile(re.escape(HEAD).replace(r"\{seal\}", "([0-9a-f]{16})").encode())
LARGEST_OWN = 10_000  # bytes; what is larger is by others


class ForeignSidecar(Exception):
    """There is a sidecar that Roadbook did not write, or that was changed since; it is not touched."""


def write_sidecar(photo: Path, placement: Placement) -> Path:
    """Write the place of a photo beside it, whole or not at all; a sidecar of our own is replaced.

    Raises ForeignSidecar, and OSError where the folder cannot be written to. `placement` has a position.
    """
    path = photo.with_name(f"{photo.name}.xmp")
    text = sidecar(placement)
    if os.path.lexists(path) and not (path.is_file() and is_own(path)):
        raise ForeignSidecar(f"{path.name} is by another program or was changed since. It was left as it is.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("xb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def is_own(path: Path) -> bool:
    """Whether Roadbook wrote this file and nobody changed a byte of it."""
    with path.open("rb") as file:
        text = file.read(LARGEST_OWN + 1)
    head = SEALED.match(text)
    return head is not None and head[1].decode() == seal(text[head.end() :])


def seal(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def sidecar(placement: Placement) -> bytes:
    """The XMP packet of a placement. Raises ValueError where it has no position."""
    if placement.position is None:
        raise ValueError("A photo without a place has no sidecar.")
    names = "".join(f"\n    xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    said = "".join(
        f"\n    {name}={quoteattr(value)}" for name, value in said_of(placement, placement.position).items()
    )
    body = (
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'  <rdf:Description rdf:about=""{names}{said}/>\n'
        " </rdf:RDF>\n</x:xmpmeta>\n"
    ).encode()
    return HEAD.format(seal=seal(body)).encode() + body


def said_of(placement: Placement, position: Position) -> dict[str, str]:
    """The properties, by Exif 2.31 for XMP (CIPA DC-010).

    There is no exif:GPSTimeStamp: that is what a satellite said, and would be believed as such.
    """
    said = {
        "exif:GPSVersionID": "2.3.0.0",
        "exif:GPSMapDatum": "WGS-84",
        "exif:GPSLatitude": coordinate(position.lat, "N", "S"),
        "exif:GPSLongitude": coordinate(position.lon, "E", "W"),
    }
    if position.ele is not None:
        said["exif:GPSAltitude"] = tenths(abs(position.ele))
        said["exif:GPSAltitudeRef"] = "1" if position.ele < 0 else "0"
    if placement.radius_m is not None:
        said["exif:GPSHPositioningError"] = tenths(placement.radius_m)
    if placement.utc_s is not None:
        # Always with milliseconds: older versions of darktable read the first 23 letters and no zone.
        taken = local_time(placement.utc_s, position)
        said["exif:DateTimeOriginal"] = taken.isoformat(timespec="milliseconds")
    return said | {"roadbook:Source": placement.source}


def coordinate(degrees: float, positive: str, negative: str) -> str:
    """XMP's GPSCoordinate, `41,47.400000N`: whole degrees, minutes to two millimetres, hemisphere."""
    whole, millionths = divmod(round(abs(degrees) * 60_000_000), 60_000_000)
    return f"{whole},{millionths / 1_000_000:.6f}{negative if degrees < 0 else positive}"


def tenths(metres: float) -> str:
    """XMP's Rational."""
    return f"{round(metres * 10)}/10"
