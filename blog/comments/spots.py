"""The spot of a photo that a comment is about: its numbers, and a small picture of it alone."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from PIL import Image

from blog.comments.models import Comment
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat

LEAST_SIDE = 0.01  # of the photo: less can neither be drawn nor seen
LONGEST_SIDE = 320  # pixels of the small picture, twice of what it takes on a page
ON_A_PAGE = (160, 120)

Spot = tuple[float, float, float, float]  # x, y, width, height in fractions of the upright photo


@dataclass(frozen=True)
class SpotPicture:
    """The small picture of a comment's spot, or of the whole photo: its address and its size on a page."""

    address: str
    width: int
    height: int


def read_spot(numbers: Sequence[str]) -> Spot | None:
    """From what was typed: left, top, width and height in per cent; None where nothing was.

    Raises `ValueError` for what is no part of a photo.
    """
    if not any(numbers):
        return None
    if any(len(number) > 12 for number in numbers):
        raise ValueError("These are no numbers.")
    x, y, width, height = (round(float(number.replace(",", ".")) / 100, 5) for number in numbers)
    is_inside = 0 <= x < 1 and 0 <= y < 1 and x + width <= 1.001 and y + height <= 1.001
    if not (is_inside and width >= LEAST_SIDE and height >= LEAST_SIDE):
        raise ValueError("This is no part of the photo.")
    return x, y, min(width, round(1 - x, 5)), min(height, round(1 - y, 5))


def spot_of(comment: Comment) -> SpotPicture | None:
    """What is shown beside a comment on a photo; None where the photo is not shown any more.

    An answer that has no spot of its own is about the same photo as what it answers: it shows nothing.
    """
    if comment.photo_id is None or (comment.parent_id and not comment.region):
        return None
    photo = comment.shown_photo
    if photo is None or not photo.can_be_seen:
        return None
    if not comment.region:
        return SpotPicture(photo.url(photo.fitting(LONGEST_SIDE)), *fitted(photo.width, photo.height))
    _x, _y, width, height = comment.region
    # Another address for other pixels: browsers keep the picture for ever.
    seal = hashlib.sha256(f"{photo.media_key}{comment.region}".encode()).hexdigest()[:12]
    address = url_for("comments.spot", comment_id=comment.id, seal=seal)
    return SpotPicture(address, *fitted(photo.width * width, photo.height * height))


def fitted(width: float, height: float) -> tuple[int, int]:
    """As large as it may stand on a page."""
    scale = min(ON_A_PAGE[0] / width, ON_A_PAGE[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def kept_picture(photo: Photo, spot: Sequence[float]) -> str:
    """The storage key of the small picture, made when it is first asked for.

    It is cut from what readers get of the photo, and lies with that: what is hidden in the one is hidden in
    the other, and both go together. Raises `FileNotFoundError` where there is nothing to cut from.
    """
    name = "-".join(str(round(100_000 * number)) for number in spot)
    key = f"{storage.renditions_prefix(photo.media_key)}spots/{name}.jpg"
    if not storage.exists(key):
        enough = photo.fitting(round(LONGEST_SIDE / max(spot[2], LEAST_SIDE)))
        rendition = storage.get(storage.rendition_key(photo.media_key, enough, RenditionFormat.JPEG))
        storage.put(key, cut(rendition, spot))
    return key


def cut(rendition: bytes, spot: Sequence[float]) -> bytes:
    """A part of a JPEG of ours, as a small JPEG in the same colours."""
    x, y, width, height = spot
    with Image.open(io.BytesIO(rendition), formats=["JPEG"]) as whole:
        box = (x * whole.width, y * whole.height, (x + width) * whole.width, (y + height) * whole.height)
        left, top, right, bottom = (round(number) for number in box)
        part = whole.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        part.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        part.save(out, "JPEG", quality=76, optimize=True, icc_profile=whole.info.get("icc_profile"))
    return out.getvalue()
