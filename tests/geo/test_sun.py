"""Where the sun stood, and how bright it was."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.sun import HEIGHTS_DEG, exposure_value, log_exposure, sun_height_deg, sunlight_ev


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()


def test_the_worked_example_of_the_solar_position_algorithm():
    """Reda and Andreas, Solar Position Algorithm (NREL, 2003), A5.1: e0 = 39.872046° before refraction."""
    height = sun_height_deg(utc(2003, 10, 17, 19, 30, 30), 39.742476, -105.1786)
    assert height == pytest.approx(39.872, abs=0.02)


def test_noon_at_the_solstices_and_the_equinox():
    noon = [utc(2024, 6, 20, 12), utc(2024, 12, 21, 12), utc(2024, 3, 20, 12)]
    assert sun_height_deg(noon, 51.4769, 0.0) == pytest.approx([61.96, 15.09, 38.5], abs=0.15)


def test_the_midnight_sun_and_the_polar_night():
    hours = utc(2024, 6, 20) + 3600 * np.arange(24)
    assert np.all(sun_height_deg(hours, 80.0, 20.0) > 0)
    assert np.all(sun_height_deg(hours, -80.0, 20.0) < 0)


@given(st.floats(-2e9, 4e9), st.floats(-90, 90), st.floats(-180, 180))
def test_the_sun_stands_over_one_half_of_the_earth(when, lat, lon):
    there = sun_height_deg(when, lat, lon)
    antipode = sun_height_deg(when, -lat, lon + 180)
    assert -90 <= there <= 90
    assert there == pytest.approx(-antipode, abs=1e-4)


@given(st.floats(0, 2e9), st.floats(-60, 60), st.floats(-180, 180))
def test_an_hour_is_fifteen_degrees_of_longitude(when, lat, lon):
    assert sun_height_deg(when, lat, lon) == pytest.approx(
        sun_height_deg(when + 3600, lat, lon - 15), abs=0.03
    )


def test_the_exposure_value_of_the_sunny_sixteen_rule():
    assert exposure_value(1 / 100, 16, 100) == pytest.approx(14.64, abs=0.01)
    assert exposure_value(1 / 200, 16, 200) == pytest.approx(14.64, abs=0.01)
    assert exposure_value(1.0, 1.0, 100) == 0


@pytest.mark.parametrize("parts", [(None, 8, 100), (0.01, None, 100), (0.01, 8, None), (0.0, 8, 100)])
def test_a_part_that_lacks_tells_nothing(parts):
    assert exposure_value(*parts) is None


def test_sunlight_is_as_photographers_know_it():
    overhead, low, sunset, dusk = sunlight_ev([60, 10, 0, -6])
    assert 15 <= overhead <= 15.7
    assert 11 <= low <= 14
    assert 7.5 <= sunset <= 9
    assert dusk == pytest.approx(np.log2(3.4 * 100 / 250), abs=0.4)  # 3.4 lx at the end of civil twilight
    assert np.all(np.diff(sunlight_ev(HEIGHTS_DEG)) > -1e-9)


def test_a_bright_photo_was_not_taken_at_night():
    bright = log_exposure(14.0)
    by_day, at_sunset, by_night = (bright[np.argmin(np.abs(HEIGHTS_DEG - height))] for height in (45, 0, -30))
    assert by_day > at_sunset + 3
    assert by_night == pytest.approx(at_sunset, abs=0.1)


def test_shade_is_possible_under_any_sun():
    shade = log_exposure(10.5)
    assert shade[np.argmin(np.abs(HEIGHTS_DEG - 70))] > shade[np.argmin(np.abs(HEIGHTS_DEG + 5))] + 3


@given(st.floats(-10, 25))
def test_every_exposure_has_odds(ev):
    odds = log_exposure(ev)
    assert odds.shape == HEIGHTS_DEG.shape
    assert np.all(np.isfinite(odds)) and np.all(odds <= 0)
