"""Lines and rings made small for drawing: clipped to a box, and freed of points that nobody would see."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y."""


def clip_ring(ring: Floats, box: Box) -> Floats:
    """The part of a closed ring (n, 2) inside a box, as one ring along the box's edges where it leaves it.

    Sutherland and Hodgman (1974). Empty where nothing of it is inside.
    """
    for axis, limit, keep in ((0, box[0], 1), (1, box[1], 1), (0, box[2], -1), (1, box[3], -1)):
        if not len(ring):
            break
        ring = _clip_half(ring, axis, limit, keep)
    return ring


def _clip_half(ring: Floats, axis: int, limit: float, keep: int) -> Floats:
    """The ring on one side of a line; `keep` is 1 for the side of greater coordinates, −1 for the other."""
    depth = (ring[:, axis] - limit) * keep
    inside = depth >= 0
    if inside.all():
        return ring
    crossing = np.flatnonzero(inside != np.roll(inside, 1))
    before = crossing - 1
    share = depth[before] / (depth[before] - depth[crossing])
    crossings = ring[before] + share[:, None] * (ring[crossing] - ring[before])
    order = np.concatenate((crossing - 0.5, np.flatnonzero(inside)))
    clipped: Floats = np.concatenate((crossings, ring[inside]))[np.argsort(order)]
    return clipped


def pieces_within(line: Floats, box: Box) -> list[Floats]:
    """The runs of a line (n, 2) whose segments may touch the box, each a line; ends may lie outside it."""
    if len(line) < 2:
        return []
    low, high = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    touches = ((low <= box[2:]) & (high >= box[:2])).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], touches, [False]))))
    return [line[start : end + 1] for start, end in edges.reshape(-1, 2)]


def thinned(line: Floats, cell: float) -> Floats:
    """A line (n, 2) without the points that lie in the grid cell of the one before; the last always stays."""
    if len(line) < 3:
        return line
    cells = np.rint(line / cell)
    moved = (np.diff(cells, axis=0) != 0).any(axis=1)
    moved[-1] = True
    return line[np.concatenate(([True], moved))]


def simplified(lines: Iterable[Floats], tolerance: float) -> list[Floats]:
    """Lines (n, 2) with fewer points, nowhere farther than `tolerance` from those given; ends stay.

    Douglas and Peucker (1973), all open stretches of all lines at once: a few passes over one array.
    """
    lines = [line for line in lines if len(line)]
    if not lines:
        return []
    points = np.concatenate(lines)
    ends = np.cumsum([len(line) for line in lines])
    starts = ends - [len(line) for line in lines]
    kept = np.union1d(starts, ends - 1)
    while len(farther := _farthest(points, kept, tolerance)):
        kept = np.sort(np.concatenate((kept, farther)))
    return np.split(points[kept], np.searchsorted(kept, starts[1:]))


def _farthest(points: Floats, kept: NDArray[np.intp], tolerance: float) -> NDArray[np.intp]:
    """In each stretch between kept points, the point farthest from its chord, if beyond the tolerance."""
    open_ends = np.flatnonzero(np.diff(kept) > 1)
    lengths = np.diff(kept)[open_ends] - 1
    firsts = np.cumsum(lengths) - lengths
    inner = np.arange(lengths.sum()) - np.repeat(firsts - kept[open_ends] - 1, lengths)
    start, chord = points[kept[open_ends]], points[kept[open_ends + 1]] - points[kept[open_ends]]
    away = _squared_distances(points[inner] - start.repeat(lengths, 0), chord.repeat(lengths, 0))
    worst = np.maximum.reduceat(away, firsts) if len(firsts) else away
    found = np.flatnonzero((away >= worst.repeat(lengths)) & (away > tolerance**2))
    _, one_each = np.unique(np.searchsorted(firsts, found, side="right"), return_index=True)
    return inner[found[one_each]]


def _squared_distances(offset: Floats, chord: Floats) -> Floats:
    """From the ends of offsets to chords that begin where they do."""
    (ox, oy), (cx, cy) = offset.T, chord.T
    along = np.clip((ox * cx + oy * cy) / np.maximum(cx * cx + cy * cy, 1e-30), 0, 1)
    squared: Floats = (ox - along * cx) ** 2 + (oy - along * cy) ** 2
    return squared
