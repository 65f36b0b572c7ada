"""Comments and the log of what moderators did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, func, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person, Role
from blog.comments.verdict import Verdict
from blog.db import Base, db, named, now
from blog.posts.models import Post

DEEPEST_DRAWN = 4
KEY_WIDTH = 8  # base 36: enough for 2.8 million million comments


class Status(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    REJECTED = "rejected"


class Comment(Base):
    """What a reader wrote under a post.

    `thread_key` is the key of the comment above followed by its own, so that ordering by it lists a thread
    from top to bottom in one query.
    """

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_post_id_status", "post_id", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    depth: Mapped[int] = mapped_column(default=0)
    thread_key: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(named(Status), default=Status.PENDING, index=True)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)

    post: Mapped[Post] = relationship()
    parent: Mapped[Comment | None] = relationship(remote_side=[id])

    @property
    def readers_see_it(self) -> bool:
        """Whether readers could see a change of this comment: it is approved, or was until now."""
        history = db.inspect(self).attrs.status.history
        return Status.APPROVED in (self.status, *(history.deleted or ()))

    @property
    def is_shown(self) -> bool:
        """Approved, and the whole line above it too."""
        row: Comment | None = self
        while row and row.status is Status.APPROVED:
            row = row.parent
        return row is None

    @property
    def drawn_depth(self) -> int:
        return min(self.depth, DEEPEST_DRAWN)

    @property
    def is_by_author(self) -> bool:
        return self.person_id is not None and self.person_id == self.post.author_id

    def move(self, to: Status, by: Person) -> ModerationLog | None:
        """Change the status, and write who did it. None where there is nothing to change."""
        if to is self.status:
            return None
        entry = ModerationLog(
            comment_id=self.id, moderator_id=by.id, moderator_name=by.name, before=self.status, after=to
        )
        self.status = to
        db.session.add(entry)
        return entry

    def approve(self, by: Person) -> ModerationLog | None:
        return self.move(Status.APPROVED, by)

    def reject(self, by: Person) -> ModerationLog | None:
        return self.move(Status.REJECTED, by)

    def mark_spam(self, by: Person) -> ModerationLog | None:
        return self.move(Status.SPAM, by)

    def undo(self, by: Person) -> ModerationLog | None:
        """Give back the status before the last change. None where nothing was ever changed."""
        last = db.session.scalar(
            select(ModerationLog)
            .where(ModerationLog.comment_id == self.id)
            .order_by(ModerationLog.id.desc())
            .limit(1)
        )
        return self.move(last.before, by) if last else None


class ModerationLog(Base):
    """One act of moderation. Rows are only ever added."""

    __tablename__ = "moderation_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    moderator_name: Mapped[str] = mapped_column(String(120))
    before: Mapped[Status] = mapped_column(named(Status))
    after: Mapped[Status] = mapped_column(named(Status))
    at: Mapped[datetime] = mapped_column(default=now)


def base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out.rjust(KEY_WIDTH, "0")


def add_comment(
    post: Post,
    parent: Comment | None,
    name: str,
    email: str,
    text: str,
    verdict: Verdict,
    person: Person | None = None,
) -> Comment:
    """Keep a new comment in its thread, not yet committed. People with an account need no approval."""
    status = Status.APPROVED if person else Status.SPAM if verdict.is_spam else Status.PENDING
    comment = Comment(
        post=post,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        person_id=person.id if person else None,
        name=name.strip(),
        email=email.strip(),
        text=text.strip(),
        status=status,
        reasons=list(verdict.reasons),
    )
    db.session.add(comment)
    db.session.flush()
    comment.thread_key = (parent.thread_key if parent else "") + base36(comment.id)
    return comment


def thread(post_id: int) -> list[Comment]:
    """The approved comments of a post whose whole line above is approved too, from top to bottom."""
    rows = db.session.scalars(
        select(Comment)
        .where(Comment.post_id == post_id, Comment.status == Status.APPROVED)
        .order_by(Comment.thread_key)
    ).all()
    shown: set[int] = set()
    for row in rows:
        if row.parent_id is None or row.parent_id in shown:
            shown.add(row.id)
    return [row for row in rows if row.id in shown]


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
