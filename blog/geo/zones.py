"""Time zones of places, and the local time there."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzfpy

from blog.geo.positions import Position

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_at(position: Position) -> ZoneInfo | None:
    """The time zone in force at a place (at sea a whole-hour one), or None where none is known."""
    try:
        return ZoneInfo(tzfpy.get_tz(position.lon, position.lat))
    except (ZoneInfoNotFoundError, ValueError):
        return None


def utc_time(utc_s: float) -> datetime:
    """Unix seconds as an aware time; unlike datetime.fromtimestamp it knows the years before 1970 everywhere.

    Raises OverflowError outside the years 1 to 9999.
    """
    return EPOCH + timedelta(seconds=utc_s)


def local_time(utc_s: float, position: Position) -> datetime:
    """What a rightly set clock showed at that place; UTC where no zone is known."""
    return utc_time(utc_s).astimezone(zone_at(position) or UTC)
