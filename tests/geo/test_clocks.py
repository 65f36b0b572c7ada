"""What a camera's clock was, by satellites, zones, places and people."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.clocks import Reading, camera_clock, camera_clocks, exact_clock, in_usual_zone
from blog.geo.positions import Position
from blog.geo.tracks import Track

DAY = 86_400
NOON = datetime(2024, 8, 10, 12, tzinfo=UTC).timestamp()
ROME, AUCKLAND = Position(41.9, 12.48), Position(-36.85, 174.76)


def sample(written: float, offset: float, *, date_off: float = 0.0, dated: bool = True):
    utc = written + offset
    return written, (utc + date_off if dated else None), utc % DAY


def samples(offset: float, n: int = 7, **more):
    return [sample(NOON + 600 * i, offset, **more) for i in range(n)]


def test_satellite_time_gives_the_offset():
    clock = exact_clock(samples(-7200))
    assert (clock.offset_s, clock.source) == (-7200, "gps")
    assert clock.half_width_s == 1
    assert clock.probability >= 0.99


def test_a_drifting_clock_is_as_wide_as_it_drifts():
    clock = exact_clock([sample(NOON + 600 * i, -7200 + 3 * (i % 5)) for i in range(50)])
    assert clock.offset_s == -7194
    assert 3 <= clock.half_width_s <= 12


def test_stale_fixes_are_outliers():
    stale = [sample(NOON + 60 * i, -7200 - 900) for i in range(3)]
    assert exact_clock([*samples(-7200), *stale]).offset_s == -7200


def test_a_receiver_that_repeats_its_last_time_counts_once():
    stuck = [(NOON + 600 * i, NOON - 7200, (NOON - 7200) % DAY) for i in range(5)]
    assert exact_clock([*samples(-7200, 3), *stuck]).offset_s == -7200


def test_seconds_of_the_day_are_enough():
    assert exact_clock(samples(-7200, dated=False)).offset_s == pytest.approx(-7200)
    assert exact_clock(samples(5 * 3600 + 30 * 60, dated=False)).offset_s == pytest.approx(19_800)


def test_seconds_of_the_day_beyond_half_a_day_need_the_zone():
    auckland_in_summer = -13 * 3600
    assert (
        exact_clock(samples(auckland_in_summer, dated=False), near_s=-12 * 3600).offset_s
        == auckland_in_summer
    )
    dated = samples(auckland_in_summer, 2)
    undated = [sample(NOON + 900 * i, auckland_in_summer, dated=False) for i in range(5)]
    assert exact_clock([*dated, *undated]).offset_s == auckland_in_summer


@pytest.mark.parametrize("date_off", [-DAY, DAY, -264 * DAY, -1024 * 7 * DAY])
def test_a_stale_date_leaves_the_time_of_day(date_off):
    assert exact_clock(samples(-7291, date_off=date_off)).offset_s == pytest.approx(-7291)


def test_a_clock_that_fell_back_to_its_first_day_is_believed():
    years = 24.6 * 365 * DAY
    assert exact_clock(samples(years)).offset_s == years


def test_one_fix_is_less_sure_than_three():
    assert exact_clock(samples(-7200, 1)).half_width_s > exact_clock(samples(-7200, 3)).half_width_s
    assert exact_clock(samples(-7200, 1)).probability < exact_clock(samples(-7200, 3)).probability


def test_times_that_do_not_agree_prove_nothing():
    assert exact_clock([sample(NOON + i, -7200 - 500 * i) for i in range(6)]) is None
    assert exact_clock([sample(NOON, -7200), sample(NOON + 900, 0)]) is None


def test_no_satellite_time_proves_nothing():
    assert exact_clock([]) is None
    assert exact_clock([(NOON, None, None)] * 3) is None


@given(
    st.floats(-12 * 3600, 13 * 3600),
    st.floats(0, 1e9),
    st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=20),
)
def test_any_clock_within_the_worlds_zones_is_found(offset, start, jitter):
    made = [sample(start + 300 * i, offset + error) for i, error in enumerate(jitter)]
    clock = exact_clock(made)
    assert abs(clock.offset_s - offset) <= 1.5 + 1e-3
    assert clock.half_width_s >= 1


def test_a_person_comes_first():
    readings = [Reading("c", NOON, 7200, NOON - 7200)]
    clock = camera_clock(readings, ROME, by_hand_s=-4000)
    assert (clock.offset_s, clock.source, clock.probability) == (-4000, "by_hand", 1)


def test_then_satellites_then_the_zone_written_then_the_place():
    exact = camera_clock([Reading("c", NOON, 3600, NOON - 7205)], ROME)
    written = camera_clock([Reading("c", NOON, 3600)], ROME)
    placed = camera_clock([Reading("c", NOON)], ROME)
    assert [clock.source for clock in (exact, written, placed)] == ["gps", "zone", "assumed"]
    assert [clock.offset_s for clock in (exact, written, placed)] == [-7205, -3600, -7200]
    widths = [clock.half_width_s for clock in (exact, written, placed)]
    assert widths == sorted(widths)


def test_the_place_gives_summer_and_winter_time_and_its_rivals():
    winter = datetime(2024, 1, 10, 12, tzinfo=UTC).timestamp()
    clock = camera_clock([Reading("c", winter)], ROME)
    assert clock.offset_s == -3600
    assert sorted(offset for offset, _ in clock.alternatives) == [-7200, 0]
    assert clock.probability + sum(odds for _, odds in clock.alternatives) < 1


def test_without_any_place_utc_is_a_guess_that_knows_it():
    clock = camera_clock([Reading("c", NOON)], None)
    assert (clock.offset_s, clock.source, clock.knows_zone) == (0, "assumed", False)
    assert clock.probability < 0.1


@given(st.floats(0, 1))
def test_the_width_of_a_set_clock_holds_nine_in_ten(share):
    rng = np.random.default_rng(int(share * 1e6))
    kind = rng.choice(3, 20_000, p=[0.6, 0.3, 0.1])
    errors = np.choose(
        kind, [rng.laplace(0, 45, 20_000), rng.laplace(0, 300, 20_000), rng.uniform(-2700, 2700, 20_000)]
    )
    clock = camera_clock([Reading("c", NOON, 7200)], None)
    assert np.mean(np.abs(errors) <= clock.half_width_s) == pytest.approx(0.9, abs=0.01)
    assert np.mean(np.abs(errors) <= 900) == pytest.approx(clock.probability, abs=0.01)


def test_a_phone_that_changed_its_zone_has_one_clock():
    """Three photos in Rome and one in London at the same pace: written an hour back, yet an hour later."""
    rome = [Reading("phone", NOON + 600 * i, 7200) for i in range(3)]
    london = Reading("phone", NOON - 3600 + 1800, 3600)
    readings = in_usual_zone([*rome, london])
    assert [reading.written_s - NOON for reading in readings] == [0, 600, 1200, 1800]
    assert in_usual_zone(readings) == readings
    assert camera_clocks([*rome, london], [], {})["phone"].offset_s == -7200


def test_every_camera_has_its_own_clock():
    readings = [
        Reading("a", NOON, 7200),
        Reading("b", NOON, None, NOON - 7100),
        Reading("c", NOON, position=AUCKLAND),
        Reading("d"),
        Reading("e", NOON),
    ]
    clocks = camera_clocks(readings, [], {"e": -10})
    assert {camera: clock.offset_s for camera, clock in clocks.items()} == {
        "a": -7200,
        "b": -7100,
        "c": -12 * 3600,
        "e": -10,
    }


def test_the_zone_is_that_of_the_place_nearest_in_time():
    """A flight from Rome to Auckland: who photographed in Auckland is taken to have shown its time."""
    times = np.array([NOON, NOON + 2 * DAY])
    flight = Track(np.array([41.9, -36.85]), np.array([12.48, 174.76]), times * np.nan, times, np.array([0]))
    clocks = camera_clocks([Reading("a", NOON + 3600), Reading("b", NOON + 2 * DAY)], [flight], {})
    assert clocks["a"].offset_s == -7200
    assert clocks["b"].offset_s == -12 * 3600


def test_a_track_without_times_still_says_where():
    nothing = np.full(2, np.nan)
    track = Track(np.array([41.9, 41.91]), np.array([12.48, 12.48]), nothing, nothing, np.array([0]))
    assert camera_clocks([Reading("a", NOON)], [track], {})["a"].offset_s == -7200


def test_a_place_of_another_journey_says_nothing_of_the_zone():
    readings = [Reading("a", NOON, position=AUCKLAND), Reading("b", NOON + 40 * DAY)]
    assert not camera_clocks(readings, [], {})["b"].knows_zone
