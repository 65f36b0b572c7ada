"""A clock that was changed on the way."""

from dataclasses import replace

import numpy as np
import pytest

from blog.geo.clock_prior import log_prior, zone_weights
from blog.geo.clock_resets import find_reset
from blog.geo.clock_search import Pair
from blog.geo.clocks import Reading
from blog.geo.positions import Position
from blog.geo.timeline import Timeline

START_S = 1_700_000_000.0
PRIOR = log_prior(zone_weights({3600.0: 1.0}))


def walk():
    """Eight hours north."""
    seconds = START_S + 30 * np.arange(960.0)
    lat = 45 + np.arange(960.0) * 4e-4
    return Timeline(seconds, lat, np.full(960, 9.0), np.full(960, np.nan))


def readings(count=12, changed_at=6, shift_s=3600.0, satellite=False):
    """A photo every half hour with its own place, the clock an hour ahead, and from one on otherwise."""
    found = []
    for n in range(count):
        utc = START_S + 1800 * (n + 1)
        written = utc + 3600 + (shift_s if n >= changed_at else 0.0)
        place = Position(45 + (utc - START_S) / 30 * 4e-4, 9.0)
        found.append(
            Reading("camera", written, gps_utc_s=utc)
            if satellite
            else Reading("camera", written, position=place)
        )
    return found


@pytest.mark.parametrize("satellite", [False, True])
@pytest.mark.parametrize("shift_s", [-600.0, 600.0, 3600.0, 7200.0])
def test_a_change_is_found_where_it_was(satellite, shift_s):
    own = readings(shift_s=shift_s, satellite=satellite)
    reset = find_reset(own, [], [] if satellite else [walk()], PRIOR)
    assert (reset.last_s, reset.since_s) == (own[5].written_s, own[6].written_s)
    assert reset.before_s == pytest.approx(-3600, abs=60)
    assert reset.after_s == pytest.approx(-3600 - shift_s, abs=60)
    assert reset.probability > 0.9


def test_pairs_tell_too():
    own = readings()
    pairs = [Pair(one.written_s, START_S + 1800 * (n + 1)) for n, one in enumerate(own)]
    bare = [replace(one, position=None) for one in own]
    reset = find_reset(bare, pairs, [], PRIOR)
    assert reset.before_s == pytest.approx(-3600, abs=30)
    assert reset.after_s == pytest.approx(-7200, abs=30)


@pytest.mark.parametrize("satellite", [False, True])
def test_a_clock_that_was_left_alone_is_one_clock(satellite):
    own = readings(shift_s=0.0, satellite=satellite)
    assert find_reset(own, [], [walk()], PRIOR) is None


def test_one_stale_time_is_no_change():
    own = readings(shift_s=0.0, satellite=True)
    own[7] = replace(own[7], gps_utc_s=own[7].gps_utc_s - 5000)
    assert find_reset(own, [], [], PRIOR) is None


def test_nothing_is_made_of_a_few_photos():
    assert find_reset(readings(4, 2), [], [walk()], PRIOR) is None
    assert find_reset([], [], [walk()], PRIOR) is None


def test_a_burst_with_one_stale_time_is_no_change():
    own = readings(shift_s=0.0, satellite=True)
    stale_s = own[9].gps_utc_s - 5000
    burst = [replace(own[9], written_s=own[9].written_s + 3 * n, gps_utc_s=stale_s + 3 * n) for n in range(3)]
    assert find_reset([*own[:9], *burst], [], [], PRIOR) is None


@pytest.mark.parametrize("count", [90, 400])
def test_a_phone_with_satellite_time_on_every_photo_is_one_clock_or_two(count):
    """So much evidence leaves no probability at all to any rival."""
    assert find_reset(readings(count, shift_s=0.0, satellite=True), [], [], PRIOR) is None
    own = readings(count, changed_at=count // 2, satellite=True)
    assert find_reset(own, [], [], PRIOR).since_s == own[count // 2].written_s
