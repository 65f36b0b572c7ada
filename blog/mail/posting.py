"""Putting a message into the post."""

from collections.abc import Mapping
from datetime import timedelta

from blog.db import db, now
from blog.mail.models import Mail

LONGEST_SUBJECT = 200


def post_mail(
    kind: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    headers: Mapping[str, str] | None = None,
    delay: timedelta = timedelta(0),
) -> Mail:
    """Keep a message to be sent, not yet committed; a sweep sends what waits."""
    one_line = " ".join(subject.split())[:LONGEST_SUBJECT]
    mail = Mail(
        kind=kind,
        to=to,
        subject=one_line,
        text=text,
        html=html,
        headers=dict(headers or {}),
        next_try_at=now() + delay,
    )
    db.session.add(mail)
    return mail
