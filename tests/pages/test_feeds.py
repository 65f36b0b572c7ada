"""Feeds, sitemap and robots.txt: parsed as machines do."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from benchmarks.busy_post import grow
from blog.comments.models import Comment, add_comment
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.posts.models import Post
from tests.conftest import Visitor, exif, jpeg

THREAD = "{http://purl.org/syndication/thread/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def told(author: Visitor) -> str:
    """A post with a photo, links of all kinds, and letters that XML minds."""
    trip = author.make_trip("Bay & back")
    author.upload(trip, ("a.jpg", jpeg("red", (60, 40), exif("2026:05:14 10:10:00", 42.0, 19.0))))
    text = "A & B <c> ]]>\n\n![The <pier>](photo:1)\n\n[in](/trips/bay-back) [out](https://a.example/?x=1&y=2)\n\nhttps://b.example/"
    return author.publish(author.write(text, title="Fish & <chips>", trip=trip, dek="Salt & vinegar"))


def feed(visitor: Visitor, address: str) -> ElementTree.Element:
    answer = visitor.client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype in ("application/atom+xml", "application/xml")
    return ElementTree.fromstring(answer.data)


def test_the_atom_feed_is_sound(visitor, told):
    atom = feed(visitor, "/feed.xml")
    assert atom.tag == f"{ATOM}feed"
    for name in ("title", "id", "updated"):
        assert atom.findtext(ATOM + name)
    (entry,) = atom.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Fish & <chips>"
    assert entry.findtext(f"{ATOM}summary") == "Salt & vinegar"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Jonas"
    assert entry.findtext(f"{ATOM}id") == f"http://localhost{told}"
    for name in ("published", "updated"):
        assert datetime.fromisoformat(entry.findtext(ATOM + name) or "").tzinfo
    content = entry.find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert 'alt="The &lt;pier&gt;"' in content.text
    assert "A &amp; B &lt;c&gt; ]]&gt;" in content.text


def test_the_json_feed_is_sound(visitor, told):
    answer = visitor.client.get("/feed.json")
    assert answer.mimetype == "application/feed+json"
    found = answer.json
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == "http://localhost/feed.json"
    (item,) = found["items"]
    assert item["title"] == "Fish & <chips>"
    assert item["url"] == item["id"] == f"http://localhost{told}"
    assert item["authors"] == [{"name": "Jonas"}]
    assert item["image"].startswith("http://localhost/media/")
    assert datetime.fromisoformat(item["date_published"]).tzinfo


def test_addresses_in_feeds_are_absolute(visitor, told):
    in_atom = feed(visitor, "/feed.xml").findtext(f"{ATOM}entry/{ATOM}content")
    in_json = visitor.client.get("/feed.json").json["items"][0]["content_html"]
    for html in (in_atom, in_json):
        addresses = re.findall(r'(?:href|src)="([^"]+)"', html)
        assert len(addresses) >= 4
        assert [address for address in addresses if not urlsplit(address).scheme] == []
    for link in feed(visitor, "/feed.xml").iter(f"{ATOM}link"):
        assert link.get("href").startswith("http://localhost/")


def test_feeds_carry_no_scripts_styles_or_nonces(visitor, told):
    for address in ("/feed.xml", "/feed.json", "/comments.xml"):
        text = visitor.get(address)
        assert not re.search(r"nonce|&lt;script|<script|&lt;style|<style", text)


def test_feeds_list_the_newest_first_and_not_endlessly(author, visitor):
    for number in range(23):
        author.publish(author.write("Words.", title=f"Story {number}"))
    titles = [entry.findtext(f"{ATOM}title") for entry in feed(visitor, "/feed.xml").iter(f"{ATOM}entry")]
    assert titles == [f"Story {number}" for number in range(22, 2, -1)]
    assert [item["title"] for item in visitor.client.get("/feed.json").json["items"]] == titles


def test_pages_name_their_feeds(visitor, told):
    page = visitor.get(told)
    for address in ("/feed.xml", "/feed.json", f"{told}/comments.xml"):
        assert f'href="{address}"' in page


def test_the_sitemap_lists_what_can_be_read(author, visitor, told):
    author.write("A draft.", title="Half a story")
    trip = author.make_trip("Empty")
    author.upload(trip, ("b.jpg", jpeg("blue", (60, 40))))
    addresses = [node.text for node in feed(visitor, "/sitemap.xml").iter(f"{MAP}loc")]
    assert addresses == [
        "http://localhost/",
        "http://localhost/trips/bay-back",
        "http://localhost/posts/fish-chips",
        "http://localhost/photos/1",
    ]
    for address in addresses:
        visitor.get(urlsplit(address or "").path)


def test_robots_are_told_where_to_look(visitor):
    answer = visitor.client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /desk/" in answer.text
    assert "Sitemap: http://localhost/sitemap.xml" in answer.text


def test_the_desk_asks_not_to_be_listed(author, visitor):
    for reader, page in ((author, "/desk/"), (visitor, "/sign-in")):
        assert '<meta name="robots" content="noindex">' in reader.get(page)


def test_replies_in_feeds_say_what_they_answer(author, visitor):
    """As RFC 4685 has it: the first answers the post by the id of its entry, an answer the reply above it."""
    told = author.publish(author.write("We set out along the bay."))
    grow(db.session.scalars(select(Post)).one(), [None, 0, 1])
    post = feed(visitor, "/feed.xml").find(f"{ATOM}entry")
    replies = post.find(f"{ATOM}link[@rel='replies']").get("href")
    for address in ("/comments.xml", urlsplit(replies).path):
        entries = feed(visitor, address).findall(f"{ATOM}entry")
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert ids == [f"http://localhost{told}#comment-{number}" for number in (3, 2, 1)]
        answered = [entry.find(f"{THREAD}in-reply-to") for entry in entries]
        assert [one.get("ref") for one in answered] == [ids[1], ids[2], post.findtext(f"{ATOM}id")]
        for one, entry in zip(answered, entries, strict=True):
            assert visitor.client.get(urlsplit(one.get("href")).path).status_code in (200, 302)
            assert entry.find(f"{ATOM}link").get("href").startswith("http://localhost/comments/")


def test_feeds_of_replies_hold_the_newest_that_still_stand(author, visitor):
    told = author.publish(author.write("We set out along the bay."))
    grow(db.session.scalars(select(Post)).one(), [None, *[0] * 1998, 1989])
    gone, edited = (db.session.get_one(Comment, number) for number in (1990, 1999))
    gone.erase()
    db.session.get_one(Comment, 1998).set_status(Status.SPAM)
    edited.edited_at = now() + timedelta(hours=1)
    db.session.commit()
    for address in ("/comments.xml", f"{told}/comments.xml"):
        atom = feed(visitor, address)
        numbers = [int(found.text.rpartition("-")[2]) for found in atom.findall(f"{ATOM}entry/{ATOM}id")]
        assert numbers == [2000, 1999, *range(1997, 1990, -1), *range(1989, 1948, -1)]
        latest = atom.findall(f"{ATOM}entry/{ATOM}updated")[1].text
        assert atom.findtext(f"{ATOM}updated") == latest == edited.edited_at.isoformat()


@pytest.mark.parametrize(
    "name", ["</name><script>alert(1)</script>", "]]>&amp;", "\u202eevil", "Z\u0338\u0321" * 30]
)
def test_no_name_or_text_breaks_out_of_a_feed(author, visitor, name):
    told = author.publish(author.write("We set out along the bay."))
    post = db.session.scalars(select(Post)).one()
    text = f'{name} <img src=x onerror="alert(1)"> [x](javascript:alert(1)) ]]>'
    add_comment(
        post, None, name, "s@example.org", text, Verdict(Status.APPROVED), website="javascript:alert(1)"
    )
    db.session.commit()
    for address in ("/comments.xml", f"{told}/comments.xml"):
        (entry,) = feed(visitor, address).findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}author/{ATOM}name") == name
        content = entry.findtext(f"{ATOM}content")
        assert "<script" not in content
        assert "<img" not in content
        assert "href" not in content
        assert entry.find(f"{ATOM}author/{ATOM}uri") is None


def test_letters_that_xml_cannot_hold_break_no_feed(author, visitor):
    strange = "bell\x07 and \x0b and \ufffe"
    told = author.publish(author.write(f"Words {strange}", title=f"Title {strange}", dek=strange))
    author.reply(told, f"Reply {strange}")
    for address in ("/feed.xml", "/comments.xml", f"{told}/comments.xml"):
        assert "Title bell" in "".join(feed(visitor, address).itertext())
    visitor.get("/sitemap.xml")
