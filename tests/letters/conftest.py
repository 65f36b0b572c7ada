"""A site whose letters arrive at a real mail server, and people who read them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import update

from blog.comments import news
from blog.comments.confirmation import remember_confirmed
from blog.comments.models import Comment
from blog.db import db, now
from blog.letters.models import Follow
from tests.conftest import Visitor
from tests.mail.hosts import MailHost, running, words_of


@pytest.fixture
def host(app: Flask) -> Iterator[MailHost]:
    with running(MailHost()) as host:
        app.config["SMTP_URL"] = f"smtp://127.0.0.1:{host.port}"
        yield host


@pytest.fixture
def post(author: Visitor) -> str:
    """A published story: its address."""
    return author.publish(author.write("We set out along the bay."))


class Letters:
    """What arrived, and the minutes that pass."""

    def __init__(self, app: Flask, host: MailHost) -> None:
        self.app, self.host = app, host

    def to(self, name: str) -> list[EmailMessage]:
        """All but what a first reply sends by itself, to learn whether its address is the writer's."""
        theirs = [m for m in self.host.messages() if m["To"] == f"{name.lower()}@example.org"]
        return [m for m in theirs if not m["Subject"].startswith("Is this your address?")]

    def subjects(self, name: str) -> list[str]:
        return [letter["Subject"] for letter in self.to(name)]

    def pass_time(self, **time: int) -> None:
        """Comments and follows grow older; the worker's minute comes."""
        db.session.rollback()
        back = timedelta(**time)
        for comment in db.session.query(Comment).all():
            moved = comment.moved_at and comment.moved_at - back
            told = comment.told_at and comment.told_at - back
            old = {"created_at": comment.created_at - back, "moved_at": moved, "told_at": told}
            db.session.execute(update(Comment).where(Comment.id == comment.id).values(**old))
        db.session.commit()
        self.sweep()

    def sweep(self) -> None:
        db.session.rollback()
        self.app.extensions["jobs"].sweep_now()
        db.session.rollback()

    def ask(self, comment_id: int, name: str, what: str = "post", reader: Visitor | None = None) -> None:
        """Tick the box under the reply form."""
        cookie = reader.client.get_cookie("commenter") if reader else None
        headers = {"Cookie": f"commenter={cookie.value}"} if cookie else {}
        with self.app.test_request_context("/", headers=headers):
            email = f"{name}@example.org"
            news.follow_asked.send(self.app, comment_id=comment_id, email=email, what=what)
        db.session.rollback()

    def follow(self, name: str, comment_id: int | None = None, post_id: int = 1) -> None:
        """Somebody who said yes."""
        email = f"{name.lower()}@example.org"
        db.session.add(Follow(email=email, post_id=post_id, comment_id=comment_id, confirmed_at=now()))
        db.session.commit()


@pytest.fixture
def letters(app: Flask, host: MailHost) -> Letters:
    return Letters(app, host)


def confirmed(app: Flask, visitor: Visitor, email: str) -> Visitor:
    """A browser that has shown to read the mail of this address."""
    response = app.response_class()
    with app.test_request_context("/"):
        remember_confirmed(response, email)
    found = re.match("commenter=([^;]+)", response.headers["Set-Cookie"])
    assert found
    visitor.client.set_cookie("commenter", found[1])
    return visitor


def links(letter: EmailMessage) -> list[str]:
    """The paths of this site that a letter leads to, in its order."""
    in_html = re.findall(r'href="http://localhost([^"]*)"', words_of(letter, "html"))
    found = re.findall(r"http://localhost(/\S*)", words_of(letter))
    assert set(found) <= {address.replace("&amp;", "&") for address in in_html}
    return found


def one_link(letter: EmailMessage, kind: str) -> str:
    (found,) = {link for link in links(letter) if link.startswith(f"/letters/{kind}/")}
    return found
