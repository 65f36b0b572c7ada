"""Which tracks of a trip count. A damaged one waits for someone's word; any can be left out for a while."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, jsonify, redirect, url_for
from flask_babel import gettext as _

from blog.db import db
from blog.trips.desk import own_trip, refused_form
from blog.trips.intake import is_damaged
from blog.trips.models import TrackFile
from blog.trips.solving import solve
from blog.web.access import Audience, open_to
from blog.web.errors import wants_json
from blog.web.forms import ActionForm

tracks_desk = Blueprint("tracks_desk", __name__, url_prefix="/desk/trips/<int:trip_id>/tracks/<int:track_id>")


@tracks_desk.post("/use")
@open_to(Audience.AUTHORS)
def use(trip_id: int, track_id: int) -> Any:
    """Count a track in, be it damaged: what could be read of it."""
    return settle(
        own_track(trip_id, track_id), True, _("The track is used, and the photos were placed again.")
    )


@tracks_desk.post("/leaving-out")
@open_to(Audience.AUTHORS)
def leave_out(trip_id: int, track_id: int) -> Any:
    """Place the photos without a track; it stays in the list, and its file is kept."""
    return settle(own_track(trip_id, track_id), False, _("Left out. It waits in the list of tracks."))


def own_track(trip_id: int, track_id: int) -> TrackFile:
    track = db.session.get(TrackFile, track_id)
    if track is None or track.trip_id != own_trip(trip_id).id:
        abort(404)
    return track


def settle(track: TrackFile, is_used: bool, words: str) -> Any:
    form = ActionForm.from_request()
    if not form.was_sent():
        return refused_form(form)
    if track.is_used != is_used:
        track.is_used = is_used
        solve(own_trip(track.trip_id))
    db.session.commit()
    if wants_json():
        return jsonify(message=words)
    flash(words)
    return redirect(url_for("trips_desk.show", trip_id=track.trip_id))


def init_app(app: Flask) -> None:
    app.register_blueprint(tracks_desk)
    app.jinja_env.globals["is_damaged"] = is_damaged
