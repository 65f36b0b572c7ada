"""Numbers and paths in SVG's notation, a tenth of a pixel fine and as short as it allows."""

from functools import lru_cache

import numpy as np

from blog.geo.mercator import Floats


def path_data(points: Floats, closed: bool = False) -> str:
    """Points (n, 2) in pixels as a path's `d`: one absolute move, then steps between rounded points.

    Empty where fewer than two points are left after rounding.
    """
    tenths = np.rint(points * 10).astype(np.int64)
    steps = np.diff(tenths, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if not len(steps):
        return ""
    start = " ".join(_tenths(value) for value in tenths[0].tolist())
    rest = " ".join(_tenths(value) for value in steps.ravel().tolist())
    return f"M{start}l{rest}{'z' if closed else ''}".replace(" -", "-")


def number(pixels: float) -> str:
    """A length or coordinate with one decimal at most."""
    return _tenths(round(pixels * 10))


@lru_cache(maxsize=8192)
def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), 10)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole or ''}.{tenth}" if tenth else f"{sign}{whole}"
