"""The process in which strangers' files are decoded: it takes an order, works, answers, waits for the next.

It knows no setting and no secret, opens no file by name, and holds nothing but the order's file. It answers
in plain values (`Plain`): should a file take this process over, its answers cannot run code elsewhere.
"""

import contextlib
import gc
import io
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, BinaryIO, NamedTuple

from blog.photos.formats import RefusedFile

IDLE_S = 20.0  # then it ends: nothing of it stays in memory
NICENESS = 5  # pages come first
HEAD_BYTES = 8
MAX_ANSWER = 200_000_000

TOO_LARGE = (
    "Opening this photo takes more memory than Roadbook gives to one. Make it smaller, or export it as JPEG."
)


class Order(NamedTuple):
    """A function of a pure module, and what it gets after the file. Seconds of time, megabytes of memory."""

    task: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float
    megabytes: int


class Answer(NamedTuple):
    """What the task gave, or why the file is refused, or what broke."""

    value: Any = None
    refusal: str | None = None
    traceback: str | None = None


class Plain(pickle.Unpickler):
    """Reads dataclasses, tuples, enums and times, which do nothing when they are made."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module == "datetime" or own(module) else None
        is_value = isinstance(found, type) and (
            module == "datetime" or is_dataclass(found) or issubclass(found, (Enum, tuple))
        )
        if not is_value:
            raise pickle.UnpicklingError(f"{module}.{name} is no plain value.")
        return found


def own(module: str) -> bool:
    return module.startswith(("blog.photos.", "blog.geo."))


def send(line: socket.socket, content: bytes, *files: int) -> None:
    socket.send_fds(line, [len(content).to_bytes(HEAD_BYTES, "big")], files)
    line.sendall(content)


def receive(line: socket.socket, size: int) -> bytearray:
    """Exactly `size` bytes. Raises `EOFError` where the other side is gone."""
    content = bytearray(size)
    view = memoryview(content)
    while view:
        count = line.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return content


def take_order(line: socket.socket) -> tuple[Order, BinaryIO] | None:
    """The next order and its file; None once nobody wants anything any more."""
    line.settimeout(IDLE_S)
    try:
        head, files, _flags, _address = socket.recv_fds(line, HEAD_BYTES, 1)
    except TimeoutError:
        return None
    if not head:
        return None
    line.settimeout(None)
    order = pickle.loads(receive(line, int.from_bytes(head, "big")))  # noqa: S301 — from the one who started us
    return order, os.fdopen(files[0], "rb")


def work(order: Order, file: BinaryIO) -> Answer:
    try:
        return Answer(order.task(file, *order.arguments))
    except RefusedFile as refusal:
        return Answer(refusal=str(refusal))
    except MemoryError:
        return Answer(refusal=TOO_LARGE)
    except Exception:
        return Answer(traceback=traceback.format_exc())


def limit_memory(megabytes: int) -> None:
    """Bound the address space. macOS takes no such limit: there the bound on pixels is all."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, resource.RLIM_INFINITY))


def serve(line: socket.socket) -> None:
    """Work until nobody wants anything. An order that takes too long ends the process, even deep inside C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the one who started us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    warnings.simplefilter("ignore")
    gc.freeze()
    while taken := take_order(line):
        order, file = taken
        signal.setitimer(signal.ITIMER_REAL, order.seconds)
        limit_memory(order.megabytes)
        with file:
            answer = work(order, file)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(line, pickle.dumps(answer))
        del answer


def main() -> None:
    with contextlib.suppress(EOFError, ConnectionError), socket.socket(fileno=int(sys.argv[2])) as line:
        serve(line)


def read_answer(content: bytes | bytearray) -> Answer:
    """Raises `pickle.UnpicklingError` for what is no plain answer."""
    answer = Plain(io.BytesIO(content)).load()
    if not isinstance(answer, Answer):
        raise pickle.UnpicklingError("This is no answer.")
    return answer
