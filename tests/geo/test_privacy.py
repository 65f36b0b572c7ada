"""What is published of places and lines."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blog.geo.positions import Position, between, distance_m, distances_m
from blog.geo.privacy import (
    CELL_RADIUS_M,
    FARTHEST_SHIFT,
    LARGER,
    Precision,
    Privacy,
    Zone,
    cell_centre,
    shifted,
    zone_around,
)

latitudes, longitudes = st.floats(-89.9, 89.9), st.floats(-180, 180)
places = st.builds(Position, latitudes.filter(lambda lat: abs(lat) > 1e-3), longitudes)


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


@st.composite
def ways_in_and_out(draw):
    """One to three zones that may overlap, and two lines that differ only in their points within zones."""
    place = draw(places)
    zones = tuple(
        Zone(middle.lat, middle.lon, draw(st.floats(100, 5_000)))
        for _ in range(draw(st.integers(1, 3)))
        for middle in [shifted(place, 8_000, *draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))]
    )
    far = 40_000 / FARTHEST_SHIFT
    wander = st.builds(shifted, st.just(place), st.just(far), st.floats(0, 1), st.floats(0, 1))

    def inside(zone):
        return st.builds(
            shifted,
            st.just(Position(zone.lat, zone.lon)),
            st.just(zone.radius_m),
            st.floats(0, 1),
            st.floats(0, 1),
        )

    one, other = [], []
    for within in draw(st.lists(st.integers(-2, len(zones) - 1), min_size=2, max_size=9)):
        if within < 0:
            free = draw(wander)
            one.append(free)
            other.append(free)
        else:
            one.append(draw(inside(zones[within])))
            other.append(draw(inside(zones[within])))
    return zones, *(np.array([(point.lat, point.lon) for point in line]) for line in (one, other))


@given(ways_in_and_out())
def test_what_lies_in_zones_changes_nothing_outside(case):
    """The points within could be anywhere: what is published is the same, to the last digit.

    A zone holds them still; which of two that overlap leads the line to its edge may change.
    """
    zones, one, other = case
    privacy = Privacy(zones=zones)
    if len(zones) == 1 or not overlap(zones):
        published = [privacy.outside([line]) for line in (one, other)]
        assert [piece.tolist() for piece in published[0]] == [piece.tolist() for piece in published[1]]
    for zone in zones:
        for piece in privacy.outside([one]):
            assert distances_m(zone.lat, zone.lon, *walked(piece)).min() >= zone.radius_m


def overlap(zones):
    return any(
        distances_m(a.lat, a.lon, b.lat, b.lon) <= a.radius_m + b.radius_m + 10
        for a in zones
        for b in zones
        if a is not b
    )


@given(lines_near_a_zone())
def test_a_zone_is_touched_at_a_lines_end_as_in_its_middle(case):
    zone, line = case
    privacy = Privacy(zones=(zone,))
    enters = bool((distances_m(zone.lat, zone.lon, *walked(line)) < zone.radius_m - 1).any())
    if enters:
        assert privacy.touches([line])
        assert privacy.touches([line[::-1]])


@pytest.mark.parametrize(
    ("middle", "line"),
    [
        ((89.999, 0.0), [(89.9, 0.0), (89.9, 180.0)]),  # over the pole
        ((-90.0, 0.0), [(-89.99, 20.0), (-89.9999, 0.0), (-89.99, -140.0)]),
        ((-16.5, 180.0), [(-16.5, 179.9), (-16.5, -179.9)]),  # over the date line
        ((-16.5, -179.999), [(-16.5, 179.9), (-16.5, 179.999), (-16.5, -179.9)]),
    ],
)
def test_lines_are_cut_at_the_poles_and_the_date_line(middle, line):
    zone = Zone(*middle, 800.0)
    pieces = Privacy(zones=(zone,)).outside([np.array(line)])
    assert len(pieces) == 2
    for piece in pieces:
        away = distances_m(zone.lat, zone.lon, *walked(piece))
        assert zone.radius_m <= away.min() < zone.radius_m + 5
    assert [pieces[0][0].tolist(), pieces[1][-1].tolist()] == [list(line[0]), list(line[-1])]


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-180, 180))
@example(90.0, 0.0, 180.0)
@example(-90.0, -180.0, 77.0)
def test_cells_at_the_poles_hold_what_lies_in_them(lat, lon, other):
    here = cell_centre(Position(lat or 0.1, lon))
    assert distance_m(Position(lat or 0.1, lon), here) < CELL_RADIUS_M
    if abs(lat) == 90:
        assert distance_m(here, cell_centre(Position(lat, other))) < 2 * CELL_RADIUS_M


@given(places, st.lists(st.floats(100, 20_000), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_circles_around_one_place_keep_it_and_tell_no_more_than_the_first(place, radii, rng):
    drawn: list[Zone] = []
    for radius_m in radii:
        zone = zone_around(place, radius_m, drawn, rng.random)
        assert radius_m <= zone.radius_m <= LARGER * radius_m
        assert zone.keeps(place)
        for inner in drawn:
            if inner.radius_m < zone.radius_m and zone not in drawn and smallest_below(drawn, zone) == inner:
                apart = distances_m(zone.lat, zone.lon, inner.lat, inner.lon)
                assert apart <= FARTHEST_SHIFT * (zone.radius_m - inner.radius_m) + 0.01
        drawn.append(zone)
    again = [zone_around(place, radius_m, drawn, rng.random) for radius_m in radii]
    assert all(zone in drawn for zone in again)


def smallest_below(drawn, zone):
    return max((one for one in drawn if one.radius_m < zone.radius_m), key=lambda one: one.radius_m)


@given(places)
def test_a_radius_is_told_in_steps(place):
    for precision, step_m in ((Precision.KILOMETRE, 1_000), (Precision.TOWN, 5_000)):
        told = Privacy(precision).place(place, 1_734.2)
        assert told is None or told[1] % step_m == 0


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
