"""The pages that readers see."""

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request, url_for
from flask_babel import gettext as _

from blog.accounts.views import current_person
from blog.comments.threads import thread_page
from blog.comments.views import waiting_comment
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
from blog.pages.threads import conversation
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
    thread = thread_page(found.id)
    if waiting := waiting_comment(found, request.args.get("waiting")):
        thread.show_waiting(waiting)
    return render_template(
        "pages/post.html",
        post=found,
        page=page,
        story=page.story,
        drawing=draw(page.view) if page.view else None,
        profile=draw_heights(page.profile, wide=BESIDE[0]),
        waiting=waiting.id if waiting else None,
        card=post_card(found, page),
        **conversation(found, thread),
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
    return render_template(
        "pages/photo.html",
        page=found,
        drawing=draw(found.view, narrow=(390, 300)) if found.view else None,
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
