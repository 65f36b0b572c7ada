"""From pixels to pixels: upright, in right colours, no larger than the photo, and without a word about it."""

import base64
import io

import exifread
import pytest
from PIL import Image, ImageCms, ImageFile
from PIL.IptcImagePlugin import getiptcinfo
from thumbhash import thumb_hash_to_average_rgba

from blog.photos.formats import RefusedFile
from blog.photos.metadata import read_metadata
from blog.photos.renditions import (
    TURNS,
    Credit,
    RenditionFormat,
    Summary,
    encode,
    prepare,
    rendition_widths,
    step_down,
    summarise,
    verify,
)

from .samples import (
    GREEN,
    RED,
    alternatives,
    camera_exif,
    iptc_segment,
    is_scene,
    p3_profile,
    saved,
    scene,
    srgb_profile,
    with_segments,
    xmp_segment,
)

# EXIF 2.32, 4.6.4: how the stored picture came from the upright one is the opposite turn of how it goes back.
OPPOSITE = {6: TURNS[8], 8: TURNS[6]}


def prepared(file: io.BytesIO, orientation: int = 1) -> Image.Image:
    return prepare(file, orientation)[0]


def decoded(image: Image.Image, rendition_format: RenditionFormat) -> Image.Image:
    return Image.open(io.BytesIO(encode(image, rendition_format)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_every_orientation_ends_upright(orientation, file_format):
    turn = OPPOSITE.get(orientation, TURNS.get(orientation))
    stored = scene() if turn is None else scene().transpose(turn)
    file = saved(stored, file_format, exif=camera_exif(orientation).tobytes())
    image = prepared(file, read_metadata(file).orientation)
    assert image.size == (480, 320)
    for rendition_format in RenditionFormat:
        assert is_scene(decoded(image, rendition_format), tolerance=25)


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((6000, 4000), (400, 800, 1200, 1800, 2560)),
        ((2560, 1700), (400, 800, 1200, 1800, 2560)),
        ((1000, 667), (400, 800, 1000)),
        ((1224, 918), (400, 800, 1224)),  # not 1,200 as well
        ((300, 200), (300,)),
        ((1, 1), (1,)),
        ((4000, 6000), (400, 800, 1200, 1800)),  # a portrait of 2,560 would be higher than any screen
        ((1080, 40_000), (400,)),
        ((16_000, 3000), (400, 800, 1200, 1800, 2560)),
    ],
)
def test_widths_are_never_larger_than_the_photo(size, widths):
    assert rendition_widths(size) == widths


def test_a_large_jpeg_is_rendered_at_all_widths():
    image, widths = prepare(saved(scene(3000, 2000)), 1)
    sizes = [step.size for step in step_down(image, widths)]
    assert sizes == [(2560, 1707), (1800, 1200), (1200, 800), (800, 533), (400, 267)]
    assert all(is_scene(step) for step in step_down(image, widths))


@pytest.mark.parametrize("size", [(2, 3000), (3000, 2), (1, 1)])
def test_a_sliver_is_rendered(size):
    image, widths = prepare(saved(scene(*size), "PNG"), 1)
    for step in step_down(image, widths):
        for rendition_format in RenditionFormat:
            assert decoded(step, rendition_format).size == step.size
        assert summarise(step).thumbhash


def all_said() -> io.BytesIO:
    """A photo whose file holds everything that must not leave the house."""
    jpeg = saved(
        scene(), exif=camera_exif(), comment=b"secret comment", dpi=(300, 300), icc_profile=p3_profile()
    )
    xmp = xmp_segment(alternatives("description", "secret caption"))
    return io.BytesIO(with_segments(jpeg.getvalue(), xmp, iptc_segment((2, 120, b"secret caption"))))


@pytest.mark.parametrize("rendition_format", list(RenditionFormat))
def test_a_rendition_says_nothing_about_its_photo(rendition_format):
    image, widths = prepare(all_said(), 1)
    for step in step_down(image, widths):
        content = encode(step, rendition_format)
        assert exifread.process_file(io.BytesIO(content)) == {}
        rendition = Image.open(io.BytesIO(content))
        rendition.load()
        assert not {"exif", "xmp", "comment", "photoshop", "dpi"} & set(rendition.info)
        assert getiptcinfo(rendition) is None
        assert dict(rendition.getexif()) == {}
        assert not any(
            word in content for word in (b"secret", b"Canon", b"Exif", b"xpacket", b"8BIM", b"Ana")
        )


@pytest.mark.parametrize("rendition_format", list(RenditionFormat))
def test_a_rendition_says_whose_it_is(rendition_format):
    """In EXIF, and nothing else; in any script, on one line, never endless."""
    image = prepared(all_said())
    content = encode(image, rendition_format, Credit("Ана <b>Writer</b>\n", "© 2024 Ana " + "x" * 300))
    tags = Image.open(io.BytesIO(content)).getexif()
    said = {tag: words.encode("latin-1").decode() for tag, words in tags.items()}
    assert said == {0x013B: "Ана <b>Writer</b>", 0x8298: "© 2024 Ana " + "x" * 189}
    assert not any(word in content for word in (b"secret", b"Canon", b"xpacket", b"8BIM"))
    assert len(content) < len(encode(image, rendition_format)) + 500


def test_what_the_file_says_of_its_author_stands_in_the_first_rendition():
    verified = verify(all_said(), 100)
    assert (verified.width, verified.height, verified.first.widths) == (480, 320, (400,))
    for rendition in verified.first.renditions:
        found = Image.open(io.BytesIO(rendition.content))
        assert (found.width, dict(found.getexif())) == (400, {0x013B: "Ana Writer"})


@pytest.mark.parametrize("rendition_format", list(RenditionFormat))
def test_a_wide_gamut_stays_as_wide(rendition_format):
    profile = p3_profile()  # it says to the second when it was made
    image = prepared(saved(scene(), icc_profile=profile, quality=95))
    rendition = decoded(image, rendition_format)
    assert rendition.info["icc_profile"] == profile
    assert is_scene(rendition, tolerance=25)


def test_srgb_needs_no_profile():
    """Browsers take what has none for sRGB; the profile would be a quarter of the smallest rendition."""
    image = prepared(saved(scene(), icc_profile=srgb_profile()))
    assert image.info == {}


def test_a_damaged_profile_is_ignored():
    image = prepared(saved(scene(), icc_profile=b"not a profile" * 20))
    assert image.info == {}
    assert is_scene(image)


def test_a_profile_of_another_kind_of_colour_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = prepared(saved(scene(), icc_profile=lab))
    assert image.info == {}
    assert is_scene(image)


def test_cmyk_becomes_rgb():
    assert is_scene(prepared(saved(scene().convert("CMYK"), quality=95)), tolerance=25)


def test_a_grey_photo_stays_grey():
    red, green, blue = prepared(saved(scene().convert("L"))).resize((1, 1)).getpixel((0, 0))
    assert red == green == blue


def test_sixteen_bits_are_scaled_to_eight():
    grey = Image.new("I;16", (64, 48), 0x8000)
    assert prepared(saved(grey, "PNG")).getpixel((30, 20)) == (128, 128, 128)


def test_black_and_white_and_palettes_are_shown():
    assert prepared(saved(Image.new("1", (64, 48), 1), "PNG")).getpixel((5, 5)) == (255, 255, 255)
    assert is_scene(prepared(saved(scene().quantize(16), "PNG")), tolerance=25)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode):
    clear = Image.new("RGBA", (64, 48), (200, 30, 30, 0))
    clear.paste((30, 160, 60, 255), (32, 0, 64, 48))
    image = prepared(saved(clear.convert(mode), "PNG"))
    assert image.getpixel((5, 5)) == (255, 255, 255)
    assert image.getpixel((60, 5)) != (255, 255, 255)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "AVIF", "GIF", "TIFF", "MPO"])
def test_of_an_animation_the_first_frame_is_taken(file_format):
    frames = [Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN)]
    file = saved(frames[0], file_format, save_all=True, append_images=frames[1:], duration=100)
    red, green, _blue = prepared(file).getpixel((5, 5))
    assert red > 150
    assert green < 80


def test_a_truncated_photo_fails_in_plain_words():
    whole = saved(scene(800, 600), quality=95).getvalue()
    with pytest.raises(RefusedFile, match="its pixels cannot be read to the end"):
        prepare(io.BytesIO(whole[: len(whole) // 2]), 1)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_photo_keeps_its_place_while_it_loads():
    summary = summarise(prepared(saved(Image.new("RGB", (300, 200), (200, 100, 50)))))
    assert isinstance(summary, Summary)
    assert summary.color == "#c86432"
    average = thumb_hash_to_average_rgba(list(base64.b64decode(summary.thumbhash)))
    assert [round(255 * part) for part in average] == pytest.approx([200, 100, 50, 255], abs=8)


@pytest.mark.parametrize(
    "mode", ["L", "LA", "P", "1", "I;16", "I", "F", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB"]
)
def test_a_tiff_of_any_kind_is_rendered(mode):
    picture = (
        Image.new(mode, (64, 48))
        if mode in ("I;16", "I", "F", "LAB", "RGBX")
        else scene(64, 48).convert(mode)
    )
    image = prepared(saved(picture, "TIFF"))
    assert (image.mode, image.size) == ("RGB", (64, 48))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_a_compressed_tiff_is_rendered(compression):
    assert is_scene(prepared(saved(scene(), "TIFF", compression=compression)), tolerance=25)
