"""Letters go out over a real connection, wait when they must, and carry no header that a stranger wrote."""

import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from blog.commandline import main
from blog.db import db, now
from blog.mail import sending
from blog.mail.bounces import count_bounce, failure_in, note_report
from blog.mail.messages import message_id, to_message
from blog.mail.models import Bounce, Mail, MailState
from blog.mail.plain import excerpt, harmless, one_line, quoted
from blog.mail.posting import post_letter, post_mail
from blog.mail.sending import BACK_OFF, claim_next, send_waiting
from blog.mail.server import MailServer
from tests.conftest import Client, make_app, unavailable
from tests.mail.hosts import BREAK_OFF, MailHost, password_of, running, words_of
from tests.servers import PATIENCE_S, free_port, until
from tests.test_jobs import worker_of

EVIL = [
    "Hello\r\nBcc: everyone@example.org",
    "Hello\nBcc: everyone@example.org",
    "Hello\r\n\r\n<script>alert(1)</script>",
    "Hello\0\x01\x7f\x85Bcc: everyone@example.org",
    "Hello\u2028Bcc: everyone@example.org",
    "=?utf-8?q?Hello=0D=0ABcc:_everyone@example.org?=",
    "\u202egro.elpmaxe@enoyreve :ccB\u2066",
    "Z" + "\u0335\u0489" * 3000,
    "Grüße aus 平壤, 🚲",
    "x" * 1_000_000,
    "",
]


@pytest.fixture
def host():
    with running(MailHost()) as host:
        yield host


@pytest.fixture
def post(tmp_path, migrated, host):
    """A site that hands its letters in at this server."""
    yield from site(tmp_path, migrated, host.port)


def site(tmp_path, migrated, port):
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{port}", PUBLIC_URL="https://travels.example.org")
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def write(to: str = "iris@example.org", subject: str = "News", text: str = "Some words.") -> int:
    """A letter into the post: the worker is woken by the commit."""
    mail = post_mail("news", to, subject, text, f"<p>{text}</p>")
    db.session.commit()
    return mail.id


def look(number: int) -> Mail:
    db.session.rollback()
    return db.session.get_one(Mail, number, populate_existing=True)


def later() -> None:
    """Time passes until everything that waits is due."""
    db.session.rollback()
    db.session.execute(update(Mail).values(next_try_at=now() - timedelta(seconds=1)))
    db.session.commit()
    send_waiting()


def test_a_letter_arrives_with_text_and_html(post, host):
    number = write("iris@example.org", "What a bay!", "We are there.")
    (message,) = host.messages()
    assert message["Subject"] == "What a bay!"
    assert message["To"] == "iris@example.org"
    assert message["From"] == "Roadbook <noreply@travels.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime - datetime.now(UTC) < timedelta(minutes=1)
    assert message["Message-ID"] == message_id(look(number))
    assert message.get_content_type() == "multipart/alternative"
    assert (words_of(message), words_of(message, "html")) == ("We are there.\n", "<p>We are there.</p>\n")
    assert host.letters[0].mail_from == "noreply@travels.example.org"
    sent = look(number)
    assert (sent.state, sent.tries, sent.last_error) == (MailState.SENT, 1, "")
    assert sent.sent_at is not None


def test_nothing_is_sent_of_what_was_not_committed_or_is_for_later(post, host):
    post_mail("news", "iris@example.org", "News", "a", "a")
    db.session.rollback()
    post_mail("news", "iris@example.org", "News", "b", "b", delay=timedelta(minutes=5))
    db.session.commit()
    post.extensions["jobs"].sweep_now()
    assert host.letters == []
    later()
    assert len(host.letters) == 1


def test_many_letters_take_one_connection(post, host):
    for i in range(20):
        post_mail("news", f"reader{i}@example.org", "News", "a", "a")
    db.session.commit()
    assert len(host.letters) == 20
    assert host.lines == 1
    assert {letter.rcpt_tos[0] for letter in host.letters} == {f"reader{i}@example.org" for i in range(20)}


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_word_of_a_stranger_becomes_a_header(post, host, evil):
    post.config["SITE_NAME"] = evil or "x"
    headers = {"List-Id": evil, "X-About": evil}
    post_mail("news", "iris@example.org", evil, evil, f"<p>{evil[:100]}</p>", headers)
    db.session.commit()
    (message,) = host.messages()
    assert host.letters[0].rcpt_tos == ["iris@example.org"]
    assert sorted(message.keys()) == sorted(
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "List-Id",
            "X-About",
            "MIME-Version",
            "Content-Type",
        ]
    )
    assert len(message["Subject"]) <= 200
    assert not message.defects
    raw = host.letters[0].content
    assert b"\0" not in raw
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"[^\r]\n", raw)
    assert not set("\u202e\u2066\u2028\x85") & set(message["Subject"] + words_of(message))


@pytest.mark.parametrize(
    "address", ["iris", "", "a@b@c", "<a@b.org>", "a@b.org, c@d.org", '"a b"@example.org', "a@[127.0.0.1]"]
)
def test_what_is_no_address_is_given_up_and_holds_nobody_up(post, host, address):
    wrong, right = write(address), write()
    assert look(wrong).state is MailState.FAILED
    assert look(wrong).last_error == "This is no mail address."
    assert look(right).state is MailState.SENT
    assert [letter.rcpt_tos for letter in host.letters] == [["iris@example.org"]]


@pytest.mark.parametrize(
    "address",
    [
        "a@b.org\r\nBcc: all@example.org",
        "a@b.org\nc@d.org",
        "a\0@b.org",
        "a\u200b@b.org",
        f"a@{'b' * 300}.org",
    ],
)
def test_an_address_that_could_be_mistaken_is_not_even_kept(post, host, address):
    with pytest.raises(ValueError, match="no mail address"):
        write(address)


def test_addresses_in_other_scripts_arrive(post, host):
    number = write("iris@bücher.example")
    assert host.letters[0].rcpt_tos == ["iris@xn--bcher-kva.example"]
    assert look(number).state is MailState.SENT
    write("用户@bücher.example")
    assert host.letters[1].rcpt_tos == ["用户@xn--bcher-kva.example"]
    assert "To: 用户@xn--bcher-kva.example\r\n".encode() in host.letters[1].content
    older = MailHost()
    with running(older, enable_SMTPUTF8=False):
        post.config["SMTP_URL"] = f"smtp://127.0.0.1:{older.port}"
        assert look(write("用户@bücher.example")).state is MailState.FAILED
    assert db.session.scalar(select(Bounce)) is None


@pytest.mark.parametrize(
    "name", ["Bcc", "From", "Subject", "Content-Type", "List-Id\r\nBcc", "To", "Date", "X"]
)
def test_a_letter_takes_no_header_that_is_not_its_own(post, name):
    with pytest.raises(ValueError, match="cannot be given the header"):
        post_mail("news", "iris@example.org", "News", "a", "a", {name: "x"})


def test_a_long_address_for_unsubscribing_stays_whole(post, host):
    address = f"<https://travels.example.org/letters/unsubscribe/{'a1-' * 80}>"
    one_click = {"List-Unsubscribe": address, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    post_mail("news", "iris@example.org", "News", "a", "a", one_click)
    db.session.commit()
    assert f"List-Unsubscribe: {address}\r\n".encode() in host.letters[0].content


def test_a_busy_server_is_asked_again(post, host):
    host.to_recipient = ["451 4.7.1 Greylisted, try again"]
    number = write()
    waiting = look(number)
    assert (waiting.state, waiting.tries) == (MailState.WAITING, 1)
    assert waiting.last_error == "451 4.7.1 Greylisted, try again"
    assert timedelta(seconds=50) < waiting.next_try_at - now() <= BACK_OFF[0]
    send_waiting()
    assert host.letters == []
    later()
    assert look(number).state is MailState.SENT
    assert len(host.letters) == 1
    assert db.session.scalar(select(Bounce)) is None


def test_after_two_days_a_letter_is_given_up(post, host):
    host.to_letter = ["452 Full"] * 20
    number = write()
    waits = []
    while look(number).state is MailState.WAITING:
        waits.append(look(number).next_try_at - now())
        later()
    assert len(waits) == len(BACK_OFF)
    assert timedelta(days=1.5) < sum(waits, timedelta()) < timedelta(days=2.5)
    assert waits == sorted(waits)
    assert (look(number).state, look(number).tries) == (MailState.FAILED, 8)
    assert host.letters == []


def test_an_address_that_does_not_exist_is_left_alone_after_two_letters(post, host):
    host.to_recipient = ["550 5.1.1 No such user here"] * 2
    first, second = write("Gone@example.org"), write("gone@example.org")
    assert {look(first).state, look(second).state} == {MailState.FAILED}
    bounce = db.session.scalar(select(Bounce))
    assert (bounce.email, bounce.count) == ("gone@example.org", 2)
    assert bounce.stopped_at is not None
    third = write("gone@example.org")
    assert look(third).last_error == "This address refused letters before."
    assert host.letters == []
    write("iris@example.org")
    assert len(host.letters) == 1


def test_an_address_that_refuses_is_left_alone_after_three(post, host):
    host.to_letter = ["552 5.2.2 Mailbox full"] * 3
    for tries in (1, 2, 3):
        write("full@example.org")
        bounce = db.session.scalar(select(Bounce).execution_options(populate_existing=True))
        assert (bounce.count, bounce.stopped_at is not None) == (tries, tries == 3)
    write("full@example.org")
    assert host.letters == []


def test_refusals_of_long_ago_do_not_count(post):
    for _ in range(2):
        count_bounce("iris@example.org", "552 5.2.2 Full", unknown=False)
        db.session.flush()
    db.session.execute(update(Bounce).values(last_at=now() - timedelta(days=91)))
    db.session.expire_all()
    bounce = count_bounce("iris@example.org", "552 5.2.2 Full", unknown=False)
    assert (bounce.count, bounce.stopped_at) == (1, None)


def test_a_server_that_breaks_off_gets_the_letter_again_and_the_others_at_once(post, host):
    host.to_letter = [BREAK_OFF]
    post_mail("news", "first@example.org", "News", "a", "a")
    post_mail("news", "second@example.org", "News", "a", "a")
    db.session.commit()
    assert [letter.rcpt_tos for letter in host.letters] == [["second@example.org"]]
    later()
    assert [letter.rcpt_tos for letter in host.letters] == [["second@example.org"], ["first@example.org"]]


def test_a_server_that_is_not_there_loses_nothing(tmp_path, migrated):
    port = free_port()
    for app in site(tmp_path, migrated, port):
        numbers = [write(f"reader{i}@example.org") for i in range(3)]
        assert {look(number).state for number in numbers} == {MailState.WAITING}
        assert "refused" in look(numbers[0]).last_error
        host = MailHost()
        host.port = port
        with running(host):
            later()
        assert {look(number).state for number in numbers} == {MailState.SENT}
        assert len(host.letters) == 3
        app.extensions["jobs"].sweep_now()
        assert len(host.letters) == 3


def test_a_letter_that_arrived_before_the_worker_died_comes_once_more_at_most(post, host):
    """The commit after the server took it is what is lost: as by a killed process."""

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    post.extensions["jobs"].immediate = False  # nobody is woken: the worker of this test does the work
    number = write()
    original, sending.end = sending.end, die
    try:
        with pytest.raises(Killed):
            send_waiting()
    finally:
        sending.end = original
    db.session.remove()
    send_waiting()
    assert len(host.letters) == 1  # still claimed
    assert look(number).state is MailState.WAITING
    later()
    later()
    assert look(number).state is MailState.SENT
    first, second = host.messages()
    assert first["Message-ID"] == second["Message-ID"]
    assert host.letters[0].content == host.letters[1].content


def test_what_kills_every_worker_is_given_up(post, host):
    post.extensions["jobs"].immediate = False
    number = write()
    db.session.execute(update(Mail).values(tries=len(BACK_OFF) + 1))
    db.session.commit()
    send_waiting()
    assert look(number).state is MailState.FAILED
    assert "never finished" in look(number).last_error


def test_eight_workers_send_each_letter_once(post, host):
    post.extensions["jobs"].immediate = False
    for i in range(40):
        post_mail("news", f"reader{i}@example.org", "News", "a", "a")
    db.session.commit()

    def work():
        with post.app_context():
            send_waiting()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(host.letters) == len({letter.rcpt_tos[0] for letter in host.letters}) == 40


def test_a_claim_is_one_workers(post):
    post.extensions["jobs"].immediate = False
    number = write()
    assert claim_next().id == number
    assert claim_next() is None


def test_a_worker_that_is_killed_while_it_sends_leaves_the_letter_to_the_next(
    serve, environment, tmp_path, mina
):
    columns = "kind, subject, text, html, headers, state, tries, last_error, next_try_at, created_at"
    values = "'news', 'News', 'a', 'a', '{}', 'waiting', 0, '', '2026-05-14 08:00:00', '2026-05-14 08:00:00'"
    insert = f"INSERT INTO mail (\"to\", {columns}) VALUES ('iris@example.org', {values})"
    end_claim = "UPDATE mail SET next_try_at = '2026-05-14 08:00:00'"

    def database(what: str) -> list[tuple[str]]:
        with closing(sqlite3.connect(tmp_path / "roadbook.sqlite", timeout=10)) as connection:
            answer = connection.execute(what).fetchall()
            connection.commit()
        return answer

    arrived, killed = threading.Event(), threading.Event()

    def hold_the_line() -> None:
        arrived.set()
        killed.wait(PATIENCE_S)

    database(insert)
    with running(MailHost()) as host:
        host.on_letter = hold_the_line
        environment["ROADBOOK_SMTP_URL"] = f"smtp://127.0.0.1:{host.port}"
        server, _browser = serve()
        assert arrived.wait(PATIENCE_S)
        assert database("SELECT state FROM mail") == [("waiting",)]
        os.kill(worker_of(server.pid), signal.SIGKILL)
        database(end_claim)
        killed.set()
        until(lambda: database("SELECT state FROM mail") == [("sent",)])
    first, second = host.messages()
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_that_wants_a_password_gets_it(tmp_path, migrated):
    host = MailHost()
    check = password_of(b"jonas", b"p@ss:w/rd")
    with running(host, authenticator=check, auth_required=True, auth_require_tls=False):
        for app in site(tmp_path, migrated, host.port):
            refused = write()
            assert look(refused).state is MailState.WAITING  # our fault, not that of the address
            assert db.session.scalar(select(Bounce)) is None
            app.config["SMTP_URL"] = f"smtp://jonas:wrong@127.0.0.1:{host.port}"
            later()
            assert "535" in look(refused).last_error
            assert "wrong" not in look(refused).last_error
            app.config["SMTP_URL"] = f"smtp://jonas:p%40ss%3Aw%2Frd@127.0.0.1:{host.port}"
            later()
            assert look(refused).state is MailState.SENT


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:{port}?starttls", "smtps://127.0.0.1:{port}"])
def test_no_letter_goes_over_a_line_that_cannot_be_made_safe(tmp_path, migrated, host, url):
    for app in site(tmp_path, migrated, host.port):
        app.config["SMTP_URL"] = url.format(port=host.port)
        number = write()
        assert look(number).state is MailState.WAITING
        assert host.letters == []


@pytest.fixture
def certificate(tmp_path) -> ssl.SSLContext:
    """What a server at 127.0.0.1 shows of itself; who signed it is in `own.pem`."""
    if shutil.which("openssl") is None:
        unavailable("openssl")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail"
    )
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "own.pem")]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *files, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")
    return context


@pytest.mark.parametrize(
    ("url", "option"),
    [("smtp://127.0.0.1:{port}?starttls", "tls_context"), ("smtps://127.0.0.1:{port}", "ssl_context")],
)
def test_a_line_is_safe_only_with_a_certificate_that_is_trusted(
    tmp_path, migrated, certificate, monkeypatch, url, option
):
    host = MailHost()
    options = {option: certificate} | ({"require_starttls": True} if option == "tls_context" else {})
    with running(host, **options):
        for app in site(tmp_path, migrated, host.port):
            app.config["SMTP_URL"] = url.format(port=host.port)
            number = write()
            assert "CERTIFICATE_VERIFY_FAILED" in look(number).last_error
            assert host.letters == []
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
            later()
            assert look(number).state is MailState.SENT


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "", "", False, False)),
        ("smtp://a%40b:c%3A@mail.example.org:2525", ("mail.example.org", 2525, "a@b", "c:", False, False)),
        ("smtps://a:b@mail.example.org", ("mail.example.org", 465, "a", "b", True, False)),
        ("smtp://a:b@mail.example.org?starttls", ("mail.example.org", 587, "a", "b", False, True)),
    ],
)
def test_the_address_of_a_mail_server(url, made):
    assert MailServer.at(url) == MailServer(*made)
    assert "'b'" not in repr(MailServer.at(url))


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://a:b@c:x", "smtp://a:b@c?tls", "smtp://a:ü@c"]
)  # fmt: skip
def test_an_address_that_is_none_is_said_at_the_start(tmp_path, url):
    with pytest.raises(ValueError, match="ROADBOOK_SMTP_URL"):
        make_app(tmp_path, SMTP_URL=url)


@pytest.mark.parametrize("own", ["nobody", "a@b, c@d", "<>", "a@b\r\nBcc: c@d"])
def test_a_sender_that_is_none_is_said_at_the_start(tmp_path, own):
    with pytest.raises(ValueError, match="ROADBOOK_MAIL_FROM"):
        make_app(tmp_path, MAIL_FROM=own)


@pytest.mark.parametrize(
    ("own", "public", "seen"),
    [
        ("", "http://127.0.0.1:8000", "Roadbook <noreply@localhost>"),
        ("", "https://bücher.example/travels", "Roadbook <noreply@xn--bcher-kva.example>"),
        ("jonas@example.org", "http://localhost", "Roadbook <jonas@example.org>"),
        ("Jonas, under way <jonas@example.org>", "http://localhost", None),
        ('"Jonas, under way" <jonas@example.org>', "http://x", '"Jonas, under way" <jonas@example.org>'),
    ],
)
def test_who_letters_come_from(tmp_path, own, public, seen):
    if seen is None:
        with pytest.raises(ValueError, match="ROADBOOK_MAIL_FROM"):
            make_app(tmp_path, MAIL_FROM=own, PUBLIC_URL=public)
        return
    with make_app(tmp_path, MAIL_FROM=own, PUBLIC_URL=public).app_context():
        mail = Mail(id=1, to="a@example.org", subject="x", text="x", html="x", headers={}, created_at=now())
        assert to_message(mail)["From"] == seen


def test_without_a_server_letters_lie_in_the_outbox(app, tmp_path):
    number = write()
    assert look(number).state is MailState.SENT
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.suffix == ".eml"
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["To"] == "iris@example.org"
    assert words_of(message) == "Some words.\n"


def test_a_letter_of_templates_names_the_public_address_whatever_host_was_asked(post, host):
    with post.test_request_context(base_url="http://evil.example", headers={"Accept-Language": "en-US"}):
        post_letter("test", "iris@example.org", "A test", "letters/test")
        db.session.commit()
    (message,) = host.messages()
    for kind in ("plain", "html"):
        assert "https://travels.example.org/" in words_of(message, kind)
        assert "evil.example" not in words_of(message, kind)


def test_letters_are_forgotten_after_a_month(post, host):
    old, young = write(), write()
    db.session.execute(update(Mail).where(Mail.id == old).values(next_try_at=now() - timedelta(days=31)))
    waiting = post_mail("news", "iris@example.org", "News", "a", "a", delay=-timedelta(days=40))
    host.to_recipient = ["451 Later"]
    db.session.commit()
    post.extensions["jobs"].sweep_now()
    assert set(db.session.scalars(select(Mail.id))) == {young, waiting.id}


REPORT = """From: MAILER-DAEMON@mx.example.net
To: noreply@travels.example.org
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; somebody.else@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} No such user

--b
Content-Type: {kind}

{headers}

--b--
"""


def report(number: int, action="failed", status="5.1.1", kind="message/rfc822", own_id: str | None = None):
    headers = f"Subject: News\nMessage-ID: {own_id or message_id(look(number))}"
    return REPORT.format(action=action, status=status, kind=kind, headers=headers).encode()


def runner(app: Flask):
    def run(name: str, *arguments: str, **more: object):
        return app.test_cli_runner().invoke(main.commands[name], arguments, **more)

    return run


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_of_a_letter_that_did_not_arrive_counts_once(post, host, kind):
    number = write()
    bounce = note_report(report(number, kind=kind))
    db.session.commit()
    assert (bounce.email, bounce.count, bounce.stopped_at) == ("iris@example.org", 1, None)
    assert look(number).state is MailState.FAILED
    assert note_report(report(number, kind=kind)) is None
    again = note_report(report(write(), kind=kind))
    assert (again.count, again.stopped_at is not None) == (2, True)


def test_reports_that_anybody_could_write_count_nothing(post, host):
    number = write()
    for raw in (
        report(number, action="delayed"),
        report(number, action="delivered"),
        report(number, own_id=f"<{number}.{'0' * 24}@travels.example.org>"),
        report(number, own_id="<99999999999.x@y>"),
        report(number, own_id=f"<9999999999.{'0' * 24}@x>"),
        report(number).replace(b"message/delivery-status", b"text/plain"),
        b"",
        b"\0" * 1000,
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 9000,
    ):
        assert note_report(raw) is None
    assert db.session.scalar(select(Bounce)) is None
    assert look(number).state is MailState.SENT


def test_the_command_reads_a_report_from_a_pipe(post, host):
    run = runner(post)
    number = write()
    told = run("note-bounces", "-", input=report(number))
    assert told.exit_code == 0, told.output
    assert told.output == "iris@example.org did not take a letter, 1 so far.\n"
    assert "nothing was counted" in run("note-bounces", "-", input=b"Subject: Hello\n\nHello").output


def test_the_owner_sends_a_test(post, host, tmp_path):
    run = runner(post)
    told = run("send-test-mail", "iris@example.org")
    assert (told.exit_code, told.output) == (
        0,
        "A letter to iris@example.org was sent. The server took it.\n",
    )
    assert "mail leaves and arrives" in words_of(host.messages()[0])
    host.to_recipient = ["550 5.1.1 Nobody here"]
    told = run("send-test-mail", "iris@example.org")
    assert told.exit_code == 1
    assert "550 5.1.1 Nobody here" in told.output
    assert "This is no mail address." in run("send-test-mail", "iris").output
    for _ in range(2):
        count_bounce("iris@example.org", "550 5.1.1 Nobody here", unknown=True)
        db.session.commit()
    assert "gets them again" in run("send-test-mail", "iris@example.org").output
    assert db.session.scalar(select(Bounce)) is None
    post.config["SMTP_URL"] = ""
    assert str(tmp_path / "outbox") in run("send-test-mail", "iris@example.org").output


@given(st.text(max_size=400))
def test_words_become_harmless(text):
    plain = harmless(text)
    assert harmless(plain) == plain
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", plain)
    line = one_line(text, 40)
    assert len(line) <= 40
    assert len(line.splitlines()) <= 1
    assert len(excerpt(text, 50)) <= 50
    assert all(row.startswith("> ") for row in quoted(excerpt(text)).split("\n"))
    assert all(len(row) <= 74 for row in quoted(excerpt(text)).split("\n"))


@given(st.binary(max_size=600))
def test_no_report_breaks_the_reader(raw):
    head = b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    failure_in(message_from_bytes(head + raw))
