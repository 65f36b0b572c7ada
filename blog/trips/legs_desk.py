"""How a trip was travelled: the legs of its days, and by what means, where the guess was wrong."""

from datetime import UTC, datetime

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import FloatField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from blog.db import db
from blog.geo.legs import Leg, Means
from blog.geo.positions import Position
from blog.geo.zones import local_time, utc_time
from blog.trips.desk import own_trip
from blog.trips.models import Day, LegMeans
from blog.trips.solving import solve
from blog.web.access import Audience, open_to
from blog.web.forms import Form
from blog.web.locale import distance

legs_desk = Blueprint("legs_desk", __name__, url_prefix="/desk/trips/<int:trip_id>/legs")

MEANS = {
    Means.FOOT: _l("on foot"),
    Means.BICYCLE: _l("by bicycle"),
    Means.ROAD: _l("by road"),
    Means.RAIL: _l("by train"),
    Means.BOAT: _l("by boat"),
    Means.FLIGHT: _l("by plane"),
}
LATEST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class LegForm(Form):
    begins = FloatField(validators=[InputRequired(), NumberRange(0, LATEST_S)])
    ends = FloatField(validators=[InputRequired(), NumberRange(0, LATEST_S)])
    means = SelectField(choices=[SelectChoice(means.value, words) for means, words in MEANS.items()])


@legs_desk.post("")
@open_to(Audience.AUTHORS)
def say(trip_id: int) -> Response:
    """Say by what means a leg was travelled."""
    trip = own_trip(trip_id)
    form = LegForm.from_request()
    if not form.was_sent() or form.ends.data <= form.begins.data:
        flash(form.first_error or _("There is no such leg on this trip."))
    else:
        db.session.add(
            LegMeans(
                trip_id=trip.id,
                begins_at=datetime.fromtimestamp(form.begins.data, UTC),
                ends_at=datetime.fromtimestamp(form.ends.data, UTC),
                means=Means(form.means.data),
            )
        )
        solve(trip)
        db.session.commit()
        flash(_("Noted."))
    return redirect(url_for("trips_desk.show", trip_id=trip.id, _anchor=request.form.get("day", "legs")[:20]))


def legs_of(day: Day) -> list[Leg]:
    return [Leg.from_json(stored) for stored in day.legs]


def leg_words(legs: list[tuple[str, float]]) -> str:
    """`12 km on foot, 40 km by road`; nothing where one means says it all but the way itself."""
    return ", ".join(f"{distance(metres)} {MEANS[Means(means)]}" for means, metres in legs)


def leg_times(leg: Leg, day: Day) -> tuple[datetime, datetime]:
    """When it began and ended, by the clocks of where its day began."""
    line = next(iter([*day.lines, *day.flights]), None)
    if line is None:
        return day.trip.local(utc_time(leg.begins_s)), day.trip.local(utc_time(leg.ends_s))
    begin = Position(*line[0])
    return local_time(leg.begins_s, begin), local_time(leg.ends_s, begin)


def init_app(app: Flask) -> None:
    app.register_blueprint(legs_desk)
    app.jinja_env.globals.update(legs_of=legs_of, leg_words=leg_words, leg_times=leg_times, means_words=MEANS)
