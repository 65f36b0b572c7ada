"""The log of moderation: who, what, when and why; rows are only ever added."""

import re

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from blog.accounts.models import Role
from blog.comments.log_desk import PAGE
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, move
from blog.comments.verdict import Status
from blog.db import db, now
from tests.comments.test_moderation import QUEUE, act
from tests.conftest import Visitor

LOG = f"{QUEUE}/log"


@pytest.fixture
def post(author: Visitor, visitor: Visitor) -> str:
    address = author.publish(author.write("We set out along the bay."))
    for words in ("What a bay!", "Is it far?"):
        visitor.reply(address, words)
    return address


def rows(page: str) -> list[str]:
    """What each row says, without its links."""
    found = re.findall(r'<li><span class="main".*?</li>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", row) for row in found]


def test_who_did_what_to_which_reply_when_and_why(app, moderator, person, author, post):
    act(moderator, "approval", 1)
    moderator.send("/comments/2/rejection", QUEUE, why="names a neighbour")
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(iris, "spam", 1)
    last, second, first = rows(moderator.get(LOG))
    assert "What a bay!" in last and "Iris marked it as spam" in last
    assert "Petra rejected it" in second and "Why: names a neighbour" in second
    assert "Petra approved it" in first and str(now().year) in first
    petra = db.session.scalars(select(ModerationLog.moderator_id).where(ModerationLog.id == 1)).one()
    assert len(rows(moderator.get(f"{LOG}?who={petra}"))) == 2
    assert len(rows(moderator.get(f"{LOG}?comment=1"))) == 2
    assert len(rows(moderator.get(f"{LOG}?post=1&act=moved"))) == 3
    assert "Nothing like that was done." in moderator.get(f"{LOG}?act=edited")
    assert len(rows(moderator.get(f"{LOG}?who=x&comment=-1&post=%00&act=nonsense&before=0"))) == 3
    assert len(rows(author.get(LOG))) == 3
    other = Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR))
    assert rows(other.get(LOG)) == []


def test_a_long_log_has_pages(moderator, person, post):
    petra = person("Petra", Role.MODERATOR)
    comment = db.session.get_one(Comment, 1)
    for number in range(PAGE + 3):
        move(comment, Status.SPAM if number % 2 else Status.APPROVED, petra)
    db.session.commit()
    first = moderator.get(LOG)
    assert len(rows(first)) == PAGE
    older = re.search(r'rel="next" href="([^"]+)"', first)
    page = moderator.get(older[1].replace("&amp;", "&"))
    assert len(rows(page)) == 3
    assert 'rel="next"' not in page


def refuse_changes() -> None:
    """Neither the application nor the database lets a row be rewritten."""
    entry = db.session.scalars(select(ModerationLog)).first()
    entry.moderator_name = "Nobody"
    with pytest.raises(RuntimeError, match="only ever added"):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.scalars(select(ModerationLog)).first())
    with pytest.raises(RuntimeError, match="only ever added"):
        db.session.flush()
    db.session.rollback()
    for change in (
        update(ModerationLog).values(moderator_name="Nobody"),
        update(ModerationLog).values(after="approved"),
        update(ModerationLog).values(about="Somebody else: nice words"),
        update(ModerationLog).values(why="another reason"),
        update(ModerationLog).values(detail={"reports": [1]}),
        delete(ModerationLog),
        text("UPDATE moderation_log SET act = 'edited'"),
    ):
        with pytest.raises(DBAPIError, match="only ever added"):
            db.session.execute(change)
        db.session.rollback()
    db.session.execute(update(ModerationLog).values(about="", why=""))  # people can be forgotten
    db.session.rollback()


def test_a_row_of_the_log_stays_as_it_was_written(moderator, post):
    act(moderator, "rejection", 1)
    refuse_changes()
    assert len(rows(moderator.get(LOG))) == 1
