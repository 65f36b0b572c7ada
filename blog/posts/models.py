"""Posts, every saved text of theirs, and the photos they use."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person
from blog.db import Base, db, named, now
from blog.photos.models import Photo
from blog.posts.markup import Document, parse
from blog.trips.models import Trip
from blog.web.slugs import free_slug


class PostStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Post(Base):
    """A trip report. Its text is the thing itself; everything shown is made from it."""

    __tablename__ = "post"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    trip_id: Mapped[int | None] = mapped_column(ForeignKey("trip.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    dek: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    day_number: Mapped[int | None]
    lead_photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"), index=True)
    status: Mapped[PostStatus] = mapped_column(named(PostStatus), default=PostStatus.DRAFT, index=True)
    minutes: Mapped[int] = mapped_column(default=1)
    photo_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    saved_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None] = mapped_column(index=True)

    author: Mapped[Person] = relationship()
    trip: Mapped[Trip | None] = relationship()
    lead_photo: Mapped[Photo | None] = relationship()

    @property
    def is_published(self) -> bool:
        return self.status is PostStatus.PUBLISHED

    @property
    def version(self) -> str:
        """What an editor must name to save over this text: another save in between changes it."""
        words = "\x1f".join([self.title, self.dek, self.text, str(self.day_number), str(self.trip_id)])
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def document(self) -> Document:
        return parse(self.text)

    def save_text(self, title: str, dek: str, text: str, by: Person) -> None:
        """Keep a text, and the one before it as a revision."""
        self.title, self.dek = title.strip(), dek.strip()
        self.text = text.replace("\r\n", "\n")
        self.saved_at = now()
        db.session.flush()
        db.session.add(
            Revision(post_id=self.id, title=self.title, dek=self.dek, text=self.text, saved_by_id=by.id)
        )
        self.use_photos()

    def use_photos(self) -> None:
        """Note which photos the text shows, in its order, and which one leads."""
        document = self.document()
        ids = known_photos(document.photo_ids)
        db.session.execute(delete(PostPhoto).where(PostPhoto.post_id == self.id))
        db.session.add_all(
            PostPhoto(post_id=self.id, photo_id=photo_id, position=position)
            for position, photo_id in enumerate(ids)
        )
        if self.lead_photo_id not in ids:
            self.lead_photo_id = leading(ids)
        self.minutes, self.photo_count = document.minutes, len(ids)

    def publish(self) -> None:
        """Show it to readers. Raises `ValueError` in plain words where something is missing."""
        if not self.title:
            raise ValueError("Give the post a title first.")
        if not self.text.strip():
            raise ValueError("Write a few words first: an empty post has nothing to show.")
        self.status = PostStatus.PUBLISHED
        self.published_at = self.published_at or now()

    def withdraw(self) -> None:
        """Take it from readers; its words and replies stay."""
        self.status = PostStatus.DRAFT


class Revision(Base):
    """A text as it was once saved."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    dek: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime] = mapped_column(default=now)


class PostPhoto(Base):
    """A photo that a post shows, at its position in the text."""

    __tablename__ = "post_photo"
    __table_args__ = (UniqueConstraint("post_id", "photo_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]


def known_photos(ids: tuple[int, ...]) -> list[int]:
    """Those of `ids` that exist, in their order."""
    if not ids:
        return []
    known = set(db.session.scalars(select(Photo.id).where(Photo.id.in_(ids))))
    return [photo_id for photo_id in ids if photo_id in known]


def leading(ids: list[int]) -> int | None:
    """The first of these photos that is wider than high, else the first: covers are wide."""
    if not ids:
        return None
    wide = set(db.session.scalars(select(Photo.id).where(Photo.id.in_(ids), Photo.width > Photo.height)))
    return next((photo_id for photo_id in ids if photo_id in wide), ids[0])


def create_post(title: str, author: Person, trip: Trip | None) -> Post:
    """A new draft with an address of its own, not yet committed."""

    def is_taken(slug: str) -> bool:
        return db.session.scalar(select(Post.id).where(Post.slug == slug)) is not None

    post = Post(
        slug=free_slug(title, "post", is_taken),
        title=title.strip(),
        author_id=author.id,
        trip_id=trip.id if trip else None,
        dek="",
        text="",
    )
    db.session.add(post)
    return post
