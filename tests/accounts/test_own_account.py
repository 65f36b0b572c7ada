"""One's own account: name, e-mail, password, sessions and log."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from blog.accounts.models import Person, Role, Session, find_person
from blog.accounts.sessions import named_device
from blog.accounts.throttle import FREE_TRIES
from blog.db import db, now
from tests.accounts.mailbox import mailed_link, mails
from tests.accounts.test_sign_in import cookie, sign_in, unmarked
from tests.conftest import PASSWORD, Visitor, moved_to

ACCOUNT = "/desk/account"
NEW = "violet harbour nineteen spoons"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def test_a_name_is_changed_and_readers_see_it_at_once(author, visitor):
    post = author.publish(author.write("We walked."))
    assert "Jonas" in visitor.get(post)
    author.send(f"{ACCOUNT}/name", ACCOUNT, name="  Jonas <b>Berg</b> ")
    assert "Jonas &lt;b&gt;Berg&lt;/b&gt;" in visitor.get(post)
    for name in ("", "   ", "J" * 121):
        refused = author.send(f"{ACCOUNT}/name", ACCOUNT, name=name)
        assert refused.status_code == 422
        assert 'class="error"' in refused.text


def test_a_name_turns_no_text_around_and_runs_nothing(app, author, person, shared_data):
    owner = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    files = sorted((shared_data / "hostile" / "html").glob("*.test"))
    payloads = [path.read_text().split("\n--\n")[0] for path in files]
    assert len(payloads) >= 20
    for payload in [*payloads, "Jo\u202enas\u2066\x1b\x9d", "J\u0301" + "\u0336" * 100]:
        author.send(f"{ACCOUNT}/name", ACCOUNT, name=payload[:120])
        author.send(f"{ACCOUNT}/name", ACCOUNT, name="Jonas")  # what it was stands in the log
        for page in (author.get(f"{ACCOUNT}/log"), owner.get("/desk/people/log")):
            assert not re.search(r'<(?:script(?! type="module")|img|style|iframe|meta http)', page, re.I)
            assert not set(page) & set("\u202e\u2066\x1b\x9d")


def test_nothing_else_of_a_person_can_be_sent_along(author):
    more = {
        "role": "owner",
        "email": "x@example.org",
        "ended_at": "",
        "totp_secret": "A",
        "id": "7",
        "password_hash": "x",
    }
    author.send(f"{ACCOUNT}/name", ACCOUNT, name="Jonas B.", **more)
    author.send(f"{ACCOUNT}/password", ACCOUNT, present=PASSWORD, password=NEW, **more)
    jonas = db.session.scalars(select(Person)).one()
    assert (jonas.name, jonas.role, jonas.email, jonas.totp_secret) == (
        "Jonas B.",
        Role.AUTHOR,
        "jonas@example.org",
        None,
    )
    assert jonas.has_password(NEW)


def test_a_new_password_ends_all_other_sessions_and_renews_this_one(app, author):
    phone = Visitor(app.test_client()).sign_in(find_person("jonas@example.org"))
    before = cookie(author)
    assert (
        "signed out everywhere else"
        in author.send(f"{ACCOUNT}/password", ACCOUNT, present=PASSWORD, password=NEW).text
    )
    phone.get("/desk/", 302)
    thief = Visitor(app.test_client())
    thief.client.set_cookie("session", before)
    thief.get("/desk/", 302)
    author.get("/desk/")
    assert sign_in(Visitor(app.test_client()), "jonas@example.org").status_code == 422
    assert sign_in(Visitor(app.test_client()), "jonas@example.org", NEW).status_code == 302
    assert mails("jonas@example.org")[0].subject.startswith("Your password was changed")


@pytest.mark.parametrize(
    ("present", "password", "words"),
    [
        ("not his password", NEW, "not your present password"),
        (PASSWORD, "jonas example", "your name, your e-mail"),
        (PASSWORD, "Roadbook 2026", "the name of this site"),
        (PASSWORD, "1234567890", "used passwords"),
        (PASSWORD, "x" * 1001, "too long"),
        (PASSWORD, "x" * 1_000_000, "too long"),
        ("y" * 1_000_000, NEW, "too long"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(author, present, password, words):
    refused = author.send(f"{ACCOUNT}/password", ACCOUNT, present=present, password=password)
    assert refused.status_code == 422
    assert words in refused.text
    assert password not in refused.text
    assert find_person("jonas@example.org").has_password(PASSWORD)


def test_a_borrowed_browser_is_no_place_to_try_out_passwords(author):
    for _ in range(FREE_TRIES):
        author.send(f"{ACCOUNT}/password", ACCOUNT, present="a wrong password", password=NEW)
    refused = author.send(f"{ACCOUNT}/password", ACCOUNT, present=PASSWORD, password=NEW)
    assert "Too many tries" in refused.text
    assert find_person("jonas@example.org").has_password(PASSWORD)


def test_a_new_address_counts_once_its_link_was_followed(app, author, visitor):
    author.send(f"{ACCOUNT}/email", ACCOUNT, email="Jonas@New.example.org", present=PASSWORD)
    assert find_person("jonas@example.org")
    link = mailed_link("jonas@new.example.org")
    assert "jonas@new.example.org" in visitor.get(link)
    assert find_person("jonas@example.org")  # whatever looks at links in mails confirms nothing
    assert "From now on" in visitor.send(link, link).text
    assert find_person("jonas@new.example.org")
    assert "sign in with another address" in mails("jonas@example.org")[-1].text
    visitor.get(link, 404)
    visitor.get("/desk/", 302)
    assert sign_in(visitor, "jonas@new.example.org").status_code == 302


def test_a_link_for_an_address_dies_with_the_password_it_was_made_under(author, visitor):
    author.send(f"{ACCOUNT}/email", ACCOUNT, email="thief@example.net", present=PASSWORD)
    link = mailed_link("thief@example.net")
    author.send(f"{ACCOUNT}/password", ACCOUNT, present=PASSWORD, password=NEW)
    visitor.get(link, 404)


def test_nobody_learns_that_an_address_has_an_account(author, person):
    taken, free = person("Mina").email, "nobody@example.org"
    answers = [
        unmarked(author.send(f"{ACCOUNT}/email", ACCOUNT, email=email, present=PASSWORD).text).split("<main")[
            0
        ]
        for email in (taken, free)
    ]
    assert answers[0].replace(taken, "…") == answers[1].replace(free, "…")
    assert mails(taken) == []


def test_an_address_that_was_taken_meanwhile_stays_with_who_has_it(author, visitor, person):
    author.send(f"{ACCOUNT}/email", ACCOUNT, email="mina@example.org", present=PASSWORD)
    link = mailed_link("mina@example.org")
    mina = person("Mina")
    token = visitor.token(link)
    assert visitor.client.post(link, data={"csrf_token": token}).status_code == 404
    assert find_person("mina@example.org").id == mina.id


def test_sessions_are_listed_and_ended_one_by_one_or_all(app, author, person):
    jonas = find_person("jonas@example.org")
    phones = [Visitor(app.test_client()) for _ in range(3)]
    for phone in phones:
        phone.client.environ_base["HTTP_USER_AGENT"] = LINUX
        phone.sign_in(jonas)
    page = author.get(ACCOUNT)
    assert page.count("Firefox on Linux <") == 3
    assert page.count("this one") == 1
    own, first, second, third = db.session.scalars(select(Session.id).order_by(Session.id))
    author.send(f"{ACCOUNT}/sessions/{first}/removal", ACCOUNT)
    phones[0].get("/desk/", 302)
    phones[1].get("/desk/")
    petra = Visitor(app.test_client()).sign_in(person("Petra", Role.OWNER))
    assert petra.send(f"{ACCOUNT}/sessions/{second}/removal", ACCOUNT).status_code == 404
    author.send(f"{ACCOUNT}/sessions/removal", ACCOUNT)
    for phone in phones:
        phone.get("/desk/", 302)
    author.get("/desk/")
    petra.get("/desk/")
    assert own != third


def test_a_session_remembers_to_a_few_minutes_when_it_was_seen(author):
    seen = select(Session.seen_at)
    first = db.session.scalar(seen)
    author.get("/desk/")
    assert db.session.scalar(seen) == first
    db.session.execute(update(Session).values(seen_at=now() - timedelta(minutes=6)))
    db.session.commit()
    author.get("/desk/")
    assert db.session.scalar(seen) >= first


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (LINUX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.1", "Another program"),
        ("<script>alert(1)</script>", "Another program"),
        ("", "Another program"),
    ],
)
def test_devices_are_named_by_what_people_know(app, agent, device):
    assert named_device(agent) == device


def test_the_own_log_tells_what_happened_and_failed_tries_do_not_flood_it(app, author):
    for _ in range(4):
        sign_in(Visitor(app.test_client()), "jonas@example.org", "a wrong password")
    author.send(f"{ACCOUNT}/name", ACCOUNT, name="Jonas Berg")
    page = author.get(f"{ACCOUNT}/log")
    assert page.count("A sign-in failed") == 1
    assert "Name changed: Jonas" in page
    assert "What happened lately" in author.get(ACCOUNT)


def test_forms_of_the_account_need_the_token_of_this_session(app, author, person):
    mina = Visitor(app.test_client()).sign_in(person("Mina"))
    fields = {"name": "Robbed", "csrf_token": mina.token(ACCOUNT)}
    assert author.client.post(f"{ACCOUNT}/name", data=fields).status_code == 422
    author.client.post(f"{ACCOUNT}/sessions/removal", data=fields)
    assert find_person("jonas@example.org").name == "Jonas"


def test_a_moderator_has_an_account_too(moderator):
    assert "Your account" in moderator.get(ACCOUNT)
    assert "People of this site" not in moderator.get(ACCOUNT)
    assert moved_to(moderator.client.get("/desk/")) == "/desk/moderation"
