"""From a photo's bytes to the images that readers get: upright, in right colours, without metadata.

The steps: `prepare` decodes once, no larger than needed; `step_down` shrinks from one width to the next;
`encode` writes one file; `summarise` gives what stands in its place while it loads. Pillow only.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from thumbhash import rgba_to_thumb_hash

from blog.photos.blurring import destroy
from blog.photos.formats import RefusedFile, check_pixels, open_photo
from blog.photos.regions import Region

RECIPE = "2"  # another whenever the same original gives other bytes: public addresses change with it
WIDTHS = (400, 800, 1200, 1800, 2560)
MAX_RENDITION_PIXELS = 2560 * 2560  # a portrait that fills a 4K screen is 1,440 wide; 2,560 would help nobody
MAX_PROFILE_BYTES = 10_000
THUMBHASH_SIDE = 32  # the library counts every pixel in Python, and a hash keeps 7 waves per side

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Size = tuple[int, int]


class RenditionFormat(StrEnum):
    """The best first, as a `<picture>` lists its sources. The words end the files' names."""

    AVIF = "avif"
    JPEG = "jpg"

    @property
    def media_type(self) -> str:
        return "image/avif" if self is RenditionFormat.AVIF else "image/jpeg"


class Summary(NamedTuple):
    """What stands in a photo's place while it loads: a thumbhash in base64, and its average as "#rrggbb"."""

    thumbhash: str
    color: str


def upright_size(size: Size, orientation: int) -> Size:
    """Width and height after EXIF's orientation (1 to 8) is applied."""
    return (size[1], size[0]) if orientation >= 5 else size


def rendition_widths(size: Size) -> tuple[int, ...]:
    """Widths of the renditions of an upright photo, ascending and never larger than the photo.

    A photo between two steps gets its own width as the last, in place of a step that is nearly as wide.
    A tall one stops where a rendition would have more than `MAX_RENDITION_PIXELS`; the smallest is always
    there.
    """
    width, height = size
    steps = {min(width, WIDTHS[-1]), *(step for step in WIDTHS if step <= 0.9 * width)}
    fitting = [step for step in steps if step * step * height <= MAX_RENDITION_PIXELS * width]
    return tuple(sorted(fitting)) or (min(steps),)


def scaled(size: Size, width: int) -> Size:
    """The size that is `width` wide and as near as possible to the same shape."""
    return width, max(1, round(size[1] * width / size[0]))


def prepare(
    file: BinaryIO, orientation: int, hidden: Sequence[Region] = ()
) -> tuple[Image.Image, tuple[int, ...]]:
    """The photo decoded, upright, in RGB, as wide as its largest rendition; and the widths of all.

    The pixels of `hidden` regions are destroyed: nothing of them is in what follows.
    A colour profile that browsers need stands in `info["icc_profile"]`, and nothing else stands there.
    Raises `RefusedFile` for pixels that cannot be decoded.
    """
    _format, photo = open_photo(file)
    check_pixels(*photo.size)
    size = upright_size(photo.size, orientation)
    widths = rendition_widths(size)
    target = upright_size(scaled(size, widths[-1]), orientation)  # turning twice gives the stored sense again
    image = to_screen_colours(shrunk(plain_mode(decode(photo, target)), target))
    turn = TURNS.get(orientation)
    upright = image if turn is None else turned(image, turn)
    return destroy(upright, hidden), widths


def decode(photo: ImageFile, target: Size) -> ImageFile:
    """Load the pixels, a JPEG's at the smallest of its own scales that is still as large as `target`."""
    if isinstance(photo, JpegImageFile):
        photo.draft(None, target)
    try:
        photo.load()
    except Exception as error:  # decoders raise nearly anything on damaged bytes
        raise RefusedFile("This photo is damaged: its pixels cannot be read to the end.") from error
    return photo


def plain_mode(image: Image.Image) -> Image.Image:
    """As L, RGB or CMYK with 8 bits; what is transparent becomes white."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return on_white(image)
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if image.mode == "1" else "RGB")


def on_white(image: Image.Image) -> Image.Image:
    layer = image if image.mode == "RGBA" else image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(layer, mask=layer.getchannel("A"))
    flat.info = {key: value for key, value in image.info.items() if key == "icc_profile"}
    return flat


def shrunk(image: Image.Image, size: Size) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def turned(image: Image.Image, turn: Image.Transpose) -> Image.Image:
    result = image.transpose(turn)
    result.info = image.info
    return result


def to_screen_colours(image: Image.Image) -> Image.Image:
    """In RGB. A small wide-gamut profile (P3, Adobe RGB) is kept, sRGB needs none, others become sRGB."""
    raw: bytes = image.info.get("icc_profile") or b""
    profile = read_profile(raw)
    if profile is None:
        return with_profile(image.convert("RGB"), None)
    is_rgb = image.mode == "RGB" and profile.profile.xcolor_space.strip() == "RGB"
    if is_rgb and len(raw) <= MAX_PROFILE_BYTES:
        is_srgb = "sRGB" in (profile.profile.profile_description or "")
        return with_profile(image, None if is_srgb else raw)
    try:
        srgb = ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB") or image
    except ImageCms.PyCMSError:  # a profile of another colour space than the pixels
        pass
    return with_profile(image.convert("RGB"), None)


def read_profile(raw: bytes) -> ImageCms.ImageCmsProfile | None:
    if not raw:
        return None
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(raw))
    except OSError:  # damaged: browsers would ignore it as well
        return None


def with_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Forget whatever else the file said: encoders would write some of it, such as a JPEG's comment."""
    image.info = {"icc_profile": profile} if profile else {}
    return image


def step_down(image: Image.Image, widths: Iterable[int]) -> Iterator[Image.Image]:
    """The image at each of the widths, the largest first, each made from the one before."""
    shape, info = image.size, image.info
    for width in sorted(widths, reverse=True):
        image = shrunk(image, scaled(shape, width))
        image.info = info
        yield image


def encode(image: Image.Image, rendition_format: RenditionFormat) -> bytes:
    """One rendition's bytes: pixels, and the colour profile where there is one."""
    file, profile = io.BytesIO(), image.info.get("icc_profile")
    if rendition_format is RenditionFormat.AVIF:
        # One thread: each more costs memory. Speed 8 takes half the time of 7 for 4 % more bytes.
        image.save(file, "AVIF", quality=55, speed=8, max_threads=1, icc_profile=profile)
    else:
        image.save(file, "JPEG", quality=80, progressive=True, optimize=True, icc_profile=profile)
    return file.getvalue()


def summarise(image: Image.Image) -> Summary:
    small = image.copy()
    small.thumbnail((THUMBHASH_SIDE, THUMBHASH_SIDE))
    opaque = list(small.convert("RGBA").tobytes())  # shrunk in RGB: alpha may come out below 255
    thumbhash = bytes(rgba_to_thumb_hash(small.width, small.height, opaque))
    red, green, blue = small.resize((1, 1), Image.Resampling.BOX).tobytes()
    return Summary(base64.b64encode(thumbhash).decode("ascii"), f"#{red:02x}{green:02x}{blue:02x}")
