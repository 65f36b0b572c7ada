"""What a map shows, and the basemap's land and borders cut to the frame it shows it in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from blog.geo.basemap import Shapes
from blog.geo.mercator import NORTHERNMOST, Floats, Frame
from blog.geo.outlines import Box, clip_ring, pieces_within
from blog.geo.positions import EARTH_RADIUS_M

LEAST_RING_M = 150.0  # smaller circles around photos are not drawn
SEEN_RING = 8.0  # pixels: a circle as large as this is seen at once
CLOSE = 5.0  # times its radius: what is shown around a circle that would be too small otherwise
SIDEWAYS = 0.6  # of the width: land goes on that far, for those who see the drawing in a wider box
BEYOND = 4.0  # pixels above and below, so that no cut edge is seen


@dataclass(frozen=True)
class MapPhoto:
    """A photo with a place: degrees, and the radius in metres that holds it nine times out of ten.

    `href` is where a touch of its dot leads; `src`, `width`, `height` (pixels), `caption`, `when` and
    `found` (how, and how surely) are for its card on the interactive map.
    """

    id: int
    lat: float
    lon: float
    radius_m: float
    href: str
    label: str
    src: str = ""
    width: int = 0
    height: int = 0
    caption: str = ""
    when: str = ""
    found: str = ""


@dataclass(frozen=True)
class MapView:
    """What a map shows, on width × height pixels.

    Lines are (n, 2) arrays of latitude and longitude in degrees, those that were flown great circles; photos
    stand in the order in which they are told. `title` names the map for those who do not see it. A map about
    its only photo goes as close as it takes to see the circle of a place that is not exact.
    """

    walked: Sequence[Floats] = ()
    rest: Sequence[Floats] = ()
    photos: Sequence[MapPhoto] = ()
    flown: Sequence[Floats] = ()
    width: int = 300
    height: int = 420
    title: str = ""
    description: str = ""
    is_about_photo: bool = False

    @cached_property
    def frame(self) -> Frame:
        shown = [*self.walked, *self.rest, *self.flown, self.photo_places]
        frame = Frame.fitting(shown, self.width, self.height)
        if not (self.is_about_photo and self.photos and self.photos[0].radius_m > LEAST_RING_M):
            return frame
        photo = self.photos[0]
        if photo.radius_m / frame.metres_per_pixel_at(photo.lat) < SEEN_RING:
            return Frame.fitting([_around(photo, CLOSE)], self.width, self.height)
        return Frame.fitting([*shown, _around(photo, 1)], self.width, self.height)

    @property
    def photo_places(self) -> Floats:
        return np.array([(photo.lat, photo.lon) for photo in self.photos], dtype=np.float64).reshape(-1, 2)


def _around(photo: MapPhoto, times: float) -> Floats:
    """The corners (2, 2; latitude, longitude) of a box so many times as wide and high as a photo's circle."""
    reach = np.degrees(times * photo.radius_m / EARTH_RADIUS_M)
    low, high = np.clip([photo.lat - reach, photo.lat + reach], -NORTHERNMOST, NORTHERNMOST)
    sideways = min(reach / np.cos(np.radians(max(abs(low), abs(high)))), 90.0)
    return np.array([[low, photo.lon - sideways], [high, photo.lon + sideways]])


def unbroken(lines: Sequence[Floats], frame: Frame) -> list[Floats]:
    """Lines in degrees (latitude, longitude) → lines in pixels, cut where they leave the map.

    That is at jumps across the world's edges, and around the poles, which lie beyond the last parallel.
    """
    pieces: list[Floats] = []
    for line in lines:
        pixels = frame.pixels(line)
        jumps = np.abs(np.diff(pixels[:, 0])) > frame.scale / 2
        polar = np.abs(line[:, 0]) > NORTHERNMOST
        cuts = np.flatnonzero(jumps | (polar[:-1] & polar[1:])) + 1
        pieces += [piece for piece in np.split(pixels, cuts) if len(piece) > 1]
    return pieces


def scale_for(degrees_per_pixel: float) -> str:
    """The scale of the basemap that suits a map."""
    return "10m" if degrees_per_pixel < 0.02 else "50m" if degrees_per_pixel < 0.12 else "110m"


def box_of(frame: Frame) -> Box:
    """West, south, east, north of a frame, with a strip on either side."""
    sideways, edge = SIDEWAYS * frame.width * frame.degrees_per_pixel, BEYOND * frame.degrees_per_pixel
    return (
        frame.west - sideways,
        max(frame.south - edge, -90.0),
        frame.east + sideways,
        min(frame.north + edge, 90.0),
    )


def clipped_land(shapes: Shapes, within: Box, speck: float) -> Iterator[tuple[Floats, bool]]:
    """Rings (n, 2; longitude, latitude) in a box, with whether each is a hole; none smaller than a speck."""
    for index, ring, inside in shapes.touching(within, speck):
        clipped = ring if inside else clip_ring(ring, within)
        if len(clipped) > 2:
            yield clipped, bool(shapes.hole[index])


def clipped_borders(shapes: Shapes, within: Box) -> Iterator[Floats]:
    """Lines (n, 2; longitude, latitude) that touch a box, cut where they have left it."""
    for _, line, inside in shapes.touching(within):
        yield from [line] if inside else pieces_within(line, within)
