"""Comments from elsewhere: the order in which they can be kept, and whose post they belong to. PURE."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from typing import Any
from urllib.parse import unquote, urlsplit

import nh3
from email_validator import EmailNotValidError, validate_email

from blog.comments.verdict import Status
from blog.web.slugs import slugify

LONGEST_TEXT = 100_000
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
KEPT = {
    "p", "br", "em", "strong", "b", "i", "code", "pre", "blockquote", "ul", "ol", "li", "a", "div",
    "h1", "h2", "h3",
}  # fmt: skip


class RefusedImport(Exception):
    """The file is not what it should be; the message says so in words."""


@dataclass(frozen=True)
class Incoming:
    """A comment as the file of another program tells it. Nothing of it is trusted.

    `origin` is its name, the same in every file of that site; `parent` that of the comment it answers.
    `posts` are addresses or slugs by which its post may be found, the surest first. One that `is_gone` was
    deleted, and is there for its answers alone. `more` are columns that only our own exports know.
    """

    origin: str
    parent: str | None
    posts: tuple[str, ...]
    name: str
    email: str
    website: str
    text: str
    status: Status
    created_at: datetime
    edited_at: datetime | None = None
    is_gone: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def cleaned(self) -> "Incoming":
        """With what our columns can hold: a name of one line, addresses that are such or nothing."""
        return replace(
            self,
            name=" ".join(DIRECTIONS.sub("", printable(self.name)).split())[:80] or "Anonymous",
            email=real_email(printable(self.email)),
            website=web_address(printable(self.website)),
            text=printable(self.text),
        )


def printable(text: str) -> str:
    """Without what no database or reader could make sense of: control characters, halves of letters."""
    return CONTROL.sub("", text.replace("\r\n", "\n").encode("utf-8", "ignore").decode())


def real_email(text: str) -> str:
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return ""


def web_address(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"https?://[^\s\"'<>]{1,190}", text, re.IGNORECASE) else ""


def from_html(html: str) -> str:
    """Our markup for the HTML of another program: paragraphs, emphasis, links, quotes, code and lists."""
    from markdownify import markdownify  # noqa: PLC0415 — the server never needs it, nor the memory it takes

    safe = nh3.clean(
        html, tags=KEPT, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel=None
    )
    return markdownify(safe, escape_misc=True, heading_style="atx", bullets="-", convert=sorted(KEPT)).strip()


def instant(seconds: float) -> datetime:
    """Raises `ValueError` for what is no time that a calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, TypeError) as error:
        raise ValueError(f"{seconds} is no time.") from error


def written_instant(text: str) -> datetime:
    """`2011-08-07T15:20:00Z`, `2023-01-16 07:17:56`: UTC where no zone stands. Raises `ValueError`."""
    found = datetime.fromisoformat(text.strip())
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is no time.") from error


def parents_first(comments: Iterable[Incoming]) -> list[Incoming]:
    """By age, but each after the one that it answers, so that it can be kept below it.

    What answers a comment that is not here, or stands in a circle, begins a thread. Deleted ones that nobody
    answers are left out, and of two with one name the second.
    """
    known: dict[str, Incoming] = {}
    for comment in comments:
        known.setdefault(comment.origin, comment)
    below: dict[str, list[Incoming]] = {}
    for comment in known.values():
        if comment.parent is not None:
            below.setdefault(comment.parent, []).append(comment)
    ordered: dict[str, Incoming] = {}

    def add_with_answers(starts: Iterable[Incoming]) -> None:
        waiting = [(age(start), replace(start, parent=None)) for start in starts]
        heapify(waiting)
        while waiting:
            _age, comment = heappop(waiting)
            if comment.origin not in ordered:
                ordered[comment.origin] = comment
                for answer in below.get(comment.origin, []):
                    heappush(waiting, (age(answer), answer))

    add_with_answers(comment for comment in known.values() if comment.parent not in known)
    for comment in sorted(known.values(), key=age):
        if comment.origin not in ordered:  # it stands in a circle, or below one
            add_with_answers([comment])
    return without_unanswered(list(ordered.values()))


def age(comment: Incoming) -> tuple[datetime, str]:
    return comment.created_at, comment.origin


def without_unanswered(ordered: list[Incoming]) -> list[Incoming]:
    """Leave out the deleted ones under which nothing is left."""
    answered: set[str] = set()
    kept = []
    for comment in reversed(ordered):
        if not comment.is_gone or comment.origin in answered:
            kept.append(comment)
            if comment.parent:
                answered.add(comment.parent)
    return kept[::-1]


class Posts:
    """Finds the post that an old address belongs to, by the map that the owner gave, or by its slug."""

    def __init__(self, numbers: Mapping[str, int], moved: Mapping[str, str]) -> None:
        self.numbers = numbers
        self.moved = {path_of(address): slug for address, slug in moved.items()}

    def find(self, addresses: Iterable[str]) -> int | None:
        """The number of the post; None where no address leads to one."""
        for address in addresses:
            slug = self.moved.get(path_of(address))
            if slug is not None and slug in self.numbers:
                return self.numbers[slug]
            for part in reversed(path_of(address).split("?")[0].split("/")):
                name = re.sub(r"\.(?:html?|php|aspx?)$", "", part)
                if name in self.numbers or slugify(name) in self.numbers:
                    return self.numbers.get(name) or self.numbers[slugify(name)]
        return None


def path_of(address: str) -> str:
    """What tells a page of a site from its others: path and query, without the slash at its end."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:  # brackets that are no IPv6 address
        return address.strip()
    return unquote(parts.path).strip("/") + (f"?{parts.query}" if parts.query else "")
