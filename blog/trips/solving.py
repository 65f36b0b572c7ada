"""Solve a trip's placement again: photos, tracks and clocks in; places of photos and the trip's days out.

Runs after every upload, every move by hand and every corrected clock. What a person or a camera's own GPS
said is never overwritten, because `geo.placing` takes it as given.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from blog.db import db
from blog.geo.doubts import Doubt, doubts
from blog.geo.placing import Placement, place
from blog.geo.positions import Position
from blog.geo.tracks import Track
from blog.geo.zones import zone_at
from blog.trips.clocks import kept, said_of, same_moments
from blog.trips.days import draw_days
from blog.trips.evidence import clocks_for, readings_of, shots_of
from blog.trips.models import Source, TrackFile, Trip, TripPhoto, trip_photos
from blog.web.locale import distance


def tracks_of(trip: Trip) -> list[Track]:
    files = db.session.scalars(
        select(TrackFile).filter_by(trip_id=trip.id, is_used=True).options(undefer(TrackFile.points))
    )
    return [Track.from_bytes(file.points) for file in files]


def solve(trip: Trip) -> None:
    """Place every photo of the trip and draw its days anew. Does not commit."""
    take_turns(trip)
    rows, tracks = trip_photos(trip), tracks_of(trip)
    rows.sort(key=lambda row: row.id)
    said, moments = said_of(trip), same_moments(trip)
    for row in rows:
        row.doubt = None
    readings = readings_of(rows, said)
    clocks = clocks_for(rows, readings, tracks, said, moments)
    if found := doubts(readings, tracks, clocks):
        for index, doubt in found.items():
            rows[index].doubt = doubt_words(doubt, rows)
        readings = readings_of(rows, said)
        clocks = clocks_for(rows, readings, tracks, said, moments)
    shots = shots_of(rows, readings)
    for row, placement in zip(rows, place(shots, tracks, clocks), strict=True):
        keep(row, placement)
    trip.zone = home_zone(rows, tracks)
    for row in rows:
        row.zone = zone_name(row.position) or trip.zone
    trip.clocks = {key: kept(clock) for key, clock in clocks.items()}
    draw_days(trip, rows, tracks)


def doubt_words(doubt: Doubt, rows: Sequence[TripPhoto]) -> str:
    """Why a photo's own place is not believed."""
    away = distance(doubt.away_m)
    if doubt.kind == "stale" and doubt.other is not None:
        other = rows[doubt.other].photo.file_name
        return _(
            "It repeats the place of %(other)s, though the trip was %(away)s on by then.",
            other=other,
            away=away,
        )
    if doubt.kind == "jump":
        return _("It is %(away)s from the photos before and after, too far to go in that time.", away=away)
    if doubt.kind == "off_track":
        return _("It is %(away)s from where the track was at that moment.", away=away)
    return _("It looks like what receivers write that do not know where they are.")


def take_turns(trip: Trip) -> None:
    """Wait for whoever places this trip just now, and see what came of it: files arrive three at a time.

    The trip's row stays locked until the commit.
    """
    db.session.flush()
    db.session.execute(
        update(Trip).where(Trip.id == trip.id).values(zone=Trip.zone),
        execution_options={"synchronize_session": False},
    )
    db.session.expire(trip, ["zone", "days"])


def keep(row: TripPhoto, placement: Placement) -> None:
    """Write a placement into its row."""
    position = placement.position
    row.lat = position.lat if position else None
    row.lon = position.lon if position else None
    row.ele = position.ele if position else None
    row.taken_at = None if placement.utc_s is None else datetime.fromtimestamp(placement.utc_s, UTC)
    row.radius_m = placement.radius_m
    row.source = Source(placement.source)
    row.leans_on = [[round(lat, 6), round(lon, 6)] for lat, lon in placement.leans_on.tolist()]
    row.clock_offset_s = placement.clock_offset_s
    row.reason = placement.reason


def zone_name(position: Position | None) -> str | None:
    zone = zone_at(position) if position else None
    return zone.key if zone else None


def home_zone(rows: Sequence[TripPhoto], tracks: Sequence[Track]) -> str:
    """The time zone most of the trip happened in."""
    names = Counter(zone_name(row.position) for row in rows[:: max(1, len(rows) // 200)] if row.is_placed)
    names.update(zone_name(start) for track in tracks if (start := track_start(track)))
    del names[None]
    return names.most_common(1)[0][0] or "UTC" if names else "UTC"


def track_start(track: Track) -> Position | None:
    try:
        return Position(float(track.lat[0]), float(track.lon[0])) if len(track) else None
    except ValueError:
        return None
