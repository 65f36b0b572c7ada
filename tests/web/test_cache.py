"""Readers without an account get finished pages, answered before Flask; nobody gets an old one."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager

import brotli
import pytest
from flask import Flask, before_render_template

from blog.web.cache import MOST_BYTES, Edition, Page, PageCache, encoding_of
from tests.conftest import Visitor, gpx, jpeg, make_app


@contextmanager
def renderings(app: Flask) -> Iterator[list[str]]:
    """The names of the templates that are rendered meanwhile."""
    names: list[str] = []

    def note(_sender: Flask, template, **_more: object) -> None:
        names.append(template.name)

    with before_render_template.connected_to(note, app):
        yield names


@pytest.fixture
def told(author: Visitor) -> str:
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg(size=(60, 40))))
    return author.publish(author.write("Along the bay.\n\n![The bay](photo:1)", trip=trip))


def readable(address: str) -> list[str]:
    pages = (
        f"/ /trips/ /trips/round-the-bay /trips/round-the-bay/map.json {address} {address}/map.json /photos/1"
    )
    feeds = f"{address}/comments.xml /feed.xml /feed.json /comments.xml /sitemap.xml /robots.txt"
    return [*pages.split(), *feeds.split()]


def test_the_second_request_of_a_page_renders_nothing(app, told, visitor):
    for page in readable(told):
        first = visitor.client.get(page)
        with renderings(app) as rendered:
            second = visitor.client.get(page)
        assert rendered == []
        assert second.data == first.data
        kept = {name: text for name, text in first.headers.items() if name != "Date"}
        assert {name: text for name, text in second.headers.items() if name != "Date"} == kept


def test_the_cache_answers_before_flask(app, told, visitor):
    visitor.get(told)
    app.view_functions["pages.post"] = None  # would break any request that got through
    app.before_request_funcs[None].insert(0, lambda: pytest.fail("Flask was asked."))
    assert "Along the bay." in visitor.get(told)


def test_readers_get_no_cookie(told, visitor):
    for page in [*readable(told), f"{told}?reply=1", "/nowhere", "/comments/1"]:
        for _ in range(2):
            assert visitor.client.get(page).headers.getlist("Set-Cookie") == [], page


def test_approving_a_reply_makes_the_page_old(app, told, visitor, moderator):
    visitor.get(told)
    visitor.reply(told, "What a bay!")
    with renderings(app) as rendered:
        assert "What a bay!" not in visitor.get(told)
    assert rendered == []  # a waiting reply changes nothing for readers
    moderator.send("/comments/1/approval", "/desk/moderation")
    assert "What a bay!" in visitor.get(told)
    moderator.send("/comments/1/undo", "/desk/moderation?status=approved")
    assert "What a bay!" not in visitor.get(told)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("/desk/posts/1", {"title": "New title", "text": "New words.", "trip_id": "1", "day_number": "0"}),
        ("/desk/trips/1", {"title": "Another bay"}),
        ("/desk/trips/1/photos/1", {"caption": "Seen from the pier"}),
        ("/desk/trips/1/photos/1/place", {"lat": "41.5", "lon": "19.5"}),
        ("/desk/posts/1/withdrawal", {}),
    ],
)
def test_what_an_author_changes_is_seen_at_once(told, visitor, author, change, fields):
    old = {page: visitor.client.get(page).data for page in (told, "/trips/round-the-bay")}
    author.send(change, re.sub(r"/(place|withdrawal)$", "", change), **fields)
    assert any(visitor.client.get(page).data != data for page, data in old.items())


def test_what_a_moderator_only_looks_at_changes_nothing(app, told, visitor, moderator):
    visitor.get(told)
    moderator.get("/desk/moderation")
    moderator.get(told)
    with renderings(app) as rendered:
        visitor.get(told)
    assert rendered == []


def test_someone_signed_in_gets_pages_of_their_own(told, visitor, author):
    visitor.get(told)
    own = author.client.get(told)
    assert "Sign out" in own.text
    assert own.headers["Cache-Control"] == "no-store"
    assert "Sign out" not in visitor.get(told)


def test_a_browser_that_has_the_page_is_told_so(told, visitor):
    first = visitor.client.get(told)
    assert first.headers["Cache-Control"] == "no-cache"
    for _ in range(2):
        again = visitor.client.get(told, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    changed = visitor.client.get(told, headers={"If-None-Match": '"something-else"'})
    assert changed.status_code == 200


def test_each_encoding_holds_the_same_page(told, visitor):
    plain = visitor.client.get(told, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for header, name, unpack in (
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
    ):
        for _ in range(2):
            answer = visitor.client.get(told, headers={"Accept-Encoding": header})
            assert answer.headers["Content-Encoding"] == name
            assert len(answer.data) == int(answer.headers["Content-Length"]) < len(plain.data)
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert without_nonce(unpack(answer.data)) == without_nonce(plain.data)


def without_nonce(page: bytes) -> str:
    text = re.sub(r'nonce="[^"]+"', "", page.decode())
    return re.sub(r'name="stamp"[^>]*>', "", re.sub(r'<input id="stamp"[^>]*>', "", text))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("br", "br"),
        ("GZIP", "gzip"),
        ("deflate", "identity"),
        ("abracadabra", "identity"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("br;q=0, gzip;q=0.0", "identity"),
    ],
)
def test_only_what_the_browser_takes_is_sent(accepted, encoding):
    assert encoding_of(accepted) == encoding


def test_head_has_the_headers_and_no_body(told, visitor):
    for _ in range(2):
        head = visitor.client.head(told)
        assert head.status_code == 200
        assert head.data == b""
        page = visitor.client.get(told)
        assert head.headers["Content-Type"] == page.headers["Content-Type"]
    assert visitor.client.head(told).headers["Content-Length"] == str(len(visitor.client.get(told).data))


def test_pages_with_a_question_are_not_kept(app, told, visitor):
    visitor.get(f"{told}?reply=1")
    with renderings(app) as rendered:
        visitor.get(f"{told}?reply=1")
    assert rendered != []


def test_what_is_not_there_is_not_kept(app, visitor, author):
    visitor.get("/posts/by-the-sea", 404)
    author.publish(author.write("Now it is here."))
    assert "Now it is here." in visitor.get("/posts/by-the-sea")


def test_the_cache_can_be_turned_off(tmp_path, migrated):
    app = make_app(tmp_path, PAGE_CACHE="off")
    assert "page_cache" not in app.extensions


def shelf_page(size: int) -> Page:
    return Page(b"", '"tag"', [], b"x" * size)


def test_the_shelf_holds_so_many_bytes_and_lets_the_oldest_go(tmp_path):
    shelf = PageCache(lambda _environ, _start: [], Edition(tmp_path / "edition"))
    for number in range(5):
        shelf.keep((f"/{number}", "en_GB", "br"), shelf_page(MOST_BYTES // 4))
    assert [path for path, _locale, _encoding in shelf.pages] == ["/1", "/2", "/3", "/4"]
    shelf.keep(("/4", "en_GB", "br"), shelf_page(10))  # the same page anew takes the place of the old one
    assert len(shelf.pages) == 4
    shelf.keep(("/5", "en_GB", "br"), shelf_page(MOST_BYTES + 1))
    assert shelf.pages == {}
    assert shelf.size == 0


def test_no_edition_comes_back(tmp_path):
    edition, seen = Edition(tmp_path / "edition"), set()
    for _ in range(1000):
        seen.add(edition.number())
        edition.advance()
        assert edition.number() not in seen


def test_all_processes_see_a_change(tmp_path):
    one, other = Edition(tmp_path / "edition"), Edition(tmp_path / "edition")
    before = other.number()
    one.advance()
    assert other.number() == one.number() != before


def test_americans_read_miles_and_others_kilometres(told, visitor, author):
    ways = [(42.0, 19.0 + i / 100, f"2026-05-14T08:{i:02}:00Z") for i in range(40)]
    author.upload("/desk/trips/1", ("way.gpx", gpx(ways)))
    page = "/trips/round-the-bay"
    for _ in range(2):
        american = visitor.get(page, headers={"Accept-Language": "en-US,en;q=0.9"})
        other = visitor.get(page, headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"})
        assert "20 mi" in american
        assert "May 14" in american
        assert "32 km" in other
        assert "14 May" in other
