"""What a fresh comment looks like: fit to stand, worth a moderator's eyes, or spam. With reasons. PURE."""

import re
from dataclasses import dataclass
from enum import StrEnum

LINK = re.compile(r"https?://|www\.|\[/?url", re.IGNORECASE)
TRADE = re.compile(
    r"\b(?:viagra|cialis|casino|payday|forex|backlinks?|seo services?|crypto (?:giveaway|investment)|"
    r"escorts?|work from home|weight[- ]loss|make money|earn \$?\d|"
    r"subscribe to my|check out my (?:channel|site))\b",
    re.IGNORECASE,
)
QUICKEST_S = 3.0
MANY_LINKS = 3


class Status(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Verdict:
    """The status that a comment gets, and why, in words for the moderator."""

    status: Status
    reasons: tuple[str, ...] = ()


def judge(text: str, name: str, seconds_on_page: float | None, honeypot: str) -> Verdict:
    """Judge a comment by its words and how it was sent; `seconds_on_page` is None where it is not known."""
    certain = []
    if honeypot.strip():
        certain.append("It filled in a field that people cannot see.")
    links = len(LINK.findall(text))
    if links >= MANY_LINKS:
        certain.append(f"It has {links} links.")
    if TRADE.search(text) or TRADE.search(name):
        certain.append("It advertises.")
    doubts = []
    if LINK.search(name):
        doubts.append("The name is a web address.")
    if seconds_on_page is not None and seconds_on_page < QUICKEST_S:
        doubts.append("It was sent within three seconds of opening the page.")
    if links:
        doubts.append("It has a link.")
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 20 and sum(c.isupper() for c in letters) > 0.8 * len(letters):
        doubts.append("It is all in capitals.")
    is_spam = bool(certain) or len(doubts) >= 2
    return Verdict(Status.SPAM if is_spam else Status.PENDING, tuple(certain + doubts))
