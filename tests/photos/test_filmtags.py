"""What a film's tags say of time and place, and where a film begins in a photo's file."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.photos.filmtags import read_film_tags
from blog.photos.motion import find_film
from blog.photos.xmp import NOTHING

APPLE = "com.apple.quicktime."
TAGS = st.sampled_from(
    ["creation_time", "date", "location", "location-eng", "title", "keywords", "make", "comment"]
    + [APPLE + name for name in ("creationdate", "location.ISO6709", "make", "model", "description")]
)


@pytest.mark.parametrize(
    ("tags", "taken", "offset"),
    [
        ({"creation_time": "2024-05-17T00:30:16.000000Z"}, "2024-05-17T00:30:16", 0),
        ({"date": "2024-05-17T09:30:15+0900"}, "2024-05-17T09:30:15", 32_400),
        (
            {APPLE + "creationdate": "2024-05-17T09:30:15+09:00", "creation_time": "2024-05-17T00:30:16Z"},
            "2024-05-17T09:30:15",
            32_400,
        ),
        ({"creation_time": "1904-01-01T00:00:00.000000Z"}, None, None),
        ({"creation_time": "2024-15-17T00:30:16Z"}, None, None),
        ({"date": "2024"}, None, None),
        ({}, None, None),
    ],
)
def test_the_time_of_a_film(tags, taken, offset):
    metadata = read_film_tags(tags)
    assert (metadata.taken_local and metadata.taken_local.isoformat(), metadata.utc_offset_s) == (
        taken,
        offset,
    )


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("+52.2097-000.8955+103.640/", (52.2097, -0.8955, 103.64)),
        ("+41.5000+129.7500/", (41.5, 129.75, None)),
        ("-33.8688+151.2093+012.3CRSWGS_84/", (-33.8688, 151.2093, 12.3)),
        ("+41.5000+129.7500-9000/", (41.5, 129.75, None)),  # deeper than any shore
        ("+00.0000+000.0000/", None),
        ("+95.0000+010.0000/", None),
        ("somewhere", None),
    ],
)
def test_the_place_of_a_film(written, place):
    metadata = read_film_tags({"location": written})
    position = metadata.position
    assert (position and (position.lat, position.lon, position.ele)) == place
    assert (metadata.position_problem is None) == (place is not None)


def test_the_words_of_a_film():
    tags = {
        "title": "The ferry",
        APPLE + "description": "It was late",
        "artist": "Ana",
        "keywords": "sea, boats",
    }
    metadata = read_film_tags(tags)
    assert (metadata.title, metadata.caption, metadata.credit) == ("The ferry", "It was late", "Ana")
    assert metadata.keywords == ("sea", "boats")
    assert read_film_tags({"comment": "GOPR0001.MP4"}).caption is None


@given(st.dictionaries(TAGS, st.text(max_size=200)))
def test_no_tags_make_it_raise(tags):
    metadata = read_film_tags(tags)
    assert metadata.position is None or -90 <= metadata.position.lat <= 90


@given(st.binary(max_size=2_000), st.integers(0, 2_000))
def test_a_film_is_found_wherever_it_begins(noise, at):
    beginning = b"\x00\x00\x00\x18ftypmp42"
    noise = noise.replace(b"ftyp", b"----")
    content = noise[:at].ljust(100, b"\xff") + beginning + noise[at:]
    found = find_film(io.BytesIO(content), NOTHING)
    assert found == content.index(beginning)
    assert find_film(io.BytesIO(noise), NOTHING) is None
