"""The owner invites people, changes what they may do, and ends accounts; there is always an owner."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from blog.accounts.models import AccountLog, Invitation, Person, Role, Session, find_person
from blog.accounts.sessions import hashed
from blog.db import db, now
from tests.accounts.mailbox import mailed_link, mails
from tests.accounts.test_sign_in import sign_in
from tests.accounts.test_two_step import turn_on
from tests.conftest import PASSWORD, Visitor, moved_to

GOOD = "violet harbour nineteen spoons"


@pytest.fixture
def owner(app, person) -> Visitor:
    """Olga, the owner, signed in."""
    return Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))


def invite(owner: Visitor, role: str = "author", email: str = "", **more: str) -> str:
    """Invite somebody: the path of the link that is shown."""
    page = owner.send("/desk/people/invitations", "/desk/people", role=role, email=email, **more).text
    found = re.search(r'readonly value="http://localhost(/[^"]+)"', page)
    assert found, page
    return found[1]


def accept(visitor: Visitor, link: str, **fields: str):
    values = {"name": "Mina", "email": "mina@example.org", "password": GOOD} | fields
    return visitor.send(link, link, follow=False, **values)


def test_a_link_makes_an_account_of_the_role_it_was_made_for(owner, visitor):
    link = invite(owner, "moderator")
    assert link not in owner.get("/desk/people")  # shown once
    assert "You can moderate all replies." in visitor.get(link)
    assert moved_to(accept(visitor, link, role="owner", ended_at="", id="1")) == "/desk/"
    visitor.get("/desk/moderation")
    assert find_person("mina@example.org").role is Role.MODERATOR
    assert "Mina" in owner.get("/desk/people")


def test_an_invitation_works_once(app, owner, visitor):
    link = invite(owner)
    accept(visitor, link)
    second = Visitor(app.test_client())
    assert "used or taken back" in second.get(link, 404)
    token = second.token("/sign-in")
    again = second.client.post(
        link, data={"name": "B", "email": "b@example.org", "password": GOOD, "csrf_token": token}
    )
    assert again.status_code == 404
    assert find_person("b@example.org") is None


def test_an_invitation_is_mailed_and_kept_as_a_hash_alone(owner, visitor):
    link = invite(owner, email=" Mina@Example.org ")
    assert mailed_link("mina@example.org") == link
    kept = db.session.scalar(select(Invitation))
    assert kept.token_hash == hashed(link.rsplit("/", 1)[1])
    assert 'value="mina@example.org"' in visitor.get(link)


def test_an_invitation_is_taken_back_or_grows_old(owner, visitor):
    taken_back, old = invite(owner), invite(owner)
    owner.send("/desk/people/invitations/1/removal", "/desk/people")
    visitor.get(taken_back, 404)
    db.session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    db.session.commit()
    visitor.get(old, 404)
    assert "By a link" not in owner.get("/desk/people")


def test_an_invitation_that_leads_nowhere_says_the_same_whatever_is_wrong(app, owner, visitor):
    used = invite(owner)
    accept(visitor, used)
    stranger = Visitor(app.test_client())
    pages = {
        re.sub(r'nonce="[^"]+"', "", stranger.get(address, 404))
        for address in (used, "/sign-in/invitations/made-up", "/sign-in/invitations/" + "x" * 3000)
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "minamina mina"}, "made of your name"),
        ({"password": "example.org1"}, "made of your name"),
        ({"password": "x" * 1001}, "This password is too long."),
        ({"password": "x" * 900}, "at most 200 characters"),
        ({"email": "no address"}, "does not look like an e-mail"),
        ({"email": "olga@example.org"}, "already has an account"),
        ({"name": " \0 "}, "needs a name"),
        ({"name": "M" * 1_000_000}, "This name is too long."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(owner, visitor, fields, words):
    link = invite(owner)
    refused = accept(visitor, link, **fields)
    assert refused.status_code == 422
    assert words in refused.text
    assert fields.get("password", GOOD) not in refused.text
    if "name" not in fields:
        assert 'value="Mina"' in refused.text
    assert moved_to(accept(visitor, link))  # the invitation is not used up


def test_people_are_listed_with_their_roles_and_the_role_is_changed(app, owner, author):
    assert "Jonas" in owner.get("/desk/people")
    jonas = find_person("jonas@example.org")
    owner.send(f"/desk/people/{jonas.id}/role", "/desk/people", role="moderator")
    assert db.session.get(Person, jonas.id).role is Role.MODERATOR
    author.get("/desk/trips/new", 403)  # at once, in the session that was open
    entry = db.session.scalars(select(AccountLog).where(AccountLog.what == "role_changed")).one()
    assert (entry.detail, entry.person_name) == ("author → moderator", "Jonas")
    assert owner.send(f"/desk/people/{jonas.id}/role", "/desk/people", role="king").status_code == 422
    assert owner.send("/desk/people/999/role", "/desk/people", role="author").status_code == 404


def test_an_ended_account_is_shut_at_once_and_what_was_written_stays(app, owner, author, visitor):
    trip = author.make_trip()
    post = author.publish(author.write("We walked.", trip=trip))
    jonas = find_person("jonas@example.org")
    owner.send(f"/desk/people/{jonas.id}/ending", "/desk/people")
    author.get("/desk/", 302)
    assert db.session.scalars(select(Session).where(Session.person_id == jonas.id)).all() == []
    again = Visitor(app.test_client())
    fields = {"email": jonas.email, "password": PASSWORD}
    assert again.send("/sign-in", "/sign-in", follow=False, **fields).status_code == 422
    assert "We walked." in visitor.get(post)
    owner.send(f"/desk/people/{jonas.id}/return", "/desk/people")
    Visitor(app.test_client()).sign_in(jonas).get("/desk/trips/new")


def test_a_session_that_outlived_its_account_opens_nothing(author):
    db.session.execute(update(Person).values(ended_at=now()))
    db.session.commit()
    author.get("/desk/", 302)


def test_the_last_owner_stays(owner, person):
    olga = find_person("olga@example.org")
    page = owner.get("/desk/people")
    assert "the only one" in page
    assert f"/desk/people/{olga.id}/ending" not in page
    for address, fields in (
        (f"/desk/people/{olga.id}/ending", {}),
        (f"/desk/people/{olga.id}/role", {"role": "author"}),
    ):
        refused = owner.send(address, "/desk/people", **fields)
        assert refused.status_code == 409
        assert "only owner" in refused.text
    owner.get("/desk/people")
    second = person("Rosa", Role.OWNER)
    assert (
        moved_to(owner.send(f"/desk/people/{olga.id}/role", "/desk/people", follow=False, role="author"))
        == "/"
    )
    assert (db.session.get(Person, olga.id).role, second.role) == (Role.AUTHOR, Role.OWNER)
    owner.get("/desk/people", 403)


def test_an_ended_owner_does_not_count_as_one(owner, person):
    rosa = person("Rosa", Role.OWNER)
    owner.send(f"/desk/people/{rosa.id}/ending", "/desk/people")
    olga = find_person("olga@example.org")
    assert owner.send(f"/desk/people/{olga.id}/ending", "/desk/people").status_code == 409


def test_who_is_no_owner_any_more_has_invited_nobody(app, owner, person, visitor):
    rosa = Visitor(app.test_client()).sign_in(person("Rosa", Role.OWNER))
    link = invite(rosa, "owner")
    owner.send(f"/desk/people/{find_person('rosa@example.org').id}/role", "/desk/people", role="author")
    visitor.get(link, 404)


def test_who_lost_the_app_and_the_codes_is_helped_by_the_owner(app, owner, author):
    turn_on(author)
    jonas, olga = find_person("jonas@example.org"), find_person("olga@example.org")
    assert "Turn off two-step sign-in" in owner.get("/desk/people")
    owner.send(f"/desk/people/{jonas.id}/two-step/removal", "/desk/people")
    assert moved_to(sign_in(Visitor(app.test_client()), jonas.email)) == "/desk/"
    assert "turned off by Olga" in mails(jonas.email)[-1].text
    assert "Two-step sign-in turned off" in owner.get("/desk/people/log")
    turn_on(owner)
    refused = owner.send(f"/desk/people/{olga.id}/two-step/removal", "/desk/people")
    assert refused.status_code == 409
    assert olga.totp_secret


def test_the_log_tells_the_owner_who_did_what(app, owner, author):
    link = invite(owner, "moderator", "petra@example.org")
    accept(Visitor(app.test_client()), link, name="Petra", email="petra@example.org")
    owner.send(f"/desk/people/{find_person('petra@example.org').id}/ending", "/desk/people")
    page = owner.get("/desk/people/log")
    for words in (
        "Invitation made: moderator",
        "Account made from an invitation",
        "Account ended",
        "by Olga",
    ):
        assert words in page
    own = author.get("/desk/account/log")
    assert "Signed in: password" in own
    assert "Petra" not in own
    for number in ("0", "1", "9" * 30, "x", "-1"):
        owner.get(f"/desk/people/log?before={number}")


def test_mails_to_people_cannot_be_given_other_headers(owner, person):
    assert (
        owner.send("/desk/people/invitations", "/desk/people", email="a@b.c\r\nBcc: x@y.z").status_code == 422
    )
    assert mails("a@b.c") == []
