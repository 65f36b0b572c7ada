"""What is published of places and lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.positions import Position, between, distance_m, distances_m
from blog.geo.privacy import CELL_RADIUS_M, FARTHEST_SHIFT, Precision, Privacy, Zone, cell_centre, shifted

latitudes, longitudes = st.floats(-89.9, 89.9), st.floats(-180, 180)
places = st.builds(Position, latitudes.filter(bool), longitudes)


@st.composite
def lines_near_a_zone(draw):
    """A zone anywhere, and a line that wanders about it."""
    place = draw(places)
    zone = Zone(place.lat, place.lon, draw(st.floats(50, 20_000)))
    steps = draw(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), min_size=2, max_size=12))
    line = [shifted(place, zone.radius_m * far / FARTHEST_SHIFT, 1.0, turn) for far, turn in steps]
    return zone, np.array([(one.lat, one.lon) for one in line])


def walked(line):
    """The line with a point every hundredth of each of its great circles."""
    lat, lon = between(
        line[:-1, :1].T, line[:-1, 1:].T, line[1:, :1].T, line[1:, 1:].T, np.linspace(0, 1, 101)[:, None]
    )
    return lat.ravel(), lon.ravel()


@given(lines_near_a_zone())
def test_no_point_of_a_cut_line_lies_in_the_zone(case):
    zone, line = case
    for piece in zone.outside(line):
        if len(piece) > 1:
            assert distances_m(zone.lat, zone.lon, *walked(piece)).min() >= zone.radius_m


@given(lines_near_a_zone())
def test_what_lies_outside_stays(case):
    zone, line = case
    pieces = zone.outside(line)
    kept = np.concatenate([np.empty((0, 2)), *pieces])
    for point in line[distances_m(zone.lat, zone.lon, *line.T) > zone.radius_m + 5]:
        assert (kept == point).all(axis=1).any()
    if distances_m(zone.lat, zone.lon, *walked(line)).min() > 1.1 * zone.radius_m + 5:
        assert len(pieces) == 1
        assert np.array_equal(pieces[0], line)


@given(lines_near_a_zone())
def test_cutting_twice_cuts_no_more(case):
    zone, line = case
    privacy = Privacy(zones=(zone,))
    once = privacy.outside([line])
    twice = privacy.outside(once)
    assert sum(map(len, twice)) == sum(map(len, once))
    assert not privacy.touches(once)


@given(places)
def test_a_cell_is_about_a_kilometre_and_stays_the_same(place):
    centre = cell_centre(place)
    assert distance_m(place, centre) < CELL_RADIUS_M
    assert cell_centre(centre) == centre


def test_cells_meet_at_the_date_line():
    east, west = cell_centre(Position(-16.5, 179.999)), cell_centre(Position(-16.5, -179.999))
    assert 500 < distance_m(east, west) < 1500
    assert cell_centre(Position(-16.5, 180.0)) == west


@given(places, st.floats(100, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_a_shown_centre_lies_well_inside_the_zone(place, radius_m, share, bearing):
    centre = shifted(place, radius_m, share, bearing)
    assert distance_m(place, centre) <= FARTHEST_SHIFT * radius_m + 0.01


def test_shown_centres_lie_evenly_on_all_sides():
    rng = np.random.default_rng(3)
    place = Position(60, 20)
    centres = [shifted(place, 1000, *rng.random(2)) for _ in range(500)]
    away = np.array([distance_m(place, centre) for centre in centres])
    assert np.median(away) == pytest.approx(700 * 0.5**0.5, rel=0.1)
    assert np.mean([centre.lat for centre in centres]) == pytest.approx(60, abs=5e-4)
    assert np.mean([centre.lon for centre in centres]) == pytest.approx(20, abs=1e-3)


KOTOR = Position(42.4207, 18.7712, 12.0)
HOME = Zone(42.4207, 18.7712, 500)


def test_each_precision_tells_less():
    exact = Privacy().place(KOTOR, 12.0)
    assert exact == (KOTOR, 12.0)
    place, radius_m = Privacy(Precision.KILOMETRE).place(KOTOR, 12.0)
    assert (distance_m(place, KOTOR) < CELL_RADIUS_M, place.ele, radius_m) == (True, None, CELL_RADIUS_M)
    town, radius_m = Privacy(Precision.TOWN).place(KOTOR, 12.0)
    assert (distance_m(town, KOTOR) <= radius_m, radius_m % 5000) == (True, 0)
    assert Privacy(Precision.COUNTRY).place(KOTOR, 12.0) is None
    assert Privacy(Precision.HIDDEN).place(KOTOR, 12.0) is None


@pytest.mark.parametrize("precision", Precision)
def test_nothing_is_told_of_a_zone(precision):
    privacy = Privacy(precision, (HOME,))
    assert privacy.place(KOTOR, 12.0) is None
    for line in privacy.lines([np.array([[42.3, 18.7712], [42.5, 18.7712], [42.5, 18.9]])]):
        assert distances_m(HOME.lat, HOME.lon, *walked(line)).min() >= HOME.radius_m


def test_a_town_is_not_guessed_where_the_place_is_not_known():
    assert Privacy(Precision.TOWN).place(KOTOR, 80_000.0) is None
    assert Privacy(Precision.TOWN).place(Position(0.1, -30.0), 10.0) is None
