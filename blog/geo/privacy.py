"""How exactly readers learn where a trip was: positions and lines as they are published.

Zones hold at every precision: what lies in one is cut before anything else is made coarser, and what would
be put into one by that is left out as well.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, radians

import numpy as np
from numpy.typing import NDArray

from blog.geo.basemap import built_in
from blog.geo.positions import (
    EARTH_RADIUS_M,
    Floats,
    Position,
    between,
    degrees_of,
    distance_m,
    distances_m,
    unit_vectors,
)

NEAR_M = 50_000.0  # farther off, a town's name would mislead
ROWS = 20_000  # of the grid from pole to pole: 1.0008 km each
CELL_DEGREES = 180 / ROWS
CELL_RADIUS_M = 1000.0  # about the diagonal of a cell: from its centre to a place in it with room to spare
TOWN_RADIUS_M = 5000.0  # the radius of a place that is told as its town is a multiple of it
EDGE_M = 1.0  # a cut end is rounded to a decimetre when it is written, and must not fall inside by that
FARTHEST_SHIFT = 0.7  # of a zone's radius; so much of it stays around the place on every side as is left
KEPT_WITHIN = 0.85  # of a circle's radius: a place that lies so deep in one that was drawn needs no other
LARGER = 2.0  # times the radius that was asked for: such a circle will do, if it was drawn before


class Precision(StrEnum):
    """What is published of a trip's places."""

    EXACT = "exact"
    KILOMETRE = "kilometre"
    TOWN = "town"
    COUNTRY = "country"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Zone:
    """A circle that nothing is published of: its shown centre in degrees, its radius in metres."""

    lat: float
    lon: float
    radius_m: float

    def holds(self, position: Position) -> bool:
        return self.covers(position.lat, position.lon)

    def covers(self, lat: float, lon: float) -> bool:
        return bool(distances_m(self.lat, self.lon, lat, lon) <= self.radius_m)

    def keeps(self, place: Position) -> bool:
        """Whether it lies so deep inside that the circle may stand for a zone around it."""
        return bool(distances_m(self.lat, self.lon, place.lat, place.lon) <= KEPT_WITHIN * self.radius_m)

    def edge(self, towards: Floats) -> Floats:
        """The point (1, 2) of the circle's edge that is nearest to a point (lat, lon) outside of it."""
        lat, lon = towards
        away = float(distances_m(self.lat, self.lon, lat, lon))
        at = between(self.lat, self.lon, lat, lon, (self.radius_m + 2 * EDGE_M) / away)
        return np.array([at], np.float64)

    def outside(self, line: Floats) -> list[Floats]:
        """The pieces of a line (n, 2; degrees) outside of the circle, cut where they meet it.

        On each great circle from a to b, p(t) · c = R cos(t − φ) for the centre c, and p is inside where that
        is more than the cosine of the circle's angle.
        """
        a, b = unit_vectors(*line[:-1].T), unit_vectors(*line[1:].T)
        centre = unit_vectors(self.lat, self.lon)
        length = np.arctan2(np.linalg.norm(np.cross(a, b, axis=0), axis=0), np.sum(a * b, axis=0))
        sideways = b - np.sum(a * b, axis=0) * a
        sideways /= np.maximum(np.linalg.norm(sideways, axis=0), 1e-15)
        ahead, aside = centre @ a, centre @ sideways
        reach, turn = np.hypot(ahead, aside), np.arctan2(aside, ahead)
        half = np.arccos(np.clip(np.cos((self.radius_m + EDGE_M) / EARTH_RADIUS_M) / reach, -1, 1))
        enters, leaves = np.clip(turn - half, 0, length), np.clip(turn + half, 0, length)
        still = length < 1e-12  # a repeated point has no way of its own; it is where its neighbours are
        return list(_pieces(line, length, enters, np.where(still, enters, leaves), self))


def _pieces(line: Floats, length: Floats, enters: Floats, leaves: Floats, zone: Zone) -> Iterator[Floats]:
    """Split at every segment whose part from `enters` to `leaves` lies inside."""
    away = distances_m(zone.lat, zone.lon, *line[0])
    begun: list[Floats] = [] if away <= zone.radius_m + EDGE_M else [line[:1]]
    done = 0
    for i in np.flatnonzero(leaves > enters).tolist():
        if begun:
            begun.append(line[done + 1 : i + 1])
            if enters[i] > 0:
                begun.append(_at(line, i, enters[i] / length[i]))
            yield np.concatenate(begun)
        begun = [_at(line, i, leaves[i] / length[i])] if leaves[i] < length[i] else []
        done = i
        if begun:
            begun.append(line[i + 1 : i + 2])
            done = i + 1
    if begun:
        yield np.concatenate([*begun, line[done + 1 :]])


def _without_points_in(zones: Sequence[Zone], line: Floats) -> Iterator[Floats]:
    """The runs of a line's points that lie in no zone, each led on straight towards the centre of the zone
    it comes from or goes into, to its edge.

    The line itself may run from the last point outside straight to a door: several such ends, drawn on,
    would meet there.
    """
    away = np.array([distances_m(zone.lat, zone.lon, *line.T) - zone.radius_m for zone in zones])
    holder = np.where(np.any(away <= EDGE_M, axis=0), np.argmin(away, axis=0), -1)
    ends = np.flatnonzero(np.diff(holder < 0, prepend=False, append=False))
    for start, stop in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        before = [zones[holder[start - 1]].edge(line[start])] if start else []
        after = [zones[holder[stop]].edge(line[stop - 1])] if stop < len(line) else []
        yield np.concatenate([*before, line[start:stop], *after])


def _at(line: Floats, i: int, fraction: float) -> Floats:
    (lat, lon), (next_lat, next_lon) = line[i], line[i + 1]
    return np.array([between(lat, lon, next_lat, next_lon, fraction)], np.float64)


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is published of a trip: how exactly, and what not at all."""

    precision: Precision = Precision.EXACT
    zones: tuple[Zone, ...] = ()

    @property
    def is_exact(self) -> bool:
        return self.precision is Precision.EXACT

    @property
    def has_map(self) -> bool:
        return self.precision in (Precision.EXACT, Precision.KILOMETRE, Precision.TOWN)

    def hides(self, position: Position) -> bool:
        """Whether a zone covers it."""
        return any(zone.holds(position) for zone in self.zones)

    def place(self, position: Position, radius_m: float | None) -> tuple[Position, float | None] | None:
        """Where readers are told something was, and to how many metres; None: nowhere.

        A position that is not known well enough for a town has none.
        """
        if self.hides(position) or not self.has_map:
            return None
        if self.is_exact:
            return position, radius_m
        if self.precision is Precision.KILOMETRE:
            shown, radius_m = cell_centre(position), _rounded_up(radius_m or 0.0, CELL_RADIUS_M)
        else:
            town = built_in().towns.nearest(position.lat, position.lon, NEAR_M)
            if town is None or (radius_m or 0.0) > NEAR_M:
                return None
            shown = Position(town.lat, town.lon)
            radius_m = _rounded_up(max(radius_m or 0.0, distance_m(position, shown)), TOWN_RADIUS_M)
        return None if self.hides(shown) else (shown, radius_m)

    def lines(self, lines: Iterable[Floats]) -> list[Floats]:
        """Lines (n, 2; degrees) as readers may see them."""
        if self.is_exact:
            return self.outside(lines)
        if self.precision is not Precision.KILOMETRE:
            return []
        return self.outside([_coarse(line) for line in self.outside(lines)])

    def outside(self, lines: Iterable[Floats]) -> list[Floats]:
        """The parts of the lines that lie in no zone. They tell nothing of the points that lie in one."""
        pieces = [line for line in lines if len(line) > 1]
        if self.zones:
            pieces = [piece for line in pieces for piece in _without_points_in(self.zones, line)]
        for zone in self.zones:
            pieces = [piece for line in pieces for piece in zone.outside(line) if len(piece) > 1]
        return pieces

    def touches(self, lines: Iterable[Floats]) -> bool:
        """Whether any of the lines enters a zone."""
        whole = [line for line in lines if len(line) > 1]
        return sum(map(len, self.outside(whole))) != sum(map(len, whole)) or any(
            np.any(distances_m(zone.lat, zone.lon, *line.T) <= zone.radius_m)
            for zone in self.zones
            for line in whole
        )

    def along_with(self, others: Iterable["Privacy"]) -> "Privacy":
        """What all of them allow: the coarsest precision, and the zones of all."""
        everyone = [self, *others]
        coarsest = max((one.precision for one in everyone), key=list(Precision).index)
        return Privacy(coarsest, tuple(dict.fromkeys(zone for one in everyone for zone in one.zones)))


def _rounded_up(metres: float, step_m: float) -> float:
    """In steps, at least one: a town's distance to the metre would be a place on a circle around it."""
    return step_m * max(1, ceil(metres / step_m))


def cell_centre(position: Position) -> Position:
    """The centre of the position's cell in a fixed grid of about 1 × 1 km, without a height.

    Every row has as many cells as fit around the globe there. That the grid is fixed keeps many photos of one
    place from telling more than one does.
    """
    lat, lon = _cell_centres(np.array([[position.lat, position.lon]]))[0]
    return Position(float(lat), float(lon))


def _cell_centres(points: Floats) -> Floats:
    row = np.clip(np.floor((points[:, 0] + 90) / CELL_DEGREES), 0, ROWS - 1)
    lat = -90 + CELL_DEGREES * (row + 0.5)
    columns = np.maximum(1, np.floor(2 * ROWS * np.cos(np.radians(lat))))
    column = np.floor((points[:, 1] + 180) / 360 * columns) % columns
    return np.column_stack([lat, -180 + 360 * (column + 0.5) / columns])


def _coarse(line: Floats) -> Floats:
    """A line through the centres of the cells its points lie in."""
    centres = _cell_centres(line)
    moved: NDArray[np.bool_] = np.append(True, np.any(np.diff(centres, axis=0) != 0, axis=1))
    return centres[moved]


def shifted(place: Position, radius_m: float, share: float, bearing: float) -> Position:
    """The centre to show for a zone around a place: moved by up to FARTHEST_SHIFT of its radius.

    share and bearing (fractions of 1) are to be random, and must be drawn once.
    """
    away = FARTHEST_SHIFT * radius_m * share**0.5 / EARTH_RADIUS_M  # the root spreads it evenly over the disc
    turn = 2 * np.pi * bearing
    north, east = radians(place.lat), radians(place.lon)
    up = unit_vectors(place.lat, place.lon)
    northward = np.array([-np.sin(north) * np.cos(east), -np.sin(north) * np.sin(east), np.cos(north)])
    eastward = np.array([-np.sin(east), np.cos(east), 0.0])
    lat, lon = degrees_of(
        np.cos(away) * up + np.sin(away) * (np.cos(turn) * northward + np.sin(turn) * eastward)
    )
    return Position(float(lat), float(lon))


def zone_around(place: Position, radius_m: float, drawn: Iterable[Zone], chance: Callable[[], float]) -> Zone:
    """The circle that hides a place, about as large as asked, given all circles that were ever drawn.

    Whoever sees two circles that were drawn around one place knows that it lies in both. So a circle that
    keeps the place is taken again, and a larger one is drawn around the smaller, not around the place: it
    tells nothing that the smaller did not tell. chance() gives random fractions of 1.
    """
    around = [zone for zone in drawn if zone.keeps(place)]
    if again := [zone for zone in around if radius_m <= zone.radius_m <= LARGER * radius_m]:
        return min(again, key=lambda zone: zone.radius_m)
    smaller = max(
        (zone for zone in around if zone.radius_m < radius_m), key=lambda zone: zone.radius_m, default=None
    )
    if smaller is None:
        centre = shifted(place, radius_m, chance(), chance())
    else:
        middle = Position(smaller.lat, smaller.lon)
        centre = shifted(middle, radius_m - smaller.radius_m, chance(), chance())
    return Zone(centre.lat, centre.lon, radius_m)
