"""The whole story on PostgreSQL: a private cluster, migrated, written to, read from."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, update

from blog.accounts.models import Role, create_person
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import bring_up_to_date, db, now
from blog.letters.digest import send_digests
from blog.letters.following import tell_followers
from blog.letters.models import Follow
from blog.mail.models import Mail, MailState
from blog.mail.sending import send_waiting
from tests.conftest import PASSWORD, Client, Visitor, exif, gpx, jpeg, make_app, unavailable
from tests.mail.hosts import MailHost, running
from tests.trips.test_uploads import Sender


def binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest version first."""
    on_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    elsewhere = shutil.which("initdb")
    found = on_debian or ([Path(elsewhere)] if elsewhere else [])
    return found[0].parent if found else None


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; then the user `postgres` runs it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def cluster() -> Iterator[Callable[[str], str]]:
    """Starts a server; gives the address of a new empty database of a name."""
    folder = binaries()
    if folder is None or (os.geteuid() == 0 and not shutil.which("runuser")):
        unavailable("PostgreSQL")
    home = Path(tempfile.mkdtemp(prefix="roadbook-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    data, port = home / "data", free_port()

    def run(program: str, *arguments: str) -> None:
        command = as_postgres([str(folder / program), *arguments])
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=60)

    def make(name: str) -> str:
        run("createdb", "-h", str(home), "-p", str(port), "-U", "roadbook", name)
        return f"postgresql+psycopg://roadbook@/{name}?host={home}&port={port}"

    run("initdb", "-D", str(data), "-U", "roadbook", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-p {port} -k {home} -c listen_addresses= -c fsync=off"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    try:
        yield make
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def schema(cluster: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a migrated database."""
    app = make_app(tmp_path_factory.mktemp("postgres"), DATABASE_URL=cluster("story"))
    app.test_client_class = Client
    with app.app_context():
        assert bring_up_to_date()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def site(schema: Flask) -> Iterator[Flask]:
    """The application, empty of rows."""
    yield schema
    db.session.rollback()
    tables = ", ".join(table.name for table in db.metadata.sorted_tables)
    db.session.execute(db.text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    db.session.commit()
    schema.extensions["edition"].advance()


def signed_in(app: Flask, name: str, role: Role) -> Visitor:
    someone = create_person(name, f"{name.lower()}@example.org", PASSWORD, role)
    db.session.commit()
    return Visitor(app.test_client()).sign_in(someone)


def test_migrations_equal_the_models_and_go_back_and_forth(site):
    migrations = site.config["MIGRATIONS"]
    for _ in range(2):
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
        downgrade(directory=migrations, revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        upgrade(directory=migrations)


def test_a_trip_is_told_and_talked_about(site):
    author, moderator = signed_in(site, "Jonas", Role.AUTHOR), signed_in(site, "Petra", Role.MODERATOR)
    trip = author.make_trip("Round the bay")
    way = [(42.0, 19.0 + i / 1000, f"2026-05-14T08:{i:02}:00Z") for i in range(60)]
    answer = author.upload(
        trip,
        ("way.gpx", gpx(way)),
        ("gps.jpg", jpeg("teal", (60, 40), exif("2026:05:14 10:10:00", 42.01, 19.02))),
        ("timed.jpg", jpeg("navy", (60, 40), exif("2026:05:14 10:30:00", camera="Other O-1"))),
        ("plain.jpg", jpeg("red", (60, 40))),
    )
    assert answer.text.count('class="placed"') == 2
    author.send(f"{trip}/photos/3/place", trip, lat="42.02", lon="19.01")
    text = (
        "Along the bay.\n\n![The bay](photo:1) ![](photo:2)\n\n::map\n\n![](photo:3) ![](photo:999999999999)"
    )
    told = author.publish(author.write(text, trip=trip))

    reader = Visitor(site.test_client())
    assert reader.reply(told, "What a bay!").status_code == 303
    moderator.send("/comments/1/approval", "/desk/moderation")
    reader.reply(told, "It is.", parent_id="1", name="Iris")
    moderator.send("/comments/2/approval", "/desk/moderation")
    page = reader.get(told)
    assert page.index("What a bay!") < page.index("It is.")
    for address in f"""/ /trips/ /trips/round-the-bay /trips/round-the-bay/map.json {told}/map.json /photos/1
        /photos/2 /feed.xml /feed.json /comments.xml {told}/comments.xml /sitemap.xml /healthz""".split():
        reader.get(address)
    for address in f"""/desk/ {trip} {trip}/tray {trip}/map.json {trip}/photos/2 /desk/posts/1
        /desk/posts/1/preview /desk/moderation?status=approved /desk/moderation/log""".split():
        author.get(address)
    for visitor in (moderator, author):
        assert "Sign out" in visitor.get("/desk/moderation")
    author.send("/sign-out", "/desk/")
    author.get("/desk/", 302)


def test_eight_workers_write_each_letter_and_send_it_once(site):
    author = signed_in(site, "Jonas", Role.AUTHOR)
    told = author.publish(author.write("Some words."))
    reader = Visitor(site.test_client())
    assert reader.reply(told, "What a bay!").status_code == 303
    assert reader.reply(told, "Shown already.").status_code == 303
    site.extensions["jobs"].immediate = False
    earlier = now() - timedelta(minutes=5)
    shown = {"status": Status.APPROVED, "is_shown": True, "created_at": earlier}
    db.session.execute(update(Comment).where(Comment.id == 2).values(**shown))
    for i in range(10):
        db.session.add(Follow(email=f"reader{i}@example.org", post_id=1, confirmed_at=earlier))
    db.session.commit()

    def work() -> None:
        with site.app_context():
            for task in (send_digests, tell_followers, send_waiting):
                task()

    try:
        with running(MailHost()) as host:
            site.config["SMTP_URL"] = f"smtp://127.0.0.1:{host.port}"
            workers = [threading.Thread(target=work) for _ in range(8)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            send_waiting()
    finally:
        site.config["SMTP_URL"] = ""
        site.extensions["jobs"].immediate = True
    to = sorted(letter.rcpt_tos[0] for letter in host.letters)
    assert to == ["jonas@example.org", *(f"reader{i}@example.org" for i in range(10))]
    assert {mail.state for mail in db.session.scalars(select(Mail))} == {MailState.SENT}


def test_a_file_arrives_in_chunks(site):
    jonas = signed_in(site, "Jonas", Role.AUTHOR)
    sender, photo = Sender(jonas, jonas.make_trip()), jpeg("teal", exif=exif(None, 42.01, 19.02))
    address = sender.begin(photo, "a\0b.jpg", sha256=hashlib.sha256(photo).hexdigest())
    sender.go_on(address, 0, photo[:500])
    assert sender.recognise(("b.jpg", photo)) == [{"upload": address}]
    sender.go_on(address, 500, photo[500:])
    assert sender.outcome(address)["results"][0]["outcome"] == "placed"
    assert sender.recognise(("b\0.jpg", photo))[0]["results"][0]["outcome"] == "placed"
    assert sender.ask("GET", "/desk/uploads?token=%00&token=" + "a" * 5000).json == {"uploads": {}}
    site.extensions["jobs"].sweep_now()


@pytest.mark.parametrize("word", ["nul\0nul", "\ud7ff\uffff", "𝄞" * 80])
def test_strange_letters_break_nothing(site, word):
    author = signed_in(site, "Jonas", Role.AUTHOR)
    trip = author.make_trip(f"Trip {word}")
    author.upload(
        trip, (f"{word}.jpg", jpeg("teal", (60, 40))), (f"{word}.gpx", gpx([(1, 1, None), (1, 2, None)]))
    )
    author.send(f"{trip}/photos/1", trip, caption=word, alt=word)
    told = author.publish(author.write(f"{word}\n\n![{word}](photo:1)", title=f"Post {word}", trip=trip))
    reader = Visitor(site.test_client())
    assert reader.reply(told, word).status_code == 303
    assert reader.reply(told, "x", name=word).status_code in (303, 422)
    assert reader.reply(told, "x", email=f"{word}@example.org").status_code in (303, 422)
    assert reader.client.post("/sign-in", data={"email": word, "password": word}).status_code == 422
    assert "no such camera" in author.send(f"{trip}/clocks", trip, camera=word, direction="ahead").text
    reader.get(told)


@pytest.mark.parametrize(
    "address",
    ["/posts/a%00b", "/trips/%00", "/posts/%FF%FE", "/photos/2147483648", "/comments/99999999999999999999",
     "/media/%00/400.jpg", "/posts/" + "a" * 5000],
)  # fmt: skip
def test_strange_addresses_are_just_not_there(site, address):
    Visitor(site.test_client()).get(address, 404)


def test_strange_questions_break_nothing(site):
    author = signed_in(site, "Jonas", Role.AUTHOR)
    told = author.publish(author.write("Some words."))
    reader = Visitor(site.test_client())
    for question in ("reply=99999999999999999999", "waiting=%00", "reply=%00&waiting=a.b", "waiting=MQ.x"):
        reader.get(f"{told}?{question}")
    for parent in ("999999999", "99999999999999", "-1", "\0", "²"):
        assert reader.reply(told, "Hello there", parent_id=parent).status_code in (303, 422)
    author.get("/desk/posts/new?trip=99999999999999999999")
    author.get("/desk/moderation?page=99999999999999999999&status=%00")


def test_a_failed_query_still_shows_a_page(site):
    author = signed_in(site, "Jonas", Role.AUTHOR)
    original = site.view_functions["pages.home"]

    def failing() -> str:
        db.session.execute(db.text("SELECT nothing"))
        return ""

    failing.audience = original.audience
    site.view_functions["pages.home"] = failing
    try:
        assert "Something broke" in author.get("/", 500)
    finally:
        site.view_functions["pages.home"] = original
