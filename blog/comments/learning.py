"""What the site's own decisions taught of spam.

A sweep of the worker looks once a minute whether moderators decided anything since the last lesson, and has
a process of its own learn from the newest decisions and from a little evidence that comes with Roadbook. The
servers read what was learned when its number is a new one.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import JSON, LargeBinary, delete, exists, func, select
from sqlalchemy.orm import Mapped, mapped_column

from blog import jobs
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog
from blog.comments.verdict import Status
from blog.comments.wording import READ, Weights
from blog.db import Base, db, now

MOST_DECISIONS = 20_000
TIME_S = 300
KEPT = 3  # lessons: servers may still be reading the one before
PACKAGE = Path(__file__).resolve().parent.parent
EVIDENCE = Path(__file__).with_name("evidence.txt")

# The package without its own first file, which would load the whole application.
BEGIN = """
import sys, types
sys.path[:] = sys.argv[2:]
blog = sys.modules["blog"] = types.ModuleType("blog")
blog.__path__ = [sys.argv[1]]
from blog.comments.trainer import main
main()
"""
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}

log = logging.getLogger(__name__)


class Learned(Base):
    """One state of the classifier, made from `decisions` comments that people had decided on.

    `facts`: `seen`, the number of the log's row up to which it knows, and how many were spam.
    """

    __tablename__ = "learned"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    decisions: Mapped[int] = mapped_column(default=0)
    weights: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Ear(NamedTuple):
    """The classifier as it is now: its number, how many decisions it knows, its weights."""

    number: int
    decisions: int
    weights: Weights


def present_ear() -> Ear | None:
    """What was learned last; None on a site whose worker has not run yet."""
    newest = db.session.scalar(select(func.max(Learned.id)))
    known: Ear | None = current_app.extensions.get("ear")
    if newest is None or (known and known.number == newest):
        return known if newest else None
    row = db.session.get_one(Learned, newest)
    current_app.extensions["ear"] = Ear(row.id, row.decisions, Weights.unpacked(row.weights))
    return current_app.extensions["ear"]


@cache
def evidence() -> list[tuple[str, bool]]:
    """A few texts of ours to begin with, and whether they are spam."""
    lines = EVIDENCE.read_text(encoding="utf-8").splitlines()
    return [(text, kind == "spam") for kind, text in (line.split(": ", 1) for line in lines)]


def decided() -> list[tuple[str, bool]]:
    """The newest comments of which a moderator said what they are, and whether that was spam."""
    last = (
        select(func.max(ModerationLog.id).label("id"))
        .where(ModerationLog.act == Act.MOVED, ModerationLog.comment_id.is_not(None))
        .group_by(ModerationLog.comment_id)
        .order_by(func.max(ModerationLog.id).desc())
        .limit(MOST_DECISIONS)
        .subquery()
    )
    rows = db.session.execute(
        select(func.substr(Comment.text, 1, READ), Comment.status)
        .join(ModerationLog, ModerationLog.comment_id == Comment.id)
        .join(last, last.c.id == ModerationLog.id)
        .where(Comment.status.in_([Status.SPAM, Status.APPROVED]), Comment.erased_at.is_(None))
        .order_by(Comment.id)
    )
    return [(text, status is Status.SPAM) for text, status in rows]


@jobs.sweep
def look_for_decisions() -> None:
    """Wake the teacher where there is something to teach, and somebody talks here at all."""
    has_replies = db.session.scalar(select(exists(select(Comment.id))))
    if has_replies and newest_decision() != seen_last():
        jobs.wake(learn)


@jobs.task_aside
def learn() -> None:
    """Learn anew where something was decided since the last time. Does nothing twice."""
    seen = newest_decision()
    if seen == seen_last():
        return
    examples = decided()
    db.session.rollback()  # learning takes seconds: nothing is to be held open meanwhile
    weights = taught(evidence() + examples)
    if weights is None:
        return
    spam = sum(is_spam for _text, is_spam in examples)
    row = Learned(decisions=len(examples), weights=weights, facts={"seen": seen, "spam": spam})
    db.session.add(row)
    db.session.flush()
    db.session.execute(delete(Learned).where(Learned.id <= row.id - KEPT))
    db.session.commit()


def seen_last() -> int | None:
    """The decision up to which the last lesson went."""
    last = db.session.scalar(select(Learned.facts).order_by(Learned.id.desc()).limit(1))
    return last["seen"] if last else None


def newest_decision() -> int:
    return db.session.scalar(select(func.max(ModerationLog.id)).where(ModerationLog.act == Act.MOVED)) or 0


def taught(examples: list[tuple[str, bool]]) -> bytes | None:
    """The weights that these examples teach, packed; None where the process was ended before."""
    order = {"texts": [text for text, _ in examples], "spam": [is_spam for _, is_spam in examples]}
    command = [sys.executable, "-I", "-c", BEGIN, str(PACKAGE), *sys.path]
    try:
        done = subprocess.run(  # noqa: S603 — our own program
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            env=ENVIRONMENT,
            timeout=TIME_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        log.warning("Learning from the moderators' decisions took longer than %d seconds.", TIME_S)
        return None
    except subprocess.CalledProcessError as error:
        log.warning("Learning from the moderators' decisions failed: %s", error.stderr.decode()[-2000:])
        return None
    return done.stdout
