"""Destroying the pixels of regions, so that nothing of them can be brought back. PURE."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from blog.photos.regions import Region

CELLS = 4  # a region keeps no more than this many colours each way
MARGIN = 1  # pixels around it, which share light with those inside


def destroy(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    """The image with nothing left of `regions` but a few colours, softly blended. Its `info` stays."""
    if not regions:
        return image
    result = image.copy()
    for region in regions:
        corners = [(x * image.width, y * image.height) for x, y in region.outline]
        mask = Image.new("L", image.size, 0)
        ImageDraw.Draw(mask).polygon(corners, fill=255, outline=255, width=1 + 2 * MARGIN)
        box = mask.getbbox()
        if box is None:
            continue
        size = (box[2] - box[0], box[3] - box[1])
        few = result.crop(box).resize((CELLS, CELLS), Image.Resampling.BOX)
        result.paste(few.resize(size, Image.Resampling.BICUBIC), box[:2], mask.crop(box))
    return result
