"""What other sites show of a page: title, summary, picture (Open Graph), and facts for machines (JSON-LD)."""

import json
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup

from blog.pages.reading import PhotoPage, PostPage
from blog.photos.models import Photo
from blog.posts.models import Post
from blog.trips.published import PublishedPhoto, PublishedTrip

CARD_WIDTH = 1200


@dataclass(frozen=True)
class Card:
    """One page as others show it; addresses are absolute."""

    title: str
    summary: str
    address: str
    kind: str
    image: str | None
    image_size: tuple[int, int] | None
    image_alt: str
    facts: dict[str, Any]

    @property
    def json_ld(self) -> Markup:
        """The facts as JSON that cannot end its script element."""
        text = json.dumps({"@context": "https://schema.org", **self.facts}, ensure_ascii=False)
        return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def absolute(path: str) -> str:
    return current_app.config["PUBLIC_URL"].rstrip("/") + path


def image_of(photo: Photo | None) -> tuple[str | None, tuple[int, int] | None]:
    if photo is None or not photo.widths:
        return None, None
    width = photo.fitting(CARD_WIDTH)
    return absolute(photo.url(width)), (width, round(width / photo.aspect))


def make(title: str, summary: str, path: str, kind: str, photo: Photo | None, facts: dict[str, Any]) -> Card:
    image, size = image_of(photo)
    if image:
        facts = {**facts, "image": image}
    alt = (photo.alt or photo.caption or "") if photo else ""
    return Card(title, summary, absolute(path), kind, image, size, alt, {**facts, "url": absolute(path)})


def site_card(posts: list[Post]) -> Card:
    name, line = current_app.config["SITE_NAME"], current_app.config["SITE_TAGLINE"]
    photo = posts[0].lead_photo if posts else None
    facts = {"@type": "Blog", "name": name, "description": line}
    return make(name, line, url_for("pages.home"), "website", photo, facts)


def trip_card(trip: PublishedTrip, posts: list[Post]) -> Card:
    facts: dict[str, Any] = {"@type": "TouristTrip", "name": trip.title, "description": trip.dek}
    photo = next((post.lead_photo for post in posts if post.lead_photo), None)
    return make(trip.title, trip.dek, url_for("pages.trip", slug=trip.slug), "website", photo, facts)


def post_card(post: Post, page: PostPage) -> Card:
    published = post.published_at.isoformat() if post.published_at else None
    facts: dict[str, Any] = {
        "@type": "BlogPosting",
        "headline": post.title,
        "description": post.dek,
        "datePublished": published,
        "dateModified": max(filter(None, [post.saved_at, post.published_at])).isoformat(),
        "author": {"@type": "Person", "name": post.author.name},
        "wordCount": page.story.document.words,
    }
    placed = next((f.row for f in page.story.figures if f.row and f.row.is_placed), None)
    if placed:
        facts["contentLocation"] = place_facts(placed)
    return make(
        post.title, post.dek, url_for("pages.post", slug=post.slug), "article", post.lead_photo, facts
    )


def place_facts(row: PublishedPhoto) -> dict[str, Any]:
    return {"@type": "Place", "geo": {"@type": "GeoCoordinates", "latitude": row.lat, "longitude": row.lon}}


def photo_card(page: PhotoPage) -> Card:
    photo = page.photo
    title = page.title
    facts: dict[str, Any] = {
        "@type": "VideoObject" if photo.is_film else "Photograph",
        "name": title,
        "creditText": photo.credit or page.post.author.name,
    }
    if page.row and page.row.taken_at:
        facts["dateCreated"] = page.row.taken_iso
    if page.row and page.row.is_placed:
        facts["contentLocation"] = place_facts(page.row)
    return make(title, page.post.title, url_for("pages.photo", photo_id=photo.id), "website", photo, facts)
