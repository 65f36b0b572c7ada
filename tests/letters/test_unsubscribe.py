"""Ending letters takes one click, in the mail program or on a page, and nobody else can do it."""

import re

import pytest
from sqlalchemy import select, update

from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import db
from blog.letters.links import Purpose, link, token_for
from blog.letters.models import Follow, Silence
from blog.mail.models import Mail
from tests.conftest import Visitor, value
from tests.letters.conftest import Letters, confirmed, one_link


@pytest.fixture
def told(letters: Letters, post: str, visitor: Visitor):
    """Iris was told of a reply: the letter."""
    letters.follow("Iris")
    visitor.reply(post, "How far is it?")
    db.session.execute(update(Comment).values(status=Status.APPROVED, is_shown=True))
    db.session.commit()
    letters.pass_time(minutes=5)
    (letter,) = letters.to("Iris")
    return letter


def follows() -> list[tuple[str, int, int | None]]:
    db.session.rollback()
    return [
        (f.email.split("@")[0], f.post_id, f.comment_id)
        for f in db.session.scalars(select(Follow).order_by(Follow.id))
    ]


def path(address: str) -> str:
    return address.strip("<>").removeprefix("http://localhost")


def test_a_mail_program_ends_it_by_itself(app, letters, told, post, visitor):
    letters.follow("Iris", comment_id=1)
    letters.follow("Bob")
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = path(told["List-Unsubscribe"])
    program = app.test_client()  # no cookies, no page before, no token of a form
    answer = program.post(
        address, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert follows() == [("bob", 1, None)]
    assert (
        program.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    )  # again, as some do
    visitor.reply(post, "And further?")
    db.session.execute(update(Comment).values(status=Status.APPROVED, is_shown=True))
    db.session.commit()
    letters.pass_time(minutes=5)
    assert len(letters.to("Iris")) == 1


def test_opening_the_link_only_shows_a_button(told, visitor):
    address = one_link(told, "unsubscribe")
    for _ in range(2):  # a scanner of links, and Iris
        assert "No more letters about this" in visitor.get(address)
    assert len(follows()) == 1
    answer = visitor.client.get(address)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert "Done. You get no more letters about this." in visitor.client.post(address).text
    assert follows() == []


def test_the_page_of_what_one_follows_ends_each(letters, told, author, visitor):
    author.publish(author.write("More.", title="Inland"))
    letters.follow("Iris", comment_id=1)
    letters.follow("Iris", post_id=2)
    letters.follow("Bob", post_id=2)
    page = visitor.get(one_link(told, "following"))
    assert page.count(">End</button>") == 3
    assert "Inland" in page
    assert "answers to: How far is it?" in page
    assert "i…@example.org" in page
    assert "iris@example.org" not in page
    address = one_link(told, "following")
    visitor.client.post(f"{address}/{2}/ending")
    assert follows() == [
        ("iris", 1, None),
        ("iris", 2, None),
        ("bob", 2, None),
    ]
    visitor.client.post(f"{address}/{4}/ending")  # Bob's
    assert ("bob", 2, None) in follows()


def test_never_again_means_whoever_asks(app, letters, told, post, visitor):
    address = one_link(told, "following")
    assert "Done. This address gets no more letters" in visitor.client.post(f"{address}/silence").text
    visitor.client.post(f"{address}/silence")
    before = len(letters.host.messages())
    assert follows() == []
    visitor.reply(post, "It is me, Iris!", email="iris@example.org")
    letters.ask(2, "iris")
    assert (follows(), len(letters.to("Iris"))) == ([], 1)
    letters.sweep()
    assert "Is this your address?" not in str([m["Subject"] for m in letters.host.messages()[before:]])
    assert "Done. You can follow replies again." in visitor.client.post(f"{address}/silence/end").text
    letters.ask(2, "iris")
    assert len(letters.to("Iris")) == 2
    visitor.client.post(f"{address}/silence")
    letters.ask(2, "iris", reader=confirmed(app, visitor, "iris@example.org"))  # she changed her mind
    assert follows() == [("iris", 1, None)]
    assert db.session.scalar(select(Silence)) is None


def test_a_silenced_address_gets_what_it_asks_for_itself(letters, told, visitor):
    """Letters that export or erase what belongs to an address are none about replies."""
    visitor.client.post(f"{one_link(told, 'following')}/silence")
    db.session.add(Mail(kind="rights", to="iris@example.org", subject="x", text="x", html="x"))
    db.session.commit()
    assert len(letters.to("Iris")) == 2


@pytest.mark.parametrize("path_of", ["unsubscribe/{}", "following/{}/silence", "following/{}/1/ending"])
@pytest.mark.parametrize("token", ["x", "WyJpcmlzQGV4YW1wbGUub3JnIiwxXQ", "{confirm}", "{moderate}", "{cut}"])
def test_a_forged_link_ends_nothing(app, told, visitor, path_of, token):
    good = one_link(told, "unsubscribe").rsplit("/", 1)[1]
    known = {
        "confirm": token_for(Purpose.CONFIRM, 1, "iris@example.org"),
        "moderate": token_for(Purpose.MODERATE, 1, 1, "approved", 1),
        "cut": good[:-2],
    }
    address = f"/letters/{path_of.format(token.format(**known))}"
    assert visitor.client.post(address).status_code == 404
    assert len(follows()) == 1
    assert db.session.scalar(select(Silence)) is None


def test_another_site_ends_nothing(told, visitor):
    address = one_link(told, "unsubscribe")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.client.post(address, headers=headers).status_code == 403
    assert len(follows()) == 1


def test_letters_to_no_longer_existing_stories_end_all_the_same(app, told, author, visitor):
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    address = one_link(told, "unsubscribe")
    assert "By the sea" not in visitor.get(address) + visitor.get(one_link(told, "following"))
    assert visitor.client.post(address).status_code == 200
    with app.test_request_context():
        gone = path(link(Purpose.UNSUBSCRIBE, "iris@example.org", 99))
    visitor.get(gone)
    assert visitor.client.post(gone).status_code == 200


def test_each_chooses_how_often_to_hear(moderator, author):
    assert picked(moderator) == "hourly"
    answer = moderator.send("/desk/letters", "/desk/letters", rhythm="daily")
    assert "Saved." in answer.text
    assert (picked(moderator), picked(author)) == ("daily", "hourly")
    assert moderator.send("/desk/letters", "/desk/letters", rhythm="every second").status_code == 422
    assert picked(moderator) == "daily"


def picked(person: Visitor) -> str:
    (checked,) = re.findall(r"<input checked[^>]*>", person.get("/desk/letters"))
    return value(checked, "rhythm")
