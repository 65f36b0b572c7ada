"""How often one may do a thing, and an alarm when too much of something happens.

Counted in memory, so each server process counts for itself, or in Redis where it is set.
"""

import time
from dataclasses import dataclass

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, RateLimitItemPerMinute

REPLIES = 12  # of one address in WINDOW minutes, by default
WINDOW = 10
NETWORK_SHARE = 5  # so much more a whole network may
ALARM = RateLimitItemPerMinute(25, 5, namespace="alarm")


@dataclass(frozen=True)
class Quota:
    """So many of something for one key in a time."""

    item: RateLimitItem
    key: str


def init_app(app: Flask) -> None:
    Limiter(
        get_remote_address,
        app=app,
        storage_uri=app.config["REDIS_URL"] or "memory://",
        strategy="moving-window",
        key_prefix="roadbook",
    )
    app.extensions["replies_allowed"] = replies_allowed(app.config["RATE_LIMITS"])


def replies_allowed(setting: str) -> int | None:
    """How many replies an address may send; None: any number. Raises `ValueError` in plain words."""
    if setting in ("on", "off"):
        return REPLIES if setting == "on" else None
    if not (setting.isascii() and setting.isdigit() and 0 < int(setting) <= 1_000_000):
        raise ValueError(f"ROADBOOK_RATE_LIMITS is on, off or a number of replies, not “{setting}”.")
    return int(setting)


def limiter() -> Limiter:
    found: Limiter = next(iter(current_app.extensions["limiter"]))
    return found


def reply_quotas(address: str, network: str) -> list[Quota]:
    """What one address, and the network that it belongs to, may send."""
    allowed: int | None = current_app.extensions["replies_allowed"]
    return [] if allowed is None else quotas("replies", allowed, WINDOW, address, network)


def quotas(what: str, most: int, minutes: int, address: str, network: str) -> list[Quota]:
    """How much of something one address, and the network that it belongs to, may do in so many minutes."""
    one = RateLimitItemPerMinute(most, minutes, namespace=what)
    all_of_it = RateLimitItemPerMinute(most * NETWORK_SHARE, minutes, namespace=what)
    return [Quota(one, f"address {address}"), Quota(all_of_it, f"network {network}")]


def seconds_to_wait(quotas: list[Quota]) -> int:
    """Take one from each quota: 0, or how long to wait because one of them is used up."""
    strategy, waits = limiter().limiter, []
    for quota in quotas:
        if not strategy.hit(quota.item, quota.key):
            reset = strategy.get_window_stats(quota.item, quota.key).reset_time
            waits.append(max(1, int(reset - time.time()) + 1))
    return max(waits, default=0)


def raise_alarm() -> None:
    """Note one more of what attacks are made of: spam, or a sender who was told to wait."""
    limiter().limiter.hit(ALARM, "spam")


def is_under_attack() -> bool:
    """Whether there was a lot of it in the last minutes."""
    return not limiter().limiter.test(ALARM, "spam")
