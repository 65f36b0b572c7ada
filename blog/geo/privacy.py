"""How exactly readers learn where a trip was: positions and lines as they are published.

Zones hold at every precision: what lies in one is cut before anything else is made coarser, and what would
be put into one by that is left out as well.
"""

from collections.abc import Iterable, Iterator
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
EDGE_M = 1.0  # a cut end is rounded to a decimetre when it is written, and must not fall inside by that
FARTHEST_SHIFT = 0.7  # of a zone's radius; so much of it stays around the place on every side as is left


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
    begun: list[Floats] = [] if zone.covers(*line[0]) else [line[:1]]
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
            shown, radius_m = cell_centre(position), max(radius_m or 0.0, CELL_RADIUS_M)
        else:
            town = built_in().towns.nearest(position.lat, position.lon, NEAR_M)
            if town is None or (radius_m or 0.0) > NEAR_M:
                return None
            shown = Position(town.lat, town.lon)
            radius_m = max(radius_m or 0.0, _rounded_up(distance_m(position, shown)))
        return None if self.hides(shown) else (shown, radius_m)

    def lines(self, lines: Iterable[Floats]) -> list[Floats]:
        """Lines (n, 2; degrees) as readers may see them."""
        if self.is_exact:
            return self.outside(lines)
        if self.precision is not Precision.KILOMETRE:
            return []
        return self.outside([_coarse(line) for line in self.outside(lines)])

    def outside(self, lines: Iterable[Floats]) -> list[Floats]:
        """The parts of the lines that lie in no zone."""
        pieces = [line for line in lines if len(line) > 1]
        for zone in self.zones:
            pieces = [piece for line in pieces for piece in zone.outside(line) if len(piece) > 1]
        return pieces

    def touches(self, lines: Iterable[Floats]) -> bool:
        """Whether any of the lines enters a zone."""
        whole = [line for line in lines if len(line) > 1]
        return sum(map(len, self.outside(whole))) != sum(map(len, whole)) or any(
            zone.covers(*line[0]) for zone in self.zones for line in whole
        )


def _rounded_up(metres: float) -> float:
    """In steps of 5 km: a town's distance to the metre would be a place on a circle around it."""
    return 5000.0 * ceil(metres / 5000)


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
