"""A code after the password: turned on with an app, asked for at sign-in, turned off with the password."""

import re
import time

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from blog.accounts.codes import matching_step
from blog.accounts.models import Person, RecoveryCode, find_person
from blog.accounts.sessions import hashed
from blog.accounts.throttle import FREE_TRIES
from blog.db import db
from tests.accounts.test_sign_in import cookie, sign_in
from tests.conftest import PASSWORD, Visitor, moved_to, value

PAGE = "/desk/account/two-step"
CODE = "/sign-in/code"


def secret_on(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1].replace(" ", "")


def turn_on(visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """The app that now shows codes, and the recovery codes. The step used is the one before this."""
    app = pyotp.TOTP(secret_on(visitor.get(PAGE)))
    page = visitor.send(PAGE, PAGE, code=app.at(time.time() - 30), present=PASSWORD).text
    codes = re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", page)
    assert len(set(codes)) == 10
    return app, codes


def enter(visitor: Visitor, code: str):
    return visitor.send(CODE, CODE, follow=False, code=code)


def half_way(app: Flask, email: str = "jonas@example.org") -> Visitor:
    """Somebody who knows the password."""
    visitor = Visitor(app.test_client())
    assert moved_to(sign_in(visitor, email)) == CODE
    return visitor


def test_after_it_is_turned_on_a_password_alone_opens_nothing(app, author):
    authenticator, _codes = turn_on(author)
    assert "10 recovery codes left" in author.get("/desk/account")
    visitor = half_way(app)
    for address in ("/desk/", "/desk/account", PAGE):
        assert moved_to(visitor.client.get(address)).startswith("/sign-in?next=")
    assert enter(visitor, "000000").status_code == 422
    assert moved_to(enter(visitor, authenticator.now())) == "/desk/"
    visitor.get("/desk/trips/new")


def test_the_square_is_drawn_here_and_holds_the_secret(author):
    page = author.get(PAGE)
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page or "<svg" in page
    assert "style=" not in page
    assert secret_on(page) == secret_on(author.get(PAGE))  # a reload does not make what was scanned useless
    assert secret_on(page) not in str(db.session.scalars(select(Person.totp_secret)).all())


def test_it_is_turned_on_by_a_code_that_fits_and_the_password(author):
    app = pyotp.TOTP(secret_on(author.get(PAGE)))
    wrong = author.send(PAGE, PAGE, code="123", present=PASSWORD)
    assert (wrong.status_code, "does not fit" in wrong.text) == (422, True)
    refused = author.send(PAGE, PAGE, code=app.now(), present="not the password")
    assert (refused.status_code, "not your present password" in refused.text) == (422, True)
    assert db.session.scalar(select(Person.totp_secret)) is None


def test_a_code_counts_once(app, author):
    authenticator, _codes = turn_on(author)
    code = authenticator.now()
    assert enter(half_way(app), code).status_code == 302
    assert enter(half_way(app), code).status_code == 422


def test_a_phone_may_be_half_a_minute_off_and_no_more():
    secret, at = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 1_800_000_015
    app = pyotp.TOTP(secret)
    fits = [matching_step(secret, app.at(at + off * 30), at) for off in (-2, -1, 0, 1, 2)]
    assert fits == [None, at // 30 - 1, at // 30, at // 30 + 1, None]
    code = app.at(at)
    assert matching_step(secret, f" {code[:3]} {code[3:]} ", at)
    for wrong in ("", "١٢٣٤٥٦", "0" * 40, code[:5]):
        assert matching_step(secret, wrong, at) is None


def test_a_recovery_code_stands_in_once_however_it_is_typed(app, author):
    _authenticator, codes = turn_on(author)
    assert enter(half_way(app), codes[0].upper().replace("-", " ")).status_code == 302
    assert enter(half_way(app), codes[0]).status_code == 422
    assert "9 recovery codes left" in author.get("/desk/account")
    assert "A recovery code used" in author.get("/desk/account/log")
    kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert hashed(codes[1].replace("-", "")) in kept
    assert not set(codes) & set(kept)


def test_new_recovery_codes_end_the_old(app, author):
    _authenticator, codes = turn_on(author)
    assert author.send(f"{PAGE}/codes", PAGE, present="wrong").status_code == 422
    page = author.send(f"{PAGE}/codes", PAGE, present=PASSWORD).text
    assert codes[0] not in page
    assert enter(half_way(app), codes[0]).status_code == 422
    new = re.findall(r"<code>([a-z2-9-]+)</code>", page)
    assert enter(half_way(app), new[0]).status_code == 302


def test_somebody_elses_recovery_code_is_none(app, author, person):
    _authenticator, codes = turn_on(author)
    mina = Visitor(app.test_client()).sign_in(person("Mina"))
    turn_on(mina)
    assert enter(half_way(app, "mina@example.org"), codes[0]).status_code == 422


def test_turning_it_off_needs_the_password(app, author):
    turn_on(author)
    assert author.send(f"{PAGE}/removal", PAGE, present="wrong").status_code == 422
    author.send(f"{PAGE}/removal", PAGE, present=PASSWORD)
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert moved_to(sign_in(Visitor(app.test_client()), "jonas@example.org")) == "/desk/"


def test_codes_cannot_be_tried_out(app, author):
    authenticator, _codes = turn_on(author)
    for _ in range(FREE_TRIES):
        assert enter(half_way(app), "000000").status_code == 422
    refused = enter(half_way(app), authenticator.now())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    # Jonas's own device has tries of its own.
    assert moved_to(sign_in(author, "jonas@example.org")) == CODE
    assert enter(author, authenticator.now()).status_code == 302


def test_what_lies_between_the_steps_cannot_be_forged_borrowed_or_kept(app, author, person):
    authenticator, _codes = turn_on(author)
    assert moved_to(Visitor(app.test_client()).client.get(CODE)) == "/sign-in"
    visitor = half_way(app)
    kept = cookie(visitor)
    with visitor.client.session_transaction() as session:
        assert set(session) <= {"half", "csrf"}
        half = session["half"]
    forged = Visitor(app.test_client())
    with forged.client.session_transaction() as session:
        session["half"] = half[:-3] + "abc"
    assert moved_to(forged.client.get(CODE)) == "/sign-in"
    # After the password was changed, knowing the old one is worth nothing.
    find_person("jonas@example.org").set_password("violet harbour nineteen spoons")
    db.session.commit()
    visitor.client.set_cookie("session", kept)
    assert moved_to(visitor.client.get(CODE)) == "/sign-in"
    assert authenticator.now()


def test_it_leads_on_to_where_one_was_going(app, author):
    authenticator, _codes = turn_on(author)
    visitor = Visitor(app.test_client())
    page = "/sign-in?next=/desk/posts/new"
    fields = {
        "email": "jonas@example.org",
        "password": PASSWORD,
        "csrf_token": value(visitor.get(page), "csrf_token"),
    }
    moved_to(visitor.client.post(page, data=fields))
    assert moved_to(enter(visitor, authenticator.now())) == "/desk/posts/new"


@pytest.mark.parametrize("code", ["", "x" * 41, "\0", "' OR 1=1 --", "０" * 6])
def test_what_is_no_code_is_refused_in_words(app, author, code):
    turn_on(author)
    assert enter(half_way(app), code).status_code == 422


def test_two_at_once_do_not_use_one_code_twice(app, author):
    """The step is taken by the statement that looks whether it is free."""
    authenticator, _codes = turn_on(author)
    first, second = half_way(app), half_way(app)
    code = authenticator.now()
    step = matching_step(authenticator.secret, code, time.time())
    db.session.execute(update(Person).values(totp_last_step=step))
    db.session.commit()
    assert [enter(one, code).status_code for one in (first, second)] == [422, 422]
