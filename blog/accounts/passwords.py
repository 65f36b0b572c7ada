"""Passwords: kept by argon2id, and refused in words where they are easily guessed."""

import re
import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

hasher = PasswordHasher()  # argon2id with the library's current parameters
NOBODY = hasher.hash(secrets.token_hex(16))  # checked for unknown addresses, so that they take as long

SHORTEST = 10
LONGEST = 200
LOOKED_AT = 64  # characters that zxcvbn gets: its time grows faster than the length
OF_ONES_OWN = 6  # characters that must remain without names that everybody knows
STRONG = 3  # of its marks from 0 to 4: holds against ten billion guesses or so

# What zxcvbn says, in our words; it has them in English alone.
REASONS = {
    "Straight rows of keys are easy to guess.": _l("It is a row of keys."),
    "Short keyboard patterns are easy to guess.": _l("It is a short pattern on the keyboard."),
    'Repeats like "aaa" are easy to guess.': _l("It repeats one letter."),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': _l("It repeats itself."),
    'Sequences like "abc" or "6543" are easy to guess.': _l("It is a sequence, like “abc” or “6543”."),
    "Recent years are easy to guess.": _l("It is little more than a year."),
    "Dates are often easy to guess.": _l("It is little more than a date."),
    "This is a top-10 common password.": _l("It is one of the ten most used passwords."),
    "This is a top-100 common password.": _l("It is one of the hundred most used passwords."),
    "This is a very common password.": _l("Many people use it."),
    "This is similar to a commonly used password.": _l("It is much like one that many people use."),
    "A word by itself is easy to guess.": _l("It is a single word."),
    "Names and surnames by themselves are easy to guess.": _l("It is a name."),
    "Common names and surnames are easy to guess.": _l("It is a common name."),
}  # fmt: skip


def weakness(password: str, known: Iterable[str] = ()) -> str | None:
    """What makes this password too weak, in words; None for a good one.

    `known` is what anybody would try first: the person's name and address, the name of the site.
    """
    if len(password) < SHORTEST:
        return _("A password needs at least %(number)d characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return _("A password can have at most %(number)d characters.", number=LONGEST)
    # Its word lists take 13 MB, and a server process sees a new password once in a blue moon.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    parts = {part.lower() for text in known for part in (text, *re.split(r"[\W_]+", text)) if len(part) > 2}
    found = zxcvbn(password[:LOOKED_AT], user_inputs=sorted(parts))
    own = [part for part in sorted(parts, key=len, reverse=True) if part in password.lower()]
    if own and len(re.sub("|".join(map(re.escape, own)), "", password.lower())) < OF_ONES_OWN:
        reason = _("It is made of your name, your e-mail or the name of this site.")
    elif found["score"] >= STRONG:
        return None
    else:
        reason = str(REASONS.get(found["feedback"]["warning"], _("It is short of surprises.")))
    return _(
        "This is too easy to guess. %(reason)s Three or four words that do not belong together are good.",
        reason=reason,
    )
