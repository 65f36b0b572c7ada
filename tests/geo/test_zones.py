"""Zones of places, and the time there."""

from datetime import UTC, datetime

import pytest

from blog.geo.positions import Position
from blog.geo.zones import local_time, utc_time, zone_at

ROME, KATHMANDU = Position(41.9, 12.48), Position(27.7, 85.3)


def test_a_city_lies_in_its_zone():
    assert zone_at(ROME).key == "Europe/Rome"


def test_at_sea_a_whole_hour_is_shown():
    assert local_time(0, Position(0, -30)).utcoffset().total_seconds() == -7200


def test_local_time_knows_summer_and_odd_zones():
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC).timestamp()
    assert local_time(noon, ROME).strftime("%H:%M") == "14:00"
    assert local_time(noon, KATHMANDU).strftime("%H:%M") == "17:45"


@pytest.mark.parametrize("lat", [-90, 90])
def test_the_poles_have_a_time(lat):
    assert local_time(0, Position(lat, 0)).tzinfo is not None


def test_times_before_1970_are_times():
    assert utc_time(-86_400.5).isoformat() == "1969-12-30T23:59:59.500000+00:00"
