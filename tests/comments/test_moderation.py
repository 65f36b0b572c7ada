"""Moderators keep the threads clean: approve, reject, mark as spam, undo, and a log of who did what."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select, update

from blog.accounts.models import Person, Role
from blog.comments.commenters import Commenter, Standing
from blog.comments.deciding import decide
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import Act, ModerationLog, Tab
from blog.comments.queue import PAGE
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.posts.models import Post
from tests.conftest import Visitor, moved_to

QUEUE = "/desk/moderation"
JSON = {"Accept": "application/json"}


@pytest.fixture
def post(author: Visitor, visitor: Visitor) -> str:
    """A published post with one waiting reply: its address."""
    address = author.publish(author.write("We set out along the bay."))
    visitor.reply(address, "What a bay!")
    return address


def act(moderator: Visitor, verb: str, number: int = 1, status: str = "pending"):
    return moderator.send(f"/comments/{number}/{verb}", QUEUE, follow=False, status=status)


def state(number: int = 1) -> Status:
    return db.session.get_one(Comment, number).status


def log() -> list[tuple[str, str, str]]:
    rows = db.session.scalars(select(ModerationLog).order_by(ModerationLog.id))
    return [(row.moderator_name, row.before.value, row.after.value) for row in rows]


def counts(moderator: Visitor) -> dict[str, int]:
    tabs = re.findall(r'data-count="(\w+)">(\d+)</span></a>', moderator.get(QUEUE).split('class="tabs"')[1])
    return {name: int(number) for name, number in tabs}


def test_a_moderator_approves_a_reply(moderator, visitor, post):
    page = moderator.get(QUEUE)
    assert "What a bay!" in page
    assert "By the sea" in page
    assert "sofia@example.org" in page
    assert moved_to(act(moderator, "approval")) == f"{QUEUE}?status=pending"
    page = moderator.get(QUEUE)
    assert "Approved. Everyone can read it now." in page
    assert "Nothing waits." in page
    assert "What a bay!" in visitor.get(post)
    assert log() == [("Petra", "pending", "approved")]


@pytest.mark.parametrize(
    ("verb", "status"), [("approval", Status.APPROVED), ("rejection", Status.REJECTED), ("spam", Status.SPAM)]
)
def test_every_verb_can_be_undone(moderator, post, verb, status):
    act(moderator, verb)
    assert state() is status
    assert 'action="/desk/moderation/undo"' in moderator.get(QUEUE)
    act(moderator, "undo")
    assert state() is Status.PENDING
    assert log() == [("Petra", "pending", status.value), ("Petra", status.value, "pending")]


def test_an_undo_without_an_act_does_nothing(moderator, post):
    act(moderator, "undo")
    assert state() is Status.PENDING
    assert log() == []


def test_the_same_verb_twice_is_logged_once(moderator, post):
    act(moderator, "approval")
    act(moderator, "approval")
    assert log() == [("Petra", "pending", "approved")]


def test_two_moderators_leave_their_own_names(app, moderator, person, post):
    act(moderator, "approval")
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(iris, "spam", status="approved")
    assert log() == [("Petra", "pending", "approved"), ("Iris", "approved", "spam")]
    page = moderator.get(f"{QUEUE}/log")
    assert page.index("Iris marked it as spam") < page.index("Petra approved it")
    assert "What a bay!" in page


def test_the_log_outlives_the_moderator(app, moderator, person, post):
    act(moderator, "approval")
    db.session.delete(db.session.scalars(select(Person).where(Person.name == "Petra")).one())
    db.session.commit()
    assert log() == [("Petra", "pending", "approved")]
    assert "Petra" in Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER)).get(f"{QUEUE}/log")


def test_the_tabs_count_every_status(moderator, visitor, post):
    for text in ("Second", "Third", "http://a.example http://b.example http://c.example"):
        visitor.reply(post, text)
    act(moderator, "approval", 2)
    act(moderator, "rejection", 3)
    assert counts(moderator) == {"pending": 1, "reported": 0, "approved": 1, "spam": 1, "rejected": 1}
    for status, words in (("approved", "Second"), ("rejected", "Third"), ("spam", "3 links")):
        assert words in moderator.get(f"{QUEUE}?status={status}")
    assert "What a bay!" in moderator.get(f"{QUEUE}?status=nonsense")


def test_what_waits_longest_comes_first(moderator, visitor, post):
    visitor.reply(post, "Later words")
    page = moderator.get(QUEUE)
    assert page.index("What a bay!") < page.index("Later words")
    act(moderator, "approval", 1)
    act(moderator, "approval", 2)
    page = moderator.get(f"{QUEUE}?status=approved")
    assert page.index("Later words") < page.index("What a bay!")


def test_an_answer_stands_beside_what_it_answers(moderator, visitor, post):
    act(moderator, "approval")
    visitor.reply(post, "It <is>.", parent_id="1", name="Iris")
    page = moderator.get(QUEUE)
    context = page[page.index('class="context"') : page.index('class="context"') + 200]
    assert "Sofia" in context
    assert "What a bay!" in context


def test_the_reasons_of_a_verdict_are_shown(moderator, visitor, post):
    visitor.reply(post, "See http://a.example")
    page = moderator.get(QUEUE)
    assert "It has a link." in page or "It has a link." in moderator.get(f"{QUEUE}?status=spam")


def test_an_author_moderates_only_under_own_posts(app, author, moderator, visitor, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.AUTHOR))
    assert "What a bay!" not in iris.get(QUEUE)
    assert set(counts(iris).values()) == {0}
    assert "waits for you" not in iris.get("/desk/")
    for verb in ("approval", "rejection", "spam", "undo"):
        assert iris.send(f"/comments/1/{verb}", QUEUE, follow=False).status_code == 404
    assert "They are no longer there." in iris.get(moved_to(choose(iris, "spam", "1.1")))
    assert state() is Status.PENDING
    act(author, "approval")
    assert "nothing left to undo" in iris.send(f"{QUEUE}/undo", QUEUE, entry="1").text
    assert state() is Status.APPROVED
    assert "What a bay!" in author.get(f"{QUEUE}/log")
    assert "What a bay!" not in iris.get(f"{QUEUE}/log")


def test_who_is_no_longer_a_moderator_reaches_no_more_than_an_author(author, moderator, visitor, post):
    visitor.reply(post, "Is it deep?")
    choose(moderator, "approved", "1.1", "2.1")
    moderator.send(f"{QUEUE}/people/1/standing", QUEUE, to="blocked")
    petra = db.session.scalars(select(Person).filter_by(role=Role.MODERATOR)).one()
    petra.role = Role.AUTHOR
    db.session.commit()
    own = moderator.publish(moderator.write("Elsewhere.", title="Elsewhere"))
    visitor.reply(own, "And here?")
    act(moderator, "approval", 3)
    assert "nothing left to undo" in moderator.send(f"{QUEUE}/undo", QUEUE, entry="1").text
    for _press in range(3):
        moderator.send(f"{QUEUE}/undo", QUEUE)
    assert [state(number) for number in (1, 2)] == [Status.APPROVED] * 2
    assert state(3) is not Status.APPROVED
    assert db.session.scalars(select(Commenter.standing)).all() == [Standing.BLOCKED]


def test_an_author_looks_for_nothing_of_another(app, author, visitor, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.AUTHOR))
    own = iris.publish(iris.write("Elsewhere.", title="Elsewhere"))
    visitor.reply(own, "And here?")
    act(author, "approval")
    searches = ("q=bay", "post=1", "person=1", "status=approved", "status=approved&person=1", "before=9")
    pages = [f"{QUEUE}?{search}" for search in searches]
    pages += [f"{QUEUE}/log?{asked}" for asked in ("comment=1", "post=1", "person=1", "who=1", "act=moved")]
    pages += [f"{QUEUE}/people/1", f"{QUEUE}/people/1?before=9"]
    for page in pages:
        assert "What a bay!" not in iris.get(page)
        assert "By the sea" not in iris.get(page)
    form = {"comment": ["1.2", "2.1"], "to": "spam", "csrf_token": iris.token(QUEUE)}
    answer = iris.client.post(f"{QUEUE}/decisions", data=form, headers=JSON)
    assert [entry["id"] for entry in answer.json["entries"]] == [2]
    assert "What a bay!" not in answer.text
    assert iris.send("/comments/1/keeping", QUEUE, follow=False).status_code == 404
    assert iris.send("/comments/1/waiting", QUEUE, follow=False).status_code == 404
    assert (state(1), state(2)) == (Status.APPROVED, Status.SPAM)


def test_strangers_and_forged_forms_moderate_nothing(visitor, moderator, post):
    for verb in ("approval", "rejection", "spam", "undo"):
        assert visitor.client.post(f"/comments/1/{verb}").status_code == 302
        assert moderator.client.post(f"/comments/1/{verb}", data={"csrf_token": "x"}).status_code == 422
        assert moderator.send(f"/comments/77/{verb}", QUEUE, follow=False).status_code == 404
    assert state() is Status.PENDING
    assert log() == []


def test_the_way_back_leads_nowhere_else(moderator, post):
    assert moved_to(act(moderator, "approval", status="//elsewhere.example")).startswith(f"{QUEUE}?status=")


@pytest.fixture
def conversation(author: Visitor, post: str) -> str:
    """The reply approved, with an answer to it and an answer to that."""
    act(author, "approval")
    author.reply(post, "An answer", parent_id="1")
    author.reply(post, "An answer to the answer", parent_id="2")
    author.reply(post, "Beside it all")
    return post


@pytest.mark.parametrize("verb", ["rejection", "spam"])
def test_what_was_said_below_a_rejected_reply_goes_with_it(moderator, visitor, conversation, verb):
    assert "An answer to the answer" in visitor.get(conversation)
    act(moderator, verb)
    for page in (conversation, "/comments.xml", f"{conversation}/comments.xml"):
        text = visitor.get(page)
        assert "An answer" not in text
        assert "What a bay!" not in text
        assert "Beside it all" in text
    for number in (1, 2, 3):
        visitor.get(f"/comments/{number}", 404)
    assert "1 reply" in visitor.get(conversation)
    act(moderator, "undo", status="rejected")
    assert "An answer to the answer" in visitor.get(conversation)


def test_an_answer_below_a_rejected_one_cannot_be_answered(moderator, visitor, conversation):
    act(moderator, "rejection")
    visitor.reply(conversation, "Into the void", parent_id="3")
    act(moderator, "approval", 5)
    assert "Into the void" in visitor.get(conversation)


def test_feeds_hold_approved_replies_only(moderator, visitor, author, post):
    for feed in ("/comments.xml", f"{post}/comments.xml"):
        assert "What a bay!" not in visitor.get(feed)
    act(moderator, "approval")
    for feed in ("/comments.xml", f"{post}/comments.xml"):
        atom = ElementTree.fromstring(visitor.get(feed).encode())
        (entry,) = atom.findall("{*}entry")
        assert entry.findtext("{*}title") == "Sofia on “By the sea”"
        assert "What a bay!" in (entry.findtext("{*}content") or "")
        assert entry.findtext("{*}id") == f"http://localhost{post}#comment-1"
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    assert "What a bay!" not in visitor.get("/comments.xml")


def wait(count: int, **more: object) -> None:
    """So many more replies wait."""
    told = db.session.scalars(select(Post)).one()
    for number in range(count):
        verdict = Verdict(Status.PENDING)
        add_comment(told, None, "Sofia", "s@example.org", f"Waiting number {number}.", verdict, **more)
    db.session.commit()


def on_page(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="comment-(\d+)"', page)]


def led_to(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, rel
    return found[1].replace("&amp;", "&")


def test_a_long_queue_has_pages_that_lose_nothing(moderator, post):
    wait(2 * PAGE + 5)
    first = moderator.get(QUEUE)
    assert on_page(first) == list(range(1, PAGE + 1))
    act(moderator, "approval", 3)
    act(moderator, "spam", PAGE + 1)  # what leaves meanwhile moves nothing to where one has been
    second = moderator.get(led_to(first, "next"))
    assert on_page(second) == list(range(PAGE + 2, 2 * PAGE + 2))
    third = moderator.get(led_to(second, "next"))
    assert on_page(third) == list(range(2 * PAGE + 2, 2 * PAGE + 7))
    assert 'rel="next"' not in third
    assert on_page(moderator.get(led_to(third, "prev"))) == on_page(second)
    assert "Nothing waits." in moderator.get(f"{QUEUE}?after=999999")
    assert on_page(moderator.get(f"{QUEUE}?after=nonsense&before=-1&post=0&person=%00")) != []


def test_an_approved_author_reply_can_be_taken_back(moderator, visitor, author, post):
    author.reply(post, "Hasty words")
    act(moderator, "rejection", 2)
    assert "Hasty words" not in visitor.get(post)


# ---- finding


def test_a_moderator_looks_for_some_of_them(moderator, visitor, author, post):
    visitor.reply(post, "Figs and 100% cheese", name="Ines", email="ines@example.org")
    visitor.reply(post, "See https://a.example")
    other = author.publish(author.write("Another day.", title="Another day"))
    visitor.reply(other, "Rain, then?")

    def found(**asked: str) -> list[int]:
        pages = [moderator.client.get(QUEUE, query_string=asked | {"status": tab}).text for tab in Tab]
        return sorted(number for page in pages for number in on_page(page))

    assert found() == [1, 2, 3, 4]
    assert found(q="FIGS") == found(q="ines@") == found(q="100%") == [2]
    assert found(q="_") == found(q="%%") == []
    assert found(links="yes") == [3]
    assert found(photos="yes") == []
    assert found(post="2") == [4]
    assert found(person="1") == [1, 3, 4]
    assert found(person="1", post="1", q="bay") == [1]
    page = moderator.get(f"{QUEUE}?post=2&q=rain")
    assert "status=spam&amp;q=rain&amp;post=2" in page or "q=rain&amp;post=2&amp;status=spam" in page
    assert "Nothing like that here." in moderator.get(f"{QUEUE}?q=nowhere")
    assert moved_to(act_in(moderator, "/comments/4/approval", post="2", q="rain")).endswith("q=rain&post=2")


def act_in(moderator: Visitor, address: str, **fields: object):
    return moderator.send(address, QUEUE, follow=False, **fields)


def test_an_entry_tells_who_writes(app, moderator, visitor, post):
    assert "First reply from this address." in moderator.get(QUEUE)
    visitor.reply(post, "Once more")
    act(moderator, "rejection", 1)
    page = moderator.get(QUEUE)
    assert "So far: 1 waiting, 1 rejected" in page
    found = db.session.get_one(Comment, 2)
    found.is_confirmed, found.commenter.standing = True, Standing.TRUSTED
    found.website, found.user_agent = "https://sofia.example", "Netscape 4"
    db.session.commit()
    page = moderator.get(QUEUE)
    for words in ("address confirmed", "trusted", "https://sofia.example", "Netscape 4"):
        assert words in page


def test_a_header_counts_what_waits(moderator, author, visitor, post):
    assert 'data-count="waiting">1<' in moderator.get("/")
    assert 'data-count="waiting">1<' in author.get("/desk/")
    assert "data-count" not in visitor.get("/")
    act(moderator, "approval")
    assert 'data-count="waiting" hidden>0<' in moderator.get("/")


# ---- several at once


def choose(moderator: Visitor, to: str, *chosen: str, headers: dict[str, str] | None = None, **more: object):
    fields = {"to": to, "comment": list(chosen), "csrf_token": moderator.token(QUEUE)}
    return moderator.client.post(f"{QUEUE}/decisions", data=fields | more, headers=headers)


def test_chosen_replies_are_decided_together_and_come_back_together(moderator, visitor, post):
    wait(3)
    answer = choose(moderator, "spam", "1.1", "2.1", "4.1", why="one sender")
    assert moved_to(answer) == f"{QUEUE}?status=pending"
    page = moderator.get(QUEUE)
    assert "3 replies marked as spam." in page
    assert [state(number) for number in (1, 2, 3, 4)] == [
        Status.SPAM,
        Status.SPAM,
        Status.PENDING,
        Status.SPAM,
    ]
    assert [row.why for row in db.session.scalars(select(ModerationLog))] == ["one sender"] * 3
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert {state(number) for number in (1, 2, 3, 4)} == {Status.PENDING}
    assert "Choose some replies first." in moderator.get(moved_to(choose(moderator, "spam")))
    assert choose(moderator, "nonsense", "1.1").status_code == 422
    assert choose(moderator, "spam", "x", "1.1.1", "-4", "9" * 30).status_code in (303, 302)


def test_what_changed_meanwhile_is_told_and_the_rest_is_done(app, moderator, person, post):
    wait(2)
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(iris, "rejection", 2)
    answer = choose(moderator, "approved", "1.1", "2.1", "3.1", "77.1")
    assert answer.status_code == 409
    assert "2 replies approved. 1 changed meanwhile" in answer.text
    assert "Iris rejected it" in answer.text
    assert "1 are no longer there." in answer.text
    assert on_page(answer.text) == [2]
    assert [state(number) for number in (1, 2, 3)] == [Status.APPROVED, Status.REJECTED, Status.APPROVED]
    again = choose(moderator, "approved", "1.2", "2.2", "3.2", headers=JSON)
    assert again.status_code == 200
    assert [entry["kind"] for entry in again.json["entries"]] == ["already", "done", "already"]
    assert again.json["counts"]["pending"] == "0"
    assert again.json["waiting"] == "0"


# ---- two at once


def test_a_second_moderator_sees_what_the_first_did(app, moderator, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    assert 'name="version" value="1"' in moderator.get(QUEUE)
    act_in(iris, "/comments/1/spam", version="1")
    late = act_in(moderator, "/comments/1/approval", version="1")
    assert late.status_code == 409
    assert "Iris marked it as spam" in late.text
    assert 'formaction="/comments/1/approval"' in late.text
    assert state() is Status.SPAM
    same = moderator.send("/comments/1/spam", QUEUE, version="1")
    assert "Iris marked it as spam already." in same.text
    assert len(log()) == 1
    version = re.search(r'formaction="/comments/1/approval" name="version" value="(\d+)"', late.text)
    moved_to(act_in(moderator, "/comments/1/approval", version=version[1]))
    assert state() is Status.APPROVED
    assert act_in(moderator, "/comments/1/approval", version="1").status_code == 302


def test_an_act_on_words_that_were_changed_meanwhile_does_nothing(moderator, post):
    found = db.session.get_one(Comment, 1)
    found.set_text("What a bay! Buy my boat.")
    found.edited_at = now()
    db.session.commit()
    late = act_in(moderator, "/comments/1/approval", version="1")
    assert late.status_code == 409
    assert "Its writer changed the words" in late.text
    assert "Buy my boat" in late.text
    assert state() is Status.PENDING


def race(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Do all of them at the same moment, each with a session of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with app.app_context():
            start.wait(timeout=10)
            result = act()
            db.session.remove()
            return result

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def decided(name: str, to: Status, *numbers: int) -> Callable[[], list[str]]:
    def act() -> list[str]:
        by = db.session.scalars(select(Person).where(Person.name == name)).one()
        return [outcome.kind.value for outcome in decide(dict.fromkeys(numbers, 1), to, by)]

    return act


def decide_at_the_same_moment(app: Flask) -> None:
    """Petra and Iris decide on the same twelve replies, in both orders, one of them one by one."""
    numbers = range(1, 13)
    one_by_one = [decided("Iris", Status.SPAM, number) for number in reversed(numbers)]
    kinds = race(
        app,
        decided("Petra", Status.APPROVED, *numbers),
        lambda: [kind for act in one_by_one for kind in act()][::-1],
    )
    for petras, iris in zip(*kinds, strict=True):
        assert sorted([petras, iris]) == ["changed", "done"]
    rows = db.session.scalars(select(ModerationLog)).all()
    assert sorted(row.comment_id for row in rows) == list(numbers)
    for row in rows:
        assert db.session.get_one(Comment, row.comment_id).status is row.after


def test_two_moderators_at_the_same_moment_never_overwrite_each_other(app, moderator, person, post):
    person("Iris", Role.MODERATOR)
    wait(11)
    decide_at_the_same_moment(app)


# ---- taking back


def test_undoing_goes_back_act_by_act(app, moderator, person, post):
    wait(1)
    act(moderator, "approval", 1)
    act(moderator, "spam", 2)
    act(moderator, "rejection", 1)
    words = [moderator.send(f"{QUEUE}/undo", QUEUE).text for _ in range(4)]
    assert "There is nothing left to undo." in words[3]
    assert all("Undone." in each for each in words[:3])
    assert (state(1), state(2)) == (Status.PENDING, Status.PENDING)
    assert [entry[1:] for entry in log()[3:]] == [
        ("approved", "rejected")[::-1],
        ("pending", "spam")[::-1],
        ("pending", "approved")[::-1],
    ]


def test_nobody_undoes_what_another_did_since(app, moderator, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(moderator, "approval")
    act(iris, "spam")
    act(iris, "approval")
    late = moderator.send(f"{QUEUE}/undo", QUEUE)
    assert late.status_code == 409
    assert "Iris approved it" in late.text
    assert state() is Status.APPROVED
    assert "nothing left to undo" in iris.send(f"{QUEUE}/undo", QUEUE, entry="1").text
    iris.send(f"{QUEUE}/undo", QUEUE)
    iris.send(f"{QUEUE}/undo", QUEUE)
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert state() is Status.PENDING


# ---- answering and editing


def test_a_moderator_answers_and_approves_with_it(moderator, visitor, post):
    page = moderator.get("/desk/moderation/1/reply")
    assert "Approve and reply" in page
    fields = {"version": "1", "text": ""}
    assert "Write a few words first." in moderator.send(f"{QUEUE}/1/reply", f"{QUEUE}/1/reply", **fields).text
    moderator.send(f"{QUEUE}/1/reply", f"{QUEUE}/1/reply", version="1", text="It *is*.")
    shown = visitor.get(post)
    assert shown.index("What a bay!") < shown.index("It <em>is</em>.")
    assert db.session.get_one(Comment, 2).parent_id == 1
    assert log() == [("Petra", "pending", "approved")]
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert "It <em>is</em>." not in visitor.get(post)


def test_an_answer_to_what_changed_meanwhile_is_kept_in_its_form(app, moderator, person, post):
    iris = Visitor(app.test_client()).sign_in(person("Iris", Role.MODERATOR))
    act(iris, "spam")
    late = moderator.send(f"{QUEUE}/1/reply", f"{QUEUE}/1/reply", version="1", text="Welcome!")
    assert late.status_code == 409
    assert "Iris marked it as spam" in late.text
    assert ">\r\nWelcome!</textarea>" in late.text or ">Welcome!</textarea>" in late.text
    assert state() is Status.SPAM
    assert db.session.scalars(select(Comment.id)).all() == [1]


def test_a_moderator_edits_and_the_log_keeps_the_words_before(moderator, visitor, post):
    act(moderator, "approval")
    edit = f"{QUEUE}/1/edit"
    assert "What a bay!" in moderator.get(edit)
    stale = moderator.send(edit, edit, version="1", text="What a **bay**!")
    assert stale.status_code == 409
    assert "Petra approved it" in stale.text
    moderator.send(edit, edit, version="2", text="What a **bay**!", why="a name taken out")
    assert "What a <strong>bay</strong>!" in visitor.get(post)
    assert "edited" in moderator.get(f"{QUEUE}?status=approved")
    entry = db.session.scalars(select(ModerationLog).where(ModerationLog.act == Act.EDITED)).one()
    assert (entry.detail["text"], entry.why) == ("What a bay!", "a name taken out")
    assert "The words before" in moderator.get(f"{QUEUE}/log")
    moderator.send(f"{QUEUE}/undo", QUEUE)
    assert "What a bay!" in visitor.get(post)
    assert db.session.get_one(Comment, 1).edited_at is None
    assert moderator.send(edit, edit, version="4", text=" ").status_code == 422


# ---- after thirty days


def test_what_was_rejected_or_spam_for_thirty_days_is_erased(app, moderator, visitor, conversation):
    visitor.reply(conversation, "Rude words")
    visitor.reply(conversation, "http://a.example http://b.example http://c.example")
    act(moderator, "rejection", 1)  # two answers stand below it
    act(moderator, "rejection", 5)
    sweep(app, days=29)
    assert len(db.session.scalars(select(Comment.id)).all()) == 6
    sweep(app, days=31)
    assert db.session.scalars(select(Comment.id).order_by(Comment.id)).all() == [1, 2, 3, 4]
    gone = db.session.get_one(Comment, 1)
    assert (gone.text, gone.email, gone.is_shown) == ("", "", False)
    assert "Beside it all" in visitor.get(conversation)
    assert "Rude words" in moderator.get(f"{QUEUE}/log")
    for number in (3, 2):
        act(moderator, "rejection", number)
    sweep(app, days=31)
    assert db.session.scalars(select(Comment.id)).all() == [4]


def sweep(app: Flask, days: int) -> None:
    """What the worker does so many days later."""
    for comment in db.session.scalars(select(Comment)):
        earlier = {"created_at": now() - timedelta(days=days), "moved_at": now() - timedelta(days=days)}
        db.session.execute(update(Comment).where(Comment.id == comment.id).values(**earlier))
    db.session.commit()
    for _ in range(3):
        app.extensions["jobs"].sweep_now()
    db.session.rollback()
