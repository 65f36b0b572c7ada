"""Words of strangers made fit for a letter: no control characters, no turned direction, no towers. PURE."""

import re
import textwrap
import unicodedata

WIDTH = 72
LONGEST_EXCERPT = 400
MOST_MARKS = 4  # on one letter: Vietnamese and Thai need three
MAY_BE_MARK = re.compile("[\u0300-\U0010ffff]")  # no mark comes before these
# What turns the direction of all that follows, or cannot be seen. Joiners (U+200C, U+200D) stay.
UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def harmless(text: str) -> str:
    """The same words without control characters, with plain line ends."""
    lines = re.sub(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]", "\n", UNSEEN.sub("", text))
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    return without_towers(kept)


def without_towers(text: str) -> str:
    """At most `MOST_MARKS` marks stand on one letter."""
    if not MAY_BE_MARK.search(text):
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def one_line(text: str, longest: int) -> str:
    """What may stand in a header or in a line of a letter."""
    return shortened(" ".join(harmless(text[: longest * 8]).split()), longest)


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def excerpt(text: str, longest: int = LONGEST_EXCERPT) -> str:
    """The beginning of a text, with its line breaks."""
    lines = [" ".join(line.split()) for line in harmless(text[: longest * 8]).strip().split("\n")]
    return shortened("\n".join(line for line in lines if line), longest)


def quoted(text: str) -> str:
    """Each line marked with `>` and wrapped, so that nobody takes it for the letter's own words."""
    wrapped = (line for part in text.split("\n") for line in textwrap.wrap(part, WIDTH) or [""])
    return "\n".join(f"> {line}" for line in wrapped)
