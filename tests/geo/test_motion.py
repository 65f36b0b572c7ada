"""Time in motion, and flights told by their speed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo.motion import moving_s, part_flights
from blog.geo.positions import between, distances_m
from blog.geo.tracks import Track

NINE = 1.7e9
ROME, ATHENS = (41.8, 12.25), (37.94, 23.94)


def track(points, times, starts=(0,)) -> Track:
    lat, lon = np.array(points, dtype=float).T
    nothing = np.full(len(lat), np.nan)
    return Track(lat, lon, nothing, np.array(times, dtype=float), np.array(starts, np.int64))


def going(start, end, begins_s, lasts_s, every_s=10.0) -> Track:
    """Along the great circle at one speed."""
    times = np.arange(0, lasts_s + 1, every_s)
    lat, lon = between(*start, *end, times / lasts_s)
    return track(np.column_stack([lat, lon]), NINE + begins_s + times)


def joined(*tracks: Track) -> Track:
    """One track of one segment."""
    columns = (
        np.concatenate([getattr(one, name) for one in tracks]) for name in ("lat", "lon", "ele", "time")
    )
    return Track(*columns, np.array([0]))


def walk(start, begins_s, lasts_s=1800, every_s=10.0) -> Track:
    return going(start, (start[0] + 1.2 * lasts_s / 111_195, start[1]), begins_s, lasts_s, every_s)


@pytest.mark.parametrize("every_s", [1, 10, 60, 300])
def test_stops_are_not_motion_however_often_fixes_come(every_s):
    out = walk((42.0, 19.0), 0, 1800, every_s)
    sits = (out.lat[-1], out.lon[-1])
    rest = going(sits, sits, 1800 + every_s, 3600, every_s)
    rng = np.random.default_rng(7)
    wandering = track(
        np.column_stack([rest.lat, rest.lon]) + rng.normal(0, 3 / 111_195, (len(rest), 2)), rest.time
    )
    assert moving_s(joined(out, wandering)) == pytest.approx(1800, abs=120)


def test_a_gap_counts_as_placing_sees_it():
    """Two kilometres within five hours: at walking speed in the middle, not creeping all the time."""
    gap = track([(42.0, 19.0), (42.0 + 2000 / 111_195, 19.0)], [NINE, NINE + 5 * 3600])
    assert moving_s(gap) == pytest.approx(2000 / 2.5, abs=120)
    assert moving_s(track([(42.0, 19.0)], [np.nan])) == 0


def test_a_recorded_flight_is_cut_out():
    before, after = walk(ROME, 0), walk(ATHENS, 12_000)
    flight = going((before.lat[-1], before.lon[-1]), ATHENS, 3_600, 5_400, every_s=5)
    whole = joined(before, flight, after)
    grounds, (found,) = part_flights([whole])
    assert sum(ground.length_m for ground in grounds) == pytest.approx(
        before.length_m + after.length_m, abs=1
    )
    assert [len(ground) for ground in grounds] == [len(before) + 1, len(after) + 1]
    assert (found.begins_at, found.ends_at) == (NINE + 3_600, NINE + 9_000)
    assert distances_m(*found.line[0], *ROME) < 3_000
    assert distances_m(*found.line[-1], *ATHENS) < 10


def test_a_flight_with_the_receiver_off_is_cut_out():
    whole = joined(walk(ROME, 0), walk(ATHENS, 3 * 3600))
    grounds, flights = part_flights([whole])
    assert len(grounds) == 2
    assert len(flights) == 1
    assert sum(ground.length_m for ground in grounds) == pytest.approx(2 * 1.2 * 1800, rel=0.01)


def test_a_flight_between_two_files_is_found_and_its_line_is_the_great_circle():
    tokyo, frankfurt = (35.77, 140.39), (50.03, 8.56)
    grounds, (found,) = part_flights([walk(frankfurt, 13 * 3600 + 1800), walk(tokyo, 0)])
    assert len(grounds) == 2
    north = found.line[:, 0].max()
    assert north > 65  # over Siberia, as the globe has it
    steps = distances_m(*found.line[:-1].T, *found.line[1:].T)
    assert steps.max() < 110_000
    assert steps.sum() == pytest.approx(distances_m(*found.line[0], *found.line[-1]), rel=1e-6)


def test_two_receivers_in_one_aeroplane_are_one_flight():
    phone = joined(walk(ROME, 0), walk(ATHENS, 3 * 3600))
    watch = joined(walk(ROME, 60), walk(ATHENS, 3 * 3600 + 300))
    assert len(part_flights([phone, watch])[1]) == 1


def test_a_bad_fix_in_the_air_does_not_land_the_aeroplane():
    flight = going(ROME, ATHENS, 0, 5_400)
    flight.lat[200:203] = flight.lat[200]
    flight.lon[200:203] = flight.lon[200]
    grounds, flights = part_flights([flight])
    assert (len(flights), [len(ground) for ground in grounds]) == (1, [1, 1])


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(going((48.85, 2.35), (45.76, 4.86), 0, 5_000), id="a fast train"),
        pytest.param(joined(walk((48.85, 2.35), 0), walk((43.3, 5.38), 3.2 * 3600)), id="one in a tunnel"),
        pytest.param(
            track([ROME, (44, 14), ROME, ROME], [NINE, NINE + 1, NINE + 2, NINE + 3]), id="a wild fix"
        ),
        pytest.param(track([ROME, ATHENS], [np.nan, np.nan]), id="no times"),
        pytest.param(track([ROME, ATHENS], [NINE, NINE]), id="no time between"),
        pytest.param(track([ROME, ATHENS], [NINE, NINE - 7200]), id="time that goes back"),
        pytest.param(track([ROME], [NINE]), id="a single fix"),
        pytest.param(track(np.empty((0, 2)), [], ()), id="nothing"),
    ],
)
def test_what_is_no_flight_stays_as_it_is(way):
    (ground,), flights = part_flights([way])
    assert flights == []
    assert np.array_equal(ground.lat, way.lat)
    assert np.array_equal(ground.starts, way.starts)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 90_000)), max_size=30))
def test_any_track_is_parted_in_order_and_nothing_is_counted_twice(fixes):
    fixes.sort(key=lambda fix: fix[2])
    points, times = [fix[:2] for fix in fixes] or np.empty((0, 2)), [fix[2] for fix in fixes]
    whole = track(points, times, (0,) if fixes else ())
    grounds, flights = part_flights([whole])
    assert sum(map(len, grounds)) <= len(whole) + len(flights)
    assert sum(ground.length_m for ground in grounds) <= whole.length_m + 1e-6
    assert len(grounds) == len(flights) + 1
    assert 0 <= moving_s(whole) <= (times[-1] - times[0] if times else 0) + 1e-6
