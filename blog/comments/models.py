"""Comments in their threads: what is kept of them, where they stand, and which of them readers see."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, bindparam, exists, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import (
    Mapped,
    aliased,
    joinedload,
    lazyload,
    load_only,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from blog.accounts.models import Person
from blog.comments.commenters import Commenter
from blog.comments.text import clean_text, to_html
from blog.comments.verdict import Status, Verdict, hash_of
from blog.db import NEVER_AGAIN, Base, db, named, now
from blog.photos.models import Photo
from blog.posts.models import Post, PostPhoto

DEEPEST_DRAWN = 4
KEY_WIDTH = 8  # base 36: enough for 2.8 million million comments
LONGEST_KEY = 40 * KEY_WIDTH  # what answers deeper than this stands below it by age: an index has its bounds

TRACED = sql("(address_hash IS NOT NULL OR network_hash IS NOT NULL OR user_agent <> '')")
"""Where a comment came from is still kept."""
UNTOLD = sql("told_at IS NULL")


class Comment(Base):
    """What a reader wrote under a post.

    `thread_key` is the key of the comment above followed by its own, so that ordering by it lists a thread
    from top to bottom in one query. `is_shown` says whether readers see it: it is approved, and all above it
    too. `version` changes with every change: who acts on what they saw some time ago must name it. `region`
    is the spot of the photo that it is about: x, y, width and height as parts of the upright picture.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_post_id_status", "post_id", "status"),
        Index("ix_comment_thread", "post_id", "is_shown", "depth", "id"),
        Index("ix_comment_branch", "root_id", "is_shown", "thread_key"),
        Index("ix_comment_queue", "status", "id"),
        Index("ix_comment_traced", "created_at", sqlite_where=TRACED, postgresql_where=TRACED),
        Index("ix_comment_trust", "commenter_id", "is_confirmed", "status"),
        Index("ix_comment_untold", "is_shown", "id", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    depth: Mapped[int] = mapped_column(default=0)
    thread_key: Mapped[str] = mapped_column(Text, default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id", ondelete="SET NULL"), index=True)
    region: Mapped[list[float] | None] = mapped_column(JSON)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    commenter_id: Mapped[int | None] = mapped_column(ForeignKey("commenter.id", ondelete="SET NULL"))
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    """Whether the writer has shown to read the mail of that address."""
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254), index=True)
    website: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    text_hash: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """The same for texts that differ in nothing but capitals, spaces and the like; None for a short one."""
    status: Mapped[Status] = mapped_column(named(Status), default=Status.PENDING)
    is_shown: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    address_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    network_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    origin: Mapped[str | None] = mapped_column(String(120), unique=True)
    """Where an imported one came from, e.g. `disqus:123`: a second import finds it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When those who follow were told of it."""
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    post: Mapped[Post] = relationship()
    parent: Mapped[Comment | None] = relationship(remote_side=[id], foreign_keys=[parent_id], viewonly=True)
    photo: Mapped[Photo | None] = relationship()
    shown_photo: Mapped[Photo | None] = relationship(
        secondary=PostPhoto.__table__,
        primaryjoin=lambda: (Comment.post_id == PostPhoto.post_id) & (Comment.photo_id == PostPhoto.photo_id),
        secondaryjoin=lambda: (PostPhoto.photo_id == Photo.id) & Photo.binned_at.is_(None),
        viewonly=True,
        uselist=False,
    )
    """Its photo, for as long as the post shows it. Lists load it by `with_spots`."""
    commenter: Mapped[Commenter | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 — what SQLAlchemy reads

    @property
    def readers_see_it(self) -> bool:
        """Whether readers could see a change of this comment: it is approved, or was until now."""
        history = db.inspect(self).attrs.status.history
        return Status.APPROVED in (self.status, *(history.deleted or ()))

    @property
    def drawn_depth(self) -> int:
        return min(self.depth, DEEPEST_DRAWN)

    @property
    def is_by_author(self) -> bool:
        return self.person_id is not None and self.person_id == self.post.author_id

    @property
    def website_link(self) -> str | None:
        """Where the writer's name leads."""
        return self.website if self.website.startswith(("https://", "http://")) else None

    def set_text(self, text: str) -> None:
        """Keep what was written, and draw it once."""
        self.text = clean_text(text)
        self.html = to_html(self.text)
        self.text_hash = hash_of(self.text)

    def set_status(self, status: Status) -> None:
        """Another status, and with it what readers see of this comment and of those below it."""
        self.status, self.moved_at = status, now()
        self.settle()

    def settle(self) -> None:
        """Write down whether readers see this comment, and those below it, in the present transaction.

        The post's row is locked meanwhile: two comments of a thread that are approved at the same time must
        see each other. It is locked before the comment's own row, as by everybody who changes several.
        """
        with db.session.no_autoflush:
            db.session.execute(select(Post.id).where(Post.id == self.post_id).with_for_update(key_share=True))
        db.session.flush()
        above = aliased(Comment)
        is_below_shown = exists().where(above.id == Comment.parent_id, above.is_shown)
        eligible = select(Comment.id).where(
            Comment.id == self.id,
            Comment.status == Status.APPROVED,
            Comment.parent_id.is_(None) | is_below_shown,
        )
        shown = db.session.scalar(eligible) is not None
        branch = select(Comment.id).where(Comment.id == self.id).cte("branch", recursive=True)
        below = select(Comment.id).join(branch, Comment.parent_id == branch.c.id)
        branch = branch.union_all(below.where(Comment.status == Status.APPROVED) if shown else below)
        db.session.execute(
            update(Comment)
            .where(Comment.id.in_(select(branch.c.id)), Comment.is_shown.is_(not shown))
            .values(is_shown=shown)
            .execution_options(synchronize_session=False)
        )
        db.session.expire(self, ["is_shown"])

    def erase(self) -> None:
        """Forget who wrote it and what, for good: with answers below an empty place stays, else nothing."""
        db.session.flush()
        self.hold()
        if not db.session.scalar(select(exists().where(Comment.parent_id == self.id))):
            db.session.delete(self)
            return
        self.name = self.email = self.website = self.text = self.html = self.user_agent = ""
        self.address_hash = self.network_hash = self.text_hash = self.region = self.photo_id = None
        self.person_id = self.commenter_id = None
        self.reasons = []
        self.erased_at = now()

    def hold(self) -> None:
        """Let nobody answer or change this comment until the present transaction ends.

        SQLite has one writer at a time, and is one from here on; PostgreSQL keeps the row locked.
        """
        if db.engine.dialect.name == "sqlite":
            unchanged = update(Comment).where(Comment.id == self.id).values(root_id=Comment.root_id)
            db.session.execute(unchanged.execution_options(synchronize_session=False))
        db.session.refresh(self, with_for_update=True)


def base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out.rjust(KEY_WIDTH, "0")


PLACE = (
    update(Comment)
    .where(Comment.id == bindparam("number"))
    .values(root_id=bindparam("root_id"), thread_key=bindparam("thread_key"))
)


def key_of(number: int, above: str = "") -> str:
    """The key of the comment of a number, below the one of the key `above`."""
    return above[: LONGEST_KEY - KEY_WIDTH] + base36(number)


def add_comment(
    post: Post,
    parent: Comment | None,
    name: str,
    email: str,
    text: str,
    verdict: Verdict,
    person: Person | None = None,
    **more: object,
) -> Comment:
    """Keep a new comment in its thread, not yet committed. People with an account need no approval.

    `more` are other columns, e.g. `website`, `photo_id` and `region`, `created_at`.
    """
    status = Status.APPROVED if person else verdict.status
    comment = Comment(
        post=post,
        parent_id=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
        person_id=person.id if person else None,
        name=name.strip(),
        email=email.strip(),
        status=status,
        is_shown=status is Status.APPROVED and (parent is None or parent.is_shown),
        reasons=list(verdict.reasons),
        **more,
    )
    comment.set_text(text)
    db.session.add(comment)
    db.session.flush()
    place = {
        "root_id": parent.root_id if parent else comment.id,
        "thread_key": key_of(comment.id, parent.thread_key if parent else ""),
    }
    # Not through the session: this is what every comment waits for while it holds the right to write.
    db.session.connection().execute(PLACE, place | {"number": comment.id})
    for column, value in place.items():
        set_committed_value(comment, column, value)
    return comment


def with_spots() -> ORMOption:
    """Loads with comments what `spot_of` needs of their photos, in the same query."""
    needed = load_only(Photo.media_key, Photo.widths, Photo.width, Photo.height, Photo.state, Photo.format)
    return joinedload(Comment.shown_photo).options(needed, lazyload(Photo.clip))
