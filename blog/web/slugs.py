"""Addresses made from titles."""

import re
import unicodedata
from collections.abc import Callable

LONGEST = 80


def slugify(title: str) -> str:
    """`The road down, again` → `the-road-down-again`. Other scripts keep their letters; may be empty."""
    plain = unicodedata.normalize("NFKD", title)
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c))).lower()
    return re.sub(r"[\W_]+", "-", plain)[:LONGEST].strip("-")


def free_slug(title: str, fallback: str, is_taken: Callable[[str], bool]) -> str:
    """A slug for `title` that nobody has: `day-two`, else `day-two-2`, and so on."""
    base = slugify(title) or fallback
    slug, count = base, 1
    while is_taken(slug):
        count += 1
        slug = f"{base}-{count}"
    return slug
