"""What people say of a photo's regions, and what they hide of them.

Notes are added, ordered and taken away through their photo, which keeps their numbers: 1, 2, 3 …
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import Person
from blog.db import Base, now
from blog.photos.regions import Region

MOST_NOTES = 60  # on one photo; more numbers than anyone would look for
LONGEST_NOTE = 2000  # characters


class RegionNote(Base):
    """What somebody says about a part of a photo. Numbered on its photo, in the order its author chose."""

    __tablename__ = "region_note"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    corners: Mapped[list[list[float]]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]

    author: Mapped[Person | None] = relationship(lazy="joined")

    @property
    def region(self) -> Region:
        return Region.from_json(self.corners)

    def change(self, region: Region, text: str) -> None:
        """Raises `ValueError` in words for the user."""
        self.corners, self.text = region.to_json(), said(text)
        self.changed_at = now()


def said(text: str) -> str:
    """The words of a note, as they are kept. Raises `ValueError` in words for the user."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise ValueError("Write what there is to see here.")
    if len(text) > LONGEST_NOTE:
        raise ValueError("This note is too long. Two thousand characters are the most.")
    return text


class HiddenRegion(Base):
    """A part of a photo whose pixels are destroyed in everything that readers can reach."""

    __tablename__ = "hidden_region"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), index=True)
    corners: Mapped[list[list[float]]] = mapped_column(JSON)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    hidden_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def region(self) -> Region:
        return Region.from_json(self.corners)
