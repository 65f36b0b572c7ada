"""The post page under load, beside a bare server that answers the same bytes.

    python -m benchmarks.pages

Makes a site in a temporary folder (see `busy_post.py`) and prints the server's own time and the queries of a
page that is not kept, compressed sizes, the memory of all processes of `roadbook serve`, requests per second
at 1, 16 and 64 connections, and the time of an answer at one. The servers take turns, and the best of their
turns counts: whatever else the machine does can only slow them down.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import create_environ

from benchmarks.busy_post import COMMENTS, PHOTOS, SETTINGS, make_busy_post, site, talk
from blog.commandline import prepare, web_server
from blog.db import db
from blog.posts.models import Post
from blog.web.assets import DIST, asset

CONNECTIONS = (1, 16, 64)
SECONDS, TURNS = 2, 4
DRAWN = 40
WORKERS = 2
FEW, MANY = 10, 10_000
WRK = shutil.which("wrk")


@dataclass(frozen=True)
class Load:
    """Requests per second by number of connections; median and 99th percentile in ms at one."""

    rates: tuple[float, ...]
    p50: float
    p99: float


def main() -> None:
    os.environ.pop("ROADBOOK_DATABASE_URL", None)  # every server here reads the site in the temporary folder
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = site(folder, PAGE_CACHE="off")
        with app.app_context():
            address = f"/posts/{make_busy_post(FEW).slug}"
        print_drawn(app, address)
        print_sizes(app, address)
        print_load(folder, address, answer(app, address, "br"))
        print_many(app, address)


def print_drawn(app: Flask, address: str) -> None:
    """The page drawn again and again by an application as the server holds it, without the page cache."""
    _, first = timed(app, address)
    few = queries(app, address)
    add_comments(app, COMMENTS - FEW)
    prepare(app)
    times = [timed(app, address) for _ in range(DRAWN)]
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    least = min(cpu for _, cpu in times)
    print(f"{PHOTOS} photos and {COMMENTS} comments, drawn without the page cache:")
    print(f"  {wall:.1f} ms, of which the processor's {cpu:.1f} (least {least:.1f})")
    print(f"  the first in a process, with {FEW} comments: {first:.0f} ms of the processor's")
    print(f"  {queries(app, address)} queries; with {FEW} comments {few}")


def print_many(app: Flask, address: str) -> None:
    add_comments(app, MANY - COMMENTS)
    timed(app, address)
    cpu = statistics.median(timed(app, address)[1] for _ in range(3))
    size = len(answer(app, address, "br")) / 1000
    print(f"{MANY:,} comments: {queries(app, address)} queries, {cpu:.0f} ms, {size:.0f} kB in br")


def add_comments(app: Flask, count: int) -> None:
    with app.app_context():
        talk(db.session.scalars(select(Post)).one(), count)


def print_sizes(app: Flask, address: str) -> None:
    """What a reader's browser loads before any touch, as it travels."""
    page, gzipped = (len(answer(app, address, encoding)) / 1000 for encoding in ("br", "gzip"))
    print(f"  HTML {page:.1f} kB in br, {gzipped:.1f} kB in gzip")
    with app.test_request_context():
        style, script = (asset(name).rsplit("/", 1)[1] for name in ("reader.css", "reader.js"))
    for kind, names in (("CSS", {style}), ("JavaScript", with_imports(script, set()))):
        print(f"  {kind} {packed(names, 'br'):.1f} kB in br, {packed(names, 'gz'):.1f} kB in gzip")


def packed(names: Iterable[str], ending: str) -> float:
    return sum((DIST / f"{name}.{ending}").stat().st_size for name in names) / 1000


def with_imports(name: str, seen: set[str]) -> set[str]:
    """A script and what it imports at once."""
    if name not in seen:
        seen.add(name)
        for found in re.findall(r'(?:from|import)\s*"\./([^"]+)"', (DIST / name).read_text(encoding="utf-8")):
            with_imports(found, seen)
    return seen


def print_load(folder: Path, address: str, body: bytes) -> None:
    (folder / "body").write_bytes(body)
    bare = [sys.executable, "-m", "benchmarks.pages", "--bare", str(folder / "body")]
    roadbook = [sys.executable, "-m", "blog.commandline", "serve", "--workers", str(WORKERS)]
    with contextlib.ExitStack() as servers:
        kept, process = servers.enter_context(running(roadbook, folder))
        idle = megabytes(process)
        drawn, _ = servers.enter_context(running(roadbook, folder, ROADBOOK_PAGE_CACHE="off"))
        floor, _ = servers.enter_context(running(bare, folder))
        best = in_turns({"bare server": floor, "kept page": kept, "drawn page": drawn}, address)
        used = megabytes(process)
    tool = "wrk" if WRK else "asyncio"
    print(
        f"load by {tool}, {WORKERS} processes, {os.cpu_count()} cores, best of {TURNS} turns of {SECONDS} s:"
    )
    print(f"  {'requests/s at':14} {'1':>9} {'16':>9} {'64':>9} {'p50 ms':>9} {'p99 ms':>9}")
    for label, load in best.items():
        rates = " ".join(f"{rate:9,.0f}" for rate in load.rates)
        print(f"  {label:14} {rates} {load.p50:9.3f} {load.p99:9.3f}")
    kept_rates, floor_rates = best["kept page"].rates, best["bare server"].rates
    ratios = " ".join(f"{own / least:9.2f}" for own, least in zip(kept_rates, floor_rates, strict=True))
    print(f"  {'kept / bare':14} {ratios} {best['kept page'].p50 / best['bare server'].p50:9.2f}")
    print(f"memory of all processes: {idle:.0f} MB after the start, {used:.0f} MB after the load")


def in_turns(ports: dict[str, int], address: str) -> dict[str, Load]:
    """The best of some turns of each server."""
    turns: dict[str, list[Load]] = {label: [] for label in ports}
    for _ in range(TURNS):
        for label, port in ports.items():
            turns[label].append(under_load(port, address))
    return {label: best_of(loads) for label, loads in turns.items()}


def best_of(loads: list[Load]) -> Load:
    rates = tuple(max(column) for column in zip(*(load.rates for load in loads), strict=True))
    return Load(rates, min(load.p50 for load in loads), min(load.p99 for load in loads))


def under_load(port: int, address: str) -> Load:
    measured = [(by_wrk if WRK else by_asyncio)(port, address, count) for count in CONNECTIONS]
    return Load(tuple(rate for rate, _, _ in measured), measured[0][1], measured[0][2])


def by_wrk(port: int, address: str, connections: int) -> tuple[float, float, float]:
    """(requests per second, median ms, 99th percentile ms)"""
    command = [
        WRK,
        "-t1",
        f"-c{connections}",
        f"-d{SECONDS}s",
        "--latency",
        "--timeout",
        "30s",
        "-H",
        "Accept-Encoding: br",
    ]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{address}"], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    p50, p99 = (
        float(number) * units[unit] for number, unit in re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s)", told)
    )
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]), p50, p99


def by_asyncio(port: int, address: str, connections: int) -> tuple[float, float, float]:
    """The same with one thread of Python, which is much slower than a server written in Rust."""
    times = sorted(asyncio.run(ask_all(port, address, connections)))
    return len(times) / SECONDS, times[len(times) // 2], times[len(times) * 99 // 100]


async def ask_all(port: int, address: str, connections: int) -> list[float]:
    asked = await asyncio.gather(*(ask(port, address) for _ in range(connections)))
    return [one for times in asked for one in times]


async def ask(port: int, address: str) -> list[float]:
    """One connection, one request after the other: the ms that each answer took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br\r\n\r\n".encode()
    times, end = [], time.perf_counter() + SECONDS
    while (start := time.perf_counter()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.findall(rb"(?i)content-length: (\d+)", head)[0]))
        times.append((time.perf_counter() - start) * 1000)
    writer.close()
    return times


@contextlib.contextmanager
def running(command: list[str], folder: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """A server over the site in `folder`: its port and the number of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"ROADBOOK_INSTANCE": str(folder), "ROADBOOK_STORAGE_URL": str(folder / "uploads")}
    environment = (
        os.environ | {f"ROADBOOK_{name}": value for name, value in SETTINGS.items()} | own | settings
    )
    process = subprocess.Popen([*command, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    """Until it answers, and then until all its processes have settled."""
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    time.sleep(3)


def serve_bytes(path: Path, port: int) -> None:
    """The floor: the same server with the same settings, and the page's bytes as its whole application."""
    body = path.read_bytes()
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "br"), ("Content-Length", str(len(body)))]

    def application(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", headers)
        return [body]

    web_server("bare", "127.0.0.1", port, WORKERS).serve(target_loader=lambda: application, wrap_loader=False)


def megabytes(number: int) -> float:
    """Memory of a process and all that it started, where shared pages count once (PSS)."""
    rollup = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii")
    own = int(re.findall(r"(?m)^Pss:\s+(\d+) kB", rollup)[0]) / 1024
    children = [path.read_text(encoding="ascii") for path in Path(f"/proc/{number}/task").glob("*/children")]
    return own + sum(megabytes(int(child)) for child in " ".join(children).split())


def answer(app: Flask, address: str, encoding: str) -> bytes:
    """The page, drawn by this process."""
    statuses: list[str] = []
    environ = create_environ(address, headers={"Accept-Encoding": encoding})
    body = b"".join(app.wsgi_app(environ, lambda status, _headers: statuses.append(status)))
    if statuses != ["200 OK"]:
        raise RuntimeError(f"{address} answered {statuses}")
    return body


def timed(app: Flask, address: str) -> tuple[float, float]:
    """Milliseconds to draw the page once: by the clock, and of processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer(app, address, "br")
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def queries(app: Flask, address: str) -> int:
    return counted(app, lambda: answer(app, address, "br"))


def counted(app: Flask, act: Callable[[], object]) -> int:
    """How many queries it asks."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        serve_bytes(Path(sys.argv[2]), int(sys.argv[4]))
    else:
        main()
