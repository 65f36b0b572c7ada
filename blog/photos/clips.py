"""The moving part of a film or a motion photo, and the state of the copy that browsers play."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, named


class ClipState(StrEnum):
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Clip(Base):
    """The moving part of a film or of a motion photo, and the copy of it that browsers play.

    `plays_as_it_is`: the original needs no copy. `offset` is where a motion photo's clip begins in its file.
    """

    __tablename__ = "clip"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), unique=True)
    duration_s: Mapped[float]
    width: Mapped[int]  # upright, as it is played
    height: Mapped[int]
    video_codec: Mapped[str] = mapped_column(String(40))
    audio_codec: Mapped[str | None] = mapped_column(String(40))
    plays_as_it_is: Mapped[bool] = mapped_column(default=False)
    offset: Mapped[int] = mapped_column(default=0)  # bytes
    byte_size: Mapped[int]  # of what readers get, once it is ready
    state: Mapped[ClipState] = mapped_column(named(ClipState), default=ClipState.UPLOADED)
    progress: Mapped[float] = mapped_column(default=0.0)  # of the copy, 0 to 1
    processing_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(300))
