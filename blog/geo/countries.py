"""Which country a place is in, by the time zone in force there: its borders are those of the countries."""

from functools import cache

import tzfpy
from babel.core import get_global

from blog.geo.positions import Position


def country_at(position: Position) -> str:
    """The country's ISO 3166-1 code, empty at sea and where none is known."""
    return _country_of(tzfpy.get_tz(position.lon, position.lat))


@cache
def _country_of(zone: str) -> str:
    aliases, territories = get_global("zone_aliases"), get_global("zone_territories")
    code: str = territories.get(zone) or territories.get(aliases.get(zone, ""), "")
    return code if code.isalpha() and code != "ZZ" else ""  # ZZ and 001 are the sea and the world
