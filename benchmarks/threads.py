"""Threads of 10, 200 and 10,000 replies, and the shapes that hurt most.

    python -m benchmarks.threads

Makes a site in a temporary folder and prints, for the post page and for other pages of its thread, the
processor's time of a page that is not kept (the least of many: whatever else the machine does can only add),
its bytes and its queries, each beside the same with 200 replies; then the same pages of threads in which
every reply answers the one before it, all answer the first, or none answers another. WordPress 7.1 with
10,000 comments takes 614 ms for a page of them, and 7.3 s and 15.7 MB as it comes (nginx, php-fpm with
opcache, MariaDB, on such a machine).
"""

import os
import random
import tempfile
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, update

from benchmarks.busy_post import ANSWERS, grow, make_busy_post, site
from benchmarks.pages import answer, queries, timed
from blog.commandline import prepare
from blog.comments.models import Comment
from blog.db import db
from blog.posts.models import Post

FEW, SOME, MANY = 10, 200, 10_000
DRAWN = 30
Parents = list[int | None]
Figures = tuple[float, float, int]


def main() -> None:
    os.environ.pop("ROADBOOK_DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as name:
        app = site(Path(name), PAGE_CACHE="off")
        with app.app_context():
            address = f"/posts/{make_busy_post(0).slug}"
        prepare(app)
        some = print_thread(app, address, "as people talk", talked(SOME))
        print_thread(app, address, "as people talk", talked(FEW), some)
        print_thread(app, address, "as people talk", talked(MANY), some)
        print_thread(app, address, "each answers the one before", [None, *range(MANY - 1)], some)
        print_thread(app, address, "all answer the first", [None, *[0] * (MANY - 1)], some)
        print_thread(app, address, "none answers another", [None] * MANY, some)


def talked(count: int) -> Parents:
    """Three of five answer a reply before them, whichever."""
    chance = random.Random(count)
    return [
        chance.randrange(number) if number and chance.random() < ANSWERS else None for number in range(count)
    ]


def print_thread(
    app: Flask, address: str, shape: str, parents: Parents, beside: list[Figures] | None = None
) -> list[Figures]:
    """Give the post these replies instead of those that it has, and measure its pages."""
    with app.app_context():
        db.session.execute(update(Comment).values(parent_id=None, root_id=None))
        db.session.execute(delete(Comment))
        db.session.commit()
        numbers = grow(db.session.get_one(Post, 1), parents)
    middle, first = numbers[len(numbers) // 2], numbers[0]
    pages = {
        "post": address,
        "newest first": f"{address}/comments?order=newest",
        "from the middle": f"{address}/comments?after={middle}",
        "first branch": f"{address}/comments?branch={first}",
        "its middle": f"{address}/comments?branch={first}&after={middle}",
        "feed": f"{address}/comments.xml",
    }
    print(f"{len(parents):,} replies, {shape}:")
    found = []
    for number, (label, path) in enumerate(pages.items()):
        found.append(figures(app, path))
        cpu, size, asked = found[-1]
        ratio = ""
        if beside:
            ratio = f" = {cpu / beside[number][0]:4.2f} and {size / beside[number][1]:4.2f} of {SOME}'s"
        print(f"  {label:16} {cpu:6.1f} ms {size:6.1f} kB {asked:3} queries{ratio}")
    return found


def figures(app: Flask, path: str) -> Figures:
    """(least milliseconds of the processor, kB in br, queries) of a page."""
    timed(app, path)
    cpu = min(timed(app, path)[1] for _ in range(DRAWN))
    return cpu, len(answer(app, path, "br")) / 1000, queries(app, path)


if __name__ == "__main__":
    main()
