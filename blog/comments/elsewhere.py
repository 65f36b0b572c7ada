"""Reading the files of other programs: Disqus' XML, WordPress' WXR, Isso's SQLite."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from blog.comments.incoming import Incoming, RefusedImport, from_html, instant, written_instant
from blog.comments.verdict import Status

DISQUS_ID = "{http://disqus.com/disqus-internals}id"
SQLITE_BEGINS = b"SQLite format 3\0"


def kind_of(path: Path) -> str:
    """`disqus`, `wordpress`, `isso` or `roadbook`, by what stands in the file, whatever its name."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(SQLITE_BEGINS):
        return "isso"
    text = start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return "roadbook"
    if text.startswith("<"):
        root = next(elements(path))[1]
        kind = {"disqus": "disqus", "rss": "wordpress"}.get(name(root))
        if kind:
            return kind
    raise RefusedImport(
        "This is no export of comments that Roadbook knows: neither Disqus' XML, nor WordPress' WXR, nor "
        "Isso's database, nor Roadbook's own."
    )


def read(path: Path, kind: str, skipped: Counter[str]) -> Iterator[Incoming]:
    """The comments of a file, in no order; those that are none are counted in `skipped`, by what they lack.

    Raises `RefusedImport` in words for a file that cannot be read.
    """
    for comment in {"disqus": disqus, "wordpress": wordpress, "isso": isso}[kind](path):
        if comment:
            yield comment
        else:
            skipped["have no date that can be read"] += 1


def elements(path: Path) -> Iterator[tuple[str, Element]]:
    """(event, element) as the file is read. Document types and entities are refused."""
    try:
        yield from iterparse(str(path), events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise RefusedImport(
            "This file declares a document type or entities, which no export needs. It was not read."
        ) from error
    except ParseError as error:
        raise RefusedImport(f"This file is damaged in line {error.position[0]:,}.") from error
    except (ValueError, LookupError) as error:  # odd encodings
        raise RefusedImport("This file is written in letters that cannot be read.") from error


def name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def texts(element: Element) -> dict[str, str]:
    """The text of each child, by its local name."""
    return {name(child): (child.text or "").strip() for child in element}


def disqus(path: Path) -> Iterator[Incoming | None]:
    """Threads stand before the comments that name them."""
    posts: dict[str, tuple[str, ...]] = {}
    depth = 0
    for event, element in elements(path):
        depth += 1 if event == "start" else -1
        if event == "start" or depth != 1:
            continue
        if name(element) == "thread":
            found = texts(element)
            posts[element.get(DISQUS_ID, "")] = tuple(filter(None, (found.get("link"), found.get("id"))))
        elif name(element) == "post":
            yield disqus_comment(element, posts)
        element.clear()


def disqus_comment(element: Element, posts: dict[str, tuple[str, ...]]) -> Incoming | None:
    found = texts(element)
    children = {name(child): child for child in element}
    author = texts(children["author"]) if "author" in children else {}
    thread, parent = children.get("thread"), children.get("parent")
    number = element.get(DISQUS_ID)
    try:
        created_at = written_instant(found.get("createdAt", ""))
    except ValueError:
        return None
    if number is None:
        return None
    return Incoming(
        origin=f"disqus:{number}"[:120],
        parent=f"disqus:{parent.get(DISQUS_ID)}"[:120] if parent is not None else None,
        posts=posts.get(thread.get(DISQUS_ID, ""), ()) if thread is not None else (),
        name=author.get("name") or author.get("username", ""),
        email=author.get("email", ""),
        website=author.get("link", ""),
        text=from_html(found.get("message", "")),
        status=Status.SPAM if found.get("isSpam") == "true" else Status.APPROVED,
        created_at=created_at,
        is_gone=found.get("isDeleted") == "true",
    )


APPROVED_IN_WORDPRESS = {
    "1": Status.APPROVED, "0": Status.PENDING, "spam": Status.SPAM, "trash": Status.REJECTED,
    "post-trashed": Status.REJECTED,
}  # fmt: skip


def wordpress(path: Path) -> Iterator[Incoming | None]:
    """Comments of posts and pages alike; pings are none."""
    site, within = "", []
    for event, element in elements(path):
        if event == "start":
            within.append(name(element))
            continue
        within.pop()
        if name(element) in ("base_blog_url", "base_site_url") and len(within) == 2:
            site = urlsplit((element.text or "").strip()).netloc or site
        elif name(element) == "item":
            yield from wordpress_comments(element, site)
            element.clear()


def wordpress_comments(item: Element, site: str) -> Iterator[Incoming | None]:
    of_post = texts(item)
    posts = tuple(filter(None, (of_post.get("post_name"), of_post.get("link"), of_post.get("title"))))
    for element in item:
        found = texts(element) if name(element) == "comment" else {}
        if not found or found.get("comment_type", "") not in ("", "comment"):
            continue
        try:
            created_at = written_instant(found.get("comment_date_gmt") or found.get("comment_date", ""))
        except ValueError:
            yield None
            continue
        parent = found.get("comment_parent", "0")
        yield Incoming(
            origin=f"wordpress:{site}:{found.get('comment_id', '')}"[:120],
            parent=f"wordpress:{site}:{parent}"[:120] if parent not in ("", "0") else None,
            posts=posts,
            name=found.get("comment_author", ""),
            email=found.get("comment_author_email", ""),
            website=found.get("comment_author_url", ""),
            text=from_html(paragraphs(found.get("comment_content", ""))),
            status=APPROVED_IN_WORDPRESS.get(found.get("comment_approved", ""), Status.PENDING),
            created_at=created_at,
        )


def paragraphs(text: str) -> str:
    """What WordPress makes of a comment's text before it shows it: its line breaks are breaks."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return "".join("<p>" + part.replace("\n", "<br>") + "</p>" for part in parts)


ISSO_ACCEPTED, ISSO_PENDING, ISSO_DELETED = 1, 2, 4


def isso(path: Path) -> Iterator[Incoming | None]:
    """Its texts are Markdown already. The file is opened to be read alone; what it declares is not run."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.row_factory = sqlite3.Row
            site = isso_site(connection)
            for row in connection.execute(
                "SELECT c.*, t.uri AS uri FROM comments AS c JOIN threads AS t ON t.id = c.tid ORDER BY c.id"
            ):
                yield isso_comment(dict(row), site)
    except sqlite3.Error as error:
        raise RefusedImport(f"This is no database of Isso, or it is damaged: {error}.") from error


def isso_site(connection: sqlite3.Connection) -> str:
    """What tells this database from those of other sites: its numbers begin at 1 in each."""
    try:
        row = connection.execute("SELECT value FROM preferences WHERE key = 'session-key'").fetchone()
    except sqlite3.OperationalError:  # an old version had no such table
        row = None
    return hashlib.sha256(str(row[0] if row else "").encode()).hexdigest()[:12]


def isso_comment(row: dict[str, Any], site: str) -> Incoming | None:
    def word(key: str) -> str:
        return row[key] if isinstance(row.get(key), str) else ""

    try:
        created_at = instant(row["created"])
        edited_at = instant(row["modified"]) if row.get("modified") else None
    except (ValueError, KeyError):
        return None
    mode = row.get("mode")
    return Incoming(
        origin=f"isso:{site}:{row['id']}",
        parent=f"isso:{site}:{row['parent']}" if row.get("parent") else None,
        posts=(word("uri"),),
        name=word("author"),
        email=word("email"),
        website=word("website"),
        text=word("text"),
        status=Status.APPROVED if mode in (ISSO_ACCEPTED, ISSO_DELETED) else Status.PENDING,
        created_at=created_at,
        edited_at=edited_at,
        is_gone=mode == ISSO_DELETED,
    )
