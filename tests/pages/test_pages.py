"""What readers see: home, trips, trip, post, photo, and what is not there."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from sqlalchemy import update

from blog.db import db
from blog.photos.models import Photo, PhotoState
from tests.conftest import Visitor, exif, gpx, jpeg

SMALL = (60, 40)
WAY = [(42.0 + i / 1000, 19.0, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]
NEXT_DAY = [(42.1 + i / 1000, 19.0, f"2026-05-15T08:{i:02}:00Z") for i in range(60)]
EVIL = '</script><script>alert(1)</script>\u2028"&'


@pytest.fixture
def trip(author: Visitor) -> str:
    """Two days with a track; three placed photos and one that says nothing. The address of its desk."""
    desk = author.make_trip("Round the bay")
    author.upload(
        desk,
        ("one.gpx", gpx(WAY)),
        ("two.gpx", gpx(NEXT_DAY)),
        ("1.jpg", jpeg("red", SMALL, exif("2026:05:14 10:10:00"))),
        ("2.jpg", jpeg("green", SMALL, exif("2026:05:14 10:20:00"))),
        ("3.jpg", jpeg("blue", SMALL, exif("2026:05:15 10:20:00"))),
        ("4.jpg", jpeg("pink", (90, 30))),
    )
    author.send(desk, desk, title="Round the bay", dek="Two days on foot.")
    return desk


@pytest.fixture
def told(author: Visitor, trip: str) -> tuple[str, str]:
    """Two posts, one for each day: their addresses."""
    first = author.write(
        '![The pier](photo:1 "Before the boats") ![](photo:2)\n\nWe *set* out.\n\n::map{day=1}\n\nhttps://youtu.be/dQw4w9WgXcQ',
        title="Along the pier",
        trip=trip,
        day_number=1,
        dek="A slow start.",
    )
    second = author.write("![](photo:3)\n\nWe went on.", title="Up the hill", trip=trip, day_number=2)
    return author.publish(first), author.publish(second)


def words(page: str) -> str:
    """A page as text."""
    without = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", without)))


def test_an_empty_site_says_so(visitor):
    assert "No stories yet." in visitor.get("/")
    assert "No trips yet." in visitor.get("/trips/")
    for page in ("/feed.xml", "/feed.json", "/comments.xml", "/sitemap.xml", "/robots.txt"):
        visitor.get(page)


def test_home_shows_the_latest_first_and_the_trips(visitor, told):
    page = visitor.get("/")
    assert page.index("Up the hill") < page.index("Along the pier")
    assert 'href="/trips/round-the-bay"' in page
    assert "A slow start." in page
    assert "2 photos" in page
    assert 'fetchpriority="high"' in page


def test_a_trip_has_its_days_posts_photos_and_route(visitor, told):
    page = visitor.get("/trips/round-the-bay")
    text = words(page)
    assert "14 May 2026 · 2 days · 13 km · 3 photos" in text
    assert text.index("Day 1 14 May · 6.6 km 59 min on the move 6.6 km by boat Along the pier") < text.index(
        "Day 2 15 May · 6.6 km 59 min on the move Up the hill"
    )
    assert "Two days on foot." in text
    assert "<svg" in page
    for number in (1, 2, 3):
        assert f'href="/photos/{number}"' in page
    assert "/photos/4" not in page  # on the trip, in no post
    assert "1 trip" not in text
    assert "2 posts" in words(visitor.get("/trips/"))


def test_a_post_has_its_words_photos_map_and_neighbours(visitor, told):
    page = visitor.get(told[0])
    text = words(page)
    assert "Along the pier" in text
    assert "A slow start." in text
    assert "Day 1 of Round the bay · 14 May 2026 · by Jonas · 1 minute, 2 photographs" in text
    assert "<em>set</em>" in page
    assert 'alt="The pier"' in page
    assert "Before the boats" in text
    assert page.count("<svg") >= 2
    assert "And then Up the hill" in text
    assert "Before this" not in text
    assert "Leave a reply" in text
    assert "Before this Along the pier" in words(visitor.get(told[1]))


def test_a_photo_row_carries_shapes_sizes_and_formats(visitor, told):
    page = visitor.get(told[0])
    row = page[page.index('class="photo-row"') : page.index("We <em>set")]
    assert row.count("<figure") == 2
    assert row.count('type="image/avif"') == 2
    assert 'width="60" height="40"' in row
    assert re.search(r"srcset=\"/media/[0-9a-f]{64}/60\.jpg 60w\"", row)
    assert "--ratio:1.5000" in page
    assert "data-thumbhash" in row
    assert "style=" not in row


def test_a_panorama_that_opens_the_story_stands_above_it(author, visitor, trip):
    page = visitor.get(author.publish(author.write("![](photo:4)\n\nWords.", trip=trip)))
    assert "is-wide" in page
    assert page.index("is-wide") < page.index('class="story')
    assert 'sizes="(min-width: 54rem) 100vw, max(100vw, 42rem)"' in page


def test_a_video_elsewhere_loads_nothing_before_a_click(visitor, told):
    page = visitor.get(told[0])
    assert "<iframe" not in page
    assert 'data-player="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"' in page
    assert "Load the video from youtu.be" in page


def test_a_photo_page_tells_place_time_camera_and_neighbours(visitor, told):
    page = visitor.get("/photos/2")
    text = words(page)
    assert "14 May 2026, 10:20" in text
    assert "Kestrel K-2" in text
    assert "Day 1" in text
    assert "km 2" in text
    assert "From “Along the pier”" in text
    assert re.search(r'rel="prev" href="/photos/1"', page)
    assert re.search(r'rel="next" href="/photos/3"', page)
    assert 'href="/posts/along-the-pier#photo-2"' in page
    assert 'rel="prev"' not in visitor.get("/photos/1")


def test_a_photo_off_its_trip_still_has_a_page(author, visitor, told):
    author.send("/desk/trips/1/photos/1/removal", "/desk/trips/1")
    assert "From “Along the pier”" in words(visitor.get("/photos/1"))


def test_photos_that_are_being_prepared_say_so(visitor, told):
    db.session.execute(update(Photo).values(state=PhotoState.UPLOADED, widths=[]))
    db.session.commit()
    visitor.client.application.extensions["edition"].advance()
    for page in ("/", "/trips/round-the-bay", told[0], "/photos/1", "/feed.xml", "/feed.json"):
        text = visitor.get(page)
        assert "/media/" not in text
        assert "/0.jpg" not in text
    assert "Being prepared…" in visitor.get(told[0])


def test_a_post_without_trip_and_photos_is_a_page_too(author, visitor):
    page = visitor.get(author.publish(author.write("Only words.\n\n::map\n\n![](video:3)", title="Plain")))
    assert "Only words." in page
    assert "<svg" not in page
    assert visitor.client.get("/posts/plain/map.json").json


def test_maps_are_told_to_scripts(visitor, told):
    for address, photos in ((f"{told[0]}/map.json", {1, 2}), ("/trips/round-the-bay/map.json", {1, 2, 3})):
        answer = visitor.client.get(address)
        assert answer.mimetype == "application/json"
        assert {int(number) for number in re.findall(r"photo[s-]+/?(\d+)", answer.text)} == photos
        assert "4.jpg" not in answer.text


class Outline(HTMLParser):
    """Checks that tags nest, ids are unique, and collects what a page links to."""

    VOID = frozenset(["meta", "link", "img", "source", "input", "br", "hr", "col", "area", "base", "wbr"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.problems: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.ids += [text or "" for name, text in attributes if name == "id"]
        if tag == "img" and "alt" not in dict(attributes):
            self.problems.append("an image without alt")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.ids += [text or "" for name, text in attributes if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> ends nothing")


def test_every_page_is_sound_html(visitor, author, moderator, told):
    visitor.reply(told[0], "What a bay!")
    moderator.send("/comments/1/approval", "/desk/moderation")
    readers = ("/", "/trips/", "/trips/round-the-bay", *told, "/photos/1", f"{told[0]}?reply=1", "/sign-in")
    desks = ("/desk/", "/desk/trips/1", "/desk/trips/1/photos/1", "/desk/posts/1", "/desk/posts/1/preview",
             "/desk/posts/1/publication", "/desk/posts/new", "/desk/trips/new", "/desk/moderation",
             "/desk/moderation?status=approved", "/desk/moderation/log")  # fmt: skip
    for reader, pages in ((visitor, readers), (author, desks)):
        for page in pages:
            outline = Outline()
            outline.feed(reader.get(page))
            assert (page, outline.problems, outline.open) == (page, [], [])
            doubled = {name for name in outline.ids if outline.ids.count(name) > 1} - {"csrf_token"}
            assert (page, doubled) == (page, set())
            assert outline.headings.count(1) == 1, page
            steps = zip(outline.headings, outline.headings[1:], strict=False)
            assert all(later <= before + 1 for before, later in steps), (page, outline.headings)


def json_ld(page: str) -> dict[str, object]:
    (text,) = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def meta(page: str) -> dict[str, str]:
    return {
        name: unescape(text)
        for name, text in re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page)
    }


def test_a_post_is_told_to_machines(visitor, told):
    page = visitor.get(told[0])
    facts = json_ld(page)
    assert facts["@type"] == "BlogPosting"
    assert facts["headline"] == "Along the pier"
    assert facts["author"] == {"@type": "Person", "name": "Jonas"}
    assert facts["url"] == "http://localhost/posts/along-the-pier"
    assert facts["contentLocation"]["geo"]["latitude"] == pytest.approx(42.01, abs=1e-3)
    shown = meta(page)
    assert shown["og:title"] == "Along the pier"
    assert shown["og:description"] == "A slow start."
    assert shown["og:url"] == facts["url"]
    assert shown["og:image"].startswith("http://localhost/media/")
    assert visitor.client.get(shown["og:image"].removeprefix("http://localhost")).status_code == 200
    assert '<link rel="canonical" href="http://localhost/posts/along-the-pier">' in page


@pytest.mark.parametrize(
    ("page", "kind"), [("/", "Blog"), ("/trips/round-the-bay", "TouristTrip"), ("/photos/1", "Photograph")]
)
def test_other_pages_are_told_to_machines(visitor, told, page, kind):
    text = visitor.get(page)
    facts = json_ld(text)
    assert facts["@context"] == "https://schema.org"
    assert facts["@type"] == kind
    assert facts["url"] == f"http://localhost{page}"
    assert meta(text)["og:url"] == f"http://localhost{page}"


def test_facts_for_machines_cannot_end_their_element(author, visitor, trip):
    author.send("/desk/trips/1/photos/1", trip, caption=EVIL, alt=EVIL)
    author.send(trip, trip, title=EVIL, dek=EVIL)
    told = author.publish(author.write(f"![{EVIL}](photo:1)", title=EVIL, trip=trip, dek=EVIL))
    slug = re.search(r'href="(/trips/[^"]+)"', visitor.get(told))[1]
    for page in ("/", "/trips/", slug, told, "/photos/1"):
        text = visitor.get(page)
        assert "<script>alert" not in text
        if page not in ("/", "/trips/"):
            assert EVIL in json_ld(text).values()
    assert meta(visitor.get(told))["og:title"] == EVIL
    for feed in ("/feed.xml", "/sitemap.xml"):
        assert "<script>" not in visitor.get(feed)
    for desk in ("/desk/", trip, "/desk/trips/1/photos/1", "/desk/posts/1", "/desk/posts/1/publication"):
        assert "<script>alert" not in author.get(desk)
    for drawn in (slug, told, trip):
        assert "<script>alert" not in author.get(drawn)


def test_old_links_to_a_directory_lead_on(visitor, told):
    assert visitor.client.get("/trips").status_code == 308
