"""Readers find their way through a thread of any size and shape, and every reply has one place in it."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from benchmarks.busy_post import grow
from blog.accounts.models import Person, Role, find_person
from blog.comments import threads, views
from blog.comments.deciding import undo_on
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import move
from blog.comments.threads import ON_PAGE, ROOTS
from blog.comments.verdict import Status, Verdict
from blog.comments.views import FRAGMENT
from blog.db import db, now
from blog.posts.models import Post
from tests.conftest import Visitor, moved_to, value

PIECE = {"Accept": FRAGMENT}
STEP = re.compile(r'<li class="comment[^"]*" id="comment-(\d+)"|<li class="more"[^>]*><a[^>]*href="([^"]+)"')
SHAPES = {
    "deep": lambda number: number - 1 if number else None,
    "flat": lambda number: 0 if number else None,
    "roots": lambda _number: None,
    "mixed": lambda number: (number * 7) % number if number % 5 else None,
}

Tree = list[tuple[int | None, Status]]


@pytest.fixture
def address(author: Visitor) -> str:
    """A published post."""
    return author.publish(author.write("We set out along the bay."))


@pytest.fixture
def post(address: str) -> Post:
    return db.session.scalars(select(Post)).one()


@contextmanager
def few_on_a_page() -> Iterator[None]:
    """Pages of three branches and seven comments: a small thread has many."""
    queries = (threads.page_query, threads.branch_query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "ROOTS", 3)
        patch.setattr(threads, "ON_PAGE", 7)
        for query in queries:
            query.cache_clear()
        yield
    for query in queries:
        query.cache_clear()


@pytest.fixture
def small_pages() -> Iterator[None]:
    with few_on_a_page():
        yield


def shape(name: str, count: int) -> list[int | None]:
    return [SHAPES[name](number) for number in range(count)]


def numbers(page: str) -> list[int]:
    return [int(found) for found, _link in STEP.findall(page) if found]


def links(page: str) -> list[str]:
    return [unescape(link) for _number, link in STEP.findall(page) if link]


def walk(reader: Visitor, address: str) -> Iterator[int]:
    """Every comment, in the order of somebody who opens whatever is left out, where it is left out."""
    for number, link in STEP.findall(reader.get(address.partition("#")[0], headers=PIECE)):
        if number:
            yield int(number)
        else:
            yield from walk(reader, unescape(link))


def expected(newest_first: bool = False) -> list[int]:
    """The same by a plain walk down the tree."""
    below: dict[int | None, list[Comment]] = {}
    for comment in db.session.scalars(select(Comment).order_by(Comment.id)):
        below.setdefault(comment.parent_id, []).append(comment)

    def down(comment: Comment) -> list[int]:
        if comment.status is not Status.APPROVED:
            return []
        return [comment.id, *(number for answer in below.get(comment.id, []) for number in down(answer))]

    roots = below.get(None, [])
    return [number for root in (reversed(roots) if newest_first else roots) for number in down(root)]


def plant(post: Post, tree: Tree) -> list[Comment]:
    planted: list[Comment] = []
    for parent, status in tree:
        above = None if parent is None else planted[parent]
        planted.append(add_comment(post, above, "Sofia", "sofia@example.org", "Words.", Verdict(status)))
    db.session.commit()
    return planted


def uproot() -> None:
    db.session.execute(delete(Comment))
    db.session.commit()


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Up to thirty comments; each answers nothing or one before it, and most are approved."""
    statuses = st.sampled_from([Status.APPROVED] * 5 + [Status.PENDING, Status.SPAM, Status.REJECTED])
    count = draw(st.integers(1, 30))
    parents = [draw(st.none() | st.integers(0, number - 1)) if number else None for number in range(count)]
    return [(parent, draw(statuses)) for parent in parents]


thirty = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@thirty
@given(tree=trees())
def test_all_pages_together_are_the_thread(app, visitor, address, post, small_pages, tree):
    plant(post, tree)
    for order in ("oldest", "newest"):
        found = list(walk(visitor, f"{address}/comments?order={order}"))
        assert found == expected(order == "newest")
    uproot()


@thirty
@given(tree=trees(), seed=st.integers(0, 2**32))
def test_whatever_moderators_do_readers_see_what_is_approved_up_to_its_root(
    app, visitor, person, address, post, small_pages, tree, seed
):
    moderate_at_random(plant(post, tree), person("Petra", Role.MODERATOR), random.Random(seed))
    for comment in db.session.scalars(select(Comment)):
        assert comment.is_shown == (
            comment.status is Status.APPROVED and (comment.parent is None or comment.parent.is_shown)
        )
    assert list(walk(visitor, f"{address}/comments")) == expected()
    uproot()


def moderate_at_random(planted: list[Comment], moderator: Person, chance: random.Random) -> None:
    """Move, take back and erase some of them, each in a transaction of its own."""
    for comment in chance.sample(planted, len(planted)):
        act = chance.random()
        if act < 0.15:
            comment.erase()
        elif act < 0.4:
            undo_on(comment.id, moderator)
        else:
            move(comment, chance.choice(list(Status)), by=moderator)
        db.session.commit()


@pytest.mark.parametrize("name", SHAPES)
def test_every_reply_has_a_lasting_address_that_leads_to_it(app, visitor, address, post, small_pages, name):
    grow(post, shape(name, 40))
    for number in range(1, 41):
        place = moved_to(visitor.client.get(f"/comments/{number}"))
        assert place.endswith(f"#comment-{number}")
        page = visitor.get(place.partition("#")[0])
        assert number in numbers(page)
        assert len(numbers(page)) <= threads.ON_PAGE + 1


@pytest.mark.parametrize("name", SHAPES)
def test_three_thousand_replies_are_read_page_by_page(app, visitor, address, post, name):
    grow(post, shape(name, 3000))
    page = visitor.get(address)
    assert "3,000 replies" in page
    assert len(numbers(page)) <= ON_PAGE
    assert len(numbers(page)) == (ROOTS if name == "roots" else ON_PAGE) or name == "mixed"
    found = list(walk(visitor, f"{address}/comments"))
    assert len(found) == 3000
    assert found == sorted(found) if name != "mixed" else set(found) == set(range(1, 3001))


def test_a_reader_turns_pages_forwards_and_back_without_scripts(app, visitor, address, post):
    grow(post, shape("roots", 60))
    first = visitor.get(address)
    assert numbers(first) == list(range(1, 26))
    assert "Earlier replies" not in first
    second = visitor.get(links(first)[-1])
    assert numbers(second) == list(range(26, 51))
    third = visitor.get(links(second)[-1])
    assert numbers(third) == list(range(51, 61))
    assert "Later replies" not in third
    assert numbers(visitor.get(earlier(third))) == list(range(26, 51))
    again = visitor.get(earlier(second))
    assert numbers(again) == list(range(1, 26))
    assert earlier(again) is None
    newest = visitor.get(f"{address}/comments?order=newest")
    assert numbers(newest) == list(range(60, 35, -1))
    older = visitor.get(links(newest)[-1])
    assert numbers(older) == list(range(35, 10, -1))
    assert numbers(visitor.get(earlier(older))) == list(range(60, 35, -1))


def earlier(page: str) -> str | None:
    found = re.search(r'<p class="earlier"><a[^>]*href="([^"]+)"', page)
    return unescape(found[1]) if found else None


def test_a_long_branch_opens_on_a_page_of_its_own(app, visitor, address, post):
    grow(post, [None, *[0] * 250, None])
    page = visitor.get(address)
    assert "Show 152 more replies" in page
    branch = visitor.get(links(page)[0])
    assert "One conversation" in branch
    assert "All 252 replies" in branch
    assert numbers(branch) == [1, *range(100, 200)]
    assert "Show 52 more replies" in branch
    assert numbers(visitor.get(links(branch)[-1])) == [1, *range(200, 252)]
    assert numbers(visitor.get(links(branch)[0])) == list(range(1, 101))


def test_replies_to_any_reply_are_written_from_any_page(app, visitor, address, post):
    grow(post, shape("roots", 80))
    for page in (
        address,
        f"{address}/comments",
        f"{address}/comments?after=25",
        f"{address}/comments?branch=3",
    ):
        assert '<form class="reply-form"' in visitor.get(page)
        name = db.session.get_one(Comment, 77).name
        answering = visitor.get(f"{page}{'&' if '?' in page else '?'}reply=77")
        assert f"Replying to {name}" in answering
        assert value(answering, "parent_id") == "77"
    assert 'href="?reply=77#reply"' in visitor.get(f"{address}/comments?after=75")


def test_a_writer_sees_the_waiting_reply_in_the_longest_thread(app, visitor, address, post):
    grow(post, shape("roots", 80))
    for parent, last in (("", None), ("3", "comment-3"), ("70", None)):
        own = moved_to(visitor.reply(address, f"My words to {parent}.", parent_id=parent))
        page = visitor.get(own.partition("#")[0])
        assert page.count(f"My words to {parent}.") == 1
        assert page.count("Only you can see it") == 1
        waiting = own.partition("#")[2]
        assert f'id="{waiting}"' in page
        if last:
            assert f"comment-{numbers(page)[numbers(page).index(int(waiting[8:])) - 1]}" == last
        assert "My words" not in visitor.get(address)


def test_counts_are_right_at_once_when_a_parent_is_approved_or_rejected(
    app, visitor, moderator, address, post
):
    grow(post, [None, 0, 1, 0, None])
    assert "5 replies" in visitor.get(address)
    queue = "/desk/moderation"
    moderator.send("/comments/1/rejection", queue)
    assert "1 reply<" in visitor.get(address)
    moderator.send("/comments/2/rejection", queue)
    moderator.send("/comments/1/approval", queue)
    page = visitor.get(address)
    assert "3 replies" in page
    assert numbers(page) == [1, 4, 5]
    assert numbers(visitor.get(f"{address}/comments?branch=1")) == [1, 4]
    moderator.send("/comments/2/approval", queue)
    assert "5 replies" in visitor.get(address)


def test_a_reply_shows_who_wrote_it_to_whom_and_what_became_of_it(app, visitor, author, address, post):
    jonas = find_person("jonas@example.org")
    approved = Verdict(Status.APPROVED)
    sofia = add_comment(
        post, None, "Sofia", "s@example.org", "First.", approved, website="https://sofia.example/"
    )
    iris = add_comment(
        post, sofia, "Iris", "i@example.org", "Second.", approved, website="javascript:alert(1)"
    )
    add_comment(post, iris, "Jonas", "jonas@example.org", "Third.", approved, jonas)
    petra = add_comment(post, sofia, "Petra", "p@example.org", "Fourth.", approved, edited_at=now())
    add_comment(post, petra, "Jun", "j@example.org", "Fifth.", approved)
    db.session.commit()
    page = visitor.get(address)
    assert '<a href="https://sofia.example/" rel="nofollow ugc noopener">Sofia</a>' in page
    assert "javascript:" not in page
    assert page.count('class="by-author"') == 1
    assert page.count("· edited") == 1
    assert page.count("to Sofia</a>") == 1  # what stands right below needs no words
    petra.erase()
    iris.erase()
    db.session.commit()
    page = visitor.get(address)
    assert page.count("This reply was removed.") == 2
    assert "Second." not in page
    assert "Petra" not in page
    assert "Fifth." in page
    assert "5 replies" in page
    beyond = visitor.get(f"{address}/comments?branch=1&after=4")
    assert "to a removed reply</a>" in beyond


def test_the_deepest_replies_say_whom_they_answer(app, visitor, address, post):
    grow(post, shape("deep", 60))
    page = visitor.get(address)
    assert numbers(page) == list(range(1, 61))
    assert page.count("depth-4") == 56
    assert page.count('· <a href="/comments/') == 60 + 55


@pytest.mark.parametrize(
    "question",
    [
        "after=x",
        "after=-1",
        "before=99999999999999999999",
        "after=%00",
        "after=²",
        "order=sideways",
        "reply=99999999999999999999",
        "after=999999999",
        "before=1",
    ],
)
def test_strange_questions_get_a_page(app, visitor, address, post, question):
    grow(post, shape("mixed", 30))
    assert "30 replies" in visitor.get(f"{address}/comments?{question}")
    visitor.get(f"{address}/comments?{question}", headers=PIECE)
    visitor.get(f"{address}/comments?branch=1&{question}")


def test_what_is_not_shown_has_no_page(app, visitor, author, moderator, address, post):
    grow(post, [None, 0, None])
    other = author.publish(author.write("Another story.", title="Another"))
    moderator.send("/comments/3/rejection", "/desk/moderation")
    for branch in (2, 3, 4, 999_999_999):
        visitor.get(f"{address}/comments?branch={branch}", 404)
    visitor.get(f"{other}/comments?branch=1", 404)
    assert numbers(visitor.get(f"{other}/comments?after=0")) == []
    assert "No replies yet" in visitor.get(f"{other}/comments")
    author.send("/desk/posts/1/withdrawal", "/desk/posts/1")
    for gone in (f"{address}/comments", f"{address}/comments?branch=1", "/comments/1"):
        visitor.get(gone, 404)


def test_a_piece_for_scripts_is_never_given_to_people(app, visitor, address, post):
    grow(post, [None])
    piece = visitor.client.get(f"{address}/comments", headers=PIECE)
    assert piece.text.lstrip().startswith("<li")
    assert "Accept" in piece.headers["Vary"]
    assert "<html" in visitor.get(f"{address}/comments")
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 1


def test_an_answer_below_what_is_hidden_meanwhile_is_hidden(author, address, post, monkeypatch):
    add_comment(post, None, "Sofia", "", "First", Verdict(Status.APPROVED))
    db.session.commit()

    def meanwhile(*about, **more) -> Comment:
        with db.engine.begin() as other:  # a moderator rejects it
            other.execute(update(Comment).values(status=Status.REJECTED, is_shown=False))
        return add_comment(*about, **more)

    monkeypatch.setattr(views, "add_comment", meanwhile)
    author.reply(address, "Second", parent_id="1")
    assert [row.is_shown for row in db.session.scalars(select(Comment))] == [False, False]
    assert db.session.get_one(Comment, 2).parent_id == 1
