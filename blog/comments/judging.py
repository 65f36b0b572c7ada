"""The verdict on a comment that was just sent, from all that the site knows."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from blog.comments.blocks import present_lists
from blog.comments.commenters import Commenter, Standing
from blog.comments.learning import present_ear
from blog.comments.models import Comment
from blog.comments.proof_of_work import is_asked, takes
from blog.comments.rules import InForce, Policy, rules_for
from blog.comments.trust import is_trusted
from blog.comments.verdict import (
    Sign,
    Status,
    Verdict,
    Weight,
    hash_of,
    heaviest,
    is_spam,
    main_script,
    signs_of,
)
from blog.db import db, now
from blog.posts.models import Post
from blog.web.limits import raise_alarm

SURE = 0.85  # that likely, it is spam
UNSURE = 0.6  # that likely, somebody looks at it
ECHO_LASTS = timedelta(days=30)
MOST_ECHOES = 50
MANY_POSTS = 2

HELD_FROM = {Policy.HOLD_LINKS: Weight.LINK, Policy.HOLD_DOUBTFUL: Weight.DOUBT, Policy.OPEN: Weight.GRAVE}


@dataclass(frozen=True)
class Submission:
    """A comment as a reader sent it.

    `seconds_on_page` is None where it is not known; `is_confirmed`: the browser has shown to read the mail of
    `email`; `proof`: what the browser worked out, empty where it did not; `replaces`: the number of the
    comment whose words these replace.
    """

    post: Post
    text: str
    name: str
    email: str
    website: str
    address: str
    user_agent: str
    seconds_on_page: float | None
    honeypot: str
    commenter: Commenter | None
    is_confirmed: bool
    replaces: int | None = None
    proof: str = ""


def weigh(submission: Submission) -> Verdict:
    """The status that the comment gets, with reasons for the moderator."""
    rules = rules_for(submission.post)
    is_known = is_trusted(submission.commenter, submission.is_confirmed, rules.site.trusted_after)
    signs = [*looks(submission), *barred(submission, rules), *echoes(submission), *sounds(submission.text)]
    if not is_known:
        signs += unproved(submission, rules)
    status = status_of(signs, rules.policy, is_known)
    if status is Status.SPAM:
        raise_alarm()
    return Verdict(status, tuple(sign.words for sign in signs))


def status_of(signs: list[Sign], policy: Policy, is_known: bool) -> Status:
    """What the signs come to under a policy, for a reader who is trusted or not."""
    heavy = heaviest(signs)
    if heavy is Weight.BARRED or (is_spam(signs) and not is_known):
        return Status.SPAM
    if policy is Policy.HOLD_ALL or is_spam(signs):
        return Status.PENDING
    if is_known:
        return Status.APPROVED if heavy < Weight.GRAVE else Status.PENDING
    may_stand = policy in HELD_FROM and heavy < HELD_FROM[policy]
    return Status.APPROVED if may_stand else Status.PENDING


def looks(submission: Submission) -> list[Sign]:
    """What can be seen of it alone. A link to this site is none."""
    post, own = submission.post, current_app.config["PUBLIC_URL"].rstrip("/")
    text = submission.text.replace(own, "")
    script = main_script(f"{post.title} {post.text[:2000]}")
    return signs_of(text, submission.name, submission.seconds_on_page, submission.honeypot, script)


def barred(submission: Submission, rules: InForce) -> list[Sign]:
    """What moderators said that they do not want."""
    lists = present_lists(rules.site.changed_at)
    sent = submission
    reasons = lists.reasons(sent.text, sent.name, sent.email, sent.website, sent.address)
    if sent.commenter and sent.commenter.standing is Standing.BLOCKED:
        reasons.append("A moderator blocked this person.")
    return [Sign(Weight.BARRED, reason) for reason in reasons]


def echoes(submission: Submission) -> list[Sign]:
    """The same words, sent before."""
    number = hash_of(submission.text)
    if number is None:
        return []
    rows = db.session.execute(
        select(Comment.post_id, Comment.status)
        .where(
            Comment.text_hash == number,
            Comment.created_at > now() - ECHO_LASTS,
            Comment.id != (submission.replaces or 0),
        )
        .limit(MOST_ECHOES)
    ).all()
    others = {post_id for post_id, _status in rows} - {submission.post.id}
    if any(status is Status.SPAM for _post_id, status in rows):
        return [Sign(Weight.CERTAIN, "The same words were called spam before.")]
    if len(others) >= MANY_POSTS:
        return [Sign(Weight.CERTAIN, f"The same words were sent to {len(others)} other posts.")]
    return [Sign(Weight.GRAVE, "The same words were sent before.")] if rows else []


def sounds(text: str) -> list[Sign]:
    """What the classifier makes of the words, where it has an opinion."""
    ear = present_ear()
    chance = ear.weights.chance(text) if ear else 0.0
    if ear is None or chance < UNSURE:
        return []
    like = "Sounds like what you marked as spam" if ear.decisions else "Sounds like common spam"
    words = ", ".join(f"“{words}”" for words in ear.weights.telling(text))
    weight = Weight.CERTAIN if chance >= SURE else Weight.GRAVE
    return [Sign(weight, f"{like}: {words}." if words else f"{like}.")]


def unproved(submission: Submission, rules: InForce) -> list[Sign]:
    """A proof of work that is asked for just now and did not come, or is no good."""
    if submission.replaces or not is_asked(rules.site) or takes(submission.proof, submission.post.id):
        return []
    lacks = "did not come" if not submission.proof else "was no good"
    return [Sign(Weight.GRAVE, f"The proof of work that the browser is asked for just now {lacks}.")]
