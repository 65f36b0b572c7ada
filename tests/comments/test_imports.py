"""Comments of Disqus, Isso and WordPress come along: in their threads, harmless, and once."""

import itertools
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.comments import importing
from blog.comments.commands import import_comments
from blog.comments.commenters import Commenter
from blog.comments.incoming import Incoming, Posts, from_html, parents_first
from blog.comments.models import Comment
from blog.comments.text import to_html
from blog.comments.verdict import Status
from blog.db import db
from tests.conftest import Visitor


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay.", title="By the sea"))


def give(app: Flask, *arguments: object) -> tuple[int, str]:
    """`roadbook import-comments …`: its exit code, and what it says."""
    done = CliRunner().invoke(import_comments, [str(a) for a in arguments])
    db.session.rollback()
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def saved() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def disqus(*posts: str, threads: str = "") -> str:
    own = (
        '<thread dsq:id="7"><id>by-the-sea</id><link>https://old.example/2014/05/by-the-sea.html</link>'
        "<title>By the sea</title></thread>"
        '<thread dsq:id="8"><id>x</id><link>https://old.example/gone/</link></thread>'
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com" '
        f'xmlns:dsq="http://disqus.com/disqus-internals">{threads or own}{"".join(posts)}</disqus>'
    )


def disqus_post(number: int, message: str, parent: int | None = None, **facts: str) -> str:
    facts = {"createdAt": f"2014-05-{number:02}T10:00:00Z", "isDeleted": "false", "isSpam": "false"} | facts
    author = {"email": f"reader{number}@example.org", "name": f"Reader {number}"}
    author |= {key: facts.pop(key) for key in ("name", "email") if key in facts}
    thread = facts.pop("thread", "7")
    return (
        f'<post dsq:id="{number}"><message>{escape(message)}</message>'
        + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in facts.items())
        + "<author>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in author.items()) + "</author>"
        + f'<thread dsq:id="{thread}"/>' + (f'<parent dsq:id="{parent}"/>' if parent else "") + "</post>"
    )  # fmt: skip


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A thread in an odd order, with a deleted one in between, spam, and one of a post that is gone."""
    path = tmp_path / "disqus.xml"
    path.write_text(
        disqus(
            disqus_post(3, "<p>An answer to what is gone.</p>", parent=2),
            disqus_post(1, '<p>What a <b>bay</b>! <a href="https://example.org/x">Look</a></p>'),
            disqus_post(2, "<p>Secret words</p>", parent=1, isDeleted="true"),
            disqus_post(4, "<p>Buy now</p>", isSpam="true"),
            disqus_post(5, "<p>Elsewhere</p>", thread="8"),
            disqus_post(6, "<p>Deleted, unanswered</p>", isDeleted="true"),
            disqus_post(7, "<p>No date</p>", createdAt="yesterday"),
        )
    )
    return path


def test_a_thread_of_disqus_comes_along(app, visitor, post, export):
    code, words = give(app, export)
    assert code == 0, words
    assert "4 comments taken (3 approved, 1 spam); 0 were here already." in words
    assert "1 comment left out: they have no date that can be read." in words
    assert "1 comment left out: they were deleted" in words
    assert "'https://old.example/gone/' (1)" in words
    first, gone, answer, spam = saved()
    assert (first.text, first.name, first.email) == (
        "What a **bay**! [Look](https://example.org/x)", "Reader 1", "reader1@example.org"
    )  # fmt: skip
    assert first.created_at == datetime(2014, 5, 1, 10, tzinfo=UTC)
    assert first.told_at and first.person_id is None and not first.is_confirmed
    assert (gone.text, gone.name, gone.email, gone.parent_id) == ("", "", "", first.id)
    assert gone.erased_at
    assert (answer.parent_id, answer.root_id, answer.depth, answer.is_shown) == (gone.id, first.id, 2, True)
    assert spam.status is Status.SPAM
    page = visitor.get(post)
    assert page.index("<strong>bay</strong>") < page.index("An answer to what is gone.")
    assert "Secret" not in page
    assert "Buy now" not in page


def test_the_same_file_twice_changes_nothing(app, visitor, post, export):
    give(app, export)
    before = [(c.id, c.text, c.version) for c in saved()]
    code, words = give(app, export)
    assert code == 0
    assert "0 comments taken; 4 were here already." in words
    assert [(c.id, c.text, c.version) for c in saved()] == before


def test_a_dry_run_changes_nothing(app, post, export):
    code, words = give(app, export, "--dry-run")
    assert code == 0
    assert "4 comments would be taken" in words
    assert saved() == []
    assert db.session.scalars(select(Commenter)).all() == []


def test_what_was_broken_off_goes_on(app, post, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    path = tmp_path / "disqus.xml"
    path.write_text(disqus(*(disqus_post(n, f"Words {n}", parent=n - 1 or None) for n in range(1, 8))))
    calls = itertools.count()
    original = db.session.commit

    def failing() -> None:
        if next(calls) == 2:
            raise RuntimeError("The machine ends.")
        original()

    monkeypatch.setattr(db.session, "commit", failing)
    with pytest.raises(AssertionError, match="The machine ends"):
        give(app, path)
    monkeypatch.setattr(db.session, "commit", original)
    assert 0 < len(saved()) < 7
    assert give(app, path)[0] == 0
    assert [(c.text, c.depth) for c in saved()] == [(f"Words {n}", n - 1) for n in range(1, 8)]


def test_a_map_tells_where_posts_went(app, post, export, tmp_path):
    moved = tmp_path / "map.csv"
    moved.write_text("# old, new\nhttps://old.example/gone/,by-the-sea\n")
    assert "5 comments taken" in give(app, export, "--map", moved)[1]
    moved.write_text("https://old.example/gone/\n")
    code, words = give(app, export, "--map", moved)
    assert code == 1
    assert "line 1: this is not `old address,slug`" in words


def test_where_no_post_is_found_it_fails_and_says_which(app, export):
    code, words = give(app, export)
    assert code == 1
    assert "No comment found its post." in words
    assert "https://old.example/2014/05/by-the-sea.html" in words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no export of comments"),
        (b"hello", "no export of comments"),
        (b"<html></html>", "no export of comments"),
        (b"<disqus><post>", "damaged in line 1"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><disqus>&a;</disqus>', "declares a document type"),
        (b"<disqus>\xff</disqus>", "damaged"),
        (b"SQLite format 3\0 and no more", "no database of Isso"),
        (b'{"format": "other", "version": 1}', "another version"),
        (b'{"format": "roadbook-comments", "version": 1}\n{"comment": 1}', "damaged in line 2"),
        (b"{", "damaged in line 1"),
    ],
)
def test_what_is_no_export_is_refused_in_words(app, post, tmp_path, content, words):
    path = tmp_path / "file"
    path.write_bytes(content)
    code, said = give(app, path)
    assert code == 1
    assert words in said
    assert "Traceback" not in said
    assert saved() == []


def test_hostile_xml_is_refused(app, post, shared_data):
    for path in sorted((shared_data / "hostile" / "xml").glob("*.xml")):
        code, words = give(app, path)
        assert code == 1, path
        assert "Error:" in words, path


def test_nothing_active_comes_along(app, visitor, post, tmp_path, shared_data):
    payloads = [
        path.read_text().split("\n--\n")[0]
        for path in sorted((shared_data / "hostile" / "html").glob("*.test"))
    ]
    path = tmp_path / "disqus.xml"
    path.write_text(
        disqus(
            *(disqus_post(n, f"Words {text}", name=text, email=text) for n, text in enumerate(payloads, 1))
        )
    )
    assert give(app, path)[0] == 0
    raw = [(n, None, 1_400_000_000 + n, None, 1, f"Raw {t}", t, t, t) for n, t in enumerate(payloads, 1)]
    assert give(app, isso(tmp_path / "comments.db", raw))[0] == 0
    assert len(saved()) == 2 * len(payloads) >= 30
    page = visitor.get(post)
    thread = page[page.index('<ol class="thread"') : page.index('<form class="reply-form"')]
    for bad in ("<script", "<img", "<iframe", "<svg", "<style", "<embed", "<object", 'href="javascript'):
        assert bad not in thread.lower()
    assert all(c.website == "" for c in saved())


def isso(path: Path, rows: list[tuple], old: bool = False) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(
        """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
        CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
            created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR,
            author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, voters BLOB);
        INSERT INTO threads VALUES (1, '/posts/by-the-sea', 'By the sea');"""
    )
    if not old:
        connection.executescript(
            "CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);"
            f"INSERT INTO preferences VALUES ('session-key', '{path.name}')"
        )
    connection.executemany(
        "INSERT INTO comments (tid, id, parent, created, modified, mode, remote_addr, text, author, email, "
        "website) VALUES (1, ?, ?, ?, ?, ?, '192.0.2.0', ?, ?, ?, ?)",
        rows,
    )
    connection.commit()
    connection.close()
    return path


ISSO = [
    (1, None, 1_400_000_000.5, None, 4, "", None, None, None),
    (
        2,
        1,
        1_400_000_100,
        1_400_000_200,
        1,
        "An *answer*.",
        "Iris",
        "iris@example.org",
        "https://iris.example",
    ),
    (3, None, 1_400_000_300, None, 2, "It waits.", None, None, "javascript:alert(1)"),
    (4, None, float("inf"), None, 1, "No date.", None, None, None),
    (5, None, 1_400_000_500, None, 1, b"bytes", 7, "not an address", None),
]


@pytest.mark.parametrize("old", [False, True])
def test_a_thread_of_isso_comes_along(app, visitor, post, tmp_path, old):
    path = isso(tmp_path / "comments.db", ISSO, old)
    code, words = give(app, path)
    assert code == 0, words
    assert "3 comments taken (1 pending, 2 approved)" in words
    assert "they have no words" in words
    gone, answer, waits = saved()
    assert gone.erased_at and gone.is_shown
    assert (answer.parent_id, answer.name, answer.website) == (gone.id, "Iris", "https://iris.example")
    assert answer.edited_at == datetime.fromtimestamp(1_400_000_200, UTC)
    assert (waits.status, waits.name, waits.website, waits.email) == (Status.PENDING, "Anonymous", "", "")
    assert "An <em>answer</em>." in visitor.get(post)
    assert "3 were here already" in give(app, path)[1]


def test_two_sites_of_isso_are_told_apart(app, post, tmp_path):
    for name in ("one.db", "two.db"):
        assert "3 comments taken" in give(app, isso(tmp_path / name, ISSO))[1]
    assert len(saved()) == 6


WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<wp:base_blog_url>https://old.example</wp:base_blog_url>
<item><title>By the sea</title><link>https://old.example/?p=12</link><wp:post_name>by-the-sea</wp:post_name>{}</item>
</channel></rss>"""


def wordpress_comment(
    number: int, text: str, approved: str = "1", parent: int = 0, kind: str = "comment"
) -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Reader</wp:comment_author>"
        f"<wp:comment_author_email>reader@example.org</wp:comment_author_email>"
        f"<wp:comment_date_gmt>2014-05-01 10:00:{number:02}</wp:comment_date_gmt>"
        f"<wp:comment_content>{escape(text)}</wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved>"
        f"<wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def test_comments_of_wordpress_come_along(app, visitor, post, tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(
        WXR.format(
            wordpress_comment(1, "First line\nsecond line\n\nNext paragraph *with a star*")
            + wordpress_comment(2, "It waits", "0", parent=1)
            + wordpress_comment(3, "Buy", "spam")
            + wordpress_comment(4, "Gone", "trash")
            + wordpress_comment(5, "A ping", kind="pingback")
        )
    )
    code, words = give(app, path)
    assert code == 0, words
    assert "4 comments taken (1 pending, 1 approved, 1 spam, 1 rejected)" in words
    assert [c.origin for c in saved()] == [f"wordpress:old.example:{n}" for n in (1, 2, 3, 4)]
    assert "<p>First line<br />\nsecond line</p>\n<p>Next paragraph *with a star*</p>" in visitor.get(
        post
    ).replace("<br>", "<br />")


def test_the_theme_unit_test_comes_along(app, author, tmp_path, shared_data):
    author.publish(author.write("Words.", title="Template: Comments"))
    path = next((shared_data / "wordpress").glob("*.xml"))
    code, words = give(app, path)
    assert code == 0, words
    found = saved()
    assert len(found) >= 10
    assert max(c.depth for c in found) >= 3


MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def incoming(origin: str, parent: str | None, at: int = 0, is_gone: bool = False) -> Incoming:
    when = MOMENT.replace(day=1 + at)
    return Incoming(origin, parent, (), "", "", "", "x", Status.APPROVED, when, is_gone=is_gone)


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.none() | st.integers(0, 14), st.integers(0, 27), st.booleans()),
        max_size=20,
    )
)
def test_parents_come_first_whatever_the_file_says(rows):
    comments = [incoming(str(n), None if p is None else str(p), at, gone) for n, p, at, gone in rows]
    ordered = parents_first(comments)
    seen: set[str] = set()
    for comment in ordered:
        assert comment.parent is None or comment.parent in seen
        assert comment.origin not in seen
        seen.add(comment.origin)
    first = {c.origin: c for c in reversed(comments)}
    assert {origin for origin, c in first.items() if not c.is_gone} <= seen
    answered = {c.parent for c in ordered}
    assert all(c.origin in answered for c in ordered if c.is_gone)


def test_a_circle_becomes_a_thread():
    ordered = parents_first([incoming("a", "b", 1), incoming("b", "a", 2), incoming("c", "c", 3)])
    assert [(c.origin, c.parent) for c in ordered] == [("a", None), ("b", "a"), ("c", None)]


@given(st.text(max_size=200))
def test_plain_words_stay_what_they_are(text):
    """Whatever a comment says, its letters stay, and nothing in it becomes markup."""
    words = " ".join(text.split())
    html = to_html(from_html(f"<p>{escape(words)}</p>"))
    for tag in ("<em", "<strong", "<code", "<ol", "<ul", "<blockquote", "<a "):
        assert tag not in html or tag == "<a "


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://old.example/2014/05/by-the-sea/", 1),
        ("https://old.example/by-the-sea.html?utm=1#comments", 1),
        ("/posts/by-the-sea", 1),
        ("By the sea", 1),
        ("https://old.example/By%20the%20Sea", 1),
        ("https://old.example/?p=12", 2),
        ("https://old.example/?p=13", None),
        ("https://old.example/", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_posts_are_found_by_old_addresses(address, found):
    posts = Posts({"by-the-sea": 1, "inland": 2}, {"https://old.example/?p=12": "inland"})
    assert posts.find((address,)) == found
