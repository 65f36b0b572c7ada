"""A canvas to paint on: shapes, light, water and the last touch that makes a picture of it.

Lengths are in picture heights: x runs from 0 to `canvas.w` (the aspect ratio), y from 0 at the top to 1.
Colours are "#rrggbb" or three floats; light may exceed 1 until the picture is developed.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from blog.demo.painting_noise import Field, enlarged, fractal, smoothstep

Rgb: TypeAlias = NDArray[np.floating[Any]]
Colour: TypeAlias = str | Sequence[float] | Rgb
Point: TypeAlias = tuple[float, float]
Shape: TypeAlias = Sequence[Point] | NDArray[np.float64]
Stops: TypeAlias = Sequence[tuple[float, Colour]]


def rgb(colour: Colour) -> Rgb:
    """Three floats of 0–1 for "#rrggbb"."""
    if isinstance(colour, str):
        return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    return np.asarray(colour, np.float32)


def mix(a: Colour, b: Colour, share: float) -> Rgb:
    """The colour that lies `share` of the way from a to b."""
    return rgb(a) + (rgb(b) - rgb(a)) * np.float32(share)


def ramp(stops: Stops, at: Field) -> Rgb:
    """Colours (…, 3) at the given values along a gradient of (value, colour) stops."""
    values = [value for value, _ in stops]
    colours = np.stack([rgb(colour) for _, colour in stops])
    return np.stack([np.interp(at, values, colours[:, i]) for i in range(3)], axis=-1).astype(np.float32)


class Canvas:
    """A picture in the making: float RGB of shape (height, width, 3)."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height, self.w = width, height, width / height
        self.rng = np.random.default_rng(seed)
        self.rgb: Rgb = np.zeros((height, width, 3), np.float32)

    # -- coordinates

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
        """Pixels (left, top, right, bottom) that cover a box, cut at the edges."""
        h = self.height
        return (
            min(max(int(np.floor(left * h)), 0), self.width),
            min(max(int(np.floor(top * h)), 0), h),
            max(min(int(np.ceil(right * h)), self.width), 0),
            max(min(int(np.ceil(bottom * h)), h), 0),
        )

    def rows(self) -> Field:
        """The y of each pixel row, shape (rows, 1)."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.height)[:, None]

    def columns(self) -> Field:
        """The x of each pixel column, shape (1, columns)."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5) / self.height)[None, :]

    # -- shapes

    def mask(self, shapes: Iterable[Shape], soft: float = 0.0) -> tuple[tuple[int, int, int, int], Field]:
        """The pixel box around the polygons and how far they cover each of its pixels (0–1)."""
        outlines = [np.asarray(shape, np.float64) for shape in shapes]
        corners = np.concatenate(outlines)
        (left, top), (right, bottom) = corners.min(0) - 3 * soft, corners.max(0) + 3 * soft
        x0, y0, x1, y1 = box = self.box(left, top, right, bottom)
        if x1 <= x0 or y1 <= y0:
            return box, np.zeros((0, 0), np.float32)
        fine = 2 if (x1 - x0) * (y1 - y0) > 400_000 else 4
        image = Image.new("L", ((x1 - x0) * fine, (y1 - y0) * fine))
        draw = ImageDraw.Draw(image)
        for outline in outlines:
            pixels = (outline * self.height - (x0, y0)) * fine - 0.5
            draw.polygon([tuple(p) for p in pixels.tolist()], fill=255)
        image = image.reduce(fine)
        if soft:
            image = _blurred(image, soft * self.height)
        return box, np.asarray(image, np.float32) / 255

    def cover(
        self, box: tuple[int, int, int, int], mask: Field, colour: Colour | Rgb, alpha: float = 1.0
    ) -> None:
        """Lay a colour (3,) or a patch of colours over the box, as far as the mask covers it."""
        x0, y0, x1, y1 = box
        if mask.size:
            patch = self.rgb[y0:y1, x0:x1]
            patch += (rgb(colour) - patch) * (mask * np.float32(alpha))[..., None]

    def fill(
        self, points: Shape, colour: Colour, to: Colour | None = None, alpha: float = 1.0, soft: float = 0.0
    ) -> None:
        """Fill a polygon, with `to` as the colour at its foot when given, `soft` the blur of its edge."""
        self.fill_all([points], colour, to, alpha, soft)

    def fill_all(
        self,
        shapes: Sequence[Shape],
        colour: Colour,
        to: Colour | None = None,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Fill many polygons at once as one flat shape."""
        if len(shapes) == 0:
            return
        box, mask = self.mask(shapes, soft)
        paint = rgb(colour)
        if to is not None and mask.size:
            share = np.linspace(0, 1, mask.shape[0], dtype=np.float32)[:, None, None]
            paint = paint + (rgb(to) - paint) * share
        self.cover(box, mask, paint, alpha)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, **how: object
    ) -> None:
        """Fill an upright rectangle."""
        self.fill([(left, top), (right, top), (right, bottom), (left, bottom)], colour, **how)  # type: ignore[arg-type]

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, **how: object) -> None:
        """Fill an ellipse around (x, y)."""
        self.fill(ring(x, y, rx, ry), colour, **how)  # type: ignore[arg-type]

    def line(self, points: Sequence[Point], thickness: float, colour: Colour, alpha: float = 1.0) -> None:
        """Draw a line of even thickness through the points."""
        self.fill_all([_segment(a, b, thickness) for a, b in pairwise(points)], colour, None, alpha)

    # -- light

    def sky(self, stops: Stops) -> None:
        """A gradient over the whole canvas from (y, colour) stops."""
        self.rgb[:] = ramp(stops, self.rows()[:, 0])[:, None, :]

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, power: float = 2.0, squash: float = 1.0
    ) -> None:
        """Add light that falls off from (x, y) to nothing at the radius; `squash` is height by width."""
        x0, y0, x1, y1 = self.box(x - radius, y - radius * squash, x + radius, y + radius * squash)
        if x1 <= x0 or y1 <= y0:
            return
        step = 4 if x1 - x0 > 200 else 1
        xs = (np.arange(x0, x1 + step, step, dtype=np.float32) + step / 2) / self.height - x
        ys = (np.arange(y0, y1 + step, step, dtype=np.float32) + step / 2) / self.height - y
        distance = np.sqrt(xs[None, :] ** 2 + (ys[:, None] / squash) ** 2) / radius
        light: Field = np.clip(1 - distance, 0, 1) ** power
        if step > 1:
            light = enlarged(light, light.shape[1] * step, light.shape[0] * step)
        light = np.clip(light[: y1 - y0, : x1 - x0], 0, None)
        self.rgb[y0:y1, x0:x1] += light[..., None] * rgb(colour)

    def clouds(
        self,
        horizon: float,
        colour: Colour,
        shadow: Colour,
        cover: float = 0.5,
        scale: float = 1.0,
        alpha: float = 1.0,
    ) -> None:
        """Soft clouds in perspective above the horizon, lit from above; `cover` is their share of the sky."""
        h, w = max(2, int(self.height * horizon) // 4), self.width // 4
        size = 1024
        map_ = fractal(self.rng, size, size, 9 * scale, 9 * scale, 6, 0.55)
        ys = (np.arange(h, dtype=np.float32)[:, None] + 0.5) / h
        depth = 0.16 / (1.08 - ys)
        xs = (np.arange(w, dtype=np.float32)[None, :] / w - 0.5) * self.w
        u = ((xs * depth * 2.4 + 2.5) * size / 5).astype(np.int32) % size
        v = np.broadcast_to((depth * size * 0.5).astype(np.int32) % size, u.shape)
        density = smoothstep(0.55 - cover, 1.05 - cover, map_[v, u])
        lit = np.clip(0.55 + 1.4 * (map_[v, u] - map_[(v + 14) % size, u]), 0, 1)[..., None]
        paint = rgb(shadow) + (rgb(colour) - rgb(shadow)) * lit
        veil = density * alpha * smoothstep(0.0, 0.25, 1.03 - ys)
        full_h = int(self.height * horizon)
        patch = self.rgb[:full_h]
        patch += (_enlarged_rgb(paint, self.width, full_h) - patch) * enlarged(veil, self.width, full_h)[
            ..., None
        ]

    def mist(self, y: float, spread: float, colour: Colour, alpha: float, wisps: float = 0.6) -> None:
        """A bank of mist around the height y, thicker and thinner in wisps."""
        _, top, _, bottom = self.box(0, y - 2.5 * spread, self.w, y + 2.5 * spread)
        if bottom <= top:
            return
        ys = ((np.arange(top, bottom, dtype=np.float32) + 0.5) / self.height - y) / spread
        bank = np.exp(-(ys**2))[:, None]
        noise = enlarged(fractal(self.rng, 200, 60, 5 * self.w / 1.5, 5, 4), self.width, bottom - top)
        mask = np.clip(bank * (1 - wisps * 0.5 + wisps * noise) * alpha, 0, 1)
        self.cover((0, top, self.width, bottom), mask, colour)

    def reflect(
        self,
        horizon: float,
        tint: Colour,
        share: float = 0.6,
        ripple: float = 0.012,
        mask: Field | None = None,
    ) -> None:
        """Turn everything below the horizon into water that mirrors what stands above it.

        `ripple` is how far a wavelet throws the mirror image at the near shore; `mask` (rows below × width)
        says where there is water.
        """
        first = int(horizon * self.height)
        rows, width = self.height - first, self.width
        near = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / self.height
        throw = self.ripples(rows) * (0.15 * ripple + ripple * near * 3)
        squeeze = min(0.92, 0.94 * horizon / (1 - horizon))  # a near shore mirrors no more sky than there is
        mirrored = first - 1 - (near * squeeze + throw) * self.height
        source_y = np.clip(mirrored, 0, first - 1).astype(np.int32)
        source_x = np.clip(np.arange(width) + throw * self.height * 0.35, 0, width - 1).astype(np.int32)
        flat = self.rgb[:first].reshape(-1, 3)
        water = np.take(flat, source_y * width + source_x, axis=0)
        deepening = (
            np.clip(share - 0.35 * near, 0, 1)[..., None] * (1 + 6 * np.clip(throw, -0.03, 0.03))[..., None]
        )
        water = rgb(tint) + (water - rgb(tint)) * deepening
        below = self.rgb[first:]
        below += (water - below) * (1 if mask is None else mask[..., None])

    def ripples(self, rows: int) -> Field:
        """Wavelets that are long and low far away and wide apart close by."""
        w, h = self.width // 2, 512
        waves = fractal(self.rng, w, h, 26 * self.w, 90, 3, 0.7)
        depth = (np.arange(rows, dtype=np.float32) + 0.5) / rows
        pick = np.clip((1 - (1 - depth) ** 2.2) * (h - 1), 0, h - 1).astype(np.int32)
        return enlarged(waves[pick], self.width, rows)

    def texture(self, amount: float, across: float) -> None:
        """Vary the brightness of everything a little, as brush and paper do; `across` counts the patches."""
        field = fractal(self.rng, self.width // 2, self.height // 2, across, across / self.w, 4, 0.7)
        self.rgb *= enlarged(1 + amount * field, self.width, self.height)[..., None]

    def blur(self, radius: float) -> None:
        """Throw the whole canvas out of focus."""
        step = max(1, int(radius * self.height / 2))
        h, w = self.height // step, self.width // step
        small = self.rgb[: h * step, : w * step].reshape(h, step, w, step, 3).mean((1, 3))
        for _ in range(2):
            small = _softened(small)
        self.rgb = _enlarged_rgb(small, self.width, self.height)

    # -- the last touch

    def develop(
        self, bloom: float = 0.35, vignette: float = 0.22, grain: float = 0.016, warmth: float = 0.0
    ) -> Image.Image:
        """The finished 8-bit picture: bloom around lights, vignette, soft shoulder, grain."""
        self._bloom(bloom)
        xs = (self.columns() / self.w - 0.5) * 2
        ys = (self.rows() - 0.5) * 2
        self.rgb *= (1 - np.float32(vignette) * ((xs**2 + ys**2) / 2) ** 1.3)[..., None]
        if warmth:
            self.rgb *= np.array([1 + warmth, 1, 1 - warmth], np.float32)
        self.rgb += (self._grain() * np.float32(grain))[..., None]
        levels = np.clip(self.rgb * 1024, 0, 4095).astype(np.uint16)
        return Image.fromarray(np.take(_TONES, levels))

    def _bloom(self, strength: float) -> None:
        step = 16
        h, w = self.height // step, self.width // step
        small = self.rgb[: h * step, : w * step].reshape(h, step, w, step, 3).mean((1, 3))
        bright = np.clip(small - 0.72, 0, 3)
        if strength and bright.max() > 0:
            for _ in range(3):
                bright = _softened(bright)
            self.rgb += _enlarged_rgb(bright * np.float32(strength), self.width, self.height)

    def _grain(self) -> Field:
        tile = self.rng.standard_normal((512, 512), np.float32)
        soft = (tile + np.roll(tile, 1, 0) + np.roll(tile, 1, 1) + np.roll(tile, (1, 1), (0, 1))) / 2
        repeat = (-(-self.height // 512), -(-self.width // 512))
        return np.tile(0.5 * tile + 0.7 * soft, repeat)[: self.height, : self.width]


def ring(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 2 * np.pi) -> list[Point]:
    """Points of an ellipse around (x, y), or of the arc between two angles (clockwise from the right)."""
    angles = np.linspace(start, end, 40 if max(rx, ry) < 0.06 else 96)
    return [(float(x + rx * np.cos(a)), float(y + ry * np.sin(a))) for a in angles]


def rounded(points: Sequence[Point], times: int = 2) -> Shape:
    """The polygon with its corners cut off again and again until they are round (Chaikin 1974)."""
    shape = np.asarray(points, np.float64)
    for _ in range(times):
        after = np.roll(shape, -1, 0)
        shape = np.stack([0.75 * shape + 0.25 * after, 0.25 * shape + 0.75 * after], 1).reshape(-1, 2)
    return shape


def _segment(a: Point, b: Point, thickness: float) -> list[Point]:
    (ax, ay), (bx, by) = a, b
    length = float(np.hypot(bx - ax, by - ay)) or 1.0
    nx, ny = -(by - ay) / length * thickness / 2, (bx - ax) / length * thickness / 2
    return [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur; a wide one is done small, where it costs little and looks the same."""
    step = max(1, int(radius / 4))
    if step == 1 or min(image.size) < 2 * step:
        return image.filter(ImageFilter.GaussianBlur(radius))
    return (
        image.reduce(step)
        .filter(ImageFilter.GaussianBlur(radius / step))
        .resize(image.size, Image.Resampling.BICUBIC)
    )


def _softened(small: Rgb) -> Rgb:
    """A cheap blur of a small picture: three passes of a box five pixels wide."""
    for axis in (0, 1):
        for _ in range(3):
            padded = np.pad(small, [(2, 2) if i == axis else (0, 0) for i in range(3)], mode="edge")
            n = small.shape[axis]
            small = np.stack([np.take(padded, range(i, i + n), axis=axis) for i in range(5)]).mean(0)
    return small


def _enlarged_rgb(small: Rgb, width: int, height: int) -> Rgb:
    return np.stack([enlarged(small[..., i], width, height) for i in range(3)], axis=-1)


def _tone_curve() -> NDArray[np.uint8]:
    """Levels of 1/1024 to bytes: a gentle S up to 0.75, then a shoulder that lets light roll off to white."""
    x = np.arange(4096) / 1024 * 1.05
    curve = x - 0.04 * np.sin(2 * np.pi * np.minimum(x, 1))
    shoulder = 0.75 + 0.25 * (1 - np.exp(-(curve - 0.75) / 0.3))
    return np.round(np.where(curve < 0.75, curve, shoulder) * 255).astype(np.uint8)


_TONES = _tone_curve()
