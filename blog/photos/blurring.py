"""Hiding a part of a photo for good: its pixels are replaced by what its surroundings look like. PURE.

Nothing of what was there goes into what stands there afterwards: two photos that differ in a hidden
region alone give the same bytes. A blur of the pixels themselves would leave something to work back from.
"""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from blog.photos.regions import Region

SAFETY = (
    0.004  # of the longer side, on all sides of a region: what scaling and compression smear over its edge
)
AROUND = 0.5  # of the region's size: how far around it is looked
CELLS = 16  # along each side of the part that is looked at
GREY = 128  # where nothing is around
LEAST_KNOWN = 48  # of 255: a cell that is known less than this is guessed from its neighbours

Box = tuple[int, int, int, int]


def destroy(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    """The upright picture with the pixels of `regions` replaced by a smooth spread of the colours around.

    The mode stays (L, RGB or CMYK), and `info` too; `image` itself is not changed.
    """
    if not regions:
        return image
    hidden = mask(image.size, regions)
    result = image.copy()
    for region in regions:
        box = neighbourhood(image.size, region)
        part = image.crop(box)
        part.paste(0, mask=hidden.crop(box))  # before anything is computed from it
        fill = spread(part, hidden.crop(box).point(lambda value: 255 - value))
        result.paste(fill, box, hidden.crop(box))
    return result


def mask(size: tuple[int, int], regions: Sequence[Region]) -> Image.Image:
    """255 where something is hidden, with a safe margin; 0 elsewhere."""
    width, height = size
    margin = safety(size)
    picture = Image.new("L", size, 0)
    draw = ImageDraw.Draw(picture)
    for region in regions:
        corners = [(x * width, y * height) for x, y in region.outline]
        draw.polygon(corners, fill=255, outline=255)
        draw.line([*corners, *corners[:2]], fill=255, width=2 * margin + 1, joint="curve")
        for x, y in corners:
            draw.ellipse((x - margin, y - margin, x + margin, y + margin), fill=255)
    return picture


def safety(size: tuple[int, int]) -> int:
    return max(2, round(SAFETY * max(size)))


def neighbourhood(size: tuple[int, int], region: Region) -> Box:
    """The part of the picture around a region that its filling is made from."""
    width, height = size
    across = round(AROUND * region.width * width) + 3 * safety(size)
    down = round(AROUND * region.height * height) + 3 * safety(size)
    return (
        max(0, int(region.x * width) - across),
        max(0, int(region.y * height) - down),
        min(width, int((region.x + region.width) * width) + 1 + across),
        min(height, int((region.y + region.height) * height) + 1 + down),
    )


def spread(part: Image.Image, known: Image.Image) -> Image.Image:
    """A picture as large as `part`, from its known pixels alone (`known` is 255); the others are 0."""
    bands = [filled(band, known) for band in part.split()]
    grid = bands[0] if len(bands) == 1 else Image.merge(part.mode, bands)
    return grid.resize(part.size, Image.Resampling.BICUBIC)


def filled(band: Image.Image, known: Image.Image) -> Image.Image:
    """One band as a grid of cells, coarse to fine: a cell that is hidden looks like the coarser one."""
    coarse = Image.new("L", (1, 1), GREY)
    cells = 1
    while cells <= CELLS:
        size = (min(cells, band.width), min(cells, band.height))
        values = band.resize(size, Image.Resampling.BOX).tobytes()
        shares = known.resize(size, Image.Resampling.BOX).tobytes()
        guesses = coarse.resize(size, Image.Resampling.BILINEAR).tobytes()
        mixed = [
            min(255, round(255 * value / share)) if share >= LEAST_KNOWN else guess
            for value, share, guess in zip(values, shares, guesses, strict=True)
        ]
        coarse = Image.frombytes("L", size, bytes(mixed))
        cells *= 2
    return coarse
