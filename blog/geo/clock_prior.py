"""What a camera's clock may be before any evidence: the zones people set, and how well they set them."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from blog.geo.positions import Floats

STEP_S = 15.0
FARTHEST_S = 14 * 3600.0
OFFSETS_S: Floats = np.arange(-FARTHEST_S, FARTHEST_S + STEP_S / 2, STEP_S)  # UTC minus what it wrote

LOCAL, HOME, BESIDE_LOCAL, UTC = 0.55, 0.18, 0.10, 0.05  # the rest is any zone of the world
WRITTEN = 0.95  # of cameras that say their zone, those whose clock keeps it

_HALF_HOURS = (-9.5, -3.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75)
WORLD_ZONES_S = tuple(3600.0 * hours for hours in (*range(-12, 15), *_HALF_HOURS))


def log_prior(zones: Mapping[float, float]) -> Floats:
    """log P of every one of OFFSETS_S, from zones (seconds ahead of UTC, weight): zone × clock error.

    The error of a set clock: .6 Laplace 45 s, .3 Laplace 5 min, .1 uniform ±45 min.
    """
    density = np.zeros_like(OFFSETS_S)
    for zone_s, weight in zones.items():
        density += weight * _clock_error(OFFSETS_S + zone_s)
    logs: Floats = np.log(density / density.sum())
    return logs


def zone_weights(
    local: Mapping[float, float], home_s: float | None = None, written_s: float | None = None
) -> dict[float, float]:
    """How likely a camera's clock keeps each zone (seconds ahead of UTC); the weights add up to 1.

    local holds the zones in force on the trip with their shares, and is empty where the trip's place is not
    known; home_s is the zone at home and written_s that which the camera wrote, where known. The shares of
    what is not known go to every zone of the world.
    """
    unsaid = 1.0 if written_s is None else 1 - WRITTEN
    named = [(0.0, unsaid * UTC)]
    if written_s is not None:
        named.append((written_s, WRITTEN))
    if home_s is not None:
        named.append((home_s, unsaid * HOME))
    for zone_s, share in local.items():
        named.append((zone_s, unsaid * share * LOCAL))
        named += [(zone_s + shift_s, unsaid * share * BESIDE_LOCAL / 2) for shift_s in (-3600.0, 3600.0)]
    left = 1 - sum(weight for _, weight in named)
    weights: defaultdict[float, float] = defaultdict(float)
    for zone_s, weight in [*named, *((zone_s, left / len(WORLD_ZONES_S)) for zone_s in WORLD_ZONES_S)]:
        weights[zone_s] += weight
    return dict(weights)


def _clock_error(error_s: Floats) -> Floats:
    """The density per second of a clock's error."""
    density: Floats = (
        0.6 * laplace(error_s, 45) + 0.3 * laplace(error_s, 300) + 0.1 * (np.abs(error_s) <= 2700) / 5400
    )
    return density + 1e-12  # nothing is impossible, or rivals could not be weighed


def laplace(x: Floats, scale: float) -> Floats:
    density: Floats = np.exp(-np.abs(x) / scale) / (2 * scale)
    return density
