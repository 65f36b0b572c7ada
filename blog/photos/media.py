"""The images and films that readers' browsers load. Originals are not among them."""

import re
from datetime import timedelta
from typing import IO, cast

from flask import Blueprint, abort, redirect, request, send_file
from sqlalchemy import select
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.web.access import Audience, open_to

YEAR = timedelta(days=365)
KEY = re.compile(r"[0-9a-f]{64}")
PIECE_BYTES = 256_000

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
    key = storage.rendition_key(media_key, width, rendition_format)
    return public_file(key, rendition_format.media_type)


@photos_media.get("/media/<media_key>/clip.mp4")
@open_to(Audience.EVERYONE)
def clip(media_key: str) -> Response:
    """A film's copy, any part of it: browsers ask for ranges while they play and seek."""
    if not KEY.fullmatch(media_key):
        abort(404)
    photo = photo_of(media_key)
    if photo is None or photo.film is None:
        abort(404)
    return public_file(storage.clip_key(media_key), "video/mp4")


@photos_media.get("/media/<media_key>/captions.vtt")
@open_to(Audience.EVERYONE)
def captions(media_key: str) -> Response:
    """What is said in a film, with times, for players. It may change: browsers ask again."""
    photo = photo_of(media_key)
    if photo is None or photo.captions is None or photo.clip is None:
        abort(404)
    response = Response(photo.clip.transcript, mimetype="text/vtt")
    response.cache_control.no_cache = True
    return response


def photo_of(media_key: str) -> Photo | None:
    """The photo of these public files, unless it is in the bin."""
    return db.session.scalar(select(Photo).where(Photo.media_key == media_key, Photo.binned_at.is_(None)))


def public_file(key: str, media_type: str) -> Response:
    """A file whose address names its contents, whole or in ranges. It is never read into memory.

    Where files are in a bucket, the answer leads there: the address holds longer than the answer is kept.
    """
    if address := storage.signed_address(key):
        answer: Response = redirect(address)
        answer.headers["Cache-Control"] = f"public, max-age={seconds(storage.ADDRESS_HOLDS / 2)}"
        return answer
    try:
        path = storage.local_path(key)
        answer = send_file(path, media_type, True, etag=etag_of(key)) if path else read_out(key, media_type)
    except FileNotFoundError:
        abort(404)
    answer.headers["Cache-Control"] = f"public, max-age={seconds(YEAR)}, immutable"
    return answer


def read_out(key: str, media_type: str) -> Response:
    """From a store that has neither paths nor addresses, piece by piece. Raises `FileNotFoundError`."""
    file = storage.reader(key)
    answer = Response(FileWrapper(cast(IO[bytes], file), PIECE_BYTES), mimetype=media_type)
    answer.direct_passthrough, answer.content_length = True, file.size
    answer.set_etag(etag_of(key))
    return answer.make_conditional(request, accept_ranges=True, complete_length=file.size)


def etag_of(key: str) -> str:
    """The last parts of the key: they name the contents."""
    return "-".join(key.rsplit("/", 2)[1:])


def seconds(time: timedelta) -> int:
    return int(time.total_seconds())
