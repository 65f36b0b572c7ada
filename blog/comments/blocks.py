"""Block lists: words, networks, domains and addresses that make a comment spam."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, named, now


class BlockKind(StrEnum):
    WORD = "word"
    NETWORK = "network"
    DOMAIN = "domain"
    EMAIL = "email"


class Block(Base):
    """One entry: a word, a network as CIDR (one address is a network too), a domain, or an e-mail address."""

    __tablename__ = "block"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BlockKind] = mapped_column(named(BlockKind))
    value: Mapped[str] = mapped_column(String(254))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(default=now)
