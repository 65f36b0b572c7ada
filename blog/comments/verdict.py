"""What a fresh comment looks like: signs of spam, how much each weighs, and what they come to. PURE."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache

READ = 10_000  # characters
LINK = re.compile(r"https?://|www\.|\[/?url", re.IGNORECASE)
TRADE = re.compile(
    r"\b(?:viagra|cialis|casino|payday|forex|backlinks?|seo services?|crypto (?:giveaway|investment)|"
    r"escorts?|work from home|weight[- ]loss|make money|earn \$?\d|"
    r"subscribe to my|check out my (?:channel|site))\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]{2,}")
HAS_LINK = "It has a link."
QUICKEST_S = 3.0
MANY_LINKS = 3
MANY_DISGUISED = 3
ENOUGH_LETTERS = 20
LOOK_ALIKE = ({"LATIN", "CYRILLIC"}, {"LATIN", "GREEK"}, {"LATIN", "CHEROKEE"})


class Status(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    SPAM = "spam"
    REJECTED = "rejected"


class Weight(IntEnum):
    """How much a sign says. Two of a link's weight or more are spam together; a hint is only told.

    What is barred is spam whoever sends it; what is certain by its looks waits for a moderator if it is from
    a trusted reader.
    """

    HINT = 0
    LINK = 1
    DOUBT = 2
    GRAVE = 3
    CERTAIN = 4
    BARRED = 5


@dataclass(frozen=True)
class Sign:
    """Something that spam has in common, in words for the moderator."""

    weight: Weight
    words: str


@dataclass(frozen=True)
class Verdict:
    """The status that a comment gets, and why, in words for the moderator."""

    status: Status
    reasons: tuple[str, ...] = ()


def signs_of(
    text: str, name: str, seconds_on_page: float | None, honeypot: str, post_script: str | None = None
) -> list[Sign]:
    """The signs in a comment's words and in how it was sent.

    `seconds_on_page` is None where it is not known; `post_script`: in which the post is written, as
    `main_script` says.
    """
    text, links = text[:READ], len(LINK.findall(text[:READ]))
    disguised = disguised_words(f"{name} {text}")
    seen = {
        Sign(Weight.BARRED, "It filled in a field that people cannot see."): bool(honeypot.strip()),
        Sign(Weight.CERTAIN, f"It has {links} links."): links >= MANY_LINKS,
        Sign(Weight.CERTAIN, "It advertises."): bool(TRADE.search(text) or TRADE.search(name)),
        Sign(Weight.DOUBT, "The name is a web address."): bool(LINK.search(name)),
        Sign(Weight.DOUBT, "It was sent within three seconds of opening the page."): (
            seconds_on_page is not None and seconds_on_page < QUICKEST_S
        ),
        Sign(Weight.LINK, HAS_LINK): 0 < links < MANY_LINKS,
        Sign(Weight.DOUBT, "It is all in capitals."): is_shouted(text),
        disguise(disguised): bool(disguised),
        Sign(Weight.HINT, "It is written in another script than the post."): is_foreign(text, post_script),
    }
    return [sign for sign, is_seen in seen.items() if is_seen]


def disguise(words: list[str]) -> Sign:
    weight = Weight.CERTAIN if len(words) >= MANY_DISGUISED else Weight.GRAVE
    return Sign(
        weight, f"Letters of two scripts make one word look like another: “{'”, “'.join(words[:3])}”."
    )


def is_spam(signs: Iterable[Sign]) -> bool:
    weights = [sign.weight for sign in signs]
    return (
        max(weights, default=Weight.HINT) >= Weight.CERTAIN
        or sum(weight >= Weight.LINK for weight in weights) >= 2
    )


def heaviest(signs: Iterable[Sign]) -> Weight:
    return max((sign.weight for sign in signs), default=Weight.HINT)


def is_shouted(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > ENOUGH_LETTERS and sum(c.isupper() for c in letters) > 0.8 * len(letters)


def is_foreign(text: str, post_script: str | None) -> bool:
    script = main_script(text)
    return None not in (script, post_script) and script != post_script


def disguised_words(text: str) -> list[str]:
    """The words that mix letters which look alike, such as a Latin word with a Cyrillic a."""
    if text.isascii():
        return []
    return [w[:40] for w in WORD.findall(text) if not w.isascii() and {script_of(c) for c in w} in LOOK_ALIKE]


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """The script of a letter, as its Unicode name begins: LATIN, CYRILLIC, HANGUL, CJK …"""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


def main_script(text: str) -> str | None:
    """The script that most letters of a text are in; None where there are too few to tell."""
    letters = [c for c in text[:READ] if c.isalpha()]
    if len(letters) <= ENOUGH_LETTERS:
        return None
    script, count = Counter(map(script_of, letters)).most_common(1)[0]
    return script if count > 0.6 * len(letters) else None


def hash_of(text: str) -> int | None:
    """A number of 64 bits, the same for texts of the same letters and digits; None where they are few."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", text[:READ]).casefold() if c.isalnum())
    if len(bare) <= ENOUGH_LETTERS:
        return None
    return int.from_bytes(hashlib.blake2b(bare.encode(), digest_size=8).digest(), "big", signed=True)
