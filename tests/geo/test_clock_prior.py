"""What a clock may be before any evidence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo.clock_prior import OFFSETS_S, log_prior, zone_weights

QUARTERS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: 900.0 * quarters)


def mass(prior: np.ndarray, offset_s: float, reach_s: float = 900.0) -> float:
    return float(np.exp(prior)[np.abs(OFFSETS_S - offset_s) <= reach_s].sum())


def test_the_grid_is_a_step_of_15_s_over_28_hours():
    assert (OFFSETS_S[0], OFFSETS_S[-1], len(OFFSETS_S)) == (-50_400, 50_400, 6721)


@settings(max_examples=40)  # each makes the whole grid
@given(QUARTERS, st.none() | QUARTERS, st.none() | QUARTERS)
def test_weights_and_prior_add_up_to_one(local, home, written):
    weights = zone_weights({local: 1.0}, home, written)
    assert sum(weights.values()) == pytest.approx(1)
    assert all(weight >= 0 for weight in weights.values())
    assert np.exp(log_prior(weights)).sum() == pytest.approx(1)


def test_local_time_then_home_then_an_hour_beside():
    prior = log_prior(zone_weights({19_800.0: 1.0}, home_s=-18_000.0))
    local, home, beside = mass(prior, -19_800), mass(prior, 18_000), mass(prior, -16_200)
    assert local == pytest.approx(0.55 * 0.92, abs=0.02)
    assert home == pytest.approx(0.18 * 0.92, abs=0.02)
    assert local > home > beside > mass(prior, 25_200) > 0


def test_zones_of_a_trip_share_what_is_local():
    weights = zone_weights({3600.0: 0.25, 7200.0: 0.75})
    assert weights[7200.0] > 2 * weights[3600.0] > 10 * weights[10_800.0] / 4


def test_the_zone_that_the_camera_wrote_is_likely_but_not_sure():
    prior = log_prior(zone_weights({7200.0: 1.0}, written_s=0.0))
    assert 0.8 < mass(prior, 0) < 0.95
    assert mass(prior, -7200) > 0.02


def test_most_clocks_are_set_to_the_minute():
    prior = log_prior({0.0: 1.0})
    assert mass(prior, 0, 60) > 0.5
    assert mass(prior, 0, 2700) > 0.999
    assert np.all(np.isfinite(prior))
