"""Writing GPX: what is written is valid, complete, and read again as it was."""

import io
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.geo.gpx import read_gpx
from blog.geo.gpxdocument import AT_ONCE, Waypoint, drawn_way, gpx_document
from blog.geo.positions import Position, distances_m
from blog.geo.tracks import Track

GPX = "{http://www.topografix.com/GPX/1/1}"
# The order of the children in the schema of GPX 1.1, as far as they are written.
ORDER = {
    "gpx": ["metadata", "wpt", "trk"],
    "metadata": ["name"],
    "wpt": ["ele", "time", "name", "desc", "link"],
    "trk": ["name", "trkseg"],
    "trkseg": ["trkpt"],
    "trkpt": ["ele", "time"],
}


def track_of(n: int, starts: list[int], step_s: float = 1.0) -> Track:
    steps = np.arange(n, dtype=float)
    return Track(
        42 + steps / 1e5, 19 - steps / 1e5, 100 + steps / 10, 1.7e9 + steps * step_s, np.array(starts)
    )


def written(title: str, waypoints: list[Waypoint], *ways: tuple[str, Track]) -> tuple[bytes, Element]:
    text = b"".join(gpx_document(title, waypoints, ways))
    root = fromstring(text)
    check(root)
    return text, root


def check(element: Element) -> None:
    """That an element and all in it stand where the schema has them, within its bounds."""
    order = ORDER.get(element.tag.removeprefix(GPX), [])
    places = [order.index(child.tag.removeprefix(GPX)) for child in element]
    assert places == sorted(places)
    if "lat" in element.attrib:
        assert -90 <= float(element.attrib["lat"]) <= 90
        assert -180 <= float(element.attrib["lon"]) < 180
    for child in element:
        check(child)


@pytest.mark.parametrize("step_s", [1.0, 0.25])
def test_a_track_is_read_as_it_was_written(step_s):
    track = track_of(AT_ONCE + 7, [0, 3], step_s)
    text, root = written("A way", [], ("Day 1", track))
    again = read_gpx(io.BytesIO(text))
    assert (again.name, again.notes) == ("Day 1", ())
    assert root.findtext(f"{GPX}metadata/{GPX}name") == "A way"
    assert again.track.starts.tolist() == [0, 3]
    for column in ("lat", "lon", "ele", "time"):
        assert np.allclose(getattr(again.track, column), getattr(track, column), rtol=0, atol=0.051)
    assert np.array_equal(again.track.time, track.time)
    assert np.allclose(again.track.lat, track.lat, rtol=0, atol=6e-8)


@given(
    st.lists(
        st.tuples(
            st.floats(-1e-3, 1e-3),
            st.floats(-1e-3, 1e-3),
            st.floats(-400, 9000) | st.just(np.nan),
            st.integers(1, 10**6),
        ),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([(46.0, 7.0), (-16.5, 180.0), (-16.5, -180.0), (89.9995, 0.0), (-90.0, 12.0)]),
    st.sets(st.integers(0, 39)),
)
def test_any_track_is_read_as_it_was_written(steps, begin, breaks):
    north, east, ele, thousandths = np.array(steps, float).T
    lat = np.clip(begin[0] + np.cumsum(north), -90, 90)
    lon = (begin[1] + np.cumsum(east) + 180) % 360 - 180
    time = 1.7e9 + np.round(np.cumsum(1 + thousandths / 1000), 3)
    starts = np.array(sorted({0} | {at for at in breaks if at < len(lat)}))
    again = read_gpx(
        io.BytesIO(b"".join(gpx_document("A way", [], [("", Track(lat, lon, ele, time, starts))])))
    )
    assert distances_m(again.track.lat, again.track.lon, lat, lon).max() < 0.01
    assert again.track.time == pytest.approx(time, abs=6e-4, rel=0)
    assert again.track.ele == pytest.approx(ele, abs=0.051, nan_ok=True)
    assert again.track.starts.tolist() == starts.tolist()
    assert (again.notes, again.damage) == ((), None)


def test_what_is_not_known_is_left_out():
    track = track_of(3, [0])
    track.ele[1] = track.time[2] = np.nan
    _, root = written("A way", [], ("", track))
    points = list(root.iter(f"{GPX}trkpt"))
    assert [[child.tag.removeprefix(GPX) for child in point] for point in points] == [
        ["ele", "time"], ["time"], ["ele"],
    ]  # fmt: skip
    assert root.find(f"{GPX}trk/{GPX}name") is None


def test_photos_are_waypoints():
    full = Waypoint(Position(42.5, 19.25, 12.34), "The pier", 1.7e9 + 0.4, "On the track.", "https://x/?a&b")
    _, root = written("A way", [full, Waypoint(Position(-1, 180), "There")])
    first, second = root.iter(f"{GPX}wpt")
    assert [(child.tag.removeprefix(GPX), child.text) for child in first] == [
        ("ele", "12.3"),
        ("time", "2023-11-14T22:13:20Z"),
        ("name", "The pier"),
        ("desc", "On the track."),
        ("link", None),
    ]
    assert first[4].get("href") == "https://x/?a&b"
    assert (second.get("lat"), second.get("lon")) == ("-1.0000000", "-180.0000000")


def test_no_word_breaks_out_of_its_element():
    evil = "</name><x/>&\"'\x00\x0b\ud800 \u2028 é"
    _, root = written(evil, [Waypoint(Position(1, 1), evil, link='"><x/>')], (evil, track_of(2, [0])))
    names = [name.text for name in root.iter(f"{GPX}name")]
    assert names == ["</name><x/>&\"' \u2028 é"] * 3


def test_drawn_lines_are_segments_without_times():
    lines = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.empty((0, 2)), np.array([[5.0, 6.0]])]
    way = drawn_way(lines)
    assert (way.lat.tolist(), way.lon.tolist(), way.starts.tolist()) == ([1, 3, 5], [2, 4, 6], [0, 2])
    assert not way.has_times
    assert len(drawn_way([])) == 0
    text, _ = written("A way", [], ("Day 1", way), ("Nothing", drawn_way([])))
    assert b"<time>" not in text
