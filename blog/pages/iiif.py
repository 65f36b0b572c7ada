"""The IIIF image service of every published photo: `/iiif/3/<media key>/…`, open to every site's viewer.

Addresses name the media key, which changes whenever something is hidden in the photo: no copy that a cache
keeps can show what was hidden later. `/iiif/3/<number>/…` leads to the address that holds now.
"""

import json
from typing import NoReturn

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blog.accounts.views import current_person
from blog.pages.cards import absolute
from blog.pages.reading import seen_photo, shown_photo
from blog.photos.detail import Busy, picture
from blog.photos.formats import RefusedFile
from blog.photos.iiif import CONTEXT, PROFILE, BadRequest, ImageRequest, NotOffered, describe
from blog.photos.models import Photo
from blog.trips.rights import is_own_photo
from blog.web.access import Audience, open_to

iiif = Blueprint("iiif", __name__, url_prefix="/iiif/3")

A_DAY, A_YEAR = 24 * 3600, 365 * 24 * 3600
LINKED_DATA = f'application/ld+json;profile="{CONTEXT}"'


@iiif.get("/<int:photo_id>")
@iiif.get("/<int:photo_id>/<path:rest>")
@open_to(Audience.EVERYONE)
def by_number(photo_id: int, rest: str = "info.json") -> AnyResponse:
    photo = shown_photo(Photo.id == photo_id) or refuse(404, "There is no such picture.")
    return redirect(f"{photo.service}/{rest}", 303)


@iiif.get("/<media_key>")
@open_to(Audience.EVERYONE)
def base(media_key: str) -> AnyResponse:
    return redirect(url_for("iiif.info", media_key=media_key), 303)


@iiif.get("/<media_key>/info.json")
@open_to(Audience.EVERYONE)
def info(media_key: str) -> AnyResponse:
    photo = find(media_key)
    response = Response(json.dumps(describe(absolute(photo.service), (photo.width, photo.height))))
    kinds = ["application/ld+json", "application/json"]
    if request.accept_mimetypes.best_match(kinds, kinds[0]) == "application/json":
        response.content_type = "application/json"
        response.headers.add(
            "Link", f'<{CONTEXT}>;rel="http://www.w3.org/ns/json-ld#context";type="application/ld+json"'
        )
    else:
        response.content_type = LINKED_DATA
    response.headers.add("Link", f'<{PROFILE}>;rel="profile"')
    response.vary.add("Accept")
    response.cache_control.public, response.cache_control.max_age = True, A_DAY
    return response


@iiif.get("/<media_key>/<region>/<size>/<rotation>/<quality>.<extension>")
@open_to(Audience.EVERYONE)
def image(media_key: str, region: str, size: str, rotation: str, quality: str, extension: str) -> AnyResponse:
    photo = find(media_key)
    wanted = read(photo, region, size, rotation, quality, extension)
    canonical = f"{photo.service}/{wanted.canonical}"
    try:
        content = picture(photo, wanted)
    except Busy:
        response = refuse_with(503, "Others are looking just now. Please try again in a moment.")
        response.headers["Retry-After"] = "2"
        return response
    except (RefusedFile, FileNotFoundError):
        refuse(404, "This picture cannot be shown in detail.")
    response = Response(content, mimetype=wanted.format.media_type)
    response.headers["Link"] = f'<{PROFILE}>;rel="profile", <{absolute(canonical)}>;rel="canonical"'
    response.cache_control.public, response.cache_control.max_age = True, A_YEAR
    response.cache_control.immutable = True
    return response


def find(media_key: str) -> Photo:
    """The photo of these public pixels, if some published post shows it, or if it is this author's own."""
    which = Photo.media_key == media_key
    if photo := shown_photo(which):
        return photo
    g.for_its_author = True
    photo = seen_photo(which, is_own_photo(person)) if (person := current_person()) else None
    return photo or refuse(404, "There is no such picture.")


def read(photo: Photo, *parts: str) -> ImageRequest:
    try:
        return ImageRequest.read((photo.width, photo.height), *parts)
    except BadRequest as error:
        refuse(400, str(error))
    except NotOffered as error:
        refuse(501, str(error))


def refuse(status: int, sentence: str) -> NoReturn:
    abort(refuse_with(status, sentence))


def refuse_with(status: int, sentence: str) -> Response:
    """An error for a viewer's log rather than for a reader: a line of text."""
    return Response(f"{sentence}\n", status, mimetype="text/plain")


@iiif.after_request
def open_to_other_sites(response: AnyResponse) -> AnyResponse:
    response.headers["Access-Control-Allow-Origin"] = "*"
    if "for_its_author" in g:
        response.headers["Cache-Control"] = "private, no-store"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = "Accept"
    return response
