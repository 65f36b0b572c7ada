"""Sessions: one for each sign-in on a device, listed and ended one by one."""

import hashlib
import secrets
from datetime import timedelta

from flask import request, session
from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from blog.accounts.models import Person, Session
from blog.db import db, now

LASTS = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
LONGEST_DEVICE = 200

# In this order: each browser also claims to be most of those after it.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Vivaldi": "Vivaldi",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def named_device(user_agent: str) -> str:
    """`Firefox on Linux`: enough for a person to know a device by. What tells nothing is kept as it is."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Another program")


def open_session(person: Person) -> None:
    """Sign a person in here, not yet committed.

    The browser gets a new token, of which the database has the hash. A session from before could have been
    planted: nothing of it is carried over.
    """
    token = secrets.token_urlsafe(32)
    agent = request.headers.get("User-Agent", "")[:LONGEST_DEVICE]
    db.session.add(Session(token_hash=hashed(token), person_id=person.id, device=named_device(agent)))
    session.clear()
    session["token"] = token
    session.permanent = True


def find_session(token: str) -> Session | None:
    oldest = now() - LASTS
    return db.session.scalar(
        select(Session)
        .join(Session.person)
        .where(Session.token_hash == hashed(token), Session.created_at > oldest, Person.ended_at.is_(None))
    )


def open_sessions(person: Person) -> list[Session]:
    """Those that still count, the one seen last first."""
    still_counts = (Session.person_id == person.id, Session.created_at > now() - LASTS)
    return list(db.session.scalars(select(Session).where(*still_counts).order_by(Session.seen_at.desc())))


def note_seen(held: Session) -> None:
    """Keep when a session was last used, to a few minutes."""
    if now() - held.seen_at > SEEN_EVERY:
        # On a connection of its own: a commit here would end what the view has only begun to read.
        with db.engine.begin() as connection:
            connection.execute(update(Session).where(Session.id == held.id).values(seen_at=now()))


def end_session(token: str) -> None:
    db.session.execute(delete(Session).where(Session.token_hash == hashed(token)))


def end_sessions(person: Person, but: str | None = None) -> int:
    """End all sessions of a person, `but` perhaps the one with this token. How many there were."""
    these = delete(Session).where(Session.person_id == person.id)
    if but:
        these = these.where(Session.token_hash != hashed(but))
    return db.session.execute(these).rowcount  # type: ignore[attr-defined]
