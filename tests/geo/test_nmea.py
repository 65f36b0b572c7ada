"""NMEA logs, sentence by sentence as receivers send them."""

import io
from functools import reduce
from operator import xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.geo.nmea import read_nmea
from blog.geo.trackpoints import TrackFile, TrackFileError

MIDNIGHT = 1714521600  # 2024-05-01T00:00:00Z


def read(*sentences: str) -> TrackFile:
    return read_nmea(io.BytesIO("".join(sentences).encode("latin-1")))


def sentence(body: str) -> str:
    return f"${body}*{reduce(xor, body.encode(), 0):02X}\r\n"


def rmc(clock: str, minutes: float = 0, date: str = "010524", status: str = "A", mode: str = "A") -> str:
    return sentence(f"GPRMC,{clock},{status},46{minutes:07.4f},N,00730.0000,E,0.5,54.7,{date},,,{mode}")


def gga(clock: str, minutes: float = 0, quality: int = 1, ele: str = "612.5", talker: str = "GP") -> str:
    return sentence(f"{talker}GGA,{clock},46{minutes:07.4f},N,00730.0000,E,{quality},08,0.9,{ele},M,47,M,,")


def test_the_sentences_of_one_second_are_one_point():
    file = read(gga("090000", 1), rmc("090000", 1), rmc("090005.50", 2), gga("090005.50", 2, ele="613"))
    assert file.notes == ()
    assert file.track.lat == pytest.approx([46 + 1 / 60, 46 + 2 / 60])
    assert file.track.lon.tolist() == [7.5, 7.5]
    assert file.track.ele.tolist() == [612.5, 613]
    assert (file.track.time - MIDNIGHT).tolist() == [9 * 3600, 9 * 3600 + 5.5]


def test_south_and_west_are_negative():
    body = "GNRMC,090000,A,3330.0,S,07015.0,W,,,010524,,,A"
    track = read(sentence(body)).track
    assert (track.lat[0], track.lon[0]) == (-33.5, -70.25)


def test_days_are_counted_on_at_midnight():
    first = [gga("235950", 1), rmc("235955", 2, "300424"), gga("000005", 3)]
    file = read(*first, gga("235959", 4), gga("000001", 5), rmc("000006", 6, "020524"))
    seconds = (file.track.time - MIDNIGHT).tolist()
    assert seconds == [-10, -5, 5, 86_399, 86_401, 86_406]


def test_a_log_without_a_date_has_no_times():
    file = read(gga("090000", 1), gga("090001", 2))
    assert not file.track.has_times
    assert "cannot place photos" in file.notes[0]


def test_an_impossible_date_is_none():
    assert not read(rmc("090000", date="310224")).track.has_times
    assert not read(rmc("990000")).track.has_times


def test_years_are_those_of_satellite_navigation():
    assert read(rmc("000000", date="060180")).track.time.tolist() == [315_964_800]


def test_a_lost_fix_ends_a_segment_and_is_no_point():
    lost = rmc("090010", status="V") + gga("090010", quality=0) + sentence("GPRMC,090011,V,,,,,,,010524,,,N")
    file = read(rmc("090000", 1), rmc("090005", 2), lost, rmc("090020", 3))
    assert len(file.track) == 3
    assert file.track.starts.tolist() == [0, 2]


@pytest.mark.parametrize(
    "made_up", [gga("090000", quality=7), gga("090000", quality=8), rmc("090000", mode="S")]
)
def test_what_was_not_measured_is_no_point(made_up):
    with pytest.raises(TrackFileError, match="never knew where it was"):
        read(made_up)


def test_damaged_lines_are_left_out_and_counted():
    damaged = rmc("090005", 2).replace("46", "47")
    cut = rmc("090006", 3)[:30]
    file = read("some logger\r\n", rmc("090000", 1), damaged, rmc("090007", 4), cut)
    assert len(file.track) == 2
    assert file.damage == "2 lines from line 3 on are damaged and were left out."
    file = read(*(rmc(f"09{second}00", second) for second in range(10, 30)), cut)
    assert (len(file.track), file.damage) == (20, None)
    assert file.notes == ("Line 21 is damaged and was left out.",)


def test_lines_may_begin_with_the_clock_of_the_logger_and_other_sentences_are_passed_over():
    other = sentence("GPGSV,3,1,11,03,03,111,00") + "!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\n"
    assert len(read(other, "2024-05-01 09:00:00 " + rmc("090000", 1), other).track) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not an NMEA log"),
        ("Dear diary", "not an NMEA log"),
        (rmc("090000")[:-4], "Line 1 is damaged"),
        (rmc("090000", status="V"), "never knew where it was"),
        (sentence("GPRMC,090000,A,,,,,,,010524,,,A"), "No point in this file has a usable position"),
        (sentence("GPRMC"), "never knew where it was"),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(text, words):
    with pytest.raises(TrackFileError, match=words):
        read(text)


def check(text: str) -> None:
    try:
        assert len(read(text).track) > 0
    except TrackFileError as refusal:
        assert str(refusal).endswith(".")


FIELDS = st.sampled_from(
    ["", "A", "V", "N", "S", "W", "090000", "235959.99", "4600.0", "00730.0", "010524", "nan", "inf", "-1"]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["GPRMC", "GPGGA"]), st.lists(FIELDS, max_size=15)), max_size=8))
def test_any_fields_are_a_track_or_refused(lines):
    check("".join(sentence(",".join([name, *fields])) for name, fields in lines))


@settings(max_examples=200)
@given(st.integers(0, 200), st.integers(0, 20), st.text(st.characters(max_codepoint=255), max_size=20))
def test_any_change_is_a_track_or_refused(at, length, text):
    whole = rmc("090000", 1) + gga("090000", 1) + rmc("090001", 2)
    check(whole[:at] + text + whole[at + length :])


@settings(max_examples=60)
@given(
    st.integers(0, 89),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 86_399)), min_size=1, max_size=20),
)
def test_written_positions_are_read_back(degrees, points):
    lines = [
        sentence(
            f"GPRMC,{s // 3600:02}{s // 60 % 60:02}{s % 60:02},A,{degrees:02}30.{m:03},N,00100.0,W,,,010524"
        )
        for m, s in points
    ]
    track = read(*lines).track
    minutes = np.array([degrees * 60 + 30 + m / 1000 for m, _ in points])
    assert np.isclose(track.lat[:, None] * 60, minutes, atol=1e-6).any(axis=1).all()
    assert np.all(np.diff(track.time) >= 0)
