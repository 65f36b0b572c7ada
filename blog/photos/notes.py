"""What people say of a photo's regions, and what they hide of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, now
from blog.photos.regions import Region


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

    @property
    def region(self) -> Region:
        return Region.from_json(self.corners)


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
