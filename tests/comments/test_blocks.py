"""Block lists: what moderators never want to see again, typed with help, and met by replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.comments.blocks import Block, BlockKind, arranged, tidy
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog
from blog.comments.verdict import Status
from blog.db import db
from tests.comments.patience import reply
from tests.conftest import Visitor

BLOCKS = "/desk/replies/blocks"


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


def block(moderator: Visitor, kind: str, value: str):
    return moderator.send(BLOCKS, BLOCKS, kind=kind, value=value)


def last() -> Comment:
    return db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "words", "more"),
    [
        ("word", "  Timeshare ", "timeshare", "A TIMESHARE for you", {}),
        ("word", "free   gift", "free gift", "Get a free gift here", {}),
        ("word", "비아그라", "비아그라", "싼비아그라판매", {}),
        ("email", "Spam@Shop.Example", "spam@shop.example", "Hello", {"email": "SPAM@shop.example"}),
        ("domain", "https://Shop.example/offer", "shop.example", "See www.shop.example/a", {}),
        ("domain", "bücher.example", "xn--bcher-kva.example", "Lies http://bücher.example", {}),
        ("domain", "shop.example", "shop.example", "Hello", {"email": "me@mail.shop.example"}),
    ],
)
def test_what_is_blocked_is_spam_and_says_why(moderator, visitor, post, kind, typed, kept, words, more):
    assert f"“{kept}” is blocked from now on." in block(moderator, kind, typed).text
    reply(visitor, post, words, **more)
    assert last().status is Status.SPAM
    assert any("on the block list" in reason for reason in last().reasons)


def test_a_network_is_blocked_and_let_in_again(moderator, visitor, post):
    block(moderator, "network", "203.0.113.7/24")
    visitor.client.environ_base["REMOTE_ADDR"] = "203.0.113.200"
    reply(visitor, post, "What a bay!")
    assert last().reasons == ["It came from a network on the block list."]
    moderator.send(f"{BLOCKS}/1/removal", BLOCKS)
    reply(visitor, post, "What a ferry!")
    assert last().status is Status.PENDING
    log = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id)).all()
    assert [(row.moderator_name, row.detail) for row in log] == [
        ("Petra", {"before": {"value": None}, "after": {"value": "203.0.113.0/24"}}),
        ("Petra", {"before": {"value": "203.0.113.0/24"}, "after": {"value": None}}),
    ]
    moderator.send(f"{BLOCKS}/1/removal", BLOCKS)


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("word", "", "Write what is to be blocked."),
        ("word", "a", "at least three letters"),
        ("word", "!?!", "at least three letters"),
        ("word", "x" * 300, "too long"),
        ("network", "203.0.113", "no address or network"),
        ("network", "0.0.0.0/0", "a large part of the internet"),
        ("network", "::/0", "a large part of the internet"),
        ("domain", "com", "no domain"),
        ("domain", "10.0.0.1", "no domain"),
        ("domain", "a..b", "no domain"),
        ("domain", "<script>.example", "no domain"),
        ("email", "sofia", "does not look like"),
    ],
)
def test_what_cannot_be_blocked_is_told_and_stays_in_the_form(moderator, kind, typed, told):
    answer = block(moderator, kind, typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.scalars(select(Block)).all() == []


def test_the_same_twice_is_one_entry(moderator):
    for typed in ("Timeshare", "TIMESHARE"):
        assert block(moderator, "word", typed).status_code == 200
    assert len(db.session.scalars(select(Block)).all()) == 1
    assert len(db.session.scalars(select(ModerationLog)).all()) == 1


def test_a_word_is_a_whole_word(moderator, visitor, post):
    block(moderator, "word", "ass")
    block(moderator, "word", "new pass")
    reply(visitor, post, "The class passed a new passport office")
    assert last().status is Status.PENDING


def test_another_process_hears_of_it(app, moderator, visitor, post):
    reply(visitor, post, "A timeshare")
    kept = app.extensions["block_lists"]
    block(moderator, "word", "timeshare")
    app.extensions["block_lists"] = kept  # as it stands in a process that had no part in it
    reply(visitor, post, "Another timeshare")
    assert last().status is Status.SPAM


def test_readers_do_not_see_the_lists(visitor):
    assert visitor.client.get(BLOCKS).status_code == 302
    assert visitor.client.post(f"{BLOCKS}/1/removal").status_code == 302


def test_authors_change_nothing_that_holds_for_everybody(author, moderator):
    block(moderator, "email", "sofia@example.org")
    author.get(BLOCKS, 404)
    assert BLOCKS not in author.get("/desk/moderation")
    assert BLOCKS in moderator.get("/desk/moderation")
    page = "/desk/account"
    assert author.send(BLOCKS, page, kind="word", value="bay").status_code == 404
    assert author.send(f"{BLOCKS}/1/removal", page).status_code == 404
    assert db.session.scalars(select(Block.value)).all() == ["sofia@example.org"]


@given(st.sampled_from(BlockKind), st.text(max_size=80))
def test_what_is_kept_is_kept_the_same_again(kind, typed):
    try:
        kept = tidy(kind, typed)
    except (ValueError, RuntimeError):
        return
    assert tidy(kind, kept) == kept
    arranged([(kind, kept)])


@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_reply_can_be_compared(text, name, email, address):
    lists = arranged([(BlockKind.WORD, "timeshare"), (BlockKind.NETWORK, "10.0.0.0/8")])
    assert lists.reasons(text, name, email, "", address) == [] or "timeshare" in (text + name).casefold()
