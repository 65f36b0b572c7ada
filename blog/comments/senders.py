"""Where comments came from, kept as hashes that nobody can turn back once their salt is gone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, db, now

SALT_LASTS = timedelta(days=7)
NETWORK_BITS = {4: 24, 6: 48}


class AddressSalt(Base):
    """The salt of a week. With it go the means to tell which address a hash was made of."""

    __tablename__ = "address_salt"

    id: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


def present_salt() -> bytes:
    """This week's salt, made when it is first needed, not yet committed."""
    found = db.session.scalar(
        select(AddressSalt)
        .where(AddressSalt.made_at > now() - SALT_LASTS)
        .order_by(AddressSalt.id.desc())
        .limit(1)
    )
    if found is None:
        found = AddressSalt(salt=secrets.token_bytes(32))
        db.session.add(found)
    return found.salt


def hashes(address: str) -> tuple[str | None, str | None]:
    """(address_hash, network_hash) of an IP address; (None, None) where it is none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None, None
    network = ip_network(f"{ip}/{NETWORK_BITS[ip.version]}", strict=False)
    salt = present_salt()
    return keyed(salt, str(ip)), keyed(salt, str(network))


def keyed(salt: bytes, what: str) -> str:
    return hmac.new(salt, what.encode(), hashlib.sha256).hexdigest()
