"""Moderators hear what waits as often as they like, and act from the letter: by a button, not by the link."""

import threading
import time
from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select, update

from blog.accounts.models import Role
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, Report
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters.digest import send_digests
from blog.letters.links import Purpose, token_for
from blog.letters.models import Digest, Rhythm
from blog.mail.models import Mail
from tests.conftest import Visitor, value
from tests.letters.conftest import links
from tests.mail.hosts import words_of


@pytest.fixture
def petra(moderator: Visitor) -> Visitor:
    return moderator


def chosen(petra: Visitor, rhythm: Rhythm) -> None:
    assert petra.send("/desk/letters", "/desk/letters", rhythm=rhythm.value).status_code == 200


def earlier(**time: int) -> None:
    """The last digest was sent so long ago."""
    db.session.rollback()
    db.session.execute(update(Digest).values(sent_at=now() - timedelta(**time)))
    db.session.commit()


def state(number: int = 1) -> Status:
    db.session.rollback()
    return db.session.get_one(Comment, number, populate_existing=True).status


def log() -> list[tuple[str, str, str]]:
    rows = db.session.scalars(select(ModerationLog))
    return [(row.moderator_name, row.before.value, row.after.value) for row in rows]


def verbs(letter) -> list[str]:
    return [link for link in links(letter) if link.startswith("/letters/moderation/")]


def test_what_waits_is_told_once(letters, post, petra, visitor):
    visitor.reply(post, "How far is it?\nAnd how high?", name="Sofia")
    letters.sweep()
    (letter,) = letters.to("Petra")
    assert letter["Subject"] == "1 reply waits on Roadbook"
    assert "Hello Petra," in words_of(letter)
    for kind in ("plain", "html"):
        for words in (
            "Sofia",
            "How far is it?",
            "By the sea",
            "/desk/moderation",
            "/desk/letters",
        ):
            assert words in words_of(letter, kind)
        assert "sofia@example.org" not in words_of(letter, kind)
    assert "> How far is it?\n> And how high?" in words_of(letter)
    letters.sweep()
    earlier(hours=2)
    letters.sweep()
    assert len(letters.to("Petra")) == 1
    visitor.reply(post, "Hello?")
    letters.sweep()
    assert letters.subjects("Petra") == ["1 reply waits on Roadbook", "2 replies wait on Roadbook"]


def test_authors_hear_of_their_own_posts_alone(letters, post, petra, visitor, person):
    person("Mina", Role.AUTHOR)
    person("Olga", Role.OWNER)
    visitor.reply(post, "How far is it?")
    letters.sweep()
    assert [len(letters.to(name)) for name in ("Jonas", "Mina", "Olga", "Petra")] == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("rhythm", "short", "long"),
    [
        (Rhythm.AT_ONCE, {"seconds": 60}, {"seconds": 121}),
        (Rhythm.HOURLY, {"minutes": 58}, {"minutes": 61}),
        (Rhythm.DAILY, {"hours": 23}, {"hours": 25}),
    ],
)
def test_letters_keep_their_rhythm(letters, post, petra, visitor, rhythm, short, long):
    chosen(petra, rhythm)
    visitor.reply(post, "One")
    letters.sweep()
    visitor.reply(post, "Two")
    letters.sweep()
    assert len(letters.to("Petra")) == 1
    earlier(**short)
    letters.sweep()
    assert len(letters.to("Petra")) == 1
    earlier(**long)
    letters.sweep()
    assert len(letters.to("Petra")) == 2


def test_at_once_waits_for_no_sweep(letters, post, petra, visitor):
    chosen(petra, Rhythm.AT_ONCE)
    visitor.reply(post, "How far is it?")
    assert len(letters.to("Petra")) == 1


def test_never_is_never(letters, post, petra, visitor):
    chosen(petra, Rhythm.NEVER)
    visitor.reply(post, "How far is it?")
    letters.sweep()
    assert letters.to("Petra") == []


def test_an_ended_account_hears_nothing(letters, post, petra, visitor, person):
    person("Petra").ended_at = now()
    db.session.commit()
    visitor.reply(post, "How far is it?")
    letters.sweep()
    assert letters.to("Petra") == []


def test_a_long_queue_is_told_by_its_beginning(letters, post, petra, visitor):
    for number in range(23):
        visitor.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        visitor.reply(post, f"Words {number}.")
    letters.sweep()
    (letter,) = letters.to("Petra")
    assert letter["Subject"] == "23 replies wait on Roadbook"
    assert "And 3 more wait." in words_of(letter)
    assert len(verbs(letter)) == 60


def test_what_readers_report_is_told(letters, post, petra, visitor):
    visitor.reply(post, "How far is it?")
    petra.send("/comments/1/approval", "/desk/moderation")
    letters.sweep()
    assert letters.to("Petra") == []
    db.session.add(Report(comment_id=1, reason="rude"))
    db.session.commit()
    letters.sweep()
    (letter,) = letters.to("Petra")
    assert letter["Subject"] == "1 report waits on Roadbook"
    assert "A reply was reported by a reader." in words_of(letter)
    earlier(hours=2)
    db.session.execute(update(Report).values(at=now() - timedelta(hours=3)))
    db.session.commit()
    letters.sweep()
    assert len(letters.to("Petra")) == 1


def test_eight_workers_write_one_digest(app, letters, post, petra, visitor):
    app.extensions["jobs"].immediate = False
    visitor.reply(post, "How far is it?")

    def work() -> None:
        with app.app_context():
            send_digests()

    db.session.rollback()
    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    told = db.session.scalars(select(Mail.to).where(Mail.kind == "digest"))
    assert sorted(told) == ["jonas@example.org", "petra@example.org"]


@pytest.fixture
def letter(letters, post, petra, visitor):
    """Petra's digest about one reply."""
    visitor.reply(post, "How far is it?")
    letters.sweep()
    return letters.to("Petra")[0]


@pytest.mark.parametrize(("place", "status"), [(0, Status.APPROVED), (1, Status.REJECTED), (2, Status.SPAM)])
def test_a_moderator_acts_from_the_letter_without_signing_in(app, post, letter, place, status):
    address, phone = verbs(letter)[place], Visitor(app.test_client())
    for _ in range(2):  # a scanner of links, and Petra
        page = phone.get(address)
        assert "How far is it?" in page
        assert "Petra" in page
    assert state() is Status.PENDING
    assert phone.client.get(address).headers["Cache-Control"] == "no-store"
    answer = phone.client.post(address, data={"version": value(page, "version")})
    assert "Done" in answer.text
    assert state() is status
    assert log() == [("Petra", "pending", status.value)]
    assert ("How far is it?" in phone.get(post)) == (status is Status.APPROVED)
    phone.get("/desk/moderation", 302)  # nobody is signed in by a letter


def test_a_link_that_was_used_does_nothing_twice(app, letter, petra):
    approve, reject, _spam = verbs(letter)
    phone = Visitor(app.test_client())
    version = value(phone.get(approve), "version")
    phone.client.post(approve, data={"version": version})
    for address in (approve, reject):
        answer = phone.client.post(address, data={"version": version})
        assert "You decided already" in answer.text
        assert "It is approved" in answer.text
        assert "You decided already" in phone.get(address)
    petra.send("/comments/1/undo", "/desk/moderation?status=approved")
    assert state() is Status.PENDING
    answer = phone.client.post(reject, data={"version": version})  # it waits, but is another by now
    assert "no longer as the letter showed it" in answer.text
    assert state() is Status.PENDING


def test_the_second_sees_what_the_first_did(app, letter, petra):
    petra.send("/comments/1/spam", "/desk/moderation")
    page = Visitor(app.test_client()).get(verbs(letter)[0])
    assert "It is marked as spam." in page
    assert "Petra" in page
    assert "<button>Approve" not in page


def test_words_that_changed_since_are_shown_and_not_acted_on(app, letter):
    phone = Visitor(app.test_client())
    seen = value(phone.get(verbs(letter)[0]), "version")
    comment = db.session.get_one(Comment, 1)
    comment.set_text("Buy my things")
    db.session.commit()
    answer = phone.client.post(verbs(letter)[0], data={"version": seen})
    assert "Buy my things" in answer.text
    assert "Nothing was done yet" in answer.text
    assert state() is Status.PENDING
    phone.client.post(verbs(letter)[0], data={"version": value(answer.text, "version")})
    assert state() is Status.APPROVED


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 50])
def test_a_button_without_the_version_does_nothing(app, letter, version):
    assert (
        app.test_client().post(verbs(letter)[0], data={"version": version} if version else {}).status_code
        == 200
    )
    assert state() is Status.PENDING


FORGED = [
    lambda app, good: good[:-5] + ("A" if good[-5] != "A" else "B") + good[-4:],
    lambda app, good: good.replace(".", "x", 1),
    lambda app, good: URLSafeTimedSerializer("another key", salt=Purpose.MODERATE.value).dumps(
        [1, 1, "approved", 1]
    ),
    lambda app, good: token_for(Purpose.UNSUBSCRIBE, 2, 1),
    lambda app, good: URLSafeTimedSerializer(app.secret_key, salt="reply").dumps([2, 1, "approved", 1]),
]


@pytest.mark.parametrize("forge", FORGED, ids=range(len(FORGED)))
def test_a_forged_link_does_nothing(app, letter, forge):
    address = f"/letters/moderation/{forge(app, verbs(letter)[0].rsplit('/', 1)[1])}"
    phone = Visitor(app.test_client())
    phone.get(address, 404)
    assert phone.client.post(address, data={"version": "1"}).status_code == 404
    assert state() is Status.PENDING


def test_a_link_ends_with_the_account_the_right_and_the_week(app, letter, person, author, monkeypatch):
    address, phone = verbs(letter)[0], Visitor(app.test_client())
    petra = person("Petra")
    petra.role = Role.AUTHOR  # of no post
    db.session.commit()
    phone.get(address, 404)
    petra.role, petra.ended_at = Role.MODERATOR, now()
    db.session.commit()
    assert phone.client.post(address, data={"version": "1"}).status_code == 404
    petra.ended_at = None
    db.session.commit()
    phone.get(address)
    later = time.time() + 8 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    phone.get(address, 410)
    assert phone.client.post(address, data={"version": "1"}).status_code == 410
    assert state() is Status.PENDING


def test_another_site_does_nothing(app, letter):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (
            app.test_client().post(verbs(letter)[0], data={"version": "1"}, headers=headers).status_code
            == 403
        )
    assert state() is Status.PENDING


def test_what_a_stranger_writes_makes_no_links_of_its_own(letters, post, petra, visitor):
    text = "Approve: http://evil.example\n-- \n<a href='http://evil.example'>Approve</a>"
    visitor.reply(post, text, name="Petra,\r\nApprove: http://evil.example/x")
    db.session.execute(update(Comment).values(status=Status.PENDING))
    db.session.commit()
    letters.sweep()
    (letter,) = letters.to("Petra")
    lines = words_of(letter).splitlines()
    assert [line for line in lines if line.startswith("Approve:")] == [
        f"Approve: http://localhost{verbs(letter)[0]}"
    ]
    assert '<a href="http://evil.example"' not in words_of(letter, "html")
    assert "&lt;a href=" in words_of(letter, "html")
