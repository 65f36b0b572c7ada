"""Which address a reader's browser has shown to read: a signed cookie, set by the link in a mail."""

from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "commenter"
LASTS = timedelta(days=365)


def signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="commenter")


def confirmed_email() -> str | None:
    """The address that this browser has shown to read, in lower case."""
    try:
        email = signer().loads(request.cookies.get(COOKIE, ""), max_age=int(LASTS.total_seconds()))
    except BadSignature:
        return None
    return email if isinstance(email, str) else None


def remember_confirmed(response: Response, email: str) -> None:
    """Give the browser the cookie for this address."""
    response.set_cookie(
        COOKIE,
        signer().dumps(email.strip().lower()),
        max_age=LASTS,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )
