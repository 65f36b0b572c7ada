"""The images that readers' browsers load. Originals are not among them."""

import re

from flask import Blueprint, Response, abort, request
from sqlalchemy import select

from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.web.access import Audience, open_to

KEY = re.compile(r"[0-9a-f]{64}")

photos_media = Blueprint("photos_media", __name__)


@photos_media.get("/media/<media_key>/<int:width>.<extension>")
@open_to(Audience.EVERYONE)
def rendition(media_key: str, width: int, extension: str) -> Response:
    """One finished rendition. Its address names its contents, so that it may be kept for ever."""
    if not KEY.fullmatch(media_key) or extension not in list(RenditionFormat):
        abort(404)
    widths = select(Photo.widths).where(Photo.media_key == media_key, Photo.binned_at.is_(None))
    if width not in (db.session.scalar(widths) or ()):
        abort(404)
    rendition_format = RenditionFormat(extension)
    try:
        content = storage.get(storage.rendition_key(media_key, width, rendition_format))
    except FileNotFoundError:
        abort(404)
    response = Response(content, mimetype=rendition_format.media_type)
    response.cache_control.public = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    response.set_etag(f"{media_key[:16]}-{width}-{extension}")
    response.make_conditional(request)
    return response
