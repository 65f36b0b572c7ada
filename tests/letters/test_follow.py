"""Readers follow a thread: they say yes twice, and hear of each reply once, if everybody can read it."""

import re
import threading
import time
from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import delete, select, update

from blog.comments import confirmation, confirming
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters import following, views
from blog.letters.links import Purpose, token_for
from blog.letters.models import Follow, Silence
from blog.mail.models import Mail
from blog.posts.models import Post
from tests.conftest import Visitor
from tests.letters.conftest import confirmed, links, one_link
from tests.mail.hosts import words_of

QUEUE = "/desk/moderation"


def approve(moderator: Visitor, *numbers: int, verb: str = "approval") -> None:
    for number in numbers:
        assert moderator.send(f"/comments/{number}/{verb}", QUEUE).status_code == 200


def follows() -> list[tuple[str, bool]]:
    db.session.rollback()
    return [(f.email, f.confirmed_at is not None) for f in db.session.scalars(select(Follow))]


def meanwhile(act):
    """The same act, but the first time a moderator comes in between: what it read is old by then."""
    left = [1]

    def slow(*about: object) -> object:
        if left:
            left.pop()
            with db.engine.begin() as other:
                other.execute(update(Comment).values(version=Comment.version + 1))
        return act(*about)

    return slow


@pytest.mark.parametrize("answer", ["mine", "not mine", "write to me"])
def test_a_yes_or_no_counts_also_while_a_moderator_decides(letters, post, visitor, monkeypatch, answer):
    visitor.reply(post, "How far is it?", name="Sofia")
    letters.ask(1, "sofia")
    link = f"/replies/confirmation/{confirmation.token_for(db.session.get_one(Comment, 1))}"
    address = {
        "mine": link,
        "not mine": f"{link}/refusal",
        "write to me": one_link(letters.to("Sofia")[0], "confirmation"),
    }[answer]
    monkeypatch.setattr(confirming, "confirm", meanwhile(confirming.confirm))
    monkeypatch.setattr(confirming, "disown", meanwhile(confirming.disown))
    monkeypatch.setattr(views, "said_yes", meanwhile(views.said_yes))
    assert visitor.client.post(address).status_code == 200
    kept = db.session.get_one(Comment, 1)
    assert kept.is_confirmed is (answer != "not mine")
    assert kept.status is (Status.SPAM if answer == "not mine" else Status.PENDING)
    assert kept.version > 2


def test_a_reader_says_yes_twice_and_hears_of_what_was_approved(app, letters, post, visitor, moderator):
    visitor.reply(post, "How far is it?", name="Sofia")
    letters.ask(1, "sofia")
    (asked,) = letters.to("Sofia")
    assert asked["Subject"] == "Replies to “By the sea”: shall we write to you?"
    assert "Sofia" not in words_of(asked)
    assert "How far" not in words_of(asked)
    assert follows() == [("sofia@example.org", False)]
    page = visitor.get(one_link(asked, "confirmation"))
    assert "Yes, write to me" in page
    assert follows() == [("sofia@example.org", False)]
    answer = visitor.client.post(one_link(asked, "confirmation"))
    assert "You will hear of new replies to “By the sea”." in answer.text
    assert follows() == [("sofia@example.org", True)]

    visitor.reply(post, "Forty kilometres.", name="Iris", email="iris@example.org")
    letters.pass_time(minutes=10)
    assert len(letters.to("Sofia")) == 1  # nobody approved it yet
    approve(moderator, 2)
    letters.sweep()
    assert len(letters.to("Sofia")) == 1  # nor did it stand for long enough
    letters.pass_time(minutes=3)
    (_asked, told) = letters.to("Sofia")
    assert told["Subject"] == "Iris replied on “By the sea”"
    for kind in ("plain", "html"):
        assert "Forty kilometres." in words_of(told, kind)
        assert "iris@example.org" not in words_of(told, kind)
        assert f"http://localhost{post}#comment-2" in words_of(told, kind)
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    letters.pass_time(minutes=10)
    approve(moderator, 2, verb="rejection")
    approve(moderator, 2)
    letters.pass_time(minutes=10)
    assert len(letters.to("Sofia")) == 2


def test_nobody_hears_of_their_own_words_or_of_what_stood_before(letters, post, visitor, moderator):
    visitor.reply(post, "How far is it?")
    approve(moderator, 1)
    letters.pass_time(minutes=5)
    letters.follow("Sofia")
    letters.follow("Iris")
    visitor.reply(post, "Nobody knows?", email="SOFIA@example.org")
    approve(moderator, 2)
    letters.pass_time(minutes=5)
    assert letters.to("Sofia") == []
    assert letters.subjects("Iris") == ["Sofia replied on “By the sea”"]


def test_one_who_follows_a_reply_hears_of_all_that_answers_it(letters, post, visitor, moderator):
    for number, parent in ((1, ""), (2, "1"), (3, "2"), (4, "")):
        visitor.reply(post, f"Words {number}", name=f"Writer {number}", parent_id=parent)
        approve(moderator, number)
    db.session.execute(update(Comment).values(email="somebody@example.org"))
    letters.follow("Iris", comment_id=1)
    letters.follow("Bob", comment_id=3)
    letters.follow("Ada")
    letters.follow("Ada", comment_id=1)
    letters.pass_time(minutes=5)
    (iris,), (ada,) = letters.to("Iris"), letters.to("Ada")
    assert iris["Subject"] == "2 new replies on “By the sea”"
    assert ada["Subject"] == "4 new replies on “By the sea”"
    assert "Words 2" in words_of(iris)
    assert "Words 3" in words_of(iris)
    assert "Words 4" not in words_of(iris)
    assert letters.to("Bob") == []


def test_a_browser_that_reads_the_mail_is_believed_at_once(app, letters, post, visitor):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "sofia", reader=confirmed(app, visitor, "sofia@example.org"))
    assert follows() == [("sofia@example.org", True)]
    letters.ask(1, "iris", reader=visitor)  # another's address is asked all the same
    assert follows()[1] == ("iris@example.org", False)
    assert (letters.to("Sofia"), len(letters.to("Iris"))) == ([], 1)


def test_an_address_is_asked_a_few_times_a_day(letters, post, visitor, author):
    other = author.publish(author.write("More.", title="Inland"))
    for _ in range(3):
        visitor.reply(post, "How far is it?")
        visitor.reply(other, "And here?")
    for number in range(1, 7):
        letters.ask(number, "victim", what="mine")
    assert len(letters.to("Victim")) == 3
    assert len(follows()) == 3
    db.session.execute(update(Mail).values(created_at=now() - timedelta(hours=25)))
    db.session.commit()
    letters.ask(6, "victim", what="mine")
    assert len(letters.to("Victim")) == 4


def test_what_robots_send_asks_nobody(letters, post, visitor):
    visitor.reply(post, "Casino! https://a.example https://b.example https://c.example")
    assert db.session.get_one(Comment, 1).status is Status.SPAM
    letters.ask(1, "victim")
    letters.ask(99, "victim")
    letters.ask(1, "")
    assert (letters.host.messages(), follows()) == ([], [])


def test_asking_twice_is_asking_once(letters, post, visitor):
    visitor.reply(post, "How far is it?")
    for _ in range(2):
        letters.ask(1, "Sofia")
        letters.ask(1, "sofia", what="mine")
    assert follows() == [("sofia@example.org", False)] * 2
    for letter in letters.to("Sofia"):
        visitor.client.post(one_link(letter, "confirmation"))
    letters.ask(1, "sofia")
    assert len(letters.to("Sofia")) == 3
    assert {is_confirmed for _, is_confirmed in follows()} == {True}


def test_who_never_says_yes_is_forgotten_and_hears_nothing(letters, post, visitor, moderator):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "victim")
    approve(moderator, 1)
    letters.pass_time(minutes=10)
    assert len(letters.to("Victim")) == 1
    db.session.execute(update(Follow).values(created_at=now() - timedelta(days=8)))
    db.session.commit()
    letters.sweep()
    assert follows() == []
    assert "Nobody asks for these letters any more" in visitor.get(
        one_link(letters.to("Victim")[0], "confirmation"), 404
    )


def test_old_and_imported_replies_are_told_to_nobody(letters, post, visitor, moderator):
    letters.follow("Iris")
    visitor.reply(post, "From another year.")
    approve(moderator, 1)
    letters.pass_time(days=8)
    assert letters.to("Iris") == []
    assert db.session.get_one(Comment, 1).told_at is not None


def test_a_story_that_was_taken_back_is_not_talked_about(letters, post, visitor, author, moderator):
    letters.follow("Iris")
    visitor.reply(post, "How far is it?")
    approve(moderator, 1)
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    letters.pass_time(minutes=5)
    assert letters.to("Iris") == []
    author.publish("/desk/posts/1")
    letters.sweep()
    assert len(letters.to("Iris")) == 1


def test_many_replies_come_in_one_letter(letters, post, visitor, moderator):
    letters.follow("Iris")
    for number in range(1, 13):
        visitor.reply(post, f"Words {number}.", name="Sofia")
    db.session.execute(update(Comment).values(status=Status.APPROVED, is_shown=True))
    db.session.commit()
    letters.pass_time(minutes=5)
    (letter,) = letters.to("Iris")
    assert letter["Subject"] == "12 new replies on “By the sea”"
    assert "Words 10." in words_of(letter)
    assert "Words 11." not in words_of(letter)
    assert "And 2 more" in words_of(letter)


def test_what_is_rejected_while_a_letter_waits_is_left_out_of_it(letters, post, visitor, moderator):
    letters.follow("Iris")
    for words in ("A good word.", "A vile word."):
        visitor.reply(post, words)
    approve(moderator, 1, 2)
    letters.host.to_recipient = ["451 Later"]
    letters.pass_time(minutes=5)
    assert letters.to("Iris") == []
    approve(moderator, 2, verb="rejection")
    retry(letters)
    (letter,) = letters.to("Iris")
    assert letter["Subject"] == "Sofia replied on “By the sea”"
    assert "vile" not in words_of(letter) + words_of(letter, "html")


def test_what_is_edited_or_erased_while_a_letter_waits_is_told_as_it_is_now(
    letters, post, visitor, moderator
):
    letters.follow("Iris")
    for words in ("Call me: 555 0100.", "My secret."):
        visitor.reply(post, words)
    approve(moderator, 1, 2)
    visitor.reply(post, "An answer.", parent_id="2")
    letters.host.to_recipient = ["451 Later"]
    letters.pass_time(minutes=5)
    first, second = db.session.get_one(Comment, 1), db.session.get_one(Comment, 2)
    first.set_text("Call me.")
    second.erase()  # an answer stands below it: its place stays
    db.session.commit()
    assert db.session.get_one(Comment, 2).is_shown
    retry(letters)
    (letter,) = letters.to("Iris")
    assert "Call me." in words_of(letter)
    assert not re.search("555|secret", words_of(letter) + words_of(letter, "html"))


def test_a_letter_of_nothing_but_what_was_rejected_never_goes_out(letters, post, visitor, moderator):
    letters.follow("Iris")
    visitor.reply(post, "A vile word.")
    approve(moderator, 1)
    letters.host.to_recipient = ["451 Later"]
    letters.pass_time(minutes=5)
    approve(moderator, 1, verb="spam")
    retry(letters)
    assert letters.to("Iris") == []
    errors = select(Mail.last_error).where(Mail.kind == following.REPLIES)
    assert db.session.scalars(errors).all() == ["It was no longer wanted."]


def test_who_leaves_while_a_letter_waits_gets_none(letters, post, visitor, moderator):
    letters.follow("Iris")
    visitor.reply(post, "A good word.")
    approve(moderator, 1)
    letters.host.to_recipient = ["451 Later"]
    letters.pass_time(minutes=5)
    db.session.execute(delete(Follow))
    db.session.commit()
    retry(letters)
    assert letters.to("Iris") == []


def retry(letters) -> None:
    db.session.rollback()
    db.session.execute(update(Mail).values(next_try_at=now() - timedelta(seconds=1)))
    db.session.commit()
    letters.sweep()


def test_eight_workers_tell_once(app, letters, post, visitor, moderator):
    for name in ("Iris", "Bob", "Ada"):
        letters.follow(name)
    visitor.reply(post, "How far is it?")
    approve(moderator, 1)
    app.extensions["jobs"].immediate = False
    db.session.execute(update(Comment).values(moved_at=now() - timedelta(minutes=5)))
    db.session.commit()

    def work() -> None:
        with app.app_context():
            following.tell_followers()

    together(work)
    assert sorted(db.session.scalars(select(Mail.to).where(Mail.kind == following.REPLIES))) == [
        "ada@example.org",
        "bob@example.org",
        "iris@example.org",
    ]


def together(work) -> None:
    db.session.rollback()
    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_a_worker_that_dies_before_the_commit_told_nobody(
    app, letters, post, visitor, moderator, monkeypatch
):
    letters.follow("Iris")
    letters.follow("Bob")
    visitor.reply(post, "How far is it?")
    approve(moderator, 1)
    original, written = following.post_letter, []

    def die_at_the_second(*arguments: object, **values: object) -> None:
        written.append(arguments)
        if len(written) == 2:
            raise KeyboardInterrupt
        original(*arguments, **values)

    monkeypatch.setattr(following, "post_letter", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        letters.pass_time(minutes=5)
    db.session.rollback()
    monkeypatch.setattr(following, "post_letter", original)
    letters.sweep()
    assert (len(letters.to("Iris")), len(letters.to("Bob"))) == (1, 1)


EVIL = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "Bob\r\nBcc: everyone@example.org",
    '"><a href="javascript:alert(1)">x</a>',
    "\u202egro.elpmaxe\u2066",
    "{{ 7 * 7 }}{% raw %}%(name)s",
    "a" * 9000,
]


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_words_of_strangers_stay_words(letters, post, visitor, moderator, evil):
    letters.follow("Iris")
    visitor.reply(post, evil, name=evil[:60])
    approve(moderator, 1)
    letters.pass_time(minutes=5)
    (letter,) = letters.to("Iris")
    text, html = words_of(letter), words_of(letter, "html")
    assert "Bcc" not in letter
    for tag in ("<script", "<img", 'javascript:alert(1)">', "onerror=alert(1)>"):
        assert tag not in html
    assert not set("\u202e\u2066") & set(text + html + letter["Subject"])
    assert "7 * 7" in text or "7 * 7" not in evil
    assert max(map(len, text.splitlines())) < 400
    assert len(html) < 12_000


def test_every_payload_of_the_shared_data_stays_words(letters, post, visitor, moderator, shared_data):
    letters.follow("Iris")
    payloads = [
        p.read_text(errors="replace")
        for p in sorted((shared_data / "hostile" / "html").iterdir())
        if p.is_file()
    ]
    assert payloads
    for payload in payloads:
        letters.host.letters.clear()
        db.session.execute(delete(Comment))
        db.session.commit()
        visitor.reply(post, payload[:9000] or "x", name=payload.strip()[:70] or "x")
        db.session.execute(update(Comment).values(status=Status.APPROVED, is_shown=True))
        db.session.commit()
        letters.pass_time(minutes=5)
        for letter in letters.to("Iris"):
            html = words_of(letter, "html")
            body = html[html.index("<main>") :]
            assert set(tags(body)) <= {
                "main",
                "h1",
                "div",
                "p",
                "strong",
                "blockquote",
                "br",
                "a",
                "footer",
                "body",
                "html",
            }


def tags(html: str) -> list[str]:
    return [name.lower() for name in re.findall(r"</?([a-zA-Z][\w-]*)", html)]


FORGED = [
    lambda app, good: good[:-5] + ("A" if good[-5] != "A" else "B") + good[-4:],
    lambda app, good: "x" + good,
    lambda app, good: "x",
    lambda app, good: "%00",
    lambda app, good: good.split(".")[0],
    lambda app, good: URLSafeTimedSerializer("another key", salt=Purpose.CONFIRM.value).dumps(
        [1, "sofia@example.org"]
    ),
    lambda app, good: token_for(Purpose.UNSUBSCRIBE, "sofia@example.org", 1),  # good for something else
    lambda app, good: URLSafeTimedSerializer(app.secret_key, salt="commenter").dumps("sofia@example.org"),
]


@pytest.mark.parametrize("forge", FORGED, ids=range(len(FORGED)))
def test_a_forged_link_confirms_nothing(app, letters, post, visitor, forge):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "sofia")
    token = one_link(letters.to("Sofia")[0], "confirmation").rsplit("/", 1)[1]
    address = f"/letters/confirmation/{forge(app, token)}"
    visitor.get(address, 404)
    assert visitor.client.post(address).status_code == 404
    assert follows() == [("sofia@example.org", False)]


def test_a_link_is_good_for_a_week(app, letters, post, visitor, monkeypatch):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "sofia")
    address = one_link(letters.to("Sofia")[0], "confirmation")
    in_eight_days = time.time() + 8 * 86400
    monkeypatch.setattr(time, "time", lambda: in_eight_days)
    assert "good for a week" in visitor.get(address, 410)
    assert visitor.client.post(address).status_code == 410
    assert follows() == [("sofia@example.org", False)]


def test_another_site_confirms_nothing(letters, post, visitor):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "sofia")
    address = one_link(letters.to("Sofia")[0], "confirmation")
    assert visitor.client.post(address, headers={"Origin": "https://evil.example"}).status_code == 403
    assert follows() == [("sofia@example.org", False)]


def test_saying_yes_lets_the_browser_be_believed_from_then_on(letters, post, visitor):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "sofia", what="mine")
    visitor.client.post(one_link(letters.to("Sofia")[0], "confirmation"))
    letters.ask(1, "sofia", reader=visitor)
    assert follows() == [("sofia@example.org", True)] * 2
    assert len(letters.to("Sofia")) == 1
    assert db.session.scalar(select(Silence)) is None
    assert db.session.scalar(select(Post.title)) == "By the sea"
    assert links(letters.to("Sofia")[0])


def test_who_says_yes_to_letters_says_yes_to_the_reply_they_see(letters, post, visitor, moderator):
    visitor.reply(post, "How far is it?", follow="mine")
    address = one_link(letters.to("Sofia")[0], "confirmation")
    page = visitor.get(address)
    assert "How far is it?" in page
    assert "That was not me" in page
    assert not db.session.get_one(Comment, 1).is_confirmed  # a program that looks into mail says nothing
    visitor.client.post(address)
    assert db.session.get_one(Comment, 1).is_confirmed
    assert follows() == [("sofia@example.org", True)]
    assert "That was not me" not in visitor.get(address)
    assert db.session.scalars(select(Mail.kind)).all() == [following.CONFIRMATION]  # one letter asks for both


def test_who_did_not_write_the_reply_says_so_and_follows_nothing(letters, post, visitor):
    visitor.reply(post, "How far is it?", follow="mine")
    page = visitor.get(one_link(letters.to("Sofia")[0], "confirmation"))
    (refusal,) = re.findall(r'action="(/replies/confirmation/[^"]+/refusal)"', page)
    assert "somebody else used your address" in visitor.client.post(refusal).text
    assert db.session.get_one(Comment, 1).status is Status.SPAM
    assert follows() == [("sofia@example.org", False)]


def test_a_letter_says_nothing_of_a_reply_under_another_address(letters, post, visitor):
    visitor.reply(post, "How far is it?")
    letters.ask(1, "iris")
    address = one_link(letters.to("Iris")[0], "confirmation")
    assert "How far is it?" not in visitor.get(address)
    visitor.client.post(address)
    assert not db.session.get_one(Comment, 1).is_confirmed
