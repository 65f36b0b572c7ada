"""Devices that somebody has signed in on: they are let in while strangers guess at the account.

A signed cookie holds a number of this browser's own and whom it has signed in. It opens nothing; it only has
tries of its own, which no stranger can use up.
"""

import secrets
from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from blog.accounts.models import Person
from blog.accounts.signing import opened, signed

COOKIE = "device"
LASTS = timedelta(days=365)
MOST_PEOPLE = 8


def read() -> tuple[str, list[int]]:
    """The number of this browser, new if it had none, and the people it knows."""
    found = opened("device", request.cookies.get(COOKIE, ""), LASTS)
    return (found[0], found[1]) if found else (secrets.token_urlsafe(12), [])


def known_device(person: Person | None) -> str | None:
    """The number of this browser where this person has signed in on it before."""
    number, people = read()
    return number if person and person.id in people else None


def remember(response: Response, person: Person) -> None:
    number, people = read()
    kept = [person.id, *(other for other in people if other != person.id)][:MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        signed("device", [number, kept]),
        max_age=LASTS,
        path="/sign-in",
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
