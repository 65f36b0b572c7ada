"""People sign in, stay signed in, and leave; those who guess are slowed down."""

import shutil
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from blog.accounts.models import Attempt, Person, Role, Session, check_password
from blog.accounts.views import GUESSES_PER_ACCOUNT, GUESSES_PER_ADDRESS, next_page
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
    (header,) = answer.headers.getlist("Set-Cookie")
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


def test_guesses_at_one_account_are_limited_from_any_address(app, visitor, person):
    mina = person("Mina")
    for number in range(GUESSES_PER_ACCOUNT):
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert sign_in(visitor, mina.email, "a wrong password").status_code == 422
    refused = sign_in(visitor, mina.email)  # even the right one must wait now
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "wait" in refused.text
    assert sessions() == 0
    assert sign_in(visitor, person("Jonas").email).status_code == 302


def test_guesses_from_one_address_are_limited_for_all_accounts(visitor, person):
    for number in range(GUESSES_PER_ADDRESS):
        assert sign_in(visitor, f"someone{number}@example.org", "x").status_code == 422
    assert sign_in(visitor, person("Mina").email).status_code == 429
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert sign_in(visitor, person("Mina").email).status_code == 302


def test_after_a_while_one_may_try_again(visitor, person):
    mina = person("Mina")
    for _ in range(GUESSES_PER_ACCOUNT):
        sign_in(visitor, mina.email, "a wrong password")
    db.session.execute(update(Attempt).values(at=now() - timedelta(minutes=16)))
    db.session.commit()
    assert sign_in(visitor, mina.email).status_code == 302


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
    for number in range(GUESSES_PER_ADDRESS + 1):
        visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        answer = sign_in(visitor, f"someone{number}@example.org", "x")
    assert answer.status_code == status
    with app.app_context():
        db.engine.dispose()
