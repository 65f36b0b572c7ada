"""What a photo was taken near to, by the built-in basemap."""

from blog.geo.basemap import built_in
from blog.trips.models import TripPhoto
from blog.web.locale import country

NEAR_M = 50_000.0  # farther off, and with a place known no better, a town's name would mislead


def nearby(row: TripPhoto) -> str:
    """`Puryŏng-ŭp, North Korea`: the nearest town and its country; empty where none is near."""
    if row.lat is None or row.lon is None or (row.radius_m or 0) > NEAR_M:
        return ""
    town = built_in().towns.nearest(row.lat, row.lon, NEAR_M)
    return ", ".join(filter(None, [town.name, country(town.country)])) if town else ""
