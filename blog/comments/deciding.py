"""Deciding on comments while others decide too, and taking back what one has decided."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import StaleDataError

from blog.accounts.models import Person
from blog.comments.commenters import Commenter, Standing
from blog.comments.models import Comment
from blog.comments.moderation import (
    Act,
    ModerationLog,
    close_reports,
    decides_on_people,
    entry_about,
    move,
    reopen_reports,
    visible_to,
)
from blog.comments.verdict import Status
from blog.db import db, now
from blog.posts.models import Post

TRIES = 8  # others can come first only so often

Result = TypeVar("Result")


class Kind(StrEnum):
    """How an act ended: done; it was so already; or the comment had changed since the moderator saw it."""

    DONE = "done"
    ALREADY = "already"
    CHANGED = "changed"


@dataclass(frozen=True)
class Outcome:
    """What became of one act. `entry`: the act, or where somebody came first, theirs; else None."""

    kind: Kind
    comment: Comment | None
    entry: ModerationLog | None


def settled(act: Callable[[], Result]) -> Result:
    """Do and commit; where somebody else was quicker in between, look again and do it anew.

    The database may also say that it waited in vain for others who write (SQLite), or that two waited for
    each other (PostgreSQL).
    """
    for left in reversed(range(TRIES)):
        try:
            result = act()
            db.session.commit()
        except (StaleDataError, IntegrityError, OperationalError):
            db.session.rollback()
            if not left:
                raise
        else:
            return result
    raise AssertionError("unreachable")


def decide(wanted: Mapping[int, int | None], to: Status, by: Person, why: str = "") -> list[Outcome]:
    """Move comments to a status together, and commit. Those that this person does not see are left out.

    `wanted` maps their numbers to the versions that the moderator saw; None: whatever it is now.
    """
    return settled(partial(decide_now, wanted, to, by, why))


def decide_now(wanted: Mapping[int, int | None], to: Status, by: Person, why: str) -> list[Outcome]:
    """The same, without the commit."""
    batch = secrets.token_hex(8) if len(wanted) > 1 else None
    found = locked(visible_to(by), Comment.id.in_(wanted))
    return [decide_one(comment, wanted[comment.id], to, by, why, batch) for comment in found]


def decide_one(
    comment: Comment, version: int | None, to: Status, by: Person, why: str, batch: str | None
) -> Outcome:
    if comment.status is to and to is Status.APPROVED and (closed := close_reports(comment, by)):
        detail = {"reports": closed}
        entry = entry_about(comment, Act.REPORTS_CLOSED, by, why=why, detail=detail, batch=batch)
        return Outcome(Kind.DONE, comment, entry)
    if comment.status is to:
        return Outcome(Kind.ALREADY, comment, last_change(comment, ModerationLog.after == to))
    if has_changed(comment, version):
        return Outcome(Kind.CHANGED, comment, last_change(comment))
    return Outcome(Kind.DONE, comment, move(comment, to, by, why, batch))


def has_changed(comment: Comment, version: int | None) -> bool:
    return version is not None and version != comment.version


def locked(*which: ColumnElement[bool]) -> list[Comment]:
    """These comments as they are now, in the order of their numbers; their posts are locked in order too."""
    posts = select(Post.id).where(Post.id.in_(select(Comment.post_id).where(*which)))
    db.session.execute(posts.order_by(Post.id).with_for_update(key_share=True)).all()
    rows = select(Comment).where(*which).order_by(Comment.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def keep(comment_id: int, version: int | None, by: Person, why: str = "") -> Outcome | None:
    """Close the reports on a comment that may stand, and commit; None where this person does not see it."""
    return settled(partial(keep_now, comment_id, version, by, why))


def keep_now(comment_id: int, version: int | None, by: Person, why: str) -> Outcome | None:
    for comment in locked(visible_to(by), Comment.id == comment_id):
        if has_changed(comment, version):
            return Outcome(Kind.CHANGED, comment, last_change(comment))
        closed = close_reports(comment, by)
        if not closed:
            return Outcome(Kind.ALREADY, comment, last_act(ModerationLog.comment_id == comment.id))
        entry = entry_about(comment, Act.REPORTS_CLOSED, by, why=why, detail={"reports": closed})
        return Outcome(Kind.DONE, comment, entry)
    return None


def edit(comment_id: int, version: int, text: str, by: Person, why: str = "") -> Outcome | None:
    """Change the words, mark them as edited, log those before, and commit; None as in `keep`."""
    return settled(partial(edit_now, comment_id, version, text, by, why))


def edit_now(comment_id: int, version: int, text: str, by: Person, why: str) -> Outcome | None:
    for comment in locked(visible_to(by), Comment.id == comment_id):
        before = comment.text
        if has_changed(comment, version):
            return Outcome(Kind.CHANGED, comment, last_change(comment))
        if before == text.strip():
            return Outcome(Kind.ALREADY, comment, None)
        edited_at = comment.edited_at
        comment.set_text(text)
        comment.edited_at = now()
        detail = {"text": before, "became": comment.text, "edited_at": iso(edited_at)}
        return Outcome(Kind.DONE, comment, entry_about(comment, Act.EDITED, by, why=why, detail=detail))
    return None


# ---- taking back


def undo_last(by: Person) -> list[Outcome]:
    """Take back the last act of this person that still stands, with all that was done by the same click."""
    return settled(lambda: undo_now(last_act(ModerationLog.moderator_id == by.id, may_undo(by)), by))


def undo_entry(entry_id: int, by: Person) -> list[Outcome]:
    """Take back an act of this person, where it still stands, with all that was done by the same click."""
    mine = ModerationLog.id == entry_id, ModerationLog.moderator_id == by.id, may_undo(by)
    return settled(lambda: undo_now(last_act(*mine), by))


def undo_on(comment_id: int, by: Person) -> list[Outcome]:
    """Take back the last act on a comment, whoever did it, and not what was done to others with it."""
    return settled(lambda: undo_on_now(comment_id, by))


def undo_on_now(comment_id: int, by: Person) -> list[Outcome]:
    seen = locked(visible_to(by), Comment.id == comment_id)
    last = last_act(ModerationLog.comment_id == comment_id) if seen else None
    return [taken_back(last, by, None)] if last else []


def undo_now(last: ModerationLog | None, by: Person) -> list[Outcome]:
    if last is None:
        return []
    entries = together(last, by)
    numbers = [entry.comment_id for entry in entries]
    locked(Comment.id.in_([number for number in numbers if number]))
    batch = secrets.token_hex(8) if len(entries) > 1 else None
    return [taken_back(entry, by, batch) for entry in entries]


def may_undo(by: Person) -> ColumnElement[bool]:
    """Who was a moderator when it was done, and is an author now, no longer reaches all of it."""
    if decides_on_people(by):
        return true()
    return ModerationLog.comment_id.in_(select(Comment.id).where(visible_to(by)))


def together(entry: ModerationLog, by: Person) -> list[ModerationLog]:
    """The acts of one click that still stand."""
    if entry.batch is None:
        return [entry]
    same = select(ModerationLog).where(ModerationLog.batch == entry.batch, may_undo(by), *still_stands())
    return list(db.session.scalars(same.order_by(ModerationLog.comment_id)))


def still_stands() -> tuple[ColumnElement[bool], ...]:
    """What can be taken back: an act on what is still there, that undid nothing itself and is not undone."""
    later = aliased(ModerationLog)
    on_comments = ModerationLog.act.in_([Act.MOVED, Act.EDITED, Act.REPORTS_CLOSED])
    on_people = ModerationLog.act.in_([Act.TRUSTED, Act.BLOCKED, Act.STANDING_CLEARED])
    return (
        (on_comments & ModerationLog.comment_id.is_not(None))
        | (on_people & ModerationLog.commenter_id.is_not(None)),
        ModerationLog.undoes_id.is_(None),
        ~exists().where(later.undoes_id == ModerationLog.id),
    )


def last_act(*which: ColumnElement[bool]) -> ModerationLog | None:
    """The last of these acts that can still be taken back."""
    return db.session.scalar(
        select(ModerationLog).where(*which, *still_stands()).order_by(ModerationLog.id.desc()).limit(1)
    )


def last_change(comment: Comment, *which: ColumnElement[bool]) -> ModerationLog | None:
    """What was last done to a comment, undoing included."""
    return db.session.scalar(
        select(ModerationLog)
        .where(ModerationLog.comment_id == comment.id, *which)
        .order_by(ModerationLog.id.desc())
        .limit(1)
    )


def taken_back(entry: ModerationLog, by: Person, batch: str | None) -> Outcome:
    """Give back what was before this act, unless somebody did something else since."""
    if entry.comment_id is None:
        return standing_taken_back(entry, by)
    comment = db.session.get_one(Comment, entry.comment_id)
    same_kind = ModerationLog.comment_id == comment.id, ModerationLog.act == entry.act
    later = last_act(*same_kind)
    if later is not entry or is_otherwise(comment, entry):
        return Outcome(Kind.CHANGED, comment, last_change(comment))
    return Outcome(Kind.DONE, comment, UNDO[entry.act](entry, comment, by, batch))


def is_otherwise(comment: Comment, entry: ModerationLog) -> bool:
    """Whether the comment is no longer as this act left it."""
    if entry.act is Act.MOVED:
        return comment.status is not entry.after
    return entry.act is Act.EDITED and comment.text != (entry.detail or {}).get("became")


def moved_back(entry: ModerationLog, comment: Comment, by: Person, batch: str | None) -> ModerationLog | None:
    detail = entry.detail or {}
    if "rejected_at" in detail and comment.commenter:
        comment.commenter.rejected_at = instant(detail["rejected_at"])
    done = move(comment, entry.before or Status.PENDING, by, batch=batch, undoes=entry)
    reopen_reports(detail.get("reports", []))
    return done


def text_given_back(
    entry: ModerationLog, comment: Comment, by: Person, batch: str | None
) -> ModerationLog | None:
    detail = entry.detail or {}
    swapped = {"text": comment.text, "became": detail["text"]}
    comment.set_text(detail["text"])
    comment.edited_at = instant(detail["edited_at"])
    return entry_about(comment, Act.EDITED, by, detail=swapped, batch=batch, undoes_id=entry.id)


def reports_reopened(
    entry: ModerationLog, comment: Comment, by: Person, batch: str | None
) -> ModerationLog | None:
    reopen_reports((entry.detail or {}).get("reports", []))
    return entry_about(comment, Act.REPORTS_CLOSED, by, batch=batch, undoes_id=entry.id)


UNDO = {Act.MOVED: moved_back, Act.EDITED: text_given_back, Act.REPORTS_CLOSED: reports_reopened}


# ---- what is thought of people

STANDING_OF = {
    Act.TRUSTED: Standing.TRUSTED,
    Act.BLOCKED: Standing.BLOCKED,
    Act.STANDING_CLEARED: Standing.PLAIN,
}
ACT_FOR = {standing: act for act, standing in STANDING_OF.items()}


def give_standing(commenter: Commenter, to: Standing, by: Person, why: str = "") -> Outcome:
    """Trust or block a commenter, or neither. Does not commit."""
    before = commenter.standing
    if before is to:
        return Outcome(Kind.ALREADY, None, None)
    commenter.standing = to
    return Outcome(
        Kind.DONE, None, entry_on(commenter, ACT_FOR[to], by, why=why, detail={"standing": before.value})
    )


def entry_on(commenter: Commenter, act: Act, by: Person, **more: object) -> ModerationLog:
    entry = ModerationLog(
        act=act,
        commenter_id=commenter.id,
        about=commenter.name[:200],
        moderator_id=by.id,
        moderator_name=by.name,
        **more,
    )
    db.session.add(entry)
    return entry


def standing_taken_back(entry: ModerationLog, by: Person) -> Outcome:
    commenter = db.session.get_one(Commenter, entry.commenter_id)
    if commenter.standing is not STANDING_OF[entry.act]:
        return Outcome(Kind.CHANGED, None, None)
    before = Standing((entry.detail or {})["standing"])
    detail = {"standing": commenter.standing.value}
    commenter.standing = before
    done = entry_on(commenter, ACT_FOR[before], by, detail=detail, undoes_id=entry.id)
    return Outcome(Kind.DONE, None, done)


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
