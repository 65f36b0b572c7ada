"""Posts and trips as IIIF Presentation 3.0 manifests: a canvas per photo, for other sites' viewers.

https://iiif.io/api/presentation/3.0/, with places by https://iiif.io/api/extension/navplace/. What is told of
a photo's place and time is what its page tells.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, json, url_for
from flask_babel import gettext as _

from blog.pages.cards import absolute
from blog.pages.iiif import open_to_other_sites
from blog.pages.reading import find_post, find_trip, photos_of
from blog.photos.models import Photo
from blog.photos.notes import RegionNote
from blog.posts.story import notes_on, story_of
from blog.trips.published import PublishedPhoto
from blog.web.access import Audience, open_to
from blog.web.cache import cached_page
from blog.web.locale import height, here, moment

manifests = Blueprint("manifests", __name__)
manifests.after_request(open_to_other_sites)

PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
NAV_PLACE = "http://iiif.io/api/extension/navplace/context.json"
LICENCE = re.compile(
    r"https?://(?:www\.)?((?:creativecommons\.org/(?:licenses|publicdomain)|rightsstatements\.org/vocab)/"
    r"[\w./-]{1,100})"
)
THUMBNAIL_WIDTH = 400
SHOWN_WIDTH = 1800

Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A photo as a manifest shows it."""

    photo: Photo
    row: PublishedPhoto | None
    caption: str


@manifests.get("/posts/<slug>/manifest.json")
@open_to(Audience.EVERYONE)
@cached_page
def post(slug: str) -> Response:
    found = find_post(slug) or abort(404)
    figures = story_of(found, found.document()).figures
    shown = [Shown(figure.photo, figure.row, figure.caption or figure.alt) for figure in figures]
    facts = [pair(_("Author"), found.author.name)]
    return answer(url_for("pages.post", slug=slug), found.title, found.dek, facts, shown)


@manifests.get("/trips/<slug>/manifest.json")
@open_to(Audience.EVERYONE)
@cached_page
def trip(slug: str) -> Response:
    found = find_trip(slug) or abort(404)
    rows = photos_of(found)
    shown = [Shown(row.photo, row, row.photo.caption or row.photo.alt or "") for row in rows]
    return answer(url_for("pages.trip", slug=slug), found.title, found.dek, [], shown)


def answer(page: str, title: str, summary: str, facts: list[Json], shown: Sequence[Shown]) -> Response:
    """The manifest of what stands on a page; `page` is its path."""
    canvases: dict[int, Shown] = {}
    for one in shown:
        if one.photo.is_ready:
            canvases.setdefault(one.photo.id, one)
    if not canvases:
        abort(404)
    first, notes = next(iter(canvases.values())), notes_on(canvases)
    home = absolute(url_for("pages.home"))
    name = current_app.config["SITE_NAME"]
    whole = {
        "@context": [NAV_PLACE, PRESENTATION],
        "id": absolute(f"{page}/manifest.json"),
        "type": "Manifest",
        "label": said(title),
        "summary": said(summary) if summary else None,
        "metadata": facts,
        "homepage": [web_page(absolute(page), title)],
        "provider": [{"id": home, "type": "Agent", "label": said(name), "homepage": [web_page(home, name)]}],
        "thumbnail": [image(first.photo, THUMBNAIL_WIDTH)],
        "items": [canvas(absolute(page), one, notes.get(number, [])) for number, one in canvases.items()],
    }
    return Response(json.dumps(known(whole)), content_type=f'application/ld+json;profile="{PRESENTATION}"')


def canvas(page: str, shown: Shown, notes: list[RegionNote]) -> Json:
    """One photo, in pixels of its upright picture."""
    photo, row = shown.photo, shown.row
    name = f"{page}/canvas/{photo.id}"
    painted = {
        "id": f"{name}/image",
        "type": "Annotation",
        "motivation": "painting",
        "body": {
            **image(photo, SHOWN_WIDTH),
            "service": [{"id": absolute(photo.service), "type": "ImageService3", "profile": "level2"}],
        },
        "target": name,
    }
    said_of_it = [annotation(note, photo, name) for note in notes]
    address = absolute(url_for("pages.photo", photo_id=photo.id))
    label = shown.caption or _("Photo %(number)d", number=photo.id)
    return known(
        {
            "id": name,
            "type": "Canvas",
            "label": said(label),
            "width": photo.width,
            "height": photo.height,
            "metadata": list(facts_of(photo, row)),
            "requiredStatement": pair(_("Photo by"), photo.credit) if photo.credit else None,
            "rights": licence(photo.rights),
            "navDate": row.taken_at.isoformat() if row and row.taken_at and row.says_zone else None,
            "navPlace": place(name, row, label) if row and row.is_placed else None,
            "thumbnail": [image(photo, THUMBNAIL_WIDTH)],
            "homepage": [web_page(address, label)],
            "items": [{"id": f"{name}/page", "type": "AnnotationPage", "items": [painted]}],
            "annotations": [{"id": f"{name}/notes", "type": "AnnotationPage", "items": said_of_it}]
            if notes
            else None,
        }
    )


def image(photo: Photo, width: int) -> Json:
    """A rendition."""
    width = photo.fitting(width)
    return {
        "id": absolute(photo.url(width)),
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": max(1, round(width / photo.aspect)),
    }


def annotation(note: RegionNote, photo: Photo, canvas_id: str) -> Json:
    """A note on a region, as a W3C annotation on the canvas."""
    return {
        "id": f"{absolute(url_for('pages.photo', photo_id=photo.id))}#note-{note.id}",
        "type": "Annotation",
        "motivation": "commenting",
        "body": {"type": "TextualBody", "value": note.text, "format": "text/plain"},
        "target": {
            "type": "SpecificResource",
            "source": canvas_id,
            "selector": note.region.selector(photo.width, photo.height),
        },
    }


def facts_of(photo: Photo, row: PublishedPhoto | None) -> Iterable[Json]:
    """What the photo's page tells of it."""
    if row and row.local_time:
        yield pair(_("Taken"), moment(row.local_time))
    if row and row.day_number:
        yield pair(_("Day"), str(row.day_number))
    if row and row.is_placed and row.ele is not None:
        yield pair(_("Height"), height(row.ele))
    if photo.camera_words:
        yield pair(_("Camera"), photo.camera_words)
    if photo.rights and not licence(photo.rights):
        yield pair(_("Rights"), photo.rights)


def place(canvas_id: str, row: PublishedPhoto, label: str) -> Json:
    """Where it was taken, no more exactly than is published; the radius holds the true place."""
    feature = {
        "id": f"{canvas_id}/place/1",
        "type": "Feature",
        "properties": {"label": said(label), "radius_m": round(row.radius_m or 0)},
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
    }
    return {"id": f"{canvas_id}/place", "type": "FeatureCollection", "features": [feature]}


def licence(rights: str | None) -> str | None:
    """The address of a licence that the specification knows, as it wants it."""
    match = LICENCE.search(rights or "")
    return f"http://{match[1]}" if match else None


def said(words: str) -> Json:
    """Somebody's words, in a language that Roadbook was not told."""
    return {"none": [words]}


def pair(label: str, value: str) -> Json:
    return {"label": {here().language: [label]}, "value": said(value)}


def web_page(address: str, label: str) -> Json:
    return {"id": address, "type": "Text", "format": "text/html", "label": said(label)}


def known(facts: Json) -> Json:
    return {name: value for name, value in facts.items() if value not in (None, [])}
