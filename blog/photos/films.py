"""Films: what they are, their posters, and the copies that readers get.

The work is `filmwork`'s, in a process of its own that is bounded in memory, time and disk; FFmpeg is never
loaded here.
"""

import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from blog.photos.formats import RefusedFile

PROGRAM = Path(__file__).with_name("filmwork.py")
MOST_MEMORY = 2_000_000_000  # of addresses; a 4K film of 10 bits uses half of it
LOOK_S, COPY_S = 30, 4 * 3600  # of processor time
PATIENCE_S = 120  # without a sign of life
MOST_COPY_BYTES = 4_000_000_000
MOST_OUTPUT = 1_000_000

one_look = Lock()  # many films sent at once are looked at one after the other

Report = Callable[[float], None]


class Interrupted(Exception):
    """The process ended without an answer: killed, out of time, or the disk is full. Worth trying again."""


@dataclass(frozen=True)
class Film:
    """What a film is. Width and height are upright, with square pixels; `tags` is what its container says."""

    duration_s: float
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    plays_as_it_is: bool
    tags: dict[str, str]


def probe(file: BinaryIO, offset: int = 0) -> Film:
    """What a film is that begins at `offset` of a file on disk. Raises `RefusedFile`."""
    try:
        with one_look:
            return Film(**work(file, "probe", offset, LOOK_S))
    except Interrupted as error:
        raise RefusedFile(
            "This film could not be read: looking at it took too long or too much memory."
        ) from error


def poster(file: BinaryIO, offset: int = 0) -> bytes:
    """One picture of a film, upright, as a JPEG. Raises `RefusedFile` and `Interrupted`."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "poster.jpg"
        work(file, "poster", offset, LOOK_S, target=str(target))
        return target.read_bytes()


def copy(file: BinaryIO, target: Path, report: Report, offset: int = 0, is_silent: bool = False) -> int:
    """Write the copy that browsers play to `target`: its size in bytes. Raises `RefusedFile`, `Interrupted`.

    `report` is told how far it is, 0 to 1, about once a second.
    """
    made = work(file, "copy", offset, COPY_S, report, target=str(target), is_silent=is_silent)
    return int(made["byte_size"])


def work(
    file: BinaryIO, kind: str, offset: int, seconds: int, report: Report | None = None, **more: Any
) -> dict[str, Any]:
    """Have one thing done to a film in a process of its own."""
    file.flush()
    order = {"kind": kind, "offset": offset, "memory": MOST_MEMORY, "seconds": seconds, **more}
    order["file_bytes"] = MOST_COPY_BYTES
    command = [sys.executable, "-I", str(PROGRAM), json.dumps(order)]
    with subprocess.Popen(  # noqa: S603  our own program; the film is no argument of it
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as process:
        try:
            for line in lines(process, seconds):
                said = json.loads(line)
                if "progress" in said and report:
                    report(float(said["progress"]))
                if "refused" in said:
                    raise RefusedFile(str(said["refused"]))
                if "result" in said:
                    return dict(said["result"])
        finally:
            process.kill()
    raise Interrupted(f"{kind} ended without an answer ({process.returncode}).")


def lines(process: "subprocess.Popen[bytes]", seconds: int) -> Iterator[bytes]:
    """What the process says, line by line, as long as it does so in time."""
    assert process.stdout
    held, total, ends = b"", 0, time.monotonic() + 2 * seconds
    descriptor = process.stdout.fileno()
    while time.monotonic() < ends and select.select([descriptor], [], [], PATIENCE_S)[0]:
        chunk = process.stdout.read1(65_536)  # type: ignore[attr-defined]
        total += len(chunk)
        if not chunk or total > MOST_OUTPUT:
            return
        *whole, held = (held + chunk).split(b"\n")
        yield from whole
