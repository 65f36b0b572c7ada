"""The links in letters: each proves one thing to one view, and whoever holds the letter holds the proof."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import Response, abort, current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from blog.web.addresses import public_address


class Purpose(StrEnum):
    """What a link is for; each names the view that it leads to."""

    CONFIRM = "letters.confirmation"
    UNSUBSCRIBE = "letters.unsubscribing"
    FOLLOWING = "letters.following"
    MODERATE = "letters_desk.moderation"


LASTS = {Purpose.CONFIRM: timedelta(days=7), Purpose.MODERATE: timedelta(days=7)}


def signer(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=purpose.value)


def token_for(purpose: Purpose, *facts: str | int) -> str:
    return str(signer(purpose).dumps(facts))


def link(purpose: Purpose, *facts: str | int) -> str:
    """The whole address of the view, with a token that names these facts."""
    return public_address(purpose.value, token=token_for(purpose, *facts))


def read(purpose: Purpose, token: str) -> Any:
    """The facts that a token names. What is forged is at no address (404), what is too old is gone (410)."""
    lasts = LASTS.get(purpose)
    try:
        return signer(purpose).loads(token, max_age=int(lasts.total_seconds()) if lasts else None)
    except SignatureExpired:
        abort(410, _("This link was good for a week. Nothing was changed."))
    except BadSignature:
        abort(404, _("This link is not whole. Please take it from the letter once more."))


def keep_to_oneself(response: Response) -> Response:
    """The address of these pages is a key: it stays out of caches, other sites' logs and search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
