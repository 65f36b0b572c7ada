"""What the site keeps about an e-mail address: shown, handed over, and erased.

It stands in this room because follows are the last that keep an address: rooms further left cannot see them.
An account is not erased here, and neither are tries that were counted: they go by themselves within a day.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from blog.accounts.models import Attempt, Invitation, Person, count_attempt
from blog.accounts.sessions import hashed
from blog.comments.blocks import Block, BlockKind
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, Report, forget
from blog.db import db, now
from blog.letters.following import ABOUT
from blog.letters.models import Follow, Silence
from blog.mail.models import Bounce, Mail, MailState

LINK_KIND = "your-data"  # the mail with the link itself
LINK_LASTS_S = 24 * 60 * 60
AT_ONCE = 100
SHOWN = 200
USED = "erasure"
LEADS_TO_COMMENT = re.compile(r"comments?[-/](\d{1,10})\b")


def signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="your-data")


def link_token(email: str) -> str:
    """Lets whoever reads the mail of this address see and erase what belongs to it, for a day."""
    return signer().dumps([email.strip().lower(), secrets.token_urlsafe(9)])  # no two links are the same


def email_of(token: str) -> str | None:
    """The address that a link was made for; None where the link is forged, too old, or has erased already."""
    try:
        email, _random = signer().loads(token, max_age=LINK_LASTS_S)
    except BadSignature:
        return None
    is_used = exists().where(Attempt.kind == USED, Attempt.key == hashed(token))
    return None if db.session.scalar(select(is_used)) else str(email)


@dataclass(frozen=True)
class Belongings:
    """Everything that is kept under one address; `comments` are all of them, whatever became of them."""

    email: str
    comments: list[Comment]
    commenter: Commenter | None
    follows: list[Follow]
    silence: Silence | None
    mails: list[Mail]
    bounce: Bounce | None
    is_blocked: bool
    invitations: list[Invitation]
    account: Person | None

    @property
    def is_empty(self) -> bool:
        mails = [mail for mail in self.mails if mail.kind != LINK_KIND]
        kept = (
            self.comments,
            self.commenter,
            self.follows,
            self.silence,
            mails,
            self.bounce,
            self.invitations,
        )
        return not (any(kept) or self.is_blocked)

    @property
    def newest(self) -> list[Comment]:
        """As many as a page shows."""
        return self.comments[-SHOWN:][::-1]


def belongings(email: str) -> Belongings:
    """Whose `email` it is, is for the caller to know."""
    return Belongings(
        email=email,
        comments=list(
            db.session.scalars(
                select(Comment).where(wrote(email)).options(joinedload(Comment.post)).order_by(Comment.id)
            )
        ),
        commenter=db.session.scalar(select(Commenter).where(Commenter.email == email)),
        follows=list(
            db.session.scalars(
                select(Follow)
                .where(func.lower(Follow.email) == email)
                .options(joinedload(Follow.post))
                .order_by(Follow.id)
            )
        ),
        silence=db.session.get(Silence, email),
        mails=list(db.session.scalars(select(Mail).where(func.lower(Mail.to) == email).order_by(Mail.id))),
        bounce=db.session.scalar(select(Bounce).where(func.lower(Bounce.email) == email)),
        is_blocked=db.session.scalar(select(exists().where(blocks(email)))) or False,
        invitations=list(db.session.scalars(select(Invitation).where(func.lower(Invitation.email) == email))),
        account=db.session.scalar(select(Person).where(Person.email == email)),
    )


def wrote(email: str) -> ColumnElement[bool]:
    """Comments by whom the address tells apart, by an account of this address, or by one that is gone."""
    commenter = db.session.scalar(select(Commenter.id).where(Commenter.email == email))
    account = db.session.scalar(select(Person.id).where(Person.email == email))
    whose = [Comment.email == email]
    whose += [Comment.commenter_id == commenter] if commenter else []
    whose += [Comment.person_id == account] if account else []
    return or_(*whose)


def blocks(email: str) -> ColumnElement[bool]:
    return and_(Block.kind == BlockKind.EMAIL, func.lower(Block.value) == email)


def as_json(found: Belongings) -> str:
    """All of it for other programs; times are UTC."""
    return json.dumps(document(found), ensure_ascii=False, indent=2, default=lambda value: value.isoformat())


def document(found: Belongings) -> dict[str, Any]:
    numbers = [comment.id for comment in found.comments]
    reports: dict[int, list[Report]] = {}
    for report in in_batches(Report, Report.comment_id, numbers):
        reports.setdefault(report.comment_id, []).append(report)
    acts: dict[int, list[ModerationLog]] = {}
    for act in in_batches(ModerationLog, ModerationLog.comment_id, numbers):
        acts.setdefault(act.comment_id, []).append(act)
    return {
        "email": found.email,
        "made_at": now(),
        "comments": [
            {
                **columns(comment, COMMENT_COLUMNS),
                "post": comment.post.slug,
                "reports": [
                    columns(r, ("reason", "words", "at", "closed_at")) for r in reports.get(comment.id, [])
                ],
                "moderation": [
                    columns(a, ("act", "before", "after", "why", "at")) for a in acts.get(comment.id, [])
                ],
            }
            for comment in found.comments
        ],
        "commenter": found.commenter
        and columns(
            found.commenter, ("email", "name", "standing", "confirmed_at", "rejected_at", "created_at")
        ),
        "follows": [
            {
                "post": follow.post.slug,
                **columns(follow, ("email", "comment_id", "created_at", "confirmed_at")),
            }
            for follow in found.follows
        ],
        "silence": found.silence and columns(found.silence, ("since",)),
        "mails": [
            columns(mail, ("kind", "to", "subject", "text", "state", "tries", "created_at", "sent_at"))
            for mail in found.mails
        ],
        "bounces": found.bounce and columns(found.bounce, ("count", "last_at", "last_error", "stopped_at")),
        "is_blocked": found.is_blocked,
        "invitations": [
            columns(invitation, ("role", "email", "created_at", "expires_at", "ended_at"))
            for invitation in found.invitations
        ],
        "account": found.account and columns(found.account, ("name", "email", "role", "created_at")),
    }


COMMENT_COLUMNS = (
    "id", "parent_id", "photo_id", "region", "name", "email", "website", "text", "status", "reasons",
    "is_confirmed", "address_hash", "network_hash", "user_agent", "origin", "created_at", "edited_at",
)  # fmt: skip


def columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def in_batches(model: Any, column: Any, numbers: list[int]) -> Iterator[Any]:
    """Rows whose `column` is one of these numbers: databases bound how many a question may name."""
    for start in range(0, len(numbers), AT_ONCE):
        yield from db.session.scalars(
            select(model).where(column.in_(numbers[start : start + AT_ONCE])).order_by(model.id)
        )


def erase(email: str, token: str) -> int:
    """Erase all that belongs to an address, and commit; how many comments there were.

    It goes batch by batch. Where it is broken off, what is left is found by the next call, and the link of
    the mail is used up by the last step alone.
    """
    count = erase_comments(email)
    commenter = db.session.scalar(select(Commenter).where(Commenter.email == email))
    if commenter:
        forget(commenter_id=commenter.id)
        db.session.delete(commenter)
    for gone in (
        delete(Follow).where(func.lower(Follow.email) == email),
        delete(Silence).where(Silence.email == email),
        delete(Mail).where(func.lower(Mail.to) == email),
        delete(Mail).where(Mail.state != MailState.WAITING, mentions(email)),
        delete(Bounce).where(func.lower(Bounce.email) == email),
        delete(Block).where(blocks(email)),
        update(Invitation)
        .where(func.lower(Invitation.email) == email, Invitation.ended_at.is_(None))
        .values(ended_at=now()),
        update(Invitation).where(func.lower(Invitation.email) == email).values(email=""),
    ):
        db.session.execute(gone.execution_options(synchronize_session=False))
    count_attempt(USED, hashed(token))
    db.session.commit()
    return count


def mentions(email: str) -> ColumnElement[bool]:
    """Mail to others that names the address, such as a moderator's digest."""
    return or_(Mail.text.icontains(email, autoescape=True), Mail.html.icontains(email, autoescape=True))


def erase_comments(email: str) -> int:
    """The newest first, so that what answers oneself goes before it leaves an empty place."""
    numbers = set(db.session.scalars(select(Comment.id).where(wrote(email))))
    forget_mail_about(numbers)
    count = 0
    theirs = select(Comment).where(wrote(email)).order_by(Comment.id.desc()).limit(AT_ONCE)
    while batch := db.session.scalars(theirs).all():
        try:
            forget(comment_ids={comment.id for comment in batch})
            for comment in batch:
                comment.erase()
            db.session.commit()
            count += len(batch)
        except (InvalidRequestError, StaleDataError):  # one of them went, or changed, meanwhile
            db.session.rollback()
    forget_mail_about(numbers)  # a digest may have been written meanwhile
    return count


def forget_mail_about(numbers: set[int]) -> None:
    """Delete mail that quotes these comments: copies of what was sent, and notices that nobody has got yet.

    It comes before the comments go: after a break it would no longer be known which they were.
    """
    mails = db.session.execute(select(Mail.id, Mail.text, Mail.headers).execution_options(yield_per=500))
    named = [
        mail_id
        for mail_id, text, headers in mails
        if not numbers.isdisjoint(
            int(found) for found in LEADS_TO_COMMENT.findall(text) + headers.get(ABOUT, "").split()
        )
    ]
    for start in range(0, len(named), AT_ONCE):
        db.session.execute(delete(Mail).where(Mail.id.in_(named[start : start + AT_ONCE])))
    db.session.commit()
