"""From a photo's bytes to the images that readers get: upright, in right colours, without metadata.

The steps: `prepare` decodes once, no larger than needed, and destroys what is hidden; `step_down` shrinks
from one width to the next; `encode` writes one file; `summarise` gives what stands there while it loads.
`verify` and `render` put them together, to be run in the workshop. Pillow only. PURE.
"""

import base64
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from thumbhash import rgba_to_thumb_hash

from blog.photos.blurring import destroy
from blog.photos.formats import PhotoFormat, RefusedFile, check, open_photo
from blog.photos.metadata import Metadata, read_metadata
from blog.photos.motion import claims_motion, find_film
from blog.photos.regions import Region
from blog.photos.xmp import read_xmp

RECIPE = "3"  # another whenever the same original gives other bytes: public addresses change with it
WIDTHS = (400, 800, 1200, 1800, 2560)
MAX_RENDITION_PIXELS = 2560 * 2560  # a portrait that fills a 4K screen is 1,440 wide; 2,560 would help nobody
MAX_PROFILE_BYTES = 10_000
THUMBHASH_SIDE = 32  # the library counts every pixel in Python, and a hash keeps 7 waves per side
NEARLY = 1.25  # as large: shrunk by a filter that takes half the time of Lanczos and softens a little
MAX_CREDIT = 200  # characters
ARTIST, COPYRIGHT = 0x013B, 0x8298  # EXIF 2.32, 4.6.4

DAMAGED = "This photo is damaged: its pixels cannot be read to the end. Copy it from the camera again."

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


class Rendition(NamedTuple):
    """One file for readers."""

    width: int
    format: RenditionFormat
    content: bytes


class Credit(NamedTuple):
    """Whose picture it is: all that a rendition says in words."""

    artist: str | None = None
    rights: str | None = None


NO_CREDIT = Credit()


class Rendered(NamedTuple):
    """Some renditions of a photo, the widths of all of them, and what stands in their place."""

    renditions: tuple[Rendition, ...]
    widths: tuple[int, ...]
    summary: Summary


@dataclass(frozen=True)
class Verified:
    """A file that is a photo to its last pixel: what it is, what it says, and its first rendition.

    Width and height are those of the upright picture. `claims_motion`: it says that a film stands behind the
    still; `film_offset` is where that begins, None where it is lost.
    """

    format: PhotoFormat
    width: int
    height: int
    metadata: Metadata
    first: Rendered
    claims_motion: bool = False
    film_offset: int | None = None


def verify(file: BinaryIO, max_megapixels: int) -> Verified:
    """Check a file, decode it to its end, and make its smallest rendition. Raises `RefusedFile`."""
    photo_format = check(file, max_megapixels)
    metadata = read_metadata(file)
    _format, photo = open_photo(file)
    size = upright_size(photo.size, metadata.orientation)
    smallest, xmp = rendition_widths(size)[0], read_xmp(photo)
    image = picture(photo, metadata.orientation, (), smallest)
    renditions = tuple(encoded(image, Credit(metadata.credit, metadata.rights)))
    first = Rendered(renditions, (smallest,), summarise(image))
    claims = claims_motion(file, xmp)
    offset = find_film(file, xmp) if claims else None
    return Verified(photo_format, *size, metadata, first, claims, offset)


def render(
    file: BinaryIO,
    orientation: int,
    hidden: Sequence[Region],
    credit: Credit,
    there: Collection[int] = (),
) -> Rendered:
    """All renditions of a photo but for those of the widths that are `there`. Raises `RefusedFile`."""
    prepared, widths = prepare(file, orientation, hidden)
    renditions: list[Rendition] = []
    for image in step_down(prepared, widths):
        if image.width not in there:
            renditions += encoded(image, credit)
    return Rendered(tuple(renditions), widths, summarise(image))


def encoded(image: Image.Image, credit: Credit) -> Iterator[Rendition]:
    for rendition_format in RenditionFormat:
        yield Rendition(image.width, rendition_format, encode(image, rendition_format, credit))


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

    The pixels of `hidden` are destroyed before any scaling. A colour profile that browsers need stands in
    `info["icc_profile"]`, and nothing else. Raises `RefusedFile` for pixels that cannot be decoded.
    """
    _format, photo = open_photo(file)
    widths = rendition_widths(upright_size(photo.size, orientation))
    return picture(photo, orientation, hidden, widths[-1]), widths


def picture(photo: ImageFile, orientation: int, hidden: Sequence[Region], width: int) -> Image.Image:
    """The photo upright, in RGB and `width` wide."""
    size = scaled(upright_size(photo.size, orientation), width)
    target = upright_size(size, orientation)  # turning twice gives the stored sense again
    image, turn = decode(photo, target), TURNS.get(orientation)
    if hidden:
        return to_screen_colours(shrunk(destroy(turned(image, turn), hidden), size))
    return turned(to_screen_colours(shrunk(image, target)), turn)  # a small picture turns faster


def decode(photo: ImageFile, target: Size) -> Image.Image:
    """The pixels in a plain mode, a JPEG's at the smallest of its own scales that is as large as `target`."""
    if isinstance(photo, JpegImageFile):
        photo.draft(None, target)
    try:
        photo.load()
        return plain_mode(photo)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise nearly anything on damaged bytes
        raise RefusedFile(DAMAGED) from error


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
    if image.size == size:
        return image
    is_near = image.width < NEARLY * size[0]
    kernel = Image.Resampling.HAMMING if is_near else Image.Resampling.LANCZOS
    return image.resize(size, kernel, reducing_gap=2.0)


def turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    if turn is None:
        return image
    result = image.transpose(turn)
    result.info = image.info
    return result


def to_screen_colours(image: Image.Image) -> Image.Image:
    """In RGB. A small wide-gamut profile (P3, Adobe RGB) is kept, sRGB needs none, others become sRGB."""
    raw: bytes = image.info.get("icc_profile") or b""
    profile = read_profile(raw)
    if profile is None:
        return with_profile(image if image.mode == "RGB" else image.convert("RGB"), None)
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


def encode(image: Image.Image, rendition_format: RenditionFormat, credit: Credit = NO_CREDIT) -> bytes:
    """One rendition's bytes: pixels, the colour profile where there is one, and the author's credit."""
    file, profile, exif = io.BytesIO(), image.info.get("icc_profile"), credit_block(credit)
    if rendition_format is RenditionFormat.AVIF:
        # One thread: each more costs memory. Speed 8 takes 60 % of the time of 7 for 3 % more bytes; both
        # qualities are about as alike to the photo (benchmarks/encoders.py), AVIF in two thirds of the bytes.
        image.save(file, "AVIF", quality=55, speed=8, max_threads=1, icc_profile=profile, exif=exif)
    else:
        image.save(file, "JPEG", quality=70, progressive=True, optimize=True, icc_profile=profile, exif=exif)
    return file.getvalue()


def credit_block(credit: Credit) -> bytes:
    """EXIF of Artist and Copyright alone, empty without them: the fewest bytes that programs show."""
    said = {ARTIST: credit.artist, COPYRIGHT: credit.rights}
    exif = Image.Exif()
    for tag, words in said.items():
        if words:
            exif[tag] = " ".join(words.split())[:MAX_CREDIT].encode()  # Pillow alone would write ASCII
    return exif.tobytes() if len(exif) else b""


def summarise(image: Image.Image) -> Summary:
    small = image.copy()
    small.thumbnail((THUMBHASH_SIDE, THUMBHASH_SIDE))
    opaque = list(small.convert("RGBA").tobytes())  # shrunk in RGB: alpha may come out below 255
    thumbhash = bytes(rgba_to_thumb_hash(small.width, small.height, opaque))
    red, green, blue = small.resize((1, 1), Image.Resampling.BOX).tobytes()
    return Summary(base64.b64encode(thumbhash).decode("ascii"), f"#{red:02x}{green:02x}{blue:02x}")
