"""What moderators do to comments, and the log of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    and_,
    event,
    func,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person, Role
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import Base, db, named, now
from blog.posts.models import Post

MOST_COUNTED = 10_000  # more are told as "10,000+": a count must not read a million rows


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


class Tab(StrEnum):
    """A part of the queue: a status, or what readers have reported."""

    PENDING = "pending"
    REPORTED = "reported"
    APPROVED = "approved"
    SPAM = "spam"
    REJECTED = "rejected"


class ModerationLog(Base):
    """One act of moderation. Rows are only ever added, which the database holds; `forget` takes words out.

    `about` names what it was done to, for when that is gone; `detail` holds what the act replaced. Acts of
    one click on many comments share a `batch`. An act that takes another back names it in `undoes_id`.
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
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    moderator_name: Mapped[str] = mapped_column(String(120))
    before: Mapped[Status | None] = mapped_column(named(Status))
    after: Mapped[Status | None] = mapped_column(named(Status))
    why: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    batch: Mapped[str | None] = mapped_column(String(32), index=True)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_log.id"), unique=True)
    at: Mapped[datetime] = mapped_column(default=now)


@event.listens_for(ModerationLog, "before_update")
@event.listens_for(ModerationLog, "before_delete")
def refuse(_mapper: object, _connection: object, _entry: ModerationLog) -> None:
    raise RuntimeError("Rows of the log are only ever added.")


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


def entry_about(comment: Comment, act: Act, by: Person, **more: Any) -> ModerationLog:
    """A row of the log for what is done to a comment, added to the session."""
    entry = ModerationLog(
        act=act,
        comment_id=comment.id,
        commenter_id=comment.commenter_id,
        post_id=comment.post_id,
        about=f"{comment.name}: {comment.text}"[:200],
        moderator_id=by.id,
        moderator_name=by.name,
        **more,
    )
    db.session.add(entry)
    return entry


def move(
    comment: Comment,
    to: Status,
    by: Person,
    why: str = "",
    batch: str | None = None,
    undoes: ModerationLog | None = None,
) -> ModerationLog | None:
    """Change the status, and write who did it. None where there is nothing to change.

    A verdict closes the reports on the comment, and one against it takes back the trust in its writer.
    """
    before = comment.status
    if to is before:
        return None
    detail: dict[str, Any] = {}
    comment.set_status(to)
    if undoes is None and to is not Status.PENDING and (closed := close_reports(comment, by)):
        detail["reports"] = closed
    is_against = to in (Status.SPAM, Status.REJECTED)
    if undoes is None and is_against and comment.is_confirmed and comment.commenter_id:
        detail["rejected_at"] = note_rejection(comment.commenter_id)
    return entry_about(
        comment,
        Act.MOVED,
        by,
        before=before,
        after=to,
        why=why,
        detail=detail or None,
        batch=batch,
        undoes_id=undoes.id if undoes else None,
    )


def note_rejection(commenter_id: int) -> str | None:
    """Write down that the commenter was just rejected; when it was before, in ISO 8601."""
    commenter = db.session.get_one(Commenter, commenter_id)
    before, commenter.rejected_at = commenter.rejected_at, now()
    return before.isoformat() if before else None


def close_reports(comment: Comment, by: Person) -> list[int]:
    """Close the open reports on a comment: their numbers."""
    still_open = Report.comment_id == comment.id, Report.closed_at.is_(None)
    return list(
        db.session.scalars(
            update(Report)
            .where(*still_open)
            .values(closed_at=now(), closed_by_id=by.id)
            .returning(Report.id)
            .execution_options(synchronize_session=False)
        )
    )


def reopen_reports(numbers: list[int]) -> None:
    db.session.execute(
        update(Report)
        .where(Report.id.in_(numbers))
        .values(closed_at=None, closed_by_id=None)
        .execution_options(synchronize_session=False)
    )


def is_reported() -> ColumnElement[bool]:
    """Whether readers reported the comment, and nobody has looked at it since."""
    return Comment.id.in_(select(Report.comment_id).where(Report.closed_at.is_(None)))


def forget(comment_ids: Collection[int] = (), commenter_id: int | None = None) -> None:
    """Take what readers wrote out of the log, for those who ask to be erased; who did what and when stays."""
    about_them: ColumnElement[bool] = ModerationLog.comment_id.in_(comment_ids)
    if commenter_id:
        about_them = or_(about_them, ModerationLog.commenter_id == commenter_id)
    db.session.execute(
        update(ModerationLog)
        .where(about_them)
        .values(about="", why="", detail=null())
        .execution_options(synchronize_session=False)
    )


def visible_to(person: Person) -> ColumnElement[bool]:
    """Moderators and the owner see every comment, authors those under their own posts."""
    own = select(Post.id).where(moderated_by(person))
    return Comment.post_id.in_(own) if person.role is Role.AUTHOR else true()


def moderated_by(person: Person) -> ColumnElement[bool]:
    """Whether a post is one whose comments this person sees."""
    return Post.author_id == person.id if person.role is Role.AUTHOR else true()


def decides_on_people(person: Person) -> bool:
    """Whether this person may trust, block and erase commenters, and say what nobody may send: all of it
    counts under everybody's posts."""
    return person.role in (Role.MODERATOR, Role.OWNER)


def within(tab: Tab) -> ColumnElement[bool]:
    """Whether a comment stands in this part of the queue."""
    if tab is Tab.REPORTED:
        return is_reported()
    stands = Comment.status == Status(tab.value)
    return stands if tab is Tab.PENDING else and_(stands, Comment.erased_at.is_(None))


def counts(person: Person, *tabs: Tab) -> dict[str, int]:
    """How many of the comments that this person sees stand in each part of the queue, one more than
    `MOST_COUNTED` at most. Without `tabs`, all of them."""
    wanted = tabs or tuple(Tab)
    numbers = [
        select(func.count())
        .select_from(
            select(Comment.id).where(visible_to(person), within(tab)).limit(MOST_COUNTED + 1).subquery()
        )
        .scalar_subquery()
        for tab in wanted
    ]
    return dict(zip((tab.value for tab in wanted), db.session.execute(select(*numbers)).one(), strict=True))
