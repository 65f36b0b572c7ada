"""Many write and moderate at once, and the machine fails in the middle: what was acknowledged is there, once.

A short version of `benchmarks/conversation.py`, which has the figures.
"""

import contextlib

import pytest

from benchmarks.conversation import PATH, faults, site, talk, together
from tests.conftest import unavailable
from tests.postgres import binaries, cluster
from tests.servers import until

POSTERS, MODERATORS, SECONDS = 12, 3, 3
SOME = 6


@pytest.fixture(params=["sqlite", "postgres"])
def made(request):
    """A served Roadbook with one post, on each database."""
    folder = binaries()
    with contextlib.ExitStack() as stack:
        if request.param == "postgres":
            if folder is None:
                unavailable("PostgreSQL")
            database = stack.enter_context(cluster(folder))("talk")
        else:
            database = ""
        yield stack.enter_context(site(database))


def test_nothing_that_was_acknowledged_is_lost_or_doubled(made):
    def kill() -> None:
        until(lambda: made.count() >= SOME)
        made.kill()

    cookies, stamp = made.cookies(MODERATORS), made.stamp()
    before = talk(made.port, PATH, stamp, POSTERS, SECONDS, cookies, kill)
    assert before.broken  # it was killed while they wrote
    assert faults(made, before) == []
    made.start()
    after = talk(made.port, PATH, stamp, POSTERS, SECONDS, cookies, round_name="b")
    assert faults(made, together(before, after)) == []
    assert after.acknowledged
    assert after.approved
