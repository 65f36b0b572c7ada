"""What goes wrong is said in plain words, to people as a page and to scripts as JSON."""

import pytest
from flask import Flask
from werkzeug.exceptions import Gone

from blog.db import db
from blog.web.access import Audience, open_to
from tests.conftest import Visitor


def breaking() -> str:
    raise RuntimeError("a secret of the machine")


def broken(app: Flask, view=breaking) -> None:
    """Make the home page fail."""
    app.view_functions["pages.home"] = open_to(Audience.EVERYONE)(view)


def test_a_page_that_is_not_there(visitor):
    page = visitor.get("/nowhere", 404)
    assert "Off the map" in page
    assert "Back to the start" in page


def test_scripts_are_told_in_json(visitor):
    answer = visitor.client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "nothing at this address" in answer.json["error"]


def test_a_fault_of_ours_says_so_and_nothing_more(app, visitor):
    broken(app)
    page = visitor.get("/", 500)
    assert "Something broke" in page
    assert "secret" not in page
    assert "Traceback" not in page


def test_a_fault_of_ours_has_its_headers(app, visitor):
    broken(app)
    answer = visitor.client.get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert (
        visitor.client.get("/", headers={"Accept": "application/json"})
        .json["error"]
        .startswith("The fault is")
    )


def test_a_broken_database_still_shows_a_page_to_those_signed_in(app, author):
    def breaking_database() -> str:
        db.session.execute(db.text("DROP TABLE session"))
        db.session.execute(db.text("SELECT nothing"))
        return "never reached"

    broken(app, breaking_database)
    assert "Something broke" in author.get("/", 500)


def test_a_lost_database_still_shows_a_page(app, author, visitor):
    db.session.execute(db.text("DROP TABLE session"))
    db.session.execute(db.text("DROP TABLE post_photo"))
    db.session.execute(db.text("ALTER TABLE post RENAME TO lost"))
    db.session.commit()
    assert "Something broke" in visitor.get("/", 500)
    assert "Something broke" in author.get("/", 500)
    assert "Something broke" in author.get("/desk/", 500)
    visitor.get("/healthz")


def test_an_address_that_takes_another_kind_of_request(visitor):
    assert "another kind of request" in visitor.get("/sign-out", 405)


def test_what_is_too_large_is_refused_at_once(visitor):
    answer = visitor.client.post("/sign-in", data={"email": "a" * 5_000_000})
    assert answer.status_code == 413
    assert "Too large" in answer.text


def test_words_of_a_view_come_before_the_stock_ones(app, visitor):
    def gone() -> str:
        raise Gone("This trip was taken off the map.")

    broken(app, gone)
    assert "This trip was taken off the map." in visitor.get("/", 410)


@pytest.mark.parametrize("host", ["localhost", 'evil.example"><script>'])
def test_a_strange_host_changes_no_page(visitor: Visitor, host):
    answer = visitor.client.get("/", headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert "evil" not in answer.text
