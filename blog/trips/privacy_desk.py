"""What readers get of a trip's map: its author chooses how exactly, hides places, and sees the outcome."""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import FloatField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from blog.db import db
from blog.geo.positions import Position
from blog.geo.privacy import Precision, Privacy, Zone, zone_around
from blog.trips.desk import own_photo, own_trip
from blog.trips.maps import ACROSS, draw, trip_view
from blog.trips.models import DrawnCircle, HiddenZone, Trip, TripPhoto, trip_photos
from blog.trips.published import PublishedPhoto, PublishedTrip
from blog.web.access import Audience, open_to
from blog.web.addresses import LARGEST_ID
from blog.web.forms import ActionForm, Form
from blog.web.locale import distance

privacy_desk = Blueprint("privacy_desk", __name__, url_prefix="/desk/trips/<int:trip_id>/privacy")

USUAL_RADIUS_M = 500
CHANCES = 1 << 53

PRECISIONS = [
    SelectChoice(Precision.EXACT, _l("Exactly: the route and every photo where it was taken")),
    SelectChoice(Precision.KILOMETRE, _l("To a kilometre: the route and the photos on a grid of 1 km")),
    SelectChoice(Precision.TOWN, _l("To the town: each photo at the nearest town, and no route")),
    SelectChoice(Precision.COUNTRY, _l("To the country: names of countries, and no map")),
    SelectChoice(Precision.HIDDEN, _l("Not at all: no map and no places")),
]


class PrecisionForm(Form):
    precision = RadioField(_l("Readers learn where it was"), choices=PRECISIONS, coerce=Precision)


class ZoneForm(Form):
    name = StringField(
        _l("Name, for yourself"), [InputRequired(_l("Give it a name, such as Home.")), Length(max=100)]
    )
    lat = FloatField(_l("Latitude"), [InputRequired(_l("Say where it is.")), NumberRange(-90, 90)])
    lon = FloatField(_l("Longitude"), [InputRequired(_l("Say where it is.")), NumberRange(-180, 180)])
    radius_m = IntegerField(
        _l("Hidden for so many metres around"),
        [
            InputRequired(_l("Say how far around it.")),
            NumberRange(100, 50_000, _l("Something from 100 m to 50 km.")),
        ],
        default=USUAL_RADIUS_M,
    )


@privacy_desk.route("", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def show(trip_id: int) -> Any:
    trip = own_trip(trip_id)
    form = PrecisionForm.from_request(precision=trip.map_precision)
    if not form.was_sent():
        return page(trip, form, blank_zone(trip)), 422 if request.method == "POST" else 200
    trip.map_precision = form.precision.data
    db.session.commit()
    flash(_("Saved. Below is what readers get now."))
    return redirect(url_for("privacy_desk.show", trip_id=trip.id))


@privacy_desk.post("/zones")
@open_to(Audience.AUTHORS)
def hide(trip_id: int) -> Any:
    """Hide a place. Where the circle lies around it is drawn once, so that it cannot be averaged away."""
    trip = own_trip(trip_id)
    form = ZoneForm.from_request()
    if not form.was_sent():
        return page(trip, PrecisionForm(precision=trip.map_precision), form), 422
    try:
        place = Position(form.lat.data, form.lon.data)
    except ValueError as error:
        form.lat.errors = [str(error)]
        return page(trip, PrecisionForm(precision=trip.map_precision), form), 422
    shown = circle_around(place, form.radius_m.data)
    trip.hidden_zones.append(
        HiddenZone(
            name=form.name.data.strip(),
            lat=place.lat,
            lon=place.lon,
            radius_m=shown.radius_m,
            shown_lat=shown.lat,
            shown_lon=shown.lon,
        )
    )
    db.session.commit()
    flash(_("Hidden. Readers get nothing of what lies around it."))
    if shown.radius_m > form.radius_m.data:
        flash(
            _(
                "It keeps the circle of %(radius)s that was drawn around it before: two would tell more.",
                radius=distance(shown.radius_m),
            )
        )
    return redirect(url_for("privacy_desk.show", trip_id=trip.id))


@privacy_desk.post("/zones/<int:zone_id>/removal")
@open_to(Audience.AUTHORS)
def unhide(trip_id: int, zone_id: int) -> Response:
    trip = own_trip(trip_id)
    zone = next((zone for zone in trip.hidden_zones if zone.id == zone_id), None)
    if zone and ActionForm.from_request().was_sent():
        trip.hidden_zones.remove(zone)
        db.session.commit()
        flash(_("“%(name)s” is no longer hidden.", name=zone.name))
    return redirect(url_for("privacy_desk.show", trip_id=trip.id))


def circle_around(place: Position, radius_m: float) -> Zone:
    """A circle to hide a place by, remembered for good."""
    drawn = [Zone(one.lat, one.lon, one.radius_m) for one in db.session.scalars(select(DrawnCircle))]
    circle = zone_around(place, radius_m, drawn, chance)
    if circle not in drawn:
        db.session.add(DrawnCircle(lat=circle.lat, lon=circle.lon, radius_m=circle.radius_m))
    return circle


def chance() -> float:
    """A fraction of 1 that nobody can guess."""
    return secrets.randbelow(CHANCES) / CHANCES


def blank_zone(trip: Trip) -> ZoneForm:
    """The form, around a photo's place or a place hidden on another trip, where the address names one."""
    if (zone_id := request.args.get("zone", type=int)) is not None:
        zone = next((zone for zone in zones_elsewhere(trip) if zone.id == zone_id), None) or abort(404)
        return ZoneForm(name=zone.name, lat=zone.lat, lon=zone.lon, radius_m=round(zone.radius_m))
    photo_id = request.args.get("photo", 0, type=int)
    row = own_photo(trip.id, photo_id) if 0 < photo_id <= LARGEST_ID else None
    if row is None or row.lat is None or row.lon is None:
        return ZoneForm()
    return ZoneForm(lat=round(row.lat, 5), lon=round(row.lon, 5))


def zones_elsewhere(trip: Trip) -> Sequence[HiddenZone]:
    """What the trip's owner hides on other trips."""
    query = select(HiddenZone).join(Trip, Trip.id == HiddenZone.trip_id).order_by(HiddenZone.id)
    return db.session.scalars(query.where(Trip.owner_id == trip.owner_id, Trip.id != trip.id)).all()


def hidden_elsewhere(published: PublishedTrip, rows: Sequence[TripPhoto]) -> list[HiddenZone]:
    """Places hidden on other trips that readers can learn of from this one; each circle once."""
    told = {}
    for zone in zones_elsewhere(published.row):
        privacy = Privacy(zones=(Zone(zone.shown_lat, zone.shown_lon, zone.radius_m),))
        photos = (place for row in rows if (place := published.photo(row).position))
        lines = (line for day in published.days for line in (*day.lines, *day.flights))
        if privacy.touches(lines) or any(privacy.hides(place) for place in photos):
            told[privacy] = zone
    return list(told.values())


def page(trip: Trip, form: PrecisionForm, zone_form: ZoneForm) -> str:
    published = PublishedTrip.of(trip)
    rows = trip_photos(trip)
    pairs = [(row, published.photo(row)) for row in rows]
    view = trip_view(published, [photo for _row, photo in pairs], to_desk)
    return render_template(
        "trips/privacy.html",
        trip=trip,
        published=published,
        form=form,
        zone_form=zone_form,
        pairs=pairs,
        drawing=draw(view, wide=ACROSS, narrow=(390, 320)) if published.has_map else None,
        hidden_elsewhere=hidden_elsewhere(published, rows),
        told=told,
    )


def to_desk(photo: PublishedPhoto) -> str:
    return url_for("trips_desk.photo", trip_id=photo.trip_id, photo_id=photo.photo_id)


def told(published: PublishedTrip, row: TripPhoto, photo: PublishedPhoto) -> str:
    """What readers learn of a photo's place, in a few words."""
    near = published.near(row)
    if photo.is_placed and published.privacy.is_exact:
        return ", ".join(filter(None, [near, _("the exact place")]))
    return near or _("nothing")


def init_app(app: Flask) -> None:
    app.register_blueprint(privacy_desk)
