"""What the trip's photos say of time and place, as placement takes it: readings, clocks and shots."""

from collections.abc import Sequence
from datetime import UTC, datetime

from blog.geo.clocks import Clock, Reading, camera_clocks, in_usual_zone
from blog.geo.placing import Shot, shot
from blog.geo.sun import exposure_value
from blog.geo.tracks import Track
from blog.trips.clocks import Said, pairs_among
from blog.trips.models import SameMoment, TripPhoto


def seconds(written: datetime | None) -> float | None:
    """A local time without a zone, read as if it were UTC."""
    return None if written is None else written.replace(tzinfo=UTC).timestamp()


def reading_of(row: TripPhoto, said: Said) -> Reading:
    """What a photo says; not its own place where that is doubted."""
    photo = row.photo
    return Reading(
        camera=said.period_of(row).key,
        written_s=seconds(photo.taken_local),
        zone_offset_s=photo.utc_offset_s,
        gps_utc_s=photo.gps_time.timestamp() if photo.gps_time else None,
        gps_seconds_of_day=photo.gps_seconds_of_day,
        position=None if row.doubt else photo.position,
        by_hand=row.by_hand,
        ev=exposure_value(photo.exposure_s, photo.f_number, photo.iso),
    )


def readings_of(rows: Sequence[TripPhoto], said: Said) -> list[Reading]:
    """What the photos say, with what each camera wrote brought to one zone."""
    return in_usual_zone([reading_of(row, said) for row in rows])


def shots_of(rows: Sequence[TripPhoto], readings: Sequence[Reading]) -> list[Shot]:
    """The shots of a trip in the order of `rows`."""
    return [
        shot(row.id, reading, row.by_hand, order)
        for order, (row, reading) in enumerate(zip(rows, readings, strict=True))
    ]


def clocks_for(
    rows: Sequence[TripPhoto],
    readings: Sequence[Reading],
    tracks: Sequence[Track],
    said: Said,
    moments: Sequence[SameMoment] = (),
) -> dict[str, Clock]:
    """The clock of each period of each camera that wrote a time, by its key."""
    return camera_clocks(readings, tracks, said.offsets, pairs_among(rows, moments))
