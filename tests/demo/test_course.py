"""The course: three GPX files that agree with the timetable and with the true places behind them."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from blog.demo.course import DAYS, METRES_PER_DEGREE, gpx_files, place_at

KST = timezone(timedelta(hours=9))
NS = {"g": "http://www.topografix.com/GPX/1/1"}


@pytest.fixture(scope="module")
def tracks() -> list[ElementTree.Element]:
    return [ElementTree.fromstring(data) for _, data in gpx_files()]


def fixes(segment: ElementTree.Element) -> list[tuple[datetime, float, float, float]]:
    return [
        (
            datetime.fromisoformat(point.findtext("g:time", "", NS)),
            float(point.attrib["lat"]),
            float(point.attrib["lon"]),
            float(point.findtext("g:ele", "", NS)),
        )
        for point in segment.iterfind("g:trkpt", NS)
    ]


def metres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    east = (lon2 - lon1) * np.cos(np.radians(lat1))
    return float(np.hypot(lat2 - lat1, east) * METRES_PER_DEGREE)


def test_each_day_is_one_file_with_several_segments(tracks: list[ElementTree.Element]) -> None:
    assert [name for name, _ in gpx_files()] == [f"along-the-tumen-{day}.gpx" for day in (1, 2, 3)]
    assert all(len(track.findall("g:trk/g:trkseg", NS)) >= 2 for track in tracks)


def test_fixes_come_every_five_to_ten_seconds_and_stay_within_the_day(
    tracks: list[ElementTree.Element],
) -> None:
    for day, track in zip(DAYS, tracks, strict=True):
        for segment in track.iterfind("g:trk/g:trkseg", NS):
            times = [time for time, *_ in fixes(segment)]
            steps = {(b - a).total_seconds() for a, b in pairwise(times)}
            assert min(steps) >= 4
            assert max(steps) <= 11
            assert {time.astimezone(KST).date().isoformat() for time in times} == {day.date}


def test_fixes_lie_within_a_few_metres_of_the_true_course(tracks: list[ElementTree.Element]) -> None:
    errors = []
    for track in tracks:
        for time, lat, lon, _ in fixes(track.findall("g:trk/g:trkseg", NS)[-1])[::7]:
            true = place_at(time)
            errors.append(metres(true.lat, true.lon, lat, lon))
    assert 0.5 < float(np.median(errors)) < 6
    assert max(errors) < 15


def test_the_second_day_drives_from_hoeryong_over_the_pass_to_chongjin(
    tracks: list[ElementTree.Element],
) -> None:
    places = [fix for segment in tracks[1].iterfind("g:trk/g:trkseg", NS) for fix in fixes(segment)]
    driven = sum(metres(a[1], a[2], b[1], b[2]) for a, b in pairwise(places))
    assert 75_000 < driven < 105_000
    assert places[0][1] > 42.42
    assert places[-1][1] < 41.82
    assert 560 < max(ele for *_, ele in places) < 620


def test_the_bus_keeps_to_the_speeds_of_a_gravel_road(tracks: list[ElementTree.Element]) -> None:
    speeds = []
    for segment in tracks[1].iterfind("g:trk/g:trkseg", NS):
        spaced = fixes(segment)[::6]
        for a, b in pairwise(spaced):
            speeds.append(metres(a[1], a[2], b[1], b[2]) / (b[0] - a[0]).total_seconds() * 3.6)
    moving = [speed for speed in speeds if speed > 12]
    assert 22 < float(np.median(moving)) < 45
    assert max(moving) < 60


def test_the_tunnel_is_a_gap_of_about_a_kilometre(tracks: list[ElementTree.Element]) -> None:
    segments = [fixes(segment) for segment in tracks[1].iterfind("g:trk/g:trkseg", NS)]
    last, first = segments[0][-1], segments[1][0]
    assert 800 < metres(last[1], last[2], first[1], first[2]) < 1500
    assert timedelta(minutes=1) < first[0] - last[0] < timedelta(minutes=4)


def test_the_course_is_the_same_every_time() -> None:
    moment = datetime(2026, 5, 14, 10, 44, 21, tzinfo=KST)
    assert gpx_files() == gpx_files()
    assert place_at(moment) == place_at(moment.astimezone(UTC))
    assert place_at(moment).lat == pytest.approx(42.24, abs=0.002)


def test_the_night_is_spent_where_the_day_ended() -> None:
    late, early = datetime(2026, 5, 13, 23, 0, tzinfo=KST), datetime(2026, 5, 14, 4, 32, tzinfo=KST)
    assert metres(*place_at(late)[:2], *place_at(early)[:2]) < 40
