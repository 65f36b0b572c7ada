"""Security headers of every answer, and the refusal of requests that another site makes a browser send."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

EMBEDS = ("https://www.youtube-nocookie.com", "https://player.vimeo.com")
SAFE = {"GET", "HEAD", "OPTIONS"}


def nonce() -> str:
    """The nonce of this page, made when first asked for. A kept page keeps its own, made after its words."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def policy() -> str:
    mark = f"'nonce-{nonce()}'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {mark} 'strict-dynamic'",
            f"style-src 'self' {mark}",
            "img-src 'self' data: blob:",
            "media-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            f"frame-src {' '.join(EMBEDS)}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if request.blueprint != "photos_media":
        headers.setdefault("Content-Security-Policy", policy())
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["PUBLIC_URL"].startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def refuse_other_sites() -> None:
    """A form on another site cannot act here, not even for people who are not signed in."""
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["csp_nonce"] = nonce
    app.before_request(refuse_other_sites)
    app.after_request(protect)
