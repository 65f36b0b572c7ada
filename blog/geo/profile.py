"""The heights of a way as a drawn profile, with its photos as dots on it (SVG).

The SVG carries classes and no style; `blog/static/css/profile.css` colours it. All that is text is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from blog.geo.positions import Floats
from blog.geo.svg import number, path_data
from blog.geo.tracks import CLIMB_STEP_M, Track

POINTS = 160  # of a profile, at most
LEAST_RISE_M = 60.0  # a flat shore does not look like the Alps
HEAD, FOOT, SIDE = 18.0, 18.0, 6.0  # pixels around the heights
DOT, DOTS_APART = 3.5, 5.0


def end_to_end(parts: Sequence[Track]) -> tuple[Floats, Floats, Floats]:
    """Of all points of parts laid end to end: metres from the start, heights in metres, times (unix seconds).

    What lies between the parts is not counted.
    """
    along, gone = [], 0.0
    for part in parts:
        along.append(gone + part.distance_along())
        gone = float(along[-1][-1]) if len(part) else gone
    none = np.empty(0)
    heights, times = ([getattr(part, name) for part in parts] for name in ("ele", "time"))
    return np.concatenate([none, *along]), np.concatenate([none, *heights]), np.concatenate([none, *times])


def heights_along(along: Floats, ele: Floats) -> Floats:
    """(n, 2) metres from the start and mean heights, at most POINTS or so; none where no height is known."""
    known = np.isfinite(ele)
    if known.sum() < 2:
        return np.empty((0, 2))
    along, ele = along[known], ele[known]
    width = max(CLIMB_STEP_M, (float(np.ptp(along)) + 1) / POINTS)
    _, step, count = np.unique((along - along.min()) // width, return_inverse=True, return_counts=True)
    return np.column_stack([np.bincount(step, along) / count, np.bincount(step, ele) / count])


@dataclass(frozen=True)
class ProfilePhoto:
    """A photo on the way: metres from the start, and where a touch of its dot leads."""

    id: int
    along_m: float
    href: str
    label: str


@dataclass(frozen=True)
class Profile:
    """What a profile shows. heights: (n, 2) metres from the start and above the sea, in order, n > 1.

    `days` are where days begin, in metres; highest, lowest and length are written at the edges.
    """

    heights: Floats
    photos: Sequence[ProfilePhoto] = ()
    days: Sequence[float] = ()
    title: str = ""
    highest: str = ""
    lowest: str = ""
    length: str = ""


def draw_profile(profile: Profile, width: int, height: int) -> str:
    """The profile as an SVG element of so many pixels."""
    line = _pixels(profile.heights, profile.heights, width, height)
    floor = height - FOOT
    ground = np.vstack([line, [line[-1, 0], floor], [line[0, 0], floor]])
    days = _pixels(profile.heights, np.array([(along, 0.0) for along in profile.days]), width, height)[:, 0]
    dots = _dots(profile, width, height)
    parts = [
        f'<path class="profile-ground" d="{path_data(ground, closed=True)}"/>',
        "".join(f'<path class="profile-day" d="M{number(x)} {number(HEAD)}V{number(floor)}"/>' for x in days),
        f'<path class="profile-line" d="{path_data(line)}"/>',
        *dots,
        _text(SIDE, 11, profile.highest),
        _text(SIDE, height - 4, profile.lowest),
        _text(width - SIDE, height - 4, profile.length, ' text-anchor="end"'),
    ]
    role = "group" if dots else "img"  # the children of an img could not be links
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    label = escape(profile.title)
    return f'<svg class="profile" {size} role="{role}" aria-label="{label}">{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, anchor: str = "") -> str:
    return f'<text x="{number(x)}" y="{number(y)}"{anchor}>{escape(words)}</text>'


def _pixels(heights: Floats, points: Floats, width: int, height: int) -> Floats:
    """Points (n, 2) of metres along and high → (n, 2) pixels, in the frame that `heights` fill."""
    points = points.reshape(-1, 2)
    (start, low), (end, high) = heights.min(axis=0), heights.max(axis=0)
    across = (width - 2 * SIDE) / max(end - start, 1.0)
    up = (height - HEAD - FOOT) / max(high - low, LEAST_RISE_M)
    return np.column_stack(
        [SIDE + (points[:, 0] - start) * across, height - FOOT - (points[:, 1] - low) * up]
    )


def _dots(profile: Profile, width: int, height: int) -> list[str]:
    """A dot on the line for each photo; those at the same spot as the one before share its dot."""
    photos = sorted(profile.photos, key=lambda photo: photo.along_m)
    along = np.clip([photo.along_m for photo in photos], profile.heights[0, 0], profile.heights[-1, 0])
    ele = np.interp(along, *profile.heights.T)
    groups: list[tuple[float, float, list[ProfilePhoto]]] = []
    spots = _pixels(profile.heights, np.column_stack([along, ele]), width, height).tolist()
    for photo, (x, y) in zip(photos, spots, strict=True):
        if groups and x - groups[-1][0] < DOTS_APART:
            groups[-1][2].append(photo)
        else:
            groups.append((x, y, [photo]))
    return [_dot(*group) for group in groups]


def _dot(x: float, y: float, photos: Sequence[ProfilePhoto]) -> str:
    first, more = photos[0], f" +{len(photos) - 1}" if len(photos) > 1 else ""
    return (
        f'<a class="profile-photo" href="{escape(first.href)}"><title>{escape(first.label)}{more}</title>'
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{DOT}"/></a>'
    )
