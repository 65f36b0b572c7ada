"""The words in photo files: whose they are and which of them count."""

import io

import pytest

from blog.photos.captions import is_human
from blog.photos.metadata import read_metadata

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
CAMERA = saved(scene(64, 48), exif=camera_exif()).getvalue()


def words(jpeg: bytes, *segments: tuple[int, bytes]) -> tuple[str | None, str | None, str | None]:
    metadata = read_metadata(io.BytesIO(with_segments(jpeg, *segments)))
    return metadata.caption, metadata.title, metadata.credit


def test_xmp_comes_before_iptc_and_exif_comes_last():
    iptc = iptc_segment((2, 120, b"By IPTC"), (2, 5, b"Title by IPTC"))
    xmp = xmp_segment(alternatives("description", "By XMP"))
    assert words(CAMERA) == ("Boats in the harbour", None, "Ana Writer")
    assert words(CAMERA, iptc) == ("By IPTC", "Title by IPTC", "Ana Writer")
    assert words(CAMERA, xmp, iptc) == ("By XMP", "Title by IPTC", "Ana Writer")


def test_iptc_that_was_changed_after_the_xmp_comes_first():
    old, new = ((2, 120, b"As it was"),), ((2, 120, b"Changed later"),)
    xmp = xmp_segment(alternatives("description", "As it was"))
    assert words(PLAIN, xmp, iptc_segment(*new, digest_of=old))[0] == "Changed later"
    assert words(PLAIN, xmp, iptc_segment(*old, digest_of=old))[0] == "As it was"


def test_iptc_has_caption_title_and_bylines():
    records = ((2, 5, b"Harbour"), (2, 80, b"Jo Photo"), (2, 80, b"Second"), (2, 120, b"Boats at dusk"))
    assert words(PLAIN, iptc_segment(*records)) == ("Boats at dusk", "Harbour", "Jo Photo, Second")


def facts(jpeg: bytes, *segments: tuple[int, bytes]) -> tuple[str | None, tuple[str, ...], int | None]:
    metadata = read_metadata(io.BytesIO(with_segments(jpeg, *segments)))
    return metadata.rights, metadata.keywords, metadata.rating


def test_rights_keywords_and_stars_by_the_same_order():
    exif = camera_exif()
    exif[0x8298], exif[0x4746] = "(c) by EXIF", 2
    camera = saved(scene(64, 48), exif=exif).getvalue()
    iptc = iptc_segment((2, 116, b"By IPTC"), (2, 25, b"sea"), (2, 25, b"boats"), (2, 25, b"sea"))
    xmp = xmp_segment(
        alternatives("rights", "By XMP")
        + "<dc:subject><rdf:Bag><rdf:li>harbour</rdf:li><rdf:li> at  dusk </rdf:li></rdf:Bag></dc:subject>"
        + '<xmp:Rating xmlns:xmp="http://ns.adobe.com/xap/1.0/">4</xmp:Rating>'
    )
    assert facts(camera) == ("(c) by EXIF", (), 2)
    assert facts(camera, iptc) == ("By IPTC", ("sea", "boats"), 2)
    assert facts(camera, iptc, xmp) == ("By XMP", ("harbour", "at dusk"), 4)


@pytest.mark.parametrize("said", ["0", "-1", "6", "NaN", "1e99", "many", ""])
def test_what_is_no_rating(said):
    rating = f'<xmp:Rating xmlns:xmp="http://ns.adobe.com/xap/1.0/">{said}</xmp:Rating>'
    assert facts(PLAIN, xmp_segment(rating))[2] is None


@pytest.mark.parametrize(
    ("mark", "raw"),
    [(b"\x1b%G", "Möwen über dem Meer".encode()), (b"", "Möwen über dem Meer".encode("cp1252"))],
)
def test_iptc_in_utf_8_and_in_the_old_code_page(mark, raw):
    assert words(PLAIN, iptc_segment((1, 90, mark), (2, 120, raw)))[0] == "Möwen über dem Meer"


def test_xmp_prefers_the_default_language():
    text = (
        '<dc:description><rdf:Alt><rdf:li xml:lang="de">Hafen</rdf:li>'
        '<rdf:li xml:lang="x-default">Harbour</rdf:li></rdf:Alt></dc:description>'
        "<dc:creator><rdf:Seq><rdf:li>Jo Photo</rdf:li></rdf:Seq></dc:creator>"
    )
    assert words(PLAIN, xmp_segment(text)) == ("Harbour", None, "Jo Photo")


def test_xmp_of_a_webp_is_read():
    webp = saved(scene(64, 48), "WEBP", xmp=xmp_packet(alternatives("description", "Harbour")).encode())
    assert read_metadata(webp).caption == "Harbour"


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_xmp_with_entities_says_nothing(before):
    assert words(PLAIN, xmp_segment(alternatives("description", "&a;"), before)) == (None, None, None)


def test_damaged_words_say_nothing():
    assert words(PLAIN, (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\xff\xff\x1c\x02")) == (
        None,
        None,
        None,
    )
    assert words(PLAIN, (0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><unclosed>")) == (
        None,
        None,
        None,
    )


def test_a_caption_keeps_its_lines_and_loses_control_characters():
    caption = words(PLAIN, iptc_segment((2, 120, b" One\r\nTwo\x00\x07 ")))[0]
    assert caption == "One\nTwo"


@pytest.mark.parametrize(
    "junk",
    [
        "OLYMPUS DIGITAL CAMERA",
        "SAMSUNG DIGITAL CAMERA",
        "DCIM\\100GOPRO\\GOPR0001.JPG",
        "DCIM/DJI_0001.JPG",
        "SONY DSC",
        "Exif_JPEG_PICTURE",
        "default",
        "<Samsung S630>",
        "cof",
        "IMG_1234",
        "DSC01234.JPG",
        "Created with GIMP",
        "---",
        "   ",
        "",
    ],
)
def test_what_cameras_and_programs_write_is_no_caption(junk):
    assert not is_human(junk)


@pytest.mark.parametrize(
    "caption",
    ["Harbour", "I bought a new digital camera", "P.S. 2 boats", "Default route over the pass", "港の夕暮れ"],
)
def test_what_people_write_is_one(caption):
    assert is_human(caption)


@pytest.mark.parametrize(
    "caption", ["港\u3000夕暮れ", "می\u200cخواهم", "👩\u200d🌾 at work", "10\u00a0km to go"]
)
def test_spaces_and_joiners_of_all_scripts_stay(caption):
    assert words(PLAIN, iptc_segment((2, 120, caption.encode())))[0] == caption


def test_the_camera_s_own_name_is_no_caption():
    exif = camera_exif()
    exif[0x010E] = "Canon EOS R5"
    assert read_metadata(saved(scene(64, 48), exif=exif)).caption is None
