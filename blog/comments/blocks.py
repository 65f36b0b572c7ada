"""Block lists: words, networks, domains and addresses that make a comment spam."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from blog.comments.wording import WORD, plain
from blog.db import Base, db, named, now

LONGEST = 254
SHORTEST_WORD = 3
WIDEST = {4: 8, 6: 19}  # bits of the widest network that may be blocked
MOST_HOSTS = 50  # of a text
HOST = re.compile(r"(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Scripts that put no space between words, or join endings to them.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class BlockKind(StrEnum):
    WORD = "word"
    NETWORK = "network"
    DOMAIN = "domain"
    EMAIL = "email"


class Block(Base):
    """One entry: a word, a network as CIDR (one address is a network too), a domain, or an e-mail address."""

    __tablename__ = "block"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BlockKind] = mapped_column(named(BlockKind))
    value: Mapped[str] = mapped_column(String(254))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(default=now)


def tidy(kind: BlockKind, typed: str) -> str:
    """What was typed as it is kept and compared. Raises `ValueError` in words for the one who typed it."""
    typed = typed.strip()
    if not typed:
        raise ValueError(_("Write what is to be blocked."))
    if len(typed) > LONGEST:
        raise ValueError(_("This is too long: %(most)d characters are the most.", most=LONGEST))
    return TIDY[kind](typed)


def tidy_word(typed: str) -> str:
    words = " ".join(WORD.findall(plain(typed)))[:LONGEST]
    if len(words) < SHORTEST_WORD and not UNSPACED.search(words):
        raise ValueError(
            _("A word needs at least three letters: a shorter one stands in too many good replies.")
        )
    return words


def tidy_network(typed: str) -> str:
    try:
        network = ip_network(typed, strict=False)
    except ValueError as error:
        raise ValueError(
            _("This is no address or network. They look like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48.")
        ) from error
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError(_("This network is a large part of the internet. Block a smaller one."))
    return str(network)


def tidy_domain(typed: str) -> str:
    bare = re.sub(r"^(?:https?:)?//", "", typed, flags=re.IGNORECASE).split("/")[0].strip(".").casefold()
    try:
        host = bare.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(_("This is no domain. One looks like shop.example.")) from error
    labels = host.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError(_("This is no domain. One looks like shop.example."))
    return host


def tidy_email(typed: str) -> str:
    try:
        found = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(_("This does not look like an e-mail address.")) from error
    return found.normalized.lower()


TIDY = {
    BlockKind.WORD: tidy_word,
    BlockKind.NETWORK: tidy_network,
    BlockKind.DOMAIN: tidy_domain,
    BlockKind.EMAIL: tidy_email,
}


@dataclass
class Lists:
    """All entries, arranged so that a comment is compared with them in a time that hardly grows with them."""

    words: set[str] = field(default_factory=set)
    phrases: list[str] = field(default_factory=list)
    domains: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    networks: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    """By version and bits: the first addresses."""

    def add(self, kind: BlockKind, value: str) -> None:
        if kind is BlockKind.NETWORK:
            network = ip_network(value)
            self.networks.setdefault((network.version, network.prefixlen), set()).add(first_of(network))
        elif kind is BlockKind.DOMAIN:
            self.domains.add(value)
        elif kind is BlockKind.EMAIL:
            self.emails.add(value)
        elif " " in value or UNSPACED.search(value):
            self.phrases.append(value)
        else:
            self.words.add(value)

    def reasons(self, text: str, name: str, email: str, website: str, address: str) -> list[str]:
        """Which entries a comment meets, in words for the moderator."""
        flat = plain(f"{name} {text}")
        hosts = [*hosts_of(flat), *hosts_of(plain(website)), email.lower().rpartition("@")[2]]
        found = [f"“{word}” is on the block list." for word in self.words_in(flat)]
        found += [f"{host} is on the block list." for host in dict.fromkeys(hosts) if self.has_domain(host)]
        if email.strip().lower() in self.emails:
            found.append("Its e-mail address is on the block list.")
        if self.has_address(address):
            found.append("It came from a network on the block list.")
        return found

    def words_in(self, flat: str) -> list[str]:
        if not (self.words or self.phrases):
            return []
        words = WORD.findall(flat)
        spaced = f" {' '.join(words)} "
        phrases = (p for p in self.phrases if p in spaced and (UNSPACED.search(p) or f" {p} " in spaced))
        return [*sorted(self.words.intersection(words)), *phrases]

    def has_domain(self, host: str) -> bool:
        labels = host.split(".")
        return any(".".join(labels[i:]) in self.domains for i in range(len(labels) - 1))

    def has_address(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        whole, bits = int(ip), ip.max_prefixlen
        return any(
            version == ip.version and whole >> (bits - length) << (bits - length) in starts
            for (version, length), starts in self.networks.items()
        )


def first_of(network: IPv4Network | IPv6Network) -> int:
    return int(network.network_address)


def hosts_of(flat: str) -> Iterator[str]:
    """The domains that a text names, as they are looked up, at most `MOST_HOSTS`."""
    for _number, match in zip(range(MOST_HOSTS), HOST.finditer(flat), strict=False):
        host = match[0]
        if not host.isascii():
            try:
                host = host.encode("idna").decode()
            except UnicodeError:
                continue
        yield host


def arranged(entries: Iterable[tuple[BlockKind, str]]) -> Lists:
    lists = Lists()
    for kind, value in entries:
        lists.add(kind, value)
    return lists


def present_lists(changed_at: datetime | None) -> Lists:
    """The lists, read anew when the site's rules say that something changed."""
    known: tuple[datetime | None, Lists] | None = current_app.extensions.get("block_lists")
    if known is None or known[0] != changed_at:
        rows = db.session.execute(select(Block.kind, Block.value)).all()
        known = changed_at, arranged((row.kind, row.value) for row in rows)
        current_app.extensions["block_lists"] = known
    return known[1]
