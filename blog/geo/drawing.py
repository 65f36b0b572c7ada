"""The drawn map: a view of a route and its photos as SVG, and as a document for the interactive map.

The SVG carries classes and no style; `blog/static/css/map.css` colours it. Everything from outside is escaped.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blog.geo.basemap import Basemap, Shapes, built_in
from blog.geo.labels import Label, place_labels
from blog.geo.mercator import Floats, Frame
from blog.geo.outlines import Box, clip_ring, pieces_within, simplified, thinned
from blog.geo.svg import number, path_data

ROUTE_CELL, ROUTE_TOLERANCE = 0.25, 0.3  # pixels; together they stay under half a pixel
LAND_TOLERANCE = 0.5
SPECK = 0.8  # pixels: islands smaller than this are left out
DOT = 3.5
DOTS_APART = 5.0
LEAST_RING_M = 150.0
STEP = 2.0  # pixels between the points at which the route is looked at


@dataclass(frozen=True)
class MapPhoto:
    """A photo with a place: degrees, and the radius in metres that holds it nine times out of ten.

    `href` is where a touch of its dot leads; `src`, `width`, `height` (pixels), `caption` and `when` are for the
    interactive map's thumbnail.
    """

    id: int
    lat: float
    lon: float
    radius_m: float
    href: str
    label: str
    src: str = ""
    width: int = 0
    height: int = 0
    caption: str = ""
    when: str = ""


@dataclass(frozen=True)
class MapView:
    """What a map shows. Lines are (n, 2) arrays of latitude and longitude in degrees; photos stand in the order
    in which they are told. `title` names the map for those who do not see it."""

    walked: Sequence[Floats] = ()
    rest: Sequence[Floats] = ()
    photos: Sequence[MapPhoto] = ()
    width: int = 300
    height: int = 420
    title: str = ""
    description: str = ""

    @cached_property
    def frame(self) -> Frame:
        return Frame.fitting([*self.walked, *self.rest, self.photo_places], self.width, self.height)

    @property
    def photo_places(self) -> Floats:
        return np.array([(photo.lat, photo.lon) for photo in self.photos], dtype=np.float64).reshape(-1, 2)


@dataclass
class Dot:
    """A hollow dot for one photo or several in a row at one spot; x, y in pixels, `along` the route 0…1."""

    photo: MapPhoto
    x: float
    y: float
    along: float
    others: list[int] = field(default_factory=list)


def draw_map(view: MapView, basemap: Basemap | None = None) -> str:
    """The view as an SVG element, about 3–12 kB; without a basemap of its own, over the built-in one."""
    basemap = basemap or built_in()
    frame = view.frame
    walked, rest = drawn_lines(view.walked, frame), drawn_lines(view.rest, frame)
    dots = photo_dots(view.photos, frame.pixels(view.photo_places), walked)
    scale_bar = _scale_bar(frame)
    labels = place_labels(frame, basemap.towns, spots_along([*walked, *rest]), reserved=scale_bar is not None)
    parts = [
        f"<desc>{escape(view.description)}</desc>" if view.description else "",
        f'<rect class="map-sea" width="{frame.width}" height="{frame.height}"/>',
        _path("map-land", "".join(path_data(ring, closed=True) for ring in land_rings(basemap, frame))),
        _path("map-border", "".join(map(path_data, border_lines(basemap, frame)))),
        "".join(_rings(view.photos, frame)),
        _path("map-rest", "".join(map(path_data, rest))),
        "".join(_path("map-walked", path_data(line)) for line in walked),
        "".join(map(_town, labels)),
        "".join(map(_dot, dots)),
        '<g class="map-you"><circle class="map-you-ring" r="9"/><circle class="map-you-dot" r="4.5"/></g>',
        scale_bar or "",
    ]
    role = "group" if dots else "img"
    return (
        f'<svg class="map" viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}" height="{frame.height}"'
        f' role="{role}" aria-label="{escape(view.title)}">{"".join(parts)}</svg>'
    )


def drawn_lines(lines: Sequence[Floats], frame: Frame) -> list[Floats]:
    """Lines in degrees → lines in pixels with no more points than are seen; cut where they leave the map."""
    pieces = (piece for line in lines for piece in _unbroken(frame.pixels(line), frame.scale))
    return simplified((thinned(piece, ROUTE_CELL) for piece in pieces if len(piece) > 1), ROUTE_TOLERANCE)


def _unbroken(line: Floats, world: float) -> list[Floats]:
    """The line cut at jumps from one side of the world to the other."""
    jumps = np.flatnonzero(np.abs(np.diff(line[:, 0])) > world / 2) + 1
    return np.split(line, jumps)


def detail(frame: Frame) -> str:
    """The scale of the basemap that suits a frame."""
    degrees_per_pixel = 360 / frame.scale
    return "10m" if degrees_per_pixel < 0.02 else "50m" if degrees_per_pixel < 0.12 else "110m"


def box(frame: Frame, margin: float = 2.0) -> Box:
    """West, south, east, north of a frame with a margin of so many pixels, beyond which nothing is seen."""
    edge = margin * 360 / frame.scale
    return frame.west - edge, max(frame.south - edge, -90.0), frame.east + edge, min(frame.north + edge, 90.0)


def land_rings(basemap: Basemap, frame: Frame) -> list[Floats]:
    """Coasts and shores of lakes in pixels, clipped to the frame; to be filled by the even-odd rule."""
    found = clipped_land(basemap.land[detail(frame)], box(frame), SPECK * 360 / frame.scale)
    return simplified((frame.unturned_pixels(closed(ring)[:, ::-1]) for ring, _ in found), LAND_TOLERANCE)


def border_lines(basemap: Basemap, frame: Frame) -> list[Floats]:
    """Borders between countries in pixels, those parts that touch the frame."""
    pieces = clipped_borders(basemap.borders[detail(frame)], box(frame))
    return simplified((frame.unturned_pixels(piece[:, ::-1]) for piece in pieces), LAND_TOLERANCE)


def clipped_land(shapes: Shapes, within: Box, speck: float) -> Iterator[tuple[Floats, bool]]:
    """Rings (n, 2; longitude, latitude) inside a box with whether each is a hole; none smaller than a speck."""
    for index, ring, inside in shapes.touching(within, speck):
        clipped = ring if inside else clip_ring(ring, within)
        if len(clipped) > 2:
            yield clipped, bool(shapes.hole[index])


def clipped_borders(shapes: Shapes, within: Box) -> Iterator[Floats]:
    """Lines (n, 2; longitude, latitude) that touch a box, cut where they have left it."""
    for _, line, inside in shapes.touching(within):
        yield from [line] if inside else pieces_within(line, within)


def closed(ring: Floats) -> Floats:
    return np.concatenate((ring, ring[:1]))


def spots_along(lines: Sequence[Floats]) -> Floats:
    """Points (n, 2) every two pixels along lines."""
    return np.vstack([np.empty((0, 2)), *(_stepped(line) for line in lines)])


def _stepped(line: Floats) -> Floats:
    reached = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    at = np.linspace(0, reached[-1], int(reached[-1] / STEP) + 2)
    return np.column_stack((np.interp(at, reached, line[:, 0]), np.interp(at, reached, line[:, 1])))


def photo_dots(photos: Sequence[MapPhoto], pixels: Floats, walked: Sequence[Floats]) -> list[Dot]:
    """Dots in the photos' order; a photo at the same spot as the one before it shares its dot."""
    dots: list[Dot] = []
    for photo, (x, y), along in zip(photos, pixels, fractions_along(pixels, walked), strict=True):
        if dots and math.hypot(x - dots[-1].x, y - dots[-1].y) < DOTS_APART:
            dots[-1].others.append(photo.id)
        else:
            dots.append(Dot(photo, float(x), float(y), along))
    return dots


def fractions_along(pixels: Floats, walked: Sequence[Floats]) -> list[float]:
    """How much of the walked lines lies behind each photo, 0…1: the nearest places on them that never go back.

    Of all rising sequences of places the one with the least sum of squared distances (dynamic programming), so
    that a way out and back is told apart.
    """
    if not len(pixels) or not walked:
        return [0.0] * len(pixels)
    steps = [_stepped(line) for line in walked]
    route = np.vstack(steps)
    lengths = np.concatenate([np.append(0.0, np.hypot(*np.diff(step, axis=0).T)) for step in steps])
    reached = np.cumsum(lengths)
    apart = ((pixels[:, None] - route[None]) ** 2).sum(axis=2)
    return [float(reached[place] / max(reached[-1], 1e-9)) for place in _rising(np.minimum(apart, 40.0**2))]


def _rising(cost: Floats) -> list[int]:
    """For each row of costs a column, never falling from row to row, with the least sum."""
    total = cost.copy()
    for row in range(1, len(total)):
        total[row] += np.minimum.accumulate(total[row - 1])
    chosen = [int(total[-1].argmin())]
    for row in range(len(total) - 2, -1, -1):
        chosen.append(int(total[row, : chosen[-1] + 1].argmin()))
    return chosen[::-1]


def _path(name: str, data: str) -> str:
    return f'<path class="{name}" d="{data}"/>' if data else ""


def _rings(photos: Sequence[MapPhoto], frame: Frame) -> Iterator[str]:
    """Faint circles as large as what is not known about a place."""
    for photo in photos:
        radius = photo.radius_m / frame.metres_per_pixel
        if photo.radius_m > LEAST_RING_M and radius > 2 * DOT:
            ((x, y),) = frame.pixels([(photo.lat, photo.lon)])
            yield f'<circle class="map-ring" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def _dot(dot: Dot) -> str:
    more = f" +{len(dot.others)}" if dot.others else ""
    ids = " ".join(map(str, [dot.photo.id, *dot.others]))
    return (
        f'<a class="map-photo" href="{escape(dot.photo.href)}" data-photos="{ids}" data-along="{dot.along:.3f}">'
        f"<title>{escape(dot.photo.label)}{more}</title>"
        f'<circle cx="{number(dot.x)}" cy="{number(dot.y)}" r="{DOT}"/></a>'
    )


def _town(label: Label) -> str:
    large = " map-city" if label.town.population >= 100_000 else ""
    anchor = ' text-anchor="end"' if label.leftward else ""
    return (
        f'<g class="map-town{large}"><circle cx="{number(label.x)}" cy="{number(label.y)}" r="1.5"/>'
        f'<text x="{number(label.text_x)}" y="{number(label.y + 3.5)}"{anchor}>{escape(label.town.name)}</text></g>'
    )


def _scale_bar(frame: Frame) -> str | None:
    """A bar of 1, 2 or 5 × 10ⁿ metres, at most a quarter of the width; none where a map spans half a continent."""
    if frame.metres_per_pixel * frame.width > 3_000_000:
        return None
    room = frame.metres_per_pixel * frame.width / 4
    power = 10 ** math.floor(math.log10(room))
    metres = next(step * power for step in (5, 2, 1) if step * power <= room)
    length = metres / frame.metres_per_pixel
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    bottom = frame.height - 10
    return (
        f'<g class="map-scale"><path d="M10 {bottom - 4}v4h{number(length)}v-4"/>'
        f'<text x="{number(14 + length)}" y="{bottom}">{words}</text></g>'
    )
