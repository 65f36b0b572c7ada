"""What the trip's photos say of time and place, as placement takes it: readings, clocks and shots."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from blog.geo.clocks import Clock, Reading, camera_clocks, in_usual_zone
from blog.geo.placing import Shot, shot
from blog.geo.sun import exposure_value
from blog.geo.tracks import Track
from blog.trips.models import TripPhoto


def seconds(written: datetime | None) -> float | None:
    """A local time without a zone, read as if it were UTC."""
    return None if written is None else written.replace(tzinfo=UTC).timestamp()


def reading_of(row: TripPhoto) -> Reading:
    photo = row.photo
    return Reading(
        camera=photo.camera,
        written_s=seconds(photo.taken_local),
        zone_offset_s=photo.utc_offset_s,
        gps_utc_s=photo.gps_time.timestamp() if photo.gps_time else None,
        gps_seconds_of_day=photo.gps_seconds_of_day,
        position=photo.position,
        by_hand=row.by_hand,
        ev=exposure_value(photo.exposure_s, photo.f_number, photo.iso),
    )


def gather(
    rows: Sequence[TripPhoto], tracks: Sequence[Track], by_hand: Mapping[str, float]
) -> tuple[list[Shot], dict[str, Clock]]:
    """The shots of a trip in the order of `rows`, and the clock of each camera that wrote a time."""
    readings = [reading_of(row) for row in rows]
    clocks = camera_clocks(readings, tracks, by_hand)
    shots = [
        shot(row.id, reading, row.by_hand, order)
        for order, (row, reading) in enumerate(zip(rows, in_usual_zone(readings), strict=True))
    ]
    return shots, clocks
