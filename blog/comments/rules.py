"""What a site, or one post, lets readers do: who waits for a moderator, and how long replies are taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, db, named, now
from blog.posts.models import Post


class Policy(StrEnum):
    """Which comments wait for a moderator."""

    HOLD_ALL = "hold_all"
    HOLD_FIRST = "hold_first"
    HOLD_LINKS = "hold_links"
    HOLD_DOUBTFUL = "hold_doubtful"
    OPEN = "open"


class ProofOfWork(StrEnum):
    NEVER = "never"
    UNDER_ATTACK = "under_attack"
    ALWAYS = "always"


class Rules(Base):
    """The site's rules: one row, made when it is first asked for."""

    __tablename__ = "rules"
    readers_see_it = True

    id: Mapped[int] = mapped_column(primary_key=True)
    policy: Mapped[Policy] = mapped_column(named(Policy), default=Policy.HOLD_FIRST)
    close_after_days: Mapped[int | None]
    email_needed: Mapped[bool] = mapped_column(default=True)
    website_asked: Mapped[bool] = mapped_column(default=False)
    trusted_after: Mapped[int] = mapped_column(default=1)
    """So many approved comments, confirmed by mail, make a commenter trusted."""
    proof_of_work: Mapped[ProofOfWork] = mapped_column(named(ProofOfWork), default=ProofOfWork.UNDER_ATTACK)
    keep_addresses_days: Mapped[int] = mapped_column(default=30)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class PostRules(Base):
    """What one post does otherwise than the site; None: as the site."""

    __tablename__ = "post_rules"
    readers_see_it = True

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    policy: Mapped[Policy | None] = mapped_column(named(Policy))
    close_after_days: Mapped[int | None]
    is_closed: Mapped[bool] = mapped_column(default=False)


def site_rules() -> Rules:
    """The site's rules; those of a site that never changed them are the defaults, not yet kept."""
    return db.session.get(Rules, 1) or Rules(
        id=1,
        policy=Policy.HOLD_FIRST,
        close_after_days=None,
        email_needed=True,
        website_asked=False,
        trusted_after=1,
        proof_of_work=ProofOfWork.UNDER_ATTACK,
        keep_addresses_days=30,
    )


def closed_because(post: Post) -> str | None:
    """Why no more replies are taken under this post, in words for readers; None where they are."""
    own, site = db.session.get(PostRules, post.id), site_rules()
    if own and own.is_closed:
        return _("Replies to this post are closed.")
    days = own.close_after_days if own and own.close_after_days is not None else site.close_after_days
    if days and post.published_at and post.published_at < now() - timedelta(days=days):
        return _("Replies to this post were open for %(days)d days, and are closed now.", days=days)
    return None
