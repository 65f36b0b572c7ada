"""All that a reader without an account can reach from `/`, for tests of what must not be there."""

import json
import re
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HERE = "http://localhost"  # the PUBLIC_URL of tests
MOST = 2_000
ONE_ADDRESS = ("href", "src", "content", "poster", "data-src", "data-player", "action")
MANY_ADDRESSES = ("srcset", "data-srcset", "imagesrcset")
IN_STYLES = re.compile(r"""url\(\s*["']?([^"')]+)""")
IN_SCRIPTS = re.compile(r"""["'](\.{0,2}/[\w./-]+\.(?:m?js|css|json|woff2|svg))["']""")
IN_XML = re.compile(r"""(?:href=|src=|>\s*)["']?((?:https?:/)?/[^\s"'<>]+)""")
UNLINKED = ("/robots.txt", "/sitemap.xml", "/healthz", "/no-such-page")


class Reached(NamedTuple):
    """An address with what it answered, whatever its status."""

    address: str
    body: bytes
    answer: TestResponse


def crawl(client: FlaskClient, start: str = "/", most: int = MOST) -> Iterator[Reached]:
    """Ask for `start`, for what machines ask for unlinked, and for every address of this site in any answer.

    Pages, feeds, JSON, styles, scripts, every width of every image. Raises AssertionError where there is
    more than `most`, rather than leave something out.
    """
    waiting = deque([start, *UNLINKED])
    seen = set(waiting)
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        body = answer.get_data()
        answer.close()  # a static file
        yield Reached(address, body, answer)
        for found in sorted(addresses(address, answer, body)):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
        assert len(seen) <= most, f"More than {most} addresses."


def addresses(at: str, answer: TestResponse, body: bytes) -> set[str]:
    """The addresses of this site that an answer names: path and query."""
    named = {answer.location} if answer.location else set()
    kind = answer.mimetype
    text = "" if kind.startswith(("image/", "font/")) and kind != "image/svg+xml" else body.decode()
    if kind == "text/html":
        named |= in_html(text)
    elif kind.endswith("json"):
        named |= in_json(json.loads(text))
    elif kind.endswith("xml"):
        named |= set(IN_XML.findall(text))
    elif kind == "text/css":
        named |= set(IN_STYLES.findall(text))
    elif "javascript" in kind:
        named |= set(IN_SCRIPTS.findall(text))
    return {path for one in named if (path := on_this_site(urljoin(HERE + at, one)))}


def on_this_site(address: str) -> str | None:
    """Path and query of an address; None where it leads elsewhere."""
    parts = urlsplit(urldefrag(address).url)
    if f"{parts.scheme}://{parts.netloc}" != HERE:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def in_json(value: Any) -> set[str]:
    """Every string that is an address, and the addresses in every string that is HTML."""
    if isinstance(value, dict):
        return set().union(*map(in_json, value.values()))
    if isinstance(value, list):
        return set().union(*map(in_json, value))
    if not isinstance(value, str):
        return set()
    return in_html(value) if "<" in value else {value} if value.startswith(("/", HERE)) else set()


def in_html(text: str) -> set[str]:
    reader = Attributes()
    reader.feed(text)
    return reader.named | set(IN_STYLES.findall(text))


class Attributes(HTMLParser):
    """Collects the addresses in a page's attributes and in its JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.named: set[str] = set()
        self.holds_json = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.holds_json = tag == "script" and "json" in (dict(attributes).get("type") or "")
        for name, value in attributes:
            if value and name in MANY_ADDRESSES:
                self.named |= {one.split()[0] for one in value.split(",") if one.strip()}
            elif value and name in ONE_ADDRESS and (name != "content" or value.startswith(("/", HERE))):
                self.named.add(value)

    def handle_data(self, data: str) -> None:
        if self.holds_json and data.strip():
            self.named |= in_json(json.loads(data))
