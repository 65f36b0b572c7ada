"""Moderators keep the threads clean: approve, reject, mark as spam, undo, and a log of who did what."""

import re
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from blog.accounts.models import Person, Role
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import ModerationLog
from blog.comments.queue import PAGE
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.posts.models import Post
from tests.conftest import Visitor, moved_to

QUEUE = "/desk/moderation"


@pytest.fixture
def post(author: Visitor, visitor: Visitor) -> str:
    """A published post with one waiting reply: its address."""
    address = author.publish(author.write("We set out along the bay."))
    visitor.reply(address, "What a bay!")
    return address


def act(moderator: Visitor, verb: str, number: int = 1, status: str = "pending"):
    return moderator.send(f"/comments/{number}/{verb}", QUEUE, follow=False, status=status)


def state(number: int = 1) -> Status:
    return db.session.get_one(Comment, number).status


def log() -> list[tuple[str, str, str]]:
    rows = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id))
    return [(row.moderator_name, row.before.value, row.after.value) for row in rows]


def counts(moderator: Visitor) -> dict[str, int]:
    tabs = re.findall(r'data-count="(\w+)">(\d+)</span></a>', moderator.get(QUEUE))
    return {name: int(number) for name, number in tabs}


def test_a_moderator_approves_a_reply(moderator, visitor, post):
    page = moderator.get(QUEUE)
    assert "What a bay!" in page
    assert "By the sea" in page
    assert "sofia@example.org" in page
    assert moved_to(act(moderator, "approval")) == f"{QUEUE}?status=pending"
    page = moderator.get(QUEUE)
    assert "Approved. Everyone can read it now." in page
    assert "Nothing waits." in page
    assert "What a bay!" in visitor.get(post)
    assert log() == [("Petra", "pending", "approved")]


@pytest.mark.parametrize(
    ("verb", "status"), [("approval", Status.APPROVED), ("rejection", Status.REJECTED), ("spam", Status.SPAM)]
)
def test_every_verb_can_be_undone(moderator, post, verb, status):
    act(moderator, verb)
    assert state() is status
    assert 'action="/comments/1/undo"' in moderator.get(QUEUE)
    act(moderator, "undo")
    assert state() is Status.PENDING
    assert log() == [("Petra", "pending", status.value), ("Petra", status.value, "pending")]


def test_an_undo_without_an_act_does_nothing(moderator, post):
    act(moderator, "undo")
    assert state() is Status.PENDING
    assert log() == []


def test_the_same_verb_twice_is_logged_once(moderator, post):
    act(moderator, "approval")
    act(moderator, "approval")
    assert log() == [("Petra", "pending", "approved")]


def test_two_moderators_leave_their_own_names(app, moderator, person, post):
    act(moderator, "approval")
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(iris, "spam", status="approved")
    assert log() == [("Petra", "pending", "approved"), ("Iris", "approved", "spam")]
    page = moderator.get(f"{QUEUE}/log")
    assert page.index("Iris") < page.index("Petra ·")
    assert "What a bay!" in page


def test_the_log_outlives_the_moderator(app, moderator, person, post):
    act(moderator, "approval")
    db.session.delete(db.session.scalars(select(Person).where(Person.name == "Petra")).one())
    db.session.commit()
    assert log() == [("Petra", "pending", "approved")]
    assert "Petra" in Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER)).get(f"{QUEUE}/log")


def test_the_tabs_count_every_status(moderator, visitor, post):
    for text in ("Second", "Third", "http://a.example http://b.example http://c.example"):
        visitor.reply(post, text)
    act(moderator, "approval", 2)
    act(moderator, "rejection", 3)
    assert counts(moderator) == {"pending": 1, "approved": 1, "spam": 1, "rejected": 1}
    for status, words in (("approved", "Second"), ("rejected", "Third"), ("spam", "3 links")):
        assert words in moderator.get(f"{QUEUE}?status={status}")
    assert "What a bay!" in moderator.get(f"{QUEUE}?status=nonsense")


def test_what_waits_longest_comes_first(moderator, visitor, post):
    visitor.reply(post, "Later words")
    page = moderator.get(QUEUE)
    assert page.index("What a bay!") < page.index("Later words")
    act(moderator, "approval", 1)
    act(moderator, "approval", 2)
    page = moderator.get(f"{QUEUE}?status=approved")
    assert page.index("Later words") < page.index("What a bay!")


def test_an_answer_stands_beside_what_it_answers(moderator, visitor, post):
    act(moderator, "approval")
    visitor.reply(post, "It <is>.", parent_id="1", name="Iris")
    page = moderator.get(QUEUE)
    context = page[page.index('class="context"') : page.index('class="context"') + 200]
    assert "Sofia" in context
    assert "What a bay!" in context


def test_the_reasons_of_a_verdict_are_shown(moderator, visitor, post):
    visitor.reply(post, "See http://a.example")
    page = moderator.get(QUEUE)
    assert "It has a link." in page or "It has a link." in moderator.get(f"{QUEUE}?status=spam")


def test_an_author_moderates_only_under_own_posts(app, author, moderator, visitor, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.AUTHOR))
    assert "What a bay!" not in iris.get(QUEUE)
    assert set(counts(iris).values()) == {0}
    assert "waits for you" not in iris.get("/desk/")
    for verb in ("approval", "rejection", "spam", "undo"):
        assert iris.send(f"/comments/1/{verb}", QUEUE, follow=False).status_code == 404
    assert state() is Status.PENDING
    act(author, "approval")
    assert state() is Status.APPROVED
    assert "What a bay!" in author.get(f"{QUEUE}/log")
    assert "What a bay!" not in iris.get(f"{QUEUE}/log")


def test_strangers_and_forged_forms_moderate_nothing(visitor, moderator, post):
    for verb in ("approval", "rejection", "spam", "undo"):
        assert visitor.client.post(f"/comments/1/{verb}").status_code == 302
        assert moderator.client.post(f"/comments/1/{verb}", data={"csrf_token": "x"}).status_code == 422
        assert moderator.send(f"/comments/77/{verb}", QUEUE, follow=False).status_code == 404
    assert state() is Status.PENDING
    assert log() == []


def test_the_way_back_leads_nowhere_else(moderator, post):
    assert moved_to(act(moderator, "approval", status="//elsewhere.example")).startswith(f"{QUEUE}?status=")


@pytest.fixture
def conversation(author: Visitor, post: str) -> str:
    """The reply approved, with an answer to it and an answer to that."""
    act(author, "approval")
    author.reply(post, "An answer", parent_id="1")
    author.reply(post, "An answer to the answer", parent_id="2")
    author.reply(post, "Beside it all")
    return post


@pytest.mark.parametrize("verb", ["rejection", "spam"])
def test_what_was_said_below_a_rejected_reply_goes_with_it(moderator, visitor, conversation, verb):
    assert "An answer to the answer" in visitor.get(conversation)
    act(moderator, verb)
    for page in (conversation, "/comments.xml", f"{conversation}/comments.xml"):
        text = visitor.get(page)
        assert "An answer" not in text
        assert "What a bay!" not in text
        assert "Beside it all" in text
    for number in (1, 2, 3):
        visitor.get(f"/comments/{number}", 404)
    assert "1 reply" in visitor.get(conversation)
    act(moderator, "undo", status="rejected")
    assert "An answer to the answer" in visitor.get(conversation)


def test_an_answer_below_a_rejected_one_cannot_be_answered(moderator, visitor, conversation):
    act(moderator, "rejection")
    visitor.reply(conversation, "Into the void", parent_id="3")
    act(moderator, "approval", 5)
    assert "Into the void" in visitor.get(conversation)


def test_feeds_hold_approved_replies_only(moderator, visitor, author, post):
    for feed in ("/comments.xml", f"{post}/comments.xml"):
        assert "What a bay!" not in visitor.get(feed)
    act(moderator, "approval")
    for feed in ("/comments.xml", f"{post}/comments.xml"):
        atom = ElementTree.fromstring(visitor.get(feed).encode())
        (entry,) = atom.findall("{*}entry")
        assert entry.findtext("{*}title") == "Sofia on “By the sea”"
        assert "What a bay!" in (entry.findtext("{*}content") or "")
        assert entry.findtext("{*}id") == f"http://localhost{post}#comment-1"
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    assert "What a bay!" not in visitor.get("/comments.xml")


def test_a_long_queue_has_pages(moderator, post):
    told = db.session.scalars(select(Post)).one()
    for number in range(PAGE + 5):
        add_comment(
            told, None, "Sofia", "s@example.org", f"Waiting number {number}.", Verdict(Status.PENDING)
        )
    db.session.commit()
    first, second = moderator.get(QUEUE), moderator.get(f"{QUEUE}?page=2")
    assert first.count('class="comment-head"') == PAGE
    assert second.count('class="comment-head"') == 6
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "Nothing waits." in moderator.get(f"{QUEUE}?page=99")


def test_an_approved_author_reply_can_be_taken_back(moderator, visitor, author, post):
    author.reply(post, "Hasty words")
    act(moderator, "rejection", 2)
    assert "Hasty words" not in visitor.get(post)
