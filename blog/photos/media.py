"""The images and films that readers' browsers load. Originals are not among them."""

import re
from typing import IO, cast

from flask import Blueprint, Response, abort, request
from sqlalchemy import select
from werkzeug.wsgi import FileWrapper

from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.web.access import Audience, open_to

KEY = re.compile(r"[0-9a-f]{64}")
PIECE_BYTES = 256_000

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
    try:
        content = storage.get(storage.rendition_key(media_key, width, rendition_format))
    except FileNotFoundError:
        abort(404)
    response = for_ever(Response(content, mimetype=rendition_format.media_type))
    response.set_etag(f"{media_key[:16]}-{width}-{extension}")
    response.make_conditional(request)
    return response


@photos_media.get("/media/<media_key>/clip.mp4")
@open_to(Audience.EVERYONE)
def clip(media_key: str) -> Response:
    """A film's copy, any part of it: browsers ask for ranges while they play and seek."""
    if not KEY.fullmatch(media_key):
        abort(404)
    photo = db.session.scalar(select(Photo).where(Photo.media_key == media_key))
    if photo is None or photo.film is None:
        abort(404)
    try:
        file = storage.reader(storage.clip_key(media_key))
    except FileNotFoundError:
        abort(404)
    response = for_ever(Response(FileWrapper(cast(IO[bytes], file), PIECE_BYTES), mimetype="video/mp4"))
    response.direct_passthrough = True
    response.content_length = file.size
    response.set_etag(f"{media_key[:16]}-clip")
    response.make_conditional(request, accept_ranges=True, complete_length=file.size)
    return response


@photos_media.get("/media/<media_key>/captions.vtt")
@open_to(Audience.EVERYONE)
def captions(media_key: str) -> Response:
    """What is said in a film, with times, for players. It may change: browsers ask again."""
    photo = db.session.scalar(select(Photo).where(Photo.media_key == media_key))
    if photo is None or photo.captions is None or photo.clip is None:
        abort(404)
    response = Response(photo.clip.transcript, mimetype="text/vtt")
    response.cache_control.no_cache = True
    return response


def for_ever(response: Response) -> Response:
    """Its address names its contents."""
    response.cache_control.public = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    return response
