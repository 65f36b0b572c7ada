"""Words that leave the house and come back: signed for one purpose, and perhaps for a time."""

import hashlib
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from blog.accounts.models import Person


def signer(purpose: str) -> URLSafeTimedSerializer:
    """What is signed for one purpose is worth nothing for another."""
    key = str(current_app.secret_key)
    return URLSafeTimedSerializer(
        key, salt=f"accounts-{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
    )


def signed(purpose: str, value: Any) -> str:
    text: str = signer(purpose).dumps(value)
    return text


def opened(purpose: str, token: str, lasts: timedelta) -> Any:
    """What was signed; None for a token that is forged, cut, for another purpose or too old."""
    try:
        return signer(purpose).loads(token, max_age=int(lasts.total_seconds()))
    except BadData:
        return None


def keep_address_secret(answer: Response) -> None:
    """For a page whose address is a key: no other page is told of it, and no cache keeps it."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"


def state_of(person: Person) -> str:
    """Changes with the password and the address: a link that carries it works until either does."""
    return hashlib.sha256(f"{person.email}\0{person.password_hash}".encode()).hexdigest()[:32]
