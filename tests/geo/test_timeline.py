"""Where one was between known places, and how surely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.positions import distances_m
from blog.geo.timeline import FLOOR_M, Timeline, r90_m, timelines
from tests.geo.test_tracks import track_of

MINUTE, HOUR = 60.0, 3600.0
METRE = 1 / 111_195  # degrees of latitude


def line(time, north_m, ele=None) -> Timeline:
    """Fixes on a meridian, so many metres north of 46°."""
    north = 46 + np.array(north_m, float) * METRE
    height = np.full(len(north), np.nan) if ele is None else np.array(ele, float)
    return Timeline(np.array(time, float), north, np.full(len(north), 7.0), height)


def at(timeline: Timeline, *times: float, width_s: float = 0.0):
    spots = timeline.at(np.array(times, float), np.full(len(times), width_s))
    return spots, (spots.lat - 46) / METRE


def test_between_fixes_one_moves_evenly():
    spots, north = at(line([0, 100], [0, 200], [500, 600]), 0, 25, 50, 100)
    assert north == pytest.approx([0, 50, 100, 200], abs=0.01)
    assert spots.ele == pytest.approx([500, 525, 550, 600])
    assert spots.span_s.tolist() == [100] * 4


def test_outside_one_stays_at_the_end():
    _, north = at(line([0, 100], [0, 200]), -50, 150)
    assert north == pytest.approx([0, 200], abs=0.01)


def test_one_fix_alone_and_two_at_one_time_are_places():
    assert at(line([50], [7]), 0, 50, 99)[1] == pytest.approx([7, 7, 7], abs=0.01)
    spots, _ = at(line([50, 50, 60], [7, 9, 9]), 50, 55)
    assert np.all(np.isfinite(spots.radius_m))


def test_across_a_gap_one_dwells_travels_and_dwells():
    """1,000 m in an hour at 1.1 m/s take 909 s: from 1,345 s to 2,255 s of the gap."""
    gap = line([0, HOUR], [0, 1000])
    _, north = at(gap, 0, 1340, 1800, 2260, HOUR)
    assert north == pytest.approx([0, 0, 500, 1000, 1000], abs=0.5)


def test_a_gap_begins_at_thirty_minutes():
    assert at(line([0, 30 * MINUTE - 1], [0, 600]), 300)[1] == pytest.approx([600 * 300 / 1799], abs=0.01)
    assert at(line([0, 30 * MINUTE], [0, 600]), 300)[1] == pytest.approx([0], abs=0.01)


@pytest.mark.parametrize(
    ("distance_m", "speed"), [(1000, 1.1), (3000, 2.5), (20_000, 9), (200_000, 22), (4_000_000, 70)]
)
def test_the_speed_of_travel_goes_by_the_distance(distance_m, speed):
    span = 4 * distance_m / speed  # so that a quarter of the gap is travelled
    north = at(line([0, max(span, 1800)], [0, distance_m]), 0.37 * span, 0.44 * span, 0.63 * span)[1]
    if span >= 1800:
        assert north / distance_m == pytest.approx([0, 0.26, 1], abs=0.01)


def test_the_radius_is_the_formula_of_the_page_on_placement():
    by_hand = 0.85 * np.sqrt(17**2 + (2.03 * 1000 * np.sqrt(0.25 * 0.75)) ** 2 + (0.163 * 900**1.18) ** 2)
    assert r90_m(np.array([HOUR]), np.array([1000.0]), np.array([0.25])) == pytest.approx([by_hand])


@pytest.mark.parametrize(
    ("span_s", "care"),
    [(1, 0.68), (299, 0.68), (300, 0.75), (1800, 0.85), (7200, 0.97), (14_400, 1.21), (43_200, 1.98)],
)
def test_the_radius_takes_more_care_the_longer_the_gap(span_s, care):
    assert r90_m(np.array([span_s]), np.array([0.0]), np.array([0.0])) == pytest.approx([17 * care])


def test_the_radius_is_never_under_the_floor():
    spots, _ = at(line([0, 1], [0, 1]), 0, 0.5)
    assert np.all(spots.radius_m >= FLOOR_M)


def test_an_unsure_clock_widens_the_radius_by_speed_times_width():
    walk = line(np.arange(1000), np.arange(1000) * 3)
    exact, unsure = at(walk, 500)[0].radius_m, at(walk, 500, width_s=100)[0].radius_m
    assert unsure == pytest.approx(np.hypot(exact, 300), rel=1e-3)


def test_an_unsure_clock_does_not_matter_to_who_stands_still():
    rest = line(np.arange(1000), np.zeros(1000))
    assert at(rest, 500, width_s=100)[0].radius_m == pytest.approx(at(rest, 500)[0].radius_m)


def test_edges_are_the_ends_and_both_sides_of_gaps():
    assert line([0, 10, 20, 20 + HOUR, 30 + HOUR], [0] * 5).edges().tolist() == [0, 2, 3, 4]
    assert line([5], [0]).edges().tolist() == [0]


def test_a_track_is_one_timeline_without_its_untimed_points():
    track = track_of([1, 2, 3, 4], [1] * 4, time=[10, np.nan, 30, 40], starts=[0, 2])
    (timeline,) = timelines(track)
    assert timeline.time.tolist() == [10, 30, 40]
    assert timeline.lat.tolist() == [1, 3, 4]
    assert timelines(track_of([1], [1])) == []
    assert timelines(track_of([], [], starts=[])) == []


def test_segments_recorded_side_by_side_stay_apart():
    """Two receivers 100 km apart in one file: no photo falls between them."""
    track = track_of([46, 46, 47, 47, 46], [7] * 5, time=[0, 100, 50, 150, 200], starts=[0, 2, 4])
    first, second = timelines(track)
    assert first.time.tolist() == [0, 100, 200]
    assert second.time.tolist() == [50, 150]


def test_a_thousand_overlapping_segments_still_make_few_timelines():
    times = np.column_stack([np.arange(1000), np.arange(1000) + 5000.0]).ravel()
    lines = timelines(track_of([46] * 2000, [7] * 2000, time=times, starts=np.arange(0, 2000, 2)))
    assert len(lines) <= 8
    assert sum(len(one.time) for one in lines) == 2000
    assert all(np.all(np.diff(one.time) >= 0) for one in lines)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(-89, 89), st.floats(-180, 180)), min_size=1, max_size=20),
    st.lists(st.floats(-1e6, 2e6), min_size=1, max_size=10),
    st.floats(0, 1e5),
)
def test_every_time_has_a_place_within_reach_of_its_fixes(fixes, times, width):
    time, lat, lon = (np.array(column) for column in zip(*sorted(fixes), strict=True))
    timeline, wanted = Timeline(time, lat, lon, np.full(len(time), np.nan)), np.array(times)
    spots = timeline.at(wanted, np.full(len(times), width))
    before, after = timeline.around(wanted)
    whole = distances_m(lat[before], lon[before], lat[after], lon[after])
    assert np.all(distances_m(spots.lat, spots.lon, lat[before], lon[before]) <= whole + 1)
    assert np.all((spots.radius_m >= FLOOR_M) & (spots.radius_m <= 20_015_000))
