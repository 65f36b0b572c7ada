"""The page cache: finished pages, already compressed, answered before Flask is asked.

Only pages for people without a session are kept, by path and locale. One number, shared by all processes
through a mapped file, names the state of what readers can see: a commit that changes it makes every kept
page old at once, so no page can be forgotten.
"""

import gzip
import hashlib
import mmap
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any, ParamSpec

import brotli
from flask import Flask, Response, current_app, g, request
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from blog.web.locale import HEADER_READ, negotiate

P = ParamSpec("P")
Environ = dict[str, Any]
StartResponse = Callable[..., Any]

MOST_BYTES = 32_000_000  # of kept bodies, per process
NUMBER_SIZE = 8


class Edition:
    """A number in a small file that every process maps: another one whenever readers could see a change.

    It is random: with a count, two processes that change it at once could bring back one that was.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.tell() < NUMBER_SIZE:
                file.truncate(NUMBER_SIZE)
            self.map = mmap.mmap(file.fileno(), NUMBER_SIZE)

    def number(self) -> bytes:
        return self.map[:]

    def advance(self) -> None:
        self.map[:] = secrets.token_bytes(NUMBER_SIZE)


@dataclass(frozen=True, slots=True)
class Page:
    """One finished page in one encoding."""

    edition: bytes
    etag: str
    headers: list[tuple[str, str]]
    body: bytes


class PageCache:
    """WSGI middleware in front of the application, and the shelf it reads from."""

    def __init__(self, application: Callable[..., Iterable[bytes]], edition: Edition) -> None:
        self.application = application
        self.edition = edition
        self.pages: dict[tuple[str, str, str], Page] = {}
        self.size = 0
        self.lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        page = self.pages.get(key) if key else None
        if page is None or page.edition != self.edition.map[:]:
            return self.application(environ, start_response)
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", [h for h in page.headers if h[0] not in BODY_HEADERS])
            return [b""]
        start_response("200 OK", page.headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else page.body]

    def keep(self, key: tuple[str, str, str], page: Page) -> None:
        """Put a page on the shelf; those that were put there first make room."""
        with self.lock:
            self.drop(key)
            self.pages[key] = page
            self.size += len(page.body)
            while self.size > MOST_BYTES:
                self.drop(next(iter(self.pages)))

    def drop(self, key: tuple[str, str, str]) -> None:
        if page := self.pages.pop(key, None):
            self.size -= len(page.body)


BODY_HEADERS = {"Content-Length", "Content-Encoding", "Content-Type"}
# Brotli's 9 takes eight times as long as its 5, for one byte in sixty.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5, lgwin=18),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
    "identity": lambda body: body,
}


@lru_cache(maxsize=1024)
def encoding_of(accepted: str) -> str:
    """The best encoding that an `Accept-Encoding` header names and does not refuse (`br;q=0`)."""
    taken = {name for name, quality in parse_accept_header(accepted.lower(), Accept) if quality > 0}
    return next((name for name in ("br", "gzip") if name in taken), "identity")


def key_of(environ: Environ) -> tuple[str, str, str] | None:
    """What a page is kept under, or None where this request must reach the application."""
    if environ.get("QUERY_STRING") or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if "session=" in environ.get("HTTP_COOKIE", ""):
        return None
    locale = negotiate(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:HEADER_READ])
    return environ["PATH_INFO"], locale, encoding_of(environ.get("HTTP_ACCEPT_ENCODING", "")[:HEADER_READ])


def cached_page(view: Callable[P, Any]) -> Callable[P, Any]:
    """Keep what this view answers for readers without a session, until something they can see changes."""

    @wraps(view)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> Any:
        g.keep_page = True
        return view(*args, **kwargs)

    return keeping


def finish(response: Response) -> Response:
    """Compress, stamp and perhaps keep a page on its way out."""
    if response.direct_passthrough or not (response.mimetype or "").startswith(COMPRESSIBLE):
        return response
    encoding = encoding_of(request.headers.get("Accept-Encoding", "")[:HEADER_READ])
    body = COMPRESS[encoding](response.get_data())
    response.set_data(body)
    response.vary.update(["Accept-Encoding", "Accept-Language", "Cookie"])
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    if g.get("person"):
        response.headers.setdefault("Cache-Control", "no-store")
    elif g.get("keep_page") and response.status_code == 200:
        keep(response, body)
    else:
        response.headers.setdefault("Cache-Control", "no-cache")
    return response


COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/ld+json",
    "application/feed+json",
    "application/ld+json",
    "application/atom+xml",
    "application/gpx+xml",
    "application/xml",
    "image/svg+xml",
)


def keep(response: Response, body: bytes) -> None:
    etag = hashlib.sha256(body).hexdigest()[:24]
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    cache: PageCache | None = current_app.extensions.get("page_cache")
    key = key_of(request.environ)
    if cache is None or key is None or request.method != "GET":
        response.make_conditional(request)
        return
    headers = [(name, value) for name, value in response.headers.items() if name != "Content-Length"]
    headers.append(("Content-Length", str(len(body))))
    cache.keep(key, Page(g.edition, f'"{etag}"', headers, body))
    response.make_conditional(request)


def note_edition() -> None:
    """Remember the state before the page is read: a change while it renders must make it old."""
    g.edition = current_app.extensions["edition"].number()


def watch(session: Session, _context: Any) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(getattr(thing, "readers_see_it", False) for thing in touched):
        session.info["readers_see_it"] = True


def init_app(app: Flask) -> None:
    edition = Edition(Path(app.config["INSTANCE"]) / "edition")
    app.extensions["edition"] = edition
    if app.config["PAGE_CACHE"] == "on":
        cache = PageCache(app.wsgi_app, edition)
        app.extensions["page_cache"] = cache
        app.wsgi_app = cache  # type: ignore[method-assign]
    app.before_request(note_edition)
    app.after_request(finish)


@event.listens_for(Session, "before_flush")
def before_flush(session: Session, context: Any, _instances: Any) -> None:
    watch(session, context)


@event.listens_for(Session, "after_commit")
def after_commit(session: Session) -> None:
    if session.info.pop("readers_see_it", False):
        current_app.extensions["edition"].advance()
