"""The worker's side of the post: sends what is due, tries again later, gives up in the end.

A letter is claimed before it is sent, by moving its next try away: two workers never send the same, and one
that was killed in the middle leaves a letter that is due again when the claim ends. Then it may arrive twice,
with the same Message-ID.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from blog import jobs
from blog.db import db, now
from blog.mail.bounces import count_bounce, is_stopped
from blog.mail.messages import Unsendable, sender, to_message
from blog.mail.models import Mail, MailState
from blog.mail.server import MailServer, PostOffice, Refusal, Unreachable, post_office

log = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(minutes=15)
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))
MOST_AT_ONCE = 200
KEPT_FOR = timedelta(days=30)

LastLook = Callable[[Mail], bool]
_last_looks: dict[str, list[LastLook]] = {}


def last_look(kind: str) -> Callable[[LastLook], LastLook]:
    """Ask this function, too, about each letter of a kind just before it goes out.

    It may change the letter's words; False: it is not to be sent any more.
    """

    def register(function: LastLook) -> LastLook:
        _last_looks.setdefault(kind, []).append(function)
        return function

    return register


@jobs.task
def send_waiting() -> None:
    """Send what is due, over one connection."""
    office = post_office()
    try:
        for _ in range(MOST_AT_ONCE):
            mail = claim_next()
            if mail is None or not deliver(mail, office):
                return
    finally:
        office.close()


@jobs.sweep
def send_left_over() -> None:
    if next_due() is not None:
        jobs.wake(send_waiting)


@jobs.sweep
def forget_old() -> None:
    """Delete what was sent or given up a month ago: letters hold words and addresses."""
    done = Mail.state.in_([MailState.SENT, MailState.FAILED])
    db.session.execute(delete(Mail).where(done, Mail.next_try_at < now() - KEPT_FOR))
    db.session.commit()


def next_due() -> Mail | None:
    due = (Mail.state == MailState.WAITING, Mail.next_try_at <= now())
    return db.session.scalar(select(Mail).where(*due).order_by(Mail.next_try_at, Mail.id).limit(1))


def claim_next() -> Mail | None:
    """The letter that is due first, ours for as long as a claim lasts; None where nothing is due."""
    while mail := next_due():
        number = mail.id
        claim = (
            update(Mail)
            .where(Mail.id == number, Mail.state == MailState.WAITING, Mail.tries == mail.tries)
            .values(next_try_at=now() + CLAIM_LASTS, tries=Mail.tries + 1)
            .execution_options(synchronize_session=False)
        )
        is_ours = db.session.execute(claim).rowcount == 1  # type: ignore[attr-defined]
        db.session.commit()
        claimed = db.session.get(Mail, number) if is_ours else None
        if claimed:
            return claimed
    return None


def deliver(mail: Mail, office: PostOffice) -> bool:
    """Send one letter that is ours and write down what came of it. Whether there is use in going on."""
    number, to, tries = mail.id, mail.to, mail.tries
    if why := reason_against(mail):
        end(number, MailState.FAILED, why)
        return True
    try:
        message = to_message(mail)
        db.session.commit()  # nothing is held in the database while a server takes its time
        office.send(message)
    except Unsendable as error:
        end(number, MailState.FAILED, str(error))
    except Unreachable as error:
        log.warning("Mail cannot be sent: %s", error)
        try_later(number, tries, str(error))
        return False
    except Refusal as refusal:
        if refusal.bounces:
            count_bounce(to, refusal.words, refusal.unknown)
        if refusal.final:
            end(number, MailState.FAILED, refusal.words)
        else:
            try_later(number, tries, refusal.words)
    else:
        end(number, MailState.SENT, "")
    return True


def reason_against(mail: Mail) -> str:
    """Why this letter should not go out at all; empty for most."""
    if mail.tries > len(BACK_OFF) + 1:
        return mail.last_error or "It was begun again and again, and never finished."
    if is_stopped(mail.to):
        return "This address refused letters before."
    looks = _last_looks.get(mail.kind, [])
    return "" if all(look(mail) for look in looks) else "It was no longer wanted."


def try_later(number: int, tries: int, why: str) -> None:
    """Try once more, each time after a longer while; two days on, give up."""
    if tries > len(BACK_OFF):
        end(number, MailState.FAILED, why)
        return
    settle(number, next_try_at=now() + BACK_OFF[tries - 1], last_error=why)


def end(number: int, state: MailState, why: str) -> None:
    settle(number, state=state, last_error=why, sent_at=now() if state is MailState.SENT else None)


def settle(number: int, **values: object) -> None:
    db.session.execute(update(Mail).where(Mail.id == number).values(**values))
    db.session.commit()


@event.listens_for(Session, "after_flush")
def note_new(session: Session, _context: object) -> None:
    if any(isinstance(thing, Mail) and thing.next_try_at <= now() for thing in session.new):
        session.info["mail_waits"] = True


@event.listens_for(Session, "after_commit")
def wake_for_new(session: Session) -> None:
    if session.info.pop("mail_waits", False):
        jobs.wake_soon(send_waiting)


def init_app(app: Flask) -> None:
    """Raises `ValueError` for settings that could send no letter."""
    with app.app_context():
        sender()
        if app.config["SMTP_URL"]:
            MailServer.at(app.config["SMTP_URL"])
