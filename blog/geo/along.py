"""Photos beside a drawn route: how much of it lies behind each."""

from collections.abc import Sequence

import numpy as np

from blog.geo.mercator import Floats

STEP = 2.0  # pixels between the points at which the route is looked at
FAR = 40.0  # pixels from which on it does not matter how far a photo lies from the route


def spots_along(lines: Sequence[Floats]) -> Floats:
    """Points (n, 2) every two pixels along lines."""
    return np.vstack([np.empty((0, 2)), *(stepped(line) for line in lines)])


def stepped(line: Floats) -> Floats:
    """Points (n, 2) about every two pixels along a line, its ends among them."""
    reached = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    at = np.linspace(0, reached[-1], int(reached[-1] / STEP) + 2)
    return np.column_stack((np.interp(at, reached, line[:, 0]), np.interp(at, reached, line[:, 1])))


def fractions_along(pixels: Floats, walked: Sequence[Floats]) -> list[float]:
    """How much of the walked lines lies behind each photo, 0…1: near it, and never going back.

    Of all rising sequences of places, the one with the least sum of squared distances (dynamic programming):
    a way out and back is told apart.
    """
    if not len(pixels) or not walked:
        return [0.0] * len(pixels)
    steps = [stepped(line) for line in walked]
    route = np.vstack(steps)
    lengths = np.concatenate([np.append(0.0, np.hypot(*np.diff(step, axis=0).T)) for step in steps])
    reached = np.cumsum(lengths)
    apart = ((pixels[:, None] - route[None]) ** 2).sum(axis=2)
    return [float(reached[place] / max(reached[-1], 1e-9)) for place in _rising(np.minimum(apart, FAR**2))]


def _rising(cost: Floats) -> list[int]:
    """For each row of costs a column, never falling from row to row, with the least sum."""
    total = cost.copy()
    for row in range(1, len(total)):
        total[row] += np.minimum.accumulate(total[row - 1])
    chosen = [int(total[-1].argmin())]
    for row in range(len(total) - 2, -1, -1):
        chosen.append(int(total[row, : chosen[-1] + 1].argmin()))
    return chosen[::-1]
