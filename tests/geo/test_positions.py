"""Distances and great circles, also over the date line and the poles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.positions import EARTH_RADIUS_M, Position, between, distance_m, distances_m

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)
HALF_WAY_ROUND = math.pi * EARTH_RADIUS_M


@pytest.mark.parametrize(
    ("lat", "lon", "ele", "words"),
    [
        (90.01, 0, None, "latitude"),
        (-91, 0, None, "latitude"),
        (float("nan"), 7, None, "latitude"),
        (46, 180.5, None, "longitude"),
        (46, float("inf"), None, "longitude"),
        (0, 0, None, "0, 0"),
        (-0.0, 0.0, 12, "0, 0"),
        (46, 7, float("nan"), "altitude"),
    ],
)
def test_a_position_that_cannot_be_is_refused_in_plain_words(lat, lon, ele, words):
    with pytest.raises(ValueError, match=words):
        Position(lat, lon, ele)


def test_the_poles_the_date_line_and_the_equator_are_places():
    assert Position(90, 0).lat == 90
    assert Position(-90, 180).lon == 180
    assert Position(0, 0.0001).lon == 0.0001


def test_london_is_9_560_km_from_tokyo():
    assert distance_m(Position(51.5074, -0.1278), Position(35.6762, 139.6503)) == pytest.approx(
        9_559_000, rel=1e-3
    )


def test_across_the_date_line_is_the_short_way():
    assert distance_m(Position(0, 179.9), Position(0, -179.9)) == pytest.approx(22_239, rel=1e-3)


def test_the_middle_of_london_and_tokyo_lies_over_siberia():
    lat, lon = between(51.5074, -0.1278, 35.6762, 139.6503, 0.5)
    assert (float(lat), float(lon)) == pytest.approx((68.991, 89.636), abs=0.001)
    linear = Position((51.5074 + 35.6762) / 2, (139.6503 - 0.1278) / 2)
    assert distance_m(linear, Position(float(lat), float(lon))) == pytest.approx(3_094_000, rel=0.02)


def test_the_middle_of_fiji_and_samoa_does_not_cross_the_world():
    lat, lon = between(-17.0, 179.0, -14.0, -172.0, 0.5)
    assert float(lat) == pytest.approx(-15.53, abs=0.02)
    assert float(lon) == pytest.approx(-176.47, abs=0.05)


def test_over_the_pole():
    lat, _ = between(80.0, 0.0, 80.0, 180.0, 0.5)
    assert float(lat) == pytest.approx(90)


def test_antipodes_and_equal_points_have_an_answer():
    lat, lon = between([10.0, 5.0], [20.0, 6.0], [-10.0, 5.0], [-160.0, 6.0], [0.5, 0.5])
    assert np.all(np.isfinite(lat)) and np.all(np.isfinite(lon))
    assert (lat[1], lon[1]) == pytest.approx((5, 6))


@given(lats, lons, lats, lons)
def test_distance_is_symmetric_and_never_more_than_half_way_round(lat1, lon1, lat2, lon2):
    there, back = distances_m(lat1, lon1, lat2, lon2), distances_m(lat2, lon2, lat1, lon1)
    assert 0 <= there <= HALF_WAY_ROUND * 1.000001
    assert there == pytest.approx(float(back), abs=1e-3)


@given(lats, lons, lats, lons, st.floats(0, 1))
def test_a_point_between_divides_the_way_by_its_fraction(lat1, lon1, lat2, lon2, fraction):
    whole = float(distances_m(lat1, lon1, lat2, lon2))
    lat, lon = between(lat1, lon1, lat2, lon2, fraction)
    assert -90 <= lat <= 90 and -180 <= lon <= 180
    if whole < HALF_WAY_ROUND - 1000:  # near antipodes every way is as short
        assert float(distances_m(lat1, lon1, lat, lon)) == pytest.approx(fraction * whole, abs=0.5)
        assert float(distances_m(lat, lon, lat2, lon2)) == pytest.approx((1 - fraction) * whole, abs=0.5)


@given(lats, lons, lats, lons)
def test_the_ends_are_the_ends(lat1, lon1, lat2, lon2):
    lat, lon = between(lat1, lon1, lat2, lon2, [0, 1])
    assert distances_m(lat, lon, [lat1, lat2], [lon1, lon2]) == pytest.approx([0, 0], abs=0.5)
