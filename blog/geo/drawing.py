"""The drawn map: a route and its photos over land and sea, as SVG.

The SVG carries classes and no style; `blog/static/css/map.css` colours it. All that is text is escaped.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from blog.geo.along import fractions_along, spots_along
from blog.geo.basemap import Basemap, built_in
from blog.geo.labels import Label, place_labels
from blog.geo.mapdocument import map_document
from blog.geo.mapview import (
    BEYOND,
    LEAST_RING_M,
    SIDEWAYS,
    MapPhoto,
    MapView,
    box_of,
    clipped_borders,
    clipped_land,
    scale_for,
    unbroken,
)
from blog.geo.mercator import Floats, Frame
from blog.geo.outlines import pieces_within, simplified, thinned
from blog.geo.svg import number, path_data

__all__ = ["MapPhoto", "MapView", "draw_map", "map_document"]

ROUTE_CELL, ROUTE_TOLERANCE = 0.25, 0.3  # pixels; together they stay under half a pixel
LAND_TOLERANCE = 0.5
SPECK = 0.8  # pixels: islands smaller than this are left out
COARSEST_BORDERS = 0.4  # degrees per pixel
DOT = 3.5
DOTS_APART = 5.0
LARGEST_RING = 0.1  # of the width; a larger circle would say "somewhere" over everything else
WIDEST_SCALE_BAR_M = 3_000_000


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
    labels = place_labels(frame, basemap.towns, spots_along([*walked, *rest]))
    parts = [
        f"<desc>{escape(view.description)}</desc>" if view.description else "",
        _path("map-land", "".join(path_data(ring, closed=True) for ring in land_rings(basemap, frame))),
        _path("map-border", "".join(map(path_data, border_lines(basemap, frame)))),
        "".join(_rings(view)),
        _path("map-flown", "".join(map(path_data, drawn_lines(view.flown, frame)))),
        _path("map-rest", "".join(map(path_data, rest))),
        "".join(_path("map-walked", path_data(line)) for line in walked),
        "".join(map(_town, labels)),
        "".join(map(_dot, dots)),
        '<g class="map-you"><circle class="map-you-ring" r="9"/><circle class="map-you-dot" r="4.5"/></g>',
        _scale_bar(frame),
    ]
    role = "group" if dots else "img"  # the children of an img could not be links
    size = f'viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}" height="{frame.height}"'
    return f'<svg class="map" {size} role="{role}" aria-label="{escape(view.title)}">{"".join(parts)}</svg>'


def drawn_lines(lines: Sequence[Floats], frame: Frame) -> list[Floats]:
    """Lines in degrees → lines in pixels with no more points than are seen."""
    sideways = SIDEWAYS * frame.width
    box = (-sideways, -BEYOND, frame.width + sideways, frame.height + BEYOND)
    seen = (part for piece in unbroken(lines, frame) for part in pieces_within(piece, box))
    return simplified((thinned(part, ROUTE_CELL) for part in seen), ROUTE_TOLERANCE)


def land_rings(basemap: Basemap, frame: Frame) -> list[Floats]:
    """Coasts and shores of lakes in pixels, clipped to the frame; to be filled by the even-odd rule."""
    shapes = basemap.land[scale_for(frame.degrees_per_pixel)]
    found = clipped_land(shapes, box_of(frame), SPECK * frame.degrees_per_pixel)
    closed = [np.concatenate((ring, ring[:1])) for ring, _ in found]
    return simplified(projected(closed, frame), LAND_TOLERANCE)


def border_lines(basemap: Basemap, frame: Frame) -> list[Floats]:
    """Borders between countries in pixels, where they touch the frame; none on a map of half the world."""
    if frame.degrees_per_pixel > COARSEST_BORDERS:
        return []
    pieces = clipped_borders(basemap.borders[scale_for(frame.degrees_per_pixel)], box_of(frame))
    return simplified(projected(list(pieces), frame), LAND_TOLERANCE)


def projected(shapes: list[Floats], frame: Frame) -> list[Floats]:
    """Shapes (n, 2; longitude, latitude) in pixels, all in one go."""
    if not shapes:
        return []
    pixels = frame.unturned_pixels(np.concatenate(shapes)[:, ::-1])
    return np.split(pixels, np.cumsum([len(shape) for shape in shapes])[:-1])


def photo_dots(photos: Sequence[MapPhoto], pixels: Floats, walked: Sequence[Floats]) -> list[Dot]:
    """Dots in the photos' order; a photo at the same spot as the one before it shares its dot."""
    dots: list[Dot] = []
    for photo, (x, y), along in zip(photos, pixels, fractions_along(pixels, walked), strict=True):
        if dots and math.hypot(x - dots[-1].x, y - dots[-1].y) < DOTS_APART:
            dots[-1].others.append(photo.id)
        else:
            dots.append(Dot(photo, float(x), float(y), along))
    return dots


def _path(name: str, data: str) -> str:
    return f'<path class="{name}" d="{data}"/>' if data else ""


def _rings(view: MapView) -> Iterator[str]:
    """Faint circles as large as what is not known about a place."""
    largest = math.inf if view.is_about_photo else LARGEST_RING * view.width
    for photo in view.photos:
        radius = photo.radius_m / view.frame.metres_per_pixel_at(photo.lat)
        if photo.radius_m > LEAST_RING_M and 2 * DOT < radius < largest:
            ((x, y),) = view.frame.pixels([(photo.lat, photo.lon)])
            yield f'<circle class="map-ring" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def _dot(dot: Dot) -> str:
    more = f" +{len(dot.others)}" if dot.others else ""
    ids = " ".join(map(str, [dot.photo.id, *dot.others]))
    href = escape(dot.photo.href)
    return (
        f'<a class="map-photo" href="{href}" data-photos="{ids}" data-along="{dot.along:.3f}">'
        f"<title>{escape(dot.photo.label)}{more}</title>"
        f'<circle cx="{number(dot.x)}" cy="{number(dot.y)}" r="{DOT}"/></a>'
    )


def _town(label: Label) -> str:
    name = "map-town map-city" if label.city else "map-town"
    anchor = ' text-anchor="end"' if label.leftward else ""
    dot = f'<circle cx="{number(label.x)}" cy="{number(label.y)}" r="1.5"/>'
    start = f'<text x="{number(label.text_x)}" y="{number(label.y + 3.5)}"{anchor}>'
    return f'<g class="{name}">{dot}{start}{escape(label.town.name)}</text></g>'


def _scale_bar(frame: Frame) -> str:
    """A bar of 1, 2 or 5 × 10ⁿ metres, at most a quarter of the width; none on a map of half a continent."""
    if frame.metres_per_pixel * frame.width > WIDEST_SCALE_BAR_M:
        return ""
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
