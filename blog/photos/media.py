"""The images that readers' browsers load. Originals are not among them."""

import re
from datetime import timedelta

from flask import Blueprint, abort, redirect, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.web.access import Audience, open_to

YEAR = timedelta(days=365)
KEY = re.compile(r"[0-9a-f]{64}")

photos_media = Blueprint("photos_media", __name__)


@photos_media.get("/media/<media_key>/<int:width>.<extension>")
@open_to(Audience.EVERYONE)
def rendition(media_key: str, width: int, extension: str) -> Response:
    """One finished rendition. Its address names its contents, so that it may be kept for ever."""
    if not KEY.fullmatch(media_key) or extension not in list(RenditionFormat):
        abort(404)
    if width not in (db.session.scalar(select(Photo.widths).where(Photo.media_key == media_key)) or ()):
        abort(404)
    rendition_format = RenditionFormat(extension)
    key = storage.rendition_key(media_key, width, rendition_format)
    return public_file(key, rendition_format.media_type)


def public_file(key: str, media_type: str) -> Response:
    """A file whose address names its contents, whole or in ranges. It is never read into memory.

    Where files are in a bucket, the answer leads there: the address holds longer than the answer is kept.
    """
    if address := storage.signed_address(key):
        answer: Response = redirect(address)
        answer.headers["Cache-Control"] = f"public, max-age={seconds(storage.ADDRESS_HOLDS / 2)}"
        return answer
    path = storage.local_path(key)
    if path is None or not path.is_file():
        abort(404)
    answer = send_file(path, media_type, conditional=True, etag=etag_of(key))
    answer.headers["Cache-Control"] = f"public, max-age={seconds(YEAR)}, immutable"
    return answer


def etag_of(key: str) -> str:
    """The last parts of the key: they name the contents."""
    return "-".join(key.rsplit("/", 2)[1:])


def seconds(time: timedelta) -> int:
    return int(time.total_seconds())
