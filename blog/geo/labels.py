"""Which towns a drawn map names, and on which side of their dots the names stand."""

from dataclasses import dataclass

import numpy as np

from blog.geo.basemap import Town, Towns
from blog.geo.mercator import Floats, Frame
from blog.geo.outlines import Box

CANDIDATES = 120
EDGE = 5.0  # pixels kept free at the map's edge
LETTER = 5.4  # pixels per letter of the label's face at 10 px, rather too much than too little
HEIGHT = 12.0
FROM_DOT = 4.5
NEAR_ROUTE = 15.0  # pixels: a town this near counts as one of the route
ROUTE_WEIGHT = 6.0
SCALE_BAR: tuple[float, float] = (120.0, 24.0)  # its width and height in the lower left corner


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
    def box(self) -> Box:
        """The room of dot and name together."""
        width = FROM_DOT + LETTER * len(self.town.name)
        left = self.x - width if self.leftward else self.x - 2
        return left, self.y - HEIGHT / 2, left + width + 2, self.y + HEIGHT / 2


def place_labels(frame: Frame, towns: Towns, route: Floats, reserved: bool) -> list[Label]:
    """Three to eight names, the most populous first and those on the route (points in pixels) before others; none
    over another, over the edge or, if `reserved`, over the scale bar; on the side that hides less of the route."""
    taken: list[Box] = [_scale_bar_box(frame)] if reserved else []
    labels: list[Label] = []
    most = min(8, max(3, frame.width * frame.height // 14_000))
    for town, (x, y) in _by_weight(frame, towns, route):
        label = _best_side(frame, town, float(x), float(y), route, taken)
        if label:
            labels.append(label)
            taken.append(label.box)
        if len(labels) == most:
            break
    return labels


def _by_weight(frame: Frame, towns: Towns, route: Floats) -> list[tuple[Town, Floats]]:
    found = towns.within(frame.south, frame.west, frame.north, min(frame.east, frame.west + 359.9), CANDIDATES)
    spots = frame.unturned_pixels([(town.lat, town.lon) for town in found])
    weights = np.array([town.population for town in found], dtype=np.float64)
    if len(route) and len(found):
        nearest = np.hypot(*(spots[:, None] - route[None]).transpose(2, 0, 1)).min(axis=1)
        weights *= np.where(nearest < NEAR_ROUTE, ROUTE_WEIGHT, 1.0)
    return [(found[i], spots[i]) for i in np.argsort(-weights, kind="stable")]


def _best_side(frame: Frame, town: Town, x: float, y: float, route: Floats, taken: list[Box]) -> Label | None:
    sides = [Label(town, x, y, leftward) for leftward in (False, True)]
    free = [label for label in sides if _fits(label.box, frame) and not any(_meet(label.box, box) for box in taken)]
    return min(free, key=lambda label: _hidden(label.box, route), default=None)


def _fits(box: Box, frame: Frame) -> bool:
    return box[0] >= EDGE and box[1] >= EDGE and box[2] <= frame.width - EDGE and box[3] <= frame.height - EDGE


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _hidden(box: Box, route: Floats) -> int:
    """How many of the route's points lie under a box."""
    return int(((route >= box[:2]) & (route <= box[2:])).all(axis=1).sum())


def _scale_bar_box(frame: Frame) -> Box:
    return 0.0, frame.height - SCALE_BAR[1], SCALE_BAR[0], float(frame.height)
