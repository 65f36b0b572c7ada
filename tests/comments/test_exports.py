"""An export of comments holds everything, and another Roadbook reads it back without loss."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from blog.comments import exchange
from blog.comments.commands import export_comments, import_comments
from blog.comments.commenters import Commenter, Standing, commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import Report, forget
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.photos.models import Photo
from blog.posts.models import Post
from tests.conftest import Client, Visitor, jpeg, make_app


def run(command, *arguments: object) -> str:
    done = CliRunner().invoke(command, [str(a) for a in arguments])
    db.session.rollback()
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def exported(path: Path, *options: str) -> list[dict]:
    run(export_comments, path, *options)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def talk(author: Visitor, visitor: Visitor, moderator: Visitor, tmp_path: Path) -> str:
    """Threads in every state: answered, edited, pinned to a spot, erased, reported, imported."""
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg()))
    post = author.publish(author.write("![](photo:1)", trip=trip))
    (tmp_path / "elsewhere").mkdir()
    db.session.execute(db.text("VACUUM INTO :copy"), {"copy": str(tmp_path / "elsewhere/roadbook.sqlite")})
    visitor.reply(post, "What a *bay*!\n\nSecond paragraph שלום 🌊")
    moderator.send("/comments/1/approval", "/desk/moderation")
    visitor.reply(post, "An answer.", parent_id="1", name="Iris", email="iris@example.org")
    moderator.send("/comments/2/approval", "/desk/moderation")
    visitor.reply(post, "http://a.example http://b.example http://c.example", parent_id="1")
    author.reply(post, "Thank you.", parent_id="2")
    visitor.reply(post, "Rejected words")
    moderator.send("/comments/5/rejection", "/desk/moderation")
    found, photo = db.session.get_one(Post, 1), db.session.get_one(Photo, 1)
    waits = Verdict(Status.PENDING, ("It has a link.",))
    add_comment(
        found, None, "Ole", "ole@example.org", "There!", waits,
        photo_id=photo.id, region=[0.25, 0.5, 0.1, 0.125], website="https://ole.example",
        origin="disqus:77", edited_at=now(), commenter=commenter_for("ole@example.org", "Ole"),
    )  # fmt: skip
    db.session.get_one(Comment, 1).erase()
    forget([1])
    db.session.add(Report(comment_id=2, reason="rude", words="Is it?"))
    db.session.add(Commenter(email="mia@example.org", name="Mia", standing=Standing.BLOCKED))
    db.session.commit()
    return post


@contextmanager
def elsewhere(folder: Path) -> Iterator[Visitor]:
    """Another machine, where the posts are and the comments are not: somebody who reads there."""
    app = make_app(folder / "elsewhere")
    app.test_client_class = Client
    with app.app_context():
        yield Visitor(app.test_client())
        db.session.remove()
        db.engine.dispose()


def test_what_is_exported_comes_back_whole(app: Flask, visitor: Visitor, talk: str, tmp_path: Path):
    first = exported(tmp_path / "first.jsonl")
    page = visitor.get(talk)
    shapes = {c.origin or f"roadbook:localhost:{c.id}": (c.depth, c.html, c.is_shown) for c in all_comments()}
    assert len(shapes) == 6
    with elsewhere(tmp_path) as reader:
        assert all_comments() == []
        assert "6 comments taken" in run(import_comments, tmp_path / "first.jsonl")
        second = exported(tmp_path / "second.jsonl")
        assert second[1:] == first[1:]
        assert {c.origin: (c.depth, c.html, c.is_shown) for c in all_comments()} == shapes
        assert [c.person_id for c in all_comments() if c.text == "Thank you."] == [1]
        assert thread_of(reader.get(talk)) == thread_of(page)
        assert all(c.told_at for c in all_comments())


def all_comments() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def thread_of(page: str) -> str:
    return page[page.index('<ol class="thread"') : page.index('<form class="reply-form"')]


def test_an_export_read_where_it_was_made_changes_nothing(app: Flask, talk: str, tmp_path: Path):
    first = exported(tmp_path / "first.jsonl")
    assert "0 comments taken; 6 were here already." in run(import_comments, tmp_path / "first.jsonl")
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 6
    assert exported(tmp_path / "second.jsonl")[1:] == first[1:]


def test_an_export_for_others_names_no_address(app: Flask, talk: str, tmp_path: Path):
    exported(tmp_path / "all.jsonl", "--without-emails")
    text = (tmp_path / "all.jsonl").read_text(encoding="utf-8")
    assert "@" not in text
    assert "What" not in text  # that one is erased
    with elsewhere(tmp_path):
        assert "6 comments taken" in run(import_comments, tmp_path / "all.jsonl")
        assert db.session.scalars(select(Commenter)).all() == []


def test_the_file_appears_when_it_is_whole(app: Flask, talk: str, tmp_path: Path, monkeypatch):
    target = tmp_path / "comments.jsonl"
    exported(target)
    before = target.read_bytes()
    monkeypatch.setattr(exchange, "as_line", lambda values: 1 / 0)
    done = CliRunner().invoke(export_comments, [str(target)])
    assert done.exit_code == 1
    assert target.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []
    monkeypatch.undo()
    done = CliRunner().invoke(export_comments, [str(tmp_path / "no" / "such" / "folder")])
    assert done.exit_code == 1
    assert "could not be written" in done.output
