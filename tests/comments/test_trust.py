"""Who needs no moderator any more: readers who showed that they read their mail, and were approved before."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from blog.comments.commenters import Commenter, Standing, commenter_for
from blog.comments.confirmation import KIND, mark_of, signer
from blog.comments.models import Comment
from blog.comments.rules import Policy, kept_rules
from blog.comments.senders import AddressSalt, present_salt
from blog.comments.verdict import Status
from blog.db import db, now
from blog.mail.models import Bounce, Mail, MailState
from tests.comments.patience import EightDaysAgo, older, reply
from tests.conftest import Visitor, moved_to


@pytest.fixture
def post(author: Visitor) -> str:
    """A published post: its address."""
    return author.publish(author.write("We set out along the bay."))


def mails(to: str = "sofia@example.org") -> list[Mail]:
    """What was sent to the address; what was no longer wanted is not."""
    sent = Mail.kind == KIND, Mail.to == to, Mail.state != MailState.FAILED
    return list(db.session.scalars(select(Mail).where(*sent).order_by(Mail.id)))


def link(mail: Mail) -> str:
    """The path of the link in a mail."""
    return re.search(r"http://localhost(/replies/confirmation/\S+)", mail.text)[1]


def statuses() -> list[Status]:
    return list(db.session.scalars(select(Comment.status).order_by(Comment.id)))


def decide(moderator: Visitor, number: int, verb: str = "approval") -> None:
    moved_to(moderator.send(f"/comments/{number}/{verb}", "/desk/moderation", follow=False))


def known(visitor: Visitor, moderator: Visitor, post: str) -> None:
    """Sofia replies, confirms her address, and is approved."""
    reply(visitor, post, "What a bay!")
    assert visitor.client.post(link(mails()[0])).status_code == 200
    decide(moderator, 1)


def test_a_first_reply_waits_and_the_next_of_a_known_reader_does_not(visitor, moderator, post):
    known(visitor, moderator, post)
    assert reply(visitor, post, "And the ferry?").status_code == 303
    assert statuses() == [Status.APPROVED, Status.APPROVED]
    assert "And the ferry?" in Visitor(visitor.client.application.test_client()).get(post)
    assert len(mails()) == 1


def test_the_mail_asks_and_says_nothing_that_a_stranger_wrote(visitor, post):
    reply(visitor, post, "Buy my *pills*", name="Doctor <b>Pill</b>")
    (mail,) = mails()
    for words in (mail.text, mail.html, mail.subject):
        assert "pill" not in words.lower()
    assert "By the sea" in mail.text
    assert "\n" not in mail.subject
    page = visitor.get(link(mail))
    assert "You wrote under “By the sea”, as Doctor &lt;b&gt;Pill&lt;/b&gt;:" in page
    assert "Buy my <em>pills</em>" in page
    assert "That was not me" in page


def test_looking_at_the_link_does_nothing(visitor, post):
    reply(visitor, post, "What a bay!")
    answer = visitor.client.get(link(mails()[0]))
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not db.session.get_one(Comment, 1).is_confirmed


def test_typing_the_address_of_a_trusted_reader_helps_nobody(app, visitor, moderator, post):
    known(visitor, moderator, post)
    thief = Visitor(app.test_client())
    reply(thief, post, "I am Sofia, trust me")
    thief.client.set_cookie("commenter", "sofia@example.org")
    reply(thief, post, "I am Sofia, truly")
    thief.client.set_cookie("commenter", signer("reply").dumps("sofia@example.org"))
    reply(thief, post, "I am Sofia, signed elsewhere")
    assert statuses()[1:] == [Status.PENDING] * 3
    # Sofia gets a mail of it. That she opens it lets nobody in but her.
    assert visitor.client.post(link(mails()[1]) + "/refusal").status_code == 200
    assert statuses()[1] is Status.SPAM
    assert "somebody else wrote it" in db.session.get_one(Comment, 2).reasons[-1]
    reply(thief, post, "And again with other words")
    assert statuses()[-1] is Status.PENDING


def test_a_reply_disowned_after_it_was_approved_goes_back_to_the_queue(visitor, moderator, post):
    reply(visitor, post, "What a bay!")
    decide(moderator, 1)
    for _ in range(2):
        visitor.client.post(link(mails()[0]) + "/refusal")
    comment = db.session.get_one(Comment, 1)
    assert (comment.status, comment.is_shown, len(comment.reasons)) == (Status.PENDING, False, 1)


def test_a_known_reader_on_another_device_confirms_and_is_on_the_page_at_once(app, visitor, moderator, post):
    known(visitor, moderator, post)
    phone = Visitor(app.test_client())
    reply(phone, post, "From my phone")
    assert statuses()[-1] is Status.PENDING
    assert "Your reply is on the page." in phone.client.post(link(mails()[-1])).text
    assert statuses()[-1] is Status.APPROVED
    reply(phone, post, "From my phone again")
    assert statuses()[-1] is Status.APPROVED


@pytest.mark.parametrize("verb", ["rejection", "spam"])
def test_a_rejected_reply_takes_trust_back_until_the_next_approval(visitor, moderator, post, verb):
    known(visitor, moderator, post)
    reply(visitor, post, "Something rude")
    decide(moderator, 2, verb)
    reply(visitor, post, "Sorry for that")
    assert statuses()[-1] is Status.PENDING
    decide(moderator, 3)
    reply(visitor, post, "Thank you")
    assert statuses()[-1] is Status.APPROVED


def test_what_somebody_else_sent_under_the_address_takes_no_trust(app, visitor, moderator, post):
    known(visitor, moderator, post)
    reply(Visitor(app.test_client()), post, "Rude words in her name")
    decide(moderator, 2, "spam")
    reply(visitor, post, "Still me")
    assert statuses()[-1] is Status.APPROVED


def test_trust_may_need_more_than_one_approval(visitor, moderator, post):
    kept_rules().trusted_after = 2
    db.session.commit()
    known(visitor, moderator, post)
    reply(visitor, post, "The second")
    assert statuses()[-1] is Status.PENDING
    decide(moderator, 2)
    reply(visitor, post, "The third")
    assert statuses()[-1] is Status.APPROVED


def test_a_moderators_word_counts_more_than_the_tally(visitor, moderator, post):
    known(visitor, moderator, post)
    sofia = db.session.scalars(select(Commenter)).one()
    sofia.standing = Standing.BLOCKED
    db.session.commit()
    reply(visitor, post, "Blocked words")
    comment = db.session.get_one(Comment, 2)
    assert (comment.status, comment.reasons) == (Status.SPAM, ["A moderator blocked this person."])
    sofia = db.session.scalars(select(Commenter)).one()
    sofia.standing, sofia.rejected_at = Standing.TRUSTED, now()
    db.session.commit()
    reply(visitor, post, "Trusted words")
    assert statuses()[-1] is Status.APPROVED


def test_spam_of_a_trusted_reader_waits_for_a_moderator(visitor, moderator, post):
    known(visitor, moderator, post)
    reply(visitor, post, "http://a.example http://b.example http://c.example")
    reply(visitor, post, "One link: http://a.example")
    assert statuses()[1:] == [Status.PENDING, Status.APPROVED]


@pytest.mark.parametrize(
    "forged",
    [
        lambda token: token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        lambda token: signer(KIND).dumps([2, mark_of("sofia@example.org")]),
        lambda token: signer(KIND).dumps([1, mark_of("iris@example.org")]),
        lambda token: signer("commenter").dumps([1, mark_of("sofia@example.org")]),
        lambda token: "x" * 3000,
    ],
)
def test_forged_links_lead_nowhere(visitor, post, forged):
    reply(visitor, post, "What a bay!")
    token = link(mails()[0]).rsplit("/", 1)[1]
    address = f"/replies/confirmation/{forged(token)}"
    for answer in (
        visitor.client.get(address),
        visitor.client.post(address),
        visitor.client.post(f"{address}/refusal"),
    ):
        assert answer.status_code == 404
        assert "commenter=" not in answer.headers.get("Set-Cookie", "")
    assert statuses() == [Status.PENDING]


def test_a_link_is_good_for_seven_days(visitor, post):
    reply(visitor, post, "What a bay!")
    token = older(KIND, EightDaysAgo, [1, mark_of("sofia@example.org")])
    answer = visitor.client.post(f"/replies/confirmation/{token}")
    assert answer.status_code == 410
    assert "Reply once more" in answer.text
    assert not db.session.get_one(Comment, 1).is_confirmed


def test_the_link_of_an_erased_reply_leads_nowhere(visitor, post):
    reply(visitor, post, "What a bay!")
    db.session.get_one(Comment, 1).erase()
    db.session.commit()
    assert visitor.client.post(link(mails()[0])).status_code == 404


def test_nobody_is_flooded_and_the_answer_is_the_same_for_every_address(visitor, moderator, post):
    known(visitor, moderator, post)
    visitor.client.delete_cookie("commenter")
    db.session.add(Bounce(email="gone@example.org", stopped_at=now()))
    db.session.commit()
    answers = set()
    for address in ["sofia@example.org"] * 4 + ["gone@example.org", "new@example.org"]:
        answer = reply(visitor, post, f"Words {len(answers)} {address}", email=address)
        text = re.sub(r"waiting=[\w.-]+#comment-\d+", "", answer.location)
        answers.add((answer.status_code, text, tuple(sorted(answer.headers.keys()))))
    assert len(answers) == 1
    assert (len(mails()), mails("gone@example.org"), len(mails("new@example.org"))) == (3, [], 1)


@pytest.mark.parametrize("address", ["Sofia@Example.org", " sofia@example.org "])
def test_one_address_is_one_reader_however_it_is_typed(visitor, post, address):
    reply(visitor, post, "One")
    reply(visitor, post, "Two", email=address)
    assert [who.email for who in db.session.scalars(select(Commenter))] == ["sofia@example.org"]


def test_no_mail_is_sent_where_it_helps_nobody(visitor, post):
    reply(visitor, post, "http://a.example http://b.example http://c.example")
    kept_rules().policy = Policy.HOLD_ALL
    db.session.commit()
    reply(visitor, post, "What a bay!")
    kept_rules().policy = Policy.OPEN
    db.session.commit()
    reply(visitor, post, "What a ferry!")
    assert statuses() == [Status.SPAM, Status.PENDING, Status.APPROVED]
    assert mails() == []


def test_many_at_once_make_one_reader_and_one_salt(app):
    def arrive(_number: int) -> tuple[int, bytes]:
        with app.app_context():
            found = commenter_for("iris@example.org", "Iris").id, present_salt()
            db.session.commit()
            return found

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(arrive, range(32)))) == 1
    assert len(db.session.scalars(select(Commenter)).all()) == 1
    assert len(db.session.scalars(select(AddressSalt)).all()) == 1
