"""Writing GPX 1.1: the way as tracks, the photos as waypoints."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from blog.geo.positions import Floats, Position
from blog.geo.tracks import Track
from blog.geo.zones import utc_time

AT_ONCE = 5_000  # points that are written in one go

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


@dataclass(frozen=True)
class Waypoint:
    """A photo on the way: utc_s is when it was taken, note says how its place was found, link leads to it."""

    position: Position
    name: str
    utc_s: float | None = None
    note: str = ""
    link: str = ""


def gpx_document(
    title: str, waypoints: Iterable[Waypoint], ways: Iterable[tuple[str, Track]]
) -> Iterator[bytes]:
    """A GPX file in pieces; `ways` are tracks with their names. Elements stand in the schema's order."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Roadbook" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<metadata>{_element('name', title)}</metadata>\n"
    ).encode()
    for waypoint in waypoints:
        yield _waypoint(waypoint).encode()
    for name, track in ways:
        yield f"<trk>{_element('name', name)}\n".encode()
        for part in track.segments:
            yield b"<trkseg>\n"
            for start in range(part.start, part.stop, AT_ONCE):
                yield _points(track, slice(start, min(start + AT_ONCE, part.stop))).encode()
            yield b"</trkseg>\n"
        yield b"</trk>\n"
    yield b"</gpx>\n"


def drawn_way(lines: Sequence[Floats]) -> Track:
    """Lines (n, 2) of latitude and longitude in degrees as a track of one segment each, without times."""
    kept = [np.reshape(line, (-1, 2)) for line in lines if len(line)]
    points = np.vstack([np.empty((0, 2)), *kept])
    nothing = np.full(len(points), np.nan)
    starts = np.cumsum([0, *(len(line) for line in kept[:-1])])[: len(kept)].astype(np.int64)
    return Track(points[:, 0], points[:, 1], nothing, nothing, starts)


def _waypoint(waypoint: Waypoint) -> str:
    position = waypoint.position
    ele = np.nan if position.ele is None else position.ele
    time = "" if waypoint.utc_s is None else utc_time(waypoint.utc_s).strftime("%Y-%m-%dT%H:%M:%SZ")
    link = f"<link href={quoteattr(waypoint.link)}/>" if waypoint.link else ""
    words = _element("name", waypoint.name) + _element("desc", waypoint.note)
    inside = _height(ele) + _element("time", time) + words + link
    return f"<wpt {_where(position.lat, position.lon)}>{inside}</wpt>\n"


def _points(track: Track, rows: slice) -> str:
    times = _times(track.time[rows])
    columns = (track.lat[rows].tolist(), track.lon[rows].tolist(), track.ele[rows].tolist(), times)
    return "".join(
        f"<trkpt {_where(lat, lon)}>{_height(ele)}{time}</trkpt>\n"
        for lat, lon, ele, time in zip(*columns, strict=True)
    )


def _times(utc_s: Floats) -> list[str]:
    """Elements to the second where all are whole, else to the millisecond; empty where unknown."""
    known = np.isfinite(utc_s)
    thousandths = np.rint(np.where(known, utc_s, 0) * 1000).astype(np.int64)
    unit: Literal["ms", "s"] = "ms" if np.any(thousandths % 1000) else "s"
    texts = np.datetime_as_string(thousandths.astype("datetime64[ms]"), unit=unit, timezone="UTC")
    return [f"<time>{text}</time>" if is_known else "" for text, is_known in zip(texts, known, strict=True)]


def _where(lat: float, lon: float) -> str:
    """Longitudes end before 180 in GPX."""
    east = -180.0 if round(lon, 7) >= 180 else lon
    return f'lat="{lat:.7f}" lon="{east:.7f}"'


def _height(ele: float) -> str:
    return "" if isnan(ele) else f"<ele>{ele:.1f}</ele>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(NOT_XML.sub('', text))}</{name}>" if text else ""
