"""The moving part of a film or a motion photo, and the state of the copy that browsers play."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
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
    media_key: Mapped[str | None] = mapped_column(String(64))  # the photo's, when the copy was made
    byte_size: Mapped[int]  # of what readers get, once it is ready
    state: Mapped[ClipState] = mapped_column(named(ClipState), default=ClipState.UPLOADED)
    progress: Mapped[float] = mapped_column(default=0.0)  # of the copy, 0 to 1
    processing_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(300))
    transcript: Mapped[str | None] = mapped_column(Text)  # what is said in it, plain or as WebVTT

    @property
    def is_motion(self) -> bool:
        """The moving part of a photo; else a film of its own."""
        return self.offset > 0

    @property
    def length_words(self) -> str:
        """ "0:07", "12:30", "1:02:30"."""
        minutes, seconds = divmod(max(1, round(self.duration_s)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def has_captions(self) -> bool:
        """Whether the transcript has times, so that a player can show it line by line."""
        return (self.transcript or "").startswith("WEBVTT")

    def finish(self, media_key: str, byte_size: int) -> None:
        self.state, self.processing_since, self.failure = ClipState.READY, None, None
        self.media_key, self.byte_size, self.progress, self.attempts = media_key, byte_size, 1.0, 0

    def fail(self, words: str) -> None:
        """Browsers get no copy; the original stays."""
        self.state, self.processing_since, self.failure = ClipState.FAILED, None, words

    def try_again(self) -> None:
        self.state, self.attempts, self.progress, self.failure = ClipState.UPLOADED, 0, 0.0, None
