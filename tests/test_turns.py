"""Threads that write to one SQLite database take turns; nobody is refused, and nobody keeps a turn."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from blog.comments.blocks import Block, BlockKind
from blog.db import TurnTaking, db, now

THREADS, EACH = 12, 15


def add(app: Flask, word: str) -> None:
    with app.app_context():
        db.session.add(Block(kind=BlockKind.WORD, value=word, made_at=now()))
        db.session.commit()


def test_many_threads_write(app):
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: [add(app, f"{n}-{m}") for m in range(EACH)], range(THREADS)))
    assert db.session.scalar(select(func.count()).select_from(Block)) == THREADS * EACH
    assert not TurnTaking.turn.locked()


def test_a_failed_write_gives_its_turn_back(app):
    add(app, "casino")
    with pytest.raises(IntegrityError):
        add(app, "casino")
    assert not TurnTaking.turn.locked()
    db.session.add(Block(kind=BlockKind.WORD, value="viagra"))
    db.session.flush()
    assert TurnTaking.turn.locked()
    db.session.rollback()
    assert not TurnTaking.turn.locked()


def test_readers_take_no_turn(app):
    db.session.add(Block(kind=BlockKind.WORD, value="casino"))
    db.session.flush()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(read, app).result(timeout=5) == 0
    db.session.rollback()


def read(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Block))


def test_a_connection_that_is_closed_gives_its_turn_back(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.sqlite", factory=TurnTaking)
    connection.take_turn()
    assert TurnTaking.turn.locked()
    connection.close()
    assert not TurnTaking.turn.locked()
