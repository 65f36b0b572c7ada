"""The search of camera clocks on trips that never were, beside the targets.

    python benchmarks/clock_trials.py            the seeds that a report takes
    python benchmarks/clock_trials.py --dev      those to develop with

The trips come from trial_generator.py, which shares no model with the search.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from trial_generator import Trip, make_trip, own_gps, told_pairs

from blog.geo.clocks import Clock, Reading, camera_clocks
from blog.geo.gpx import read_gpx
from blog.geo.positions import Position
from blog.geo.tracks import Track
from blog.photos.metadata import read_metadata
from blog.trips.place_command import reading

DEVELOPMENT, REPORT = 1_000, 9_000_000
ENOUGH_MOMENTS = 40
WRONG_S = 120.0


@dataclass(frozen=True)
class Answer:
    """error_s is that of the likeliest offset, claimed its probability; seconds are of CPU."""

    error_s: float
    claimed: float
    is_applied: bool
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Try the search of camera clocks.")
    parser.add_argument("--dev", action="store_true", help="the seeds to develop with")
    parser.add_argument("--trips", type=int, default=200, help="trips of each kind")
    parser.add_argument("--data", type=Path, help="a folder that holds aegean/")
    arguments = parser.parse_args()
    seed = DEVELOPMENT if arguments.dev else REPORT
    print(f"{'':42} {'n':>4} {'≤ 30 s':>7} {'≤ 2 min':>8} {'zone':>6} {'applied':>8} {'wrong':>6}")
    tried: list[Answer] = []
    for number, (name, days, trial, target) in enumerate(TRIALS):
        answers = trials(trial, days, arguments.trips, seed + 100_000 * number)
        tried += answers
        print(row(name, answers), f"  to reach: {target}")
    report_applied(tried)
    report_claims(tried)
    if arguments.data:
        aegean(arguments.data / "aegean")
    speed()


def with_anchors_on_track(rng: np.random.Generator, trip: Trip) -> Answer:
    return with_anchors(trip, own_gps(rng, trip, 3, on_track=True))


def with_anchors_anywhere(rng: np.random.Generator, trip: Trip) -> Answer:
    return with_anchors(trip, own_gps(rng, trip, 3, on_track=False))


def with_anchors(trip: Trip, places: dict[int, Position]) -> Answer:
    return answer(trip, [Reading("camera", trip.written_s(photo), position=places.get(i), ev=photo.ev)
                         for i, photo in enumerate(trip.photos)])  # fmt: skip


def with_pairs(rng: np.random.Generator, trip: Trip) -> Answer:
    return paired(rng, trip, 3)


def with_five_pairs(rng: np.random.Generator, trip: Trip) -> Answer:
    return paired(rng, trip, 5)


def paired(rng: np.random.Generator, trip: Trip, count: int) -> Answer:
    told = told_pairs(rng, trip, count, wrong=0.2)
    own = plain(trip)
    others = [Reading("phone", utc, gps_utc_s=utc) for _, utc in told]
    return answer(trip, own + others, [(i, len(own) + n) for n, (i, _) in enumerate(told)])


def by_track_alone(_rng: np.random.Generator, trip: Trip) -> Answer:
    return answer(trip, plain(trip))


def plain(trip: Trip) -> list[Reading]:
    return [Reading("camera", trip.written_s(photo), ev=photo.ev) for photo in trip.photos]


def answer(trip: Trip, readings: list[Reading], pairs: Sequence[tuple[int, int]] = ()) -> Answer:
    start = time.process_time()
    clock = camera_clocks(readings, [trip.track], {}, pairs)["camera"]
    took = time.process_time() - start
    return Answer(abs(clock.likeliest[0] - trip.offset_s), clock.likeliest[1], clock.is_sure, took)


TRIALS = (
    (
        "3 own-GPS anchors while it recorded",
        4,
        with_anchors_on_track,
        "≥ 90 % within 30 s, ≥ 99 % within 2 min",
    ),
    ("3 own-GPS anchors anywhere", 4, with_anchors_anywhere, "the same"),
    ("3 pairs, one in five wrong", 4, with_pairs, "≥ 97 % within 2 min"),
    ("5 pairs, one in five wrong", 4, with_five_pairs, "–"),
    ("the track alone, 3 days", 3, by_track_alone, "≥ 90 % in the zone, ≥ 75 % within 2 min"),
    ("the track alone, 8 days", 8, by_track_alone, "≥ 90 % in the zone, ≥ 75 % within 2 min"),
)


def trials(
    trial: Callable[[np.random.Generator, Trip], Answer], days: int, count: int, seed: int
) -> list[Answer]:
    """Only trips with enough moments to speak of count."""
    answers: list[Answer] = []
    while len(answers) < count:
        rng = np.random.default_rng(seed)
        trip = make_trip(rng, days)
        seed += 1
        if len(trip.moments) >= ENOUGH_MOMENTS:
            answers.append(trial(rng, trip))
    return answers


def row(name: str, answers: Sequence[Answer]) -> str:
    errors = np.array([one.error_s for one in answers])
    applied = [one for one in answers if one.is_applied]
    wrong = sum(one.error_s > WRONG_S for one in applied)
    return (f"{name:42} {len(answers):4} {np.mean(errors <= 30):7.1%} {np.mean(errors <= 120):8.1%} "
            f"{np.mean(errors <= 900):6.1%} {len(applied):8} {wrong:6}")  # fmt: skip


def report_applied(answers: Sequence[Answer]) -> None:
    applied = [one for one in answers if one.is_applied]
    for bound, words in ((WRONG_S, "2 min"), (900.0, "15 min")):
        wrong = sum(one.error_s > bound for one in applied)
        share = wrong / len(applied) if applied else 0.0
        print(f"applied without asking and more than {words} wrong: {wrong} of {len(applied)} ({share:.2%})"
              "   to reach: ≤ 0.5 %")  # fmt: skip


def report_claims(answers: Sequence[Answer]) -> None:
    print("probability claimed (within 15 min) beside what was true:")
    for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 1.01)):
        some = [one for one in answers if low <= one.claimed < high]
        if some:
            right = np.mean([one.error_s <= 900 for one in some])
            print(f"  {low:.0%}–{min(high, 1):.0%}: {right:.1%} of {len(some)}")


def aegean(folder: Path) -> None:
    """Phone photos without satellite time and zone, of which some keep their place, by each track."""
    readings = []
    for path in sorted((folder / "images").glob("IMG_*")):
        with path.open("rb") as file:
            readings.append(reading(read_metadata(file)))
    for path in sorted(folder.glob("*.gpx")):
        with path.open("rb") as file:
            track = read_gpx(file).track
        timed = [one for one in readings if one.written_s is not None]
        for count in (0, 3, 10):
            keep = {round(i) for i in np.linspace(2, len(timed) - 3, count)}
            bare = [Reading("phone", one.written_s, position=one.position if i in keep else None, ev=one.ev)
                    for i, one in enumerate(timed)]  # fmt: skip
            clock: Clock = camera_clocks(bare, [track], {})["phone"]
            print(f"aegean, {path.stem}, {count} of {len(timed)} photos keep their place: {clock.likeliest}, "
                  f"{'applied' if clock.is_sure else 'proposed'}")  # fmt: skip


def speed() -> None:
    """1,000 photos of one camera on 100,000 points, best of five."""
    rng = np.random.default_rng(1)
    wander = np.cumsum(rng.normal(0, 1e-5, (2, 100_000)), axis=1)
    seconds = 1.7e9 + 5 * np.arange(100_000, dtype=float)
    track = Track(45 + wander[0], 7 + wander[1], np.full(100_000, np.nan), seconds, np.array([0]))
    readings = [
        Reading("camera", when, ev=12.0) for when in rng.uniform(seconds[0], seconds[-1], 1000).tolist()
    ]
    times = []
    for _ in range(5):
        start = time.process_time()
        camera_clocks(readings, [track], {})
        times.append(time.process_time() - start)
    print(f"1,000 photos on 100,000 points: {min(times) * 1000:.0f} ms   to reach: ≤ 500 ms")


if __name__ == "__main__":
    main()
