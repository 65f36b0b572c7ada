"""People, what they sign in with, and a tally of attempts that limits guessing."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from argon2.exceptions import VerificationError
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, delete, func, inspect, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog import jobs
from blog.accounts import passwords
from blog.db import Base, db, named, now
from blog.web.access import Audience

LONGEST_NAME = 120
TURNS_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls, and what turns the direction of the text after a name: no name needs them."""


class Role(StrEnum):
    OWNER = "owner"
    AUTHOR = "author"
    MODERATOR = "moderator"


MAY_ENTER = {
    Role.OWNER: {Audience.SIGNED_IN, Audience.MODERATORS, Audience.AUTHORS, Audience.OWNER},
    Role.AUTHOR: {Audience.SIGNED_IN, Audience.MODERATORS, Audience.AUTHORS},
    Role.MODERATOR: {Audience.SIGNED_IN, Audience.MODERATORS},
}


class Person(Base):
    """Someone with an account: the owner, an author or a moderator."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(named(Role))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """The shared secret of the authenticator app, base 32; None where signing in takes no code."""
    totp_last_step: Mapped[int | None]
    """The 30-second step of the last code taken: a code counts once."""
    ended_at: Mapped[datetime | None]
    """When the owner ended the account: what the person wrote stays, signing in does not."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    def set_password(self, password: str) -> None:
        """Raises `ValueError`, in words, for a password that is too easily guessed."""
        known = (self.name, self.email, current_app.config["SITE_NAME"])
        if weakness := passwords.weakness(password, known):
            raise ValueError(weakness)
        self.password_hash = passwords.hasher.hash(password)

    def has_password(self, password: str) -> bool:
        try:
            return passwords.hasher.verify(self.password_hash, password)
        except VerificationError:
            return False

    def rename(self, name: str) -> None:
        """Raises `ValueError`, in words, for what is no name."""
        name = " ".join(TURNS_TEXT.sub("", name).split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(
                _("A person needs a name, of at most %(number)d characters.", number=LONGEST_NAME)
            )
        self.name = name

    def may_enter(self, audience: Audience) -> bool:
        return audience is Audience.EVERYONE or (not self.ended_at and audience in MAY_ENTER[self.role])

    @property
    def writes(self) -> bool:
        return self.may_enter(Audience.AUTHORS)

    @property
    def readers_see_it(self) -> bool:
        """Readers know a person by the name alone; what else happens to an account makes no page old."""
        return inspect(self).attrs.name.history.has_changes()


class Session(Base):
    """One sign-in on one device. The browser holds the token, the database only its hash."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    device: Mapped[str] = mapped_column(String(200), default="")
    """The browser and system, as the browser names them."""
    person: Mapped[Person] = relationship(lazy="joined")


class Passkey(Base):
    """A key that a device holds for a person (WebAuthn); the database has its public half."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for the authenticator app, once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Invitation(Base):
    """A link that makes an account of this role, once, until it expires or is taken back."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(named(Role))
    email: Mapped[str] = mapped_column(String(254), default="")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who came of it."""
    ended_at: Mapped[datetime | None]
    """When it was used or taken back."""


class AccountLog(Base):
    """Something that happened to an account. Rows are only ever added.

    `what` is the name of an act (`signed_in`, `password_changed`, …); `by_id` is who did it where it was
    somebody else, e.g. the owner.
    """

    __tablename__ = "account_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    person_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    what: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class Attempt(Base):
    """Something that is limited was tried, e.g. signing in: `key` says by whom."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_kind_key_at", "kind", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


def find_person(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def create_person(name: str, email: str, password: str, role: Role) -> Person:
    """A new account, not yet committed. Raises `ValueError` in plain words."""
    person = Person(email=email.strip().lower(), role=role)
    person.rename(name)
    if find_person(email):
        raise ValueError(_("%(email)s already has an account.", email=email))
    person.set_password(password)
    db.session.add(person)
    return person


def check_password(email: str, password: str) -> Person | None:
    """The person with this address and password. An unknown address takes as long as a wrong password.

    Nor does an ended account answer otherwise than none.
    """
    person = find_person(email)
    try:
        passwords.hasher.verify(person.password_hash if person else passwords.NOBODY, password)
    except VerificationError:
        return None
    if person is None or person.ended_at:
        return None
    if passwords.hasher.check_needs_rehash(person.password_hash):
        person.password_hash = passwords.hasher.hash(password)
    return person


def seconds_to_wait(kind: str, key: str, most: int, within: timedelta) -> int:
    """How long `key` must wait for another attempt: 0 unless there were `most` of them `within` that time."""
    since = now() - within
    count, oldest = db.session.execute(
        select(func.count(), func.min(Attempt.at)).where(
            Attempt.kind == kind, Attempt.key == key, Attempt.at > since
        )
    ).one()
    return 0 if count < most else max(1, int((oldest + within - now()).total_seconds()))


def count_attempt(kind: str, *keys: str) -> None:
    """Note an attempt for each key; a sweep forgets those older than a day."""
    db.session.add_all(Attempt(kind=kind, key=key[:254]) for key in keys)


@jobs.sweep
def forget_attempts() -> None:
    """Nobody's address is kept here for more than a day."""
    db.session.execute(delete(Attempt).where(Attempt.at < now() - timedelta(days=1)))
    db.session.commit()
