"""The server and its worker as real processes, and the queue on Redis."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from blog import jobs
from blog.db import db, now
from blog.photos.models import Photo, PhotoState
from blog.photos.rendering import render
from blog.web import limits
from tests.conftest import PASSWORD, jpeg, make_app, unavailable
from tests.photos.filmed import film
from tests.servers import PATIENCE_S, ROADBOOK, free_port, until


def family(leader: int) -> dict[int, str]:
    """The processes that still run in the process group that this one leads: their numbers and commands."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {int(row[0]): row[3] for row in rows if row[1] == str(leader) and not row[2].startswith("Z")}


def worker_of(server: int) -> int:
    """The number of the worker's process: of all that the server starts, it is the first."""
    return min(family(server).keys() - {server})


def test_a_photo_becomes_ready_and_everything_ends_together(serve, environment):
    made = subprocess.run(
        [*ROADBOOK, "create-user", "--name", "Mina", "--email", "mina@example.org"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    server, browser = serve()
    browser.send("/sign-in", "/sign-in", email="mina@example.org", password=PASSWORD)
    browser.send("/desk/trips/new", "/desk/trips/new", title="Round the bay")
    assert "a.jpg" in browser.upload("/desk/trips/1", "a.jpg", jpeg())
    until(lambda: 'data-state="ready"' in browser.get("/desk/trips/1/tray"))
    rendition = re.search(r"/media/[\w/.]+", browser.get("/desk/trips/1/tray"))
    assert rendition
    with browser.opener.open(browser.address + rendition[0], timeout=10) as answer:
        assert answer.read(3) == b"\xff\xd8\xff"

    assert len(family(server.pid)) >= 2
    begun = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=PATIENCE_S) == 0
    assert time.monotonic() - begun < 15
    assert family(server.pid) == {}


def test_the_worker_is_started_again_when_it_dies(serve):
    server, browser = serve()
    before = family(server.pid).keys()
    os.kill(worker_of(server.pid), signal.SIGKILL)
    until(lambda: len(family(server.pid).keys() & before) == len(before) - 1)
    until(lambda: len(family(server.pid)) == len(before))
    assert browser.is_up()
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=PATIENCE_S) in (0, 130, -signal.SIGINT)
    until(lambda: family(server.pid) == {})


def test_a_film_whose_worker_is_killed_in_the_middle_is_finished_by_the_next(serve, environment, tmp_path):
    subprocess.run(
        [*ROADBOOK, "create-user", "--name", "Mina", "--email", "mina@example.org"],
        env=environment,
        capture_output=True,
        check=True,
    )
    server, browser = serve()
    browser.send("/sign-in", "/sign-in", email="mina@example.org", password=PASSWORD)
    browser.send("/desk/trips/new", "/desk/trips/new", title="By ferry")
    browser.upload("/desk/trips/1", "ferry.mp4", film("mpeg4", size=(1280, 720), seconds=20))

    def clip(what: str = "SELECT state FROM clip") -> str:
        with closing(sqlite3.connect(tmp_path / "roadbook.sqlite", timeout=10)) as database:
            answer = database.execute(what).fetchone()
            database.commit()
        return answer[0] if answer else ""

    until(lambda: clip() == "processing")
    os.kill(worker_of(server.pid), signal.SIGKILL)
    assert clip() == "processing"
    clip("UPDATE clip SET processing_since = '2024-05-17 00:00:00' RETURNING state")  # minutes have passed
    until(lambda: clip() == "ready")
    page = browser.get("/desk/trips/1/photos/1")
    address = re.search(r"/media/\w+/clip.mp4", page)
    assert address
    with browser.opener.open(browser.address + address[0], timeout=10) as answer:
        assert b"ftyp" in answer.read(12)
    assert list((tmp_path / "films").iterdir()) == []


def test_a_port_that_is_taken_is_said_and_leaves_nothing_running(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [*ROADBOOK, "serve", "--port", str(port)]
        refused = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "Roadbook is at" not in refused.stdout


@pytest.fixture
def author_with_photo(app, author) -> str:
    """A photo whose renditions were never made: as after a killed worker."""
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg(size=(60, 40))))
    return trip


def leave(**state: object) -> None:
    db.session.execute(update(Photo).values(widths=[], **state))
    db.session.commit()


def test_what_a_killed_worker_left_is_swept_up(app, author, author_with_photo):
    leave(state=PhotoState.PROCESSING, processing_since=now() - timedelta(minutes=11))
    assert 'data-state="processing"' in author.get(f"{author_with_photo}/tray")
    app.extensions["jobs"].sweep_now()
    assert 'data-state="ready"' in author.get(f"{author_with_photo}/tray")


def test_a_wake_up_that_got_lost_is_made_up_for(app, author, author_with_photo):
    leave(state=PhotoState.UPLOADED)
    app.extensions["jobs"].sweep_now()
    assert 'data-state="ready"' in author.get(f"{author_with_photo}/tray")


def test_what_is_being_made_is_left_alone(app, author, author_with_photo):
    leave(state=PhotoState.PROCESSING, processing_since=now())
    app.extensions["jobs"].sweep_now()
    assert 'data-state="processing"' in author.get(f"{author_with_photo}/tray")


def test_a_photo_that_kills_every_worker_is_given_up_in_words(app, author, author_with_photo):
    leave(state=PhotoState.PROCESSING, processing_since=now() - timedelta(minutes=11), attempts=3)
    app.extensions["jobs"].sweep_now()
    assert "tried three times" in author.get(f"{author_with_photo}/tray")


def test_a_task_may_run_twice(app, author, author_with_photo):
    before = db.session.scalar(select(Photo.widths))
    jobs.wake(render, 1)
    jobs.wake(render, 1)
    jobs.wake(render, 12345)
    db.session.rollback()
    assert db.session.scalar(select(Photo.widths)) == before


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of our own."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("Redis")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def test_redis_counts_replies_for_all_processes(redis, tmp_path):
    waits = []
    for _process in range(2):
        with make_app(tmp_path, REDIS_URL=redis, RATE_LIMITS="3").app_context():
            quotas = limits.reply_quotas("192.0.2.7", "192.0.2.0/24")
            waits += [limits.seconds_to_wait(quotas) > 0 for _ in range(2)]
    assert waits == [False, False, False, True]


def test_redis_carries_the_queue(redis, tmp_path, migrated):
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path, REDIS_URL=redis, JOBS_AT_ONCE=False)
    assert type(app.extensions["jobs"]).__name__ == "PriorityRedisHuey"
    done = threading.Event()

    def ring(words: str) -> None:
        assert words == "hello"
        done.set()

    jobs.task(ring)
    with app.app_context():
        consumer = jobs.consumer(app, workers=1)
        consumer.start()
        try:
            assert not done.is_set()
            jobs.wake(ring, "hello")
            assert done.wait(PATIENCE_S)
        finally:
            consumer.stop(graceful=True)
            app.extensions["jobs"].storage.conn.close()
            db.engine.dispose()
    assert not (tmp_path / "jobs.sqlite").exists()


def test_a_sweep_that_fails_holds_up_no_other(app, author, author_with_photo, monkeypatch):
    def fail() -> None:
        raise ValueError("broken")

    monkeypatch.setattr(jobs, "_sweeps", [fail, *jobs._sweeps])
    leave(state=PhotoState.UPLOADED)
    with pytest.raises(ExceptionGroup, match="Not every sweep"):
        app.extensions["jobs"].sweep_now()
    assert 'data-state="ready"' in author.get(f"{author_with_photo}/tray")
