"""Hills as they stand: a height map seen from a point above the ground.

Every column of the picture walks away from the eye over the map in growing steps; a step is seen where it
rises above all before it (the "voxel space" of NovaLogic's Comanche, 1992, done for all columns at once).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from blog.demo.painting import Canvas, Colour, Rgb, Stops, ramp, rgb
from blog.demo.painting_noise import Field, periodic_noise

SIZE = 1024


@dataclass(frozen=True)
class Light:
    """Where the sun stands and what it does: azimuth in turns (0 = ahead, 0.25 = right), height in turns."""

    azimuth: float
    height: float
    sun: Colour = "#fff1d8"
    shade: Colour = "#5d6f8f"


@dataclass(frozen=True)
class Air:
    """What lies between: haze, thicker far away and in the valleys; `sunward` is its colour by the sun."""

    haze: Colour
    distance: float = 0.5
    valley: float = 0.0
    valley_top: float = 0.03
    sunward: Colour | None = None


@dataclass(frozen=True)
class Eye:
    """A viewer at (x, z) of the map, looking along +z; focal in picture heights, the horizon a y."""

    height: float
    horizon: float
    focal: float = 1.3
    x: float = 0.5
    z: float = 0.0
    near: float = 0.03
    far: float = 1.0


@dataclass
class Terrain:
    """A square map one unit wide: heights (z, x) in the same unit, the ground's colours (z, x, 3), how high
    what grows on it stands, and the level of its water."""

    height: Field
    ground: Rgb
    roughness: Field | float = 0.0
    seed: int = 0
    water: float | None = None
    detail: Field = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        fine = (
            periodic_noise(rng, SIZE, 128)
            + 0.7 * periodic_noise(rng, SIZE, 256)
            + 0.5 * periodic_noise(rng, SIZE, 512)
        )
        self.detail = fine / 2.2

    def lit(self, light: Light) -> Rgb:
        """The map's colours in that light, with the shadows that the hills throw."""
        relief = self.height + self.roughness * self.detail * 0.35
        slope_x, slope_z = np.gradient(relief, axis=1) * SIZE, np.gradient(relief, axis=0) * SIZE
        az, el = light.azimuth * 2 * np.pi, light.height * 2 * np.pi
        toward = np.array([np.sin(az) * np.cos(el), np.cos(az) * np.cos(el), np.sin(el)], np.float32)
        facing = (toward[2] - slope_x * toward[0] - slope_z * toward[1]) / np.sqrt(
            1 + slope_x**2 + slope_z**2
        )
        direct = np.clip(facing, 0, 1) * self._in_the_sun(toward)
        sky = 0.62 + 0.38 / np.sqrt(1 + slope_x**2 + slope_z**2)
        light_here = direct[..., None] * rgb(light.sun) * 1.15 + sky[..., None] * rgb(light.shade)
        return self.ground * light_here

    def _in_the_sun(self, toward: NDArray[np.float32]) -> Field:
        """1 where nothing stands between the ground and the sun, softly 0 in shadow."""
        small = self.height[::4, ::4]
        flat = float(np.hypot(toward[0], toward[1])) or 1e-6
        blocked = np.zeros_like(small)
        for step in range(1, 40):
            dx, dz = (round(step * 1.5 * float(t) / flat) for t in toward[:2])
            ray = small + step * 1.5 * 4 / SIZE * float(toward[2]) / flat
            blocked = np.maximum(blocked, np.roll(small, (-dz, -dx), (0, 1)) - ray)
        sunny = np.clip(1 - blocked / 0.006, 0, 1)
        return sunny.repeat(4, 0).repeat(4, 1)


def paint_terrain(
    canvas: Canvas, terrain: Terrain, eye: Eye, light: Light, air: Air, steps: int = 800
) -> Field:
    """Paint the hills over the sky; returns where water shows, as a mask (height, width)."""
    depth = np.geomspace(eye.near, eye.far, steps).astype(np.float32)
    tangent = (canvas.columns()[0] - canvas.w / 2) / eye.focal
    u = (eye.x + depth[:, None] * tangent[None, :]) * SIZE
    v = (eye.z + depth) * SIZE
    height = _sampled(terrain.height, u, v)
    stray = canvas.rng.random(u.shape, np.float32)  # a stippled edge instead of the map's square cells
    lines = (v[:, None] + stray).astype(np.int32) % SIZE
    cells = lines * SIZE + np.floor(u + (stray * 7919) % 1).astype(np.int32) % SIZE
    bumps = terrain.detail[(v * 9).astype(np.int32)[:, None] % SIZE, (u * 9).astype(np.int32) % SIZE]
    dry = np.ones_like(height) if terrain.water is None else (height > terrain.water).astype(np.float32)
    bumps *= dry
    growth = np.broadcast_to(np.asarray(terrain.roughness, np.float32), (SIZE, SIZE))
    height = height + np.take(growth, cells) * bumps
    if terrain.water is not None:
        height = np.maximum(height, terrain.water)
    colours = np.take(terrain.lit(light).reshape(-1, 3), cells, axis=0)
    pebbles = terrain.detail[(v * 53).astype(np.int32)[:, None] % SIZE, (u * 53).astype(np.int32) % SIZE]
    colours *= (1 + (np.clip(240 * np.take(growth, cells), 0, 0.3) * bumps + 0.09 * pebbles) * dry)[..., None]
    _into_the_air(colours, height, depth, tangent, light, air)
    first, seen, which = _first_seen(canvas, height, depth, eye)
    ground = np.take(colours.reshape(-1, 3), which, axis=0)
    below = canvas.rgb[first:]
    below += (ground - below) * seen[..., None]
    wet = np.zeros((canvas.height, canvas.width), np.float32)
    wet[first:] = seen * (1 - np.take(dry.reshape(-1), which))
    return wet


def _sampled(map_: Field, u: Field, v: Field) -> Field:
    """The map at fractional places (u across, one v a line), bilinear, continued over its edges."""
    u0, v0 = np.floor(u).astype(np.int32), np.floor(v).astype(np.int32)
    fu, fv = u - u0, (v - v0)[:, None]
    left, right = u0 % SIZE, (u0 + 1) % SIZE
    here, beyond = (v0 % SIZE)[:, None], ((v0 + 1) % SIZE)[:, None]
    near = map_[here, left] * (1 - fu) + map_[here, right] * fu
    far = map_[beyond, left] * (1 - fu) + map_[beyond, right] * fu
    return near * (1 - fv) + far * fv


def _into_the_air(colours: Rgb, height: Field, depth: Field, tangent: Field, light: Light, air: Air) -> None:
    """Fade the ground into haze with distance, and where the valleys are full of mist."""
    distance = depth[:, None]
    clear = np.exp(-distance / air.distance)
    if air.valley:
        clear = clear * np.exp(-air.valley * distance * np.exp(-np.clip(height, 0, None) / air.valley_top))
    haze = np.broadcast_to(rgb(air.haze), (len(tangent), 3))
    if air.sunward is not None:
        bearing = np.arctan(tangent) - light.azimuth * 2 * np.pi
        toward_sun = np.exp(-((bearing / 0.45) ** 2))[:, None].astype(np.float32)
        haze = haze + (rgb(air.sunward) - haze) * toward_sun
    colours -= haze[None]
    colours *= clear[..., None].astype(np.float32)
    colours += haze[None]


def _first_seen(
    canvas: Canvas, height: Field, depth: Field, eye: Eye
) -> tuple[int, Field, NDArray[np.int32]]:
    """The first pixel row with ground; from there on, how far ground covers each pixel, and which ground."""
    steps, width = height.shape
    line = (eye.horizon - eye.focal * (height - eye.height) / depth[:, None]) * canvas.height
    skyline = np.minimum.accumulate(line, axis=0)
    crest = skyline[-1]
    first = min(max(int(crest.min()) - 1, 0), canvas.height - 1)
    rows = canvas.height - first
    top = np.clip(np.ceil(skyline - (first + 0.5)), 0, rows).astype(np.int32)
    risen = np.bincount(
        (top * width + np.arange(width, dtype=np.int32)).ravel(), minlength=(rows + 1) * width
    )
    at_or_above = np.cumsum(risen.reshape(rows + 1, width)[:-1], axis=0, dtype=np.int32)
    seen = np.clip(np.arange(first + 1, canvas.height + 1, dtype=np.float32)[:, None] - crest[None, :], 0, 1)
    which = np.minimum(steps - at_or_above, steps - 1)
    return first, seen, which * width + np.arange(width, dtype=np.int32)


def banded(height: Field, stops: Stops) -> Rgb:
    """Ground colours by height: (height, colour) stops."""
    return ramp(stops, height)
