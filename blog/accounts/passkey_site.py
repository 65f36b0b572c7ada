"""The site as passkeys know it: they belong to a name, and browsers use them at a secure address alone."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app

USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class PasskeySite:
    """`name` is what devices show, `host` the relying party's id, `origin` where answers must come from."""

    name: str
    host: str
    origin: str


def passkey_site() -> PasskeySite | None:
    """By the public address; None where that is a bare IP address, or neither https nor this machine."""
    address = urlsplit(current_app.config["PUBLIC_URL"])
    host, port = address.hostname or "", address.port
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or is_number(host) or not (address.scheme == "https" or is_local):
        return None
    shown = "" if port in (None, USUAL_PORTS.get(address.scheme)) else f":{port}"
    return PasskeySite(current_app.config["SITE_NAME"], host, f"{address.scheme}://{host}{shown}")


def is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
