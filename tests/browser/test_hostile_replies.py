"""Whatever strangers write, a browser that shows it runs nothing, loads nothing and styles nothing of theirs.

No server is needed: Chromium asks the application itself, and gets its pages with all their headers.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import select

from blog.comments.models import Comment, add_comment
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.posts.models import Post
from tests.conftest import Visitor, jpeg

HERE = "http://localhost"
PAYLOADS = [
    '"><script>alert(1)</script>',
    "<img src=https://evil.example/x.gif onerror=alert(1)>",
    "<svg/onload=alert(1)><style>body{background:url(https://evil.example/y)}</style>",
    "[x](javascript:alert(1)) ![x](https://evil.example/z.gif) <https://evil.example/seen>",
    "</textarea></li></ol><iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<form action=https://evil.example><button autofocus onfocus=alert(1)>",
    "\u202e<b style='position:fixed;inset:0'>" + "Z" + "\u0301" * 200,
]


class Watched:
    """A page that hears the application's answers, and what a page of strangers' words must never do."""

    def __init__(self, app: Flask, page: Page) -> None:
        self.app, self.client = app, app.test_client()
        self.found: list[str] = []
        self.page = page
        page.route("**/*", self.serve)
        page.on("dialog", lambda dialog: (self.found.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("console", lambda words: self.found.append(words.text) if words.type == "error" else None)

    def serve(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" != HERE:
            self.found.append(f"request {route.request.url}")
            return route.abort()
        sent = route.request.headers
        headers = {name: sent[name] for name in ("accept", "content-type") if name in sent}
        asked = route.request
        with self.app.app_context():
            answer = self.client.open(
                asked.url, method=asked.method, data=asked.post_data_buffer, headers=headers
            )
        return route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)


@pytest.fixture
def watched(app: Flask, browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(base_url=HERE)
    yield Watched(app, context.new_page())
    context.close()


def show(payloads: list[str]) -> None:
    """Comments that a moderator let through, on the post and on its photo, with the payload everywhere."""
    post = db.session.scalars(select(Post)).one()
    for payload in payloads:
        comment = add_comment(
            post, None, payload[:80], "s@example.org", payload, Verdict(Status.PENDING), photo_id=1
        )
        comment.website, comment.user_agent = payload[:200], payload[:200]
        comment.set_status(Status.APPROVED)
    db.session.commit()


def check(watched: Watched, post: str, count: int) -> None:
    for address in (post, "/photos/1", f"{post}?reply=1#reply"):
        watched.page.goto(address)
        watched.page.wait_for_load_state("networkidle")
        assert watched.page.locator(".comment").count() == count
        strange = ".comment :is(script, style, iframe, form, svg, object, embed, [style], img:not(.spot img))"
        assert watched.page.locator(strange).count() == 0
        foreign = "[onload], [onerror], [onfocus], [href^='javascript:' i], [action*='evil']"
        assert watched.page.locator(foreign).count() == 0
        for name in watched.page.locator(".comment-head strong").all():
            assert name.bounding_box()
    assert watched.found == []


def test_a_page_of_hostile_replies_is_harmless(app: Flask, author: Visitor, watched: Watched) -> None:
    post = published(author)
    show(PAYLOADS)
    check(watched, post, len(PAYLOADS))
    field = watched.page.get_by_label("Your reply *")
    for payload in PAYLOADS:
        with watched.page.expect_response("**/comments/preview"):
            field.fill(f"*{payload}*")
    watched.page.wait_for_load_state("networkidle")
    assert watched.page.locator("reply-preview :is(script, style, img, iframe, svg, form)").count() == 0
    assert watched.found == []
    believed(PAYLOADS[1])
    watched.page.goto(post)
    assert watched.found != []


def believed(payload: str) -> None:
    """As if no cleaner had been there: the watch must hear it."""
    db.session.scalars(select(Comment)).first().html = payload
    db.session.commit()


def test_a_page_of_the_collected_injections_is_harmless(
    app: Flask, author: Visitor, watched: Watched, shared_data: Path
) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (shared_data / "hostile" / "html").glob("*.test")]
    post = published(author)
    show([text.split("\n--\n")[0] for text in texts])
    check(watched, post, len(texts))


def published(author: Visitor) -> str:
    trip = author.make_trip()
    author.upload(trip, ("bay.jpg", jpeg()))
    return author.publish(author.write("The bay.\n\n![](photo:1)", trip=trip))
