"""Tracks as arrays: what they tell, how they are cut, simplified and kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from blog.geo.positions import Position, distance_m, distances_m, unit_vectors
from blog.geo.tracks import Track


def track_of(lat, lon, ele=None, time=None, starts=(0,)) -> Track:
    nothing = np.full(len(lat), np.nan)
    columns = [nothing if column is None else np.array(column, float) for column in (lat, lon, ele, time)]
    return Track(*columns, np.array(starts, np.int64))


EMPTY = track_of([], [], starts=[])


def walk(n: int, *, noise_m: float = 0.0, gain_m: float = 0.0) -> Track:
    """A walk of one metre per second towards the north, its heights wandering."""
    rng = np.random.default_rng(7)
    ele = 500 + np.linspace(0, gain_m, n) + rng.normal(0, noise_m, n)
    return track_of(46 + np.arange(n) / 111_195, np.full(n, 7.0), ele, 1.7e9 + np.arange(n))


@pytest.mark.parametrize("starts", [[], [1], [0, 0], [0, 3], [0, 2, 1]])
def test_segments_that_do_not_fit_are_refused(starts):
    with pytest.raises(ValueError, match="segments"):
        track_of([1, 2, 3], [1, 2, 3], starts=starts)


def test_points_off_the_earth_are_refused():
    with pytest.raises(ValueError, match="not on the Earth"):
        track_of([91], [0])
    with pytest.raises(ValueError, match="not on the Earth"):
        track_of([np.nan], [0])


def test_an_empty_track_is_empty():
    assert len(EMPTY) == 0
    assert not EMPTY.has_times
    assert (EMPTY.begins_at, EMPTY.ends_at) == (None, None)
    assert (EMPTY.length_m, EMPTY.climb_m) == (0, 0)
    assert EMPTY.simplified(10) == []
    assert len(Track.from_bytes(EMPTY.to_bytes())) == 0
    with pytest.raises(ValueError, match="no bounds"):
        _ = EMPTY.bounds


def test_a_single_point_is_a_track():
    one = track_of([46], [7], [900], [1e9])
    assert one.bounds == (46, 7, 46, 7)
    assert (one.begins_at, one.ends_at, one.length_m, one.climb_m) == (1e9, 1e9, 0, 0)
    assert one.simplified(5)[0].tolist() == [[46, 7]]


def test_length_leaves_out_the_gap_that_the_distance_along_includes():
    two = track_of([46, 46.01, 46.02, 46.03], [7, 7, 7, 7], starts=[0, 2])
    step = distance_m(Position(46, 7), Position(46.01, 7))
    assert two.length_m == pytest.approx(2 * step)
    assert two.distance_along() == pytest.approx([0, step, 2 * step, 3 * step])


def test_begin_and_end_look_past_missing_times():
    track = track_of([1, 2, 3, 4], [1, 1, 1, 1], time=[np.nan, 20, 10, np.nan])
    assert (track.begins_at, track.ends_at) == (10, 20)


def test_noise_does_not_climb():
    assert walk(20_000, noise_m=4.0).climb_m < 30  # adding every rise up would give 45 km


def test_a_real_climb_counts_in_spite_of_noise():
    assert walk(5_000, noise_m=3.0, gain_m=800).climb_m == pytest.approx(800, rel=0.03)


def test_ups_and_downs_count_their_ups():
    up = np.concatenate([np.linspace(0, 300, 2000), np.linspace(300, 100, 2000), np.linspace(100, 200, 2000)])
    track = track_of(46 + np.arange(6000) / 111_195, np.full(6000, 7.0), up)
    assert track.climb_m == pytest.approx(400, rel=0.03)


def test_bounds_across_the_date_line_have_the_west_in_the_east():
    assert track_of([-17, -16, -15], [178, -179, -175]).bounds == (-17, 178, -15, -175)
    assert track_of([10, 20], [-30, 40]).bounds == (10, -30, 20, 40)


def test_between_keeps_what_lies_in_the_span_and_its_segments():
    track = track_of([1, 2, 3, 4, 5, 6], [1] * 6, time=[1, 2, np.nan, 11, 12, 30], starts=[0, 3, 5])
    part = track.between(2, 12)
    assert part.lat.tolist() == [2, 4, 5]
    assert part.starts.tolist() == [0, 1]
    assert len(track.between(40, 50)) == 0


def test_simplified_drops_what_lies_on_the_way_and_keeps_corners():
    lat = [46, 46.001, 46.002, 46.002, 46.002]
    lon = [7, 7, 7, 7.001, 7.002]
    (line,) = track_of(lat, lon).simplified(1)
    assert line.tolist() == [[46, 7], [46.002, 7], [46.002, 7.002]]


def test_simplified_does_not_mind_the_date_line():
    (line,) = track_of([-16, -16.0001, -16], [179.99, 180, -179.99]).simplified(100)
    assert line.tolist() == [[-16, 179.99], [-16, -179.99]]


def test_simplified_returns_one_line_for_every_segment():
    lines = track_of([1, 2, 3], [1, 1, 1], starts=[0, 2]).simplified(5)
    assert [len(line) for line in lines] == [2, 1]


def farthest_off(track: Track, line: np.ndarray) -> float:
    """Metres from the point that lies farthest from the simplified line, through the Earth's body."""
    kept, points = unit_vectors(*line.T).T * 6_371_008.8, unit_vectors(track.lat, track.lon).T * 6_371_008.8
    start, chord = kept[:-1, None], np.diff(kept, axis=0)[:, None]
    square = np.maximum(np.sum(chord**2, axis=2), 1e-12)
    along = np.clip(np.sum((points - start) * chord, axis=2) / square, 0, 1)
    off = np.linalg.norm(points - start - along[..., None] * chord, axis=2).min(axis=0)
    return float(off.max())


@given(
    arrays.arrays(float, st.tuples(st.integers(2, 60), st.just(2)), elements=st.floats(-1, 1)),
    st.sampled_from([(46.0, 7.0), (0.0, 180.0), (-67.0, -179.99), (89.95, 10.0), (-90.0, 0.0)]),
    st.floats(0.001, 0.2),
    st.lists(st.floats(1, 5_000), min_size=1, max_size=3),
)
def test_no_dropped_point_lies_farther_off_than_the_tolerance(wander, begin, step, tolerances_m):
    """Anywhere on the globe and at every level; the ends stay."""
    lat = np.clip(begin[0] + np.cumsum(wander[:, 0]) * step, -90, 90)
    lon = (begin[1] + np.cumsum(wander[:, 1]) * step + 180) % 360 - 180
    track = track_of(lat, lon)
    counts = []
    for tolerance_m in sorted(tolerances_m):
        (line,) = track.simplified(tolerance_m)
        assert farthest_off(track, line) <= tolerance_m + 1e-3
        assert line[[0, -1]].tolist() == [[lat[0], lon[0]], [lat[-1], lon[-1]]]
        counts.append(len(line))
    assert counts == sorted(counts, reverse=True)


def test_a_way_over_the_pole_is_simplified_like_any_other():
    over = np.concatenate([np.linspace(89.9, 90, 500), np.linspace(90, 89.9, 500)])
    (line,) = track_of(over, np.repeat([10.0, -170.0], 500)).simplified(5)
    assert 2 <= len(line) <= 4


def test_bytes_give_the_track_back():
    track = walk(500, noise_m=3.0)
    again = Track.from_bytes(track.to_bytes())
    assert distances_m(track.lat, track.lon, again.lat, again.lon).max() < 0.01
    assert np.abs(again.ele - track.ele).max() <= 0.005
    assert again.time == pytest.approx(track.time, abs=5e-4)
    assert again.starts.tolist() == [0]


@given(
    st.lists(
        st.tuples(
            st.floats(-90, 90),
            st.floats(-180, 180),
            st.floats(-1000, 9000) | st.just(float("nan")),
            st.floats(0, 4e9) | st.just(float("nan")),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_bytes_keep_what_is_missing_missing(points):
    track = track_of(*zip(*points, strict=True))
    again = Track.from_bytes(track.to_bytes())
    for before, after in ((track.ele, again.ele), (track.time, again.time)):
        assert np.isnan(before).tolist() == np.isnan(after).tolist()
    assert again.to_bytes() == track.to_bytes()


@given(st.binary(max_size=200), st.integers(0, 400))
def test_bytes_that_are_no_track_are_refused(junk, cut):
    whole = walk(100).to_bytes()
    for data in (junk, whole[:cut], whole[:cut] + junk):
        if data == whole:
            continue
        with pytest.raises(ValueError, match=r"track|Earth|segments"):
            Track.from_bytes(data)


def test_a_long_track_is_small_when_kept():
    assert len(walk(10_000, noise_m=0.5).to_bytes()) < 60_000
