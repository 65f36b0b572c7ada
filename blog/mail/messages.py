"""A kept mail as the message that goes out, and the number by which it is known again."""

import hashlib
import hmac
import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import current_app

from blog.mail.models import Mail
from blog.mail.plain import one_line

MESSAGE_ID = re.compile(r"<(\d{1,10})\.([0-9a-f]{24})@[^<>@\s]+>")


class Unsendable(ValueError):
    """No letter can be made of this; trying again is of no use."""


def header_text(text: str) -> str:
    """What may stand in a header. The library reads `=?…?=` in it, which may hide line ends."""
    return one_line(text.replace("=?", "= ?"), len(text) + 100)


class LetterPolicy(EmailPolicy):
    """Lines of plain ASCII; addresses that are longer than a line stay whole.

    The library would encode them as words, and no mail program reads an encoded `List-Unsubscribe`.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        text = str(value)
        if name.lower().startswith(("list-", "message-id", "in-reply-to", "references")) and text.isascii():
            return f"{name}: {' '.join(text.split())}\r\n".encode("ascii")
        folded = super().fold_binary(name, value)
        if re.search(rb"\n(?![ \t]|\Z)", folded):
            raise Unsendable(f"The header {name} would become more than one.")
        return folded


POLICY = LetterPolicy(linesep="\r\n", max_line_length=SMTP.max_line_length, cte_type="7bit")


def to_message(mail: Mail) -> EmailMessage:
    """The message of this mail, the same at every try. Raises `Unsendable`."""
    message = EmailMessage(POLICY)
    message["From"] = sender()
    message["To"] = receiver(mail.to)
    message["Subject"] = header_text(mail.subject)
    message["Date"] = mail.created_at
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        message[name] = header_text(value)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message.set_boundary(f"part-{signature(mail)}")
    return message


def receiver(address: str) -> Address:
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Unsendable("This is no mail address.") from error
    return Address(username=found.local_part, domain=found.ascii_domain)


def sender() -> Address:
    """`ROADBOOK_MAIL_FROM`, else `noreply` at the public address. Raises `ValueError`."""
    own = current_app.config["MAIL_FROM"].strip()
    name = header_text(one_line(current_app.config["SITE_NAME"], 80))
    if not own:
        return Address(display_name=name, username="noreply", domain=mail_host())
    try:
        header = POLICY.header_factory("From", one_line(own, 400))
        (found,) = header.addresses
        if header.defects:
            raise ValueError(header.defects[0])
        return Address(display_name=header_text(found.display_name) or name, addr_spec=found.addr_spec)
    except (HeaderParseError, ValueError, IndexError) as error:
        reason = f"ROADBOOK_MAIL_FROM takes an address, or `Name <address>`, but is {own!r}."
        raise ValueError(reason) from error


def mail_host() -> str:
    """The name after the @ in what Roadbook writes of its own; an address in figures has none."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    try:
        ip_address(host)
    except ValueError:
        return in_ascii(host)
    return "localhost"


@cache
def in_ascii(host: str) -> str:
    return host.encode("idna").decode("ascii")


def message_id(mail: Mail) -> str:
    return f"<{mail.id}.{signature(mail)}@{mail_host()}>"


def signature(mail: Mail) -> str:
    """What a stranger who makes up a report of this mail would have to know."""
    key, what = str(current_app.secret_key).encode(), f"mail {mail.id} {mail.created_at.isoformat()}"
    return hmac.new(key, what.encode(), hashlib.sha256).hexdigest()[:24]


def number_in(found: str) -> tuple[int, str] | None:
    """(number, signature) of a mail of ours, if this Message-ID looks like one."""
    match = MESSAGE_ID.fullmatch(found.strip())
    return (int(match[1]), match[2]) if match else None
