"""People add passkeys, sign in with them, and remove them; what proves nothing is refused."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blog.accounts.models import Passkey, Role, find_person
from blog.accounts.passkey_site import passkey_site
from blog.db import db, now
from tests.accounts.authenticator import PRESENT, VERIFIED, Authenticator
from tests.accounts.test_sign_in import cookie, guess, sign_in
from tests.conftest import PASSWORD, Visitor, moved_to

ACCOUNT = "/desk/account"
KEYS = f"{ACCOUNT}/passkeys"


def options_to_add(visitor: Visitor, present: str = PASSWORD, status: int = 200) -> dict:
    answer = visitor.send(f"{KEYS}/options", ACCOUNT, name="My phone", present=present)
    assert answer.status_code == status, answer.text
    return json.loads(answer.text) if status == 200 else {}


def add(visitor: Visitor, device: Authenticator, name: str = "My phone"):
    answer = device.create(options_to_add(visitor))
    return visitor.send(KEYS, ACCOUNT, name=name, credential=answer)


def options_to_sign_in(visitor: Visitor) -> dict:
    return json.loads(visitor.client.post("/sign-in/passkey/options").text)


def use(visitor: Visitor, device: Authenticator, page: str = "/sign-in"):
    """Sign in with the key on the device."""
    token, options = visitor.token(page), options_to_sign_in(visitor)
    address = page.replace("/sign-in", "/sign-in/passkey")
    fields = {"credential": device.get(options), "csrf_token": token}
    return visitor.client.post(address, data=fields)


@pytest.fixture
def device(author) -> Authenticator:
    """A device with a passkey of Jonas's."""
    device = Authenticator()
    assert "Passkey added" in add(author, device).text
    return device


def test_a_passkey_is_added_and_signs_in_without_a_password(author, device, visitor):
    assert "My phone" in author.get(ACCOUNT)
    assert moved_to(use(visitor, device)) == "/desk/"
    visitor.get("/desk/trips/new")
    assert "last used" in visitor.get(ACCOUNT)
    assert "Signed in: passkey" in visitor.get(f"{ACCOUNT}/log")


def test_signing_in_by_passkey_leads_on_and_carries_nothing_over(device, visitor):
    visitor.get("/sign-in")
    planted = cookie(visitor)
    assert moved_to(use(visitor, device, "/sign-in?next=/desk/posts/new")) == "/desk/posts/new"
    assert cookie(visitor) != planted
    other = Visitor(visitor.client.application.test_client())
    assert moved_to(use(other, device, "/sign-in?next=//elsewhere.example")) == "/desk/"


def test_a_passkey_is_the_second_step_already_and_gets_past_those_who_guess(device, visitor):
    jonas = find_person("jonas@example.org")
    jonas.totp_secret = "JBSWY3DPEHPK3PXP"
    db.session.commit()
    guess(visitor, jonas.email, 5)
    assert sign_in(visitor, jonas.email).status_code == 429
    assert moved_to(use(visitor, device)) == "/desk/"


def test_several_keys_are_told_apart_by_name_and_removed_by_their_owner_alone(app, author, device, person):
    second = Authenticator()
    add(author, second, "<b>Key</b> on the ring")
    assert "&lt;b&gt;Key&lt;/b&gt; on the ring" in author.get(ACCOUNT)
    petra = Visitor(app.test_client()).sign_in(person("Petra", Role.OWNER))
    assert petra.send(f"{KEYS}/1/removal", ACCOUNT).status_code == 404
    author.send(f"{KEYS}/1/removal", ACCOUNT)
    assert use(Visitor(app.test_client()), device).status_code == 422
    assert use(Visitor(app.test_client()), second).status_code == 302


def test_adding_a_key_needs_the_password_before_the_device_is_asked(author):
    options_to_add(author, present="not the password", status=422)
    made_up = {"user": {"id": "cGVyc29uLTE"}, "challenge": "AAAA"}
    refused = author.send(KEYS, ACCOUNT, name="Mine", credential=Authenticator().create(made_up))
    assert refused.status_code == 422
    assert db.session.scalars(select(Passkey)).all() == []


def test_the_options_ask_for_a_verified_person_and_name_no_key(author, device, visitor):
    options = options_to_sign_in(visitor)
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    assert not options.get("allowCredentials")
    again = options_to_add(author)
    assert again["authenticatorSelection"]["residentKey"] == "required"
    assert len(again["excludeCredentials"]) == 1


LIES = {
    "from another site": {"origin": "http://elsewhere.example"},
    "from another port": {"origin": "http://localhost:8001"},
    "for another site": {"host": "elsewhere.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
    "a count that went back": {"count": -1},
    "somebody else's": {"handle": b"person-2"},
    "another key": {"credential_id": b"unknown"},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_proves_nothing_signs_nobody_in(author, device, visitor, lie):
    device.count = 5
    assert use(Visitor(visitor.client.application.test_client()), device).status_code == 302
    change = LIES[lie] if lie != "a count that went back" else {"count": 5 - 1}
    refused = use(visitor, replace(device, **change))
    assert refused.status_code == 422
    assert "was not taken" in refused.text
    visitor.get("/desk/", 302)


def test_a_key_of_another_holder_is_no_key(device, visitor):
    assert use(visitor, replace(device, key=Authenticator().key)).status_code == 422


@pytest.mark.parametrize(
    "change", [{"origin": "http://elsewhere.example"}, {"host": "a.example"}, {"flags": PRESENT}]
)
def test_a_key_made_elsewhere_or_by_nobody_is_not_added(author, change):
    assert add(author, Authenticator(**change)).status_code == 422
    assert db.session.scalars(select(Passkey)).all() == []


def test_a_key_belongs_to_one_person(app, device, person):
    mina = Visitor(app.test_client()).sign_in(person("Mina"))
    stolen = Authenticator(credential_id=device.credential_id)
    assert add(mina, stolen).status_code == 422


def test_an_answer_counts_once_even_with_a_session_brought_back(app, device, visitor):
    token, options = visitor.token("/sign-in"), options_to_sign_in(visitor)
    kept = cookie(visitor)
    device.count = -1  # a device that does not count
    fields = {"credential": device.get(options), "csrf_token": token}
    moved_to(visitor.client.post("/sign-in/passkey", data=fields))
    thief = Visitor(app.test_client())
    thief.client.set_cookie("session", kept)
    assert thief.client.post("/sign-in/passkey", data=fields).status_code == 422


def test_an_answer_for_adding_is_none_for_signing_in_nor_for_another_person(app, author, device, person):
    mina = Visitor(app.test_client()).sign_in(person("Mina"))
    options = options_to_add(author)
    answer = Authenticator().create(options)
    assert mina.send(KEYS, ACCOUNT, name="Mine", credential=answer).status_code == 422


def test_an_ended_account_has_no_use_of_its_keys(device, visitor):
    find_person("jonas@example.org").ended_at = now()
    db.session.commit()
    assert use(visitor, device).status_code == 422


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    path=st.sampled_from(
        ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature"]
    ),
    value=st.one_of(
        st.none(), st.integers(), st.text(max_size=60), st.lists(st.text(max_size=3)), st.just("AAAA" * 900)
    ),
)
def test_broken_answers_are_refused_in_words(app, device, path, value):
    visitor = Visitor(app.test_client())
    visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{abs(hash((path, str(value)))) % 250}"
    token, options = visitor.token("/sign-in"), options_to_sign_in(visitor)
    answer = json.loads(device.get(options))
    (answer if path in answer else answer["response"])[path] = value
    fields = {"credential": json.dumps(answer), "csrf_token": token}
    status = visitor.client.post("/sign-in/passkey", data=fields).status_code
    assert status in (422, 429) or (path, value) == ("type", "public-key")


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "x", "[" * 5000, '{"id": {}}', "9" * 30_000])
def test_what_is_no_answer_is_refused_too(device, visitor, answer):
    token = visitor.token("/sign-in")
    options_to_sign_in(visitor)
    refused = visitor.client.post("/sign-in/passkey", data={"credential": answer, "csrf_token": token})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://walks.example/", "https://walks.example"),
        ("https://walks.example:443", "https://walks.example"),
        ("https://walks.example:8443", "https://walks.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://walks.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_belong_to_a_name_at_a_secure_address(app: Flask, address, origin):
    app.config["PUBLIC_URL"] = address
    found = passkey_site()
    assert (found.origin if found else None) == origin


def test_where_they_cannot_be_used_they_are_not_offered(tmp_path, app, author):
    app.config["PUBLIC_URL"] = "http://127.0.0.1:8000"
    assert "passkey" not in Visitor(app.test_client()).get("/sign-in")
    assert "need a site with a name" in author.get(ACCOUNT)
    assert author.client.post("/sign-in/passkey/options").status_code == 404
