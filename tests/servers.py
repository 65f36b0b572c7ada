"""Roadbook as real processes, and people who use it at a real address."""

import http.cookiejar
import re
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from urllib.parse import urlencode

ROADBOOK = [sys.executable, "-W", "error::DeprecationWarning", "-m", "blog.commandline"]
PATIENCE_S = 60


def value(page: str, name: str) -> str:
    """What a form field on a page holds."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"No field {name}"
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object]) -> None:
    """Wait for something that must happen soon."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)


class Browser:
    """A person at a real address; keeps cookies."""

    def __init__(self, address: str) -> None:
        self.jar = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.address, self.opener = address, urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=10) as answer:
            return answer.read().decode()

    def send(self, path: str, page: str, **fields: str) -> str:
        """Post a form that stands on `page`; the page it leads to."""
        fields["csrf_token"] = value(self.get(page), "csrf_token")
        with self.opener.open(self.address + path, urlencode(fields).encode(), timeout=10) as answer:
            return answer.read().decode()

    def upload(self, trip: str, name: str, content: bytes) -> str:
        token = value(self.get(trip), "csrf_token")
        parts = (
            f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--x\r\n'
            f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        )
        body = parts.encode() + content + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(f"{self.address}{trip}/files", body, headers)
        with self.opener.open(request, timeout=10) as answer:
            return answer.read().decode()

    def is_up(self) -> bool:
        try:
            return "ok" in self.get("/healthz")
        except OSError:
            return False
