"""Addresses that refuse mail: how often, and from when on they are left alone."""

import hmac
from datetime import timedelta
from email import message_from_bytes, message_from_string
from email.message import Message

from sqlalchemy import select, update

from blog.db import db, now
from blog.mail.messages import number_in, signature
from blog.mail.models import Bounce, Mail, MailState
from blog.mail.plain import one_line
from blog.mail.server import LONGEST_WORDS, says_unknown

MOST_REFUSALS = 3
MOST_UNKNOWN = 2
FORGOTTEN_AFTER = timedelta(days=90)
LARGEST_REPORT = 500_000


def is_stopped(address: str) -> bool:
    """Whether this address refused so often that it is sent nothing more."""
    found = select(Bounce.id).where(Bounce.email == address.lower(), Bounce.stopped_at.is_not(None))
    return db.session.scalar(found) is not None


def count_bounce(address: str, words: str, unknown: bool) -> Bounce:
    """Note that an address refused a letter for good, not yet committed.

    It is left alone after three such letters, after two where the server does not know it. What is older than
    90 days does not count.
    """
    email = address.lower()
    row = db.session.scalar(select(Bounce).where(Bounce.email == email).with_for_update())
    if row is None:
        row = Bounce(email=email, count=0, last_at=now(), last_error="")
        db.session.add(row)
    if row.last_at < now() - FORGOTTEN_AFTER:
        row.count = 0
    again_unknown = unknown and row.count > 0 and says_unknown(row.last_error)
    row.count, row.last_at, row.last_error = row.count + 1, now(), words
    if row.count >= (MOST_UNKNOWN if again_unknown else MOST_REFUSALS):
        row.stopped_at = row.stopped_at or now()
    return row


def lift_stop(address: str) -> bool:
    """Send to this address again, not yet committed. Whether it was stopped."""
    row = db.session.scalar(select(Bounce).where(Bounce.email == address.lower()))
    if row is None:
        return False
    db.session.delete(row)
    return row.stopped_at is not None


def note_report(raw: bytes) -> Bounce | None:
    """Count what a server reports about a letter of ours (RFC 3464), not yet committed.

    Anybody can write such a report, so it counts only with the number that the letter itself carried, once,
    and against the address that the letter went to. None for everything else.
    """
    try:
        report = message_from_bytes(raw[:LARGEST_REPORT])
        words, mail = failure_in(report), letter_in(report)
    except RecursionError:  # parts within parts within parts
        return None
    if words is None or mail is None:
        return None
    told = (
        update(Mail)
        .where(Mail.id == mail.id, Mail.state == MailState.SENT)
        .values(state=MailState.FAILED, last_error=words)
    )
    if not db.session.execute(told).rowcount:  # type: ignore[attr-defined]
        return None
    return count_bounce(mail.to, words, says_unknown(words))


def failure_in(report: Message) -> str | None:
    """Why the letter did not arrive, if the report says that it never will."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for recipient in part.get_payload():
            if not isinstance(recipient, Message):
                continue
            if str(recipient.get("Action", "")).strip().lower() == "failed":
                status, why = recipient.get("Status", "5.0.0"), recipient.get("Diagnostic-Code", "")
                return one_line(f"{status} {why}", LONGEST_WORDS)
    return None


def letter_in(report: Message) -> Mail | None:
    """The letter that the report brings back, whole or by its headers."""
    for part in report.walk():
        brought = part
        if part.get_content_type() == "text/rfc822-headers" and not part.is_multipart():
            brought = message_from_string(str(part.get_payload()))
        number = number_in(str(brought.get("Message-ID", "")))
        mail = db.session.get(Mail, number[0]) if number and number[0] < 2**31 else None
        if number and mail and hmac.compare_digest(signature(mail), number[1]):
            return mail
    return None
