"""Where letters are handed in: a mail server, or a folder where there is none."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app

from blog.mail.messages import mail_host
from blog.mail.plain import one_line

PATIENCE_S = 30
LONGEST_WORDS = 400
SERVICE_ENDS = 421


class Unreachable(Exception):
    """No letter can be handed in at present: the server does not answer, or does not let us in."""


@dataclass
class Refusal(Exception):
    """A letter was not taken.

    `final`: there is no use in trying again. `bounces`: it is the address that takes none. `unknown`: the
    server says that there is nobody of that name.
    """

    words: str
    final: bool = False
    bounces: bool = False
    unknown: bool = False


class PostOffice(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hand it in. Raises `Refusal`, `Unreachable`."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class MailServer:
    """A mail server as `ROADBOOK_SMTP_URL` names it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_encrypted: bool = False
    starts_tls: bool = False

    @classmethod
    def at(cls, url: str) -> MailServer:
        """Raises `ValueError` in plain words; the password is not among them."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError("ROADBOOK_SMTP_URL has no port that could be read.") from error
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.query not in ("", "starttls"):
            raise ValueError(
                "ROADBOOK_SMTP_URL looks like smtp://user:password@host:port, smtps:// or smtp://…?starttls."
            )
        if not (user + password).isascii():
            raise ValueError("The name and password in ROADBOOK_SMTP_URL may only have ASCII characters.")
        usual = 465 if parts.scheme == "smtps" else 587 if parts.query else 25
        return cls(
            parts.hostname, port or usual, user, password, parts.scheme == "smtps", parts.query == "starttls"
        )

    def connect(self) -> smtplib.SMTP:
        """A line that letters can be handed in on. Raises `Unreachable`."""
        line = None
        try:
            line = self.line()
            if self.starts_tls:
                line.starttls(context=ssl.create_default_context())
            if self.user:
                line.login(self.user, self.password)
        except OSError as error:  # what smtplib raises is one, too
            if line:
                line.close()
            raise Unreachable(f"{self.host}:{self.port}: {in_words(error)}") from error
        return line

    def line(self) -> smtplib.SMTP:
        if not self.is_encrypted:
            return smtplib.SMTP(self.host, self.port, local_hostname=mail_host(), timeout=PATIENCE_S)
        return smtplib.SMTP_SSL(
            self.host,
            self.port,
            local_hostname=mail_host(),
            timeout=PATIENCE_S,
            context=ssl.create_default_context(),
        )


class SmtpOffice:
    """One connection for as many letters as there are; a new one where it broke."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.line: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        self.line = self.line or self.server.connect()
        try:
            self.line.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise self.refusal(code, reply) from error
        except smtplib.SMTPSenderRefused as error:  # no fault of who should get it
            raise Refusal(in_words(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refusal(in_words(error), final=True) from error
        except smtplib.SMTPResponseException as error:
            raise self.refusal(error.smtp_code, error.smtp_error) from error
        except OSError as error:
            self.drop()
            raise Refusal(in_words(error)) from error

    def refusal(self, code: int, reply: bytes | str) -> Refusal:
        if code == SERVICE_ENDS:
            self.drop()
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        final = 500 <= code < 600
        line = one_line(f"{code} {words}", LONGEST_WORDS)
        return Refusal(line, final, bounces=final, unknown=final and says_unknown(line))

    def drop(self) -> None:
        if self.line:
            self.line.close()
        self.line = None

    def close(self) -> None:
        if self.line:
            with suppress(OSError):
                self.line.quit()
        self.drop()


class Outbox:
    """A folder of files that any mail program opens, for a site without a mail server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Raises `Unreachable` where the disk is full."""
        number, _, rest = message["Message-ID"].strip("<>").partition("@")[0].partition(".")
        target = self.folder / f"{int(number):06}-{rest}.eml"
        unfinished = target.with_suffix(".tmp")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(target)
        except OSError as error:
            raise Unreachable(f"{self.folder}: {in_words(error)}") from error

    def close(self) -> None:
        """Nothing is open."""


def post_office() -> PostOffice:
    """Where this site hands its letters in."""
    if url := current_app.config["SMTP_URL"]:
        return SmtpOffice(MailServer.at(url))
    return Outbox(Path(current_app.config["INSTANCE"]) / "outbox")


def in_words(error: OSError) -> str:
    """What a server or the system said, in one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
        return one_line(f"{error.smtp_code} {words}", LONGEST_WORDS)
    return one_line(error.strerror or str(error) or type(error).__name__, LONGEST_WORDS)


def says_unknown(words: str) -> bool:
    """Whether a final refusal means that the address does not exist (5.1.x of RFC 3463)."""
    if status := re.search(r"\b5\.(\d{1,3})\.\d{1,3}\b", words):
        return status[1] == "1"
    return words.startswith(("550", "551", "553"))
