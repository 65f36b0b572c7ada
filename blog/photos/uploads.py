"""Files on their way in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, named, now


class UploadState(StrEnum):
    RECEIVING = "receiving"
    RECEIVED = "received"  # whole; to be taken in
    TAKEN = "taken"
    REFUSED = "refused"


class Upload(Base):
    """A file on its way in, chunk by chunk (tus 1.0). Its bytes lie in a file named by `token`.

    How far it came is that file's size, so that nothing here can be ahead of the disk.
    """

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    length: Mapped[int]  # bytes in all, as announced
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # the other Upload-Metadata
    state: Mapped[UploadState] = mapped_column(named(UploadState), default=UploadState.RECEIVING)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what became of it, told again when asked
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
