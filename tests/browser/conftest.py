"""One Chromium and one running Roadbook for all browser tests; every page is listened to while it is open."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    StorageState,
    expect,
    sync_playwright,
)

from tests.browser.site import Site, fill
from tests.conftest import PASSWORD

ROOT = Path(__file__).parents[2]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = (1280, 800), (390, 844)
PATIENCE_MS = 15_000  # a busy machine is slow, not wrong

expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Page]
Shots = list[Page]
People = dict[str, StorageState | None]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Roadbook with its worker on a port of its own."""
    folder = tmp_path_factory.mktemp("site")
    address = f"http://127.0.0.1:{free_port()}"
    site = fill(folder, address)
    server = serve(folder, address)
    try:
        wait_for(server, address)
        yield site
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path, address: str) -> subprocess.Popen[bytes]:
    settings = {
        "ROADBOOK_INSTANCE": str(folder),
        "ROADBOOK_STORAGE_URL": str(folder / "uploads"),
        "ROADBOOK_PUBLIC_URL": address,
        "ROADBOOK_SITE_TAGLINE": "On foot, mostly.",
    }
    port = str(urlsplit(address).port)
    command = [sys.executable, "-m", "blog.commandline", "serve", "--port", port, "--workers", "1"]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | settings)


def wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(300):
        assert server.poll() is None, "The server ended at once."
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The server did not answer within 30 seconds.")


@pytest.fixture(scope="session")
def people(browser: Browser, site: Site) -> People:
    """The cookies of a reader (none), an author, a moderator and the owner."""

    def signed_in(email: str) -> StorageState:
        context = browser.new_context(base_url=site.address)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk/**")
        state = context.storage_state()
        context.close()
        return state

    return {
        "reader": None,
        "author": signed_in("jonas@example.org"),
        "moderator": signed_in("petra@example.org"),
        "owner": signed_in("mina@example.org"),
    }


class Listener:
    """What a browser says about pages while they are used."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.media: list[str] = []

    def listen(self, page: Page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.see(request.url))
        page.on("response", self.check)

    def hear(self, message: ConsoleMessage) -> None:
        # A 404 or 422 that a test asks for is told on the console too; `check` sees those that matter.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def see(self, url: str) -> None:
        if url.startswith(("http:", "https:")) and not url.startswith(self.site.address):
            self.strangers.append(url)
        if "/media/" in url:
            self.media.append(url)

    def check(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in ("document", "fetch", "xhr"):
            self.complaints.append(f"{response.status} {response.url}")


@pytest.fixture
def listener(site: Site) -> Listener:
    return Listener(site)


@pytest.fixture
def shots(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shots]:
    """Pages put into it are photographed where the test failed."""
    pages: Shots = []
    yield pages
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(pages):
            page.screenshot(path=tmp_path / f"failed-{number}.png")


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    """The windows of a test, closed in the end."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def open_page(
    browser: Browser,
    site: Site,
    people: People,
    listener: Listener,
    contexts: list[BrowserContext],
    shots: Shots,
) -> Iterator[Open]:
    """Opens pages: `open_page("/posts/…", who="author", size=PHONE)`. In the end none may have complained."""

    def open_at(path: str, who: str = "reader", size: tuple[int, int] = WIDE, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site.address,
            storage_state=people[who],
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        shots.append(page)
        listener.listen(page)
        page.goto(path)
        return page

    yield open_at
    assert listener.complaints == []
    assert listener.strangers == []


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
