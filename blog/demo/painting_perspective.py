"""One-point perspective: metres in a room or a street, seen by somebody who stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blog.demo.painting import Canvas, Colour, Point, rgb
from blog.demo.painting_noise import enlarged, periodic_noise


@dataclass(frozen=True)
class View:
    """Looks along +z from `eye` metres above the floor; (x, horizon) is the vanishing point on the canvas."""

    canvas: Canvas
    x: float
    horizon: float
    focal: float = 1.2
    eye: float = 1.6

    def at(self, x: float, y: float, z: float) -> Point:
        """Where a point x metres to the right, y above the floor and z away lies on the canvas."""
        return self.x + self.focal * x / z, self.horizon + self.focal * (self.eye - y) / z

    def length(self, metres: float, z: float) -> float:
        """How long so many metres look at that distance."""
        return self.focal * metres / z

    def face(self, corners: Sequence[tuple[float, float, float]]) -> list[Point]:
        """A polygon in space, on the canvas."""
        return [self.at(*corner) for corner in corners]

    def upright(self, x0: float, x1: float, y0: float, y1: float, z: float) -> list[Point]:
        """A rectangle that faces the viewer."""
        return self.face([(x0, y1, z), (x1, y1, z), (x1, y0, z), (x0, y0, z)])

    def aside(self, x: float, y0: float, y1: float, z0: float, z1: float) -> list[Point]:
        """A rectangle in a wall that runs away from the viewer."""
        return self.face([(x, y1, z0), (x, y1, z1), (x, y0, z1), (x, y0, z0)])

    def flat(self, x0: float, x1: float, y: float, z0: float, z1: float) -> list[Point]:
        """A level rectangle."""
        return self.face([(x0, y, z1), (x1, y, z1), (x1, y, z0), (x0, y, z0)])

    def block(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        z: tuple[float, float],
        front: Colour,
        side: Colour,
        top: Colour,
    ) -> None:
        """A box of which front, top and the side turned to the viewer are painted."""
        if y[1] < self.eye:
            self.canvas.fill(self.flat(*x, y[1], *z), top)
        if x[0] > 0:
            self.canvas.fill(self.aside(x[0], *y, *z), side)
        elif x[1] < 0:
            self.canvas.fill(self.aside(x[1], *y, *z), side)
        self.canvas.fill(self.upright(*x, *y, z[0]), front)

    def floor(self, near: Colour, far: Colour, grain: float) -> None:
        """Ground from the horizon down, with a worn texture that runs with the perspective."""
        canvas = self.canvas
        first, last = int(self.horizon * canvas.height) + 1, canvas.height
        ys = (np.arange(first, last, 2, dtype=np.float32) + 1) / canvas.height - self.horizon
        xs = (np.arange(0, canvas.width, 2, dtype=np.float32) + 1) / canvas.height - self.x
        z = self.focal * self.eye / ys
        size = 1024
        coarse, middle, fine = (periodic_noise(canvas.rng, size, cells) for cells in (24, 110, 420))
        worn = 0.45 * coarse + 0.6 * middle + 0.9 * fine
        u = (xs[None, :] * z[:, None] / self.focal * 90 + 64 * size).astype(np.int32) % size
        v = (z * 90).astype(np.int32)[:, None] % size
        fade = np.clip(9 / z, 0, 1)[:, None]
        field = enlarged(1 + grain * worn[v, u] * fade, canvas.width, last - first)
        share = (np.linspace(0, 1, last - first, dtype=np.float32) ** 0.7)[:, None, None]
        canvas.rgb[first:last] = (rgb(far) + (rgb(near) - rgb(far)) * share) * field[..., None]
