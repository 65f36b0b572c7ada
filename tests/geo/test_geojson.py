"""GeoJSON files as converters and programs write them."""

import io
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo import trackpoints
from blog.geo.geojson import read_geojson
from blog.geo.trackpoints import TrackFile, TrackFileError

NINE = 1714554000  # 2024-05-01T09:00:00Z
TIMES = [f"2024-05-01T09:{i:02}:00Z" for i in range(6)]
WAY = [[7, 46 + i / 1000, 900 + i] for i in range(6)]
NO_TIMES = "No times in this file: it draws the route but cannot place photos."


def read(what: object) -> TrackFile:
    return read_geojson(io.BytesIO(what if isinstance(what, bytes) else json.dumps(what).encode()))


def feature(coordinates: object, kind: str = "LineString", **properties: object) -> dict:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: object) -> dict:
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.mark.parametrize(
    "properties",
    [
        {"coordTimes": TIMES},
        {"coordinateProperties": {"times": TIMES}},
        {"times": [NINE + 60 * i for i in range(6)]},
        {"times": [(NINE + 60 * i) * 1000 for i in range(6)]},
        {"time": TIMES[3], "coordTimes": TIMES},
    ],
)
def test_a_line_has_its_points_and_times(properties):
    file = read(collection(feature(WAY, name="Over the pass", **properties)))
    assert (file.name, file.notes) == ("Over the pass", ())
    assert file.track.lat.tolist() == [46, 46.001, 46.002, 46.003, 46.004, 46.005]
    assert file.track.lon.tolist() == [7] * 6
    assert file.track.ele.tolist() == [900, 901, 902, 903, 904, 905]
    assert (file.track.time - NINE).tolist() == [0, 60, 120, 180, 240, 300]


def test_geometry_and_times_come_in_any_order():
    one = feature(WAY, coordTimes=TIMES)
    other = dict(reversed(one.items())) | {"geometry": dict(reversed(one["geometry"].items()))}
    assert read(one).track.time.tolist() == read(other).track.time.tolist()


@pytest.mark.parametrize("times", [[TIMES[:2], TIMES[2:]], TIMES])
def test_parts_of_a_line_are_segments(times):
    track = read(feature([WAY[:2], WAY[2:]], "MultiLineString", coordTimes=times)).track
    assert track.starts.tolist() == [0, 2]
    assert (track.time - NINE).tolist() == [0, 60, 120, 180, 240, 300]


def test_several_features_are_segments_in_order_of_time():
    late, early = feature(WAY[3:], coordTimes=TIMES[3:]), feature(WAY[:3], coordTimes=TIMES[:3])
    track = read(collection(late, early)).track
    assert track.starts.tolist() == [0, 3]
    assert track.lat.tolist() == [point[1] for point in WAY]


@pytest.mark.parametrize("unit", [1, 1000])
def test_a_fourth_number_is_a_time_if_it_can_be_one(unit):
    timed = [[*where, (NINE + 60 * i) * unit] for i, where in enumerate(WAY)]
    assert (read({"type": "LineString", "coordinates": timed}).track.time - NINE).tolist() == [
        60 * i for i in range(6)
    ]
    measured = [[*where, 17.5 * i] for i, where in enumerate(WAY)]
    file = read({"type": "LineString", "coordinates": measured})
    assert (file.track.has_times, file.notes) == (False, (NO_TIMES,))


def test_times_that_do_not_fit_are_not_used():
    file = read(feature(WAY, coordTimes=TIMES[:4]))
    assert not file.track.has_times
    assert file.damage == "Some times in this file do not fit the points of their line, and were ignored."


def test_a_line_without_times_draws_the_route():
    assert read({"type": "LineString", "coordinates": WAY}).notes == (NO_TIMES,)
    file = read(collection(feature(WAY, coordTimes=TIMES), feature([[1, 2], [3, 4]])))
    assert len(file.track) == 6
    assert "lines without times" in file.notes[0]


def test_points_with_a_time_are_a_track():
    file = read(
        collection(*(feature(WAY[i], "Point", time=TIMES[i]) for i in (0, 2, 1)), feature([1, 2], "Point"))
    )
    assert (file.track.time - NINE).tolist() == [0, 60, 120]
    assert file.track.ele.tolist() == [900, 901, 902]


def test_a_missing_time_is_not_made_up():
    assert (
        np.isnan(read(feature(WAY, coordTimes=[None, *TIMES[1:]])).track.time).tolist()
        == [True] + [False] * 5
    )


def test_areas_and_the_name_of_a_grid_are_passed_over():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    file = read(
        {"crs": crs, **collection(feature([[*WAY, WAY[0]]], "Polygon"), feature(WAY, coordTimes=TIMES))}
    )
    assert (file.name, len(file.track), len(file.track.starts)) == (None, 6, 1)


def test_over_the_date_line_and_at_the_poles():
    track = read(feature([[179.9, -16], [-179.9, -16], [0, 90], [0, -90]])).track
    assert track.lon.tolist() == [179.9, -179.9, 0, 0]


def test_a_byte_order_mark_is_passed_over():
    assert len(read(b"\xef\xbb\xbf" + json.dumps(feature(WAY)).encode()).track) == 6


@pytest.mark.parametrize("properties_first", [True, False])
def test_a_file_that_breaks_off_is_used_as_far_as_it_goes(properties_first):
    one = feature(WAY, coordTimes=TIMES)
    if not properties_first:
        one = {"type": "Feature", "geometry": one["geometry"], "properties": one["properties"]}
    text = json.dumps(one)
    file = read(text[: text.index("46.004")].encode())
    assert file.track.lat.tolist() == [46, 46.001, 46.002, 46.003]
    assert file.track.has_times == properties_first
    end = text.index("46.004")
    assert file.damage == f"The file ends in line 1, at byte {end}."


def test_where_a_file_is_damaged_is_known_to_the_byte():
    text = json.dumps(feature([[7, 46 + i / 1e5] for i in range(3_000)]), indent=0)
    begin = text.index("46.02,") if "46.02," in text else text.index("46.02\n")
    file = read((text[:begin] + "x" + text[begin:]).encode())
    line = text[:begin].count("\n") + 1
    assert file.damage == f"The file is damaged in line {line:,}, at byte {begin:,}."
    assert len(file.track) == 2_000
    with pytest.raises(TrackFileError, match=r"damaged in line 2, at byte 26\.$"):
        read(b'\xef\xbb\xbf{"type": "LineString"\n,}')


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (b"", "not a GeoJSON file"),
        (b"Dear diary", "not a GeoJSON file"),
        ({"name": "package", "version": "1"}, "not a GeoJSON file"),
        (collection(), "no track in this file"),
        (collection(feature(WAY[0], "Point")), "places without times"),
        (feature([[500_000, 5_100_000]]), "No point in this file has a usable position"),
        (b'{"type":' + b"[" * 100, "nested too deeply"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(what, words):
    with pytest.raises(TrackFileError, match=words):
        read(what)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(trackpoints, "MAX_POINTS", 10_000)
    tracemalloc.start()
    try:
        with pytest.raises(TrackFileError, match="more than 10,000 points"):
            read(b'{"type":"LineString","coordinates":[' + b"[1,2]," * 200_000)
        with pytest.raises(TrackFileError, match="more than 10,000 points"):
            read(b'{"type":"Feature","times":[' + b"1," * 200_000)
        with pytest.raises(TrackFileError, match="larger than a megabyte"):
            read(b'{"type":"' + b"x" * 3_000_000)
        with pytest.raises(TrackFileError, match="ends in line 1"):
            read(b'{"type":"Feature","coordinates":[' + b"1," * 200_000)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000  # the largest input alone takes 3 MB, twice
    finally:
        tracemalloc.stop()


WHOLE = json.dumps(collection(feature(WAY, coordTimes=TIMES), feature(WAY[0], "Point", time=TIMES[0])))


def check(what: object) -> None:
    try:
        assert len(read(what).track) > 0
    except TrackFileError as refusal:
        assert str(refusal).endswith(".")


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=20))
def test_any_change_is_a_track_or_refused(at, length, data):
    check(WHOLE[:at].encode() + data + WHOLE[at + length :].encode())


KEYS = st.sampled_from(
    ["type", "coordinates", "features", "geometry", "properties", "coordTimes", "time", "name"]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.sampled_from(["Feature", "LineString", "Point", TIMES[0]]),
)


@settings(max_examples=100)
@given(
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5))
)
def test_any_json_is_a_track_or_refused(what):
    check(what)
    check(feature(what, coordTimes=TIMES[:1]))
