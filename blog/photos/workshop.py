"""Where photos are decoded: in processes of their own, so that no file can take Roadbook down with it.

A workbench is started when there is something to do, works for one order at a time under limits of time and
memory, and ends when it has been idle. One that broke is replaced; its file is refused in words.
"""

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from blog.photos.formats import RefusedFile
from blog.photos.workbench import HEAD_BYTES, MAX_ANSWER, Order, read_answer, receive, send

BENCHES = min(2, os.cpu_count() or 1)  # in one process
GRACE_S = 2.0  # a bench ends itself when its time is over; after that much more it is ended

# The package without its own first file: that would load the whole application, a second and 100 MB.
BEGIN = """
import sys, types
sys.path[:] = sys.argv[3:]
blog = sys.modules["blog"] = types.ModuleType("blog")
blog.__path__ = [sys.argv[1]]
from blog.photos.workbench import main
main()
"""
PACKAGE = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # it would keep memory for every core
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "33554432",  # fewer pages to clear: a twentieth of a photo's time
    "MALLOC_TRIM_THRESHOLD_": "67108864",
}

TOO_SLOW = "Reading this photo takes longer than {seconds:g} seconds. Export it again as JPEG and try that."
BROKE = (
    "Roadbook cannot read this photo: its decoder breaks down over it. Export it again as JPEG and try that."
)


class Idled(Exception):
    """The bench had ended for want of work before it took the order."""


class Killed(Exception):
    """Somebody, or the machine for want of memory, ended the bench: perhaps not for this file's sake."""


class Bench:
    """One process, and the line to it."""

    def __init__(self) -> None:
        self.has_answered = False
        self.line, theirs = socket.socketpair()
        command = [sys.executable, "-I", "-c", BEGIN, str(PACKAGE), str(theirs.fileno()), *sys.path]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, env=ENVIRONMENT, pass_fds=(theirs.fileno(),)
            )

        threading.Thread(target=self.process.wait, daemon=True).start()  # none stays as a zombie

    def do(self, order: Order, file: BinaryIO) -> Any:
        """Raises `RefusedFile`, `Idled`, `Killed`, and `RuntimeError` for a fault of Roadbook's own."""
        self.has_answered = False
        self.line.settimeout(order.seconds + GRACE_S)
        try:
            send(self.line, pickle.dumps(order), file.fileno())
            size = int.from_bytes(receive(self.line, HEAD_BYTES), "big")
            if size > MAX_ANSWER:
                raise RefusedFile(BROKE)
            answer = read_answer(receive(self.line, size))
            self.has_answered = True
        except (OSError, EOFError) as error:  # a timeout is an OSError
            self.explain(order, error)
        except pickle.UnpicklingError as error:
            raise RefusedFile(BROKE) from error
        if answer.traceback:
            raise RuntimeError(answer.traceback)
        if answer.refusal:
            raise RefusedFile(str(answer.refusal))
        return answer.value

    def explain(self, order: Order, error: Exception) -> NoReturn:
        """Raise what the end of the process means."""
        status = -signal.SIGALRM if isinstance(error, TimeoutError) else self.status()
        if status == 0:
            raise Idled from error
        if status == -signal.SIGKILL:
            raise Killed from error
        if status and status > 0:
            raise RuntimeError("A workbench could not be set up. What it said stands above.") from error
        words = TOO_SLOW.format(seconds=order.seconds) if status == -signal.SIGALRM else BROKE
        raise RefusedFile(words) from error

    def status(self) -> int | None:
        """How the process ended; None where it closed its line and goes on."""
        try:
            return self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.wait()


class Workshop:
    """The benches of one process."""

    def __init__(self) -> None:
        self.room = threading.BoundedSemaphore(BENCHES)
        self.idle: list[Bench] = []

    def do(self, order: Order, file: BinaryIO) -> Any:
        """Let a bench do it. The bench is kept for the next order if it could answer."""
        with self.room:
            try:
                bench = self.idle.pop()
            except IndexError:
                bench = Bench()
            try:
                return bench.do(order, file)
            finally:
                if bench.has_answered:
                    self.idle.append(bench)
                else:
                    bench.close()

    def close(self) -> None:
        while self.idle:
            self.idle.pop().close()


workshop = Workshop()


def do(task: Callable[..., Any], file: BinaryIO, *arguments: Any, seconds: float, megabytes: int) -> Any:
    """What `task(file, *arguments)` gives, a function of a pure module, run in the workshop.

    `file` is a real one: its descriptor goes there. Raises `RefusedFile`, in words for the user, also where
    the decoder breaks down, or needs more time or memory than it is given.
    """
    order = Order(task, arguments, seconds, megabytes)
    file.flush()
    place = os.lseek(file.fileno(), 0, os.SEEK_CUR)
    try:
        return done(order, file)
    finally:
        os.lseek(file.fileno(), place, os.SEEK_SET)  # both sides read the file from one and the same place


def done(order: Order, file: BinaryIO) -> Any:
    """What a bench gives. One that was killed may have died for another reason: that is tried once more."""
    kills = 0
    while kills < 2:
        try:
            return workshop.do(order, file)
        except Idled:
            continue
        except Killed:
            kills += 1
    raise RefusedFile(BROKE)


def megabytes_for(megapixels: int) -> int:
    """Of memory: for Python and its libraries, and for a picture held several times over."""
    return 500 + 16 * megapixels


def close() -> None:
    """End all idle benches. Without it they end when this process does, or a little later by themselves."""
    workshop.close()


def forget() -> None:
    """In a process that has just parted from another: the benches are the other's."""
    for bench in workshop.idle:
        bench.line.close()
        bench.process.returncode = 0
    workshop.idle.clear()
    workshop.room = threading.BoundedSemaphore(BENCHES)


atexit.register(close)
os.register_at_fork(after_in_child=forget)
