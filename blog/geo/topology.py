"""TopoJSON as `world-atlas` ships it: quantised arcs, shared by neighbours, no cuts at the antimeridian.

Format: https://github.com/topojson/topojson-specification
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""(n, 2) longitude, latitude in degrees; longitudes run on past ±180 instead of jumping."""


def arcs(topology: dict[str, Any]) -> list[Line]:
    """Every arc in degrees, its longitudes as stored (−180…180)."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [np.cumsum(arc, axis=0) * scale + translate for arc in topology["arcs"]]


def rings(topology: dict[str, Any], name: str) -> Iterator[tuple[Line, bool]]:
    """Closed rings of an object with whether each is a hole; a hole follows the ring it is cut from."""
    decoded = arcs(topology)
    for geometry in topology["objects"][name]["geometries"]:
        for polygon in _polygons(geometry):
            for place, ring in enumerate(polygon):
                yield closed_ring(_stitch(decoded, ring)), place > 0


def shared_arcs(topology: dict[str, Any], name: str) -> Iterator[Line]:
    """Arcs that two geometries of an object have in common: the borders between countries."""
    uses: Counter[int] = Counter()
    for geometry in topology["objects"][name]["geometries"]:
        uses.update({_index(arc) for polygon in _polygons(geometry) for ring in polygon for arc in ring})
    decoded = arcs(topology)
    return (unwrapped(decoded[arc]) for arc, count in sorted(uses.items()) if count > 1)


def unwrapped(line: Line) -> Line:
    """The same line with longitudes that run on where they jumped across the antimeridian."""
    longitudes = np.unwrap(line[:, 0], period=360)
    return np.column_stack((longitudes, line[:, 1]))


def closed_ring(ring: Line) -> Line:
    """A ring that can be filled on a flat map: one that runs round a pole is led along it and back.

    Its westernmost longitude lies in −180…180.
    """
    ring = unwrapped(ring)
    ring[:, 0] -= 360 * np.floor((ring[:, 0].min() + 180) / 360)
    if abs(ring[-1, 0] - ring[0, 0]) < 180:
        return ring
    pole = np.copysign(90.0, ring[:, 1].mean())
    return np.vstack((ring, [[ring[-1, 0], pole], [ring[0, 0], pole]]))


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    kind = geometry["type"]
    if kind == "Polygon":
        return [geometry["arcs"]]
    return geometry["arcs"] if kind == "MultiPolygon" else []


def _index(arc: int) -> int:
    return ~arc if arc < 0 else arc


def _stitch(decoded: list[Line], ring: list[int]) -> Line:
    """One ring from its arcs: a negative number is an arc run backwards; each starts where the last ended."""
    parts = [decoded[~arc][::-1] if arc < 0 else decoded[arc] for arc in ring]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])
