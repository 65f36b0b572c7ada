"""What the site's own decisions taught of spam."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, now


class Learned(Base):
    """One state of the classifier, made from `decisions` comments that people had decided on."""

    __tablename__ = "learned"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    decisions: Mapped[int] = mapped_column(default=0)
    weights: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
