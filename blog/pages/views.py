"""The pages that readers see."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from blog.accounts.views import current_person
from blog.comments.models import Comment
from blog.comments.own import own_tokens, waiting_comment
from blog.comments.threads import (
    Order,
    ThreadPage,
    address_of,
    branch_page,
    count_shown,
    photo_thread,
    thread_page,
)
from blog.comments.views import blank_form, parent_of, wants_fragment
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
from blog.posts.models import Post
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
    replies = thread_page(found.id)
    if waiting := waiting_comment(found, request.args.get("waiting")):
        replies.show_waiting(waiting)
    return render_template(
        "pages/post.html",
        post=found,
        page=page,
        story=page.story,
        drawing=draw(page.view) if page.view else None,
        profile=draw_heights(page.profile, wide=BESIDE[0]),
        waiting=waiting.id if waiting else None,
        own=own_tokens(request.args.get("waiting")),
        card=post_card(found, page),
        **conversation(found, replies),
    )


@pages.get("/posts/<slug>/comments")
@open_to(Audience.EVERYONE)
def thread(slug: str) -> Response:
    """Another page of a post's thread, or one branch of it; for scripts its comments alone."""
    found = find_post(slug) or abort(404)
    page = asked_page(found)
    own = own_tokens(request.args.get("waiting"))
    if wants_fragment():
        body = render_template("comments/_page.html", post=found, thread=page, waiting=None, own=own)
    else:
        more = conversation(found, page)
        body = render_template("pages/thread.html", post=found, waiting=None, own=own, **more)
    response = Response(body)
    response.vary.add("Accept")
    return response


def asked_page(post: Post) -> ThreadPage:
    """The page of the thread that the address names."""
    before, after, branch = (
        request.args.get(name, type=comment_number) for name in ("before", "after", "branch")
    )
    if branch is None:
        order = Order.NEWEST if request.args.get("order") == Order.NEWEST else Order.OLDEST
        return thread_page(post.id, order, before, after)
    root = db.session.scalar(select(Comment).filter_by(id=branch, post_id=post.id, depth=0, is_shown=True))
    return branch_page(root or abort(404), after)


def comment_number(text: str) -> int:
    """A comment's number in an address. Raises ValueError where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def conversation(post: Post, thread: ThreadPage) -> dict[str, Any]:
    """What the templates of a thread need, with a form that answers what the address asks to answer."""
    form = blank_form(post, request.args.get("reply", ""))
    return {
        "thread": thread,
        "count": count_shown(post.id),
        "form": form,
        "parent": parent_of(post, form),
        "problem": None,
    }


@pages.get("/comments/<int:comment_id>")
@open_to(Audience.EVERYONE)
def comment(comment_id: int) -> Any:
    """The lasting address of a comment leads to where it stands."""
    found = db.session.get(Comment, comment_id)
    if found is None or not found.is_shown or not found.post.is_published:
        abort(404)
    return redirect(address_of(found), 302)


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
    comments = photo_thread(found.post.id, photo_id)
    waiting = waiting_comment(found.post, request.args.get("waiting"))
    if waiting and waiting.photo_id == photo_id:
        comments = sorted([*comments, waiting], key=lambda row: row.thread_key)
    form = blank_form(found.post, request.args.get("reply", ""), photo_id)
    return render_template(
        "pages/photo.html",
        page=found,
        post=found.post,
        drawing=draw(found.view, narrow=(390, 300)) if found.view else None,
        comments=comments,
        waiting=waiting.id if waiting else None,
        own=own_tokens(request.args.get("waiting")),
        form=form,
        parent=parent_of(found.post, form),
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


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals["place_words"] = place_words
    app.context_processor(
        lambda: {"site_name": app.config["SITE_NAME"], "signed_in_person": current_person()}
    )
