"""The workshop: whatever happens at a bench, those who sent a file get words, and the next file is done."""

import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest

from blog.photos import workshop
from blog.photos.formats import RefusedFile


class There:
    """A task written down here and made at the bench, where these tests cannot be imported."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, (self.source,)


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        file.write(b"what Mina sent")
        yield file


def do(file: BinaryIO, source: str, seconds: float = 20, megabytes: int = 1000) -> Any:
    return workshop.do(There(source), file, seconds=seconds, megabytes=megabytes)  # type: ignore[arg-type]


def bench() -> int:
    """The number of the process that worked last."""
    return workshop.workshop.idle[-1].process.pid


def test_a_bench_reads_the_file_and_serves_again(file):
    file.seek(5)
    assert do(file, "lambda file: (file.seek(0), file.read())[1]") == b"what Mina sent"
    first = bench()
    assert do(file, "lambda file: len(file.read())") == 9  # from where the file stands
    assert bench() == first
    assert file.read() == b"Mina sent"


def test_it_knows_no_secret_and_not_the_application(file, monkeypatch):
    monkeypatch.setenv("ROADBOOK_SECRET_KEY", "hush")
    workshop.close()
    names = do(file, "lambda file: (tuple(__import__('os').environ), tuple(__import__('sys').modules))")
    assert "ROADBOOK_SECRET_KEY" not in names[0]
    assert not {"flask", "sqlalchemy", "obstore"} & set(names[1])


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_decoder_that_breaks_down_is_a_reason_in_words(file, number):
    with pytest.raises(RefusedFile, match=r"its decoder breaks down over it\. Export it again as JPEG"):
        do(file, f"lambda file: __import__('signal').raise_signal({int(number)})")
    assert do(file, "lambda file: 1") == 1


def test_what_takes_too_long_is_ended_even_where_it_does_not_listen(file):
    deaf = "lambda file: (__import__('signal').pthread_sigmask(0, [14]), __import__('time').sleep(60))"
    for source in ("lambda file: sum(iter(int, 1))", deaf):
        with pytest.raises(RefusedFile, match=r"takes longer than 0\.5 seconds"):
            do(file, source, seconds=0.5)
    assert do(file, "lambda file: 1") == 1


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="Only Linux bounds the address space.")
def test_what_takes_too_much_memory_is_refused(file):
    with pytest.raises(RefusedFile, match="more memory than Roadbook gives"):
        do(file, "lambda file: len(bytes(900_000_000))", megabytes=600)
    assert do(file, "lambda file: len(bytes(900_000_000))", megabytes=1500) == 900_000_000


def test_a_bench_that_was_killed_from_outside_is_replaced_and_the_file_done(file):
    """The first time it is killed; the mark left in the file tells the second bench that it is the second."""
    once = (
        "lambda file: 'done' if file.seek(0) or file.read().endswith(b'!') else "
        "(__import__('os').pwrite(file.fileno(), b'!', 13), __import__('signal').raise_signal(9))"
    )
    assert do(file, once) == "done"
    with pytest.raises(RefusedFile, match="breaks down"):
        do(file, "lambda file: __import__('signal').raise_signal(9)")


def test_a_bench_that_ended_for_want_of_work_is_replaced(file):
    do(file, "lambda file: __import__('blog.photos.workbench').photos.workbench.__dict__.update(IDLE_S=0.01)")
    workshop.workshop.idle[-1].process.wait(20)
    assert do(file, "lambda file: 1") == 1


@pytest.mark.parametrize(
    "answer",
    [
        "__import__('os').system",
        "__import__('blog.photos.workbench').photos.workbench.Order(print, (), 1, 1)",
        "type('Own', (), {'__reduce__': lambda own: (exec, ('raise SystemExit',))})()",
    ],
)
def test_a_bench_that_was_taken_over_cannot_run_code_here(file, answer):
    with pytest.raises(RefusedFile, match="breaks down"):
        do(file, f"lambda file: {answer}")


def test_a_fault_of_our_own_is_no_refusal(file):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        do(file, "lambda file: 1 / 0")


def test_many_at_once_share_the_benches(file):
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(do(file, "lambda file: __import__('os').getpid()")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert 1 <= len(set(found)) <= workshop.BENCHES
    assert os.getpid() not in found


def test_nothing_is_left_of_it(file):
    do(file, "lambda file: 1")
    number = bench()
    workshop.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
