"""What holds for the whole house: doors, drafts, migrations, documentation, markup without inline code."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from blog.accounts.models import Role
from blog.commandline import main
from blog.db import bring_up_to_date, db
from blog.web.access import Audience
from config import ROOT, SETTINGS
from tests.conftest import Visitor, jpeg, make_app, moved_to, value

LETTERS = "blog/templates/letters/"
ANYWHERE = {"slug": "x", "media_key": "0" * 64, "width": 400, "extension": "jpg", "filename": "icon.svg"}


def addresses(app: Flask, method: str, *audiences: Audience) -> list[str]:
    """An address of every route for these audiences that takes the method."""
    adapter = app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: ANYWHERE.get(name, 1) for name in rule.arguments}, method=method)
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ())
        and getattr(app.view_functions[rule.endpoint], "audience", None) in audiences
    ]


def test_every_route_says_who_may_enter(app):
    silent = [
        name
        for name, view in app.view_functions.items()
        if name != "static" and not isinstance(getattr(view, "audience", None), Audience)
    ]
    assert silent == []


def test_a_route_that_says_nothing_lets_nobody_in(app, visitor, author):
    app.view_functions["pages.home"] = lambda: "open by mistake"
    visitor.get("/", 403)
    author.get("/", 403)


def test_strangers_are_led_to_the_sign_in(app, visitor):
    closed = addresses(app, "GET", *set(Audience) - {Audience.EVERYONE})
    assert len(closed) >= 10
    for address in closed:
        assert moved_to(visitor.client.get(address)).startswith("/sign-in?next=/"), address


def test_strangers_change_nothing(app, visitor):
    closed = addresses(app, "POST", *set(Audience) - {Audience.EVERYONE})
    assert len(closed) >= 15
    for address in closed:
        assert visitor.client.post(address).status_code in (302, 401), address


def test_moderators_enter_no_authors_room(app, moderator):
    rooms = addresses(app, "GET", Audience.AUTHORS, Audience.OWNER)
    assert len(rooms) >= 8
    for address in rooms:
        assert "Not for this account" in moderator.get(address, 403)
    for address in addresses(app, "POST", Audience.AUTHORS, Audience.OWNER):
        assert moderator.client.post(address).status_code == 403, address


def test_nobody_guesses_what_another_author_is_doing(app, author, person):
    trip = author.make_trip("A secret journey")
    author.upload(trip, ("a.jpg", jpeg()))
    post = author.write("![](photo:1)", trip=trip)
    theirs = addresses(app, "GET", Audience.AUTHORS)
    other = Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR))
    for address in [a for a in theirs if re.search(r"/1(/|$)", a)]:
        assert "A secret journey" not in other.get(address, 404)
    token = other.token("/desk/trips/new")
    for address in [a for a in addresses(app, "POST", Audience.AUTHORS) if re.search(r"/1(/|$)", a)]:
        assert other.client.post(address, data={"csrf_token": token}).status_code == 404, address
    assert "A secret journey" not in other.get("/desk/")
    owner = Visitor(app.test_client()).sign_in(person("Olga", Role.OWNER))
    owner.get(trip)
    owner.get(post)


def test_a_draft_has_no_address(app, author, moderator, visitor):
    author.write("Not ready yet.", title="Half a story")
    for reader in (visitor, moderator, author):
        reader.get("/posts/half-a-story", 404)
        reader.get("/posts/half-a-story/map.json", 404)
        reader.get("/posts/half-a-story/comments.xml", 404)
        assert reader.client.post("/posts/half-a-story/comments", data={}).status_code == 404
    for page in ("/", "/trips/", "/feed.xml", "/feed.json", "/sitemap.xml"):
        assert "half-a-story" not in visitor.get(page)


def test_a_photo_nobody_published_has_no_page(author, visitor):
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg()))
    draft = author.write("![](photo:1)", trip=trip)
    visitor.get("/photos/1", 404)
    visitor.get("/trips/round-the-bay", 404)
    author.publish(draft)
    visitor.get("/photos/1")
    visitor.get("/trips/round-the-bay")
    author.send(f"{draft}/withdrawal", draft)
    visitor.get("/photos/1", 404)


@pytest.mark.parametrize("number", ["0", "99999999999", "9" * 40])
def test_numbers_that_no_database_has_are_just_not_there(app, author, visitor, number):
    for address in ("/photos/{}", "/comments/{}"):
        visitor.get(address.format(number), 404)
    for address in ("/desk/trips/{}", "/desk/trips/{}/photos/{}", "/desk/posts/{}", "/desk/trips/{}/tray"):
        author.get(address.format(number, number), 404)
    visitor.get(f"/media/{'0' * 64}/{number}.jpg", 404)
    author.get(f"/desk/moderation?page={number}")
    author.get(f"/desk/posts/new?trip={number}")
    trip = author.make_trip()
    author.get(f"{trip}/privacy?photo={number}")
    author.get(f"{trip}/privacy?zone={number}", 404)


def test_migrations_equal_the_models(app):
    assert differences() == []


def test_sqlite_gives_no_number_of_these_tables_twice(app):
    """Alembic does not compare this, and a migration that makes such a table anew would lose it."""
    meant = {
        table.name for table in db.metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]
    }
    made = "SELECT name FROM sqlite_master WHERE sql LIKE '%PRIMARY KEY AUTOINCREMENT%'"
    assert meant == {"comment", "commenter", "mail"}
    assert set(db.session.scalars(text(made))) == meant


def test_migrations_go_back_and_forth(tmp_path):
    app = make_app(tmp_path)
    with app.app_context():
        assert bring_up_to_date()
        assert not bring_up_to_date()
        downgrade(directory=app.config["MIGRATIONS"], revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        upgrade(directory=app.config["MIGRATIONS"])
        assert differences() == []
        db.engine.dispose()


def differences() -> list[object]:
    """What would have to be migrated for the database to be as the models say."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, db.metadata)


def test_sqlite_runs_as_promised(app):
    with db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def running() -> str:
    page = ROOT / "docs" / "running.md"
    assert page.exists(), "docs/running.md is missing"
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting):
    assert f"`{setting.variable}`" in running()


def test_every_command_is_documented():
    page = running()
    missing = [
        name
        for name, command in main.commands.items()
        if not command.hidden and f"roadbook {name}" not in page
    ]
    assert missing == []


def test_every_command_helps():
    for name, command in main.commands.items():
        assert command.help, name


def committed(*endings: str) -> Iterator[tuple[str, str]]:
    """(name, text) of the project's own files with these endings; of all text files without."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        listed = [
            str(path.relative_to(ROOT))
            for folder in ("blog", "tests", "docs")
            for path in (ROOT / folder).rglob("*")
        ]
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and (not endings or name.endswith(endings)):
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_where_packages_came_from():
    hosts = re.compile(
        "|".join(["py" + "pi.org", "npm" + "js", "python" + "hosted", "artifact" + "ory", "/sim" + "ple/"])
    )
    assert [name for name, text in committed() if hosts.search(text)] == []


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    assert [
        name for name, text in committed(".py", ".html", ".ts", ".css", ".md") if words.search(text)
    ] == []


def test_templates_have_no_inline_code():
    inline = re.compile(r"<[^>{]*\s(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE)
    bare = re.compile(r"<(?:script|style)\b(?![^>]*nonce=)", re.IGNORECASE)
    templates = list(committed(".html", ".xml"))
    assert len(templates) > 25
    assert [name for name, text in templates if inline.search(text)] == []
    assert [name for name, text in templates if bare.search(text)] == [f"{LETTERS}_layout.html"]


def test_letters_run_nothing_and_load_nothing():
    """They carry their styles with them, and no picture or script that would tell when they are read."""
    loading = re.compile(
        r"<(?:script|img|link|iframe|object|svg|form|base)\b|url\(|@import|srcset", re.IGNORECASE
    )
    letters = [
        (name, text) for name, text in committed(".html") if Path(name).parent.as_posix() + "/" == LETTERS
    ]
    assert len(letters) >= 5
    assert [name for name, text in letters if loading.search(text)] == []
    without_text = [name for name, _text in letters if not (ROOT / name).with_suffix(".txt").exists()]
    assert without_text == [f"{LETTERS}_layout.html"]


def test_drawn_maps_have_no_inline_code(author):
    page = author.get(author.make_trip())
    assert not re.search(r"\sstyle=|\son[a-z]+=", page)
    assert value(page, "csrf_token")


def test_folders_are_where_the_design_says():
    assert (Path(ROOT) / "wsgi.py").exists()
    assert {path.name for path in (ROOT / "blog").iterdir() if path.is_dir()} >= {
        "accounts", "comments", "geo", "pages", "photos", "posts", "trips", "web",
    }  # fmt: skip
