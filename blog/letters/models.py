"""Who follows what, and how often a moderator wants to hear."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person
from blog.comments.models import Comment
from blog.db import Base, named, now
from blog.posts.models import Post


class Follow(Base):
    """An address that wants to hear of new comments: under a post, or below one comment of it.

    Nothing is sent before `confirmed_at`.
    """

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("email", "post_id", "comment_id"),
        Index(  # to SQL two that follow the whole post differ, because NULL equals nothing
            "ix_follow_whole_post",
            "email",
            "post_id",
            unique=True,
            sqlite_where=text("comment_id IS NULL"),
            postgresql_where=text("comment_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None]

    post: Mapped[Post] = relationship()
    comment: Mapped[Comment | None] = relationship()


class Silence(Base):
    """An address whose owner wants no letters about replies, whoever asks for them."""

    __tablename__ = "silence"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)


class Rhythm(StrEnum):
    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


class Digest(Base):
    """How often a moderator is told what waits, and up to which comment that was done."""

    __tablename__ = "digest"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(named(Rhythm), default=Rhythm.HOURLY)
    sent_at: Mapped[datetime | None]
    last_comment_id: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()
