"""Hostile and odd files, through the real upload of a running server, one by one, twice.

    python -m benchmarks.hostile FOLDER...

Prints how each share of them ended, the longest wait, whether a process of the server died, whether a file
was lost (kept photos have their originals, byte for byte), and the memory of the server's processes before,
after the first and after the second time. Linux only.
"""

import contextlib
import hashlib
import http.cookiejar
import json
import os
import re
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.busy_post import site
from benchmarks.pages import megabytes, running
from blog.accounts.models import Role, create_person
from blog.db import db
from blog.photos.workbench import IDLE_S

PASSWORD = "a long enough password"
PATIENCE_S = 20
WORKERS = 2
MOST_REASONS = 25


class Visitor:
    """Somebody at the real address; keeps cookies."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> str:
        request = urllib.request.Request(self.address + path, body, headers)
        with self.opener.open(request, timeout=120) as answer:
            return str(answer.read().decode())

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', self.ask(page))
        if not found:
            raise RuntimeError(f"{page} has no form.")
        return found[1]

    def send(self, page: str, **fields: str) -> None:
        self.ask(page, urlencode(fields | {"csrf_token": self.token(page)}).encode())

    def upload(self, token: str, path: Path) -> dict[str, str]:
        """What became of the file, as the desk's script is told."""
        head = (
            f'--x-x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--x-x\r\n'
            f'Content-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'
        )
        body = head.encode() + path.read_bytes() + b"\r\n--x-x--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=x-x", "Accept": "application/json"}
        (result,) = json.loads(self.ask("/desk/trips/1/files", body, **kind))["results"]
        return dict(result)


def main() -> None:
    paths = [path for folder in sys.argv[1:] for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    os.environ.pop("ROADBOOK_DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder = Path(name)
        with site(folder).app_context():
            create_person("Mina", "mina@example.org", PASSWORD, Role.OWNER)
            db.session.commit()
        roadbook = [sys.executable, "-m", "blog.commandline", "serve", "--workers", str(WORKERS)]
        port, process = servers.enter_context(running(roadbook, folder))
        mina = Visitor(port)
        mina.send("/sign-in", email="mina@example.org", password=PASSWORD)
        mina.send("/desk/trips/new", title="Round the bay")
        own, memory = family(process), [megabytes(process)]
        for turn in ("first", "second"):
            results = uploaded(mina, paths)
            if turn == "first":
                print_ends(results)
            settle(mina)
            memory.append(at_rest(process))
        print_losses(mina, folder, paths, results)
        print(f"processes of the server that died: {len(own - family(process))}")
        print("memory of the server, MB: " + ", ".join(f"{one:.0f}" for one in memory))


def uploaded(mina: Visitor, paths: list[Path]) -> list[tuple[Path, dict[str, str], float]]:
    results, token = [], mina.token("/desk/trips/1")
    for path in paths:
        start = time.monotonic()
        result = mina.upload(token, path)
        results.append((path, result, time.monotonic() - start))
    return results


def print_ends(results: list[tuple[Path, dict[str, str], float]]) -> None:
    ends = Counter(ending(result) for _path, result, _time in results)
    print(f"{len(results)} files ended so:")
    for words, count in ends.most_common(MOST_REASONS):
        print(f"  {count:4} {100 * count / len(results):5.1f} %  {words}")
    slowest = max(results, key=lambda one: one[2])
    print(f"longest wait {slowest[2]:.1f} s ({slowest[0].name}); over {PATIENCE_S} s: ", end="")
    print(sum(time > PATIENCE_S for _path, _result, time in results))


def ending(result: dict[str, str]) -> str:
    """Kept, or the beginning of the reason."""
    if result["outcome"] != "refused":
        return f"taken ({result['outcome']})"
    words = re.sub(r"\d[\d,.]*", "N", result["message"])
    return f"refused: {re.split(r'[.:(]', words)[0]}"


def settle(mina: Visitor) -> None:
    """Wait until the worker has made all renditions."""
    while re.search(r'data-state="(uploaded|processing)"', mina.ask("/desk/trips/1/tray")):
        time.sleep(0.5)


def print_losses(
    mina: Visitor, folder: Path, paths: list[Path], results: list[tuple[Path, dict[str, str], float]]
) -> None:
    kept = {path.stem for path in (folder / "uploads" / "originals").rglob("*") if path.is_file()}
    taken = [path for path, result, _time in results if result["outcome"] != "refused"]
    lost = [path for path in taken if hashlib.sha256(path.read_bytes()).hexdigest() not in kept]
    untold = [path for path, result, _time in results if not result["message"]]
    states = Counter(re.findall(r'data-state="(\w+)"', mina.ask("/desk/trips/1/tray")))
    print(f"{len(paths)} files: {len(taken)} taken, {len(lost)} of them lost, {len(untold)} without a word")
    print("photos in the tray: " + ", ".join(f"{count} {state}" for state, count in states.items()))


def at_rest(process: int) -> float:
    """Memory once the benches have ended."""
    while True:
        time.sleep(IDLE_S + 2)
        with contextlib.suppress(OSError):  # one was just ending
            return megabytes(process)


def family(leader: int) -> set[int]:
    """The processes below this one that serve: not those at which photos are decoded."""
    found = {leader}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, _name, rest = re.split(r" \(|\) ", status.read_text(encoding="utf-8"), maxsplit=2)
            words = (status.parent / "cmdline").read_bytes()
            if int(rest.split()[1]) in found and b"workbench" not in words:
                found.add(int(number))
    return found


if __name__ == "__main__":
    main()
