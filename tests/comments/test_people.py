"""What moderators think of a commenter, and how one is forgotten."""

import pytest
from sqlalchemy import select

from blog.accounts.models import Role
from blog.comments.commenters import Commenter, Standing
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog, Report
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters.models import Follow, Silence
from tests.comments.test_moderation import QUEUE, act, on_page, state
from tests.conftest import Visitor

SOFIA = f"{QUEUE}/people/1"


@pytest.fixture
def post(author: Visitor, visitor: Visitor) -> str:
    """Under a post Sofia writes, Ines answers her, and Sofia answers Ines; later Sofia writes once more."""
    address = author.publish(author.write("We set out along the bay."))
    visitor.reply(address, "What a bay!")
    act(author, "approval", 1)
    visitor.reply(address, "It is.", parent_id="1", name="Ines", email="ines@example.org")
    act(author, "approval", 2)
    visitor.reply(address, "Is it not?", parent_id="2")
    visitor.reply(address, "Here again.")
    return address


def standing() -> Standing:
    return db.session.get_one(Commenter, 1).standing


def acts() -> list[tuple[str, Act, str]]:
    rows = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id))
    return [(row.moderator_name, row.act, row.why) for row in rows if row.act is not Act.MOVED]


def test_everything_of_one_person_stands_together(moderator, post):
    assert f'href="{SOFIA}"' in moderator.get(QUEUE)
    page = moderator.get(SOFIA)
    assert on_page(page) == [4, 3, 1]
    assert "sofia@example.org" in page
    assert "1 approved, 2 waiting" in page
    assert "It is." in page  # what she answered
    moderator.get(f"{QUEUE}/people/99", 404)


def test_a_moderator_trusts_blocks_and_takes_it_back(moderator, post):
    page = moderator.send(f"{SOFIA}/standing", SOFIA, to="trusted", why="we met").text
    assert "Trusted." in page
    assert standing() is Standing.TRUSTED
    assert "Trusted." not in moderator.send(f"{SOFIA}/standing", SOFIA, to="trusted").text
    moderator.send(f"{SOFIA}/standing", SOFIA, to="blocked")
    assert standing() is Standing.BLOCKED
    moderator.send(f"{QUEUE}/undo", SOFIA)
    assert standing() is Standing.TRUSTED
    moderator.send(f"{SOFIA}/standing", SOFIA, to="plain")
    assert standing() is Standing.PLAIN
    assert moderator.send(f"{SOFIA}/standing", SOFIA, to="king").status_code == 422
    assert acts() == [
        ("Petra", Act.TRUSTED, "we met"),
        ("Petra", Act.BLOCKED, ""),
        ("Petra", Act.TRUSTED, ""),
        ("Petra", Act.STANDING_CLEARED, ""),
    ]


def test_a_confirmed_reply_that_is_rejected_takes_trust_back_and_undo_gives_it(moderator, post):
    earlier = now()
    sofia, reply = db.session.get_one(Commenter, 1), db.session.get_one(Comment, 4)
    sofia.rejected_at, reply.is_confirmed = earlier, True
    db.session.commit()
    act(moderator, "rejection", 4)
    assert db.session.get_one(Commenter, 1).rejected_at > earlier
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert db.session.get_one(Commenter, 1).rejected_at == earlier
    act(moderator, "rejection", 3)  # whoever typed her address was not shown to be her
    assert db.session.get_one(Commenter, 1).rejected_at == earlier


def test_all_of_a_person_becomes_spam_and_comes_back_at_once(moderator, visitor, post):
    page = moderator.send(f"{SOFIA}/spam", SOFIA).text
    assert "3 replies marked as spam." in page
    assert [state(number) for number in (1, 2, 3, 4)] == [
        Status.SPAM,
        Status.APPROVED,
        Status.SPAM,
        Status.SPAM,
    ]
    assert "What a bay!" not in visitor.get(post)
    moderator.send(f"{QUEUE}/undo", SOFIA)
    assert [state(number) for number in (1, 3, 4)] == [Status.APPROVED, Status.PENDING, Status.PENDING]


def test_a_person_is_erased_for_good(moderator, visitor, post):
    act(moderator, "rejection", 4)
    moderator.send(f"{QUEUE}/4/edit", f"{QUEUE}/4/edit", version="2", text="Sofia was here")
    db.session.add(Report(comment_id=1, reason="rude", words="Sofia is rude"))
    db.session.add_all([Follow(email="sofia@example.org", post_id=1), Silence(email="sofia@example.org")])
    db.session.commit()
    asked = moderator.get(f"{SOFIA}/erasure")
    assert "3 replies, the name and the e-mail address go for good." in asked
    assert "Erased for good." in moderator.send(f"{SOFIA}/erasure", f"{SOFIA}/erasure").text
    moderator.get(SOFIA, 404)
    assert db.session.scalars(select(Comment.id).order_by(Comment.id)).all() == [1, 2]
    page = visitor.get(post)
    assert "It is." in page
    assert "What a bay!" not in page
    dump = "\n".join(db.engine.raw_connection().driver_connection.iterdump())
    kept = [line for line in dump.splitlines() if "sofia" in line.lower() or "What a bay" in line]
    assert [line for line in kept if "attempt" not in line] == []
    (entry,) = db.session.scalars(select(ModerationLog).where(ModerationLog.act == Act.ERASED))
    assert (entry.moderator_name, entry.about, entry.detail) == ("Petra", "", {"comments": 3})
    assert "Petra erased a person and all their replies" in moderator.get(f"{QUEUE}/log")


def test_authors_decide_on_replies_but_not_on_people(app, author, person, visitor, post):
    assert "Trust" not in author.get(SOFIA)
    for verb in ("standing", "erasure"):
        assert author.send(f"{SOFIA}/{verb}", SOFIA, to="blocked").status_code == 404
    author.get(f"{SOFIA}/erasure", 404)
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.AUTHOR))
    iris.get(SOFIA, 404)
    assert iris.send(f"{SOFIA}/spam", QUEUE).status_code == 404
    told = iris.publish(iris.write("Elsewhere.", title="Elsewhere"))
    visitor.reply(told, "And here.")
    assert on_page(iris.get(SOFIA)) == [5]
    iris.send(f"{SOFIA}/spam", SOFIA)
    assert (state(1), state(5)) == (Status.APPROVED, Status.SPAM)
    for address in ("reply", "edit"):
        iris.get(f"{QUEUE}/1/{address}", 404)
        assert iris.send(f"{QUEUE}/1/{address}", QUEUE, version="2", text="Mine").status_code == 404
    assert standing() is Standing.PLAIN
