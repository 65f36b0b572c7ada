"""What happened to accounts, for those they belong to and for the owner."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from blog.accounts.models import AccountLog, Person
from blog.db import db, now
from blog.web.addresses import LARGEST_ID

PAGE = 50
FAILURES_APART = timedelta(minutes=15)


class Event(StrEnum):
    INVITED = "invited"
    INVITATION_TAKEN_BACK = "invitation_taken_back"
    JOINED = "joined"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    SESSIONS_ENDED = "sessions_ended"
    NAME_CHANGED = "name_changed"
    EMAIL_ASKED = "email_asked"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    RESET_ASKED = "reset_asked"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    TWO_STEP_ON = "two_step_on"
    TWO_STEP_OFF = "two_step_off"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    ROLE_CHANGED = "role_changed"
    ENDED = "ended"
    BROUGHT_BACK = "brought_back"


WORDS = {
    Event.INVITED: _l("Invitation made"),
    Event.INVITATION_TAKEN_BACK: _l("Invitation taken back"),
    Event.JOINED: _l("Account made from an invitation"),
    Event.SIGNED_IN: _l("Signed in"),
    Event.SIGN_IN_FAILED: _l("A sign-in failed"),
    Event.SIGNED_OUT: _l("Signed out"),
    Event.SESSION_ENDED: _l("A session ended"),
    Event.SESSIONS_ENDED: _l("All other sessions ended"),
    Event.NAME_CHANGED: _l("Name changed"),
    Event.EMAIL_ASKED: _l("Another e-mail asked for"),
    Event.EMAIL_CHANGED: _l("E-mail changed"),
    Event.PASSWORD_CHANGED: _l("Password changed"),
    Event.RESET_ASKED: _l("A link for a new password asked for"),
    Event.PASSWORD_RESET: _l("New password set by mail"),
    Event.PASSKEY_ADDED: _l("Passkey added"),
    Event.PASSKEY_REMOVED: _l("Passkey removed"),
    Event.TWO_STEP_ON: _l("Two-step sign-in turned on"),
    Event.TWO_STEP_OFF: _l("Two-step sign-in turned off"),
    Event.CODES_MADE: _l("New recovery codes made"),
    Event.CODE_USED: _l("A recovery code used"),
    Event.ROLE_CHANGED: _l("Role changed"),
    Event.ENDED: _l("Account ended"),
    Event.BROUGHT_BACK: _l("Account brought back"),
}


def note(
    person: Person | None, what: Event, by: Person | None = None, detail: str = "", name: str = ""
) -> None:
    """Keep what happened to a person, not yet committed; `name` where it is nobody with an account."""
    db.session.add(
        AccountLog(
            person_id=person.id if person else None,
            person_name=person.name if person else name,
            by_id=by.id if by else None,
            what=what.value,
            detail=detail[:300],
        )
    )


def note_failure(person: Person | None) -> None:
    """Keep that a sign-in failed: once in a quarter of an hour for an account, and for all that are none."""
    is_theirs = AccountLog.person_id == person.id if person else AccountLog.person_id.is_(None)
    recent = select(AccountLog.id).where(
        is_theirs, AccountLog.what == Event.SIGN_IN_FAILED.value, AccountLog.at > now() - FAILURES_APART
    )
    if db.session.scalar(recent.limit(1)) is None:
        note(person, Event.SIGN_IN_FAILED)


def entries(
    *where: ColumnElement[bool], before: int | None = None
) -> Sequence[tuple[AccountLog, str | None]]:
    """A page of the log and one row more, the last first, each with the name of who did it."""
    query = (
        select(AccountLog, Person.name)
        .outerjoin(Person, Person.id == AccountLog.by_id)
        .where(*where)
        .order_by(AccountLog.id.desc())
        .limit(PAGE + 1)
    )
    if before:
        query = query.where(AccountLog.id < min(before, LARGEST_ID))
    return [row._tuple() for row in db.session.execute(query)]


def words(entry: AccountLog) -> str:
    return str(WORDS[Event(entry.what)])
