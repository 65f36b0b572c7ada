"""Which address a reader's browser has shown to read: a signed cookie, set by the link in a mail.

The mail says nothing that a stranger wrote: otherwise the reply form would be a way to send words to anybody.
"""

import hashlib
from datetime import timedelta

from flask import Response, current_app, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import func, select

from blog.comments.models import Comment
from blog.comments.rules import Policy, rules_for
from blog.comments.trust import is_trusted
from blog.comments.verdict import HAS_LINK, Status
from blog.db import db, now
from blog.mail.models import Mail, MailState
from blog.mail.posting import post_mail, written
from blog.mail.sending import last_look
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
    """Post a letter with the link, not yet committed, where that can spare the reader a wait.

    It holds the token alone: its words are written when it goes out, so that nobody waits for them here.
    """
    email = comment.email.strip().lower()
    if not email or comment.is_confirmed or comment.status is not Status.PENDING:
        return
    if rules_for(comment.post).policy is not Policy.HOLD_ALL:
        post_mail(KIND, email, "", token_for(comment), "")


@last_look(KIND)
def write_letter(mail: Mail) -> bool:
    """The words of the letter; False where it would help nobody any more, or the address had enough."""
    if mail.html:
        return True  # written, and not taken by the server at an earlier try
    try:
        comment = comment_of(mail.text)
    except LinkExpired:
        return False
    if comment is None or comment.is_confirmed or comment.status is not Status.PENDING or has_enough(mail):
        return False
    site = current_app.config["SITE_NAME"]
    subject = _("Is this your address? · %(site)s", site=site)
    link = public_address("confirming.show", token=mail.text)
    words = {"subject": subject, "link": link, "post": comment.post, "days": LINK_LASTS.days}
    mail.subject, (mail.text, mail.html) = subject, written("letters/confirm_address", **words)
    return True


def has_enough(mail: Mail) -> bool:
    """Whether the address was sent as many of these as a day may bring: nobody is flooded by typing it."""
    since = now() - timedelta(days=1)
    sent = select(func.count()).where(
        Mail.to == mail.to,
        Mail.kind == KIND,
        Mail.created_at > since,
        Mail.id != mail.id,
        Mail.state != MailState.FAILED,
        Mail.html != "",
    )
    return (db.session.scalar(sent) or 0) >= MAILS_A_DAY


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
