"""Which address a reader's browser has shown to read: a signed cookie, set by the link in a mail.

The mail says nothing that a stranger wrote: otherwise the reply form would be a way to send words to anybody.
"""

import hashlib
from datetime import timedelta

from flask import Response, current_app, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import exists, func, select

from blog.comments.models import Comment
from blog.comments.rules import Policy, rules_for
from blog.comments.trust import is_trusted
from blog.comments.verdict import HAS_LINK, Status
from blog.db import db, now
from blog.mail.models import Bounce, Mail
from blog.mail.posting import post_letter
from blog.web.addresses import public_address

COOKIE = "commenter"
LASTS = timedelta(days=365)
LINK_LASTS = timedelta(days=7)
KIND = "confirm-address"
MAILS_A_DAY = 3
DISOWNED = "The owner of its e-mail address says that somebody else wrote it."


class LinkExpired(Exception):
    """The link of a mail was good once."""


def signer(purpose: str = "commenter") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=purpose)


def confirmed_email() -> str | None:
    """The address that this browser has shown to read, in lower case."""
    try:
        email = signer().loads(request.cookies.get(COOKIE, ""), max_age=int(LASTS.total_seconds()))
    except BadSignature:
        return None
    return email if isinstance(email, str) else None


def remember_confirmed(response: Response, email: str) -> None:
    """Give the browser the cookie for this address."""
    response.set_cookie(
        COOKIE,
        signer().dumps(email.strip().lower()),
        max_age=LASTS,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )


def token_for(comment: Comment) -> str:
    """What the link in the mail carries: it is good for this comment and this address."""
    return signer(KIND).dumps([comment.id, mark_of(comment.email)])


def mark_of(email: str) -> str:
    """Stands for an address where it could be read along the way, e.g. in a server's log."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:20]


def comment_of(token: str) -> Comment | None:
    """The comment whose address this token's bearer reads; None where that is gone or the token is not ours.

    Raises `LinkExpired`.
    """
    try:
        signed = signer(KIND).loads(token, max_age=int(LINK_LASTS.total_seconds()))
    except SignatureExpired as error:
        raise LinkExpired from error
    except BadSignature:
        return None
    number, mark = signed
    comment = db.session.get(Comment, number)
    return comment if comment and comment.email and mark_of(comment.email) == mark else None


def ask_to_confirm(comment: Comment) -> None:
    """Post the mail with the link, not yet committed, where that can spare the reader a wait."""
    email = comment.email.strip().lower()
    if not email or comment.is_confirmed or comment.status is not Status.PENDING:
        return
    if rules_for(comment.post).policy is Policy.HOLD_ALL or not takes_mail(email):
        return
    post_letter(
        KIND,
        email,
        _("Is this your address? · %(site)s", site=current_app.config["SITE_NAME"]),
        "letters/confirm_address",
        link=public_address("confirming.show", token=token_for(comment)),
        post=comment.post,
        days=LINK_LASTS.days,
    )


def takes_mail(email: str) -> bool:
    """Whether an address may be sent one more: nobody can be flooded by typing it, and some take none."""
    since = now() - timedelta(days=1)
    sent = select(func.count()).where(Mail.to == email, Mail.kind == KIND, Mail.created_at > since)
    is_stopped = exists().where(Bounce.email == email, Bounce.stopped_at.is_not(None))
    count, stopped = db.session.execute(select(sent.scalar_subquery(), is_stopped)).one()
    return count < MAILS_A_DAY and not stopped


def confirm(comment: Comment) -> bool:
    """The reader of this mail wrote it. It may stand now, if they are trusted and it is clean.

    Whether everybody can read it by that; not yet committed.
    """
    was_shown = comment.is_shown
    comment.is_confirmed = True
    if comment.commenter:
        comment.commenter.confirmed_at = now()
    rules = rules_for(comment.post)
    is_clean = set(comment.reasons) <= {HAS_LINK} and comment.status is Status.PENDING
    if (
        is_clean
        and rules.policy is not Policy.HOLD_ALL
        and is_trusted(comment.commenter, True, rules.site.trusted_after)
    ):
        comment.set_status(Status.APPROVED)
    return comment.is_shown and not was_shown


def disown(comment: Comment) -> None:
    """The reader of this mail did not write it: spam, or back to the queue if somebody let it stand."""
    if DISOWNED in comment.reasons:
        return
    comment.is_confirmed = False
    comment.reasons = [*comment.reasons, DISOWNED]
    if comment.status is Status.PENDING:
        comment.set_status(Status.SPAM)
    elif comment.status is Status.APPROVED:
        comment.set_status(Status.PENDING)
