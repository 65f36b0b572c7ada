"""KML files as phones, Google and mapping programs write them."""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo import trackpoints
from blog.geo.kml import read_kml
from blog.geo.trackpoints import TrackFile, TrackFileError

NINE = 1714554000  # 2024-05-01T09:00:00Z
NO_TIMES = "No times in this file: it draws the route but cannot place photos."


def read(text: str | bytes) -> TrackFile:
    return read_kml(io.BytesIO(text.encode() if isinstance(text, str) else text))


def document(*placemarks: str) -> str:
    body = "".join(f"<Placemark>{placemark}</Placemark>" for placemark in placemarks)
    spaces = 'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    return f'<?xml version="1.0"?><kml {spaces}><Document><name>A day</name>{body}</Document></kml>'


def minute(i: int) -> str:
    return f"2024-05-01T09:{i:02}:00Z"


def track(first: int, n: int) -> str:
    whens = "".join(f"<when>{minute(i)}</when>" for i in range(first, first + n))
    coords = "".join(f"<gx:coord>7 {46 + i / 1000} {900 + i}</gx:coord>" for i in range(first, first + n))
    return f"<gx:Track><altitudeMode>absolute</altitudeMode>{whens}{coords}</gx:Track>"


def line(*coordinates: str) -> str:
    return f"<LineString><coordinates>{' '.join(coordinates)}</coordinates></LineString>"


def place(time: str, coordinates: str) -> str:
    return f"{time}<Point><coordinates>{coordinates}</coordinates></Point>"


def stamp(time: str) -> str:
    return f"<TimeStamp><when>{time}</when></TimeStamp>"


def test_a_track_has_its_points_times_and_name():
    file = read(document(f"<name>Part</name>{track(0, 3)}"))
    assert (file.name, file.notes) == ("A day", ())
    assert file.track.lat.tolist() == [46, 46.001, 46.002]
    assert file.track.lon.tolist() == [7, 7, 7]
    assert file.track.ele.tolist() == [900, 901, 902]
    assert file.track.time.tolist() == [NINE, NINE + 60, NINE + 120]


def test_several_tracks_are_segments():
    both = read(document(f"<gx:MultiTrack>{track(0, 2)}{track(10, 3)}</gx:MultiTrack>"))
    assert both.track.starts.tolist() == [0, 2]
    assert read(document(track(10, 3), track(0, 2))).track.starts.tolist() == [0, 2]


def test_times_and_positions_may_take_turns_and_a_position_may_be_unknown():
    pairs = [("7 46 1", 0), ("", 1), ("7 46.002 1", 2)]
    inside = "".join(f"<when>{minute(i)}</when><gx:coord>{coord}</gx:coord>" for coord, i in pairs)
    file = read(document(f"<gx:Track>{inside}</gx:Track>"))
    assert file.track.lat.tolist() == [46, 46.002]
    assert file.track.time.tolist() == [NINE, NINE + 120]


def test_missing_times_are_not_made_up():
    short = document(track(0, 4)).replace(f"<when>{minute(3)}</when>", "")
    file = read(short)
    assert np.isnan(file.track.time).tolist() == [False, False, False, True]


def test_a_line_has_no_times():
    file = read(document(line("\n 7,46,5", "7.001,46.001,5\t\n7.002,46.002"), line("8,47", "8,47.1")))
    assert file.track.lat.tolist() == [46, 46.001, 46.002, 47, 47.1]
    assert file.track.ele[:2].tolist() == [5, 5]
    assert file.track.starts.tolist() == [0, 3]
    assert file.notes == (NO_TIMES,)


def test_heights_that_are_all_zero_lie_on_the_ground():
    assert np.isnan(read(document(line("7,46,0", "7,46.1,0"))).track.ele).all()


def test_a_line_longer_than_a_piece_of_text_is_read_whole():
    many = [f"{7 + i / 1e5:.5f},{46 + i / 1e5:.5f},9" for i in range(20_000)]
    made = read(document(line(*many))).track
    assert made.lat.tolist() == pytest.approx([round(46 + i / 1e5, 5) for i in range(20_000)])


def test_placemarks_with_times_are_points():
    stay = f"<TimeSpan><begin>{minute(10)}</begin><end>{minute(20)}</end></TimeSpan>"
    view = f"<LookAt>{stamp(minute(50))}</LookAt>"
    file = read(
        document(view + place(stamp(minute(0)), "7,46,3"), place(stay, "7.1,46"), line("7,46", "7.1,46"))
    )
    assert (file.track.time - NINE).tolist() == [0, 600, 1200]
    assert file.track.lon.tolist() == [7, 7.1, 7.1]
    assert file.notes == ("The lines drawn in this file were left out; its points with times are used.",)


def test_a_track_goes_before_placemarks():
    assert len(read(document(place(stamp(minute(30)), "8,47"), track(0, 3))).track) == 3


def test_areas_are_no_tracks():
    ring = "<Polygon><LinearRing><coordinates>7,46 8,46 8,47 7,46</coordinates></LinearRing></Polygon>"
    with pytest.raises(TrackFileError, match="no track"):
        read(document(ring))


def test_over_the_date_line_and_at_the_poles():
    made = read(document(line("179.9,-16", "-179.9,-16", "0,90", "0,-90"))).track
    assert made.lon.tolist() == [179.9, -179.9, 0, 0]


def test_a_file_that_breaks_off_is_used_as_far_as_it_goes():
    whole = document(track(0, 9))
    file = read(whole[: whole.index("7 46.005")])
    assert (file.track.time - NINE).tolist() == [0, 60, 120, 180, 240]
    assert file.damage == "The file ends in line 1."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a KML file"),
        ("<gpx/>", "begins with <gpx>"),
        (document(), "no track in this file"),
        (document(place("", "7,46")), "places without times"),
        (document(place(stamp("2024-05-01"), "7,46")), "places without times"),
        (document(line("200,46")), "No point in this file has a usable position"),
        ("<!DOCTYPE kml>" + document(track(0, 3)), "document type, which a KML file never needs"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text, words):
    with pytest.raises(TrackFileError, match=words):
        read(text)


def test_text_without_end_takes_no_memory(monkeypatch):
    endless = b"<kml><Placemark><LineString><coordinates>" + b"1" * 20_000_000
    tracemalloc.start()
    try:
        with pytest.raises(TrackFileError, match="ends in line 1"):
            read(endless)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    monkeypatch.setattr(trackpoints, "MAX_POINTS", 20)
    with pytest.raises(TrackFileError, match="more than 20 points"):
        read(document("<gx:Track>" + "<when/>" * 50))


WHOLE = document(track(0, 2), line("7,46", "7.1,46"), place(stamp(minute(3)), "7,46"))
MARKUP = [
    *(
        "<Placemark>",
        "</Placemark>",
        "<Track>",
        "</Track>",
        "<when>",
        "2024-05-01T09:00:00Z",
        "</when>",
        "<Point>",
    ),
    *(
        "<coord>",
        "7 46 1",
        "</coord>",
        "<coordinates>",
        "7,46,1 8,",
        "</coordinates>",
        "</Point>",
        "<LineString>",
    ),
    *("</LineString>", "<TimeSpan>", "<begin>", "</begin>", "</TimeSpan>", "<name>", "</name>", " ", "<b/>"),
]


def check(text: str) -> None:
    try:
        assert len(read(text).track) > 0
    except TrackFileError as refusal:
        assert str(refusal).endswith(".")


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=20))
def test_any_change_is_a_track_or_refused(at, length, text):
    check(WHOLE[:at] + text + WHOLE[at + length :])


@settings(max_examples=200)
@given(st.lists(st.sampled_from(MARKUP), max_size=40))
def test_any_markup_is_a_track_or_refused(parts):
    check("<kml>" + "".join(parts))
