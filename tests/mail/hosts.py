"""A real mail server on this machine, that takes letters, refuses them, or breaks off as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers import free_port

BREAK_OFF = "break off"


class MailHost:
    """What it was given, and what it says next: to a recipient, and to a letter."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.lines = 0
        self.to_recipient: list[str] = []
        self.to_letter: list[str] = []
        self.on_letter: Callable[[], object] = lambda: None
        self.port = free_port()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.lines += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.to_recipient.pop(0) if self.to_recipient else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.to_letter.pop(0) if self.to_letter else "250 Taken"
        if answer == BREAK_OFF:
            server.transport.abort()
            return answer
        if answer.startswith("2"):
            self.letters.append(envelope)
            self.on_letter()
        return answer

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(letter.content, policy=default) for letter in self.letters]


@contextmanager
def running(host: MailHost, **options: object) -> Iterator[MailHost]:
    """The server at 127.0.0.1, in a thread of its own."""
    controller = Controller(host, hostname="127.0.0.1", port=host.port, **options)
    controller.start()
    try:
        yield host
    finally:
        controller.stop()


def password_of(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user, password), handled=False)

    return check


def words_of(message: EmailMessage, kind: str = "plain") -> str:
    """The text or the HTML of a letter."""
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")
