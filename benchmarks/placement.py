"""Placement beside its targets, beside other tools on the same JPEGs, and beside a floor of its speed.

    python benchmarks/placement.py                     the seeds that a report takes
    python benchmarks/placement.py --dev               those to develop with
    python benchmarks/placement.py --data FOLDER       with real photos too: aegean, rome, drone

The journeys come from placement_generator.py, which shares no model with the estimator. The clocks have a
benchmark of their own, clock_trials.py.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.parsers import expat

import numpy as np
from placement_generator import Journey, journey, recorded, truly_at, without
from placement_peers import PEERS, installed, write_photos, write_track

from blog.geo.clocks import Clock, Reading, camera_clocks, in_usual_zone
from blog.geo.gpx import read_gpx
from blog.geo.placing import Placement, Shot, place, shot
from blog.geo.positions import Position, between, distance_m
from blog.geo.tracks import Track
from blog.photos.metadata import read_metadata
from blog.trips.place_command import reading

DEVELOPMENT, REPORT = 5_000, 7_000_000
PHOTOS, POINTS = 10_000, 1_000_000
RUNS = 7
START_S = 1.7e9
RIGHT = {"camera": Clock(0.0, 1.0, "gps")}
HOUR_S = 3600.0
LONG_WAIT_S = 8 * HOUR_S
GAPS = {"30 min – 2 h": (0.5, 2), "2 – 4 h": (2, 4), "4 – 12 h": (4, 12), "over 12 h": (12, 40)}
JPEGS, POINTS_BESIDE = 1_000, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure placement.")
    parser.add_argument("--dev", action="store_true", help="the seeds to develop with")
    parser.add_argument("--data", type=Path, help="a folder that holds aegean/, rome/, drone/")
    parser.add_argument("--tracks", type=int, default=50, help="tracks with 40 JPEGs each")
    arguments = parser.parse_args()
    seed = DEVELOPMENT if arguments.dev else REPORT
    beside_others(seed, arguments.tracks)
    gaps(seed + 100_000)
    no_track(seed + 200_000)
    if arguments.data:
        aegean(arguments.data / "aegean")
        others(arguments.data)
    speed()
    gpx_speed()
    exif_speed()


def beside_others(seed: int, tracks: int) -> None:
    """The same JPEGs placed by us and by others, the clock being right."""
    missing = installed()
    for name, why in missing.items():
        print(f"{name} is left out: {why}.")
    names = ["Roadbook", *(name for name in PEERS if name not in missing)]
    print(f"{'JPEGs on made-up tracks':26} {'n':>5} " + " ".join(f"{name:>27}" for name in names))
    print(f"{'':32} " + " ".join(f"{'median / p95 m, placed':>27}" for _ in names))
    kinds = {"every 1–5 s": (1, 5), "every 60 s": (60, 60), "in gaps of 40 min – 3 h": (5, 5)}
    count = -(-tracks // len(kinds))
    for number, (words, (least, most)) in enumerate(kinds.items()):
        found: dict[str, list[float]] = {name: [] for name in names}
        asked = 0
        for n in range(count):
            rng = np.random.default_rng(seed + 1000 * number + n)
            way, track, photos = enough_photos(rng, rng.integers(least, most + 1))
            if "gaps" in words:
                track, photos = cut(rng, way, track)
            asked += len(photos)
            for name, places in placed_by(names, photos, track).items():
                found[name] += [distance_m(a, b) for a, b in zip(places, truths(photos), strict=True) if a]
        print(f"{words:26} {asked:5} " + " ".join(f"{summary(found[name], asked):>27}" for name in names))
    print("to reach: every 1–5 s ≤ 7 / ≤ 15, every 60 s ≤ 10 / ≤ 80, all placed")


def enough_photos(rng: np.random.Generator, every_s: float) -> tuple[Journey, Track, list]:
    """A day with 40 photos or more, its track, and 40 of them; cameras write whole seconds."""
    while len((way := journey(rng)).photos) < 40:
        pass
    chosen = sorted(rng.choice(len(way.photos), 40, replace=False).tolist())
    return way, recorded(rng, way, float(every_s)), whole_seconds(way, [way.photos[i] for i in chosen])


def whole_seconds(way: Journey, photos: Sequence) -> list:
    return [replace(one, utc_s=float(round(one.utc_s)), place=way.at(round(one.utc_s))) for one in photos]


def cut(rng: np.random.Generator, way: Journey, track: Track) -> tuple[Track, list]:
    """A gap about a photo of the day, and the photos taken in it."""
    middle = way.photos[rng.integers(len(way.photos))].utc_s
    half = HOUR_S * rng.uniform(40 / 60, 3) / 2
    first, last = track.time[10], track.time[-10]
    begins, ends = max(first, middle - half), min(last, middle + half)
    inside = [one for one in way.photos if begins < one.utc_s < ends][:40]
    return without(track, begins, ends), whole_seconds(way, inside)


def truths(photos: Sequence) -> list[Position]:
    return [one.place for one in photos]


def placed_by(names: Sequence[str], photos: Sequence, track: Track) -> dict[str, list[Position | None]]:
    if not photos:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        paths = write_photos(Path(folder), [one.utc_s for one in photos])
        gpx = write_track(Path(folder) / "track.gpx", track)
        return {name: ours(paths, track) if name == "Roadbook" else PEERS[name](paths, gpx) for name in names}


def ours(paths: Sequence[Path], track: Track) -> list[Position | None]:
    """By the JPEGs' own time, their camera's clock being known to keep UTC."""
    readings = [read(path) for path in paths]
    shots = [replace(shot(i, one, None, i), camera="camera") for i, one in enumerate(readings)]
    return [placement.position for placement in place(shots, [track], RIGHT)]


def summary(errors: Sequence[float], asked: int) -> str:
    if not errors:
        return "–, 0 %"
    median, p95 = np.percentile(errors, [50, 95])
    return f"{median:.1f} / {p95:.0f}, {len(errors) / asked:.1%}"


def gaps(seed: int) -> None:
    """r90 by the length of the gap, in tracks and between photos that have a place."""
    print(f"\n{'r90 holds the truth':34} {'n':>6} {'holds':>7} {'median m':>9} {'median r90':>11}")
    all_held: list[bool] = []
    rows = [(f"on the track, every {every} s", on_track(seed + every, every)) for every in (2, 30, 120)]
    for number, (words, hours) in enumerate(GAPS.items()):
        rows.append((f"gap of the track, {words}", in_gaps(seed + 1000 * (number + 1), hours, True)))
        rows.append((f"between photos, {words}", in_gaps(seed + 1000 * (number + 20), hours, False)))
    for words, pairs in rows:
        errors, radii = np.array(pairs).reshape(-1, 2).T
        held = errors <= radii
        all_held += held.tolist()
        print(
            f"{words:34} {len(held):6} {np.mean(held):7.1%} {np.median(errors):9.0f} {np.median(radii):11.0f}"
        )
    print(
        f"{'overall':34} {len(all_held):6} {np.mean(all_held):7.1%}   "
        "to reach: 88–93 %, and ≥ 85 % in every gap class"
    )


def on_track(seed: int, every: int, trips: int = 25) -> list[tuple[float, float]]:
    pairs = []
    for n in range(trips):
        rng = np.random.default_rng(seed * 100 + n)
        way = journey(rng)
        if way.photos:
            pairs += errors_and_radii(way.photos, place_all(way.photos, [recorded(rng, way, float(every))]))
    return pairs


def in_gaps(
    seed: int, hours: tuple[float, float], by_track: bool, trips: int = 120
) -> list[tuple[float, float]]:
    """Photos in one gap a journey; without a track it lies between two photos with a place of their own."""
    pairs = []
    for n in range(trips):
        rng = np.random.default_rng(seed + n)
        way = journey(rng, days=1 if hours[1] <= 4 else 3)
        if len(way.photos) < 5:
            continue
        begins = rng.uniform(way.photos[0].utc_s, way.photos[-1].utc_s)
        ends = begins + HOUR_S * rng.uniform(*hours)
        if ends > way.photos[-1].utc_s:
            continue
        inside = [one for one in way.photos if begins + 1 < one.utc_s < ends - 1]
        if by_track:
            found = place_all(inside, [without(recorded(rng, way, 10.0), begins, ends)])
        else:
            fixes = {moment: truly_at(way, rng, moment) for moment in (begins, ends)}
            found = place_all(inside, [], fixes)
        pairs += errors_and_radii(inside, found)
    return pairs


def place_all(
    photos: Sequence, tracks: Sequence[Track], fixes: dict[float, Position] | None = None
) -> list[Placement]:
    """The photos placed by their exact times; fixes are photos of another camera with places of their own."""
    shots = [Shot(i, "camera", one.utc_s, None, None, i) for i, one in enumerate(photos)]
    known = [
        Shot(f"fix {i}", "phone", utc, position, None, len(shots) + i, utc)
        for i, (utc, position) in enumerate((fixes or {}).items())
    ]
    return place([*shots, *known], tracks, RIGHT)[: len(shots)]


def errors_and_radii(photos: Sequence, found: Sequence[Placement]) -> list[tuple[float, float]]:
    unplaced = sum(one.position is None for one in found)
    if unplaced:
        print(f"{unplaced} photos inside the span got no place")
    return [
        (distance_m(one.position, photo.place), one.radius_m)
        for photo, one in zip(photos, found, strict=True)
        if one.position and one.radius_m
    ]


def no_track(seed: int, trips: int = 150) -> None:
    """A phone's photo with a place now and then, a camera's between them; beside a straight line.

    Of most waits by night the traveller slept elsewhere than either place: no way between them says where.
    """
    found: dict[str, list[tuple[float, float]]] = {"in waits up to 8 h": [], "in longer ones": []}
    for n in range(trips):
        rng = np.random.default_rng(seed + n)
        way = journey(rng, days=3)
        moments = np.sort(rng.uniform(way.time[0], way.time[-1], 4 * 3))
        fixes = {float(moment): truly_at(way, rng, float(moment)) for moment in moments}
        inside = [one for one in way.photos if moments[0] < one.utc_s < moments[-1]]
        for photo, one in zip(inside, place_all(inside, [], fixes), strict=True):
            if one.position:
                after = int(np.searchsorted(moments, photo.utc_s))
                is_short = moments[after] - moments[after - 1] <= LONG_WAIT_S
                found["in waits up to 8 h" if is_short else "in longer ones"].append(
                    (
                        distance_m(one.position, photo.place),
                        distance_m(straight(fixes, photo.utc_s), photo.place),
                    )
                )
    every = [pair for pairs in found.values() for pair in pairs]
    print(f"\nno track at all, 4 fixes a day; photos: {beside_straight(every)}   to reach: ≥ 30 %")
    for words, pairs in found.items():
        print(f"  {words}: {beside_straight(pairs)}")


def beside_straight(pairs: Sequence[tuple[float, float]]) -> str:
    model, linear = np.median(np.array(pairs), axis=0)
    words = f"{len(pairs)}, median {model:.0f} m, a straight line {linear:.0f} m"
    return f"{words}: {1 - model / linear:.0%} under it"


def straight(fixes: dict[float, Position], utc_s: float) -> Position:
    """Along the great circle at constant speed."""
    times = np.array(list(fixes))
    after = int(np.searchsorted(times, utc_s))
    a, b = fixes[times[after - 1]], fixes[times[after]]
    fraction = (utc_s - times[after - 1]) / (times[after] - times[after - 1])
    lat, lon = between(a.lat, a.lon, b.lat, b.lon, fraction)
    return Position(float(lat), float(lon))


def aegean(folder: Path) -> None:
    """Metres between where a photo's time puts it and its own GPS, receiver by receiver."""
    print("\naegean: phone photos stripped of their GPS, placed by time, against their own GPS")
    print(f"{'receiver':14} {'photos':>6} {'by track':>8} {'median m':>9} {'p95 m':>7} {'r90 holds':>9}")
    for path in sorted(folder.glob("*.gpx")):
        with path.open("rb") as file:
            track = read_gpx(file).track
        print(f"{path.stem:14} {compare(folder / 'images', track)}")


def compare(images: Path, track: Track) -> str:
    readings = [read(path) for path in sorted(images.glob("IMG_*"))]
    truth = [one.position for one in readings]
    stripped = in_usual_zone([replace(one, position=None, gps_utc_s=None) for one in readings])
    shots = [shot(i, one, None, i) for i, one in enumerate(stripped)]
    placements = place(shots, [track], camera_clocks(stripped, [track], {}))
    found = [(p, own) for p, own in zip(placements, truth, strict=True) if p.position and own]
    if not found:
        return f"{0:6} {0:8} {'–':>9} {'–':>7} {'–':>9}   {placements[0].reason}"
    errors = np.array([distance_m(p.position, own) for p, own in found if p.position])
    radii = np.array([p.radius_m for p, _ in found])
    on_track = sum(p.source == "track" for p, _ in found)
    median, p95 = np.percentile(errors, [50, 95])
    return f"{len(found):6} {on_track:8} {median:9.1f} {p95:7.1f} {np.mean(errors <= radii):9.0%}"


def read(path: Path) -> Reading:
    with path.open("rb") as file:
        return reading(read_metadata(file, in_full=False))


def others(data: Path) -> None:
    """What `roadbook place` makes of the photos as they are."""
    print()
    for name in ("rome", "drone"):
        paths = sorted(path for path in (data / name).iterdir() if path.suffix.lower() == ".jpg")
        tracks = [read_gpx(path.open("rb")).track for path in sorted((data / name).glob("*.gpx"))]
        readings = in_usual_zone([read(path) for path in paths])
        clocks = camera_clocks(readings, tracks, {})
        found = place([shot(i, one, None, i) for i, one in enumerate(readings)], tracks, clocks)
        sources = {
            source: sum(one.source == source for one in found) for source in {one.source for one in found}
        }
        told = (f"{camera}: {clock.offset_s:.0f} s, {clock.source}" for camera, clock in clocks.items())
        print(f"{name}: {len(paths)} photos, {len(tracks)} tracks: {sources}; clocks: {'; '.join(told)}")


def exif_speed() -> None:
    """1,000 JPEGs: reading their metadata, exiftool doing so, and `roadbook place` with a track."""
    with tempfile.TemporaryDirectory() as folder:
        times = (START_S + 500.0 * np.arange(JPEGS)).tolist()
        paths = [str(path) for path in write_photos(Path(folder), times, (6000, 4000))[:JPEGS]]
        rng = np.random.default_rng(1)
        wander = np.cumsum(rng.normal(0, 1e-5, (2, POINTS_BESIDE)), axis=1)
        seconds = START_S + 5.0 * np.arange(POINTS_BESIDE)
        track = Track(45 + wander[0], 7 + wander[1], np.full(POINTS_BESIDE, 500.0), seconds, np.array([0]))
        gpx = write_track(Path(folder) / "track.gpx", track)
        code = "import sys\nfrom pathlib import Path\nfrom blog.trips.place_command import read_photo\n" \
               "for path in sys.argv[1:]: read_photo(Path(path))"  # fmt: skip
        for path in map(Path, paths):
            read(path)  # warm
        start = time.process_time()
        for path in map(Path, paths):
            read(path)
        rate = JPEGS / (time.process_time() - start)
        alone = seconds_of([sys.executable, "-c", code, *paths])
        whole = seconds_of(
            [str(Path(sys.executable).parent / "roadbook"), "place", "--json", "--track", str(gpx), *paths]
        )
        print(f"\nEXIF of {JPEGS:,} JPEGs of 24 megapixels, warm: {rate:,.0f} photos/s   to reach: ≥ 3,000")
        if "exiftool -geotag" not in installed():
            theirs = seconds_of(["exiftool", "-json", "-fast2", *paths])
            print(f"  exiftool -fast2 in one process: {JPEGS / theirs:,.0f} photos/s")
        print(f"roadbook place, {JPEGS:,} JPEGs, {POINTS_BESIDE:,} points: {whole:.1f} s, {whole / alone:.2f}"
              f" x reading the photos alone ({alone:.1f} s)   to reach: ≤ 1.5")  # fmt: skip


def seconds_of(command: Sequence[str]) -> float:
    """Processor seconds of a process and what it starts, the best of three runs."""
    times = []
    for _ in range(3):
        before = children_s()
        subprocess.run(command, check=True, capture_output=True)
        times.append(children_s() - before)
    return min(times)


def children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def speed() -> None:
    """place() beside one search and one interpolation over the same numbers."""
    rng = np.random.default_rng(1)
    wander = np.cumsum(rng.normal(0, 1e-5, (2, POINTS)), axis=1)
    lat, lon, seconds = 45 + wander[0], 7 + wander[1], START_S + np.arange(POINTS, dtype=float)
    track = Track(lat, lon, np.full(POINTS, 500.0), seconds, np.array([0]))
    moments = rng.uniform(START_S, START_S + POINTS - 1, PHOTOS)
    shots = [Shot(i, "camera", moment, None, None, i) for i, moment in enumerate(moments.tolist())]
    clocks = {"camera": Clock(0.0, 1.0, "gps")}

    def floor() -> None:
        after = np.searchsorted(seconds, moments, side="right")
        fraction = (moments - seconds[after - 1]) / (seconds[after] - seconds[after - 1])
        between(lat[after - 1], lon[after - 1], lat[after], lon[after], fraction)

    bare, whole = best(floor), best(lambda: place(shots, [track], clocks))
    print(f"\n{PHOTOS:,} photos on {POINTS:,} points: {whole * 1000:.0f} ms, "
          f"{whole / bare:.1f} x the search and interpolation alone ({bare * 1000:.1f} ms)")  # fmt: skip


def gpx_speed() -> None:
    points = "".join(
        f'<trkpt lat="{45 + i * 1e-7:.7f}" lon="7.1234567">\n<ele>{500 + i % 90}.5</ele>\n'
        f"<time>2024-05-{1 + i // 86400:02}T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}Z</time>\n"
        "</trkpt>\n"
        for i in range(POINTS)
    )
    data = f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>".encode()

    def floor() -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda _name, _attributes: None
        parser.EndElementHandler = lambda _name: None
        parser.Parse(data, True)

    bare, whole = best(floor, 3), best(lambda: read_gpx(io.BytesIO(data)), 3)
    print(f"GPX of {POINTS:,} points ({len(data) / 1e6:.0f} MB): {whole:.1f} s, "
          f"{whole / bare:.1f} x expat with empty handlers ({bare:.1f} s)")  # fmt: skip


def best(work: Callable[[], object], runs: int = RUNS) -> float:
    """CPU seconds of the quickest of several runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
