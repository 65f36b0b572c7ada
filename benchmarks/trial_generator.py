"""Trips that never were, to try the search of clocks on.

Made without a look at the estimator: a traveller goes from event to event, photographs as the event invites,
and carries a receiver with faults. Nothing is imported from blog/ but the types that are handed over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

import numpy as np

from blog.geo.positions import Position
from blog.geo.tracks import Track

CITIES = (
    ("Europe/Rome", 41.9, 12.5), ("Europe/London", 51.5, -0.1), ("Asia/Tokyo", 35.7, 139.7),
    ("Asia/Kolkata", 28.6, 77.2), ("Asia/Kathmandu", 27.7, 85.3), ("America/New_York", 40.7, -74.0),
    ("America/St_Johns", 47.6, -52.7), ("America/Argentina/Buenos_Aires", -34.6, -58.4),
    ("Australia/Adelaide", -34.9, 138.6), ("Pacific/Auckland", -36.85, 174.8), ("Africa/Nairobi", -1.3, 36.8),
    ("Asia/Tehran", 35.7, 51.4), ("America/Los_Angeles", 34.05, -118.2), ("Pacific/Honolulu", 21.3, -157.9),
)  # fmt: skip
TICK_S = 4.0

# name: (median minutes, spread of its logarithm, metres per second or 0, photos in the first ten minutes)
EVENTS = {
    "sight": (11, 0.9, 0.0, 1.9),
    "museum": (55, 0.5, 0.0, 1.5),
    "meal": (50, 0.4, 0.0, 0.5),
    "stroll": (13, 0.6, 1.2, 0.9),
    "hike": (45, 0.6, 1.0, 0.7),
    "bus": (17, 0.5, 6.5, 0.25),
    "drive": (38, 0.7, 19.0, 0.25),
}
DAYS = {
    "town": ("stroll", "sight", "stroll", "museum", "meal", "sight", "bus", "sight", "stroll", "sight"),
    "land": ("drive", "sight", "hike", "sight", "meal", "hike", "drive", "sight"),
    "lazy": ("stroll", "meal", "sight", "stroll"),
}
OPEN_AIR = {"sight": 0.75, "museum": 0.15, "meal": 0.4, "stroll": 0.95, "hike": 1.0, "bus": 0.6, "drive": 0.7}


@dataclass(frozen=True)
class Photo:
    utc_s: float
    place: Position
    ev: float
    starts_burst: bool


@dataclass(frozen=True)
class Trip:
    """photos in order of time; offset_s is UTC minus what their camera wrote, the answer."""

    track: Track
    photos: list[Photo]
    offset_s: float
    zone_s: float

    def written_s(self, photo: Photo) -> float:
        return float(np.round(photo.utc_s - self.offset_s))

    def is_recorded(self) -> np.ndarray:
        """For each photo, whether it lies between fixes that are five minutes apart at most."""
        utc, fixes = np.array([photo.utc_s for photo in self.photos]), self.track.time
        after = np.clip(np.searchsorted(fixes, utc), 1, len(fixes) - 1)
        return (fixes[after] - fixes[after - 1] <= 300) & (utc >= fixes[0]) & (utc <= fixes[-1])

    @property
    def moments(self) -> list[Photo]:
        return [photo for photo in self.photos if photo.starts_burst]


@dataclass
class Way:
    """The true way as it is gone: seconds, and metres east and north of the lodging."""

    time: list[np.ndarray]
    east: list[np.ndarray]
    north: list[np.ndarray]
    takes: list[tuple[float, str]]


def make_trip(rng: np.random.Generator, days: int) -> Trip:
    name, lat, lon = CITIES[rng.integers(len(CITIES))]
    zone = ZoneInfo(name)
    lat, lon = lat + rng.normal(0, 0.3), lon + rng.normal(0, 0.3)
    first = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=int(rng.integers(3650)))
    habits = {event: float(rng.lognormal(0, 0.6)) for event in EVENTS}
    way = Way([], [], [], [])
    for day in range(days):
        date = (first + timedelta(days=day)).date()
        midnight = datetime(date.year, date.month, date.day, tzinfo=zone).timestamp()
        walk_a_day(rng, way, midnight, habits)
    time, east, north = (np.concatenate(parts) for parts in (way.time, way.east, way.north))
    metres_lon = 111_320 * np.cos(np.radians(lat))
    photos = take_photos(rng, way, time, lat + north / 111_320, lon + east / metres_lon)
    track = record(rng, time, east, north, (lat, lon, metres_lon))
    middle = datetime.fromtimestamp(float(time[len(time) // 2]), zone).utcoffset().total_seconds()
    return Trip(track, photos, -set_clock_ahead(rng, middle), middle)


def walk_a_day(rng: np.random.Generator, way: Way, midnight: float, habits: dict[str, float]) -> None:
    clock = midnight + 3600 * rng.normal(8.7, 0.8)
    east = north = 0.0
    rest(way, midnight + 60 if not way.time else way.time[-1][-1] + TICK_S, clock, rng)
    kind = str(rng.choice(list(DAYS), p=[0.5, 0.35, 0.15]))
    evening = midnight + 3600 * rng.normal(13.5 if kind == "lazy" else 18.3, 1.6)
    for event in cycle(DAYS[kind]):
        if clock > evening:
            break
        minutes, spread, speed, shots = EVENTS[event]
        seconds = min(60 * minutes * rng.lognormal(0, spread), 4 * 3600)
        ticks = np.arange(clock, clock + seconds, TICK_S)
        steps = motion(rng, len(ticks), speed)
        way.time.append(ticks)
        way.east.append(east + steps[0])
        way.north.append(north + steps[1])
        expected = shots * habits[event] * (seconds / 600) ** (0.45 if not speed else 0.9)
        early = rng.beta(1, 1.8 if not speed else 1, rng.poisson(expected))
        way.takes += [(clock + share * seconds, event) for share in early]
        clock, east, north = ticks[-1] + TICK_S, east + steps[0][-1], north + steps[1][-1]
    go_home(way, clock, east, north)
    if rng.random() < 0.35:
        way.takes.append((way.time[-1][-1] + rng.exponential(3000), "meal"))


def motion(rng: np.random.Generator, ticks: int, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """Metres east and north: milling about, or on with halts and turns."""
    if not speed:
        reach, pull = rng.uniform(4, 45), 0.02
        drift = rng.normal(0, reach * np.sqrt(2 * pull), (2, ticks))
        decay = (1 - pull) ** np.arange(min(ticks, 400))
        east, north = (np.convolve(one, decay)[:ticks] for one in drift)
        return east - east[0], north - north[0]
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.06, ticks))
    going = np.repeat(rng.random(ticks // 6 + 1) > 0.15, 6)[:ticks]
    pace = speed * rng.lognormal(0, 0.2) * going * TICK_S
    return np.cumsum(pace * np.sin(heading)), np.cumsum(pace * np.cos(heading))


def go_home(way: Way, clock: float, east: float, north: float) -> None:
    far = float(np.hypot(east, north))
    speed = 1.2 if far < 1500 else 6.0 if far < 9000 else 18.0
    ticks = np.arange(clock, clock + far / speed + 2 * TICK_S, TICK_S)
    left = 1 - np.linspace(0, 1, len(ticks))
    way.time.append(ticks)
    way.east.append(east * left)
    way.north.append(north * left)


def rest(way: Way, start: float, end: float, rng: np.random.Generator) -> None:
    ticks = np.arange(start, end, 60.0)
    if len(ticks):
        way.time.append(ticks)
        way.east.append(rng.normal(0, 3, len(ticks)))
        way.north.append(rng.normal(0, 3, len(ticks)))


def take_photos(
    rng: np.random.Generator, way: Way, time: np.ndarray, lat: np.ndarray, lon: np.ndarray
) -> list[Photo]:
    overcast = rng.choice([0.3, 1.2, 2.8])
    photos = []
    for start, event in sorted(way.takes):
        moment, is_open = start, rng.random() < OPEN_AIR[event]
        for n in range(1 + min(int(rng.geometric(0.55)) - 1, 12)):
            moment += 0.0 if n == 0 else rng.gamma(2, 2.5)
            at = Position(float(np.interp(moment, time, lat)), float(np.interp(moment, time, lon)))
            ev = open_air_ev(moment, at) - overcast - abs(rng.normal(0, 1.4)) if is_open else rng.normal(6, 2)
            photos.append(Photo(moment, at, float(max(ev, rng.normal(4, 1))), n == 0))
    return sorted(photos, key=lambda photo: photo.utc_s)


def open_air_ev(utc_s: float, at: Position) -> float:
    """By Cooper's declination and mean solar time; brightness by the photographers' rule of thumb."""
    day = datetime.fromtimestamp(utc_s, UTC).timetuple().tm_yday
    tilt = np.radians(23.45 * np.sin(np.radians(360 * (284 + day) / 365)))
    hour = np.radians(15 * ((utc_s / 3600 + at.lon / 15) % 24 - 12))
    north = np.radians(at.lat)
    sine = np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * np.cos(hour)
    return 15.2 + 1.5 * float(np.log2(sine)) if sine > 0.04 else 8.2 + 70 * (float(sine) - 0.04)


def record(
    rng: np.random.Generator, time: np.ndarray, east: np.ndarray, north: np.ndarray, base: tuple
) -> Track:
    """What a receiver with noise, drop-outs, nights off and forgotten mornings kept of the way."""
    lat, lon, metres_lon = base
    every = float(rng.choice([1, 2, 5, 10, 30, 60]))
    fixes = np.arange(time[0], time[-1], max(every, 2.0)) + rng.uniform(0, 1)
    day = np.floor((fixes - time[0]) / 86_400).astype(int)
    hour = (fixes - time[0]) % 86_400 / 3600
    days = int(day[-1]) + 1
    begins, ends = rng.normal(8.2, 0.8, days), rng.normal(21, 1.5, days)
    begins[rng.random(days) < 0.12] = 13.0
    on = (hour > begins[day]) & (hour < ends[day]) & ~(rng.random(days) < 0.06)[day]
    for start in rng.uniform(time[0], time[-1], rng.poisson(1.8 * days)):
        on &= ~((fixes > start) & (fixes < start + 60 * rng.lognormal(1.7, 1.1)))
    if on.sum() < 10:
        on[:] = True
    fixes = fixes[on]
    sigma, memory = rng.uniform(2.5, 8), np.exp(-np.diff(fixes, prepend=fixes[0] - 1) / 40)
    noise = np.zeros((2, len(fixes)))
    kicks = rng.normal(0, sigma, (2, len(fixes))) * np.sqrt(1 - memory**2)
    for i in range(1, len(fixes)):
        noise[:, i] = memory[i] * noise[:, i - 1] + kicks[:, i]
    y = lat + (np.interp(fixes, time, north) + noise[1]) / 111_320
    x = lon + (np.interp(fixes, time, east) + noise[0]) / metres_lon
    starts = np.flatnonzero(np.diff(fixes, prepend=-np.inf) > 1200).astype(np.int64)
    return Track(y, x, np.full(len(fixes), np.nan), fixes, starts)


def set_clock_ahead(rng: np.random.Generator, local_s: float) -> float:
    """Seconds a camera's clock is ahead of UTC, as people leave it."""
    zone = rng.choice(["local", "home", "summer", "utc", "any"], p=[0.6, 0.17, 0.1, 0.05, 0.08])
    home = 3600.0 * float(rng.choice([-8, -6, -5, 0, 1, 1, 1, 2, 2, 5.5, 8, 9, 10]))
    summer = local_s + 3600 * float(rng.choice([-1, 1]))
    anywhere = 3600.0 * float(rng.integers(-11, 13))
    zones = {"local": local_s, "home": home, "summer": summer, "utc": 0.0, "any": anywhere}
    ahead = zones[str(zone)]
    wrong = rng.lognormal(np.log(25), 1.4) * rng.choice([-1, 1])
    if rng.random() < 0.06:
        wrong = rng.uniform(-3000, 3000)
    return float(ahead + np.clip(wrong, -3600, 3600))


def own_gps(rng: np.random.Generator, trip: Trip, count: int, on_track: bool) -> dict[int, Position]:
    """Places that some photos carry by themselves (index of the photo); one in twenty of them is stale.

    on_track: only photos taken while the receiver recorded; else any.
    """
    recorded = trip.is_recorded()
    starts = [
        i for i, photo in enumerate(trip.photos) if photo.starts_burst and (recorded[i] or not on_track)
    ]
    chosen = rng.choice(starts, min(count, len(starts)), replace=False)
    return {int(i): _fix(rng, trip, int(i)) for i in chosen}


def _fix(rng: np.random.Generator, trip: Trip, i: int) -> Position:
    place = (
        trip.photos[max(0, i - int(rng.integers(1, 9)))].place
        if rng.random() < 0.05
        else trip.photos[i].place
    )
    off = 5 * rng.standard_t(4, 2) / 111_320
    return Position(float(place.lat + off[0]), float(place.lon + off[1] / np.cos(np.radians(place.lat))))


def told_pairs(rng: np.random.Generator, trip: Trip, count: int, wrong: float) -> list[tuple[int, float]]:
    """(index of a photo, UTC of another camera's photo that someone took for the same moment)."""
    starts = [i for i, photo in enumerate(trip.photos) if photo.starts_burst]
    chosen = rng.choice(starts, min(count, len(starts)), replace=False)
    pairs = []
    for i in chosen.tolist():
        truth = trip.photos[i].utc_s
        utc = truth + rng.choice([-1, 1]) * rng.lognormal(np.log(9), 1.1)
        if rng.random() < wrong:
            utc = rng.uniform(trip.photos[0].utc_s, trip.photos[-1].utc_s)
        pairs.append((i, float(utc)))
    return pairs
