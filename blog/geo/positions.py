"""Positions on the globe: distances and great-circle interpolation, on a sphere of the mean radius."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid (IUGG R1)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in WGS 84 degrees, with its height in metres above the sea where it is known.

    Raises ValueError, in plain words, for what cannot be a place: a coordinate out of range or not finite,
    and exactly (0, 0), which is what receivers write when they do not know where they are.
    """

    lat: float
    lon: float
    ele: float | None = None

    def __post_init__(self) -> None:
        if not -90 <= self.lat <= 90:  # a comparison with nan is false, so nan ends here too
            raise ValueError(f"The latitude {self.lat:g} is not between −90 and 90.")
        if not -180 <= self.lon <= 180:
            raise ValueError(f"The longitude {self.lon:g} is not between −180 and 180.")
        if self.lat == 0 == self.lon:
            raise ValueError("The position is 0, 0, which means that the receiver did not know where it was.")
        if self.ele is not None and not math.isfinite(self.ele):
            raise ValueError("The altitude is not a number.")


def distance_m(a: Position, b: Position) -> float:
    """Great-circle distance in metres."""
    return float(distances_m(a.lat, a.lon, b.lat, b.lon))


def distances_m(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Great-circle distances in metres between points in degrees, by the haversine formula (broadcasts)."""
    north1, north2 = np.radians(lat1), np.radians(lat2)
    half_lat, half_lon = (north2 - north1) / 2, np.radians(np.subtract(lon2, lon1)) / 2
    haversine = np.sin(half_lat) ** 2 + np.cos(north1) * np.cos(north2) * np.sin(half_lon) ** 2
    distances: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(haversine, 0, 1)))
    return distances


def between(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike, fraction: ArrayLike
) -> tuple[Floats, Floats]:
    """The points at these fractions of the great circles from 1 to 2: (lat, lon) in degrees (broadcasts).

    Right over the date line and the poles. Between antipodes, where every great circle is as short,
    it takes one of them.
    """
    lat1, lon1, lat2, lon2, fraction = np.broadcast_arrays(lat1, lon1, lat2, lon2, fraction)
    start, end = unit_vectors(lat1, lon1), unit_vectors(lat2, lon2)
    cos_angle = np.clip(np.sum(start * end, axis=0), -1, 1)
    sideways = end - cos_angle * start  # the part of `end` at right angles to `start`
    sin_angle = np.sqrt(np.sum(sideways * sideways, axis=0))
    angle = np.arctan2(sin_angle, cos_angle) * fraction
    with np.errstate(invalid="ignore", divide="ignore"):
        direction = np.where(sin_angle > 0, sideways / sin_angle, 0.0)
    return degrees_of(np.cos(angle) * start + np.sin(angle) * direction)


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Points in degrees as an array (3, …) of vectors of length one from the centre of the Earth."""
    north, east = np.broadcast_arrays(np.radians(lat), np.radians(lon))
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def degrees_of(vectors: Floats) -> tuple[Floats, Floats]:
    """The (lat, lon) in degrees that these vectors (3, …) point to; their length does not matter."""
    x, y, z = vectors
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
