"""Which towns a drawn map names, and on which side of their dots the names stand."""

from dataclasses import dataclass

import numpy as np

from blog.geo.basemap import Town, Towns
from blog.geo.mercator import Floats, Frame
from blog.geo.outlines import Box

CANDIDATES = 120
EDGE = 5.0  # pixels kept free at the map's edge
CORNER: tuple[float, float] = (
    110.0,
    36.0,
)  # kept free below for the scale bar and the link that opens the map
LETTER, BOLD_LETTER = 5.4, 6.4  # pixels per letter at 10 px, rather too much than too little
CITY = 100_000
HEIGHT = 12.0
FROM_DOT = 4.5
NEAR_ROUTE = 15.0  # pixels: a town this near counts as one of the route
ROUTE_WEIGHT = 6.0


@dataclass(frozen=True)
class Label:
    """A town's dot at x, y and its name beginning (or, leftward, ending) at text_x; pixels."""

    town: Town
    x: float
    y: float
    leftward: bool

    @property
    def text_x(self) -> float:
        return self.x - FROM_DOT if self.leftward else self.x + FROM_DOT

    @property
    def city(self) -> bool:
        return self.town.population >= CITY

    @property
    def box(self) -> Box:
        """The room of dot and name together."""
        width = FROM_DOT + (BOLD_LETTER if self.city else LETTER) * len(self.town.name)
        left = self.x - width if self.leftward else self.x - 2
        return left, self.y - HEIGHT / 2, left + width + 2, self.y + HEIGHT / 2


def place_labels(frame: Frame, towns: Towns, route: Floats) -> list[Label]:
    """Three to eight names, the most populous first, and those on the route (points in pixels) before others.

    None lies over another or over the edge; each stands on the side where it hides less of the route.
    """
    taken = _corners(frame)
    labels: list[Label] = []
    most = min(8, max(3, frame.width * frame.height // 14_000))
    for town, (x, y) in _by_weight(frame, towns, route):
        sides = [Label(town, float(x), float(y), leftward) for leftward in (False, True)]
        free = [side for side in sides if _fits(side.box, frame) and not _meets_any(side.box, taken)]
        if free:
            labels.append(min(free, key=lambda side: _hidden(side.box, route)))
            taken.append(labels[-1].box)
        if len(labels) == most:
            break
    return labels


def _by_weight(frame: Frame, towns: Towns, route: Floats) -> list[tuple[Town, Floats]]:
    east = min(frame.east, frame.west + 359.9)
    found = towns.within(frame.south, frame.west, frame.north, east, CANDIDATES)
    spots = frame.unturned_pixels([(town.lat, town.lon) for town in found])
    weights = np.array([town.population for town in found], dtype=np.float64)
    if len(route) and len(found):
        nearest = np.hypot(*(spots[:, None] - route[None]).transpose(2, 0, 1)).min(axis=1)
        weights *= np.where(nearest < NEAR_ROUTE, ROUTE_WEIGHT, 1.0)
    return [(found[i], spots[i]) for i in np.argsort(-weights, kind="stable")]


def _fits(box: Box, frame: Frame) -> bool:
    left, top, right, bottom = box
    return min(left, top, frame.width - right, frame.height - bottom) >= EDGE


def _corners(frame: Frame) -> list[Box]:
    width, height = CORNER
    return [
        (0.0, frame.height - height, width, float(frame.height)),
        (frame.width - width, frame.height - height, float(frame.width), float(frame.height)),
    ]


def _meets_any(box: Box, taken: list[Box]) -> bool:
    left, top, right, bottom = box
    return any(left < b[2] and b[0] < right and top < b[3] and b[1] < bottom for b in taken)


def _hidden(box: Box, route: Floats) -> int:
    """How many of the route's points lie under a box."""
    return int(((route >= box[:2]) & (route <= box[2:])).all(axis=1).sum())
