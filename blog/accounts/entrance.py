"""The last step of every way to sign in, and what lies between a right password and the code."""

import re
from datetime import timedelta

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from blog.accounts import devices
from blog.accounts.log import Event, note
from blog.accounts.models import Person
from blog.accounts.sessions import LONGEST_DEVICE, named_device, open_session
from blog.accounts.signing import opened, signed, state_of
from blog.db import db

LONGEST_NEXT = 1000
CODE_WAITS = timedelta(minutes=10)


def next_page(address: str | None) -> str:
    """Where to go after signing in: only ever to a path on this site."""
    # Browsers drop control characters and take a backslash for a slash: neither may stand in it.
    is_path = address and len(address) <= LONGEST_NEXT and re.fullmatch(r"/(?!/)[^\\\x00-\x1f\x7f]*", address)
    return address if address and is_path else url_for("desk.home")


def let_in(person: Person, means: str, onward: str | None) -> Response:
    """Sign a person in here and lead on to `onward`. Commits. `means` is the way, for the log."""
    open_session(person)
    device = named_device(request.headers.get("User-Agent", "")[:LONGEST_DEVICE])
    note(person, Event.SIGNED_IN, detail=f"{means}, {device}")
    db.session.commit()
    response = redirect(next_page(onward))
    devices.remember(response, person)
    return response


def ask_for_code(person: Person, onward: str | None) -> Response:
    """The password was right; the code is still wanted. What the browser keeps until then opens nothing."""
    session.clear()
    session["half"] = signed("half", [person.id, state_of(person), onward])
    return redirect(url_for("two_step.enter_code"))


def half_signed_in() -> tuple[Person, str | None] | None:
    """Who has given a password here and not yet a code, and where they are going."""
    found = opened("half", session.get("half", ""), CODE_WAITS)
    person = db.session.get(Person, found[0]) if found else None
    if person is None or person.ended_at or state_of(person) != found[1]:
        return None
    return person, found[2]
