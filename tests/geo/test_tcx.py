"""TCX files as watches and training sites write them."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo.tcx import read_tcx
from blog.geo.trackpoints import TrackFile, TrackFileError

NINE = 1714554000  # 2024-05-01T09:00:00Z


def read(text: str | bytes) -> TrackFile:
    return read_tcx(io.BytesIO(text.encode() if isinstance(text, str) else text))


def point(lat, lon, time="", ele="", more="") -> str:
    when = f"<Time>{time}</Time>" if time else ""
    where = f"<LatitudeDegrees>{lat}</LatitudeDegrees><LongitudeDegrees>{lon}</LongitudeDegrees>"
    height = f"<AltitudeMeters>{ele}</AltitudeMeters>" if ele else ""
    return f"<Trackpoint>{when}<Position>{where}</Position>{height}{more}</Trackpoint>"


def walk(n: int = 3, hour: int = 9) -> str:
    return "".join(point(46 + i / 1000, 7, f"2024-05-01T{hour:02}:{i:02}:00Z", 900 + i) for i in range(n))


def activity(*tracks: str) -> str:
    laps = "".join(
        f"<Lap><TotalTimeSeconds>9</TotalTimeSeconds><Track>{track}</Track></Lap>" for track in tracks
    )
    return document(f"<Activities><Activity Sport='Biking'><Id>1</Id>{laps}</Activity></Activities>")


def document(inside: str) -> str:
    space = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
    return f"<?xml version='1.0'?><TrainingCenterDatabase xmlns='{space}'>{inside}</TrainingCenterDatabase>"


COURSE = document(
    "<Courses><Course><Name>Over the pass</Name><Lap><BeginPosition><LatitudeDegrees>1</LatitudeDegrees>"
    f"</BeginPosition></Lap><Track>{walk()}</Track><CoursePoint><Name>Hut</Name><Position><LatitudeDegrees>9"
    "</LatitudeDegrees><LongitudeDegrees>9</LongitudeDegrees></Position></CoursePoint></Course></Courses>"
)


def test_a_point_has_its_position_height_and_time():
    file = read(activity(walk()))
    assert file.notes == ()
    assert file.track.lat.tolist() == [46, 46.001, 46.002]
    assert file.track.lon.tolist() == [7, 7, 7]
    assert file.track.ele.tolist() == [900, 901, 902]
    assert file.track.time.tolist() == [NINE, NINE + 60, NINE + 120]


def test_laps_are_segments():
    assert read(activity(walk(2), walk(3, 10), "")).track.starts.tolist() == [0, 2]


def test_points_without_a_position_are_none():
    paused = "<Trackpoint><Time>2024-05-01T09:00:30Z</Time><Cadence>90</Cadence></Trackpoint>"
    file = read(activity(paused + walk() + paused))
    assert len(file.track) == 3
    assert file.notes == ()
    with pytest.raises(TrackFileError, match="indoors"):
        read(activity(paused))


def test_what_an_extension_says_is_not_the_points():
    more = (
        "<Extensions><x><Time>1999-01-01T00:00:00Z</Time><AltitudeMeters>7</AltitudeMeters></x></Extensions>"
    )
    track = read(activity(point(1, 2, "2024-05-01T09:00:00Z", 5, more))).track
    assert (track.time.tolist(), track.ele.tolist()) == ([NINE], [5])


def test_a_course_is_planned_and_its_times_are_not_real():
    file = read(COURSE)
    assert (file.name, len(file.track)) == ("Over the pass", 3)
    assert not file.track.has_times
    assert file.track.lat.tolist() == [46, 46.001, 46.002]
    assert file.notes[0] == "This is a planned route, not a recorded track."


def test_a_file_that_breaks_off_is_used_as_far_as_it_goes():
    whole = activity(walk(9))
    file = read(whole[: whole.index("46.005")])
    assert np.isfinite(file.track.lat).all()
    assert len(file.track) == 5
    assert file.damage == "The file ends in line 1."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a TCX file"),
        ("<gpx/>", "begins with <gpx>"),
        (document(""), "no position"),
        (activity(point(0, 0)), "No point in this file has a usable position"),
        ("<!DOCTYPE x [<!ENTITY a 'a'>]>" + activity(walk()), "document type, which a TCX file never needs"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text, words):
    with pytest.raises(TrackFileError, match=words):
        read(text)


WHOLE = activity(walk(3), walk(2, 10))
MARKUP = [
    *("<Activity>", "</Activity>", "<Course>", "</Course>", "<Track>", "</Track>", "<Name>", "</Name>"),
    *(
        "<Trackpoint>",
        "</Trackpoint>",
        "<Position>",
        "</Position>",
        "<Time>",
        "2024-05-01T09:00:00Z",
        "</Time>",
    ),
    *(
        "<LatitudeDegrees>",
        "90",
        "</LatitudeDegrees>",
        "<LongitudeDegrees>",
        "-180",
        "</LongitudeDegrees>",
        "x",
    ),
]


def check(text: str) -> None:
    try:
        assert len(read(text).track) > 0
    except TrackFileError as refusal:
        assert str(refusal).endswith((".", "?"))


@settings(max_examples=150)
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=20))
def test_any_change_is_a_track_or_refused(at, length, text):
    check(WHOLE[:at] + text + WHOLE[at + length :])


@settings(max_examples=150)
@given(st.lists(st.sampled_from(MARKUP), max_size=40))
def test_any_markup_is_a_track_or_refused(parts):
    check("<TrainingCenterDatabase>" + "".join(parts))
