"""A conversation under load: comments per second, and what a killed server loses.

    python -m benchmarks.conversation [--seconds N] [--postgres]

Runs `roadbook serve` in a temporary folder, on SQLite, or with `--postgres` on a server of its own. First 16
readers post for a while, beside the floors of the same run: one process that inserts rows like those of a
comment, each in a transaction, and a bare server that answers the same posts. Then 32 readers post and 8
moderators approve; in the middle the server and its worker are killed (SIGKILL) and started again. It fails
where an answer was an error, or where what was acknowledged is not there, once, as it was said.

The limits per address are off, and every post comes from another address. Figures of a machine that does
other things too are low; the processor's time for each comment counts for more.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from blog import create_app
from blog.accounts.models import Role, create_person
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog
from blog.comments.verdict import Status
from blog.db import bring_up_to_date, db
from blog.posts.models import create_post
from tests.postgres import binaries, cluster
from tests.servers import ROADBOOK, Browser, free_port, until

POSTERS, MODERATORS = 32, 8
FEWER_POSTERS = 16
CLIENTS = 4  # processes
PAUSE_S = 0.3  # of a moderator between two acts
PATH = "/posts/by-the-sea/comments"
PASSWORD = "a long enough password"


@dataclass
class Site:
    """A Roadbook of its own, started, killed and started again."""

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    workers: int = 2
    server: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.app = create_app(
            INSTANCE=str(self.folder), DATABASE_URL=self.database, STORAGE_URL=str(self.folder / "uploads"),
            SECRET_KEY="a key for figures", PUBLIC_URL=self.address, TRUSTED_PROXIES="0",
        )  # fmt: skip
        with self.app.app_context():
            bring_up_to_date()
            author = create_person("Mina", "mina@example.org", PASSWORD, Role.OWNER)
            for number in range(MODERATORS):
                create_person(f"Petra {number}", f"petra{number}@example.org", PASSWORD, Role.MODERATOR)
            db.session.flush()
            post = create_post("By the sea", author, None)
            post.save_text(post.title, "", "We set out along the bay.", author)
            post.publish()
            db.session.commit()
            db.session.remove()
            db.engine.dispose()

    def count(self) -> int:
        """How many comments there are."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(Comment)) or 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("ROADBOOK_")}
        own = {
            "ROADBOOK_INSTANCE": str(self.folder),
            "ROADBOOK_DATABASE_URL": self.database,
            "ROADBOOK_STORAGE_URL": str(self.folder / "uploads"),
            "ROADBOOK_SECRET_KEY": "a key for figures",
            "ROADBOOK_PUBLIC_URL": self.address,
            "ROADBOOK_TRUSTED_PROXIES": "1",
            "ROADBOOK_RATE_LIMITS": "off",
        }
        command = [*ROADBOOK, "serve", "--port", str(self.port), "--workers", str(self.workers)]
        self.server = subprocess.Popen(
            command, env=kept | own, start_new_session=True, stdout=subprocess.DEVNULL
        )
        until(Browser(self.address).is_up)

    def kill(self) -> None:
        """SIGKILL to the server, its processes and its worker."""
        if self.server:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None

    def processor_seconds(self) -> float:
        """What all processes of the server took so far (Linux)."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rsplit(") ", 1)[1].split()
                if self.server and int(fields[2]) == self.server.pid:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stamp(self) -> str:
        page = Browser(self.address).get("/posts/by-the-sea")
        return re.search(r'name="stamp"[^>]*value="([^"]*)"', page)[1]

    def cookies(self, count: int) -> list[str]:
        """Moderators who have signed in: what their browsers send."""
        found = []
        for number in range(count):
            browser = Browser(self.address)
            browser.send("/sign-in", "/sign-in", email=f"petra{number}@example.org", password=PASSWORD)
            found.append("; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar))
        return found


@contextlib.contextmanager
def site(database: str = "") -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="roadbook-talk-") as name:
        made = Site(Path(name), database or f"sqlite:///{Path(name) / 'roadbook.sqlite'}")
        try:
            made.start()
            yield made
        finally:
            made.kill()
            with made.app.app_context():
                db.engine.dispose()


@dataclass
class Talk:
    """What all clients were told, together."""

    seconds: float
    acknowledged: dict[str, int]
    approved: set[int]
    limited: int
    broken: int
    wrong: Counter[str]
    waited: list[float]

    @property
    def per_second(self) -> float:
        return len(self.acknowledged) / self.seconds


def talk(
    port: int,
    path: str,
    stamp: str,
    posters: int,
    seconds: float,
    cookies: Iterable[str] = (),
    meanwhile: Callable[[], None] = lambda: None,
    round_name: str = "a",
) -> Talk:
    """So many readers post for so long, moderators with these cookies approve, and `meanwhile` happens."""
    names, cookies = [f"{round_name}{n}" for n in range(posters)], list(cookies)
    orders = [
        {
            "port": port, "path": path, "stamp": stamp, "pause": PAUSE_S, "ends": time.time() + seconds,
            "writers": names[part::CLIENTS], "moderators": cookies[part::CLIENTS],
        }
        for part in range(CLIENTS)
    ]  # fmt: skip
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.talkers"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    clients = [subprocess.Popen(command, **pipes, cwd=Path(__file__).parents[1]) for _ in orders]
    for client, order in zip(clients, orders, strict=True):
        client.stdin.write(json.dumps(order))
        client.stdin.close()
    meanwhile()
    heard = [one for client in clients for one in json.loads(client.stdout.read())]
    for client in clients:
        client.stdout.close()
        client.wait()
    return Talk(
        seconds=time.perf_counter() - began,
        acknowledged={mark: number for one in heard for mark, number in one["acknowledged"].items()},
        approved={number for one in heard for number in one["approved"]},
        limited=sum(one["limited"] for one in heard),
        broken=sum(one["broken"] for one in heard),
        wrong=Counter(text for one in heard for text in one["wrong"]),
        waited=[wait for one in heard for wait in one["waited"]],
    )


def together(*talks: Talk) -> Talk:
    return Talk(
        seconds=sum(one.seconds for one in talks),
        acknowledged={mark: number for one in talks for mark, number in one.acknowledged.items()},
        approved={number for one in talks for number in one.approved},
        limited=sum(one.limited for one in talks),
        broken=sum(one.broken for one in talks),
        wrong=sum((one.wrong for one in talks), Counter()),
        waited=[wait for one in talks for wait in one.waited],
    )


def faults(made: Site, told: Talk) -> list[str]:
    """What is not as it was told: errors, comments that are lost or doubled, approvals that are not there."""
    with made.app.app_context():
        rows = db.session.execute(select(Comment.id, Comment.text, Comment.status, Comment.is_shown)).all()
        logged = Counter(db.session.scalars(select(ModerationLog.comment_id)))
        unfinished = db.session.scalar(
            select(func.count())
            .select_from(Comment)
            .where((Comment.thread_key == "") | Comment.root_id.is_(None))
        )
        db.session.remove()
        db.engine.dispose()
    marks = {row.text.split(" ", 1)[0]: row for row in rows}
    by_number = {row.id: row for row in rows}
    found = [f"{count} × {text}" for text, count in told.wrong.items()]
    found += [f"{len(rows) - len(marks)} comments are there twice"] if len(marks) != len(rows) else []
    found += [
        f"{mark} was acknowledged as {number} and is not there"
        for mark, number in told.acknowledged.items()
        if mark not in marks or marks[mark].id != number
    ]
    for number in told.approved:
        row = by_number.get(number)
        if not row or row.status is not Status.APPROVED or not row.is_shown or logged[number] != 1:
            found.append(f"{number} was approved and is {row and row.status}, logged {logged[number]} times")
    found += [f"{unfinished} comments stand in no thread"] if unfinished else []
    unheard = len(rows) - len(told.acknowledged)
    found += [f"{unheard} comments more than were heard of"] if not 0 <= unheard <= told.broken else []
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if chosen.postgres:
            folder = binaries()
            if folder is None:
                sys.exit("PostgreSQL is not here.")
            make = stack.enter_context(cluster(folder, fsync=True))
        with site(make("quick") if chosen.postgres else "") as made:
            quickly(made, min(10.0, chosen.seconds))
        with site(make("faults") if chosen.postgres else "") as made:
            with_a_fault(made, chosen.seconds)


def quickly(made: Site, seconds: float) -> None:
    """Comments per second at 16 posters, beside the floors."""
    stamp = made.stamp()
    warm = talk(made.port, PATH, stamp, FEWER_POSTERS, 1.0, round_name="warm")
    before = made.processor_seconds()
    told = talk(made.port, PATH, stamp, FEWER_POSTERS, seconds)
    each = (made.processor_seconds() - before) / max(1, len(told.acknowledged)) * 1000
    wait = statistics.quantiles(told.waited, n=100)
    print(f"{told.per_second:,.0f} comments/s from {FEWER_POSTERS} posters; median {wait[49] * 1000:.1f} ms, "
          f"99 % within {wait[98] * 1000:.0f} ms; {each:.2f} ms of the processor for each")  # fmt: skip
    problems = faults(made, together(warm, told))
    print("\n".join(problems[:20]) or "no error, none lost, none doubled")
    rows, posts = inserts_per_second(made.folder, 2.0), bare_posts_per_second(made.folder, 3.0)
    print(f"floors: {rows:,.0f} bare inserts/s ({told.per_second / rows:.3f} of it), "
          f"{posts:,.0f} bare posts/s ({told.per_second / posts:.3f} of it)")  # fmt: skip


def with_a_fault(made: Site, seconds: float) -> None:
    """32 posters, 8 moderators, and a killed server in the middle."""

    def kill_and_start() -> None:
        time.sleep(seconds / 2)
        made.kill()
        made.start()

    cookies = made.cookies(MODERATORS)
    told = talk(made.port, PATH, made.stamp(), POSTERS, seconds, cookies, kill_and_start)
    print(f"{seconds:.0f} s, {POSTERS} posters, {MODERATORS} moderators, killed in the middle: "
          f"{len(told.acknowledged):,} acknowledged, {len(told.approved):,} approved, "
          f"{told.limited} told to wait, {told.broken} without an answer")  # fmt: skip
    problems = faults(made, told)
    print("\n".join(problems[:20]) or "no error, none lost, none doubled, all approvals true")
    if problems:
        sys.exit(1)


def inserts_per_second(folder: Path, seconds: float) -> float:
    """Rows like those of comments into SQLite, one transaction for each, by one process."""
    with contextlib.closing(sqlite3.connect(folder / "floor.sqlite", isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE c (id INTEGER PRIMARY KEY, "
            "post INTEGER, name TEXT, email TEXT, text TEXT, html TEXT, at TEXT); CREATE INDEX i ON c (email)"
        )
        end, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            connection.execute(
                "INSERT INTO c (post, name, email, text, html, at) "
                "VALUES (1, 'Reader', ?, ?, ?, '2026-05-14')",
                (f"{count}@example.org", "words " * 30, "words " * 32),
            )
            count += 1
    return count / seconds


def bare_posts_per_second(folder: Path, seconds: float) -> float:
    """The same posts, answered by the same server without Roadbook."""
    (folder / "bare.py").write_text(
        "import itertools\n"
        "count = itertools.count()\n"
        "def app(environ, start):\n"
        "    environ['wsgi.input'].read()\n"
        "    body = b'{\"id\": %d}' % next(count)\n"
        "    length = str(len(body))\n"
        "    start('202 Accepted', [('Content-Type', 'application/json'), ('Content-Length', length)])\n"
        "    return [body]\n"
    )
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2",
        "--blocking-threads", "12", "--log-level", "error", "bare:app",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port))
        return talk(port, "/", "x", FEWER_POSTERS, seconds).per_second
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
        return True
    return False


if __name__ == "__main__":
    main()
