"""A trip as readers get it: what is published of its places, its route and its days, and nothing more exact.

Pages, feeds and downloads take these types where the desk takes the rows themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import aliased

from blog.db import db
from blog.geo.basemap import built_in
from blog.geo.countries import country_at
from blog.geo.positions import Floats, Position, distances_m
from blog.geo.privacy import NEAR_M, Precision, Privacy, Zone
from blog.photos.models import Photo
from blog.trips.models import Day, Line, Source, Trip, TripPhoto
from blog.web.locale import country, distance, mark

EXACTLY = Privacy()  # what the author gets
ROUNDED_TO_M = {Precision.EXACT: 0.0, Precision.KILOMETRE: 1_000.0, Precision.TOWN: 10_000.0}

SURE_M = 30.0  # a radius up to this goes without saying
FOUND = {
    Source.TRACK_GAP: _l("in a gap of the track"),
    Source.NEIGHBOURS: _l("between two photos"),
    Source.ORDER: _l("by its place in the story"),
    Source.TRACK: _l("on the track"),
}


def privacy_of(trip: Trip) -> Privacy:
    zones = tuple(Zone(zone.shown_lat, zone.shown_lon, zone.radius_m) for zone in trip.hidden_zones)
    return Privacy(trip.map_precision, zones)


@dataclass(frozen=True)
class PublishedPhoto:
    """A photo on a trip with the place that is published of it; along_m are metres from the day's start."""

    photo: Photo
    trip_id: int
    taken_at: datetime | None
    zone: str
    says_zone: bool
    day_number: int | None
    position: Position | None
    radius_m: float | None
    source: Source
    along_m: float | None

    @property
    def photo_id(self) -> int:
        return self.photo.id

    @property
    def is_placed(self) -> bool:
        return self.position is not None

    @property
    def lat(self) -> float | None:
        return self.position.lat if self.position else None

    @property
    def lon(self) -> float | None:
        return self.position.lon if self.position else None

    @property
    def ele(self) -> float | None:
        return self.position.ele if self.position else None

    @property
    def local_time(self) -> datetime | None:
        return self.taken_at.astimezone(ZoneInfo(self.zone)) if self.taken_at else None

    @property
    def taken_iso(self) -> str:
        """ISO 8601; without an offset from UTC where that would tell the zone."""
        local = self.local_time
        if local is None or self.taken_at is None:
            return ""
        return self.taken_at.isoformat() if self.says_zone else local.replace(tzinfo=None).isoformat()


@dataclass(frozen=True)
class PublishedDay:
    """A day's facts and lines; whatever is not published is 0 or empty. legs: (means, metres) by means."""

    number: int
    local_date: date
    length_m: float
    climb_m: float
    moving_s: float
    profile: Line
    countries: list[str]
    legs: list[tuple[str, float]]
    _row: Day
    _privacy: Privacy

    @cached_property
    def lines(self) -> list[Floats]:
        return self._privacy.lines(_arrays(self._row.lines))

    @cached_property
    def flights(self) -> list[Floats]:
        return self._privacy.lines(_arrays(self._row.flights))


@dataclass(frozen=True)
class PublishedTrip:
    """A trip with what is published of it, by its own privacy or, for its author, exactly."""

    row: Trip
    privacy: Privacy

    @classmethod
    def of(cls, trip: Trip, privacy: Privacy | None = None) -> "PublishedTrip":
        return cls(trip, privacy_of(trip) if privacy is None else privacy)

    @property
    def title(self) -> str:
        return self.row.title

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def dek(self) -> str:
        return self.row.dek

    @property
    def has_map(self) -> bool:
        return self.privacy.has_map

    @property
    def begins_on(self) -> date | None:
        return self.row.begins_on

    @cached_property
    def days(self) -> list[PublishedDay]:
        return [self._day(day) for day in self.row.days]

    def day(self, number: int | None) -> PublishedDay | None:
        return next((day for day in self.days if day.number == number), None)

    @property
    def length_m(self) -> float:
        return sum(day.length_m for day in self.days)

    @property
    def countries(self) -> list[str]:
        """Names in the order in which they were first entered."""
        codes = dict.fromkeys(code for day in self.days for code in day.countries)
        return [name for code in codes if (name := country(code))]

    def photo(self, row: TripPhoto) -> PublishedPhoto:
        privacy = self._privacy_of(row)
        position, radius_m = _place(row, privacy) or (None, None)
        tells_way = position is not None and privacy.is_exact and row.day_number not in self._touched
        return PublishedPhoto(
            photo=row.photo,
            trip_id=row.trip_id,
            taken_at=row.taken_at,
            zone=row.zone,
            says_zone=privacy.precision is not Precision.HIDDEN,
            day_number=row.day_number,
            position=position,
            radius_m=radius_m,
            source=row.source if position is not None and privacy.is_exact else Source.NONE,
            along_m=row.along_m if tells_way else None,
        )

    def photos(self, rows: Collection[TripPhoto]) -> list[PublishedPhoto]:
        return [self.photo(row) for row in rows]

    def near(self, row: TripPhoto) -> str:
        """`Puryŏng-ŭp, North Korea`: the nearest town and its country, as much of it as is published."""
        privacy = self._privacy_of(row)
        if privacy.precision is Precision.COUNTRY:
            known = row.position
            told = known and (row.radius_m or 0) <= NEAR_M and not _is_hidden(row, privacy)
            return country(country_at(known)) if known and told else ""
        place = _place(row, privacy)
        if place is None or (row.radius_m or 0) > NEAR_M:
            return ""
        town = built_in().towns.nearest(place[0].lat, place[0].lon, NEAR_M)
        return ", ".join(filter(None, [town.name, country(town.country)])) if town else ""

    def _privacy_of(self, row: TripPhoto) -> Privacy:
        """That of the trip; of a photo that is on other trips as well, what all of them allow."""
        return self.privacy.along_with(self._elsewhere.get(row.photo_id, ()))

    @cached_property
    def _elsewhere(self) -> dict[int, list[Privacy]]:
        """How private other trips are about photos that are on this one too. Its author sees all."""
        if self.privacy is EXACTLY:
            return {}
        here, there = aliased(TripPhoto), aliased(TripPhoto)
        shared = db.session.execute(
            select(there.photo_id, there.trip_id)
            .join(here, (here.photo_id == there.photo_id) & (here.trip_id != there.trip_id))
            .where(here.trip_id == self.row.id)
        ).all()
        if not shared:
            return {}
        trips = db.session.scalars(
            select(Trip).where(Trip.id.in_({trip_id for _photo_id, trip_id in shared}))
        )
        privacies = {trip.id: privacy_of(trip) for trip in trips}
        found: dict[int, list[Privacy]] = {}
        for photo_id, trip_id in shared:
            found.setdefault(photo_id, []).append(privacies[trip_id])
        return found

    @cached_property
    def _touched(self) -> set[int | None]:
        """The days whose route enters a zone: they tell nothing but what is drawn of them."""
        if not self.privacy.zones:
            return set()
        return {day.number for day in self.row.days if self.privacy.touches(_arrays(day.lines + day.flights))}

    def _day(self, day: Day) -> PublishedDay:
        tells_all = self.privacy.is_exact and day.number not in self._touched
        return PublishedDay(
            number=day.number,
            local_date=day.local_date,
            length_m=self._length_m(day),
            climb_m=day.climb_m if tells_all else 0.0,
            moving_s=day.moving_s if tells_all else 0.0,
            profile=day.profile if tells_all else [],
            countries=[] if self.privacy.precision is Precision.HIDDEN else day.countries,
            legs=_by_means(day) if tells_all else [],
            _row=day,
            _privacy=self.privacy,
        )

    def _length_m(self, day: Day) -> float:
        """The day's distance; of a day that enters a zone, of what lies outside."""
        step = ROUNDED_TO_M.get(self.privacy.precision)
        if step is None:
            return 0.0
        length_m = day.length_m
        if day.number in self._touched:
            length_m = sum(_length_of(line) for line in self.privacy.outside(_arrays(day.lines)))
        return step * round(length_m / step) if step else length_m


def _is_hidden(row: TripPhoto, privacy: Privacy) -> bool:
    """Whether a zone covers it, or a place that it was worked out from: both ends of a way and a time on it
    would tell the hidden one."""
    if row.position is None or privacy.hides(row.position):
        return True
    if not privacy.zones or row.is_known:
        return False
    return row.leans_on is None or any(zone.covers(*spot) for spot in row.leans_on for zone in privacy.zones)


def _place(row: TripPhoto, privacy: Privacy) -> tuple[Position, float | None] | None:
    if row.position is None or _is_hidden(row, privacy):
        return None
    return privacy.place(row.position, row.radius_m)


def found_words(photo: PublishedPhoto) -> str:
    """`about 300 m, between two photos`: how sure a place is and how it was found, where it needs saying."""
    parts = []
    if photo.radius_m and photo.radius_m > SURE_M:
        parts.append(_("about %(radius)s", radius=distance(photo.radius_m)))
    if photo.source in FOUND:
        parts.append(str(FOUND[photo.source]))
    return ", ".join(parts)


def place_words(photo: PublishedPhoto | None) -> str:
    """`km 71, about 300 m, between two photos`: where on the route, and how sure; empty without a place."""
    if photo is None or not photo.is_placed:
        return ""
    way = mark(photo.along_m) if photo.along_m is not None else ""
    return ", ".join(filter(None, [way, found_words(photo)]))


def _arrays(lines: list[Line]) -> list[Floats]:
    return [np.array(line, dtype=np.float64) for line in lines]


def _length_of(line: Floats) -> float:
    return float(distances_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum())


def _by_means(day: Day) -> list[tuple[str, float]]:
    """Metres by means, the longest first."""
    metres: dict[str, float] = {}
    for leg in day.legs:
        metres[leg["means"]] = metres.get(leg["means"], 0.0) + leg["length_m"]
    return sorted(metres.items(), key=lambda item: -item[1])
