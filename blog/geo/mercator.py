"""Web Mercator, and the frame of a drawn map: which part of the world, on how many pixels.

World coordinates run from (0, 0) at 180° west, 85.05° north to (1, 1); x goes on past 1 in the east.
Formulas: EPSG:3857 on a sphere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EQUATOR_M = 40_075_016.7
NORTHERNMOST = 85.0511287798066  # the latitude at which the world is a square
LEAST_EXTENT_M = 2_000.0
PADDING = 0.09  # of the shorter side
FOOT = 16.0  # pixels more below, where the scale bar and the link that opens the map stand


def world(lat_lon: ArrayLike) -> Floats:
    """(n, 2) latitude, longitude in degrees → (n, 2) x, y in world coordinates; poles end at the edge."""
    degrees = np.asarray(lat_lon, dtype=np.float64).reshape(-1, 2)
    lat = np.radians(np.clip(degrees[:, 0], -NORTHERNMOST, NORTHERNMOST))
    return np.column_stack((degrees[:, 1] / 360 + 0.5, 0.5 - np.arctanh(np.sin(lat)) / (2 * math.pi)))


def latitude(y: float) -> float:
    """The latitude in degrees of a y in world coordinates."""
    return math.degrees(math.atan(math.sinh((0.5 - y) * 2 * math.pi)))


@dataclass(frozen=True)
class Frame:
    """A map of width × height pixels; `left`, `top` in world coordinates, `scale` in pixels per world."""

    width: int
    height: int
    left: float
    top: float
    scale: float

    @classmethod
    def fitting(cls, lines: Sequence[ArrayLike], width: int, height: int) -> "Frame":
        """The frame that shows all points (n, 2 each, latitude and longitude) with a margin, on the shortest
        way round the globe, at least two kilometres across; most of the world where there are none."""
        points = np.vstack([np.empty((0, 2)), *(np.reshape(line, (-1, 2)) for line in lines)])
        if not len(points):
            return cls._around(np.array([0.53, 0.42]), max(width, height), width, height)
        east = _shortest_way_round(points[:, 1])
        low = world([points[:, 0].max(), east.min()])[0]
        high = world([points[:, 0].min(), east.max()])[0]
        centre = (low + high) / 2
        least = LEAST_EXTENT_M / (EQUATOR_M * math.cos(math.radians(latitude(centre[1]))))
        span = np.maximum(high - low, least)
        room = np.array([width, height - FOOT]) - 2 * PADDING * min(width, height)
        scale = float((room / span).min())
        return cls._around(centre + np.array([0, FOOT / 2 / scale]), scale, width, height)

    @classmethod
    def _around(cls, centre: Floats, scale: float, width: int, height: int) -> "Frame":
        left, top = centre - np.array([width, height]) / (2 * scale)
        return cls(width, height, float(left), float(top), scale)

    @property
    def west(self) -> float:
        return (self.left - 0.5) * 360

    @property
    def east(self) -> float:
        return self.west + 360 * self.width / self.scale

    @property
    def north(self) -> float:
        return latitude(max(self.top, 0.0))

    @property
    def south(self) -> float:
        return latitude(min(self.top + self.height / self.scale, 1.0))

    @property
    def degrees_per_pixel(self) -> float:
        """Of longitude."""
        return 360 / self.scale

    @property
    def metres_per_pixel(self) -> float:
        """At the middle of the frame."""
        return self.metres_per_pixel_at(latitude(self.top + self.height / self.scale / 2))

    def metres_per_pixel_at(self, lat: float) -> float:
        """At a latitude in degrees; beyond the last parallel, where the map ends, as there."""
        return EQUATOR_M * math.cos(math.radians(min(abs(lat), NORTHERNMOST))) / self.scale

    def widened(self, times: float) -> "Frame":
        """A frame of the same scale around the same middle, so many times as wide and high."""
        centre = np.array([self.left, self.top]) + np.array([self.width, self.height]) / (2 * self.scale)
        return self._around(centre, self.scale, round(self.width * times), round(self.height * times))

    def pixels(self, lat_lon: ArrayLike) -> Floats:
        """(n, 2) latitude, longitude in degrees → (n, 2) x, y in pixels; each point on the turn of the globe
        whose place is nearest to the middle of the frame."""
        spots = world(lat_lon)
        middle = self.left + self.width / self.scale / 2
        spots[:, 0] -= np.round(spots[:, 0] - middle)
        return (spots - [self.left, self.top]) * self.scale

    def unturned_pixels(self, lat_lon: ArrayLike) -> Floats:
        """Like `pixels`, for shapes already on the right turn of the globe."""
        return (world(lat_lon) - [self.left, self.top]) * self.scale

    def degrees(self, pixels: Floats) -> Floats:
        """(n, 2) x, y in pixels → (n, 2) longitude, latitude in degrees."""
        x, y = (pixels / self.scale + [self.left, self.top]).T
        return np.column_stack(((x - 0.5) * 360, np.degrees(np.arctan(np.sinh((0.5 - y) * 2 * math.pi)))))


def _shortest_way_round(lon: Floats) -> Floats:
    """The same longitudes counted from the far side of the widest empty stretch."""
    if np.ptp(lon) <= 180:
        return lon
    lon = lon % 360
    ordered = np.unique(lon)
    gaps = np.diff(ordered, append=ordered[0] + 360)
    first = ordered[(int(gaps.argmax()) + 1) % len(ordered)]
    return np.where(lon < first, lon + 360, lon)
