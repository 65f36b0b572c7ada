"""Readers report what should not stand there; moderators look at it once, however many did."""

import pytest
from sqlalchemy import func, select

from blog.accounts.models import Attempt
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog, Report
from blog.comments.reports import MOST_PER_ADDRESS
from blog.comments.verdict import Status
from blog.db import db
from tests.comments.test_moderation import QUEUE, act, counts, on_page, state
from tests.conftest import Visitor, moved_to
from tests.servers import value

PAGE = "/comments/1/report"
REPORTED = f"{QUEUE}?status=reported"


@pytest.fixture
def post(author: Visitor, visitor: Visitor) -> str:
    """A published post with one reply that everybody reads: its address."""
    address = author.publish(author.write("We set out along the bay."))
    visitor.reply(address, "What a bay!")
    act(author, "approval")
    return address


def report(visitor: Visitor, reason: str = "rude", address: str = "192.0.2.1", **more: str):
    fields = {"reason": reason, "words": "", "stamp": value(visitor.get(PAGE), "stamp")}
    return visitor.client.post(PAGE, data=fields | more, environ_base={"REMOTE_ADDR": address})


def reports() -> list[Report]:
    return list(db.session.scalars(select(Report).order_by(Report.id)))


def test_a_reader_reports_a_reply_and_a_moderator_keeps_it(visitor, moderator, post):
    assert f'href="{PAGE}"' in visitor.get(post)
    assert "What is wrong with it?" in visitor.get(PAGE)
    answer = report(visitor, "private", words="That is my neighbour's name.")
    assert answer.status_code == 303
    assert "Somebody will look at it soon." in visitor.get(moved_to(answer))
    assert "Set-Cookie" not in answer.headers
    assert "What a bay!" in visitor.get(post)  # it stays until somebody decides
    page = moderator.get(REPORTED)
    assert on_page(page) == [1]
    assert "It tells something private about somebody — “That is my neighbour&#39;s name.”" in page
    assert 'data-count="waiting">1<' in page
    kept = moderator.send("/comments/1/keeping", REPORTED, status="reported")
    assert "Kept. The reports are closed." in kept.text
    assert "Nobody has reported anything." in kept.text
    assert "What a bay!" in visitor.get(post)
    (entry,) = db.session.scalars(select(ModerationLog).where(ModerationLog.act == Act.REPORTS_CLOSED))
    assert (entry.moderator_name, entry.comment_id) == ("Petra", 1)
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert on_page(moderator.get(REPORTED)) == [1]


def test_ten_reports_make_one_entry(visitor, moderator, post):
    for number in range(10):
        assert report(visitor, address=f"192.0.2.{number}", words=f"Number {number}").status_code == 303
    assert report(visitor, address="192.0.2.9", words="Once more").status_code == 303
    assert len(reports()) == 10
    page = moderator.get(REPORTED)
    assert on_page(page) == [1]
    assert "and 5 more reports" in page
    assert counts(moderator)["reported"] == 1


def test_to_approve_what_was_reported_once_more_is_to_keep_it(visitor, moderator, post):
    report(visitor)
    act(moderator, "approval")
    assert counts(moderator)["reported"] == 0
    assert state() is Status.APPROVED
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert counts(moderator)["reported"] == 1


@pytest.mark.parametrize("verb", ["rejection", "spam"])
def test_any_verdict_closes_the_reports_and_its_undo_opens_them(visitor, moderator, post, verb):
    report(visitor)
    act(moderator, verb)
    assert counts(moderator)["reported"] == 0
    assert reports()[0].closed_at is not None
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert state() is Status.APPROVED
    assert counts(moderator)["reported"] == 1


def test_who_kept_it_is_told_to_who_comes_second(app, visitor, moderator, author, post):
    report(visitor)
    moderator.send("/comments/1/keeping", REPORTED, version="2")
    again = author.send("/comments/1/keeping", REPORTED, version="2")
    assert "Petra looked at the reports and kept it already." in again.text
    stale = author.send("/comments/1/keeping", REPORTED, version="1")
    assert stale.status_code == 409
    stranger = moderator.send("/comments/9/keeping", REPORTED)
    assert stranger.status_code == 404


def test_robots_hear_the_same_and_leave_nothing(visitor, post):
    honest, bait = report(visitor), report(visitor, address="192.0.2.7", website="https://a.example")
    assert (bait.status_code, bait.location) == (honest.status_code, honest.location)
    assert len(reports()) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stamp": "forged"}, "This page is too old."),
        ({"stamp": ""}, "This page is too old."),
        ({"reason": "boring"}, "Not a valid choice"),
        ({"reason": ""}, ""),
        ({"words": "x" * 501}, "This is too long"),
    ],
)
def test_what_cannot_be_taken_is_asked_again_with_what_was_typed(visitor, post, fields, words):
    answer = report(visitor, **({"words": "My words"} | fields))
    assert answer.status_code == 422
    assert words in answer.text
    assert ("My words" in answer.text) is ("words" not in fields)
    assert reports() == []


def test_one_address_reports_only_so_often(visitor, post):
    answers = [report(visitor) for _ in range(MOST_PER_ADDRESS + 1)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert report(visitor, address="192.0.2.50").status_code == 303
    kept = db.session.scalars(select(Attempt.key)).all()
    assert not [key for key in kept if key.startswith("192.0.2.")]  # no address is written down for it


def test_what_is_reported_cannot_turn_the_desk_around(visitor, moderator, post):
    report(visitor, words="Look\u202e here\x07 z" + "\u0334" * 50)
    assert reports()[0].words == "Look here z" + "\u0334" * 4


def test_only_what_readers_see_can_be_reported(visitor, author, moderator, post):
    stamp = value(visitor.get(PAGE), "stamp")
    act(moderator, "rejection")
    visitor.get(PAGE, 404)
    for address in (PAGE, "/comments/77/report"):
        assert visitor.client.post(address, data={"reason": "rude", "stamp": stamp}).status_code == 404
    act(moderator, "approval")
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    visitor.get(PAGE, 404)
    assert db.session.scalar(select(func.count()).select_from(Report)) == 0


def test_the_writer_of_a_report_is_kept_as_a_hash(visitor, post):
    report(visitor, address="192.0.2.77")
    (kept,) = reports()
    assert kept.address_hash
    assert "192.0.2.77" not in repr(vars(kept))
    assert db.session.get_one(Comment, 1).status is Status.APPROVED
