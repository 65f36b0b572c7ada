"""A map's view as a document for the interactive map: bounds, land, borders, route, photos, towns."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from blog.geo.basemap import Basemap, Shapes, built_in
from blog.geo.mapview import MapView, box_of, clipped_borders, clipped_land, scale_for, unbroken
from blog.geo.mercator import Floats, Frame
from blog.geo.outlines import Box, simplified

NEIGHBOURHOOD = 6.0  # times the view: how far land is drawn in detail
FINER = 4.0  # times as fine as the drawn map needs it, for those who look closer
COAST_TOLERANCE = 0.12  # pixels of the drawn map
ROUTE_TOLERANCE = 1 / 32
LEAST_ROUTE_TOLERANCE_M = 3.0
TOWNS = 60

Json = dict[str, Any]


def map_document(view: MapView, basemap: Basemap | None = None) -> Json:
    """The view, ready for JSON; `bounds`: west, south, east, north in degrees, east past 180 where need be.

    `land` holds features of three kinds: the "world" in rough outline, the "sea" of a box six times the view,
    and the "land" in that box in detail. The "walked", the "rest" and the "flown" of the `route` are one
    feature each.
    """
    basemap, frame = basemap or built_in(), view.frame
    wide = box_of(frame.widened(NEIGHBOURHOOD))
    found = basemap.towns.within(wide[1], wide[0], wide[3], min(wide[2], wide[0] + 359.9), TOWNS)
    towns = [(town.name, town.lat, town.lon) for town in found]
    return {
        "bounds": [round(degrees, 5) for degrees in (frame.west, frame.south, frame.east, frame.north)],
        "land": _collection(_land(basemap, frame, wide)),
        "borders": _collection([_borders(basemap, frame, wide)]),
        "route": _collection(_route(view)),
        "photos": [asdict(photo) for photo in view.photos],
        "towns": [{"name": name, "lat": round(lat, 4), "lon": round(lon, 4)} for name, lat, lon in towns],
    }


def _land(basemap: Basemap, frame: Frame, wide: Box) -> Iterator[Json]:
    """The world in rough outline lies lowest; a detailed box covers it where the reader is looking."""
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    whole = wide[2] - wide[0] >= 360
    if not whole:
        rough = clipped_land(basemap.land["110m"], everywhere, speck=0.0)
        yield _feature("world", "MultiPolygon", _polygons(rough, decimals=2))
        west, south, east, north = (round(degrees, 4) for degrees in wide)
        corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        yield _feature("sea", "Polygon", [corners])
    fine = clipped_land(_fine(basemap.land, frame), everywhere if whole else wide, _tolerance(frame))
    yield _feature("land", "MultiPolygon", _polygons(fine, _decimals(frame), _tolerance(frame)))


def _borders(basemap: Basemap, frame: Frame, wide: Box) -> Json:
    pieces = clipped_borders(_fine(basemap.borders, frame), wide)
    lines = simplified(pieces, _tolerance(frame))
    return _feature("border", "MultiLineString", [_rounded(line, _decimals(frame)) for line in lines])


def _route(view: MapView) -> Iterator[Json]:
    frame = view.frame
    tolerance = max(ROUTE_TOLERANCE, LEAST_ROUTE_TOLERANCE_M / frame.metres_per_pixel)
    for kind, lines in (("walked", view.walked), ("rest", view.rest), ("flown", view.flown)):
        drawn = simplified(unbroken(lines, frame), tolerance)
        yield _feature(kind, "MultiLineString", [_rounded(frame.degrees(line), decimals=6) for line in drawn])


def _polygons(rings: Iterable[tuple[Floats, bool]], decimals: int, tolerance: float = 0.0) -> list[Any]:
    """Rings as GeoJSON polygons, each hole in the polygon it is cut from; none that rounds to nothing."""
    polygons: list[Any] = []
    listed = list(rings)
    outlines = simplified((np.concatenate((ring, ring[:1])) for ring, _ in listed), tolerance)
    for outline, (_, hole) in zip(outlines, listed, strict=True):
        ring = _rounded(outline, decimals)
        if len(ring) > 3:
            if hole and polygons:
                polygons[-1].append(ring)
            else:
                polygons.append([ring])
    return polygons


def _fine(scales: dict[str, Shapes], frame: Frame) -> Shapes:
    return scales[scale_for(frame.degrees_per_pixel / FINER)]


def _tolerance(frame: Frame) -> float:
    return COAST_TOLERANCE * frame.degrees_per_pixel


def _decimals(frame: Frame) -> int:
    """Decimals of a degree that hold the tolerance."""
    return max(1, math.ceil(-math.log10(_tolerance(frame))))


def _rounded(line: Floats, decimals: int) -> list[list[float]]:
    """A line without points that rounding has made one."""
    rounded = np.round(line.astype(np.float64), decimals)
    moved = np.concatenate(([True], (np.diff(rounded, axis=0) != 0).any(axis=1)))
    points: list[list[float]] = rounded[moved].tolist()
    return points


def _feature(kind: str, geometry: str, coordinates: list[Any]) -> Json:
    shape = {"type": geometry, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"kind": kind}, "geometry": shape}


def _collection(features: Iterable[Json]) -> Json:
    return {"type": "FeatureCollection", "features": list(features)}
