"""The author's desk for a trip: files in, every photo on the map, moves by hand, clocks, captions."""

from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from flask import Blueprint, Flask, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import FloatField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from blog.accounts.models import Role
from blog.accounts.views import signed_in
from blog.db import db
from blog.geo.mapdocument import map_document
from blog.geo.mapview import MapView
from blog.geo.positions import Position
from blog.photos.models import Photo, Projection
from blog.trips.cameras import ClockDesk
from blog.trips.intake import Outcome, film_state, how_found, sentence, take_in_files
from blog.trips.maps import draw, name_for_author, photo_view, trip_view
from blog.trips.models import TrackFile, Trip, TripPhoto, create_trip, not_binned, trip_photos
from blog.trips.published import EXACTLY, PublishedPhoto, PublishedTrip
from blog.trips.route import exact_gpx
from blog.trips.solving import solve
from blog.web.access import Audience, open_to
from blog.web.errors import wants_json
from blog.web.forms import ActionForm, Form

desk = Blueprint("trips_desk", __name__, url_prefix="/desk/trips")

MOST_BYTES_AT_ONCE = 4_000_000_000


class TripForm(Form):
    title = StringField(_l("Title"), [DataRequired(_l("Give the trip a title.")), Length(max=200)])
    dek = TextAreaField(_l("A line or two about it"), [Length(max=2000)])


class PhotoForm(Form):
    caption = TextAreaField(_l("Caption"), [Length(max=2000)])
    alt = TextAreaField(_l("Alt text, for those who cannot see the photo"), [Length(max=2000)])
    transcript = TextAreaField(
        _l("What is said in the film, for those who cannot hear it"), [Length(max=100_000)]
    )


WAYS = {Projection.FLAT: _l("flat"), Projection.SPHERE: _l("all around (360°)")}


class ProjectionForm(Form):
    projection = SelectField(_l("How it is looked at"))

    @classmethod
    def of(cls, photo: Photo) -> "ProjectionForm":
        form = cls.from_request(projection=photo.projection_by_hand or "")
        in_file = WAYS[photo.projection_in_file or Projection.FLAT]
        form.projection.choices = [
            ("", _("As its file says: %(way)s", way=in_file)),
            *((way.value, words) for way, words in WAYS.items()),
        ]
        return form


class PlaceForm(Form):
    lat = FloatField(_l("Latitude"), [InputRequired(), NumberRange(-90, 90)])
    lon = FloatField(_l("Longitude"), [InputRequired(), NumberRange(-180, 180)])

    @property
    def complaint(self) -> str:
        if "csrf_token" in self.errors:
            return self.errors["csrf_token"][0]
        return _(
            "Latitudes are numbers from -90 to 90, longitudes from -180 to 180, such as 42.43 and 18.77."
        )


def own_trip(trip_id: int) -> Trip:
    """The trip, for its owner and for the owner of the site; for others it does not exist."""
    trip = db.session.get(Trip, trip_id)
    person = signed_in()
    if trip is None or (trip.owner_id != person.id and person.role is not Role.OWNER):
        abort(404)
    return trip


def own_photo(trip_id: int, photo_id: int) -> TripPhoto:
    trip = own_trip(trip_id)
    row = (
        db.session.scalars(
            select(TripPhoto).filter_by(trip_id=trip.id, photo_id=photo_id).where(not_binned())
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        abort(404)
    return row


@desk.route("/new", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def new() -> Any:
    form = TripForm.from_request()
    if not form.was_sent():
        return render_template("trips/new.html", form=form), 422 if request.method == "POST" else 200
    trip = create_trip(form.title.data, form.dek.data or "", signed_in())
    db.session.commit()
    return redirect(url_for("trips_desk.show", trip_id=trip.id))


@desk.route("/<int:trip_id>", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def show(trip_id: int) -> Any:
    trip = own_trip(trip_id)
    form = TripForm.from_request(obj=trip)
    if form.was_sent():
        trip.title, trip.dek = form.title.data.strip(), (form.dek.data or "").strip()
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("trips_desk.show", trip_id=trip.id))
    return page(trip, form), 422 if request.method == "POST" else 200


def page(trip: Trip, form: TripForm, **more: Any) -> str:
    rows = trip_photos(trip)
    tracks = db.session.scalars(
        select(TrackFile).filter_by(trip_id=trip.id).order_by(TrackFile.begins_at)
    ).all()
    return render_template(
        "trips/desk.html",
        trip=trip,
        form=form,
        rows=rows,
        tracks=tracks,
        clocks=ClockDesk(trip, rows),
        drawing=draw(exact_view(trip, rows), wide=(1180, 480), narrow=(390, 320)),
        **more,
    )


def exact_view(trip: Trip, rows: Sequence[TripPhoto]) -> MapView:
    """The trip's map as its author sees it."""
    exact = PublishedTrip.of(trip, EXACTLY)
    return trip_view(exact, exact.photos(rows), desk_href, name=name_for_author)


def desk_href(row: PublishedPhoto) -> str:
    return url_for("trips_desk.photo", trip_id=row.trip_id, photo_id=row.photo_id)


@desk.post("/<int:trip_id>/files")
@open_to(Audience.AUTHORS)
def files(trip_id: int) -> Any:
    """Take in files: one per request from the script with progress, any number from the plain form."""
    trip = own_trip(trip_id)
    request.max_content_length = MOST_BYTES_AT_ONCE
    form = ActionForm.from_request()
    if not form.was_sent():
        return refused_form(form)
    sent = [
        (file.filename, cast(BinaryIO, file.stream))
        for file in request.files.getlist("files")
        if file.filename
    ]
    taken = take_in_files(trip, sent, signed_in())
    if wants_json():
        return jsonify(results=[as_json(trip, what) for what in taken])
    if not sent:
        flash(_("Choose some photos or tracks first."))
    elif all(what.outcome is not Outcome.REFUSED for what in taken) and len(taken) > 3:
        flash(_("%(count)d files taken in.", count=len(taken)))
    return page(trip, TripForm(obj=trip), taken=taken)


def refused_form(form: ActionForm) -> Any:
    if wants_json():
        return jsonify(error=form.first_error), 422
    return abort(422, form.first_error)


def as_json(trip: Trip, what: Any) -> dict[str, Any]:
    row = own_photo(trip.id, what.photo_id) if what.photo_id else None
    html = render_template("trips/_tile.html", trip=trip, row=row) if row else None
    return {
        "file": what.file_name,
        "outcome": what.outcome.value,
        "message": what.message,
        "photo_id": what.photo_id,
        "html": html,
        "choices": [render_template("trips/_track_choice.html", track=track) for track in what.asks],
    }


@desk.get("/<int:trip_id>/tray")
@open_to(Audience.AUTHORS)
def tray(trip_id: int) -> str:
    trip = own_trip(trip_id)
    return render_template("trips/_tray.html", trip=trip, rows=trip_photos(trip))


@desk.get("/<int:trip_id>/map.json")
@open_to(Audience.AUTHORS)
def map_json(trip_id: int) -> Any:
    trip = own_trip(trip_id)
    return jsonify(map_document(exact_view(trip, trip_photos(trip))))


@desk.get("/<int:trip_id>/route.gpx")
@open_to(Audience.AUTHORS)
def route(trip_id: int) -> Response:
    return exact_gpx(own_trip(trip_id))


@desk.route("/<int:trip_id>/photos/<int:photo_id>", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def photo(trip_id: int, photo_id: int) -> Any:
    row = own_photo(trip_id, photo_id)
    exact = PublishedTrip.of(row.trip, EXACTLY)
    clip = row.photo.clip if row.photo.is_film else None
    form = PhotoForm.from_request(obj=row.photo, transcript=clip.transcript if clip else None)
    if form.was_sent():
        if clip and "transcript" in request.form:
            clip.transcript = (form.transcript.data or "").replace("\r\n", "\n").strip() or None
        row.photo.caption, row.photo.alt = (form.caption.data or "").strip(), (form.alt.data or "").strip()
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("trips_desk.photo", trip_id=trip_id, photo_id=photo_id))
    body = render_template(
        "trips/photo.html",
        row=row,
        trip=row.trip,
        form=form,
        projection_form=ProjectionForm.of(row.photo),
        place_form=PlaceForm(obj=row),
        drawing=draw(photo_view(exact, exact.photo(row), desk_href), wide=(380, 300)),
        shown=exact.photo(row),
        near=exact.near(row),
        sentence=sentence(row) if row.is_placed else row.reason,
    )
    return body, 422 if request.method == "POST" else 200


@desk.post("/<int:trip_id>/photos/<int:photo_id>/projection")
@open_to(Audience.AUTHORS)
def project(trip_id: int, photo_id: int) -> Response:
    """Say whether a photo is flat or shows all around, or leave it to its file."""
    row = own_photo(trip_id, photo_id)
    form = ProjectionForm.of(row.photo)
    if form.was_sent():
        row.photo.look_at_it(Projection(form.projection.data) if form.projection.data else None)
        db.session.commit()
        flash(_("Saved."))
    else:
        flash(form.first_error or _("Please send it once more."))
    return redirect(url_for("trips_desk.photo", trip_id=trip_id, photo_id=photo_id))


@desk.post("/<int:trip_id>/photos/<int:photo_id>/place")
@open_to(Audience.AUTHORS)
def move(trip_id: int, photo_id: int) -> Any:
    """Put a photo where the author says it was taken."""
    row = own_photo(trip_id, photo_id)
    form = PlaceForm.from_request()
    try:
        if not form.was_sent():
            raise ValueError(form.complaint)
        position = Position(form.lat.data, form.lon.data)
    except ValueError as error:
        return answer_move(row, str(error), 422)
    return settle(row, position, _("Moved."))


@desk.post("/<int:trip_id>/photos/<int:photo_id>/own-place")
@open_to(Audience.AUTHORS)
def give_back(trip_id: int, photo_id: int) -> Any:
    """Undo a move by hand: the photo goes where its own data puts it."""
    row = own_photo(trip_id, photo_id)
    if not ActionForm.from_request().was_sent():
        return answer_move(row, _("Please send it once more."), 422)
    return settle(row, None, _("Back where its own data puts it."))


def settle(row: TripPhoto, position: Position | None, words: str) -> Any:
    row.put(position)
    solve(row.trip)
    db.session.commit()
    return answer_move(row, words, 200)


def answer_move(row: TripPhoto, words: str, status: int) -> Any:
    if wants_json():
        html = render_template("trips/_tile.html", trip=row.trip, row=row)
        return jsonify(message=words, html=html, lat=row.lat, lon=row.lon), status
    flash(words)
    return redirect(url_for("trips_desk.photo", trip_id=row.trip_id, photo_id=row.photo_id))


@desk.post("/<int:trip_id>/photos/<int:photo_id>/removal")
@open_to(Audience.AUTHORS)
def remove_photo(trip_id: int, photo_id: int) -> Response:
    """Take a photo off the trip. Its original is kept, and posts that show it still do."""
    row = own_photo(trip_id, photo_id)
    if ActionForm.from_request().was_sent():
        trip = row.trip
        db.session.delete(row)
        solve(trip)
        db.session.commit()
        flash(_("Taken off the trip. The file itself is kept."))
    return redirect(url_for("trips_desk.show", trip_id=trip_id))


@desk.post("/<int:trip_id>/tracks/<int:track_id>/removal")
@open_to(Audience.AUTHORS)
def remove_track(trip_id: int, track_id: int) -> Response:
    trip = own_trip(trip_id)
    track = db.session.scalar(select(TrackFile).filter_by(id=track_id, trip_id=trip.id))
    if track and ActionForm.from_request().was_sent():
        db.session.delete(track)
        solve(trip)
        db.session.commit()
        flash(_("The track was taken off the trip, and the photos were placed again."))
    return redirect(url_for("trips_desk.show", trip_id=trip_id))


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
    app.jinja_env.globals["how_found"] = how_found
    app.jinja_env.globals["film_state"] = film_state
