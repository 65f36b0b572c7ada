"""What a site, and one post, lets readers do: the owner's page, the author's form, and what they do."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blog.accounts.models import Role
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog
from blog.comments.rules import Policy, ProofOfWork, Rules, kept_rules, rules_for, site_rules
from blog.comments.verdict import Status
from blog.db import db, now
from blog.posts.models import Post
from tests.comments.patience import reply
from tests.conftest import Visitor, moved_to

RULES = "/desk/replies/rules"
SITE = {
    "policy": "hold_first",
    "trusted_after": "1",
    "close_after_days": "",
    "email_needed": "y",
    "proof_of_work": "under_attack",
    "keep_addresses_days": "30",
}


@pytest.fixture
def owner(app, person) -> Visitor:
    """Mina, the owner, signed in."""
    return Visitor(app.test_client()).sign_in(person("Mina", Role.OWNER))


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


def set_rules(owner: Visitor, **changes: str):
    return owner.send(RULES, RULES, follow=False, **(SITE | changes))


def logged() -> list[tuple[str, str, dict]]:
    rows = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id))
    assert all(row.act is Act.RULES_CHANGED for row in rows)
    rows = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id))
    return [(row.moderator_name, row.about, row.detail) for row in rows]


def outcome(visitor: Visitor, post: str, text: str) -> tuple[Status, list[str]]:
    reply(visitor, post, text)
    comment = db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()
    return comment.status, comment.reasons


def test_the_owner_changes_the_rules_and_the_log_says_so(owner):
    page = owner.get(RULES)
    assert "Every reply waits for a moderator" in page
    changed = set_rules(owner, policy="open", close_after_days="90", proof_of_work="always")
    assert moved_to(changed) == RULES
    rules = site_rules()
    assert (rules.policy, rules.close_after_days, rules.proof_of_work) == (
        Policy.OPEN,
        90,
        ProofOfWork.ALWAYS,
    )
    assert rules.email_needed
    assert not rules.website_asked
    set_rules(owner, policy="open", close_after_days="90", proof_of_work="always")
    ((who, about, detail),) = logged()
    assert (who, about) == ("Mina", "Rules for replies")
    assert detail["before"] == {
        "policy": "hold_first",
        "close_after_days": None,
        "proof_of_work": "under_attack",
    }
    assert detail["after"] == {"policy": "open", "close_after_days": 90, "proof_of_work": "always"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "none"},
        {"policy": ""},
        {"trusted_after": "0"},
        {"trusted_after": "many"},
        {"close_after_days": "-1"},
        {"close_after_days": "99999999999999999999"},
        {"keep_addresses_days": ""},
        {"proof_of_work": "sometimes"},
    ],
)
def test_rules_that_make_no_sense_are_told_and_change_nothing(owner, wrong):
    answer = set_rules(owner, **wrong)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert db.session.get(Rules, 1) is None


def test_only_the_owner_sets_the_rules_of_the_site(author, moderator, visitor):
    for someone in (author, moderator):
        someone.get(RULES, 403)
    assert visitor.client.get(RULES).status_code == 302


@pytest.mark.parametrize(
    ("policy", "plain", "link", "shouted"),
    [
        (Policy.HOLD_ALL, Status.PENDING, Status.PENDING, Status.PENDING),
        (Policy.HOLD_FIRST, Status.PENDING, Status.PENDING, Status.PENDING),
        (Policy.HOLD_LINKS, Status.APPROVED, Status.PENDING, Status.PENDING),
        (Policy.HOLD_DOUBTFUL, Status.APPROVED, Status.APPROVED, Status.PENDING),
        (Policy.OPEN, Status.APPROVED, Status.APPROVED, Status.APPROVED),
    ],
)
def test_each_policy_holds_what_it_says(visitor, post, policy, plain, link, shouted):
    kept_rules().policy = policy
    db.session.commit()
    assert outcome(visitor, post, "What a bay!")[0] is plain
    assert outcome(visitor, post, "I wrote of it at http://bay.example")[0] is link
    assert outcome(visitor, post, "WHAT A BAY, WE WERE THERE IN SUMMER")[0] is shouted
    assert outcome(visitor, post, "http://a.example http://b.example http://c.example")[0] is Status.SPAM


def test_the_same_words_again_wait_under_every_policy(visitor, post, author):
    kept_rules().policy = Policy.OPEN
    db.session.commit()
    words = "What a lovely bay this is, we must go there"
    assert outcome(visitor, post, words)[0] is Status.APPROVED
    assert outcome(visitor, post, f"{words.title()}!")[1] == ["The same words were sent before."]
    others = [author.publish(author.write("More.", title=f"Day {n}")) for n in (2, 3)]
    assert outcome(visitor, others[0], words) == (Status.PENDING, ["The same words were sent before."])
    status, reasons = outcome(visitor, others[1], words)
    assert (status, reasons) == (Status.SPAM, ["The same words were sent to 2 other posts."])
    assert outcome(visitor, post, words)[1] == ["The same words were called spam before."]


def test_a_link_to_this_site_is_none(visitor, post):
    assert outcome(visitor, post, f"As you wrote in http://localhost{post}")[1] == []


def test_an_author_sets_the_rules_of_an_own_post(author, visitor, post, owner, app, person):
    form = "/desk/posts/1/replies"
    assert form in author.get("/desk/posts/1")
    assert "Everywhere on this site: Replies wait until" in author.get(form)
    moved_to(author.send(form, form, follow=False, policy="open", close_after_days=""))
    assert outcome(visitor, post, "What a bay!")[0] is Status.APPROVED
    assert rules_for(db.session.get_one(Post, 1)).policy is Policy.OPEN
    moved_to(owner.send(form, form, follow=False, policy="", close_after_days="", is_closed="y"))
    assert rules_for(db.session.get_one(Post, 1)).policy is Policy.HOLD_FIRST
    assert [(who, detail["after"]) for who, _about, detail in logged()] == [
        ("Jonas", {"policy": "open"}),
        ("Mina", {"policy": None, "is_closed": True}),
    ]
    other = Visitor(app.test_client()).sign_in(person("Lena", Role.AUTHOR))
    other.get(form, 404)
    assert author.send(form, form, policy="closed").status_code == 422


def test_a_closed_post_takes_no_reply_and_loses_no_word(author, visitor, post):
    form = "/desk/posts/1/replies"
    author.send(form, form, policy="", close_after_days="", is_closed="y")
    assert 'name="stamp"' not in visitor.get(post)
    answer = visitor.client.post(f"{post}/comments", data={"text": "Words that took an hour"})
    assert answer.status_code == 403
    assert "Replies to this post are closed." in answer.text
    assert "Words that took an hour" in answer.text


def test_replies_close_after_so_many_days(owner, visitor, post):
    set_rules(owner, close_after_days="14")
    assert reply(visitor, post, "In time").status_code == 303
    db.session.get_one(Post, 1).published_at = now() - timedelta(days=15)
    db.session.commit()
    late = visitor.client.post(f"{post}/comments", data={"text": "Too late"})
    assert late.status_code == 403
    assert "Too late" in late.text
    assert "Replies were open for 14 days." in late.text
    form = "/desk/posts/1/replies"
    owner.send(form, form, policy="", close_after_days="30")
    assert reply(visitor, post, "In time again").status_code == 303
