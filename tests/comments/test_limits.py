"""Floods: who sends too much is asked to wait, honestly, and loses no word."""

import pytest

from blog.comments import own_views, views
from blog.comments.models import Comment
from blog.db import db
from blog.web.limits import ALARM, NETWORK_SHARE, REPLIES, is_under_attack, replies_allowed
from tests.comments.test_own import change, sent
from tests.conftest import Client, Visitor, make_app

JSON = {"Accept": "application/json"}


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


def count() -> int:
    return db.session.query(Comment).count()


def test_floods_are_stopped_and_told_how_long(visitor, post):
    for number in range(REPLIES):
        assert visitor.reply(post, f"Reply {number}").status_code == 303
    flood = visitor.reply(post, "One more", headers=JSON)
    assert flood.status_code == 429
    assert 0 < int(flood.headers["Retry-After"]) <= 601
    assert "wait" in flood.json["error"]
    kept = visitor.reply(post, "Words that took an hour")
    assert kept.status_code == 429
    assert "Words that took an hour" in kept.text
    assert count() == REPLIES
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert visitor.reply(post, "From elsewhere").status_code == 303


def test_a_network_may_send_more_than_an_address_and_not_all_it_likes(app, visitor, post):
    app.extensions["replies_allowed"] = 2
    sent = 0
    for host in range(NETWORK_SHARE + 2):
        visitor.client.environ_base["REMOTE_ADDR"] = f"2001:db8:0:{host}::1"
        sent += sum(visitor.reply(post, f"{host} {n}").status_code == 303 for n in range(2))
    assert sent == count() == 2 * NETWORK_SHARE
    visitor.client.environ_base["REMOTE_ADDR"] = "2001:db9::1"
    assert visitor.reply(post, "From another network").status_code == 303


def test_changes_and_previews_have_their_limits_too(visitor, post, monkeypatch):
    monkeypatch.setattr(own_views, "MOST_CHANGES", 2)
    monkeypatch.setattr(views, "MOST_PREVIEWS", 2)
    number, token = sent(visitor, post)
    for words, status in (("Once", 303), ("Twice", 303), ("An hour's work", 429)):
        changed = change(visitor, number, token, words)
        looked_at = visitor.client.post(f"{post}/comments/preview", data={"text": words})
        assert (changed.status_code, looked_at.status_code) == (status, 429 if status == 429 else 200)
    for refused in (changed, looked_at):
        assert int(refused.headers["Retry-After"]) > 0
        assert "An hour&#39;s work" in refused.text
    assert db.session.get_one(Comment, number).text == "Twice"


def test_much_spam_is_an_attack(visitor, post):
    for host in range(ALARM.amount):
        assert not is_under_attack()
        visitor.client.environ_base["REMOTE_ADDR"] = f"10.{host}.0.1"
        visitor.reply(post, f"casino {host}")
    assert is_under_attack()


@pytest.mark.parametrize(("setting", "most"), [("on", REPLIES), ("off", None), ("1000", 1000)])
def test_the_limit_can_be_set(setting, most):
    assert replies_allowed(setting) == most


@pytest.mark.parametrize("setting", ["", "0", "-5", "many", "²", "99999999"])
def test_a_limit_that_is_none_is_told(setting):
    with pytest.raises(ValueError, match="ROADBOOK_RATE_LIMITS"):
        replies_allowed(setting)


def test_without_limits_a_benchmark_may_send_all_it_has(app, tmp_path, post):
    free = make_app(tmp_path, RATE_LIMITS="off")
    free.test_client_class = Client
    with free.app_context():
        reader = Visitor(free.test_client())
        assert {reader.reply(post, f"Reply {number}").status_code for number in range(REPLIES + 5)} == {303}
        db.session.remove()
        db.engine.dispose()
