"""Where replies came from is forgotten after some days; the replies stay."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from blog.accounts.models import Attempt, count_attempt
from blog.comments import retention
from blog.comments.models import Comment
from blog.comments.moderation import Report
from blog.comments.rules import site_rules
from blog.comments.senders import AddressSalt, hashes
from blog.db import db, now


@pytest.fixture
def post(author) -> str:
    return author.publish(author.write("We set out along the bay."))


def age(model, column, days: float, **which) -> None:
    db.session.execute(update(model).filter_by(**which).values({column: now() - timedelta(days=days)}))
    db.session.commit()


def traces() -> list[tuple[str | None, str | None, str]]:
    rows = db.session.scalars(select(Comment).order_by(Comment.id))
    return [(row.address_hash, row.network_hash, row.user_agent) for row in rows]


def sweep(app) -> None:
    app.extensions["jobs"].sweep_now()
    db.session.rollback()


def test_after_thirty_days_nothing_tells_where_a_reply_came_from(app, visitor, post, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        visitor.reply(post, f"Words {number}")
    db.session.add(Report(comment_id=1, reason="rude", address_hash="a" * 64, at=now() - timedelta(days=31)))
    db.session.add(Report(comment_id=1, reason="rude", address_hash="b" * 64))
    for number in (1, 2, 3):
        age(Comment, "created_at", 30.1, id=number)
    before, edition = traces(), app.extensions["edition"].number()
    assert all(all(row) for row in before)
    sweep(app)
    assert traces() == [(None, None, "")] * 3 + before[3:]
    assert [row.address_hash for row in db.session.scalars(select(Report).order_by(Report.id))] == [
        None,
        "b" * 64,
    ]
    assert [(c.text, c.version) for c in db.session.scalars(select(Comment).order_by(Comment.id))] == [
        (f"Words {number}", 1) for number in range(5)
    ]
    assert app.extensions["edition"].number() == edition
    sweep(app)
    assert traces()[3:] == before[3:]


def test_salts_go_with_what_they_salted(app, visitor, post):
    visitor.reply(post, "Words")
    age(AddressSalt, "made_at", 30.1)
    old = db.session.scalars(select(AddressSalt)).one().salt
    sweep(app)
    assert db.session.scalars(select(AddressSalt)).all() == []
    hashes("192.0.2.1")
    assert db.session.scalars(select(AddressSalt)).one().salt != old


def test_the_rules_say_for_how_long(app, visitor, post):
    visitor.reply(post, "Words")
    age(Comment, "created_at", 8)
    sweep(app)
    assert all(traces()[0])
    rules = site_rules()
    rules.keep_addresses_days = 7
    db.session.add(rules)
    db.session.commit()
    sweep(app)
    assert traces() == [(None, None, "")]


def test_nothing_is_kept_where_the_rules_say_none(app, visitor, post):
    rules = site_rules()
    rules.keep_addresses_days = 0
    db.session.add(rules)
    db.session.commit()
    visitor.reply(post, "Words")
    sweep(app)
    assert traces() == [(None, None, "")]
    assert db.session.scalars(select(AddressSalt)).all() == []


def test_tries_are_forgotten_after_a_day(app):
    count_attempt("reply", "192.0.2.1", "192.0.2.2")
    db.session.commit()
    age(Attempt, "at", 1.01, key="192.0.2.1")
    sweep(app)
    assert [row.key for row in db.session.scalars(select(Attempt))] == ["192.0.2.2"]


def test_the_sweep_does_not_read_every_comment(app):
    asked: list[tuple[str, object]] = []
    note = lambda _c, _cursor, statement, values, *_rest: asked.append((statement, values))  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    sweep(app)
    event.remove(db.engine, "before_cursor_execute", note)
    found = [(statement, values) for statement, values in asked if "user_agent <> ''" in statement]
    with db.engine.connect() as connection:
        for statement, values in found:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert "ix_comment_traced" in str(plan)
    assert found
