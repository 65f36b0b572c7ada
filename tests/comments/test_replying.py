"""Readers leave replies: forms that keep what was typed, answers that say what happens next."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from blog.accounts.models import Role
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.comments.views import FRAGMENT
from blog.db import db, now
from tests.conftest import Visitor, moved_to, value

JSON = {"Accept": "application/json"}


@pytest.fixture
def post(author: Visitor) -> str:
    """A published post: its address."""
    return author.publish(author.write("We set out along the bay."))


def saved() -> list[Comment]:
    return list(db.session.scalars(select(Comment).order_by(Comment.id)))


def approve(*numbers: int) -> None:
    """As moderators do, without their pages: those have tests of their own."""
    for number in numbers:
        db.session.get_one(Comment, number).set_status(Status.APPROVED)
    db.session.commit()


def refresh(app) -> None:
    app.extensions["edition"].advance()


def test_a_reader_leaves_a_reply_and_sees_it_waiting(app, visitor, post):
    page = visitor.get(post)
    assert "Leave a reply" in page
    assert "Your e-mail address will not be published. Required fields are marked *" in page
    address = moved_to(visitor.reply(post, "What a *bay*!"))
    assert re.fullmatch(rf"{post}\?waiting=[\w.-]+#comment-1", address)
    own = visitor.get(address)
    assert "awaiting moderation" in own
    assert "What a <em>bay</em>!" in own
    for page in (post, f"{post}?waiting=", f"{post}?waiting=1", f"{post}?waiting=MQ.bad"):
        assert "What a" not in visitor.get(page)
    (comment,) = saved()
    assert (comment.status, comment.name, comment.email) == (Status.PENDING, "Sofia", "sofia@example.org")


def test_the_link_of_a_waiting_reply_opens_no_other(visitor, author, post):
    other = author.publish(author.write("Another story.", title="Another"))
    address = moved_to(visitor.reply(post, "What a bay!"))
    token = re.search(r"waiting=([\w.-]+)", address)[1]
    assert "What a bay!" not in visitor.get(f"{other}?waiting={token}")


def test_an_approved_reply_is_no_longer_waiting(app, visitor, post):
    address = moved_to(visitor.reply(post, "What a bay!"))
    approve(1)
    page = visitor.get(address)
    assert page.count("What a bay!") == 1
    assert "awaiting moderation" not in page
    refresh(app)
    assert "1 reply" in visitor.get(post)


def test_a_script_is_told_that_the_reply_waits(visitor, post):
    answer = visitor.reply(post, "What a bay!", headers=JSON)
    assert answer.status_code == 202
    assert answer.json == {"id": 1, "status": "pending"}


def test_the_page_gets_the_waiting_reply_as_a_piece_of_itself(visitor, post):
    answer = visitor.reply(post, "What a bay!", headers={"Accept": FRAGMENT})
    assert answer.status_code == 202
    assert answer.text.lstrip().startswith("<li")
    assert 'id="comment-1"' in answer.text
    assert "awaiting moderation" in answer.text
    assert "<html" not in answer.text


def test_an_author_needs_no_approval(author, visitor, post):
    answer = author.reply(post, "Thank you all.", headers=JSON)
    assert answer.status_code == 201
    assert answer.json["status"] == "approved"
    page = visitor.get(post)
    assert "Thank you all." in page
    assert 'class="by-author"' in page
    assert "jonas@example.org" not in page
    assert moved_to(author.reply(post, "Once more.")).endswith("#comment-2")


def test_a_moderators_reply_is_not_the_authors(moderator, visitor, post):
    moderator.reply(post, "Please stay kind.")
    page = visitor.get(post)
    assert "Please stay kind." in page
    assert 'class="by-author"' not in page


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("text", "", "Write a few words first."),
        ("text", "  \n ", "Write a few words first."),
        ("text", "x" * 10_001, "This is too long."),
        ("name", "", "Please leave a name."),
        ("name", "   ", "Please leave a name."),
        ("name", "x" * 81, "This name is too long."),
        ("email", "", "Please leave an e-mail address."),
        ("email", "sofia", "does not look like an e-mail address"),
        ("email", "sofia@", "does not look like an e-mail address"),
        ("email", "a@b.example\r\nBcc: c@d.example", "does not look like an e-mail address"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(visitor, post, field, text, words):
    typed = {"text": "My long & careful words", "name": "Sofia <S>", "email": "sofia@example.org"} | {
        field: text
    }
    answer = visitor.reply(post, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    kept = {"text": "My long &amp; careful words", "name": "Sofia &lt;S&gt;", "email": "sofia@example.org"}
    for name, shown in kept.items():
        assert name == field or shown in answer.text
    assert value(answer.text, "stamp")
    assert saved() == []

    fragment = visitor.reply(post, **typed, headers={"Accept": FRAGMENT})
    assert fragment.status_code == 422
    assert fragment.text.lstrip().startswith("<form")
    script = visitor.reply(post, **typed, headers=JSON)
    assert script.status_code == 422
    assert words in " ".join(script.json["errors"][field])


@pytest.mark.parametrize("stamp", ["", "nonsense", "1.abc.def"])
def test_a_form_that_did_not_come_from_the_page_is_given_back(visitor, post, stamp):
    answer = visitor.reply(post, "My careful words", stamp=stamp)
    assert answer.status_code == 422
    assert "Your words are kept" in answer.text
    assert "My careful words" in answer.text
    sent = visitor.reply(post, "My careful words", stamp=value(answer.text, "stamp"))
    assert sent.status_code == 303


def test_a_stamp_of_another_post_does_not_do(visitor, author, post):
    other = author.publish(author.write("Another.", title="Another"))
    stamp = value(visitor.get(other), "stamp")
    assert visitor.reply(post, "Words", stamp=stamp).status_code == 422


def test_a_page_that_lay_open_for_a_week_still_works(app, visitor, post, monkeypatch):
    stamp = value(visitor.get(post), "stamp")
    week_later = now() + timedelta(days=7)
    monkeypatch.setattr("itsdangerous.timed.time.time", week_later.timestamp)
    assert visitor.reply(post, "Late words", stamp=stamp).status_code == 303


def test_robots_that_fill_in_everything_are_spam_and_are_not_told(visitor, post):
    answer = visitor.reply(post, "Nice.", homepage="http://spam.example", headers=JSON)
    assert (answer.status_code, answer.json["status"]) == (202, "pending")
    (comment,) = saved()
    assert comment.status is Status.SPAM
    assert comment.reasons == [
        "It filled in a field that people cannot see.",
        "It was sent within three seconds of opening the page.",
    ]


def test_many_links_are_spam(visitor, post):
    visitor.reply(post, "http://a.example http://b.example http://c.example")
    assert saved()[0].status is Status.SPAM
    assert "It has 3 links." in saved()[0].reasons


def test_people_see_no_field_for_robots(visitor, post):
    page = visitor.get(post)
    bait = page[page.index('class="bait"') : page.index('name="homepage"') + 120]
    assert 'aria-hidden="true"' in bait
    assert 'tabindex="-1"' in bait


def test_an_answer_stands_below_what_it_answers(app, visitor, author, post):
    for text in ("First", "Second"):
        author.reply(post, text)
    author.reply(post, "To the first", parent_id="1")
    author.reply(post, "To the answer", parent_id="3")
    author.reply(post, "Third")
    author.reply(post, "To the first, later", parent_id="1")
    page = visitor.get(post)
    order = re.findall(r'<li class="comment depth-(\d)[^"]*" id="comment-(\d)"', page)
    assert order == [("0", "1"), ("1", "3"), ("2", "4"), ("1", "6"), ("0", "2"), ("0", "5")]


def test_the_form_says_whom_one_answers(visitor, author, post):
    author.reply(post, "First")
    page = visitor.get(f"{post}?reply=1")
    assert "Replying to Jonas" in page
    assert value(page, "parent_id") == "1"
    assert "Replying to" not in visitor.get(f"{post}?reply=99")


def test_a_failed_answer_still_knows_whom_it_answers(visitor, author, post):
    author.reply(post, "First")
    answer = visitor.reply(post, "", parent_id="1")
    assert answer.status_code == 422
    assert value(answer.text, "parent_id") == "1"
    assert "Replying to Jonas" in answer.text


def test_a_thread_is_drawn_to_a_sensible_depth(visitor, author, post):
    author.reply(post, "Level 0")
    for level in range(1, 8):
        author.reply(post, f"Level {level}", parent_id=str(level))
    page = visitor.get(post)
    drawn = [int(depth) for depth in re.findall(r"depth-(\d)", page)]
    assert drawn == [0, 1, 2, 3, 4, 4, 4, 4]
    assert [comment.depth for comment in saved()] == list(range(8))
    assert "to Jonas" in page


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.REJECTED])
def test_what_readers_do_not_see_cannot_be_answered(visitor, post, status):
    visitor.reply(post, "Hidden words")
    db.session.execute(update(Comment).values(status=status))
    db.session.commit()
    assert "Hidden words" not in visitor.get(f"{post}?reply=1")
    visitor.reply(post, "An answer", parent_id="1")
    assert saved()[1].parent_id is None
    assert "Hidden words" not in visitor.get(f"{post}?reply=1")


def test_a_comment_of_another_post_cannot_be_answered(visitor, author, post):
    other = author.publish(author.write("Another.", title="Another"))
    author.reply(other, "Over there")
    visitor.reply(post, "An answer", parent_id="1")
    assert saved()[1].parent_id is None


@pytest.mark.parametrize("parent", ["x", "-1", "1; DROP TABLE comment", "9" * 30, "²", "\0"])
def test_a_strange_parent_is_no_parent(visitor, post, parent):
    assert visitor.reply(post, "Words", parent_id=parent).status_code == 303
    assert saved()[0].parent_id is None


def test_a_lasting_address_leads_to_the_comment(visitor, author, post):
    author.reply(post, "Here")
    visitor.reply(post, "Waiting")
    assert moved_to(visitor.client.get("/comments/1")) == f"{post}#comment-1"
    for number in (2, 3):
        visitor.get(f"/comments/{number}", 404)


def test_an_e_mail_address_is_never_shown(app, visitor, moderator, post):
    address = moved_to(visitor.reply(post, "What a bay!", email="secret@example.org"))
    assert "secret@example.org" not in visitor.get(address)
    approve(1)
    refresh(app)
    for page in (
        post,
        f"{post}/comments.xml",
        "/comments.xml",
        "/feed.xml",
        "/feed.json",
        f"{post}?reply=1",
        "/",
    ):
        assert "secret@example.org" not in visitor.get(page)
    answer = visitor.reply(post, "Again", email="secret@example.org", headers={"Accept": FRAGMENT})
    assert "secret@example.org" not in answer.text
    assert "secret@example.org" in moderator.get("/desk/moderation")


def test_names_and_texts_of_strangers_never_become_markup(app, visitor, moderator, author, post):
    evil = '"><script>alert(1)</script>{{7919*7907}}'
    waiting = visitor.get(moved_to(visitor.reply(post, f"{evil} <img src=x onerror=alert(1)>", name=evil)))
    approve(1)
    author.reply(post, "An answer", parent_id="1")
    refresh(app)
    desk = [moderator.get("/desk/moderation?status=approved"), moderator.get("/desk/moderation/log")]
    public = [visitor.get(page) for page in (post, f"{post}?reply=1", "/comments.xml")]
    for page in (waiting, *public, *desk):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "62615533" not in page


def test_a_reply_to_a_withdrawn_post_is_not_taken(visitor, author, post):
    stamp = value(visitor.get(post), "stamp")
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    sent = {"text": "Words", "name": "S", "email": "s@example.org", "stamp": stamp}
    assert visitor.client.post(f"{post}/comments", data=sent).status_code == 404
    assert saved() == []


def test_a_large_thread_is_whole_and_in_order(app, visitor, author, post):
    for number in range(60):
        parent = str(number // 2) if number >= 2 and number % 3 else ""
        author.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        author.reply(post, f"Reply number {number}", parent_id=parent)
    page = visitor.get(post)
    shown = [int(number) for number in re.findall(r'id="comment-(\d+)"', page)]
    assert sorted(shown) == list(range(1, 61))
    places = {number: place for place, number in enumerate(shown)}
    for comment in saved():
        assert comment.parent_id is None or places[comment.parent_id] < places[comment.id]
    assert "60 replies" in page


def test_who_is_signed_in_needs_the_token_of_the_page(author, post):
    answer = author.reply(post, "Words", csrf_token="old")
    assert answer.status_code == 422
    assert "Words" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 0


def test_an_owner_of_no_post_is_no_author_of_it(app, person, visitor, post):
    olga = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    olga.reply(post, "Hello from the owner")
    assert 'class="by-author"' not in visitor.get(post)
