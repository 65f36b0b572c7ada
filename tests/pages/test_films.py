"""Films in posts: the author's own, the moving part of a photo, and those of other sites."""

import re

import pytest
from sqlalchemy import update

from blog.db import db
from blog.photos.clips import Clip, ClipState
from blog.photos.conversion import SAID_EVERY, Saying
from blog.photos.models import Photo
from tests.conftest import Visitor, gpx, jpeg
from tests.photos.filmed import film
from tests.photos.samples import MICRO_VIDEO, iptc_segment, saved, scene, with_segments, xmp_segment

WAY = [(41.4 + i / 1000, 129.7, f"2024-05-17T00:{i:02}:00Z") for i in range(60)]
TEXT = """We waited for the ferry.

![The ferry comes in](video:1)

![The flag](photo:2 "Wind from the north")

[![The bells](photo:3 "Filmed by a friend")](https://youtu.be/dQw4w9WgXcQ)

![](video:3)

![](video:99)
"""


@pytest.fixture
def trip(author: Visitor) -> str:
    """A film (1), a motion photo (2), a photo (3) and a track. The address of its desk."""
    moving = film(sound=None)
    still = with_segments(saved(scene()).getvalue(), xmp_segment(MICRO_VIDEO.format(len(moving))))
    signed = with_segments(
        jpeg(), iptc_segment((2, 116, b"(c) Ana <b>Writer</b>"), (2, 80, b"Ana Writer"), (2, 25, b"bells"))
    )
    desk = author.make_trip("By ferry")
    author.upload(
        desk,
        ("way.gpx", gpx(WAY)),
        ("ferry.mp4", film(tags={"creation_time": "2024-05-17T00:30:00Z"})),
        ("flag.MP.jpg", still + moving),
        ("bells.jpg", signed),
    )
    return desk


@pytest.fixture
def post(author: Visitor, trip: str) -> str:
    return author.publish(author.write(TEXT, title="By ferry", trip=trip))


def tag(page: str, start: str) -> str:
    found = re.search(rf"<{start}[^>]*>", page)
    assert found, start
    return found[0]


def test_a_film_finds_its_place_on_the_track_as_photos_do(author, trip):
    page = author.get(f"{trip}/photos/1")
    assert "Placed on the track" in page
    assert 'value="41.430000"' in page


def test_a_film_stands_in_a_post_with_its_poster_and_its_words(visitor, post):
    page = visitor.get(post)
    video = tag(page, "video controls")
    assert 'preload="none"' in video
    assert 'aria-label="The ferry comes in"' in video
    assert re.search(r'poster="/media/[0-9a-f]{64}/160\.jpg"', video)
    address = re.search(r' src="([^"]+)"', video)
    assert visitor.client.get(address[1]).mimetype == "video/mp4"
    assert '<span class="said">The ferry comes in</span>' in page
    assert "missing-photo" not in page  # of what is not there, readers are told nothing


def test_who_writes_is_told_which_films_are_none(author, post):
    page = author.get("/desk/posts/1/preview")
    assert "Photo 3 is no film, and has no moving part." in page
    assert "Photo 99 is not here." in page


def test_the_moving_part_of_a_photo_is_a_link_beside_it(visitor, post):
    for page in (visitor.get(post), visitor.get("/photos/2")):
        address = re.search(r'href="([^"]+)"', tag(page, 'a class="motion-open"'))
        assert visitor.client.get(address[1]).status_code == 200


def test_a_film_elsewhere_has_the_author_s_own_poster_and_loads_nothing(visitor, post):
    page = visitor.get(post)
    link = tag(page, 'a class="embed-open"')
    assert 'href="https://youtu.be/dQw4w9WgXcQ"' in link
    assert 'data-player="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"' in link
    assert "<iframe" not in page
    assert 'alt="The bells"' in page
    assert "Filmed by a friend" in page


def test_only_what_a_post_shows_has_a_page(author, visitor, trip):
    draft = author.write("![](video:1)", title="Not yet", trip=trip)
    visitor.get("/photos/1", 404)
    author.publish(draft)
    page = visitor.get("/photos/1")
    assert "<video controls" in page
    assert "0:01" in page


def test_among_photos_a_film_is_told_from_them(author, visitor, post):
    for page in (visitor.get("/trips/by-ferry"), author.get("/desk/photos")):
        assert page.count("▶ Film") == 1


def test_feeds_show_the_poster_and_lead_to_the_film(visitor, post):
    feed = visitor.get("/feed.xml")
    assert "Watch the film" in feed
    assert "/photos/1" in feed
    assert "<video" not in feed
    assert "https://youtu.be/dQw4w9WgXcQ" in feed
    assert "/160.jpg" in feed


def test_the_picker_puts_films_in_as_films(author, trip):
    page = author.get(author.write("", title="Draft", trip=trip))
    assert 'data-insert="![](video:1)"' in page
    assert 'data-insert="![](photo:2)"' in page


def test_a_preview_shows_a_film_that_is_not_ready(author, trip):
    db.session.execute(update(Clip).values(state=ClipState.PROCESSING, media_key=None))
    db.session.commit()
    draft = author.write(TEXT, title="Draft", trip=trip)
    page = author.get(f"{draft}/preview")
    assert "The film is being prepared." in page
    assert "<video" not in page
    assert "motion-open" not in page


def test_what_is_said_in_a_film_stands_under_it_or_in_it(author, visitor, trip, post):
    desk = f"{trip}/photos/1"
    author.send(desk, desk, caption="", alt="", transcript="All <b>aboard</b>!\nThe horn.")
    page = visitor.get(post)
    assert "All &lt;b&gt;aboard&lt;/b&gt;!\nThe horn." in page
    assert "<track" not in page
    spoken = "WEBVTT\r\n\r\n00:00.000 --> 00:01.000\r\nAll aboard!"
    author.send(desk, desk, caption="", alt="", transcript=spoken)
    track = tag(visitor.get(post), "track")
    answer = visitor.client.get(re.search(r'src="([^"]+)"', track)[1])
    assert (answer.mimetype, answer.text) == ("text/vtt", spoken.replace("\r\n", "\n"))
    assert "WEBVTT" in author.get(desk)


def test_the_author_sees_how_far_a_film_is(app, author, trip):
    db.session.execute(update(Clip).values(state=ClipState.PROCESSING, media_key=None))
    db.session.commit()
    edition = app.extensions["edition"].number()
    saying = Saying(1)
    saying.said_at -= SAID_EVERY
    saying(0.42)
    assert app.extensions["edition"].number() == edition  # readers' pages stay kept
    tray = author.get(f"{trip}/tray")
    assert "Being prepared: 42 %" in tray
    assert 'data-state="processing"' in tray
    db.session.get(Clip, 1).fail("This film is damaged: it cannot be read.")
    db.session.commit()
    assert "This film is damaged" in author.get(f"{trip}/photos/1")


def test_rights_and_makers_are_told_to_readers_keywords_and_the_rest_only_to_the_author(
    author, visitor, trip, post
):
    page = visitor.get("/photos/3")
    assert "(c) Ana &lt;b&gt;Writer&lt;/b&gt;" in page
    assert "Ana Writer" in page
    assert "bells.jpg" not in page
    desk = author.get(f"{trip}/photos/3")
    assert "<dt>Keywords</dt><dd>bells</dd>" in desk
    assert "All that the file says" in desk
    assert "All that the file says" not in page
    assert db.session.get(Photo, 3).file_says["iptc"]["2:25"] == "bells"
