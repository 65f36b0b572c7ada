"""The moderators' queue with many waiting: time, queries and bytes of its pages, beside few.

    python -m benchmarks.moderation

Makes one post in a temporary folder and lets 100, then 10,000 replies of 500 people wait under it, most of
them answers; a hundredth is reported, and a moderator has decided on some. Prints each page of the queue, a
search, a decision on fifty replies and its undo. The time is that of the processor.
"""

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks.busy_post import Words, site
from benchmarks.pages import counted
from blog.accounts.models import Person, Role, create_person
from blog.comments.commenters import commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import Report, move
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.posts.models import Post, create_post

SIZES = (100, 10_000)
PEOPLE, TIMES, AT_ONCE = 500, 9, 50
PASSWORD = "a long enough password"
QUEUE = "/desk/moderation"
PAGES = {
    "pending, first page": QUEUE,
    "pending, in the middle": f"{QUEUE}?after={{middle}}",
    "reported": f"{QUEUE}?status=reported",
    "approved": f"{QUEUE}?status=approved",
    "search for a word": f"{QUEUE}?q=harbour",
    "search for what is not there": f"{QUEUE}?q=zebra",
    "one person": f"{QUEUE}/people/7",
    "log": f"{QUEUE}/log",
    "home page, for its header": "/",
}


def main() -> None:
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        app = site(Path(name), JOBS_AT_ONCE=True)
        for size in SIZES:
            with app.app_context():
                fill(size)
            measure(app, size, figures)
    print(f"\n{'':34} time with {SIZES[1]:,} to time with {SIZES[0]:,}")
    for label, (few, many) in figures.items():
        print(f"  {label:32} {many / few:6.2f}")


def fill(size: int) -> None:
    """Bring those that wait to so many; for each fifty of them one stands under the post, and is answered."""
    petra = db.session.scalar(select(Person).where(Person.name == "Petra")) or begin()
    words = Words(size)
    have = db.session.scalar(select(func.count()).where(Comment.status == Status.PENDING)) or 0
    for number in range(have, size):
        if number % 50 == 0:
            shown = add(number, words)
            move(shown, Status.APPROVED, petra)
        comment = add(number, words, shown if number % 3 else None)
        if number % 100 == 0:
            db.session.add(Report(comment_id=comment.id, reason="rude"))
    db.session.commit()


def add(number: int, words: Words, parent: Comment | None = None) -> Comment:
    post, email = db.session.scalars(select(Post)).one(), f"reader{number % PEOPLE}@example.org"
    verdict = Verdict(Status.PENDING, ("It has a link.",) if number % 7 == 0 else ())
    commenter = commenter_for(email, "Reader")
    text = words.paragraph(8, 60)
    return add_comment(post, parent, "Reader", email, text, verdict, commenter=commenter)


def begin() -> Person:
    mina = create_person("Mina", "mina@example.org", PASSWORD, Role.AUTHOR)
    petra = create_person("Petra", "petra@example.org", PASSWORD, Role.MODERATOR)
    db.session.flush()
    post = create_post("By the sea", mina, None)
    post.save_text(post.title, "", "We set out along the bay.", mina)
    post.publish()
    db.session.commit()
    return petra


def measure(app: Flask, size: int, figures: dict[str, list[float]]) -> None:
    client = signed_in(app)
    print(f"{size:,} wait{'':30} {'queries':>8} {'ms':>8} {'kB':>8} {'kB in br':>9}")
    for label, address in PAGES.items():
        page = partial(ask, client, address.format(middle=size // 2))
        page()
        sent, took = counted(app, page), statistics.median(timed(page) for _ in range(TIMES))
        plain, packed = (len(page(encoding)) / 1000 for encoding in ("identity", "br"))
        print(f"  {label:34} {sent:8} {took:8.1f} {plain:8.1f} {packed:9.1f}")
        figures.setdefault(label, []).append(took)
    for label, act in (("decide on 50 at once", decide), ("undo that", undo)):
        took = timed(partial(act, client))
        print(f"  {label:34} {'':8} {took:8.1f}")
        figures.setdefault(label, []).append(took)


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    form = {"csrf_token": token(client, "/sign-in"), "email": "petra@example.org", "password": PASSWORD}
    if client.post("/sign-in", data=form).status_code != 302:
        raise RuntimeError("Petra cannot sign in.")
    return client


def token(client: FlaskClient, address: str) -> str:
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)[0]


def ask(client: FlaskClient, address: str, encoding: str = "br") -> bytes:
    answer = client.get(address, headers={"Accept-Encoding": encoding})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer.get_data()


def decide(client: FlaskClient) -> None:
    chosen = re.findall(r'name="comment" value="([\d.]+)"', ask(client, QUEUE, "identity").decode())
    send(client, f"{QUEUE}/decisions", to="approved", comment=chosen[:AT_ONCE])


def undo(client: FlaskClient) -> None:
    send(client, f"{QUEUE}/undo")


def send(client: FlaskClient, address: str, **fields: object) -> None:
    form = {"csrf_token": token(client, QUEUE)} | fields
    answer = client.post(address, data=form, headers={"Accept": "application/json"})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def timed(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
