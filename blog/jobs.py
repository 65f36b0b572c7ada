"""The queue. It only wakes a worker: what is to be done stands in the database; tasks may run twice."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from flask import Flask, current_app
from huey import Huey, PriorityRedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer

Task = Callable[..., None]

SOON_S = 1.0

_tasks: dict[str, Task] = {}
_aside: set[str] = set()
_sweeps: list[Task] = []


def task(function: Task) -> Task:
    """Let `wake` run `function` in the worker, inside an application context."""
    _tasks[function.__name__] = function
    return function


def task_aside(function: Task) -> Task:
    """The same for what takes minutes: one after the other beside the worker, which goes on meanwhile."""
    _aside.add(function.__name__)
    return task(function)


def sweep(function: Task) -> Task:
    """Run `function` every minute and at the worker's start: it picks up what a killed worker left behind."""
    _sweeps.append(function)
    return function


def wake(function: Task, *arguments: Any) -> None:
    """Ask the worker to run a task. Call it after the commit that made the work visible."""
    current_app.extensions["jobs"].run(function.__name__, *arguments)


def wake_first(function: Task, *arguments: Any) -> None:
    """Like `wake`, before all that waits: a person is waiting for it."""
    current_app.extensions["jobs"].run(function.__name__, *arguments, priority=1)


def wake_soon(function: Task) -> None:
    """Like `wake`, a second or two later, and once for all who ask meanwhile: for what readers do often."""
    queue = current_app.extensions["jobs"]
    if queue.immediate:
        wake(function)
    elif queue.soon.get(function.__name__, 0.0) < time.monotonic():
        queue.soon[function.__name__] = time.monotonic() + SOON_S
        queue.run.schedule((function.__name__,), delay=SOON_S)


def init_app(app: Flask) -> None:
    queue = make_queue(app)
    queue.soon = {}

    def perform(name: str, *arguments: Any) -> None:
        with app.app_context():
            _tasks[name](*arguments)

    aside = Aside(perform)

    def run(name: str, *arguments: Any) -> None:
        (aside.put if name in _aside and not queue.immediate else perform)(name, *arguments)

    def run_sweeps() -> None:
        failures = [error for function in _sweeps if (error := failure_of(function))]
        if failures:
            raise ExceptionGroup("Not every sweep could be made.", failures)

    def failure_of(function: Task) -> Exception | None:
        """Each sweep has a session of its own: one that fails holds up no other."""
        try:
            with app.app_context():
                function()
        except Exception as error:
            return error
        return None

    queue.run = queue.task()(run)
    queue.sweep = queue.periodic_task(crontab(minute="*"))(run_sweeps)
    queue.sweep_now = run_sweeps
    app.extensions["jobs"] = queue


class Aside:
    """One thread of the worker, begun when there is something for it.

    What waits here is lost with the process: it stands in the database, and the sweep finds it again.
    """

    def __init__(self, perform: Task) -> None:
        self.perform = perform
        self.waiting: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self.known: set[tuple[Any, ...]] = set()
        self.lock = Lock()
        self.thread: Thread | None = None

    def put(self, *order: Any) -> None:
        with self.lock:
            if order in self.known:
                return
            self.known.add(order)
            self.waiting.put(order)
            if self.thread is None:
                self.thread = Thread(target=self.work, daemon=True)
                self.thread.start()

    def work(self) -> None:
        while True:
            order = self.waiting.get()
            with self.lock:
                self.known.discard(order)
            try:
                self.perform(*order)
            except Exception:
                logging.getLogger("huey").exception("Task %s failed.", order)


def make_queue(app: Flask) -> Huey:
    """Redis where it is set, else a file; `JOBS_AT_ONCE` runs a task where it is asked for."""
    at_once = bool(app.config.get("JOBS_AT_ONCE"))
    if app.config["REDIS_URL"]:
        return PriorityRedisHuey("roadbook", url=app.config["REDIS_URL"], results=False, immediate=at_once)
    folder = Path(app.config["INSTANCE"])
    folder.mkdir(parents=True, exist_ok=True)
    queue = SqliteHuey("roadbook", filename=str(folder / "jobs.sqlite"), results=False)
    queue.immediate = at_once
    return queue


def consumer(app: Flask, workers: int) -> Consumer:
    """The worker: runs tasks until it is told to stop. What was left over is swept up first."""
    queue = app.extensions["jobs"]
    try:
        queue.sweep_now()
    except ExceptionGroup:  # the worker is of use all the same
        logging.getLogger("huey").exception("The first sweep failed.")
    return queue.create_consumer(workers=workers, worker_type="thread", initial_delay=0.05, max_delay=1.0)
