"""What a site, or one post, lets readers do: who waits for a moderator, and how long replies are taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import g, has_request_context
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, db, insert_once, named, now
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
    return db.session.get(Rules, 1) or defaults()


def defaults() -> Rules:
    return Rules(
        id=1,
        policy=Policy.HOLD_FIRST,
        close_after_days=None,
        email_needed=True,
        website_asked=False,
        trusted_after=1,
        proof_of_work=ProofOfWork.UNDER_ATTACK,
        keep_addresses_days=30,
    )


def kept_rules() -> Rules:
    """The site's rules to be changed, not yet committed. `changed_at` tells the other processes."""
    insert_once(Rules, id=1)
    rules = db.session.get_one(Rules, 1)
    rules.changed_at = now()
    return rules


@dataclass(frozen=True)
class InForce:
    """What holds for one post: its own rules where it has them, else the site's."""

    site: Rules
    policy: Policy
    close_after_days: int | None
    is_closed: bool


def rules_for(post: Post) -> InForce:
    """What holds for this post, in one query for each request."""
    kept: dict[int, InForce] = g.setdefault("rules_in_force", {}) if has_request_context() else {}
    if post.id not in kept:
        kept[post.id] = read_rules(post)
    return kept[post.id]


def read_rules(post: Post) -> InForce:
    site, own = db.session.execute(
        select(Rules, PostRules)
        .select_from(Post)
        .outerjoin(Rules, Rules.id == 1)
        .outerjoin(PostRules, PostRules.post_id == Post.id)
        .where(Post.id == post.id)
    ).one()
    site = site or defaults()
    return InForce(
        site=site,
        policy=(own and own.policy) or site.policy,
        close_after_days=(own and own.close_after_days) or site.close_after_days,
        is_closed=bool(own and own.is_closed),
    )


def closed_because(post: Post) -> str | None:
    """Why readers cannot reply to this post, in words for them; None where they can."""
    rules = rules_for(post)
    if rules.is_closed:
        return _("Replies to this post are closed.")
    days = rules.close_after_days
    if days and post.published_at and post.published_at + timedelta(days=days) < now():
        return ngettext("Replies were open for %(num)d day.", "Replies were open for %(num)d days.", days)
    return None
