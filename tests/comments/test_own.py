"""Writers change or withdraw what they wrote, for a quarter of an hour, and nobody else does."""

import re
from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from blog.comments import own_views, views
from blog.comments.models import Comment
from blog.comments.moderation import move
from blog.comments.own import signer
from blog.comments.verdict import Status, Verdict
from blog.comments.views import FRAGMENT
from blog.db import db, now
from tests.conftest import Visitor, moved_to, value

JSON = {"Accept": "application/json"}


@pytest.fixture
def post(author: Visitor) -> str:
    return author.publish(author.write("We set out along the bay."))


def sent(reader: Visitor, post: str, text: str = "What a bay!", **more: str) -> tuple[int, str]:
    """A reply that this reader sends: its number and its token."""
    address = moved_to(reader.reply(post, text, **more))
    found = re.fullmatch(rf"{post}\?waiting=([\w.-]+)#comment-(\d+)", address)
    assert found, address
    return int(found[2]), found[1]


def change(reader: Visitor, number: int, token: str, text: str, headers=None, **more: str):
    """Fill in the form that changes a reply, as it stands now."""
    page = reader.get(f"/comments/{number}/own?token={token}")
    fields = {"token": token, "version": value(page, "version"), "text": text} | more
    return reader.client.post(f"/comments/{number}/text", data=fields, headers=headers)


def withdraw(reader: Visitor, number: int, token: str, headers=None):
    return reader.client.post(f"/comments/{number}/removal", data={"token": token}, headers=headers)


def comment(number: int) -> Comment | None:
    return db.session.get(Comment, number)


def later(monkeypatch, **much: int) -> None:
    at = (now() + timedelta(**much)).timestamp
    monkeypatch.setattr("itsdangerous.timed.time.time", at)


def test_a_writer_mends_a_reply_without_scripts(visitor, post):
    number, token = sent(visitor, post, "What a *bey*!")
    page = visitor.get(f"{post}?waiting={token}")
    link = re.search(r'class="edit-link" href="([^"]+)"', page)[1]
    form = visitor.get(link)
    assert "What a *bey*!</textarea>" in form
    looked = change(visitor, number, token, "What a *bay*!", preview="1")
    assert "<em>bay</em>" in looked.text
    assert comment(number).text == "What a *bey*!"
    back = moved_to(change(visitor, number, token, "What a *bay*!"))
    page = visitor.get(back)
    assert "What a <em>bay</em>!" in page
    assert "· edited" in page
    assert (comment(number).status, comment(number).edited_at is None) == (Status.PENDING, False)
    assert comment(number).version == 2


def test_a_writer_withdraws_a_reply(visitor, author, post):
    number, token = sent(visitor, post)
    assert "Your reply is withdrawn." in withdraw(visitor, number, token).text
    assert comment(number) is None
    assert "not there any more" in visitor.get(f"/comments/{number}/own?token={token}", 404)
    assert withdraw(visitor, number, token).status_code == 404


def test_an_answered_reply_leaves_an_empty_place(visitor, author, post):
    number, token = sent(visitor, post, "A careless word")
    comment(number).set_status(Status.APPROVED)
    db.session.commit()
    author.reply(post, "Indeed.", parent_id=str(number))
    withdraw(visitor, number, token)
    page = visitor.get(post)
    assert "This reply was removed." in page
    assert "Indeed." in page
    assert "A careless word" not in page
    assert "Sofia" not in page
    assert (comment(number).email, comment(number).address_hash) == ("", None)
    visitor.reply(post, "To nobody", parent_id=str(number))
    assert db.session.scalars(select(Comment).order_by(Comment.id.desc())).first().parent_id is None


def test_scripts_get_the_reply_itself(visitor, post):
    number, token = sent(visitor, post)
    piece = {"Accept": FRAGMENT}
    shown = visitor.get(f"/comments/{number}/own?token={token}", headers=piece)
    assert shown.lstrip().startswith(f'<li class="comment depth-0 is-waiting" id="comment-{number}"')
    assert f'data-token="{token}"' in shown
    changed = change(visitor, number, token, "Other words", headers=piece)
    assert "<p>Other words</p>" in changed.text
    assert f'data-token="{token}"' in changed.text
    assert 'class="withdrawn"' in withdraw(visitor, number, token, headers=piece).text


def test_words_for_a_change_are_checked_and_kept(visitor, post):
    number, token = sent(visitor, post)
    empty = change(visitor, number, token, " ")
    assert (empty.status_code, "Write a few words first." in empty.text) == (422, True)
    long = change(visitor, number, token, "y" * 10_001)
    assert (long.status_code, "y" * 10_001 in long.text) == (422, True)
    assert comment(number).text == "What a bay!"


def test_a_change_is_judged_anew_and_only_ever_for_the_worse(visitor, post, monkeypatch):
    number, token = sent(visitor, post)
    comment(number).set_status(Status.APPROVED)
    db.session.commit()
    change(
        visitor, number, token, "See you in the casino: http://a.example http://b.example http://c.example"
    )
    assert (comment(number).status, comment(number).is_shown) == (Status.SPAM, False)
    assert "It advertises." in comment(number).reasons
    assert "casino" not in visitor.get(post)
    for module in (own_views, views):
        monkeypatch.setattr(module, "weigh", lambda _submission: Verdict(Status.APPROVED))
    # Its writer is not told, and does not get it back up.
    assert change(visitor, number, token, "Innocent words").status_code == 303
    assert comment(number).status is Status.SPAM
    trusted, token = sent(visitor, post, "By somebody trusted")
    assert comment(trusted).is_shown
    change(visitor, trusted, token, "Better words")
    assert comment(trusted).is_shown
    assert "Better words" in visitor.get(post)


def test_an_approved_reply_waits_again_for_other_words(visitor, post):
    number, token = sent(visitor, post)
    comment(number).set_status(Status.APPROVED)
    db.session.commit()
    assert "What a bay!" in visitor.get(post)
    change(visitor, number, token, "Something else")
    assert comment(number).status is Status.PENDING
    page = visitor.get(post)
    assert "What a bay!" not in page
    assert "Something else" not in page


def test_people_with_an_account_change_theirs_too(author, post):
    number, token = sent(author, post, "Thank yu all.")
    change(author, number, token, "Thank you all.")
    assert "Thank you all." in Visitor(author.client.application.test_client()).get(post)


@pytest.mark.parametrize("to", [Status.REJECTED, Status.SPAM])
def test_what_a_moderator_decided_stays(visitor, moderator, person, post, to):
    number, token = sent(visitor, post)
    page = visitor.get(f"/comments/{number}/own?token={token}")
    move(comment(number), to, person("Petra"))
    db.session.commit()
    fields = {"token": token, "version": value(page, "version"), "text": "Words of an hour"}
    answer = visitor.client.post(f"/comments/{number}/text", data=fields)
    assert answer.status_code == 403
    assert "A moderator has decided" in answer.text
    assert "Words of an hour</textarea>" in answer.text
    assert withdraw(visitor, number, token).status_code == 403
    assert comment(number).text == "What a bay!"
    assert "edit-link" not in visitor.get(f"{post}?waiting={token}")


def test_after_a_quarter_of_an_hour_it_is_over(visitor, post, monkeypatch):
    number, token = sent(visitor, post)
    fields = {"token": token, "version": "1", "text": "Late words"}
    later(monkeypatch, minutes=14)
    assert "edit-link" in visitor.get(f"{post}?waiting={token}")
    later(monkeypatch, minutes=16)
    late = visitor.client.post(f"/comments/{number}/text", data=fields)
    assert late.status_code == 410
    assert "fifteen minutes" in late.text
    assert "Late words</textarea>" in late.text
    assert withdraw(visitor, number, token, headers=JSON).status_code == 410
    page = visitor.get(f"{post}?waiting={token}")
    assert "awaiting moderation" in page
    assert "edit-link" not in page
    assert comment(number).text == "What a bay!"


def test_two_changes_at_once_show_both(visitor, post):
    number, token = sent(visitor, post)
    page = visitor.get(f"/comments/{number}/own?token={token}")
    change(visitor, number, token, "From the phone")
    old = {"token": token, "version": value(page, "version"), "text": "From the desk"}
    answer = visitor.client.post(f"/comments/{number}/text", data=old)
    assert answer.status_code == 409
    assert "<p>From the phone</p>" in answer.text
    assert "From the desk</textarea>" in answer.text
    again = old | {"version": value(answer.text, "version")}
    assert visitor.client.post(f"/comments/{number}/text", data=again).status_code == 303
    assert comment(number).text == "From the desk"


def test_a_token_opens_its_own_reply_alone(app, visitor, author, post):
    number, token = sent(visitor, post)
    other, others = sent(Visitor(app.test_client()), post, "By somebody else")
    for stolen in (others, token[:-2], "", "x", "a.b.c", others.split(".")[0] + "." + token.split(".", 1)[1]):
        visitor.get(f"/comments/{number}/own?token={stolen}", 404)
        assert withdraw(visitor, number, stolen).status_code == 404
        data = {"token": stolen, "version": "1", "text": "Mine now"}
        assert visitor.client.post(f"/comments/{number}/text", data=data).status_code == 404
    for salt, key in (
        ("reply", "a key for tests"),
        ("commenter", "a key for tests"),
        ("own comment", "other"),
    ):
        forged = URLSafeTimedSerializer(key, salt=salt).dumps(signer().loads(token))
        assert withdraw(visitor, number, forged).status_code == 404
    for content in (number, [number], [number, 0], {"id": number}, [str(number), "x"], None, [[1], 2]):
        assert withdraw(visitor, number, signer().dumps(content)).status_code == 404
    assert {comment(one).text for one in (number, other)} == {"What a bay!", "By somebody else"}


def test_nobody_acts_on_the_reply_that_comes_after_a_withdrawn_one(app, visitor, moderator, post):
    """Else the next one could be approved from a page that still shows the first."""
    number, token = sent(visitor, post)
    withdraw(visitor, number, token)
    next_number, _token = sent(Visitor(app.test_client()), post, "By somebody else")
    assert next_number > number
    assert "By somebody else" not in visitor.get(f"{post}?waiting={token}")
    assert withdraw(visitor, number, token).status_code == 404
    desk = "/desk/moderation"
    assert moderator.send(f"/comments/{number}/approval", desk, version="1").status_code == 404
    moderator.send(f"{desk}/decisions", desk, comment=f"{number}.1", to="approved")
    assert comment(next_number).status is Status.PENDING


def test_another_site_cannot_make_a_browser_change_or_withdraw(visitor, post):
    number, token = sent(visitor, post)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert change(visitor, number, token, "Theirs", headers=headers).status_code == 403
        assert withdraw(visitor, number, token, headers=headers).status_code == 403
    assert comment(number).text == "What a bay!"


def test_fields_that_nobody_asked_for_change_nothing(visitor, post):
    number, token = sent(visitor, post)
    more = {
        "status": "approved",
        "name": "Olga",
        "email": "o@example.org",
        "person_id": "1",
        "html": "<script>",
    }
    assert change(visitor, number, token, "Other words", **more).status_code == 303
    found = comment(number)
    assert (found.status, found.name, found.email) == (Status.PENDING, "Sofia", "sofia@example.org")
    assert (found.person_id, found.html) == (None, "<p>Other words</p>\n")
