"""Small real photos that the tests make, and the folder of found ones where it exists."""

import hashlib
import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
from PIL import Image, ImageCms

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 60), (30, 60, 200), (220, 200, 40)

# XMP of a motion photo: how far from its end the film begins.
MICRO_VIDEO = (
    '<G:MicroVideo xmlns:G="http://ns.google.com/photos/1.0/camera/">1</G:MicroVideo>'
    '<G:MicroVideoOffset xmlns:G="http://ns.google.com/photos/1.0/camera/">{}</G:MicroVideoOffset>'
)


def scene(width: int = 480, height: int = 320) -> Image.Image:
    """Red and green above, blue and yellow below: no turn or mirror image of it is the same."""
    image = Image.new("RGB", (2, 2))
    image.putdata([RED, GREEN, BLUE, YELLOW])
    return image.resize((width, height), Image.Resampling.NEAREST)


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    """The colours in the middle of the four quarters, in reading order."""
    rgb = image.convert("RGB")
    across, down = (rgb.width // 4, 3 * rgb.width // 4), (rgb.height // 4, 3 * rgb.height // 4)
    return [rgb.getpixel((x, y)) for y in down for x in across]


def is_scene(image: Image.Image, tolerance: int = 12) -> bool:
    wanted = (RED, GREEN, BLUE, YELLOW)
    pairs = zip(corners(image), wanted, strict=True)
    return all(abs(a - b) <= tolerance for found, want in pairs for a, b in zip(found, want, strict=True))


def saved(image: Image.Image, file_format: str = "JPEG", **options: object) -> io.BytesIO:
    """A photo's file, to be read from its beginning."""
    file = io.BytesIO()
    if file_format == "HEIF":
        pillow_heif.from_pillow(image).save(file, quality=90, **options)
    else:
        image.save(file, file_format, **options)
    file.seek(0)
    return file


def camera_exif(orientation: int = 1) -> Image.Exif:
    """What a camera with GPS writes, in Pyongyang time, on the eastern coast."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Canon", "Canon EOS R5", orientation
    exif[0x010E], exif[0x013B] = "Boats in the harbour", "Ana Writer"
    exif.get_ifd(EXIF_IFD).update(
        {
            0x9003: "2024:05:17 09:30:15",
            0x9291: "25",
            0x9011: "+09:00",
            0x829A: 0.004,
            0x829D: 4.0,
            0x8827: 200,
            0x920A: 35.0,
            0xA431: "042021000123",
            0xA434: "RF 35mm F1.8",
        }
    )
    exif.get_ifd(GPS_IFD).update(gps_tags(41.5, "N", 129.75, "E"))
    return exif


def gps_tags(lat: float, lat_letter: str, lon: float, lon_letter: str) -> dict[int, object]:
    """Coordinates in degrees, with an altitude of 12 m, a heading, and 00:30:14 UTC on 17 May 2024."""
    return {
        1: lat_letter,
        2: (float(int(lat)), (lat - int(lat)) * 60, 0.0),
        3: lon_letter,
        4: (float(int(lon)), (lon - int(lon)) * 60, 0.0),
        5: b"\x00",
        6: 12.0,
        7: (0.0, 30.0, 14.0),
        17: 271.5,
        29: "2024:05:17",
    }


def gps_exif(**changes: object) -> Image.Exif:
    """GPS alone; `changes` replace tags by number (`_2=...`), None takes one away."""
    tags = gps_tags(41.5, "N", 129.75, "E")
    tags.update({int(name[1:]): value for name, value in changes.items()})
    exif = Image.Exif()
    exif.get_ifd(GPS_IFD).update({tag: value for tag, value in tags.items() if value is not None})
    return exif


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more APPn segments (marker, content) at its beginning."""
    parts = [
        bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content for marker, content in segments
    ]
    return jpeg[:2] + b"".join(parts) + jpeg[2:]


Record = tuple[int, int, bytes]


def iptc_segment(*records: Record, digest_of: tuple[Record, ...] = ()) -> tuple[int, bytes]:
    """APP13 with IPTC records (record, data set, value), and perhaps the digest of what they once were."""
    block = iptc_block(records)
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(block)) + block + b"\x00" * (len(block) % 2)
    if digest_of:
        digest = hashlib.md5(iptc_block(digest_of), usedforsecurity=False).digest()
        resource += b"8BIM\x04\x25\x00\x00" + struct.pack(">I", len(digest)) + digest
    return 0xED, b"Photoshop 3.0\x00" + resource


def iptc_block(records: tuple[Record, ...]) -> bytes:
    return b"".join(
        struct.pack(">BBBH", 0x1C, part, number, len(value)) + value for part, number, value in records
    )


def xmp_segment(inside: str, before: str = "") -> tuple[int, bytes]:
    """APP1 with XMP: `inside` an rdf:Description."""
    return 0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp_packet(inside, before).encode()


def xmp_packet(inside: str, before: str = "") -> str:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">'
        f"{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def alternatives(name: str, text: str) -> str:
    return f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:{name}>'


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def p3_profile() -> bytes:
    """Display P3: the primaries of sRGB's profile replaced, adapted to D50 (SMPTE EG 432-1)."""
    profile = bytearray(
        srgb_profile().replace("sRGB built-in".encode("utf-16-be"), "Display P3 v1".encode("utf-16-be"))
    )
    primaries = {
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    for index in range(struct.unpack_from(">I", profile, 128)[0]):
        tag, offset, _size = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        if tag in primaries:
            struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in primaries[tag]))
    return bytes(profile)


def found_files(*folders: str) -> Iterator[Path]:
    """Files of other people's cameras, where the folder of shared data stands beside the checkout."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    root = Path(os.environ.get("ROADBOOK_SHARED_DATA", beside))
    for folder in folders:
        yield from sorted(path for path in (root / folder).rglob("*") if path.is_file())
