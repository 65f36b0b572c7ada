"""A photo's notes as W3C Web Annotations (https://www.w3.org/TR/annotation-model/). PURE but for the rows."""

from datetime import UTC, datetime
from typing import Any

from blog.photos.models import Photo
from blog.photos.notes import RegionNote

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'


def annotation_page(photo: Photo, address: str, page: str, image: str, words: str) -> dict[str, Any]:
    """All notes of a photo as one Annotation Page.

    Absolute addresses: of the page itself, of the photo's HTML page, and of the largest public image, in
    whose pixels polygons are given. `words`: what the collection is called.
    """
    width = photo.widths[-1]
    size = (width, round(width / photo.aspect))
    source = {"id": image, "type": "Image", "format": "image/jpeg"}
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "AnnotationPage",
        "partOf": {
            "id": f"{address}#all",
            "type": "AnnotationCollection",
            "label": words,
            "total": len(photo.notes),
            "first": address,
            "last": address,
        },
        "startIndex": 0,
        "items": [annotation(note, address, page, source, size) for note in photo.notes],
    }


def annotation(
    note: RegionNote, address: str, page: str, source: dict[str, str], size: tuple[int, int]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"{address}#note-{note.id}",
        "type": "Annotation",
        "motivation": "describing",
        "created": instant(note.created_at),
        "modified": instant(note.changed_at),
        "body": {"type": "TextualBody", "value": note.text, "format": "text/plain", "purpose": "describing"},
        "target": {"type": "SpecificResource", "source": source, "selector": note.region.selector(*size)},
        "via": f"{page}#note-{note.id}",
    }
    if note.author:
        made["creator"] = {"type": "Person", "name": note.author.name}
    return made


def instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
