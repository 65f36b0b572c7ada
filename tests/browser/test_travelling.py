"""A large file and a day of travelling: the network goes, the server dies, the page is reloaded."""

import hashlib
import random
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PASSWORD, exif, jpeg, kill_all
from tests.servers import Browser as Person
from tests.servers import free_port, until

SIZE = 50_000_000
SOME = 64_000


class Road:
    """The way from a browser to a server: it can be cut and mended, is not fast, and counts what was sent."""

    def __init__(self, server: int) -> None:
        self.server, self.sent, self.is_open = server, 0, True
        self.lines: list[socket.socket] = []
        self.gate = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.gate.getsockname()[1]}"
        threading.Thread(target=self.lead, daemon=True).start()

    def lead(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.gate.accept()
                try:
                    if not self.is_open:
                        raise ConnectionRefusedError
                    far = socket.create_connection(("127.0.0.1", self.server))
                except OSError:
                    near.close()
                    continue
                self.lines += [near, far]
                threading.Thread(target=self.carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self.carry, args=(far, near, False), daemon=True).start()

    def carry(self, origin: socket.socket, goal: socket.socket, is_upwards: bool) -> None:
        with suppress(OSError):
            while some := origin.recv(SOME):
                goal.sendall(some)
                if is_upwards:
                    self.sent += len(some)
                    threading.Event().wait(0.004)
        for end in (origin, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # which ends the other direction too
        origin.close()

    def cut(self) -> None:
        self.is_open = False
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.lines.clear()

    def mend(self) -> None:
        self.is_open = True


@pytest.fixture
def road() -> Iterator[Road]:
    road = Road(free_port())
    yield road
    road.cut()
    road.gate.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A photo that weighs as much as a film."""
    photo = jpeg("navy", (640, 420), exif("2026:05:14 10:30:00", 45.6, 13.7))
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(photo + random.Random(1).randbytes(SIZE - len(photo)))
    return path


@pytest.fixture
def desk(browser: Browser, road: Road, server: subprocess.Popen[bytes], mina: str) -> Iterator[Page]:
    """The desk of Mina's new trip."""
    context = browser.new_context(base_url=road.address, locale="en-GB")
    page = context.new_page()
    page.goto("/sign-in?next=/desk/trips/new")
    page.get_by_label("E-mail").fill(mina)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Title *").fill("Round the bay")
    page.get_by_role("button", name="Make the trip").click()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


@pytest.fixture
def server(
    serve: Callable[..., tuple[subprocess.Popen[bytes], Person]], mina: str, road: Road
) -> subprocess.Popen[bytes]:
    return serve(port=road.server)[0]


def choose(page: Page, file: Path) -> None:
    page.locator("photo-upload input[name=files]").set_input_files(file)


def until_sent(page: Page, share: float) -> None:
    """Wait until so much of everything has gone out."""
    bar = page.get_by_role("progressbar", name="All files")
    while float(bar.evaluate("(bar) => bar.value")) < share:
        page.wait_for_timeout(20)


def test_a_large_file_arrives_whole_and_once_whatever_happens_on_the_way(
    server: subprocess.Popen[bytes],
    serve: Callable[..., object],
    desk: Page,
    road: Road,
    film: Path,
    tmp_path: Path,
):
    status = desk.locator(".upload-status p")
    choose(desk, film)
    until_sent(desk, 0.15)
    road.cut()
    expect(status).to_have_text("The network is away. Sending goes on by itself. 0 of 1 have arrived.")
    road.mend()
    expect(status).to_have_text(re.compile("^Sending 1 of 1"))

    until_sent(desk, 0.35)
    desk.get_by_role("button", name="Pause").click()
    expect(status).to_have_text("Paused. 0 of 1 have arrived.")
    desk.get_by_role("button", name="Go on").click()

    until_sent(desk, 0.5)
    kill_all(server)  # SIGKILL
    expect(status).to_have_text(re.compile("^The network is away."))
    serve(port=road.server)

    until_sent(desk, 0.7)
    desk.reload()
    expect(desk.locator(".upload-left")).to_contain_text("One file was still on the way: IMG_0001.jpg.")
    choose(desk, film)
    expect(desk.locator(".tray .tile[data-state=ready]")).to_contain_text("by its own GPS")
    expect(desk.locator(".upload-left")).to_have_count(0)
    [original] = (tmp_path / "uploads" / "originals").rglob("*.jpg")
    with original.open("rb") as kept, film.open("rb") as sent:
        assert hashlib.file_digest(kept, "sha256").digest() == hashlib.file_digest(sent, "sha256").digest()
    assert road.sent < 1.25 * SIZE  # what had arrived was not sent again
    until(lambda: not [(path.name, path.stat().st_size) for path in (tmp_path / "incoming").iterdir()])

    choose(desk, film)
    expect(desk.locator(".outcomes .placed")).to_contain_text("Here already, not sent again.")
    expect(desk.locator(".tile")).to_have_count(1)
    assert road.sent < 1.25 * SIZE
