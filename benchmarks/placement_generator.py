"""Journeys that never were, with the truth of every photo: what placing is measured on.

The traveller is that of trial_generator.py, which shares no model with the estimator; here his way is
recorded at a given pace with a receiver's noise, and gaps of a given length are cut into the recording.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from trial_generator import CITIES, EVENTS, Photo, Way, take_photos, walk_a_day

from blog.geo.positions import Position
from blog.geo.tracks import Track

NOISE_M, MEMORY_S = 5.0, 40.0  # of the receiver, correlated in time
FARTHEST_NORTH, DATE_LINE = 66.0, 179.999


@dataclass(frozen=True)
class Journey:
    """The true way (unix seconds, degrees) and the photos taken on it, in order of time."""

    time: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    photos: list[Photo]

    def at(self, utc_s: float) -> Position:
        lon = float(np.interp(utc_s, self.time, self.lon))
        return Position(float(np.interp(utc_s, self.time, self.lat)), wrapped(lon))


def journey(rng: np.random.Generator, days: int = 1) -> Journey:
    """Some days about a city, now and then at the date line or in the far north."""
    name, lat, lon = CITIES[rng.integers(len(CITIES))]
    lat, lon = lat + rng.normal(0, 0.3), lon + rng.normal(0, 0.3)
    chance = rng.random()
    lat, lon = (FARTHEST_NORTH, lon) if chance < 0.05 else (lat, DATE_LINE) if chance < 0.1 else (lat, lon)
    first = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=int(rng.integers(3000)))
    habits = {event: float(rng.lognormal(0.3, 0.6)) for event in EVENTS}
    way = Way([], [], [], [])
    for day in range(days):
        date = (first + timedelta(days=day)).date()
        midnight = datetime(date.year, date.month, date.day, tzinfo=ZoneInfo(name)).timestamp()
        walk_a_day(rng, way, midnight, habits)
    time, east, north = (np.concatenate(parts) for parts in (way.time, way.east, way.north))
    lats, lons = lat + north / 111_320, lon + east / (111_320 * np.cos(np.radians(lat)))
    taken = take_photos(rng, way, time, lats, lons - lon)  # no jump at the date line
    photos = [replace(one, place=Position(one.place.lat, wrapped(one.place.lon + lon))) for one in taken]
    within = [one for one in photos if time[0] <= one.utc_s <= time[-1]]  # beyond it there is no truth
    return Journey(time, lats, lons, within)


def wrapped(lon: float) -> float:
    return float((lon + 540) % 360 - 180)


def recorded(rng: np.random.Generator, way: Journey, every_s: float) -> Track:
    """What a receiver that was never off kept of it, from the first photo to the last and a little beyond."""
    first, last = way.photos[0].utc_s - 120, way.photos[-1].utc_s + 120
    fixes = np.arange(max(first, way.time[0]), min(last, way.time[-1]), every_s)
    memory = np.exp(-every_s / MEMORY_S)
    noise = np.zeros((2, len(fixes)))
    kicks = rng.normal(0, NOISE_M, (2, len(fixes))) * np.sqrt(1 - memory**2)
    for i in range(1, len(fixes)):
        noise[:, i] = memory * noise[:, i - 1] + kicks[:, i]
    lat = np.interp(fixes, way.time, way.lat) + noise[0] / 111_320
    lon = np.interp(fixes, way.time, way.lon) + noise[1] / (111_320 * np.cos(np.radians(lat)))
    return Track(lat, (lon + 540) % 360 - 180, np.full(len(fixes), np.nan), fixes, np.array([0]))


def without(track: Track, begins_s: float, ends_s: float) -> Track:
    """The track with a gap: the receiver was off, and began a new segment after it."""
    kept = (track.time < begins_s) | (track.time > ends_s)
    starts = np.unique([0, int((track.time < begins_s).sum())])
    return Track(track.lat[kept], track.lon[kept], track.ele[kept], track.time[kept], starts)


def truly_at(way: Journey, rng: np.random.Generator, utc_s: float) -> Position:
    """A phone's own fix of where one was."""
    place = way.at(utc_s)
    off = rng.normal(0, 5.0, 2) / 111_320
    return Position(place.lat + off[0], place.lon + off[1] / np.cos(np.radians(place.lat)))
