"""Nothing that a camera wrote into a file, and no part of the file itself, is in a byte readers can reach."""

import base64
import io
import struct
from collections.abc import Iterator
from urllib.parse import quote

import pillow_heif
import pytest
from PIL import Image

from blog.db import db
from blog.geo.positions import Position
from blog.photos.models import Photo
from tests.conftest import Visitor, degrees, gpx
from tests.pages.crawl import Reached, crawl
from tests.photos.samples import iptc_segment, with_segments, xmp_segment

HOME = Position(42.428371, 18.771294)
LOOKOUT = Position(42.467913, 18.823857)
SERIALS = ("SN-8841207735", "LENS-5520917", "MK-77120455", "XMP-31099284", "UID-9f31c2aa7e")
OWNER = "Wilhelmina Quarrington"
NAMES = ("kitchen window at home.jpg", "DSC_lookout_0417.png", "IMG_terrace_9921.heic")
ADDRESS = "Ulica Skrivena 17"
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
WAY = [
    (HOME.lat + n * (LOOKOUT.lat - HOME.lat) / 60, HOME.lon + n * (LOOKOUT.lon - HOME.lon) / 60,
     f"2026-05-14T08:{n // 2:02}:{n % 2 * 30:02}Z")
    for n in range(61)
]  # fmt: skip


def camera(place: Position, taken: str) -> Image.Exif:
    """All that cameras write: the place, serial numbers, a maker note, the owner."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0xA430] = "Kestrel", "K-2", OWNER
    exif.get_ifd(EXIF_IFD).update(
        {
            0x9003: taken,
            0xA430: OWNER,
            0xA431: SERIALS[0],
            0xA435: SERIALS[1],
            0x927C: b"MakerNote\x00" + SERIALS[2].encode() + SERIALS[2].encode("utf-16-le"),
            0xA420: SERIALS[4],
        }
    )
    exif.get_ifd(GPS_IFD).update({1: "N", 2: degrees(place.lat), 3: "E", 4: degrees(place.lon)})
    return exif


def picture(number: int) -> Image.Image:
    """Some pixels, of another colour for every number."""
    ground = Image.radial_gradient("L").resize((520, 390))
    return Image.merge(
        "RGB", (ground, ground.rotate(90 * number).resize((520, 390)), ground.point(lambda v: 255 - v))
    )


def originals() -> Iterator[tuple[str, bytes]]:
    """Three files of three formats: the first at home, the second at the lookout, the third at home again."""
    out = io.BytesIO()
    picture(1).save(out, "JPEG", quality=93, exif=camera(HOME, "2026:05:14 10:00:10"))
    packet = (
        f"<exif:GPSLatitude>{written(HOME.lat)}N</exif:GPSLatitude><aux:SerialNumber>{SERIALS[3]}</aux:SerialNumber>"
        f"<aux:OwnerName>{OWNER}</aux:OwnerName><Iptc4xmpCore:Location>{ADDRESS}</Iptc4xmpCore:Location>"
    )
    described = (
        '<rdf:li xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" '
        f'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">{packet}</rdf:li>'
    )
    segments = (xmp_segment(described), iptc_segment((2, 92, ADDRESS.encode()), (2, 40, SERIALS[3].encode())))
    yield NAMES[0], with_segments(out.getvalue(), *segments)
    out = io.BytesIO()
    picture(2).save(out, "PNG", exif=camera(LOOKOUT, "2026:05:14 10:30:00"))
    yield NAMES[1], out.getvalue()
    out = io.BytesIO()
    exif = camera(HOME, "2026:05:14 10:00:40").tobytes()
    pillow_heif.from_pillow(picture(3)).save(out, quality=88, exif=exif)
    yield NAMES[2], out.getvalue()


def written(value: float) -> str:
    """`42,25.702260`: degrees and minutes as XMP has them."""
    return f"{int(value)},{value % 1 * 60:.6f}"


def spellings(word: str) -> Iterator[bytes]:
    """A word as it may stand in text, in addresses, in JSON, in Unicode of two bytes, in a data address."""
    yield from {word.encode(), quote(word).encode(), word.replace(" ", "+").encode()}
    yield from (word.encode("utf-16-le"), word.encode("utf-16-be"))
    yield from in_base64(word.encode())


def in_base64(content: bytes) -> Iterator[bytes]:
    """The letters that these bytes make wherever in a longer base64 text they begin."""
    for shift in range(3):
        letters = base64.b64encode(b"\0" * shift + content)
        yield letters[(0, 2, 3)[shift] : len(letters) // 4 * 4 - 4]


def degrees_of(value: float) -> Iterator[bytes]:
    """A latitude or longitude in text of many kinds and in binary numbers."""
    whole, minutes, seconds = degrees(value)
    yield from (f"{value:.{digits}f}".encode() for digits in (5, 6))
    yield f"{value:.5f}".encode("utf-16-le")
    yield from spellings(written(value)[:8])
    yield f"{whole:.0f}° {minutes:.0f}' {seconds:.1f}".encode()
    yield f"{whole:.0f}°{minutes:.0f}′{seconds:.0f}".encode()
    for order in "<>":
        yield struct.pack(f"{order}4I", int(whole), 1, int(minutes), 1)  # rationals, as EXIF has them
        yield struct.pack(f"{order}d", value)


def pieces(content: bytes) -> Iterator[bytes]:
    """Pieces from all over a file: whoever has some of them has some of the file."""
    for start in range(600, len(content) - 60, max(1, len(content) // 40)):
        piece = content[start : start + 40]
        if len(set(piece)) > 12:
            yield piece
            yield from in_base64(piece)


@pytest.fixture
def files() -> dict[str, bytes]:
    return dict(originals())


@pytest.fixture
def everything(author: Visitor, visitor: Visitor, files: dict[str, bytes]) -> list[Reached]:
    """All that a reader reaches of a published trip whose author hides a home."""
    desk = author.make_trip("Bay")
    author.upload(desk, ("morning walk.gpx", gpx(WAY)), *files.items())
    author.send(f"{desk}/privacy/zones", f"{desk}/privacy", name="Home", lat=str(HOME.lat), lon=str(HOME.lon),
                radius_m="800")  # fmt: skip
    text = "![](photo:1)\n\n![](photo:2) ![](photo:3)\n\n::map{}"
    author.publish(author.write(text, trip=desk, day_number=1))
    found = list(crawl(visitor.client))
    assert sum(one.answer.mimetype.startswith("image/") and "/media/" in one.address for one in found) >= 12
    return found


def test_no_byte_tells_of_camera_owner_or_home(files, everything):
    secrets = [
        needle for word in (*SERIALS, OWNER, *NAMES, ADDRESS, "morning walk") for needle in spellings(word)
    ]
    secrets += [needle for value in (HOME.lat, HOME.lon) for needle in degrees_of(value)]
    secrets += [photo.sha256.encode() for photo in db.session.query(Photo)]
    secrets += [piece for content in files.values() for piece in pieces(content)]
    assert len(secrets) > 300
    assert min(len(needle) for needle in secrets) >= 6
    assert [(one.address, needle) for one in everything for needle in secrets if needle in one.body] == []


def test_no_image_tells_a_place_even_where_the_page_may(everything):
    pages = b"".join(one.body for one in everything if one.answer.mimetype == "text/html")
    assert f"{LOOKOUT.lat:.4f}".encode() in pages
    places = [needle for value in (LOOKOUT.lat, LOOKOUT.lon) for needle in degrees_of(value)]
    images = [one for one in everything if one.answer.mimetype.startswith("image/")]
    assert [(one.address, needle) for one in images for needle in places if needle in one.body] == []
    for one in images:
        if "/media/" in one.address:
            with Image.open(io.BytesIO(one.body)) as image:
                assert not image.getexif()
                assert not {"exif", "xmp", "photoshop", "comment"} & image.info.keys()


def test_the_search_would_find_them(author, everything, files):
    """The same needles are in the originals and on the author's desk."""
    whole = b"".join(files.values())
    for word in (*SERIALS, OWNER, ADDRESS):
        assert any(needle in whole for needle in spellings(word)), word
    assert any(needle in whole for needle in degrees_of(HOME.lat))
    first = author.client.get("/desk/photos/1/original")
    assert first.data == files[NAMES[0]]
    first.close()
    text = base64.b64encode(b"?" + files[NAMES[0]])
    assert all(
        any(needle in text for needle in in_base64(piece)) for piece in list(pieces(files[NAMES[0]]))[::4]
    )
    assert f"{HOME.lat:.6f}" in author.get("/desk/trips/1/photos/1")
