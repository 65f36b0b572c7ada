"""What the owner does with people: roles, ends, returns, invitations. There is always an owner."""

import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, Update, exists, func, select, update
from sqlalchemy.orm import aliased

from blog.accounts.codes import remove_second_step
from blog.accounts.log import Event, note
from blog.accounts.models import Invitation, Person, Role, create_person
from blog.accounts.sessions import end_sessions, hashed
from blog.db import db, now

INVITATION_LASTS = timedelta(days=7)


class LastOwner(ValueError):
    """Without this person nobody could run the site."""


def change_role(person: Person, role: Role, by: Person) -> bool:
    """Give another role, not yet committed; whether it is another. Raises `LastOwner`."""
    before = person.role
    if role is before:
        return False
    if role is not Role.OWNER:
        leave_an_owner(person, update(Person).values(role=role))
        take_back_invitations_of(person, by)
    person.role = role
    note(person, Event.ROLE_CHANGED, by=by, detail=f"{before.value} → {role.value}")
    return True


def end_account(person: Person, by: Person) -> bool:
    """Let somebody sign in no more, not yet committed; what the person wrote stays. Raises `LastOwner`."""
    if person.ended_at:
        return False
    leave_an_owner(person, update(Person).values(ended_at=now()))
    end_sessions(person)
    take_back_invitations_of(person, by)
    note(person, Event.ENDED, by=by)
    return True


def bring_back(person: Person, by: Person) -> bool:
    if not person.ended_at:
        return False
    person.ended_at = None
    note(person, Event.BROUGHT_BACK, by=by)
    return True


def turn_off_two_step(person: Person, by: Person) -> bool:
    """For somebody who has lost the app and the codes; not yet committed."""
    if not person.totp_secret:
        return False
    remove_second_step(person)
    note(person, Event.TWO_STEP_OFF, by=by)
    return True


def leave_an_owner(person: Person, change: Update) -> None:
    """Change this person, but the last owner. One statement decides and does it, whoever else is at it."""
    # PostgreSQL would decide for two owners at the same moment: there, the second waits for the first.
    db.session.scalars(select(Person.id).where(is_owner(Person)).with_for_update()).all()
    other = aliased(Person)
    another = exists().where(other.id != person.id, is_owner(other))
    allowed = (Person.role != Role.OWNER) | Person.ended_at.is_not(None) | another
    done = db.session.execute(
        change.where(Person.id == person.id, allowed), execution_options={"synchronize_session": False}
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise LastOwner
    db.session.refresh(person)


def is_owner(kind: type[Person]) -> ColumnElement[bool]:
    return (kind.role == Role.OWNER) & kind.ended_at.is_(None)


def owners() -> int:
    return db.session.scalar(select(func.count()).select_from(Person).where(is_owner(Person))) or 0


def invite(role: Role, email: str, by: Person) -> str:
    """A new invitation, not yet committed: its token, which is kept nowhere."""
    token = secrets.token_urlsafe(24)
    db.session.add(
        Invitation(
            token_hash=hashed(token),
            role=role,
            email=email,
            invited_by_id=by.id,
            expires_at=now() + INVITATION_LASTS,
        )
    )
    note(None, Event.INVITED, by=by, detail=role.value, name=email)
    return token


def still_open() -> ColumnElement[bool]:
    return Invitation.ended_at.is_(None) & (Invitation.expires_at > now())


def find_invitation(token: str) -> Invitation | None:
    return db.session.scalar(select(Invitation).where(Invitation.token_hash == hashed(token), still_open()))


def take_back(invitation: Invitation, by: Person) -> None:
    invitation.ended_at = now()
    note(None, Event.INVITATION_TAKEN_BACK, by=by, name=invitation.email)


def take_back_invitations_of(person: Person, by: Person) -> None:
    """Who may no longer invite has not invited: a link kept for later would be a way back in."""
    for invitation in db.session.scalars(
        select(Invitation).where(Invitation.invited_by_id == person.id, still_open())
    ):
        take_back(invitation, by)


def accept(invitation: Invitation, name: str, email: str, password: str) -> Person | None:
    """The account that an invitation is for, not yet committed; None if somebody was faster.

    Raises `ValueError`, in words. The role is the invitation's, whatever else was sent.
    """
    person = create_person(name, email, password, invitation.role)
    db.session.flush()
    used = update(Invitation).where(Invitation.id == invitation.id, still_open())
    if not db.session.execute(used.values(ended_at=now(), person_id=person.id)).rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return None
    note(person, Event.JOINED, detail=invitation.role.value)
    return person
