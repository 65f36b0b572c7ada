"""A trip's route to take along, as GPX: exact for its author, as the map draws it for readers."""

from collections.abc import Callable, Iterable

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import undefer

from blog.db import db
from blog.geo.gpxdocument import Waypoint, drawn_way, gpx_document
from blog.geo.positions import Position
from blog.geo.tracks import Track
from blog.trips.intake import sentence
from blog.trips.maps import trip_view
from blog.trips.models import TrackFile, Trip, TripPhoto, trip_photos
from blog.trips.published import EXACTLY, PublishedPhoto, PublishedTrip

GPX = "application/gpx+xml"


def exact_gpx(trip: Trip) -> Response:
    """The tracks as they were recorded and every placed photo, sent while it is written: for the author."""
    waypoints = [waypoint(row) for row in trip_photos(trip)]
    ways = recorded(trip) or drawn(PublishedTrip.of(trip, EXACTLY))
    body = gpx_document(trip.title, filter(None, waypoints), ways)
    response = Response(body, mimetype=GPX, direct_passthrough=True)
    response.headers["Cache-Control"] = "no-store"
    return named_after(trip, response)


def drawn_gpx(
    trip: PublishedTrip, rows: Iterable[PublishedPhoto], href: Callable[[PublishedPhoto], str]
) -> Response:
    """Nothing but what readers see on the map: the days' drawn lines and these photos."""
    photos = trip_view(trip, rows, href).photos
    waypoints = [Waypoint(Position(one.lat, one.lon), one.label, link=one.href) for one in photos]
    body = b"".join(gpx_document(trip.title, waypoints, drawn(trip)))
    return named_after(trip.row, Response(body, mimetype=GPX))


def named_after(trip: Trip, response: Response) -> Response:
    response.headers.set("Content-Disposition", "attachment", filename=f"{trip.slug}.gpx")
    return response


def waypoint(row: TripPhoto) -> Waypoint | None:
    position, photo = row.position, row.photo
    if position is None:
        return None
    utc_s = row.taken_at.timestamp() if row.taken_at else None
    return Waypoint(position, photo.caption or photo.file_name, utc_s, sentence(row))


def recorded(trip: Trip) -> list[tuple[str, Track]]:
    files = db.session.scalars(
        select(TrackFile)
        .filter_by(trip_id=trip.id, is_used=True)
        .options(undefer(TrackFile.points))
        .order_by(TrackFile.begins_at, TrackFile.id)
    )
    return [(file.name or file.file_name, Track.from_bytes(file.points)) for file in files]


def drawn(trip: PublishedTrip) -> list[tuple[str, Track]]:
    """Each day's lines as the map shows them."""
    days = ((day, trip_view(trip, [], str, [day.number]).walked) for day in trip.days)
    return [(_("Day %(n)d", n=day.number), drawn_way(lines)) for day, lines in days if lines]
