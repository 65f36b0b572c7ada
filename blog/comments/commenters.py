"""Readers who comment, as far as their address tells them apart, and what moderators think of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import NEVER_AGAIN, Base, db, insert_once, named, now


class Standing(StrEnum):
    """What a moderator said of a commenter. `plain`: nothing, so the approved comments speak."""

    PLAIN = "plain"
    TRUSTED = "trusted"
    BLOCKED = "blocked"


class Commenter(Base):
    """Somebody who comments under an e-mail address, kept in lower case.

    Whoever types the address is not yet its owner: a browser that has shown to read its mail holds a signed
    cookie, and trust counts for comments from such a browser alone.
    """

    __tablename__ = "commenter"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    standing: Mapped[Standing] = mapped_column(named(Standing), default=Standing.PLAIN)
    confirmed_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    """When a confirmed comment was last rejected or marked as spam: approvals before it no longer count."""
    created_at: Mapped[datetime] = mapped_column(default=now)


def find_commenter(email: str) -> Commenter | None:
    address = email.strip().lower()
    return db.session.scalar(select(Commenter).where(Commenter.email == address)) if address else None


def commenter_for(email: str, name: str) -> Commenter | None:
    """Who comments under this address, made when it is new, not yet committed; None without an address."""
    found = find_commenter(email)
    if found is None:
        insert_commenter(email, name)
    return found or find_commenter(email)


def insert_commenter(email: str, name: str) -> int | None:
    """The number of who comments under an address that was new a moment ago; None without an address."""
    address = email.strip().lower()
    if not address:
        return None
    number: int | None = insert_once(Commenter, email=address, name=name.strip())
    return number or db.session.scalar(select(Commenter.id).where(Commenter.email == address))
