"""Metadata that is too much, too deep, or not what it says: read in bounded time and memory."""

import io
import json
import struct
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.photos.metadata import Metadata, read_metadata
from blog.photos.raw import LONGEST_VALUE, MOST_TAGS

from .samples import (
    alternatives,
    camera_exif,
    iptc_segment,
    saved,
    scene,
    with_segments,
    xmp_packet,
    xmp_segment,
)

PLAIN = saved(scene(64, 48)).getvalue()
FULL = with_segments(
    saved(scene(64, 48), exif=camera_exif()).getvalue(),
    xmp_segment(alternatives("description", "Harbour")),
    iptc_segment((2, 25, b"sea"), (2, 120, b"Harbour")),
)
MOST_MEMORY = 80_000_000


def measured(file: io.BytesIO) -> Metadata:
    """What is read of a file, within bounds."""
    tracemalloc.start()
    try:
        metadata = read_metadata(file)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert len(json.dumps(metadata.raw)) < 400_000
    return metadata


def test_a_tag_of_ten_megabytes():
    exif = camera_exif()
    exif[0x010E] = "x" * 10_000_000
    metadata = measured(saved(scene(64, 48), "WEBP", exif=exif))
    assert metadata.camera_model == "Canon EOS R5"
    assert len(metadata.caption or "") <= 4_000


def test_an_xmp_of_ten_megabytes_says_nothing():
    packet = xmp_packet(alternatives("description", "x" * 10_000_000)).encode()
    assert measured(saved(scene(64, 48), "WEBP", xmp=packet)).caption is None


@pytest.mark.parametrize("inside", ["<a>" * 50_000 + "</a>" * 50_000, "<a/>" * 200_000], ids=["deep", "wide"])
def test_an_xmp_of_too_many_elements_says_nothing(inside):
    packet = xmp_packet(inside + alternatives("description", "Harbour")).encode()
    assert measured(saved(scene(64, 48), "WEBP", xmp=packet)).caption is None


def test_more_keywords_than_anyone_needs():
    many = "".join(f"<rdf:li>{number} {'k' * 300}</rdf:li>" for number in range(3_000))
    packet = xmp_packet(f"<dc:subject><rdf:Bag>{many}</rdf:Bag></dc:subject>").encode()
    keywords = measured(saved(scene(64, 48), "WEBP", xmp=packet)).keywords
    assert len(keywords) == 100
    assert max(map(len, keywords)) == 100


def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """An EXIF block with one directory of (tag, type, count, value or offset)."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


@pytest.mark.parametrize(
    "block",
    [
        directory((0x010F, 2, 0xFFFFFFFF, 8)),  # a text of 4 GB
        directory((0x0112, 3, 0x7FFFFFFF, 8)),  # two billion orientations
        directory((0x8769, 4, 1, 8)),  # a directory inside itself
        directory((0x0112, 3, 1, 6), following=8),  # a chain that ends in its beginning
        directory((0x0112, 99, 1, 6), (0x8825, 5, 3, 4)),  # types that there are not
        directory(*[(0x9000 + n, 7, 4, 0x41414141) for n in range(2_000)]),
        b"II*\x00" + b"\xff" * 60,
        b"MM",
        b"",
    ],
)
def test_a_malformed_directory(block):
    jpeg = with_segments(PLAIN, (0xE1, b"Exif\x00\x00" + block))
    metadata = measured(io.BytesIO(jpeg))
    assert metadata.orientation in range(1, 9)
    assert len(metadata.raw.get("exif", {})) <= MOST_TAGS


def test_invalid_utf_8_and_markup_are_text():
    """What is said in a file is kept as letters; templates escape it."""
    metadata = measured(
        io.BytesIO(
            with_segments(
                PLAIN,
                iptc_segment((1, 90, b"\x1b%G"), (2, 120, b"\xff\xfe <script>alert(1)</script>")),
                xmp_segment(alternatives("title", "A &lt;b&gt;bold&lt;/b&gt; title")),
            )
        )
    )
    assert metadata.caption == "\ufffd\ufffd <script>alert(1)</script>"
    assert metadata.title == "A <b>bold</b> title"


def test_what_a_file_says_is_kept_in_its_own_words():
    raw = measured(io.BytesIO(FULL)).raw
    assert raw["exif"]["Image Model"] == "Canon EOS R5"
    assert raw["iptc"] == {"2:25": "sea", "2:120": "Harbour"}
    assert "Harbour" in raw["xmp"]
    assert max(map(len, raw["exif"].values())) <= LONGEST_VALUE


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_photo_with_some_bytes_changed_says_something_or_nothing(data):
    """Whatever happened to it, reading it raises nothing and gives values of the right kind."""
    head = len(FULL) - len(PLAIN) + 40
    changed = bytearray(FULL)
    for _ in range(data.draw(st.integers(1, 12))):
        changed[data.draw(st.integers(2, head))] = data.draw(st.integers(0, 255))
    metadata = read_metadata(io.BytesIO(bytes(changed)))
    assert metadata.rating is None or 1 <= metadata.rating <= 5
    assert all(isinstance(word, str) for word in (*metadata.keywords, metadata.title or ""))
    assert "\x00" not in json.dumps(metadata.raw, ensure_ascii=False)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.floats(), st.lists(st.floats(), min_size=4, max_size=4))
def test_xmp_of_any_values_is_read(text, number, area):
    x, y, w, h = area
    words = text.replace("&", "").replace("<", "")
    inside = (
        alternatives("title", words)
        + f'<xmp:Rating xmlns:xmp="http://ns.adobe.com/xap/1.0/">{number}</xmp:Rating>'
        + '<r:Regions xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/" '
        + 'xmlns:a="http://ns.adobe.com/xmp/sType/Area#"><r:RegionList><rdf:Bag><rdf:li r:Name="Ana">'
        + f'<r:Area a:x="{x}" a:y="{y}" a:w="{w}" a:h="{h}"/></rdf:li></rdf:Bag></r:RegionList></r:Regions>'
    )
    packet = xmp_packet(inside).encode("utf-8", "replace")
    metadata = read_metadata(saved(scene(32, 32), "WEBP", xmp=packet))
    for face in metadata.faces:
        assert all(0 <= part <= 1 for corner in face["region"] for part in corner)
