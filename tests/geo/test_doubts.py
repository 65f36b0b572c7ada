"""Places that are not to be believed, and those that are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.clocks import Clock, Reading
from blog.geo.doubts import doubts
from blog.geo.positions import Position
from blog.geo.tracks import Track

START_S = 1_700_000_000.0
SURE = {"camera": Clock(0.0, 1.0, "gps")}
GUESSED = {"camera": Clock(0.0, 4000.0, "assumed", 0.5)}


def on_the_road(minutes, lat=45.0, speed_m_s=20.0):
    """Readings at these minutes of a drive north, each with its true place."""
    return [
        Reading("camera", START_S + 60 * m, position=Position(lat + m * 60 * speed_m_s / 111_195, 9.1))
        for m in minutes
    ]


def road(minutes=120, speed_m_s=20.0):
    seconds = np.arange(0, 60 * minutes + 1, 10.0)
    lat = 45.0 + seconds * speed_m_s / 111_195
    return Track(lat, np.full_like(lat, 9.1), np.full_like(lat, np.nan), START_S + seconds, np.array([0]))


def moved(reading, lat, lon):
    return replace(reading, position=Position(lat, lon))


def test_good_places_are_believed():
    assert doubts(on_the_road(range(0, 120, 7)), [road()], SURE) == {}
    assert doubts(on_the_road(range(0, 120, 7)), [], GUESSED) == {}


def test_a_country_wide_jump_is_doubted():
    readings = on_the_road(range(0, 60, 10))
    readings[3] = moved(readings[3], 52.5, 13.4)
    found = doubts(readings, [], GUESSED)
    assert {i: doubt.kind for i, doubt in found.items()} == {3: "jump"}
    assert found[3].away_m == pytest.approx(870_000, rel=0.1)


def test_a_flight_is_no_jump():
    readings = on_the_road(range(0, 60, 10)) + on_the_road(range(300, 360, 10), lat=58.0)
    assert doubts(readings, [], GUESSED) == {}


def test_a_stale_fix_that_repeats_is_doubted_from_its_second_time_on():
    readings = on_the_road(range(0, 60, 10))
    for i in (2, 3):
        readings[i] = replace(readings[i], position=readings[1].position)
    found = doubts(readings, [road()], SURE)
    assert {i: (doubt.kind, doubt.other) for i, doubt in found.items()} == {2: ("stale", 1), 3: ("stale", 1)}
    assert found[3].away_m == pytest.approx(20 * 60 * 20, rel=0.05)


def test_a_place_that_repeats_where_one_stayed_is_believed():
    halt = [Reading("camera", START_S + 60 * m, position=Position(45.0, 9.1)) for m in range(0, 120, 15)]
    stay = Track(
        np.full(9, 45.0002),
        np.full(9, 9.1),
        np.full(9, np.nan),
        START_S + 900 * np.arange(9.0),
        np.array([0]),
    )
    assert doubts(halt, [stay], SURE) == {}
    assert doubts(halt, [], GUESSED) == {}


def test_a_stale_fix_shows_without_a_track_where_nobody_gets_on_so_fast():
    readings = on_the_road([0, 30, 31])
    readings[1] = replace(readings[1], position=readings[0].position)
    assert {i: doubt.kind for i, doubt in doubts(readings, [], GUESSED).items()} == {1: "stale"}


def test_a_place_off_the_track_is_doubted_where_the_others_fit_it():
    readings = on_the_road(range(0, 60, 6))
    readings[4] = moved(readings[4], readings[4].position.lat, 9.2)
    assert {i: doubt.kind for i, doubt in doubts(readings, [road()], SURE).items()} == {4: "off_track"}


def test_a_track_that_fits_nothing_is_not_believed_against_the_camera():
    late = road()
    local_as_utc = Track(late.lat, late.lon, late.ele, late.time + 7200, late.starts)
    assert doubts(on_the_road(range(0, 120, 10)), [local_as_utc], SURE) == {}


def test_a_clock_that_is_a_guess_proves_nothing_against_a_place():
    wrong = [replace(reading, written_s=reading.written_s + 1800) for reading in on_the_road(range(0, 60, 6))]
    assert doubts(wrong, [road()], GUESSED) == {}


@pytest.mark.parametrize("place", [(0.0003, -0.0002), (40.0, 7.0)])
def test_what_receivers_write_without_a_fix(place):
    readings = on_the_road(range(0, 60, 10))
    readings[2] = replace(readings[2], position=Position(*place), written_s=None)
    assert [doubt.kind for doubt in doubts(readings, [], GUESSED).values()] == ["empty"]


def test_whole_degrees_are_a_place_like_any_other_where_the_trip_is_there():
    readings = on_the_road([0, 1, 2])
    readings[1] = moved(readings[1], 45.0, 9.0)
    assert doubts(readings, [], GUESSED) == {}


def test_what_a_person_put_there_is_not_judged():
    readings = on_the_road(range(0, 60, 10))
    readings[3] = replace(moved(readings[3], 52.5, 13.4), by_hand=Position(45.3, 9.1))
    assert doubts(readings, [], GUESSED) == {}


@given(st.lists(st.tuples(st.floats(0, 5e5), st.floats(-89, 89), st.floats(-180, 180)), max_size=8))
def test_any_readings_can_be_judged(rows):
    readings = [
        Reading("camera", START_S + when, position=Position(lat, lon))
        for when, lat, lon in rows
        if lat or lon
    ]
    found = doubts(readings, [road(10)], SURE)
    assert all(doubt.away_m > 0 for doubt in found.values())
    assert set(found) <= set(range(len(readings)))
