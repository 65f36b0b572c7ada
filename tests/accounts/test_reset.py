"""A forgotten password is replaced by a link that is mailed; nobody learns who has an account."""

import re
import time
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import func, select

from blog.accounts.models import Role, Session
from blog.accounts.signing import signed
from blog.db import db, now
from blog.mail.models import Mail
from tests.accounts.mailbox import mailed_link, mails
from tests.accounts.test_sign_in import listening, sign_in, unmarked
from tests.conftest import PASSWORD, Visitor

NEW = "violet harbour nineteen spoons"
ASK = "/sign-in/forgotten"


def ask(visitor: Visitor, email: str):
    return visitor.send(ASK, ASK, email=email)


def test_a_link_by_mail_sets_a_new_password_once(app, visitor, person):
    mina = person("Mina")
    laptop = Visitor(app.test_client()).sign_in(mina)
    assert "a link is on its way" in ask(visitor, " Mina@example.org").text
    link = mailed_link(mina.email)
    assert "A new password" in visitor.get(link)
    done = visitor.send(link, link, password=NEW)
    assert "Your password is changed" in done.text
    laptop.get("/desk/", 302)  # all sessions have ended
    visitor.get("/desk/", 302)  # and the link signs nobody in
    assert sign_in(visitor, mina.email).status_code == 422
    assert sign_in(visitor, mina.email, NEW).status_code == 302
    assert "has been used" in Visitor(app.test_client()).get(link, 404)
    assert mails(mina.email)[-1].subject.startswith("Your password was changed")


def test_a_weak_password_is_refused_and_the_link_still_works(visitor, person):
    mina = person("Mina")
    ask(visitor, mina.email)
    link = mailed_link(mina.email)
    for weak, words in (
        ("qwertyuiop", "too easy to guess"),
        ("x" * 1001, "too long"),
        ("mina-mina-1", "your name"),
    ):
        refused = visitor.send(link, link, password=weak)
        assert refused.status_code == 422
        assert words in refused.text
    assert visitor.send(link, link, password=NEW).status_code == 200


def test_the_answer_and_the_work_are_the_same_for_an_unknown_address(app, person):
    mina, gone = person("Mina"), person("Gone")
    gone.ended_at = now()
    db.session.commit()
    app.extensions["jobs"].immediate = False  # the worker sends: whoever asks does not wait for that
    answers, work = [], []
    for email in (mina.email, "nobody@example.org", gone.email):
        visitor = Visitor(app.test_client())
        token, statements = visitor.token(ASK), []
        with listening(statements):
            answer = visitor.client.post(ASK, data={"email": email, "csrf_token": token})
        answers.append((answer.status_code, unmarked(answer.text).replace(email, "…")))
        # All but whether the mail is kept in the end.
        work.append(
            [line for line in statements if "SAVEPOINT" not in line and "INSERT INTO account_log" not in line]
        )
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert any("INSERT INTO mail" in line for line in work[1])
    assert db.session.scalars(select(Mail.to)).all() == [mina.email]


def test_links_are_limited_by_account_and_by_address_known_or_not(app, visitor, person):
    for email in (person("Mina").email, "nobody@example.org"):
        for number in range(3):
            visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
            assert ask(visitor, email).status_code == 200
        refused = ask(visitor, email)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
    assert len(mails("mina@example.org")) == 3
    visitor.client.environ_base["REMOTE_ADDR"] = "198.51.100.1"
    statuses = [ask(visitor, f"someone{number}@example.org").status_code for number in range(21)]
    assert statuses == [200] * 20 + [429]


def test_stolen_old_and_forged_links_lead_nowhere(app, visitor, person, monkeypatch):
    mina, jonas = person("Mina"), person("Jonas")
    ask(visitor, mina.email)
    link = mailed_link(mina.email)
    token = link.rsplit("/", 1)[1]
    with app.test_request_context():
        forged = [
            token[:-2],
            token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],  # all bits of this letter count
            signed("reset", [jonas.id, "0" * 32]),
            signed("reset", [999, "0" * 32]),
            signed("email", [mina.id, "x@example.org", "0" * 32]),
            signed("half", [mina.id, "0" * 32, None]),
            "." * 2000,
        ]
    pages = {unmarked(visitor.get(f"/sign-in/new-password/{one}", 404)) for one in forged}
    assert len(pages) == 1
    token_of_form = visitor.token("/sign-in")
    for one in forged:
        answer = visitor.client.post(
            f"/sign-in/new-password/{one}", data={"password": NEW, "csrf_token": token_of_form}
        )
        assert answer.status_code == 404
    later = time.time() + timedelta(hours=1, seconds=2).total_seconds()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(later))
    visitor.get(link, 404)
    monkeypatch.undo()
    visitor.get(link)


def test_another_site_cannot_set_the_password(visitor, person):
    mina = person("Mina")
    ask(visitor, mina.email)
    link = mailed_link(mina.email)
    fields = {"password": NEW, "csrf_token": visitor.token(link)}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.client.post(link, data=fields, headers=headers).status_code == 403
    assert visitor.client.post(link, data={"password": NEW}).status_code == 422
    assert mina.has_password(PASSWORD)


def test_the_page_of_a_link_tells_nobody_its_address(visitor, person):
    mina = person("Mina")
    ask(visitor, mina.email)
    answer = visitor.client.get(mailed_link(mina.email))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("email", ["", "no address", "a@b\r\nBcc: c@d.e", "a" * 5000 + "@example.org"])
def test_what_is_no_address_is_said(visitor, email):
    assert ask(visitor, email).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 0


def test_after_a_reset_a_second_step_is_still_asked_for(visitor, person):
    mina = person("Mina", Role.OWNER)
    mina.totp_secret = "JBSWY3DPEHPK3PXP"
    db.session.commit()
    ask(visitor, mina.email)
    link = mailed_link(mina.email)
    visitor.send(link, link, password=NEW)
    assert re.fullmatch("/sign-in/code", sign_in(visitor, mina.email, NEW).location)
    assert db.session.scalar(select(func.count()).select_from(Session)) == 0


def test_who_reads_the_mail_of_an_account_does_not_wait_behind_those_who_guess(app, visitor, person):
    mina = person("Mina")
    for _ in range(5):
        sign_in(Visitor(app.test_client()), mina.email, "a wrong password")
    assert sign_in(visitor, mina.email).status_code == 429
    ask(visitor, mina.email)
    link = mailed_link(mina.email)
    visitor.send(link, link, password=NEW)
    assert sign_in(visitor, mina.email, NEW).status_code == 302
