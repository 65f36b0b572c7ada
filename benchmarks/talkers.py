"""Readers who post and moderators who approve, as fast as they are let: clients in a process of their own.

    python -m benchmarks.talkers < order.json > heard.json

It loads nothing of Roadbook, so that starting and running it costs little beside the server.
"""

import json
import random
import re
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

WORDS = ["ferry", "harbour", "lighthouse", "morning", "bread", "pass", "valley", "rain", "hostel", "bicycle"]
EMAILS_EACH = 20
PAUSE_S = 0.05  # before another try at a server that is not there
APPROVE = re.compile(r'formaction="/comments/(\d+)/approval" name="version" value="(\d+)"')
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')


@dataclass
class Heard:
    """What one client was told. `broken`: requests without an answer; nobody knows what became of them."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    approved: list[int] = field(default_factory=list)
    limited: int = 0
    broken: int = 0
    wrong: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)


class Client:
    """One connection, opened again when it breaks."""

    def __init__(self, port: int, heard: Heard) -> None:
        self.port, self.heard = port, heard
        self.connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes] | None:
        """(status, body); None where the connection broke."""
        try:
            if self.connection is None:
                self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            self.heard.broken += 1
            self.connection = None
            time.sleep(PAUSE_S)
            return None


def write(order: dict[str, Any], name: str, heard: Heard) -> None:
    """Post one comment after the other; each has words of its own, by which it is found again."""
    client, chance = Client(order["port"], heard), random.Random(name)
    number = 0
    while time.time() < order["ends"]:
        number += 1
        mark = f"{name}-{number}"
        fields = {
            "text": f"{mark} {' '.join(chance.choices(WORDS, k=25))}.",
            "name": f"Reader {name}",
            "email": f"{name}.{number % EMAILS_EACH}@example.org",
            "stamp": order["stamp"],
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "X-Forwarded-For": "10.{}.{}.{}".format(*(chance.randrange(1, 255) for _ in range(3))),
        }
        began = time.perf_counter()
        answer = client.ask("POST", order["path"], urlencode(fields), headers)
        if answer is None:
            continue
        status, body = answer
        if status in (201, 202):
            heard.acknowledged[mark] = json.loads(body)["id"]
            heard.waited.append(time.perf_counter() - began)
        elif status == 429:
            heard.limited += 1
        else:
            heard.wrong.append(f"{status} {body[:200]!r}")


def moderate(order: dict[str, Any], cookie: str, heard: Heard) -> None:
    """Look at the queue, approve one of those that wait, pause for as long as a quick person would."""
    client, chance = Client(order["port"], heard), random.Random(cookie)
    headers = {"Cookie": cookie, "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    while time.time() < order["ends"]:
        page = client.ask("GET", "/desk/moderation", "", headers)
        if page is None:
            continue
        if page[0] != 200:
            heard.wrong.append(f"queue {page[0]} {page[1][:200]!r}")
            continue
        seen = page[1].decode()
        if buttons := APPROVE.findall(seen):
            number, version = chance.choice(buttons)
            fields = {"csrf_token": TOKEN.findall(seen)[0], "version": version}
            answer = client.ask("POST", f"/comments/{number}/approval", urlencode(fields), headers)
            if answer and answer[0] in (200, 303, 302):
                heard.approved.append(int(number))
            elif answer and answer[0] == 429:
                heard.limited += 1
            elif answer and answer[0] != 409:  # another moderator was first
                heard.wrong.append(f"approval {answer[0]} {answer[1][:200]!r}")
        time.sleep(order["pause"])


def main() -> None:
    order = json.load(sys.stdin)
    heard = [Heard() for _ in (*order["writers"], *order["moderators"])]
    work = [(write, name) for name in order["writers"]] + [
        (moderate, cookie) for cookie in order["moderators"]
    ]
    threads = [
        threading.Thread(target=what, args=(order, who, mine))
        for (what, who), mine in zip(work, heard, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump([asdict(one) for one in heard], sys.stdout)


if __name__ == "__main__":
    main()
