"""Placement on real photos, and its speed beside a floor.

    python benchmarks/placement.py shared/data

1. The phone photos of `aegean`, stripped of their GPS and placed by each receiver's track, against their own.
2. 10,000 photos on 1,000,000 track points, as a ratio to the search and the interpolation alone.
3. A GPX file of 1,000,000 points, as a ratio to expat calling empty handlers.
"""

import argparse
import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.parsers import expat

import numpy as np

from blog.geo.clocks import Clock, Reading, camera_clocks, in_usual_zone
from blog.geo.gpx import read_gpx
from blog.geo.placing import Shot, place, shot
from blog.geo.positions import between, distance_m
from blog.geo.tracks import Track
from blog.photos.metadata import read_metadata
from blog.trips.place_command import reading

PHOTOS, POINTS = 10_000, 1_000_000
RUNS = 7
START_S = 1.7e9


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure placement.")
    parser.add_argument("data", type=Path, help="the folder that holds aegean/")
    data = parser.parse_args().data
    aegean(data / "aegean")
    speed()
    gpx_speed()


def aegean(folder: Path) -> None:
    """Metres between where a photo's time puts it and its own GPS, receiver by receiver."""
    print("aegean: phone photos stripped of their GPS, placed by time, against their own GPS")
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
        return reading(read_metadata(file))


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
