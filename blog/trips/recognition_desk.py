"""Which files need not be sent: those that are here already, were begun before, or would be refused."""

import base64
from typing import Any

from flask import Blueprint, Flask, abort, jsonify, request
from flask_babel import gettext as _
from sqlalchemy import func, select

from blog.accounts.views import signed_in
from blog.db import db
from blog.photos.intake import shown_name
from blog.photos.uploads import Upload, UploadState
from blog.trips.desk import as_json, own_trip
from blog.trips.intake import Outcome, Taken, describe, recognise_sent, why_not_to_send
from blog.trips.models import Trip, TripPhoto
from blog.trips.solving import solve
from blog.trips.uploads_desk import HASH, MOST_ASKED, address, answer, refuse_other_pages
from blog.web.access import Audience, open_to
from blog.web.addresses import LARGEST_ID

desk = Blueprint("recognition_desk", __name__, url_prefix="/desk/uploads/recognition")


@desk.post("")
@open_to(Audience.AUTHORS)
def recognition() -> Any:
    """What need not be sent. In: the trip, and of up to fifty files the name, the SHA-256 and the beginning.

    Out, for each: `results`, as for an upload, where it is known (and now on the trip) or would be refused;
    `upload`, the address to go on with, where a part of it is here; else nothing.
    """
    refuse_other_pages()
    asked = request.get_json(silent=True)
    trip, files = announced(asked)
    before = photos_on(trip)
    found = [recognised(trip, file) for file in files]
    if photos_on(trip) != before:
        solve(trip)
    db.session.commit()
    return jsonify(files=[as_answer(trip, file, what) for file, what in zip(files, found, strict=True)])


def photos_on(trip: Trip) -> int:
    photos = select(func.count()).select_from(TripPhoto).where(TripPhoto.trip_id == trip.id)
    return db.session.scalar(photos) or 0


def announced(asked: Any) -> tuple[Trip, list[dict[str, str]]]:
    """The trip and the files of a question. What is no such question is answered 400."""
    match asked:
        case {"trip": int(trip_id), "files": list(files)} if (
            0 < trip_id <= LARGEST_ID and len(files) <= MOST_ASKED
        ):
            trip = own_trip(trip_id)
        case _:
            abort(answer(400, _("This is no list of files.")))
    for file in files:
        match file:
            case {"name": str(), "sha256": str(sha256), "head": str()} if HASH.fullmatch(sha256):
                continue
        abort(answer(400, _("This is no list of files.")))
    return trip, files


def recognised(trip: Trip, file: dict[str, str]) -> Taken | int | Upload | None:
    person, name = signed_in(), shown_name(file["name"])
    if known := recognise_sent(trip, name, file["sha256"], person):
        return known
    try:
        refusal = why_not_to_send(base64.b64decode(file["head"], validate=True))
    except ValueError:  # also what is not ASCII
        refusal = None
    if refusal:
        return Taken(name, Outcome.REFUSED, refusal)
    return unfinished(trip, file["sha256"])


def unfinished(trip: Trip, sha256: str) -> Upload | None:
    """An upload of the same bytes to the same trip of which the end has not come or was not heard."""
    mine = (
        select(Upload)
        .where(
            Upload.person_id == signed_in().id,
            Upload.state.in_([UploadState.RECEIVING, UploadState.RECEIVED]),
            Upload.details["trip"].as_string() == str(trip.id),
            Upload.details["sha256"].as_string() == sha256,
        )
        .order_by(Upload.id.desc())
    )
    return next((upload for upload in db.session.scalars(mine) if not upload.has_expired), None)


def as_answer(trip: Trip, file: dict[str, str], what: Taken | int | Upload | None) -> dict[str, Any]:
    if isinstance(what, Upload):
        return {"upload": address(what)}
    if isinstance(what, int):
        what = describe(trip, shown_name(file["name"]), what)
    return {"results": [as_json(trip, what)]} if what else {}


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
