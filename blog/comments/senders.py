"""Where comments came from, kept as hashes that nobody can turn back once their salt is gone, and floods."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from flask import request
from flask_babel import gettext as _
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from blog.db import Base, db, insert_once, now
from blog.web.limits import WINDOW, quotas, seconds_to_wait

SALT_LASTS = timedelta(days=7)
NETWORK_BITS = {4: 24, 6: 48}


class AddressSalt(Base):
    """The salt of a week. With it go the means to tell which address a hash was made of.

    `id` is the number of the week since 1970, so that two who need it first make one.
    """

    __tablename__ = "address_salt"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


def present_salt() -> bytes:
    """This week's salt, made when it is first needed, not yet committed."""
    week = int(now().timestamp() // SALT_LASTS.total_seconds())
    query = select(AddressSalt.salt).where(AddressSalt.id == week)
    found = db.session.scalar(query)
    if found is None:
        insert_once(AddressSalt, id=week, salt=secrets.token_bytes(32))
        found = db.session.scalar(query)
    if found is None:
        raise RuntimeError("The salt of this week can be neither found nor made.")
    return found


def hashes(address: str) -> tuple[str | None, str | None]:
    """(address_hash, network_hash) of an IP address; (None, None) where it is none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None, None
    salt = present_salt()
    return keyed(salt, str(ip)), keyed(salt, network_of(address))


def network_of(address: str) -> str:
    """The network around an IP address, about what one household or office has; "" where it is none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{ip}/{NETWORK_BITS[ip.version]}", strict=False))


def refuse_floods(what: str, most: int, minutes: int = WINDOW) -> None:
    """Count one more of `what` for the address, and the network, that this request comes from.

    Raises `TooManyRequests`, in words, where it was too often.
    """
    address = request.remote_addr or ""
    if wait := seconds_to_wait(quotas(what, most, minutes, address, network_of(address))):
        sentence = _("That is a lot at once. Please wait %(minutes)d minutes.", minutes=wait // 60 + 1)
        raise TooManyRequests(sentence, retry_after=wait)


def keyed(salt: bytes, what: str) -> str:
    return hmac.new(salt, what.encode(), hashlib.sha256).hexdigest()
