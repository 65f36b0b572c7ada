"""What moderators do to comments, and the log of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, Text, func, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person, Role
from blog.comments.models import Comment
from blog.comments.trust import note_decision
from blog.comments.verdict import Status
from blog.db import Base, db, named, now
from blog.posts.models import Post


class Act(StrEnum):
    """What can be done, as the log says it."""

    MOVED = "moved"
    EDITED = "edited"
    REPORTS_CLOSED = "reports_closed"
    TRUSTED = "trusted"
    BLOCKED = "blocked"
    STANDING_CLEARED = "standing_cleared"
    ERASED = "erased"
    RULES_CHANGED = "rules_changed"


class ModerationLog(Base):
    """One act of moderation. Rows are only ever added.

    `about` names what it was done to, for when that is gone; `detail` holds what the act replaced.
    """

    __tablename__ = "moderation_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[Act] = mapped_column(named(Act), default=Act.MOVED)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    commenter_id: Mapped[int | None] = mapped_column(
        ForeignKey("commenter.id", ondelete="SET NULL"), index=True
    )
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    about: Mapped[str] = mapped_column(String(200), default="")
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    moderator_name: Mapped[str] = mapped_column(String(120))
    before: Mapped[Status | None] = mapped_column(named(Status))
    after: Mapped[Status | None] = mapped_column(named(Status))
    why: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(default=now)


class Report(Base):
    """A reader says that a comment should not stand there. It joins the queue until a moderator closes it."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(500), default="")
    address_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    comment: Mapped[Comment] = relationship()


def move(comment: Comment, to: Status, by: Person, why: str = "") -> ModerationLog | None:
    """Change the status, and write who did it. None where there is nothing to change."""
    if to is comment.status:
        return None
    entry = ModerationLog(
        comment_id=comment.id,
        commenter_id=comment.commenter_id,
        post_id=comment.post_id,
        about=f"{comment.name}: {comment.text}"[:200],
        moderator_id=by.id,
        moderator_name=by.name,
        before=comment.status,
        after=to,
        why=why,
    )
    comment.set_status(to)
    note_decision(comment, to)
    db.session.add(entry)
    return entry


def undo(comment: Comment, by: Person) -> ModerationLog | None:
    """Give back the status before the last change. None where nothing was ever changed."""
    last = db.session.scalar(
        select(ModerationLog)
        .where(ModerationLog.comment_id == comment.id, ModerationLog.act == Act.MOVED)
        .order_by(ModerationLog.id.desc())
        .limit(1)
    )
    return move(comment, last.before, by) if last and last.before else None


def visible_to(person: Person) -> ColumnElement[bool]:
    """Moderators and the owner see every comment, authors those under their own posts."""
    own = select(Post.id).where(Post.author_id == person.id)
    return Comment.post_id.in_(own) if person.role is Role.AUTHOR else true()


def counts(person: Person) -> dict[Status, int]:
    """How many of the comments that this person sees each status has."""
    rows = db.session.execute(
        select(Comment.status, func.count()).where(visible_to(person)).group_by(Comment.status)
    ).all()
    return dict.fromkeys(Status, 0) | {row[0]: row[1] for row in rows}
