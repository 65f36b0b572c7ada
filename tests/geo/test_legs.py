"""The legs of a day, guessed from made-up recordings with noise."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.basemap import Basemap, built_in
from blog.geo.legs import LEAST_M, Leg, Means, legs
from blog.geo.motion import part_flights
from blog.geo.tracks import Track

START_S = 1_700_000_000.0
BY = {
    Means.FOOT: (1.3, 0.3),
    Means.BICYCLE: (5.0, 1.2),
    Means.ROAD: (19.0, 6.0),
    Means.RAIL: (55.0, 5.0),
}
INLAND = (47.5, 9.9)  # Vorarlberg
AT_SEA = (43.0, 15.5)  # the middle of the Adriatic


def journey(*stretches, start=INLAND, every=10.0, seed=1, noise_m=5.0):
    """A recording of (metres per second, spread, minutes) one after the other, heading east."""
    rng = np.random.default_rng(seed)
    speeds = [
        np.clip(mean + spread * rng.standard_normal(int(minutes * 60 / every)), 0, None)
        for mean, spread, minutes in stretches
    ]
    east = np.concatenate([[0.0], np.cumsum(np.concatenate(speeds) * every)])
    drift = np.cumsum(rng.normal(0, 0.5, (2, len(east))), axis=1)
    drift *= noise_m / max(1.0, np.abs(drift).max())
    lat = start[0] + drift[0] / 111_195
    lon = start[1] + (east + drift[1]) / (111_195 * np.cos(np.radians(start[0])))
    return Track(lat, lon, np.full_like(lat, np.nan), START_S + every * np.arange(len(lat)), np.array([0]))


def means(track):
    return [leg.means for leg in legs([track], [])]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("seed", range(3))
def test_one_means_all_the_way(by, seed):
    track = journey((*BY[by], 60), seed=seed)
    (leg,) = legs([track], [])
    assert (leg.means, leg.guess) == (by, by)
    assert leg.length_m == pytest.approx(track.length_m, rel=0.05)
    assert leg.ends_s - leg.begins_s == pytest.approx(3600, abs=60)


def test_on_the_water_it_is_a_boat():
    assert means(journey((8.0, 0.5, 60), start=AT_SEA)) == [Means.BOAT]
    assert means(journey((2.0, 0.3, 60), start=AT_SEA)) == [Means.BOAT]


def test_a_drive_and_a_walk():
    track = journey((*BY[Means.ROAD], 40), (*BY[Means.FOOT], 50))
    drive, walk = legs([track], [])
    assert (drive.means, walk.means) == (Means.ROAD, Means.FOOT)
    assert walk.begins_s == pytest.approx(START_S + 40 * 60, abs=180)
    assert walk.length_m == pytest.approx(50 * 60 * 1.3, rel=0.1)


def test_lights_and_jams_do_not_part_a_drive():
    jam = [(*BY[Means.ROAD], 12), (0.0, 0.0, 3), (1.5, 0.3, 3), (*BY[Means.ROAD], 12)]
    assert means(journey(*jam)) == [Means.ROAD]


def test_a_rest_does_not_part_a_walk():
    assert means(journey((*BY[Means.FOOT], 30), (0.0, 0.0, 45), (*BY[Means.FOOT], 30))) == [Means.FOOT]


def test_who_stays_travels_by_nothing():
    assert legs([journey((0.0, 0.0, 120))], []) == []


def test_a_flight_is_a_leg():
    track = journey((1.3, 0.2, 20), (220.0, 10.0, 60), (19.0, 5.0, 30))
    walk, flight, drive = legs(*part_flights([track]))
    assert [leg.means for leg in (walk, flight, drive)] == [Means.FOOT, Means.FLIGHT, Means.ROAD]
    assert flight.length_m == pytest.approx(220 * 3600, rel=0.05)


def test_what_a_person_says_counts_for_most_of_a_leg():
    (leg,) = legs([journey((*BY[Means.ROAD], 60))], [])
    assert leg.told([(START_S, START_S + 3600, Means.RAIL)]).means is Means.RAIL
    assert leg.told([(START_S, START_S + 900, Means.RAIL)]).means is Means.ROAD
    said = [(START_S, START_S + 3600, Means.RAIL), (START_S, START_S + 3600, Means.BOAT)]
    assert leg.told(said).means is Means.BOAT
    assert leg.told(said).told([]).means is Means.ROAD


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 8), st.integers(1, 40)), min_size=1, max_size=5))
def test_legs_are_in_order_and_as_long_as_the_way(stretches):
    track = journey(*stretches, every=30.0)
    found = legs([track], [])
    assert all(leg.length_m >= LEAST_M for leg in found)
    assert all(leg.begins_s < leg.ends_s for leg in found)
    assert all(a.ends_s <= b.begins_s for a, b in pairwise(found))
    assert sum(leg.length_m for leg in found) <= track.length_m + 1
    assert [Leg.from_json(leg.as_json()).means for leg in found] == [leg.means for leg in found]


def test_land_and_sea():
    lat, lon = (
        np.array([47.5, 43.0, -41.3, 0.0, 65.0, -16.8]),
        np.array([9.9, 15.5, 174.8, -30.0, -18.0, 179.0]),
    )
    assert built_in().on_land(lat, lon).tolist() == [True, False, True, False, True, True]
    assert Basemap.empty().on_land(lat, lon).all()
