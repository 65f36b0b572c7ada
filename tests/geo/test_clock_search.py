"""The search of a camera's clock: by tracks, daylight, places and pairs."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo.clock_prior import OFFSETS_S, log_prior, zone_weights
from blog.geo.clock_search import Anchor, Evidence, Pair, Posterior, search
from blog.geo.clocks import Reading, camera_clocks
from blog.geo.positions import Position
from blog.geo.timeline import timelines
from blog.geo.tracks import Track

HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
MORNING = datetime(2024, 7, 1, 7, tzinfo=UTC).timestamp()  # nine o'clock in Rome
ROME_S = 2 * HOUR
LAT, LON = 41.9, 12.48
NOBODY = np.empty(0)
PRIOR = log_prior(zone_weights({ROME_S: 1.0}))


def day_out(start: float, seed: int = 1, lat: float = LAT, lon: float = LON) -> tuple[Track, np.ndarray]:
    """Eight hours of walks and stops with a fix every ten seconds, and the times of photos at the stops."""
    rng = np.random.default_rng(seed)
    pace, times = np.zeros(2880), []
    tick = 0
    while tick < 2800:
        walk, stop = rng.integers(30, 90), rng.integers(10, 50)
        pace[tick : tick + walk] = 13.0
        tick += walk + stop
        times += (start + 10 * (tick - stop * rng.random(2))).tolist()
    heading = np.cumsum(rng.normal(0, 0.05, len(pace)))
    north, east = np.cumsum(pace * np.cos(heading)), np.cumsum(pace * np.sin(heading))
    seconds = start + 10 * np.arange(len(pace), dtype=float)
    scale = 111_195 * np.cos(np.radians(lat))
    track = Track(
        lat + north / 111_195, lon + east / scale, np.full(len(pace), np.nan), seconds, np.array([0])
    )
    return track, np.sort(np.array(times))


def holiday(start: float = MORNING, days: int = 5, **where: float) -> tuple[list[Track], np.ndarray]:
    outs = [day_out(start + day * DAY, seed, **where) for seed, day in enumerate(range(days), 1)]
    return [track for track, _ in outs], np.concatenate([times for _, times in outs])


def place_at(tracks: list[Track], utc: float) -> Position:
    track = next(track for track in tracks if track.time[0] <= utc <= track.time[-1])
    return Position(
        float(np.interp(utc, track.time, track.lat)), float(np.interp(utc, track.time, track.lon))
    )


def evidence(times: np.ndarray, offset: float, ev: float = np.nan, **more) -> Evidence:
    return Evidence(times - offset, np.full(len(times), ev), **more)


def solve(tracks: list[Track], told: Evidence, prior: np.ndarray = PRIOR, trusted=NOBODY) -> Posterior:
    return search(told, [line for track in tracks for line in timelines(track)], prior, trusted)


def anchored(tracks: list[Track], times: np.ndarray, offset: float, which=(5, 40, 90)) -> Evidence:
    anchors = [Anchor(float(times[i] - offset), place_at(tracks, times[i])) for i in which]
    return evidence(times, offset, anchors=anchors)


def test_days_out_tell_the_zone_and_nearly_the_minute():
    tracks, times = holiday()
    posterior = solve(tracks, evidence(times, -ROME_S - 400))
    assert abs(posterior.best_s - (-ROME_S - 400)) <= 120
    assert posterior.within(-ROME_S) >= 0.9


def test_the_track_alone_is_never_applied():
    tracks, times = holiday(days=8)
    posterior = solve(tracks, evidence(times, -ROME_S))
    assert posterior.within(-ROME_S) >= 0.99
    assert (posterior.witnesses, posterior.is_sure) == (0, False)


@pytest.mark.parametrize("offset", [-ROME_S - 47, -9 * HOUR + 1234, 5.5 * HOUR - 80, 12.75 * HOUR])
def test_three_anchors_find_any_offset(offset):
    tracks, times = holiday()
    posterior = solve(tracks, anchored(tracks, times, offset))
    assert abs(posterior.best_s - offset) <= 60
    assert posterior.witnesses == 3
    assert posterior.is_sure


def test_two_anchors_are_a_proposal():
    tracks, times = holiday()
    assert not solve(tracks, anchored(tracks, times, -ROME_S, (5, 90))).is_sure


def test_an_anchor_off_the_way_is_outvoted_but_nothing_is_applied():
    tracks, times = holiday()
    told = anchored(tracks, times, -ROME_S - 600)
    lost = replace(told, anchors=[*told.anchors[:2], Anchor(float(times[90]), Position(42.3, 12.9))])
    posterior = solve(tracks, lost)
    assert abs(posterior.best_s - (-ROME_S - 600)) <= 120
    assert (posterior.witnesses, posterior.is_sure) == (2, False)


@pytest.mark.parametrize(("changed", "is_sure"), [(2, True), (6, False)])
def test_what_many_places_contradict_is_not_applied(changed, is_sure):
    """Of twelve photos with places the last ones are by a clock that was set back on the way."""
    tracks, times = holiday()
    which = np.linspace(3, len(times) - 4, 12).astype(int)
    told = anchored(tracks, times, -ROME_S, which)
    late = [Anchor(one.written_s - HOUR, one.position) for one in told.anchors[12 - changed :]]
    posterior = solve(tracks, replace(told, anchors=[*told.anchors[: 12 - changed], *late]))
    assert (posterior.witnesses >= 3, posterior.is_sure) == (True, is_sure)


def test_a_receiver_that_repeats_its_place_is_one_witness():
    tracks, times = holiday()
    there = place_at(tracks, times[5])
    stuck = [Anchor(float(times[5] + wait + ROME_S), there) for wait in (0, 60, 120, 180)]
    assert solve(tracks, evidence(times, -ROME_S, anchors=stuck)).witnesses <= 1


def test_pairs_outvote_a_wrong_one():
    times = MORNING + HOUR * np.arange(5)
    pairs = [Pair(float(time + ROME_S + 300), float(time + i)) for i, time in enumerate(times)]
    pairs[2] = Pair(pairs[2].written_s, float(times[2] + 4 * HOUR))
    posterior = search(evidence(times, -ROME_S - 300, pairs=pairs), [], PRIOR, NOBODY)
    assert abs(posterior.best_s - (-ROME_S - 300)) <= 15
    assert (posterior.witnesses, posterior.is_sure) == (4, True)


def test_bright_photos_keep_the_night_out():
    """Of two zones half a day apart, both on the track, daylight chooses."""
    start = MORNING - 12 * HOUR
    seconds = start + 30 * np.arange(3600, dtype=float)
    idle = np.full(len(seconds), 0.0)
    track = Track(LAT + idle, LON + idle, idle * np.nan, seconds, np.array([0]))
    times = MORNING + 900 * np.arange(12)
    prior = log_prior({ROME_S: 0.5, ROME_S + 10 * HOUR: 0.5})
    dark = solve([track], evidence(times, -ROME_S, ev=7.0), prior)
    bright = solve([track], evidence(times, -ROME_S, ev=14.5), prior)
    assert bright.within(-ROME_S - 10 * HOUR, HOUR) < 0.1 * dark.within(-ROME_S - 10 * HOUR, HOUR)
    assert bright.within(-ROME_S, HOUR) > 0.99


def test_photos_of_a_trusted_camera_draw_the_clock_to_theirs():
    tracks, times = holiday(days=2)
    told = evidence(times, -ROME_S - 240)
    alone, together = solve(tracks, told), solve(tracks, told, trusted=times + 10)
    assert together.within(-ROME_S - 240, 60) > alone.within(-ROME_S - 240, 60)
    assert abs(together.best_s - (-ROME_S - 240)) <= 45


def test_without_any_track_the_prior_stands():
    posterior = search(evidence(np.array([MORNING]), 0.0), [], PRIOR, NOBODY)
    assert posterior.probability == pytest.approx(np.exp(PRIOR))
    far = solve(holiday()[0], evidence(np.array([MORNING + 900 * DAY]), 0.0))
    assert far.probability == pytest.approx(np.exp(PRIOR))


def test_no_photo_at_all_is_no_evidence():
    posterior = solve(holiday()[0], Evidence(np.empty(0), np.empty(0)))
    assert posterior.probability == pytest.approx(np.exp(PRIOR))


@settings(max_examples=15)
@given(st.floats(-13 * HOUR, 13 * HOUR), st.integers(1, 60), st.sampled_from([np.nan, 8.0, 12.0, 15.0]))
def test_the_posterior_adds_up_to_one_and_ranks_its_candidates(offset, photos, ev):
    tracks, times = holiday(days=1)
    posterior = solve(tracks, evidence(times[:photos], offset, ev))
    assert posterior.probability.sum() == pytest.approx(1)
    assert np.all(posterior.probability >= 0)
    offsets, odds = zip(*posterior.candidates(), strict=True)
    assert sum(odds) <= 1 + 1e-9
    assert odds[0] == max(odds)
    assert posterior.half_width_s(offsets[0]) >= 7.5
    assert all(OFFSETS_S[0] <= one <= OFFSETS_S[-1] for one in offsets)


@settings(max_examples=10)
@given(st.integers(-3, 3), st.floats(-600, 600))
def test_shifting_everything_shifts_nothing(weeks, longer):
    """By whole weeks and a little: the sun hardly notices, and the camera's offset stays what it was."""
    tracks, times = holiday(days=2)
    shift = weeks * WEEK + longer
    moved = [replace(track, time=track.time + shift) for track in tracks]
    told = anchored(tracks, times, -ROME_S - 130, (3, 20, 40))
    later = Evidence(
        told.written_s + shift, told.ev, [Anchor(one.written_s + shift, one.position) for one in told.anchors]
    )
    here, there = solve(tracks, told), solve(moved, later)
    assert there.best_s == pytest.approx(here.best_s, abs=2)
    assert np.abs(there.probability - here.probability).sum() < 0.05


@settings(max_examples=10)
@given(st.floats(-2 * HOUR, 2 * HOUR))
def test_shifting_the_camera_shifts_its_offset(shift):
    tracks, times = holiday(days=2)
    flat = np.zeros_like(OFFSETS_S)
    here = solve(tracks, anchored(tracks, times, -ROME_S, (3, 20, 40)), flat)
    there = solve(tracks, anchored(tracks, times, -ROME_S + shift, (3, 20, 40)), flat)
    assert there.best_s - here.best_s == pytest.approx(shift, abs=16)


def test_a_track_written_backwards_says_the_same():
    tracks, times = holiday(days=2)
    backwards = [
        Track(track.lat[::-1], track.lon[::-1], track.ele[::-1], track.time[::-1], np.array([0]))
        for track in reversed(tracks)
    ]
    told = anchored(tracks, times, -ROME_S - 50, (3, 20, 40))
    assert solve(backwards, told).probability == pytest.approx(solve(tracks, told).probability)


def test_a_file_for_each_day_says_what_one_file_says():
    tracks, times = holiday(days=3)
    columns = [
        np.concatenate([getattr(track, name) for track in tracks]) for name in ("lat", "lon", "ele", "time")
    ]
    whole = Track(*columns, np.array([0]))
    told = evidence(times, -ROME_S - 50)
    assert solve([whole], told).probability == pytest.approx(solve(tracks, told).probability, abs=1e-3)


def test_tracks_that_start_together_are_no_trouble():
    tracks, times = holiday(days=1)
    assert camera_clocks(camera(times, -ROME_S), tracks * 2, {})["camera"].offset_s == -ROME_S


def test_a_second_receiver_does_not_double_the_evidence():
    tracks, times = holiday(days=2)
    told = evidence(times, -ROME_S)
    assert solve(tracks * 2, told).probability == pytest.approx(solve(tracks, told).probability)


# Through camera_clocks: zones, summer time, and the rule


def camera(times: np.ndarray, offset: float, places=None, **more) -> list[Reading]:
    return [
        Reading("camera", float(time - offset), position=(places or {}).get(i), **more)
        for i, time in enumerate(times)
    ]


def test_what_is_sure_is_applied_and_says_how_wide_it_is():
    tracks, times = holiday()
    places = {i: place_at(tracks, times[i]) for i in (5, 40, 90)}
    clock = camera_clocks(camera(times, -ROME_S - 3780, places), tracks, {})["camera"]
    assert (clock.source, clock.is_sure, clock.proposal) == ("matched", True, None)
    assert abs(clock.offset_s - (-ROME_S - 3780)) <= 60
    assert clock.half_width_s <= 300
    assert clock.probability >= 0.99


def test_places_by_hand_are_anchors_too():
    tracks, times = holiday()
    readings = camera(times, -ROME_S - 3780)
    for i in (5, 40, 90):
        readings[i] = replace(readings[i], by_hand=place_at(tracks, times[i]))
    assert camera_clocks(readings, tracks, {})["camera"].source == "matched"


def test_a_proposal_leaves_the_clock_of_the_zone_in_use():
    tracks, times = holiday(days=8)
    clock = camera_clocks(camera(times, -ROME_S + 5 * HOUR), tracks, {})["camera"]
    assert (clock.source, clock.offset_s, clock.is_sure) == ("assumed", -ROME_S, False)
    assert clock.half_width_s > HOUR
    assert abs(clock.likeliest[0] - (-ROME_S + 5 * HOUR)) <= 120
    assert clock.likeliest[1] > clock.probability


def test_three_told_pairs_set_a_camera_by_a_phone():
    times = MORNING + HOUR * np.arange(3)
    phone = [Reading("phone", float(time + ROME_S), gps_utc_s=float(time)) for time in times]
    readings = [*phone, *camera(times, -ROME_S - 3780)]
    told = [(0, 3), (4, 1), (2, 5)]
    clocks = camera_clocks(readings, [], {}, told)
    assert clocks["camera"].source == "matched"
    assert clocks["camera"].offset_s == pytest.approx(-ROME_S - 3780, abs=15)
    assert not camera_clocks(readings, [], {})["camera"].is_sure


@pytest.mark.parametrize(
    ("lat", "lon", "ahead_h"),
    [(28.6, 77.2, 5.5), (27.7, 85.3, 5.75), (-31.95, 141.45, 9.5), (47.6, -52.7, -2.5)],
)
def test_zones_of_half_and_quarter_hours(lat, lon, ahead_h):
    start = MORNING + (2 - ahead_h) * HOUR
    tracks, times = holiday(start, lat=lat, lon=lon)
    clock = camera_clocks(camera(times, -ahead_h * HOUR - 60), tracks, {})["camera"]
    assert clock.offset_s == -ahead_h * HOUR
    assert abs(clock.likeliest[0] - (-ahead_h * HOUR - 60)) <= 120


@pytest.mark.parametrize("ahead_h", [1, 2])
def test_the_end_of_summer_time_on_the_way_leaves_both_zones_open(ahead_h):
    """27 October 2024: a camera keeps the hour it was set to, whichever of both that was."""
    start = datetime(2024, 10, 25, 8, tzinfo=UTC).timestamp()
    tracks, times = holiday(start, days=6)
    clock = camera_clocks(camera(times, -ahead_h * HOUR), tracks, {})["camera"]
    assert abs(clock.likeliest[0] + ahead_h * HOUR) <= 120
    assert clock.likeliest[1] > 0.8


def test_a_written_zone_that_the_track_denies_is_for_a_person_to_judge():
    tracks, times = holiday()
    places = {i: place_at(tracks, times[i]) for i in range(0, 100, 10)}
    clock = camera_clocks(camera(times, 0.0, places, zone_offset_s=ROME_S), tracks, {})["camera"]
    assert (clock.source, clock.offset_s) == ("zone", -ROME_S)
    assert clock.likeliest[0] == pytest.approx(0, abs=30)
    odd = camera_clocks(camera(times, 780.0, places, zone_offset_s=ROME_S), tracks, {})["camera"]
    assert (odd.source, odd.offset_s) == ("matched", pytest.approx(780, abs=30))


def test_the_order_of_photos_does_not_matter():
    tracks, times = holiday(days=2)
    readings = camera(times, -ROME_S - 90)
    assert camera_clocks(readings[::-1], tracks, {}) == camera_clocks(readings, tracks, {})
