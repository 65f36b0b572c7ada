"""What holds of placing whatever the way: it knows no date, no direction and no meridian of its own."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.placing import Placement, Shot, place
from blog.geo.positions import distances_m
from blog.geo.tracks import Track

NOON = 1.7e9

steps = st.tuples(st.integers(1, 6 * 3600), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
ways = st.lists(steps, min_size=1, max_size=12)
fractions = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def walked(way: Sequence[tuple[int, float, float]], lat: float = 46.0, lon: float = 7.0) -> Track:
    """Fixes from (lat, lon) on, by steps of (seconds, degrees north, degrees east)."""
    time, north, east = np.cumsum([(0, 0.0, 0.0), *way], axis=0).T
    lons = (lon + east + 180) % 360 - 180
    return Track(lat + north, lons, np.full(len(time), 500.0), NOON + time, np.array([0]))


def placed(track: Track, moments: Sequence[float]) -> list[Placement]:
    return place([Shot(i, "camera", None, None, None, i, utc) for i, utc in enumerate(moments)], [track], {})


def within(track: Track, parts: Sequence[float]) -> list[float]:
    """Moments at these fractions of the track's time, in whole seconds."""
    return [float(round(NOON + part * (track.time[-1] - NOON))) for part in parts]


def assert_same(here: Sequence[Placement], there: Sequence[Placement], east: float = 0.0) -> None:
    """The same places and radii, the second ones so many degrees farther east."""
    for one, other in zip(here, there, strict=True):
        assert one.source == other.source
        apart = distances_m(one.position.lat, one.position.lon + east, other.position.lat, other.position.lon)
        assert apart < 1
        assert one.radius_m == pytest.approx(other.radius_m, rel=1e-3, abs=1)


@given(ways, fractions, st.integers(-15_000, 15_000))
def test_to_shift_everything_in_time_shifts_nothing(way, parts, days):
    track, shift_s = walked(way), days * 86_400.0
    later = Track(track.lat, track.lon, track.ele, track.time + shift_s, track.starts)
    moments = within(track, parts)
    assert_same(placed(track, moments), placed(later, [moment + shift_s for moment in moments]))


@given(ways, fractions)
def test_to_go_the_way_back_leads_through_the_same_places(way, parts):
    track = walked(way)
    back = 2 * NOON + (track.time[-1] - NOON)
    turned = Track(track.lat[::-1], track.lon[::-1], track.ele[::-1], back - track.time[::-1], track.starts)
    moments = within(track, parts)
    assert_same(placed(track, moments), placed(turned, [back - moment for moment in moments]))


@given(ways, fractions, st.floats(-180, 180))
def test_no_meridian_is_another_s_better_not_even_the_antimeridian(way, parts, east):
    here, there = walked(way), walked(way, lon=(7.0 + east + 180) % 360 - 180)
    assert_same(placed(here, within(here, parts)), placed(there, within(here, parts)), east)


@given(ways, fractions, st.sampled_from([7.0, 179.95]), st.sampled_from([46.0, 89.95]))
def test_no_place_leaves_the_line_between_the_fixes_around(way, parts, lon, lat):
    track = walked(way, lon=lon)
    track = Track(np.clip(track.lat + lat - 46, -90, 90), track.lon, track.ele, track.time, track.starts)
    moments = within(track, parts)
    for one, utc in zip(placed(track, moments), moments, strict=True):
        after = int(np.clip(np.searchsorted(track.time, utc, side="right"), 1, len(track) - 1))
        (lat_a, lat_b), (lon_a, lon_b) = (each[[after - 1, after]] for each in (track.lat, track.lon))
        there = one.position.lat, one.position.lon
        detour = distances_m(lat_a, lon_a, *there) + distances_m(*there, lat_b, lon_b)
        assert detour == pytest.approx(distances_m(lat_a, lon_a, lat_b, lon_b), abs=1)


@given(st.integers(2, 40_000), st.integers(1, 40_000), st.floats(0, 0.2))
def test_the_radius_never_shrinks_as_the_gap_grows(seconds, more, north):
    """In the middle between the same two places, the time being known exactly."""
    short, long = (walked([(2 * half, north, 0.0)]) for half in (seconds, seconds + more))
    (here,), (there,) = (placed(track, [float(np.mean(track.time))]) for track in (short, long))
    assert there.radius_m >= here.radius_m - 0.01
