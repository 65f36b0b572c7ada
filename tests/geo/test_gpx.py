"""GPX files as receivers, programs and strangers write them."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo import trackpoints
from blog.geo.gpx import read_gpx
from blog.geo.trackpoints import TrackFile, TrackFileError

NO_TIMES = "No times in this file: it draws the route but cannot place photos."


def read(text: str | bytes) -> TrackFile:
    return read_gpx(io.BytesIO(text.encode() if isinstance(text, str) else text))


def point(lat, lon, time="", ele="", kind="trkpt") -> str:
    inside = (f"<ele>{ele}</ele>" if ele else "") + (f"<time>{time}</time>" if time else "")
    return f'<{kind} lat="{lat}" lon="{lon}">{inside}</{kind}>'


def track(*segments: str, head: str = "") -> str:
    body = "".join(f"<trkseg>{segment}</trkseg>" for segment in segments)
    return f'<gpx version="1.1">{head}<trk><name>Over the pass</name>{body}</trk></gpx>'


def walk(n: int = 5, start: str = "2024-05-01T09:{:02}:00Z") -> str:
    return "".join(point(46 + i / 1000, 7, start.format(i), 900 + i) for i in range(n))


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


def test_a_track_has_its_points_times_and_name():
    file = read(track(walk(3)))
    assert file.name == "Over the pass"
    assert file.notes == ()
    assert file.track.lat.tolist() == [46, 46.001, 46.002]
    assert file.track.ele.tolist() == [900, 901, 902]
    assert file.track.time.tolist() == [utc(2024, 5, 1, 9, i) for i in range(3)]


def test_segments_stay_apart_and_empty_ones_vanish():
    assert read(track(walk(2), "", walk(3, "2024-05-01T10:{:02}:00Z"), "")).track.starts.tolist() == [0, 2]


def test_prefixed_elements_and_version_1_0_are_read():
    text = track(walk(2)).replace("<", "<g:").replace("<g:/", "</g:").replace("<g:gpx", '<g:gpx xmlns:g="x"')
    assert len(read(text).track) == 2
    assert len(read('<?xml version="1.0"?><gpx version="1.0"><time>2024-05-01T09:00:00Z</time>'
                    f"<trk><trkseg>{point(1, 2)}</trkseg></trk></gpx>").track) == 1  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_byte_order_marks_and_encodings(encoding):
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>' + track(walk(2))
    assert read(text.replace("Over the pass", "Über den Paß").encode(encoding)).name == "Über den Paß"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2015-12-11T15:43:13.994+01:00", utc(2015, 12, 11, 14, 43, 13) + 0.994),
        ("2015-12-11T15:43:13", utc(2015, 12, 11, 15, 43, 13)),
        (" 2015-12-11T15:43:13Z\n", utc(2015, 12, 11, 15, 43, 13)),
    ],
)
def test_times_in_every_form(written, read_as):
    assert read(track(point(1, 2, written))).track.time.tolist() == pytest.approx([read_as])


def test_a_file_without_times_says_so():
    file = read(track(point(1, 2) + point(1, 2.001)))
    assert not file.track.has_times
    assert file.notes == (NO_TIMES,)


@pytest.mark.parametrize(
    "time", ["1901-12-13T20:45:52Z", "yesterday", "2024-13-01T00:00:00Z", "9999-01-01T00:00:00Z"]
)
@pytest.mark.parametrize(("sound", "is_damage"), [(8, True), (9, False)])
def test_impossible_times_are_ignored_with_a_note_and_more_than_a_tenth_is_damage(time, sound, is_damage):
    file = read(track(walk(sound) + point(46.01, 7, time)))
    assert np.isnan(file.track.time).tolist() == [False] * sound + [True]
    told = [file.damage] if is_damage else file.notes[:1]
    assert list(told) == [f"Point {sound + 1} has an impossible time and was kept without it."]
    assert (file.damage is not None) == is_damage


def test_a_file_whose_times_are_all_one_placeholder_is_one_without_times():
    file = read(track("".join(point(46 + i / 1000, 7, "1901-12-13T20:45:52Z") for i in range(5))))
    assert (file.damage, file.track.has_times) == (None, False)
    assert file.notes == (
        "5 points from point 1 on have an impossible time and were kept without it.",
        NO_TIMES,
    )


def test_times_of_an_export_are_not_those_of_the_way():
    points = "".join(point(46 + i / 100, 7, f"2025-03-19T22:17:50.51{i}Z") for i in range(9))
    file = read(track(points))
    assert not file.track.has_times
    assert "not those of the way" in file.notes[0]


def test_one_leap_of_the_receiver_leaves_the_times_alone():
    assert read(track(walk(5) + point(-30, 120, "2024-05-01T09:05:00Z"))).track.has_times


def test_unusable_positions_are_left_out_and_counted():
    bad = point(91, 0) + point(0, 0) + point("", 7) + point("nan", 7) + "<trkpt/>" + point(7, -180.5)
    file = read(track(walk(2) + bad, bad))
    assert len(file.track) == 2
    assert file.damage == "12 points from point 3 on have no usable position and were left out."
    file = read(track(walk(60) + bad))
    assert file.notes == ("6 points from point 61 on have no usable position and were left out.",)
    assert file.damage is None


def test_an_impossible_height_is_no_height():
    file = read(track(point(1, 2, ele="1e300") + point(1, 3, ele="high") + point(1, 4, ele="-3.5")))
    assert file.track.ele[:2].tolist() == pytest.approx([np.nan, np.nan], nan_ok=True)
    assert file.track.ele[2] == -3.5


def test_points_out_of_order_are_sorted_within_and_between_segments():
    late, early = (
        walk(2, "2024-05-01T11:{:02}:00Z"),
        point(47, 7, "2024-05-01T10:00:09Z") + point(47.001, 7, "2024-05-01T10:00:01Z"),
    )
    file = read(track(late, early))
    assert np.all(np.diff(file.track.time) > 0)
    assert file.track.lat.tolist() == [47.001, 47, 46, 46.001]
    assert file.track.starts.tolist() == [0, 2]
    assert file.notes == ("Its points were not in order of time; they have been sorted.",)


def test_what_an_extension_says_is_not_the_points_time_or_name():
    inside = "<extensions><x><time>1999-01-01T00:00:00Z</time><ele>7</ele><name>x</name></x></extensions>"
    text = track(point(1, 2, "2024-05-01T09:00:00Z", 5).replace("</trkpt>", inside + "</trkpt>"))
    assert read(text).track.time.tolist() == [utc(2024, 5, 1, 9)]
    assert read(text).track.ele.tolist() == [5]


def test_a_route_is_read_where_nothing_was_recorded():
    route = f"<rte><name>Plan</name>{point(1, 2, kind='rtept')}{point(1, 3, kind='rtept')}</rte>"
    file = read(f"<gpx>{route}</gpx>")
    assert (file.name, len(file.track)) == ("Plan", 2)
    assert file.notes == ("This is a planned route, not a recorded track.", NO_TIMES)
    both = read(track(walk(3), head=route))
    assert (both.name, len(both.track)) == ("Over the pass", 3)
    assert both.notes == ("The planned route in this file was left out; the recorded track is used.",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a GPX file"),
        ("Dear diary", "not a GPX file"),
        ("<kml><Document/></kml>", "begins with <kml>"),
        ("<gpx/>", "no track in this file"),
        (f"<gpx>{point(1, 2, kind='wpt')}</gpx>", "waypoints"),
        (track(""), "no track in this file"),
        (track(point(0, 0) + point(100, 0)), "No point in this file has a usable position"),
        ("<gpx><trk>", "ends in line 1"),
        ("<gpx>\n<trk>\n</gpx>", "is damaged in line 3"),
        ('<trkpt lat="1" lon="2"/>', "not a GPX file"),
        ("<gpx>" + "<a>" * 100, "nested too deeply"),
        ("<gpx><trk><trkseg><trkpt>" + "<ele>" * 100, "nested too deeply"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text, words):
    with pytest.raises(TrackFileError, match=words):
        read(text)


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE gpx>",
        '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE gpx SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_and_entities_are_refused(declaration):
    with pytest.raises(TrackFileError, match="declares a document type"):
        read(declaration + track(walk(3)).replace("Over the pass", "&x;" if "&" in declaration else "x"))


LINES = track(walk(9)).replace("<trkpt", "\n<trkpt")  # the first point stands in line 2


@pytest.mark.parametrize(
    ("text", "kept", "damage"),
    [
        (LINES[: LINES.index("46.005")], 5, "The file ends in line 7."),
        (LINES[: LINES.index("<ele>905")], 5, "The file ends in line 7."),  # its last point has no time yet
        (LINES.replace("</gpx>", ""), 9, "The file ends in line 10."),
        (LINES.replace("<ele>905", "<ele>\0905"), 5, "The file is damaged in line 7."),
        (LINES.replace("<ele>905", "<ele>&905"), 5, "The file is damaged in line 7."),
        (LINES.replace("<trk>", "<trk>\n\n") + LINES, 9, "The file is damaged in line 12."),
    ],
)
def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(text, kept, damage):
    file = read(text)
    assert (len(file.track), file.damage, file.notes) == (kept, damage, ())
    assert np.isfinite(file.track.time).all()


def test_size_points_and_tokens_are_bounded(monkeypatch):
    monkeypatch.setattr(trackpoints, "CHUNK", 1000)
    with monkeypatch.context() as bound, pytest.raises(TrackFileError, match="more than 20 points"):
        bound.setattr(trackpoints, "MAX_POINTS", 20)
        read(track(walk(50)))
    with monkeypatch.context() as bound, pytest.raises(TrackFileError, match="too large"):
        bound.setattr(trackpoints, "MAX_BYTES", 1500)
        read(track(walk(50)))
    with monkeypatch.context() as bound, pytest.raises(TrackFileError, match="one item in it"):
        bound.setattr(trackpoints, "MAX_TOKEN", 5000)
        read(f'<gpx creator="{"x" * 20_000}"></gpx>')


def test_a_name_is_kept_short():
    assert read(track(walk(2)).replace("Over the pass", " a\n b " + "c" * 100_000)).name == "a b " + "c" * 196


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_track_or_refused(data):
    for text in (
        data,
        b"<gpx><trk><trkseg>" + data,
        b'<?xml version="1.0" encoding="' + data[:12] + b'"?><gpx/>',
    ):
        try:
            assert len(read(text).track) > 0
        except TrackFileError as refusal:
            assert str(refusal).endswith(".")


MARKUP = [
    *("<gpx>", "</gpx>", "<trk>", "</trk>", "<trkseg>", "</trkseg>", "<rte>", "</rte>", "<name>", "</name>"),
    *('<trkpt lat="1" lon="2">', "</trkpt>", "<trkpt/>", '<rtept lat="-91" lon="x"/>', "<time>", "</time>"),
    *(
        "2024-05-01T09:00:00Z",
        "<ele>",
        "1e999",
        "nan",
        "-0",
        "</ele>",
        "&amp;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
    ),
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(MARKUP), max_size=40))
def test_any_markup_is_a_track_or_refused(parts):
    for text in ("".join(parts), "<gpx>" + "".join(parts)):
        try:
            assert len(read(text).track) > 0
        except TrackFileError as refusal:
            assert str(refusal).endswith(".")


@given(st.lists(st.tuples(st.floats(), st.floats(), st.floats(), st.datetimes()), min_size=1, max_size=30))
def test_any_numbers_give_a_sound_track(points):
    text = track("".join(point(lat, lon, time.isoformat() + "Z", ele) for lat, lon, ele, time in points))
    try:
        made = read(text).track
    except TrackFileError as refusal:
        assert "usable position" in str(refusal)
        return
    assert made.length_m >= 0 and made.climb_m >= 0
    assert len(made.bounds) == 4 and len(made.simplified(10)) == len(made.starts)


def test_real_files(shared_data):
    for path in sorted(
        [*shared_data.glob("gpx/*.gpx"), *shared_data.glob("aegean/*.gpx"), *shared_data.glob("rome/*.gpx")]
    ):
        with path.open("rb") as file:
            try:
                assert len(read_gpx(file).track) > 0, path
            except TrackFileError as refusal:
                assert "no track" in str(refusal), path
    for path in sorted(shared_data.glob("hostile/xml/*")):
        with path.open("rb") as file, pytest.raises(TrackFileError):
            read_gpx(file)
