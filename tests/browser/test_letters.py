"""Letters in a real browser: words of strangers do nothing in them, and their links lead to buttons."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Request, expect
from sqlalchemy import select, update

from blog.comments.models import Comment, add_comment
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.letters.models import Follow
from blog.mail.models import Mail
from blog.posts.models import Post
from tests.browser.site import Site
from tests.letters.test_follow import EVIL

MORE = [
    '<svg onload=alert(1)><style>@import "http://evil.example/x.css"</style>',
    '</blockquote></main><iframe src="http://evil.example/"></iframe>',
    "<img src=http://evil.example/pixel.gif>",
    '"><base href="http://evil.example/">',
]


@pytest.fixture
def letters(app: Flask, author) -> list[str]:
    """The HTML of letters that tell of every such reply: to a follower, and to moderators."""
    author.publish(author.write("We set out along the bay."))
    post = db.session.get_one(Post, 1)
    for evil in EVIL + MORE:
        for status in (Status.APPROVED, Status.PENDING):
            add_comment(post, None, evil[:80], "x@example.org", evil, Verdict(status, (evil,)))
    db.session.add(Follow(email="iris@example.org", post_id=1, confirmed_at=now()))
    db.session.execute(update(Comment).values(moved_at=post.created_at.replace(year=2020)))
    db.session.commit()
    app.extensions["jobs"].sweep_now()
    return list(db.session.scalars(select(Mail.html)))


def test_nothing_a_stranger_wrote_does_anything_in_a_letter(browser: Browser, letters: list[str]) -> None:
    page, asked, dialogs = browser.new_page(), [], []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert len(letters) == 2
    for html in letters:
        page.set_content(html, wait_until="networkidle")
        expect(page.locator("main")).to_contain_text("alert(1)")
        assert page.locator("script, img, svg, iframe, base, form").count() == 0
        assert page.locator("style").count() == 1
        links = page.locator("a").evaluate_all("links => links.map(link => link.href)")
        assert all(link.startswith("http://localhost/") for link in links)
    page.close()
    assert (asked, dialogs) == ([], [])


def test_a_reader_ends_what_they_follow(browser: Browser, site: Site) -> None:
    page = browser.new_page(base_url=site.address)
    page.goto(site.following)
    ends = page.get_by_role("button", name="End", exact=True)
    expect(ends).to_have_count(2)
    ends.first.click()
    expect(page.get_by_role("status")).to_contain_text("You get no more letters about this.")
    expect(ends).to_have_count(1)
    page.close()
