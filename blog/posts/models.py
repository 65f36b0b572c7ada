"""Posts, every saved text of theirs, and the photos they use."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    delete,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person
from blog.db import Base, db, named, now
from blog.photos.models import Photo
from blog.posts.markup import Document, parse
from blog.trips.models import Trip, TripPhoto
from blog.trips.rights import is_own_photo
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
        self.use_photos(by)

    def use_photos(self, by: Person) -> None:
        """Note which photos the text shows, in its order, and which one leads.

        Others' photos that they have not published are left out, whatever the text says.
        """
        document = self.document()
        ids = chosen(document.photo_ids, self.may_use(by))
        db.session.execute(delete(PostPhoto).where(PostPhoto.post_id == self.id))
        db.session.add_all(
            PostPhoto(post_id=self.id, photo_id=photo_id, position=position)
            for position, photo_id in enumerate(ids)
        )
        self.minutes = document.minutes
        self.look_again()

    def look_again(self) -> None:
        """Count the photos that it shows and see which one leads: some may be in the bin, or back from it."""
        db.session.flush()
        ids = list(
            db.session.scalars(
                select(PostPhoto.photo_id)
                .join(Photo, Photo.id == PostPhoto.photo_id)
                .where(PostPhoto.post_id == self.id, Photo.binned_at.is_(None))
                .order_by(PostPhoto.position)
            )
        )
        if self.lead_photo_id not in ids:
            self.lead_photo_id = leading(ids)
        self.photo_count = len(ids)

    def may_use(self, by: Person) -> ColumnElement[bool]:
        """Whether a photo may stand in it: it does, is on its trip, the author's, the writer's, or published.

        Only who may touch a trip can put a post on it.
        """
        already = select(PostPhoto.photo_id).where(PostPhoto.post_id == self.id)
        on_its_trip = select(TripPhoto.photo_id).where(TripPhoto.trip_id == self.trip_id)
        return or_(
            Photo.id.in_(on_its_trip),
            is_own_photo(self.author or db.session.get_one(Person, self.author_id)),
            is_own_photo(by),
            Photo.id.in_(already),
            Photo.id.in_(published_photos()),
        )

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


def published_photos() -> Select[tuple[int]]:
    """The numbers of photos that a published post shows."""
    return (
        select(PostPhoto.photo_id)
        .join(Post, Post.id == PostPhoto.post_id)
        .join(Photo, Photo.id == PostPhoto.photo_id)
        .where(Post.status == PostStatus.PUBLISHED, Photo.binned_at.is_(None))
    )


def shown_in(post: Post) -> ColumnElement[bool]:
    """Whether readers of this post see a photo that its text names."""
    ids = select(PostPhoto.photo_id).where(PostPhoto.post_id == post.id)
    return and_(Photo.id.in_(ids), Photo.binned_at.is_(None))


def shown_by(posts: Sequence[Post]) -> dict[int, tuple[int, ...]]:
    """By post: the numbers of the photos that readers of it see, in the order of its text."""
    query = (
        select(PostPhoto.post_id, PostPhoto.photo_id)
        .join(Photo, Photo.id == PostPhoto.photo_id)
        .where(PostPhoto.post_id.in_([post.id for post in posts]), Photo.binned_at.is_(None))
        .order_by(PostPhoto.post_id, PostPhoto.position)
    )
    shown: dict[int, tuple[int, ...]] = {}
    for post_id, photo_id in db.session.execute(query):
        shown[post_id] = (*shown.get(post_id, ()), photo_id)
    return shown


def chosen(ids: Sequence[int], rule: ColumnElement[bool]) -> list[int]:
    """Those of `ids` that are photos to which `rule` applies, in their order."""
    if not ids:
        return []
    known = set(db.session.scalars(select(Photo.id).where(Photo.id.in_(ids), rule)))
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
