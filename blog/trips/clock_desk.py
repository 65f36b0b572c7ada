"""The clock desk: what a camera's clock showed, why we believe it, what else it may be, how to mend it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import FloatField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from blog.db import db
from blog.geo.clock_search import QUARTER_HOUR_S
from blog.geo.mapdocument import map_document
from blog.geo.mapview import MapView
from blog.geo.positions import Position
from blog.trips.cameras import Camera, ClockDesk
from blog.trips.clock_words import (
    because,
    belief_words,
    error_words,
    in_parts,
    reset_words,
    sureness,
    why,
    written_words,
)
from blog.trips.clocks import Period, join_periods, take_back
from blog.trips.desk import desk_href, own_trip
from blog.trips.maps import Drawn, draw, name_for_author, trip_view
from blog.trips.models import SameMoment, Trip, TripPhoto, set_camera_clock, trip_photos
from blog.trips.published import EXACTLY, PublishedPhoto, PublishedTrip
from blog.trips.solving import solve
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

clock_desk = Blueprint("clock_desk", __name__, url_prefix="/desk/trips/<int:trip_id>/clocks")

FARTHEST_S = 100 * 365.25 * 86_400.0  # a clock that fell back to 1970 is half of it
BEFORE_AND_AFTER = (560, 380)
SLID_POINTS = 5_000
MOST_CHOICES = 200  # photos to choose from by their pictures


class ClockForm(Form):
    """How far a camera's clock was from the local time of the trip."""

    direction = RadioField(
        choices=[
            SelectChoice("right", _l("right")),
            SelectChoice("ahead", _l("ahead")),
            SelectChoice("behind", _l("behind")),
        ]
    )
    hours = IntegerField(_l("hours"), [Optional(), NumberRange(0, 800_000)])
    minutes = IntegerField(_l("minutes"), [Optional(), NumberRange(0, 59)])
    seconds = IntegerField(_l("seconds"), [Optional(), NumberRange(0, 59)])

    def ahead_s(self) -> float:
        """Seconds that the clock was ahead of local time; negative where it was behind."""
        error = timedelta(
            hours=self.hours.data or 0, minutes=self.minutes.data or 0, seconds=self.seconds.data or 0
        ).total_seconds()
        return {"ahead": error, "behind": -error}.get(self.direction.data, 0.0)


class OffsetForm(Form):
    """UTC minus what the camera wrote, in seconds."""

    offset_s = FloatField(validators=[InputRequired(), NumberRange(-FARTHEST_S, FARTHEST_S)])


@dataclass(frozen=True)
class Choice:
    """An offset to look at: what it is called, and what it would do."""

    offset_s: float
    words: str
    probability: float | None
    because: str
    is_current: bool = False


@clock_desk.get("")
@open_to(Audience.AUTHORS)
def show(trip_id: int) -> Any:
    """One camera's clock: the choices, and a look at the chosen one before anything is changed."""
    trip = own_trip(trip_id)
    desk, camera = find(trip, request.args.get("camera", ""))
    offset_s, passes, complaint = chosen(desk, camera, request.args)
    return page(desk, camera, offset_s, passes, complaint), 422 if complaint else 200


def find(trip: Trip, key: str) -> tuple[ClockDesk, Camera]:
    desk = ClockDesk(trip, trip_photos(trip))
    return desk, desk.camera(key) or abort(404)


def page(
    desk: ClockDesk, camera: Camera, offset_s: float | None, passes: list[float], complaint: str | None
) -> str:
    looked_at = camera.clock.offset_s if offset_s is None else offset_s
    ahead_s = camera.ahead_by(looked_at)
    day = looked_at_day(camera, request.args)
    now = PublishedTrip.of(desk.trip, EXACTLY).photos(sorted(camera.rows, key=lambda row: row.id))
    then = desk.placed_with(camera, looked_at)
    reset = desk.reset(camera)
    return render_template(
        "trips/clock.html",
        trip=desk.trip,
        camera=camera,
        choices=choices(desk, camera, passes),
        looked_at=looked_at,
        is_new=offset_s is not None and round(offset_s) != round(camera.clock.offset_s),
        found=because(desk.support(camera.key, looked_at), ahead_s),
        days=days_of(camera),
        day=day,
        before=Preview.of(desk.trip, now, day),
        after=Preview.of(desk.trip, then, day),
        moved=sum(a.position != b.position for a, b in zip(now, then, strict=True)),
        moments=named_moments(desk, camera),
        others=[other for other in desk.cameras if other.name != camera.name],
        parts=parts_typed(request.args) if complaint else in_parts(ahead_s),
        asked=request.args,
        chosen_photo=chosen_photo(camera),
        most=MOST_CHOICES,
        complaint=complaint,
        reset=reset and reset_words(reset),
        reset_photo=reset and desk.first_after(camera, reset),
    )


@dataclass(frozen=True)
class Preview:
    """A drawing of a camera's photos, and how many of them have a place on it."""

    drawing: Drawn
    count: int

    @classmethod
    def of(cls, trip: Trip, photos: list[PublishedPhoto], day: int | None) -> "Preview":
        view = view_of(trip, photos, day)
        return cls(draw(view, BEFORE_AND_AFTER, (390, 300)), len(view.photos))


def view_of(trip: Trip, photos: list[PublishedPhoto], day: int | None) -> MapView:
    """The map of one day, for on that of a long trip nothing would seem to move; None: of all days."""
    shown = [photo for photo in photos if day in (None, photo.day_number)]
    exact = PublishedTrip.of(trip, EXACTLY)
    return trip_view(exact, shown, desk_href, None if day is None else [day], name_for_author)


def days_of(camera: Camera) -> list[int]:
    return sorted({row.day_number for row in camera.rows if row.day_number})


def looked_at_day(camera: Camera, asked: Mapping[str, str]) -> int | None:
    """The day that was asked for, else that with most photos; None where no photo has a day."""
    photos = Counter(row.day_number for row in camera.rows if row.day_number)
    named = next((day for day in photos if str(day) == asked.get("day")), None)
    return named or next((day for day, _count in photos.most_common(1)), None)


def parts_typed(asked: Mapping[str, str]) -> list[str]:
    """What was typed of an error, as it was typed."""
    return [asked.get(name, "") for name in ("direction", "hours", "minutes", "seconds")]


def choices(desk: ClockDesk, camera: Camera, passes: list[float]) -> list[Choice]:
    """The clock as it is taken now, what may be instead, and the passes by a place that was pointed at.

    How likely a time is holds for a quarter of an hour to either side: where a rival lies in that of the
    present one, the figure is the rival's.
    """
    clock = camera.clock
    is_contested = any(abs(offset - clock.offset_s) < QUARTER_HOUR_S for offset, _odds in camera.rivals)
    offsets: list[tuple[float, float | None]] = [(clock.offset_s, clock.probability)]
    offsets += camera.rivals
    offsets += [(offset, None) for offset in passes]
    return [
        Choice(
            offset,
            error_words(camera.ahead_by(offset)) if index else belief_words(camera),
            odds if index or (clock.knows_zone and not is_contested) else None,
            because(desk.support(camera.key, offset), camera.ahead_by(offset)),
            is_current=index == 0,
        )
        for index, (offset, odds) in enumerate(offsets)
    ]


def chosen(
    desk: ClockDesk, camera: Camera, asked: Mapping[str, str]
) -> tuple[float | None, list[float], str | None]:
    """The offset that was asked for, other passes by the place that was pointed at, or a complaint."""
    try:
        offsets = asked_offsets(desk, camera, asked)
    except ValueError as error:
        return None, [], str(error)
    if any(abs(offset) > FARTHEST_S for offset in offsets):
        return None, [], _("That is more than a hundred years away.")
    return (offsets[0] if offsets else None), offsets[1:4], None


def asked_offsets(desk: ClockDesk, camera: Camera, asked: Mapping[str, str]) -> list[float]:
    """By an offset, by an error, by a photo's moment or by its place; the nearest to what is believed first.

    Raises ValueError, in plain words.
    """
    if asked.get("offset"):
        return [number(asked["offset"])]
    if asked.get("direction"):
        form = ClockForm(request.args, meta={"csrf": False})
        if not form.validate():
            raise ValueError(_("Type whole numbers; minutes and seconds go from 0 to 59."))
        return [camera.offset_for(form.ahead_s())]
    row = chosen_photo(camera)
    written = desk.reading_of(row).written_s if row else None
    if written is None:
        return []
    if asked.get("at"):
        return [moment(camera.zone, asked["at"]) - written]
    if asked.get("lat") or asked.get("lon"):
        return passing(desk, camera, written, asked)
    return []


def passing(desk: ClockDesk, camera: Camera, written: float, asked: Mapping[str, str]) -> list[float]:
    place = Position(number(asked.get("lat", "")), number(asked.get("lon", "")))
    offsets = [time - written for time in desk.passes(place)]
    if not offsets:
        raise ValueError(_("There is no track with times that could tell when that was."))
    return sorted(offsets, key=lambda offset: abs(offset - camera.clock.offset_s))


def chosen_photo(camera: Camera) -> TripPhoto | None:
    photo_id = request.values.get("photo", type=int)
    return next((row for row in camera.rows if row.photo_id == photo_id), None)


def number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e12:
        raise ValueError(_("“%(text)s” is not a number.", text=text[:20]))
    return value


def moment(zone: ZoneInfo, text: str) -> float:
    """Unix seconds of a local time."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("Give the day and the time, such as 2026-05-14 15:20.")) from error
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone)
    return local.astimezone(UTC).timestamp()


def named_moments(desk: ClockDesk, camera: Camera) -> list[tuple[SameMoment, TripPhoto, TripPhoto]]:
    """The moments that one of the camera's photos shares with another's: own, other."""
    rows = {row.photo_id: row for row in desk.rows}
    own = {row.photo_id for row in camera.rows}
    found = []
    for one in desk.moments:
        ids = (
            (one.photo_id, one.other_photo_id) if one.photo_id in own else (one.other_photo_id, one.photo_id)
        )
        if ids[0] in own and all(photo_id in rows for photo_id in ids):
            found.append((one, rows[ids[0]], rows[ids[1]]))
    return found


@clock_desk.get("/slide.json")
@open_to(Audience.AUTHORS)
def slide(trip_id: int) -> Any:
    """All that a browser needs to slide one camera's photos along the route: times are unix seconds."""
    trip = own_trip(trip_id)
    desk, camera = find(trip, request.args.get("camera", ""))
    offset_s, _passes, complaint = chosen(desk, camera, request.args)
    offset_s = camera.clock.offset_s if offset_s is None or complaint else offset_s
    day = looked_at_day(camera, request.args)
    photos = {photo.photo_id: photo for photo in desk.placed_with(camera, offset_s)}
    slid = [
        row
        for row in camera.rows
        if day in (None, row.day_number) and photos[row.photo_id].source not in ("exif_gps", "by_hand")
    ]
    return jsonify(
        **map_document(view_of(trip, list(photos.values()), day)),
        way=way(desk),
        written={str(row.photo_id): desk.reading_of(row).written_s for row in slid},
        offset=offset_s,
        zone=camera.zone_s,
    )


def way(desk: ClockDesk) -> list[list[float]]:
    """[time, lat, lon] along the tracks, thinned; a pause longer than half an hour parts them as it is."""
    points = sum(len(line.time) for line in desk.lines)
    step = max(1, -(-points // SLID_POINTS))
    rows = [
        [round(float(value), digits) for value, digits in zip(point, (1, 6, 6), strict=True)]
        for line in desk.lines
        for point in zip(line.time[::step], line.lat[::step], line.lon[::step], strict=True)
    ]
    return sorted(rows)


@clock_desk.post("")
@open_to(Audience.AUTHORS)
def correct(trip_id: int) -> Response:
    """Correct a clock for all photos of its camera, or of its period, and place them again."""
    trip = own_trip(trip_id)
    desk = ClockDesk(trip, trip_photos(trip))
    camera = desk.camera(request.form.get("camera", ""))
    by_offset = "offset_s" in request.form
    form = (OffsetForm if by_offset else ClockForm).from_request()
    if camera is None or not form.was_sent():
        flash(form.first_error or _("There is no such camera on this trip."))
        return to_cameras(trip)
    offset_s = form.offset_s.data if by_offset else camera.offset_for(form.ahead_s())
    set_camera_clock(trip, camera.name, offset_s, camera.period.since)
    solve(trip)
    db.session.commit()
    flash(_("The clock of %(camera)s is corrected, and its photos were placed again.", camera=camera.name))
    return to_camera(trip, camera.key)


@clock_desk.post("/removal")
@open_to(Audience.AUTHORS)
def forget(trip_id: int) -> Response:
    """Leave a clock to its photos again."""

    def leave(trip: Trip, camera: Camera) -> str:
        set_camera_clock(trip, camera.name, None, camera.period.since)
        return _("The clock is left to what the photos say.")

    return change(trip_id, leave)


@clock_desk.post("/undo")
@open_to(Audience.AUTHORS)
def undo(trip_id: int) -> Response:
    """Take back the last thing that was said of a clock."""

    def forget_last(trip: Trip, camera: Camera) -> str:
        return _("Taken back.") if take_back(trip, camera.period) else _("There is nothing to take back.")

    return change(trip_id, forget_last)


@clock_desk.post("/periods")
@open_to(Audience.AUTHORS)
def part(trip_id: int) -> Response:
    """The clock was changed on the way: from this photo on it is a clock of its own."""

    def split(trip: Trip, camera: Camera) -> str:
        row = chosen_photo(camera)
        if row is None or row.photo.taken_local is None:
            return _("Choose the first photo after the change.")
        set_camera_clock(trip, camera.name, None, row.photo.taken_local)
        return _("From that photo on its clock stands for itself.")

    return change(trip_id, split)


@clock_desk.post("/periods/removal")
@open_to(Audience.AUTHORS)
def join(trip_id: int) -> Response:
    def unite(trip: Trip, camera: Camera) -> str:
        join_periods(trip, camera.period)
        if camera.is_by_hand:
            return _("Joined again. Before, you had said: %(error)s.", error=error_words(camera.ahead_s))
        return _("Joined again.")

    return change(trip_id, unite)


@clock_desk.post("/moments")
@open_to(Audience.AUTHORS)
def name_moment(trip_id: int) -> Response:
    """Two photos by different cameras show one moment."""

    def tell(trip: Trip, camera: Camera) -> str:
        row, other_id = chosen_photo(camera), request.form.get("other", type=int)
        other = next((one for one in trip_photos(trip) if one.photo_id == other_id), None)
        if row is None or other is None or other.photo.camera == camera.name:
            return _("Choose a photo of each camera.")
        pair = {"trip_id": trip.id, "photo_id": row.photo_id, "other_photo_id": other.photo_id}
        if db.session.scalar(select(SameMoment).filter_by(**pair)) is None:
            db.session.add(SameMoment(**pair))
        return _("Noted. Three such pairs that agree settle a clock.")

    return change(trip_id, tell)


@clock_desk.post("/moments/<int:moment_id>/removal")
@open_to(Audience.AUTHORS)
def forget_moment(trip_id: int, moment_id: int) -> Response:
    def remove(trip: Trip, _camera: Camera) -> str:
        found = db.session.scalar(select(SameMoment).filter_by(id=moment_id, trip_id=trip.id))
        if found:
            db.session.delete(found)
        return _("Forgotten.")

    return change(trip_id, remove)


def change(trip_id: int, act: Callable[[Trip, Camera], str]) -> Response:
    """Do something about one clock, place the photos again, and go back to it with what `act` says."""
    trip = own_trip(trip_id)
    form = ActionForm.from_request()
    camera = ClockDesk(trip, trip_photos(trip)).camera(request.form.get("camera", ""))
    if camera is None or not form.was_sent():
        flash(form.first_error or _("There is no such camera on this trip."))
        return to_cameras(trip)
    words = act(trip, camera)
    solve(trip)
    db.session.commit()
    flash(words)
    remains = ClockDesk(trip, trip_photos(trip)).camera(camera.key)
    return to_camera(trip, camera.key if remains else Period(camera.name).key)


def to_camera(trip: Trip, key: str) -> Response:
    return redirect(url_for("clock_desk.show", trip_id=trip.id, camera=key))


def to_cameras(trip: Trip) -> Response:
    return redirect(url_for("trips_desk.show", trip_id=trip.id, _anchor="cameras"))


def init_app(app: Flask) -> None:
    app.register_blueprint(clock_desk)
    app.jinja_env.filters["upper_first"] = lambda words: words[:1].upper() + words[1:]
    app.jinja_env.globals.update(
        clock_belief=belief_words,
        clock_error=error_words,
        clock_why=why,
        clock_sureness=sureness,
        clock_written=written_words,
        clock_reset=reset_words,
    )
