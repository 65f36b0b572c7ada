"""What moderators decide teaches the site what spam sounds like there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.comments.judging import SURE, UNSURE
from blog.comments.learning import KEPT, Learned, evidence, learn, present_ear, taught
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import move
from blog.comments.verdict import Status, Verdict
from blog.comments.wording import MOST_FEATURES, Weights, features
from blog.db import db
from blog.posts.models import Post
from tests.comments.patience import reply
from tests.comments.test_verdict import labelled
from tests.conftest import Visitor

# A spam of its own kind, and what people say in nearly the same words.
SPAM = ["Genuine alpaca blankets, order from our mill", "Our alpaca mill ships blankets everywhere"]
FINE = ["We saw an alpaca on the road", "Take a blanket for the nights, it was cold"]


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


@pytest.fixture
def petra(person):
    return person("Petra")


def decide(petra, texts: list[str], to: Status) -> None:
    post = db.session.scalars(select(Post)).first()
    for text in texts:
        comment = add_comment(post, None, "Ada", "ada@example.org", text, Verdict(Status.PENDING))
        move(comment, to, by=petra)
    db.session.commit()


def last() -> Comment:
    return db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()


def test_a_site_learns_its_own_spam_from_a_few_decisions_and_says_why(app, post, petra, visitor):
    assert present_ear() is None
    learn()
    reply(visitor, post, "Warm alpaca blankets from our mill")
    assert last().status is Status.PENDING
    decide(petra, SPAM * 5, Status.SPAM)
    decide(petra, FINE * 5, Status.APPROVED)
    learn()
    reply(visitor, post, "Order warm alpaca blankets from our mill")
    assert last().status is Status.SPAM
    assert last().reasons[-1].startswith("Sounds like what you marked as spam: “")
    assert "our mill" in last().reasons[-1] or "blankets" in last().reasons[-1]
    reply(visitor, post, "It was so cold on the road that night")
    assert (last().status, last().reasons) == (Status.PENDING, [])


def test_before_any_decision_it_knows_common_spam(app, post, visitor):
    learn()
    reply(visitor, post, "Please check out my new channel, subscribe and I subscribe back to everyone")
    assert last().status is Status.SPAM
    assert last().reasons[-1].startswith("Sounds like common spam: “")


def test_it_learns_once_for_each_news(app, post, petra, visitor):
    app.extensions["jobs"].sweep_now()
    assert db.session.scalars(select(Learned)).all() == []  # nobody talks here
    reply(visitor, post, "What a bay!")
    for _ in range(2):
        app.extensions["jobs"].sweep_now()
    (first,) = db.session.scalars(select(Learned)).all()
    assert (first.decisions, first.facts) == (0, {"seen": 0, "spam": 0})
    db.session.add_all(Learned(weights=first.weights, facts=first.facts) for _ in range(KEPT))
    decide(petra, SPAM, Status.SPAM)
    app.extensions["jobs"].sweep_now()
    rows = db.session.scalars(select(Learned).order_by(Learned.id)).all()
    assert len(rows) == KEPT
    assert (rows[-1].decisions, rows[-1].facts["spam"]) == (2, 2)
    ear = present_ear()
    assert ear.number == rows[-1].id
    assert present_ear() is ear


def test_the_last_word_counts_and_rejected_ones_teach_nothing(app, post, petra):
    decide(petra, SPAM, Status.SPAM)
    comments = db.session.scalars(select(Comment).order_by(Comment.id)).all()
    move(comments[0], Status.APPROVED, by=petra)
    move(comments[1], Status.REJECTED, by=petra)
    db.session.commit()
    learn()
    row = db.session.scalars(select(Learned)).one()
    assert (row.decisions, row.facts["spam"]) == (1, 0)


@pytest.mark.parametrize("broken", [b"", b"not packed", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_broken_weights_are_told(broken):
    with pytest.raises(ValueError):
        Weights.unpacked(broken)


@given(st.text(max_size=4000))
def test_any_text_has_features_and_a_chance(text):
    weights = Weights(-0.5, {"*link": 1.0, "my": 0.4, "my channel": 2.0})
    found = features(text)
    assert len(found) == len(set(found)) <= MOST_FEATURES
    assert 0 < weights.chance(text) < 1
    assert all(word in found for word in weights.telling(text))


def test_what_is_packed_is_the_same_unpacked():
    weights = Weights(0.25, {"my channel": 1.5, "bay": -0.125})
    assert Weights.unpacked(weights.packed()) == weights


def test_disguised_words_sound_like_their_plain_ones():
    assert "channel" in features("My ｃｈａｎｎｅｌ")
    assert "channel" in features("My chan\u200bnel")


def test_real_spam_is_told_after_real_decisions(shared_data):
    """Measured in full by benchmarks/spam.py; this holds what was reached, with a margin."""
    folder = shared_data / "spam"
    rows = labelled(folder)
    psy, katy = rows[:350], rows[350:]
    weights = Weights.unpacked(taught(evidence() + psy))
    called = [(weights.chance(text), was_spam) for text, was_spam in katy]
    sure = [was_spam for chance, was_spam in called if chance >= SURE]
    kept_back = [was_spam for chance, was_spam in called if chance >= UNSURE]
    assert sum(sure) >= 0.96 * len(sure)
    assert sum(sure) >= 0.85 * 175
    assert sum(kept_back) >= 0.9 * 175
