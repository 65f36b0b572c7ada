"""How fast one may guess: each failed try at an account doubles the wait before the next.

A device that the person has signed in on before has tries of its own, and passkeys and links by mail are not
limited by this: whoever guesses at an account slows down strangers, not its owner.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from werkzeug.exceptions import TooManyRequests

from blog.accounts.models import Attempt, count_attempt, seconds_to_wait
from blog.db import db, now

FREE_TRIES = 5
LONGEST_WAIT_S = 15 * 60
REMEMBERED = timedelta(days=1)
NETWORK_TRIES = 30
NETWORK_WINDOW = timedelta(minutes=15)


class TooSoon(Exception):
    """The next try must wait for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Wait for {seconds} s.")
        self.seconds = seconds

    @property
    def words(self) -> str:
        if self.seconds < 60:
            return _("Too many tries. Please wait %(seconds)d seconds.", seconds=self.seconds)
        return _("Too many tries. Please wait %(minutes)d minutes.", minutes=ceil(self.seconds / 60))

    def refusal(self) -> TooManyRequests:
        return TooManyRequests(self.words, retry_after=self.seconds)


@dataclass(frozen=True)
class Try:
    """A try under way. It counts as failed until it is `forgiven`."""

    ids: tuple[int, ...]

    def forgiven(self) -> None:
        """It was right after all; not yet committed."""
        db.session.execute(delete(Attempt).where(Attempt.id.in_(self.ids)))


def begin_try(kind: str, key: str, address: str = "") -> Try:
    """Count a try before it is made, so that many at once are counted too. Commits. Raises `TooSoon`.

    `key` says at what; `address` from where, where all tries from there are to be limited together.
    """
    rows = [Attempt(kind=kind, key=key[:254])]
    if address:
        rows.append(Attempt(kind=kind, key=network_of(address)))
    db.session.add_all(rows)
    db.session.flush()  # on SQLite, others now wait until this is decided
    wait = seconds_until_next(kind, key[:254], rows[0].id)
    if address:
        # The row just added is one of them.
        wait = max(wait, seconds_to_wait(kind, network_of(address), NETWORK_TRIES + 1, NETWORK_WINDOW))
    if wait:
        db.session.rollback()
        raise TooSoon(wait)
    db.session.execute(delete(Attempt).where(Attempt.at < now() - REMEMBERED))
    db.session.commit()
    return Try(tuple(row.id for row in rows))


def seconds_until_next(kind: str, key: str, but: int) -> int:
    """0 for the first tries of a day; then 2, 4, 8 … seconds after the last, up to a quarter of an hour."""
    count, last = db.session.execute(
        select(func.count(), func.max(Attempt.at)).where(
            Attempt.kind == kind, Attempt.key == key, Attempt.at > now() - REMEMBERED, Attempt.id != but
        )
    ).one()
    if count < FREE_TRIES:
        return 0
    wait = min(2 ** min(count - FREE_TRIES + 1, 10), LONGEST_WAIT_S)
    return max(0, ceil((last - now()).total_seconds() + wait))


def network_of(address: str) -> str:
    """What one subscriber has: an IPv4 address, or 2⁶⁴ of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


def refuse_floods(kind: str, *limits: tuple[str, int], within: timedelta) -> None:
    """Count an act for each (key, most within that time). Raises `TooSoon` where one is used up. Commits."""
    wait = max(seconds_to_wait(kind, key, most, within) for key, most in limits)
    if wait:
        raise TooSoon(wait)
    count_attempt(kind, *(key for key, _most in limits))
    db.session.commit()
