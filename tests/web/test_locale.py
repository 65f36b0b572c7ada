"""How dates, distances and numbers are written for whom."""

from datetime import UTC, date, datetime

import pytest

from blog.web.locale import (
    clock_time,
    country,
    day,
    distance,
    duration,
    height,
    mark,
    moment,
    negotiate,
    number,
    short_day,
)


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en_GB"),
        ("en-US,en;q=0.9", "en_US"),
        ("en-GB", "en_GB"),
        ("en", "en_GB"),
        ("de-DE,de;q=0.9,en;q=0.5", "en_GB"),
        ("fr-FR, en-us", "en_US"),
        (";;;,,==", "en_GB"),
        ("x" * 10_000, "en_GB"),
        ("en_US\x00", "en_GB"),
    ],
)
def test_the_language_is_the_best_of_ours(header, locale):
    assert negotiate(header) == locale


@pytest.fixture
def british(app):
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        yield


@pytest.fixture
def american(app):
    with app.test_request_context(headers={"Accept-Language": "en-US"}):
        yield


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (0, "10 m"),
        (17, "20 m"),
        (143, "150 m"),
        (999, "1,000 m"),
        (1000, "1 km"),
        (4230, "4.2 km"),
        (92_400, "92 km"),
    ],
)
def test_distances_in_kilometres(british, metres, words):
    assert distance(metres) == words


@pytest.mark.parametrize(
    ("metres", "words"), [(17, "60 ft"), (300, "1,000 ft"), (1609.344, "1 mi"), (32_187, "20 mi")]
)
def test_distances_in_miles(american, metres, words):
    assert distance(metres) == words


WHEN = datetime(2026, 5, 14, 15, 20, tzinfo=UTC)


def test_british_customs(british):
    assert day(date(2026, 5, 14)) == "14 May 2026"
    assert short_day(WHEN) == "14 May"
    assert moment(WHEN) == "14 May 2026, 15:20"
    assert clock_time(WHEN) == "15:20"
    assert (mark(71_300), height(1234), number(1234.56, 1)) == ("km 71", "1,234 m", "1,234.6")


def test_american_customs(american):
    assert day(date(2026, 5, 14)) == "May 14, 2026"
    assert short_day(WHEN) == "May 14"
    assert clock_time(WHEN).replace("\u202f", " ") == "3:20 PM"
    assert (mark(71_300), height(1234)) == ("mile 44", "4,049 ft")


def test_countries_by_their_codes(british):
    assert (country("KP"), country("ME")) == ("North Korea", "Montenegro")
    assert (country(""), country("ZZZ")) == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"), [(61, "1 min"), (3599, "1 h 0 min"), (12_000, "3 h 20 min"), (0, "0 min")]
)
def test_durations(british, seconds, words):
    assert duration(seconds) == words
