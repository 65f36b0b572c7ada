"""The pages that readers see."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from blog.accounts.views import current_person
from blog.comments.models import Comment, thread
from blog.comments.own import own_tokens, waiting_comment
from blog.comments.views import blank_form
from blog.db import db
from blog.geo.mapdocument import map_document
from blog.geo.mapview import MapView
from blog.pages.cards import absolute, photo_card, post_card, site_card, trip_card
from blog.pages.reading import (
    POSTS_ON_HOME,
    find_photo,
    find_post,
    find_trip,
    photos_of,
    post_page,
    posts_of,
    published,
    to_photo_page,
    trip_cards,
)
from blog.photos.annotations import MEDIA_TYPE, annotation_page
from blog.trips.heights import draw_heights, profile_of
from blog.trips.maps import ACROSS, BESIDE, draw, trip_view
from blog.trips.published import place_words
from blog.trips.route import drawn_gpx
from blog.web.access import Audience, open_to
from blog.web.cache import cached_page

pages = Blueprint("pages", __name__)


@pages.get("/")
@open_to(Audience.EVERYONE)
@cached_page
def home() -> str:
    posts = published(POSTS_ON_HOME)
    return render_template("pages/home.html", posts=posts, trips=trip_cards(), card=site_card(posts[:1]))


@pages.get("/trips/")
@open_to(Audience.EVERYONE)
@cached_page
def trips() -> str:
    return render_template("pages/trips.html", trips=trip_cards())


@pages.get("/trips/<slug>")
@open_to(Audience.EVERYONE)
@cached_page
def trip(slug: str) -> str:
    found = find_trip(slug) or abort(404)
    rows, posts = photos_of(found), posts_of(found.row.id)
    view = trip_view(found, rows, to_photo_page)
    return render_template(
        "pages/trip.html",
        trip=found,
        rows=rows,
        posts=posts,
        drawing=draw(view, wide=ACROSS, narrow=(390, 320)) if found.has_map else None,
        profile=draw_heights(profile_of(found, rows, to_photo_page), wide=ACROSS[0]),
        card=trip_card(found, posts),
    )


@pages.get("/trips/<slug>/map.json")
@open_to(Audience.EVERYONE)
@cached_page
def trip_map(slug: str) -> Response:
    found = find_trip(slug) or abort(404)
    view = trip_view(found, photos_of(found), to_photo_page)
    return jsonify(map_document(view if found.has_map else MapView()))


@pages.get("/trips/<slug>/route.gpx")
@open_to(Audience.EVERYONE)
@cached_page
def trip_gpx(slug: str) -> Response:
    found = find_trip(slug) or abort(404)
    if not found.has_map:
        abort(404)
    return drawn_gpx(found, photos_of(found), lambda row: absolute(to_photo_page(row)))


@pages.get("/posts/<slug>")
@open_to(Audience.EVERYONE)
@cached_page
def post(slug: str) -> str:
    found = find_post(slug) or abort(404)
    page = post_page(found)
    waiting = waiting_comment(found, request.args.get("waiting"))
    comments = thread(found.id)
    answered = answered_comment(comments, request.args.get("reply", type=int))
    return render_template(
        "pages/post.html",
        post=found,
        page=page,
        story=page.story,
        drawing=draw(page.view) if page.view else None,
        profile=draw_heights(page.profile, wide=BESIDE[0]),
        comments=with_waiting(comments, waiting),
        waiting=waiting.id if waiting else None,
        own=own_tokens(request.args.get("waiting")),
        count=len(comments),
        form=blank_form(found, str(answered.id) if answered else ""),
        parent=answered,
        card=post_card(found, page),
        problem=None,
    )


@pages.get("/posts/<slug>/map.json")
@open_to(Audience.EVERYONE)
@cached_page
def post_map(slug: str) -> Response:
    found = find_post(slug) or abort(404)
    return jsonify(map_document(post_page(found).view or MapView()))


@pages.get("/photos/<int:photo_id>")
@open_to(Audience.EVERYONE)
@cached_page
def photo(photo_id: int) -> str:
    found = find_photo(photo_id) or abort(404)
    comments = thread(found.post.id, photo_id)
    waiting = waiting_comment(found.post, request.args.get("waiting"))
    waiting = waiting if waiting and waiting.photo_id == photo_id else None
    answered = answered_comment(comments, request.args.get("reply", type=int))
    return render_template(
        "pages/photo.html",
        page=found,
        post=found.post,
        drawing=draw(found.view, narrow=(390, 300)) if found.view else None,
        comments=with_waiting(comments, waiting),
        waiting=waiting.id if waiting else None,
        own=own_tokens(request.args.get("waiting")),
        form=blank_form(found.post, str(answered.id) if answered else "", photo_id),
        parent=answered,
        card=photo_card(found),
    )


@pages.get("/photos/<int:photo_id>/annotations.json")
@open_to(Audience.EVERYONE)
@cached_page
def annotations(photo_id: int) -> Response:
    """The notes on a photo for other programs, which may read them from any site."""
    found = find_photo(photo_id) or abort(404)
    image = found.photo.largest() or abort(404)
    page = absolute(url_for("pages.photo", photo_id=photo_id))
    address = absolute(url_for("pages.annotations", photo_id=photo_id))
    words = _("Notes on “%(title)s”", title=found.title)
    response = jsonify(annotation_page(found.photo, address, page, absolute(image), words))
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@pages.get("/comments/<int:comment_id>")
@open_to(Audience.EVERYONE)
def comment(comment_id: int) -> Any:
    """The lasting address of a comment leads to where it stands."""
    found = db.session.get(Comment, comment_id)
    if found is None or not found.is_shown or not found.post.is_published:
        abort(404)
    return redirect(url_for("pages.post", slug=found.post.slug, _anchor=f"comment-{found.id}"), 302)


def answered_comment(comments: list[Comment], comment_id: int | None) -> Comment | None:
    return next((row for row in comments if row.id == comment_id), None)


def with_waiting(comments: list[Comment], waiting: Comment | None) -> list[Comment]:
    """The thread with the writer's own comment where it will stand."""
    if waiting is None:
        return comments
    return sorted([*comments, waiting], key=lambda row: row.thread_key)


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals["place_words"] = place_words
    app.context_processor(
        lambda: {"site_name": app.config["SITE_NAME"], "signed_in_person": current_person()}
    )
