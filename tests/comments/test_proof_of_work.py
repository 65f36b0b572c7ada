"""A puzzle for browsers while spam pours in: solved, it counts once; unsolved, the reply waits."""

import base64
import json
from datetime import timedelta

import pytest
from altcha import Challenge, Payload, create_challenge, solve_challenge
from sqlalchemy import select

from blog.comments import proof_of_work
from blog.comments.models import Comment
from blog.comments.proof_of_work import SpentProof, challenge_for, secret, takes
from blog.comments.rules import Policy, ProofOfWork, kept_rules
from blog.comments.verdict import Status
from blog.db import db, now
from blog.web.limits import ALARM, raise_alarm
from tests.comments.patience import reply
from tests.conftest import Visitor

LACKS = "The proof of work that the browser is asked for just now"


@pytest.fixture
def post(app, author: Visitor) -> str:
    """A published post of a site where all may reply that bring a proof."""
    rules = kept_rules()
    rules.policy, rules.proof_of_work = Policy.OPEN, ProofOfWork.ALWAYS
    db.session.commit()
    return author.publish(author.write("We set out along the bay."))


def solved(challenge: dict) -> str:
    """What a browser makes of a challenge."""
    asked = Challenge.from_dict(challenge)
    return Payload(asked, solve_challenge(asked)).to_base64()


def asked(visitor: Visitor, post: str) -> dict | None:
    return visitor.client.get(f"{post}/comments/challenge").json["challenge"]


def last() -> tuple[Status, list[str]]:
    comment = db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()
    return comment.status, comment.reasons


def test_a_reply_with_a_solution_appears_and_the_solution_counts_once(visitor, post):
    proof = solved(asked(visitor, post))
    reply(visitor, post, "What a bay!", proof=proof)
    assert last() == (Status.APPROVED, [])
    reply(visitor, post, "What a ferry!", proof=proof)
    assert last() == (Status.PENDING, [f"{LACKS} was no good."])
    assert len(db.session.scalars(select(SpentProof)).all()) == 1


def test_a_reply_without_one_waits_and_is_not_refused(visitor, post):
    assert reply(visitor, post, "No script here").status_code == 303
    assert last() == (Status.PENDING, [f"{LACKS} did not come."])


def test_nothing_is_asked_in_quiet_times(visitor, post):
    kept_rules().proof_of_work = ProofOfWork.UNDER_ATTACK
    db.session.commit()
    assert asked(visitor, post) is None
    reply(visitor, post, "What a bay!")
    assert last() == (Status.APPROVED, [])
    for _ in range(ALARM.amount):
        raise_alarm()
    assert asked(visitor, post)
    reply(visitor, post, "What a ferry!")
    assert last()[0] is Status.PENDING
    kept_rules().proof_of_work = ProofOfWork.NEVER
    db.session.commit()
    assert asked(visitor, post) is None


def test_a_solution_for_another_post_is_no_good(visitor, author, post):
    other = author.publish(author.write("More.", title="Another"))
    reply(visitor, other, "What a bay!", proof=solved(asked(visitor, post)))
    assert last()[0] is Status.PENDING


def test_a_late_solution_is_no_good(app):
    late = create_challenge(
        proof_of_work.ALGORITHM,
        1,
        key_prefix="00",
        expires_at=now() - timedelta(minutes=1),
        data={"post": 1},
        hmac_secret=secret(),
    ).to_dict()
    assert not takes(solved(late), 1)


def test_forged_solutions_are_no_good(app):
    easy = create_challenge(
        "SHA-256", 1, key_prefix="", data={"post": 1}, hmac_secret="another key"
    ).to_dict()
    right = challenge_for(1)
    guessed = {"challenge": right, "solution": {"counter": 0, "derivedKey": "00" * 32}}
    easier = {"challenge": right | {"parameters": right["parameters"] | {"keyPrefix": ""}}}
    for forged in (
        solved(easy),
        packed(guessed),
        packed(easier | {"solution": {"counter": 0, "derivedKey": "00" * 32}}),
        packed({"challenge": {"parameters": {}}, "solution": {}}),
        packed([]),
        packed(None),
        "",
        "%%%",
        "ж",
        "A" * 100_000,
    ):
        assert not takes(forged, 1)
    assert db.session.scalars(select(SpentProof)).all() == []


def packed(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_spent_ones_are_forgotten_when_they_could_not_be_used_again(app):
    db.session.add(SpentProof(nonce="old", at=now() - timedelta(hours=1)))
    db.session.commit()
    assert takes(solved(challenge_for(1)), 1)
    assert "old" not in db.session.scalars(select(SpentProof.nonce)).all()
