"""Where the demo trip was at every moment: the rough course of the real roads from Hoeryong to Chongjin.

Everything follows from one timetable: the tracks that a recorder wrote (with its noise, its gaps, a tunnel),
and the true place of each photo, against which its placement can be checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METRES_PER_DEGREE = 111_195.0  # of latitude, on a sphere of 6,371 km
_LOCAL = timezone(timedelta(hours=9))


class Place(NamedTuple):
    """Degrees, and metres above the sea."""

    lat: float
    lon: float
    ele: float


@dataclass(frozen=True)
class Way:
    """A stretch on the move through places (lat, lon, ele) at about so many km/h, bending by some metres."""

    places: tuple[tuple[float, float, float], ...]
    kmh: float
    swing_m: float = 0.0
    recorded: bool = True


@dataclass(frozen=True)
class Stay:
    """A stop until a local time (HH:MM), strolling within some metres; the recorder may be off."""

    until: str
    stroll_m: float = 12.0
    recorded: bool = True


@dataclass(frozen=True)
class Day:
    """One day's timetable from its first local time on."""

    name: str
    date: str
    begins: str
    start: tuple[float, float, float]
    stretches: tuple[Way | Stay, ...]


BRIDGE = (42.4661, 129.7437, 232.0)
HOERYONG_HOTEL = (42.4398, 129.7511, 243.0)
SCHOOL = (42.3327, 129.7792, 318.0)
CHONGJIN_HOTEL = (41.7883, 129.7795, 16.0)
SQUARE = (41.7951, 129.7762, 18.0)
LIBRARY = (41.7968, 129.7791, 19.0)
KINDERGARTEN = (41.7921, 129.7880, 21.0)
PORT = (41.7713, 129.8243, 5.0)
CEMETERY = (41.7592, 129.8367, 92.0)
BATH = (41.7858, 129.7839, 14.0)

DAYS = (
    Day(
        "along-the-tumen-1",
        "2026-05-13",
        "12:35",
        BRIDGE,
        (
            Stay("13:35", 40),
            Way(((42.4588, 129.7455, 234), (42.4482, 129.7502, 239), HOERYONG_HOTEL), 28, 8),
            Stay("14:45", 15, recorded=False),
            Way(((42.4472, 129.7468, 237), (42.4551, 129.7398, 233), (42.4569, 129.7361, 235)), 26, 8),
            Stay("15:50", 45),
            Way(((42.4480, 129.7440, 237), (42.4301, 129.7571, 250), (42.4176, 129.7655, 281)), 32, 12),
            Stay("16:55", 35),
            Way(((42.4301, 129.7571, 250), (42.4379, 129.7538, 243)), 32, 12),
            Stay("17:50", 20),
            Way(
                (
                    (42.4412, 129.7522, 242),
                    (42.4441, 129.7497, 240),
                    (42.4427, 129.7471, 240),
                    HOERYONG_HOTEL,
                ),
                3.1,
                4,
            ),
            Stay("19:00", 10),
        ),
    ),
    Day(
        "along-the-tumen-2",
        "2026-05-14",
        "07:40",
        HOERYONG_HOTEL,
        (
            Stay("07:52", 10),
            Way(
                (
                    (42.4301, 129.7571, 250),
                    (42.4160, 129.7668, 262),
                    (42.3990, 129.7724, 274),
                    (42.3790, 129.7703, 287),
                    (42.3560, 129.7768, 303),
                    SCHOOL,
                ),
                24,
                45,
            ),
            Stay("10:05", 55),
            Way(((42.3120, 129.7872, 338), (42.2905, 129.7745, 371)), 33, 60),
            Stay("10:29", 20),
            Way(((42.2717, 129.7689, 402), (42.2546, 129.7538, 441), (42.2400, 129.7471, 486)), 31, 85),
            Stay("10:51", 25),
            Way(((42.2262, 129.7402, 538), (42.2147, 129.7318, 584)), 30, 85),
            Stay("11:17", 25),
            Way(((42.2080, 129.7251, 571), (42.2031, 129.7202, 552)), 26, 20),
            Way(((42.1953, 129.7129, 529),), 27, 0, recorded=False),
            Way(((42.1860, 129.7051, 482), (42.1712, 129.7010, 421)), 28, 60),
            Stay("11:43", 15),
            Way(
                (
                    (42.1541, 129.6972, 355),
                    (42.1340, 129.6938, 306),
                    (42.1168, 129.7003, 279),
                    (42.0968, 129.7068, 248),
                    (42.0780, 129.7112, 221),
                    (42.0640, 129.7143, 196),
                ),
                33,
                55,
            ),
            Stay("13:50", 15, recorded=False),
            Way(((42.0606, 129.7156, 192),), 4, 2),
            Stay("14:25", 30),
            Way(
                (
                    (42.0412, 129.7205, 173),
                    (42.0166, 129.7166, 149),
                    (41.9921, 129.7232, 128),
                    (41.9668, 129.7340, 104),
                    (41.9403, 129.7338, 83),
                    (41.9140, 129.7401, 66),
                    (41.8905, 129.7442, 50),
                ),
                36,
                60,
            ),
            Stay("15:20", 20),
            Way(((41.8641, 129.7468, 38), (41.8390, 129.7551, 26), (41.8167, 129.7660, 19)), 32, 25),
            Stay("15:56", 15),
            Way(((41.8040, 129.7728, 18), CHONGJIN_HOTEL), 24, 8),
            Stay("18:50", 8, recorded=False),
            Way(((41.7910, 129.7781, 17), SQUARE), 3.8, 3),
            Stay("20:10", 60),
            Way(((41.7910, 129.7781, 17), CHONGJIN_HOTEL), 4.2, 3),
            Stay("20:40", 6),
        ),
    ),
    Day(
        "along-the-tumen-3",
        "2026-05-15",
        "08:05",
        CHONGJIN_HOTEL,
        (
            Stay("08:12", 6),
            Way(((41.7902, 129.7812, 17), (41.7935, 129.7790, 18), SQUARE), 3.9, 3),
            Stay("09:02", 70),
            Way((LIBRARY,), 4.0, 3),
            Stay("10:15", 12, recorded=False),
            Way(((41.7955, 129.7832, 20), KINDERGARTEN), 20, 6),
            Stay("11:40", 10, recorded=False),
            Way(((41.7903, 129.7843, 18), CHONGJIN_HOTEL), 20, 6),
            Stay("14:10", 8, recorded=False),
            Way(((41.7842, 129.7902, 12), (41.7801, 129.8036, 8), (41.7752, 129.8160, 6), PORT), 22, 10),
            Stay("16:30", 80),
            Way(((41.7752, 129.8160, 6), (41.7801, 129.8036, 8), CHONGJIN_HOTEL), 24, 10),
            Stay("17:35", 8, recorded=False),
            Way(
                (
                    (41.7842, 129.7902, 12),
                    (41.7801, 129.8036, 8),
                    (41.7760, 129.8190, 14),
                    (41.7708, 129.8302, 38),
                    (41.7652, 129.8341, 66),
                ),
                24,
                20,
            ),
            Way(((41.7620, 129.8357, 82), CEMETERY), 2.9, 6),
            Stay("19:36", 55),
            Way(((41.7652, 129.8341, 66),), 3.4, 6),
            Way(((41.7708, 129.8302, 38),), 14, 10),
            Stay("20:00", 12),
            Way(
                ((41.7760, 129.8190, 14), (41.7801, 129.8036, 8), (41.7842, 129.7902, 12), CHONGJIN_HOTEL),
                26,
                10,
            ),
            Stay("21:25", 5, recorded=False),
            Way((BATH,), 4.1, 3),
            Stay("22:20", 4, recorded=False),
            Way((CHONGJIN_HOTEL,), 4.1, 3),
        ),
    ),
)


@dataclass(frozen=True)
class Course:
    """The true course of one day: unix seconds UTC, degrees, metres, and whether it was recorded."""

    time: Floats
    lat: Floats
    lon: Floats
    ele: Floats
    recorded: NDArray[np.bool_]

    def at(self, moment: datetime) -> Place:
        """The true place at a moment; before the day's first and after its last it stands still."""
        t = moment.timestamp()
        return Place(*(float(np.interp(t, self.time, values)) for values in (self.lat, self.lon, self.ele)))


def place_at(moment: datetime) -> Place:
    """Where the trip truly was at an aware moment."""
    local = moment.astimezone(_LOCAL).date().isoformat()
    number = max((i for i, day in enumerate(DAYS) if day.date <= local), default=0)
    return course(number).at(moment)


def gpx_files() -> tuple[tuple[str, bytes], ...]:
    """The recorder's three files, (name, GPX 1.1)."""
    return tuple(
        (f"{day.name}.gpx", _gpx(day, course(i), np.random.default_rng(900 + i)))
        for i, day in enumerate(DAYS)
    )


@cache
def course(number: int) -> Course:
    """The course of the day with that number, the first being 0."""
    day = DAYS[number]
    rng = np.random.default_rng(70 + number)
    clock = _local(day.date, day.begins)
    here = day.start
    parts: list[tuple[Floats, Floats, bool]] = []
    for stretch in day.stretches:
        if isinstance(stretch, Way):
            times, places = _travelled(here, stretch, clock, rng)
            here = stretch.places[-1]
        else:
            times, places = _stayed(here, stretch, clock, _local(day.date, stretch.until), rng)
        parts.append((times, places, stretch.recorded))
        clock = float(times[-1])
    places = np.concatenate([p for _, p, _ in parts])
    recorded = np.concatenate([np.full(len(t), known) for t, _, known in parts])
    return Course(
        np.concatenate([t for t, _, _ in parts]), places[:, 0], places[:, 1], places[:, 2], recorded
    )


def _travelled(
    here: tuple[float, float, float], way: Way, clock: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Times and places (n, 3) of a stretch on the move, a point every few metres."""
    knots = np.array([here, *way.places])
    step_m = 4.0 if way.kmh < 6 else 12.0
    line = _swung(_spline(knots, step_m), way.swing_m, rng)
    metres = _steps_m(line)
    pace = way.kmh / 3.6 * (1 + 0.22 * _wander(len(metres), 40, rng))
    return clock + np.concatenate([[0.0], np.cumsum(metres / pace)]), line


def _stayed(
    here: tuple[float, float, float], stay: Stay, clock: float, until: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Times and places of a stop, a point every five seconds, leaving from where it began."""
    if until <= clock + 5:
        raise ValueError(f"The stop until {stay.until} would end before it begins.")
    times = np.arange(clock, until + 2.5, 5.0)
    ease = np.sin(np.pi * np.linspace(0, 1, len(times))) ** 0.5
    north, east = (stay.stroll_m * ease * _wander(len(times), 36, rng) for _ in range(2))
    lat = here[0] + north / METRES_PER_DEGREE
    lon = here[1] + east / (METRES_PER_DEGREE * np.cos(np.radians(here[0])))
    return times, np.stack([lat, lon, np.full(len(times), here[2])], axis=1)


def _spline(knots: Floats, step_m: float) -> Floats:
    """A centripetal Catmull-Rom curve through the knots (Barry and Goldman 1988), a point every `step_m`."""
    padded = np.concatenate([[2 * knots[0] - knots[1]], knots, [2 * knots[-1] - knots[-2]]])
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = np.cumsum(
            [0.0, *(float(np.linalg.norm((b - a)[:2])) ** 0.5 for a, b in ((p0, p1), (p1, p2), (p2, p3)))]
        )
        count = max(2, round(float(_steps_m(np.stack([p1, p2]))[0]) / step_m))
        at = np.linspace(t[1], t[2], count, endpoint=False)[:, None]
        a1 = (t[1] - at) / (t[1] - t[0]) * p0 + (at - t[0]) / (t[1] - t[0]) * p1
        a2 = (t[2] - at) / (t[2] - t[1]) * p1 + (at - t[1]) / (t[2] - t[1]) * p2
        a3 = (t[3] - at) / (t[3] - t[2]) * p2 + (at - t[2]) / (t[3] - t[2]) * p3
        b1 = (t[2] - at) / (t[2] - t[0]) * a1 + (at - t[0]) / (t[2] - t[0]) * a2
        b2 = (t[3] - at) / (t[3] - t[1]) * a2 + (at - t[1]) / (t[3] - t[1]) * a3
        pieces.append((t[2] - at) / (t[2] - t[1]) * b1 + (at - t[1]) / (t[2] - t[1]) * b2)
    return np.concatenate([*pieces, knots[-1:]])


def _swung(line: Floats, swing_m: float, rng: np.random.Generator) -> Floats:
    """The line with the bends that a valley road has, both ends kept."""
    if swing_m == 0 or len(line) < 8:
        return line
    scale = np.array([METRES_PER_DEGREE, METRES_PER_DEGREE * np.cos(np.radians(line[0, 0]))])
    ahead = np.gradient(line[:, :2] * scale, axis=0)
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.linalg.norm(ahead, axis=1, keepdims=True)
    ends = np.clip(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / 20, 0, 1)
    offset = swing_m * ends * (_wander(len(line), 38, rng) + 0.3 * _wander(len(line), 13, rng))
    bent = line.copy()
    bent[:, :2] += across * offset[:, None] / scale
    return bent


def _wander(count: int, spacing: float, rng: np.random.Generator) -> Floats:
    """Smooth noise of about ±1, a new value every `spacing` points, cosine between them."""
    knots = rng.uniform(-1, 1, int(count / spacing) + 3)
    at = np.arange(count) / spacing
    whole = at.astype(int)
    share = (1 - np.cos(np.pi * (at - whole))) / 2
    return knots[whole] * (1 - share) + knots[whole + 1] * share


def _steps_m(line: Floats) -> Floats:
    """Metres between neighbours; flat-earth is exact enough between points this close."""
    north = np.diff(line[:, 0]) * METRES_PER_DEGREE
    east = np.diff(line[:, 1]) * METRES_PER_DEGREE * np.cos(np.radians(line[:-1, 0]))
    return np.hypot(north, east)


def _local(date: str, time: str) -> float:
    return datetime.fromisoformat(f"{date}T{time}:00").replace(tzinfo=_LOCAL).timestamp()


def _gpx(day: Day, true: Course, rng: np.random.Generator) -> bytes:
    """What the recorder wrote: a fix every 5–10 s, a few metres off, a new segment after each gap."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Roadbook demo" '
        'xmlns="http://www.topografix.com/GPX/1/1">\n<metadata><name>Along the Tumen</name></metadata>\n'
        f"<trk><name>{day.date}</name>\n"
    ]
    for first, last in _recorded_spans(true):
        parts.append(_segment(true, first, last, rng))
    return ("".join(parts) + "</trk>\n</gpx>\n").encode()


def _recorded_spans(true: Course) -> Sequence[tuple[float, float]]:
    """Begin and end of each span (unix seconds) in which the recorder had the sky."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], true.recorded.astype(int), [0]])))
    return [(float(true.time[a]), float(true.time[b - 1])) for a, b in edges.reshape(-1, 2)]


def _segment(true: Course, first: float, last: float, rng: np.random.Generator) -> str:
    times = np.round(first + np.cumsum(rng.integers(5, 11, int((last - first) / 5) + 1)))
    times = np.concatenate([[np.ceil(first)], times[times < last]])
    lat, lon, ele = (np.interp(times, true.time, values) for values in (true.lat, true.lon, true.ele))
    lat = lat + (_drift(len(times), rng) + rng.normal(0, 0.9, len(times))) / METRES_PER_DEGREE
    lon = lon + (_drift(len(times), rng) + rng.normal(0, 0.9, len(times))) / (METRES_PER_DEGREE * 0.745)
    ele = ele + 2.2 * _wander(len(times), 30, rng)
    points = [
        f'<trkpt lat="{a:.6f}" lon="{o:.6f}"><ele>{e:.1f}</ele><time>{_stamp(t)}</time></trkpt>\n'
        for a, o, e, t in zip(lat, lon, ele, times, strict=True)
    ]
    return "<trkseg>\n" + "".join(points) + "</trkseg>\n"


def _stamp(unix_s: float) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _drift(count: int, rng: np.random.Generator) -> Floats:
    """A receiver's error in metres: it wanders by a few metres over minutes."""
    return 3.0 * _wander(count, 25, rng)
