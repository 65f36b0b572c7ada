"""People sign in, stay signed in, and leave; those who guess are slowed down."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event, func, select, update

from blog.accounts import passwords
from blog.accounts.entrance import next_page
from blog.accounts.models import Attempt, Person, Role, Session, check_password
from blog.accounts.throttle import FREE_TRIES, NETWORK_TRIES
from blog.db import db, now
from tests.conftest import PASSWORD, Visitor, make_app, moved_to, value


def sign_in(visitor: Visitor, email: str, password: str = PASSWORD, page: str = "/sign-in"):
    return visitor.send(page, page, follow=False, email=email, password=password)


def sessions() -> int:
    return db.session.scalar(select(func.count()).select_from(Session)) or 0


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("session")
    return found.value if found else ""


def test_an_author_signs_in_and_reaches_the_desk(app, visitor, person):
    mina = person("Mina")
    assert moved_to(sign_in(visitor, mina.email)) == "/desk/"
    assert "Sign out" in visitor.get("/desk/")


def test_the_address_is_taken_in_any_case_and_with_spaces(visitor, person):
    person("Mina")
    assert moved_to(sign_in(visitor, "  MINA@example.org ")) == "/desk/"


@pytest.mark.parametrize(
    ("email", "password"),
    [("mina@example.org", "not her password"), ("nobody@example.org", PASSWORD), ("", ""), ("mina", "x\0y")],
)
def test_a_wrong_pair_is_refused_in_the_same_words(visitor, person, email, password):
    person("Mina")
    answer = sign_in(visitor, email, password)
    assert answer.status_code == 422
    assert sessions() == 0
    if email and password:
        assert "do not belong together" in answer.text
        assert password not in answer.text
    visitor.get("/desk/", 302)


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(visitor, person):
    answer = sign_in(visitor, person("Mina").email)
    headers = answer.headers.getlist("Set-Cookie")
    assert [header.split("=")[0] for header in headers] == ["device", "session"]
    for header in headers:
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header


def test_a_session_from_before_the_sign_in_is_not_carried_over(app, visitor, person):
    visitor.get("/sign-in")
    planted, token = cookie(visitor), visitor.token("/sign-in")
    sign_in(visitor, person("Mina").email)
    assert cookie(visitor) != planted
    assert visitor.token("/desk/trips/new") != token

    with_old_token = visitor.client.post("/desk/trips/new", data={"title": "A", "csrf_token": token})
    assert with_old_token.status_code == 422
    victim = Visitor(app.test_client())
    victim.client.set_cookie("session", planted)
    victim.get("/desk/", 302)


def test_each_sign_in_is_a_session_of_its_own(app, person):
    mina = person("Mina")
    phone, laptop = Visitor(app.test_client()).sign_in(mina), Visitor(app.test_client()).sign_in(mina)
    hashes = db.session.scalars(select(Session.token_hash)).all()
    assert len(set(hashes)) == 2
    phone.send("/sign-out", "/desk/")
    laptop.get("/desk/")
    phone.get("/desk/", 302)


def test_signing_out_ends_the_session_for_good(app, author):
    stolen = cookie(author)
    author.send("/sign-out", "/desk/")
    assert sessions() == 0
    assert cookie(author) == ""
    thief = Visitor(app.test_client())
    thief.client.set_cookie("session", stolen)
    thief.get("/desk/", 302)


def test_the_database_never_holds_what_the_browser_sends(app, author):
    with author.client.session_transaction() as kept:
        token = kept["token"]
    assert token not in db.session.scalars(select(Session.token_hash)).all()


def test_a_session_of_more_than_a_month_is_over(author):
    db.session.execute(update(Session).values(created_at=now() - timedelta(days=31)))
    db.session.commit()
    author.get("/desk/", 302)


def guess(visitor: Visitor, email: str, times: int) -> None:
    """Wrong passwords from many addresses, as a network of robots sends them."""
    for number in range(times):
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert sign_in(visitor, email, "a wrong password").status_code == 422


def test_guesses_at_one_account_are_limited_from_any_address(app, visitor, person):
    mina = person("Mina")
    guess(visitor, mina.email, FREE_TRIES)
    refused = sign_in(visitor, mina.email)  # even the right one must wait now
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 2
    assert "Please wait 2 seconds" in refused.text
    assert f'value="{mina.email}"' in refused.text  # nothing typed is lost, but the password
    assert sessions() == 0
    assert sign_in(visitor, person("Jonas").email).status_code == 302


def pass_by(**time: int) -> None:
    """Let time go by, as seen from all that was tried."""
    for attempt in db.session.scalars(select(Attempt)):
        attempt.at -= timedelta(**time)
    db.session.commit()


def test_each_wrong_guess_doubles_the_wait_up_to_a_quarter_of_an_hour(visitor, person):
    mina = person("Mina")
    waits = []
    for number in range(FREE_TRIES + 12):
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        refused = sign_in(visitor, mina.email, "a wrong password")
        if refused.status_code == 429:
            waits.append(int(refused.headers["Retry-After"]))
            pass_by(seconds=waits[-1])
            assert sign_in(visitor, mina.email, "a wrong password").status_code == 422
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    pass_by(seconds=900)
    assert sign_in(visitor, mina.email).status_code == 302


def test_whoever_guesses_at_an_account_does_not_lock_its_owner_out(app, visitor, person):
    mina = person("Mina")
    laptop = Visitor(app.test_client()).sign_in(mina)
    laptop.send("/sign-out", "/desk/")
    guess(visitor, mina.email, FREE_TRIES)
    assert sign_in(visitor, mina.email).status_code == 429
    assert sign_in(laptop, mina.email).status_code == 302


def test_a_stolen_device_cookie_has_tries_of_its_own_and_opens_nothing(app, person):
    mina, jonas = person("Mina"), person("Jonas")
    laptop = Visitor(app.test_client()).sign_in(mina)
    stolen = laptop.client.get_cookie("device", path="/sign-in").value
    thief = Visitor(app.test_client())
    thief.client.set_cookie("device", stolen, path="/sign-in")
    thief.get("/desk/", 302)
    for _ in range(FREE_TRIES):
        assert sign_in(thief, mina.email, "a wrong password").status_code == 422
    assert sign_in(thief, mina.email).status_code == 429
    assert sign_in(Visitor(app.test_client()), mina.email).status_code == 302
    guess(thief, jonas.email, FREE_TRIES)  # no device of his
    assert sign_in(thief, jonas.email).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "W10.x.y", "\u202e", "A" * 4000])
def test_a_made_up_device_cookie_counts_for_nothing(visitor, person, cookie):
    mina = person("Mina")
    visitor.client.set_cookie("device", cookie, path="/sign-in")
    guess(visitor, mina.email, FREE_TRIES)
    assert sign_in(visitor, mina.email).status_code == 429


def test_guesses_from_one_address_are_limited_for_all_accounts(visitor, person):
    for number in range(NETWORK_TRIES):
        assert sign_in(visitor, f"someone{number}@example.org", "x").status_code == 422
    assert sign_in(visitor, person("Mina").email).status_code == 429
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert sign_in(visitor, person("Mina").email).status_code == 302


def test_a_subscriber_with_very_many_addresses_is_one(visitor, person):
    for number in range(NETWORK_TRIES):
        visitor.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number:x}"
        assert sign_in(visitor, f"someone{number}@example.org", "x").status_code == 422
    assert sign_in(visitor, person("Mina").email).status_code == 429


def test_a_right_password_does_not_count_as_a_guess(visitor, person):
    mina = person("Mina")
    for _ in range(2 * FREE_TRIES):
        visitor.client.delete_cookie("device", path="/sign-in")
        assert sign_in(visitor, mina.email).status_code == 302
        visitor.send("/sign-out", "/desk/")
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_old_tries_are_forgotten(visitor, person):
    sign_in(visitor, person("Mina").email, "a wrong password")
    db.session.execute(update(Attempt).values(at=now() - timedelta(days=2)))
    db.session.commit()
    sign_in(visitor, "somebody@example.org", "x")
    assert db.session.scalar(select(func.min(Attempt.at))) > now() - timedelta(minutes=1)


@dataclass
class Watched:
    """A hasher that counts how often it is asked."""

    hasher: PasswordHasher
    asked: int = 0

    def verify(self, kept: str, password: str) -> bool:
        self.asked += 1
        return self.hasher.verify(kept, password)

    def __getattr__(self, name: str) -> object:
        return getattr(self.hasher, name)


def test_an_unknown_address_gets_the_same_answer_for_the_same_work(app, person, monkeypatch):
    mina, gone = person("Mina"), person("Gone")
    gone.ended_at = now()
    db.session.commit()
    watched = Watched(passwords.hasher)
    monkeypatch.setattr(passwords, "hasher", watched)
    answers, work = [], []
    for email in (mina.email, "nobody@example.org", gone.email):
        visitor = Visitor(app.test_client())
        token = visitor.token("/sign-in")
        watched.asked, statements = 0, []
        with listening(statements):
            fields = {"email": email, "password": "a wrong password", "csrf_token": token}
            answer = visitor.client.post("/sign-in", data=fields)
        answers.append(unmarked(answer.text).replace(email, "…"))
        work.append((watched.asked, statements))
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert work[0][0] == 1


@contextmanager
def listening(statements: list[str]) -> Iterator[None]:
    """Collects what the database is asked meanwhile."""

    def hear(_connection, _cursor, statement, *_more):
        statements.append(
            re.sub(r"account_log.person_id (= \?|IS NULL)", "account_log.person_id …", statement)
        )

    event.listen(db.engine, "before_cursor_execute", hear)
    yield
    event.remove(db.engine, "before_cursor_execute", hear)


def unmarked(page: str) -> str:
    """A page without what is new at each request."""
    return re.sub(r'nonce="[^"]+"|(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", page)


ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example",
    "/\t/elsewhere.example/",
    "/\t\\elsewhere.example/",
    "/\n\\elsewhere.example/",
    "javascript:alert(1)",
    "elsewhere.example",
    "///elsewhere.example",
    " //elsewhere.example",
    "/%5celsewhere.example\r\nSet-Cookie: a=b",
]


def test_signing_in_never_leads_to_another_site(app, person):
    mina = person("Mina")
    for target in ELSEWHERE:
        visitor = Visitor(app.test_client())
        token = value(visitor.get("/sign-in"), "csrf_token")
        answer = visitor.client.post(
            "/sign-in",
            query_string={"next": target},
            data={"email": mina.email, "password": PASSWORD, "csrf_token": token},
        )
        address = moved_to(answer)
        assert address.startswith("/"), target
        assert not address.startswith(("//", "/\\")), target
        assert not set(address) & set("\t\r\n\\"), target
        assert "a=b" not in answer.headers.get("Set-Cookie", "")


def test_signing_in_leads_to_where_one_was_going(app, visitor, person):
    mina = person("Mina")
    asked = moved_to(visitor.client.get("/desk/posts/new?trip=3"))
    assert moved_to(sign_in(visitor, mina.email, page=asked)) == "/desk/posts/new?trip=3"
    with app.test_request_context():
        assert next_page("/trips/?a=b") == "/trips/?a=b"


def test_a_password_kept_by_older_settings_is_hashed_anew(person):
    mina = person("Mina")
    mina.password_hash = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    assert check_password(mina.email, PASSWORD) is mina
    assert "m=16," not in mina.password_hash
    assert check_password(mina.email, PASSWORD) is mina


def test_a_moderator_is_led_to_the_replies(moderator):
    assert moved_to(moderator.client.get("/desk/")) == "/desk/moderation"


def test_roles_open_their_doors_and_no_others(app: Flask, person):
    petra = Visitor(app.test_client()).sign_in(person("Petra", Role.MODERATOR))
    assert "Not for this account" in petra.get("/desk/trips/new", 403)
    petra.get("/desk/moderation")
    owner = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    owner.get("/desk/trips/new")
    owner.get("/desk/moderation")
    assert db.session.scalar(select(Person.role).where(Person.name == "Olga")) is Role.OWNER


@pytest.mark.parametrize(("proxies", "status"), [("0", 429), ("1", 422)])
def test_only_a_trusted_proxy_tells_the_visitors_address(tmp_path, migrated, proxies, status):
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path, TRUSTED_PROXIES=proxies)
    visitor = Visitor(app.test_client())
    for number in range(NETWORK_TRIES + 1):
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        answer = sign_in(visitor, f"someone{number}@example.org", "x")
    assert answer.status_code == status
    with app.app_context():
        db.engine.dispose()
