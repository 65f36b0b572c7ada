"""Readers see, take along and erase what is kept about their e-mail address; the link comes by mail."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from blog.accounts.models import Attempt, Invitation, Role
from blog.comments import models
from blog.comments.blocks import Block, BlockKind
from blog.comments.commenters import Commenter, Standing
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, Report
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters import rights, your_data
from blog.letters.models import Follow, Silence
from blog.letters.your_data import MAILS_PER_ADDRESS, MAILS_PER_SENDER
from blog.mail.models import Bounce, Mail, MailState
from blog.mail.posting import post_mail
from tests.conftest import Visitor

SOFIA = "sofia@example.org"


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


def approve(*numbers: int) -> None:
    for number in numbers:
        db.session.get_one(Comment, number).set_status(Status.APPROVED)
    db.session.commit()


@pytest.fixture
def talk(visitor: Visitor, moderator: Visitor, post: str) -> str:
    """Sofia asks, Iris answers, Sofia thanks; one of Sofia's waits. And all else that can be Sofia's."""
    visitor.reply(post, "Is the ferry running?", email="Sofia@Example.org")
    moderator.send("/comments/1/approval", "/desk/moderation")
    visitor.reply(post, "It is, until October.", name="Iris", email="iris@example.org", parent_id="1")
    moderator.send("/comments/2/approval", "/desk/moderation")
    visitor.reply(post, "Thank you!", parent_id="2")
    moderator.send("/comments/3/approval", "/desk/moderation")
    visitor.reply(post, "This one waits.")
    db.session.add_all([
        Follow(email=SOFIA, post_id=1, comment_id=1),
        Follow(email="iris@example.org", post_id=1),
        Silence(email=SOFIA),
        Bounce(email=SOFIA, count=1),
        Block(kind=BlockKind.EMAIL, value=SOFIA),
        Report(comment_id=3, reason="rude", words="Too short."),
        Invitation(token_hash="x", role=Role.AUTHOR, email=SOFIA, expires_at=now() + timedelta(days=7)),
    ])  # fmt: skip
    db.session.commit()
    return post


def ask(visitor: Visitor, email: str = SOFIA) -> str:
    """Ask for the link: the path that the mail names."""
    answer = visitor.client.post("/your-data", data={"email": email})
    assert answer.status_code == 202, answer.text
    mail = db.session.scalars(select(Mail).where(Mail.to == email.lower()).order_by(Mail.id.desc())).first()
    return re.search(r"http://localhost(/your-data/\S+)", mail.text)[1]


def everything() -> str:
    """Every row of every table, as text."""
    rows = (str(row) for table in db.metadata.sorted_tables for row in db.session.execute(table.select()))
    return "\n".join(rows)


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(visitor, talk):
    answers = {
        re.sub(f"{email}|nonce=\\S+", "…", visitor.client.post("/your-data", data={"email": email}).text)
        for email in (SOFIA, "nobody@example.org")
    }
    assert len(answers) == 1
    sent = select(Mail.to).where(Mail.kind == rights.LINK_KIND)
    assert sorted(db.session.scalars(sent)) == ["nobody@example.org", SOFIA]
    assert "Nothing is kept here about" in visitor.get(ask(visitor, "nobody@example.org"))


@pytest.mark.parametrize("email", ["", "sofia", "a@b.example\r\nBcc: c@d.example", "x" * 5000 + "@b.example"])
def test_what_is_no_address_gets_no_mail(visitor, email):
    assert visitor.client.post("/your-data", data={"email": email}).status_code == 422
    assert db.session.scalars(select(Mail)).all() == []


def test_nobody_is_flooded_with_mail(app, visitor):
    for _ in range(MAILS_PER_ADDRESS + 2):
        assert visitor.client.post("/your-data", data={"email": SOFIA}).status_code == 202
    assert len(db.session.scalars(select(Mail)).all()) == MAILS_PER_ADDRESS
    for number in range(MAILS_PER_SENDER - MAILS_PER_ADDRESS):
        visitor.client.post("/your-data", data={"email": f"reader{number}@example.org"})
    refused = visitor.client.post("/your-data", data={"email": "one.more@example.org"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "example.org" not in str([row.key for row in db.session.scalars(select(Attempt))])


def test_a_subscribers_many_addresses_are_one_sender(visitor, monkeypatch):
    monkeypatch.setattr(your_data, "MAILS_PER_SENDER", 2)
    statuses = []
    for number in range(3):
        visitor.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number}"
        answer = visitor.client.post("/your-data", data={"email": f"reader{number}@example.org"})
        statuses.append(answer.status_code)
    assert statuses == [202, 202, 429]


def test_sofia_sees_what_is_kept_and_takes_it_along(visitor, talk):
    link = ask(visitor)
    answer = visitor.client.get(link)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    for words in (
        "3 replies",
        "Is the ferry running?",
        "This one waits.",
        "waits for a moderator",
        "By the sea",
    ):
        assert words in answer.text
    assert "until October" not in answer.text
    answer = visitor.client.get(f"{link}/everything.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = json.loads(answer.text)
    assert [comment["text"] for comment in found["comments"]] == [
        "Is the ferry running?", "Thank you!", "This one waits."
    ]  # fmt: skip
    assert found["comments"][0]["moderation"][0]["after"] == "approved"
    assert found["comments"][0]["email"] == "Sofia@example.org"
    assert found["comments"][1]["reports"][0]["words"] == "Too short."
    assert (found["commenter"]["name"], found["is_blocked"]) == ("Sofia", True)
    assert [follow["post"] for follow in found["follows"]] == ["by-the-sea"]
    assert found["silence"]["since"]
    assert "You wanted no letters about replies" in visitor.get(link)
    assert "iris" not in answer.text.lower()


def test_sofia_erases_everything_and_iris_keeps_her_answer(app, visitor, talk):
    app.extensions["jobs"].sweep_now()  # Petra's digest quotes what waits
    assert (
        "This one waits." in db.session.scalars(select(Mail.text).where(Mail.to == "petra@example.org")).one()
    )
    post_mail("notice", "iris@example.org", "New", "Sofia: Thank you! http://localhost/comments/3", "")
    post_mail("notice", "iris@example.org", "New", "Somebody else. http://localhost/comments/33", "")
    post_mail("digest", "petra@example.org", "Waits", f"{SOFIA} wrote", "").state = MailState.SENT
    db.session.commit()
    link = ask(visitor)
    assert "Is the ferry running?" in visitor.get(talk)
    question = visitor.get(f"{link}/erasure")
    assert "3 replies" in question
    assert "Is the ferry running?" in visitor.get(talk)
    assert "Erased" in visitor.client.post(f"{link}/erasure").text
    page = visitor.get(talk)
    assert "until October" in page
    assert not re.search(r"Sofia|ferry|Thank you|waits", page)
    left = everything()
    assert not re.search(r"(?i)sofia|ferry|thank you|this one waits", left), left
    assert [c.id for c in db.session.scalars(select(Comment).order_by(Comment.id))] == [1, 2]
    assert db.session.get_one(Comment, 2).parent_id == 1
    log = db.session.scalars(select(ModerationLog).where(ModerationLog.moderator_name == "Petra")).all()
    assert len(log) == 3
    assert [f.email for f in db.session.scalars(select(Follow))] == ["iris@example.org"]
    assert [m.text for m in db.session.scalars(select(Mail).where(Mail.kind == "notice"))] == [
        "Somebody else. http://localhost/comments/33"
    ]
    assert db.session.scalars(select(Invitation)).one().ended_at


def test_a_digest_that_is_written_meanwhile_is_erased_too(app, visitor, talk, monkeypatch):
    link, forget = ask(visitor), rights.forget

    def meanwhile(**about) -> None:
        if "comment_ids" in about:
            app.extensions["jobs"].sweep_now()
        forget(**about)

    monkeypatch.setattr(rights, "forget", meanwhile)
    visitor.client.post(f"{link}/erasure")
    assert not re.search(r"(?i)sofia|ferry|this one waits", everything())


def test_the_link_erases_once(visitor, talk):
    link = ask(visitor)
    visitor.client.post(f"{link}/erasure")
    visitor.reply(talk, "I am back.")
    for address in (link, f"{link}/erasure", f"{link}/everything.json"):
        assert "Please ask for a new one" in visitor.get(address, 410)
    assert visitor.client.post(f"{link}/erasure").status_code == 410
    assert "I am back." in everything()
    visitor.client.post(f"{ask(visitor)}/erasure")
    assert "I am back." not in everything()


def test_the_link_is_sofias_for_a_day(app, visitor, talk, monkeypatch):
    link = ask(visitor)
    other = rights.link_token("iris@example.org")
    body, _rest = other.split(".", 1)
    for forged in (
        "x",
        f"{link}x",
        "/your-data/" + body + "." + link.split(".", 1)[1],
        "/your-data/%F0%9F%A6%86",
    ):
        visitor.get(forged if forged.startswith("/") else f"/your-data/{forged}", 410)
    monkeypatch.setattr(rights, "LINK_LASTS_S", -1)
    visitor.get(link, 410)
    assert visitor.client.post(f"{link}/erasure").status_code == 410
    assert "Is the ferry running?" in everything()


def test_another_site_cannot_make_a_browser_erase(visitor, talk):
    link = ask(visitor)
    answer = visitor.client.post(f"{link}/erasure", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert visitor.client.get(f"{link}/erasure").headers["Cache-Control"] == "no-store"
    assert "Is the ferry running?" in everything()


def test_what_was_broken_off_is_finished_by_the_same_link(visitor, talk, monkeypatch):
    link, erased = ask(visitor), Comment.erase
    monkeypatch.setattr(rights, "AT_ONCE", 1)

    def failing(comment: Comment) -> None:
        if comment.id == 1:
            raise RuntimeError("The machine ends.")
        erased(comment)

    monkeypatch.setattr(models.Comment, "erase", failing)
    visitor.get(link)
    with pytest.raises(RuntimeError):
        rights.erase(SOFIA, link.rsplit("/", 1)[1])
    db.session.rollback()
    assert [c.text for c in db.session.scalars(select(Comment).order_by(Comment.id))] == [
        "Is the ferry running?", "It is, until October."
    ]  # fmt: skip
    monkeypatch.setattr(models.Comment, "erase", erased)
    assert "Erased" in visitor.client.post(f"{link}/erasure").text
    assert not re.search(r"(?i)sofia|ferry", everything())


def test_comments_of_an_account_go_and_the_account_stays(app, visitor, author, talk):
    author.reply(talk, "Glad you liked it.")
    link = ask(visitor, "jonas@example.org")
    assert "has an account here, named Jonas" in visitor.get(link)
    visitor.client.post(f"{link}/erasure")
    assert "Glad you liked it." not in everything()
    assert "By the sea" in author.get("/desk/")


def test_a_blocked_commenter_is_told_so(visitor, talk):
    db.session.execute(
        update(Commenter)
        .where(Commenter.email == SOFIA)
        .values(standing=Standing.BLOCKED, confirmed_at=now())
    )
    db.session.commit()
    page = visitor.get(ask(visitor))
    assert "Moderators do not take your replies." in page
    assert "You confirmed this address on" in page


def test_a_thousand_comments_are_erased(app, visitor, talk):
    rows = [
        {"post_id": 1, "name": "Sofia", "email": SOFIA, "text": f"Words {n}", "commenter_id": 1}
        for n in range(1000)
    ]
    db.session.execute(Comment.__table__.insert().values(thread_key="", depth=0, reasons=[]), rows)
    db.session.commit()
    visitor.client.post(f"{ask(visitor)}/erasure")
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 2
