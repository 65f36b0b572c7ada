"""Feeds, sitemap, robots.txt: pages for machines."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, url_for

from blog.comments.models import Comment
from blog.comments.views import comment_html
from blog.db import db
from blog.pages.cards import absolute
from blog.pages.reading import find_post, published, recent_comments, trip_cards
from blog.posts.models import Post, PostPhoto, published_photos
from blog.posts.story import Story, stories_of
from blog.web.access import Audience, open_to
from blog.web.cache import cached_page

feeds = Blueprint("feeds", __name__)

POSTS_IN_FEED = 20
COMMENTS_IN_FEED = 50


NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def feed_html(story: Story) -> str:
    """A post as feed readers show it: all addresses absolute, no scripts, no styles."""
    html = render_template("pages/_feed_post.html", story=story, absolute=absolute)
    html = re.sub(r'\bhref="/(?!/)', f'href="{absolute("/")}', html)
    return re.sub(r'\bhref="#', f'href="{absolute(url_for("pages.post", slug=story.post.slug))}#', html)


def atom(template: str, **context: Any) -> Response:
    body = render_template(template, absolute=absolute, **context)
    return Response(NOT_XML.sub("", body), mimetype="application/atom+xml")


def latest(posts: list[Post]) -> datetime:
    """When the feed last changed; the beginning of time where it is empty."""
    instants = [max(post.saved_at, post.published_at or post.saved_at) for post in posts]
    return max(instants, default=datetime.fromtimestamp(0, UTC))


@feeds.get("/feed.xml")
@open_to(Audience.EVERYONE)
@cached_page
def posts_atom() -> Response:
    posts = published(POSTS_IN_FEED, texts=True)
    return atom("pages/feed.xml", stories=stories_of(posts), updated=latest(posts), html=feed_html)


@feeds.get("/feed.json")
@open_to(Audience.EVERYONE)
@cached_page
def posts_json() -> Response:
    """JSON Feed 1.1."""
    home, name = absolute(url_for("pages.home")), current_app.config["SITE_NAME"]
    response = jsonify(
        version="https://jsonfeed.org/version/1.1",
        title=name,
        home_page_url=home,
        feed_url=absolute(url_for("feeds.posts_json")),
        language="en",
        items=[item(story) for story in stories_of(published(POSTS_IN_FEED, texts=True))],
    )
    response.mimetype = "application/feed+json"
    return response


def item(story: Story) -> dict[str, Any]:
    post = story.post
    address = absolute(url_for("pages.post", slug=post.slug))
    image = post.lead_photo.largest() if post.lead_photo else None
    facts = {
        "id": address,
        "url": address,
        "title": post.title,
        "summary": post.dek,
        "content_html": feed_html(story),
        "date_published": post.published_at.isoformat() if post.published_at else None,
        "date_modified": post.saved_at.isoformat(),
        "authors": [{"name": post.author.name}],
        "image": absolute(image) if image else None,
    }
    return {key: value for key, value in facts.items() if value}


@feeds.get("/comments.xml")
@open_to(Audience.EVERYONE)
@cached_page
def comments_atom() -> Response:
    """The newest replies under all posts."""
    return comment_feed(None, recent_comments(COMMENTS_IN_FEED))


@feeds.get("/posts/<slug>/comments.xml")
@open_to(Audience.EVERYONE)
@cached_page
def post_comments_atom(slug: str) -> Response:
    post = find_post(slug) or abort(404)
    return comment_feed(post, recent_comments(COMMENTS_IN_FEED, post))


def comment_feed(post: Post | None, rows: list[Comment]) -> Response:
    instants = [row.edited_at or row.created_at for row in rows]
    updated = max(instants, default=datetime.fromtimestamp(0, UTC))
    return atom(
        "pages/comments.xml",
        post=post,
        comments=rows,
        updated=updated,
        html=comment_html,
    )


@feeds.get("/sitemap.xml")
@open_to(Audience.EVERYONE)
@cached_page
def sitemap() -> Response:
    shown = published_photos().distinct()
    body = render_template(
        "pages/sitemap.xml",
        posts=published(),
        trips=trip_cards(),
        photo_ids=db.session.scalars(shown.order_by(PostPhoto.photo_id)).all(),
        absolute=absolute,
    )
    return Response(body, mimetype="application/xml")


@feeds.get("/robots.txt")
@open_to(Audience.EVERYONE)
@cached_page
def robots() -> Response:
    lines = [
        "User-agent: *",
        "Disallow: /desk/",
        "Disallow: /sign-in",
        "",
        f"Sitemap: {absolute('/sitemap.xml')}",
        "",
    ]
    return Response("\n".join(lines), mimetype="text/plain")


@feeds.get("/healthz")
@open_to(Audience.EVERYONE)
def health() -> Response:
    """Answers when the database does."""
    db.session.execute(db.text("SELECT 1"))
    return jsonify(status="ok")
