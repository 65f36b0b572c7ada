"""The whole story on PostgreSQL: a private cluster, migrated, written to, read from."""

import hashlib
import random
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, update

from blog.accounts.models import Role, create_person
from blog.comments.commands import export_comments, import_comments
from blog.comments.commenters import commenter_for
from blog.comments.learning import learn, present_ear
from blog.comments.models import Comment
from blog.comments.senders import present_salt
from blog.comments.verdict import Status
from blog.db import bring_up_to_date, db, now
from blog.letters.digest import send_digests
from blog.letters.following import tell_followers
from blog.letters.models import Follow
from blog.mail.models import Mail, MailState
from blog.mail.sending import send_waiting
from blog.posts.models import Post
from blog.web.limits import limiter
from tests.accounts.at_once import (
    an_invitation_is_used_once,
    many_guesses_at_once_are_counted,
    owners_who_end_each_other_leave_one,
)
from tests.accounts.mailbox import mailed_link
from tests.accounts.test_people import invite
from tests.accounts.test_reset import ask
from tests.accounts.test_sign_in import sign_in
from tests.accounts.test_two_step import enter, half_way, turn_on
from tests.comments.test_log import refuse_changes
from tests.comments.test_moderation import decide_at_the_same_moment, wait
from tests.comments.test_threads import expected, few_on_a_page, moderate_at_random, plant, walk
from tests.conftest import PASSWORD, Client, Visitor, exif, gpx, jpeg, make_app, unavailable
from tests.mail.hosts import MailHost, running
from tests.postgres import binaries, cluster
from tests.trips.test_uploads import Sender


@pytest.fixture(scope="module")
def databases() -> Iterator[Callable[[str], str]]:
    """Gives the address of a new empty database of a name."""
    folder = binaries()
    if folder is None:
        unavailable("PostgreSQL")
    with cluster(folder) as make:
        yield make


@pytest.fixture(scope="module")
def schema(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a migrated database."""
    app = make_app(tmp_path_factory.mktemp("postgres"), DATABASE_URL=databases("story"))
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
    limiter().reset()


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


def test_many_readers_at_once_make_one_commenter_and_one_salt(site):
    def arrive(number: int) -> tuple[int, bytes]:
        with site.app_context():
            found = commenter_for("Iris@example.org", f"Iris {number}").id, present_salt()
            db.session.commit()
            return found

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(arrive, range(64)))) == 1


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
    learn()
    assert present_ear().decisions == 2
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


def test_readers_take_back_what_they_wrote(site, tmp_path):
    author = signed_in(site, "Jonas", Role.AUTHOR)
    told = author.publish(author.write("Some words."))
    reader = Visitor(site.test_client())
    reader.reply(told, "Is the ferry running?")
    author.send("/comments/1/approval", "/desk/moderation")
    author.reply(told, "It is.", parent_id="1")
    reader.reply(told, "Thank you!")
    export = tmp_path / "comments.jsonl"
    assert CliRunner().invoke(export_comments, [str(export)]).exit_code == 0
    site.extensions["jobs"].sweep_now()
    reader.client.post("/your-data", data={"email": "sofia@example.org"})
    link = re.search(
        r"http://localhost(/your-data/\S+)",
        db.session.scalars(select(Mail).filter_by(kind="your-data")).one().text,
    )[1]
    assert "Is the ferry running?" in reader.get(link)
    assert "Erased" in reader.client.post(f"{link}/erasure").text
    page = reader.get(told)
    assert "It is." in page
    assert "ferry" not in page
    left = db.session.execute(select(Comment.id, Comment.text).order_by(Comment.id)).all()
    assert [row.text for row in left] == ["", "It is."]
    assert CliRunner().invoke(import_comments, [str(export)]).output.count("1 comment taken") == 1


@pytest.mark.parametrize("seed", range(4))
def test_all_pages_together_are_the_thread(site, seed):
    chance = random.Random(seed)
    author = signed_in(site, "Jonas", Role.AUTHOR)
    petra = create_person("Petra", "p@e.org", PASSWORD, Role.MODERATOR)
    told = author.publish(author.write("Some words."))
    parents = [chance.choice([None, *range(number)]) for number in range(30)]
    planted = plant(db.session.scalars(select(Post)).one(), [(parent, Status.APPROVED) for parent in parents])
    if seed:
        moderate_at_random(planted, petra, chance)
    reader = Visitor(site.test_client())
    with few_on_a_page():
        assert list(walk(reader, f"{told}/comments")) == expected()
        assert list(walk(reader, f"{told}/comments?order=newest")) == expected(newest_first=True)
        for comment in db.session.scalars(select(Comment)):
            above = comment.parent is None or comment.parent.is_shown
            assert comment.is_shown == (comment.status is Status.APPROVED and above)
            place = reader.client.get(f"/comments/{comment.id}")
            assert place.status_code == (302 if comment.is_shown else 404)


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


def test_people_who_act_at_once_do_no_more_than_one_alone(site):
    owners_who_end_each_other_leave_one(site)
    an_invitation_is_used_once(site)
    many_guesses_at_once_are_counted(site, leeway=7)


def test_people_are_invited_and_look_after_their_accounts(site):
    owner = signed_in(site, "Olga", Role.OWNER)
    link = invite(owner, "moderator", "petra@example.org")
    petra = Visitor(site.test_client())
    fields = {"name": "Petra", "email": "petra@example.org", "password": PASSWORD}
    petra.send(link, link, **fields)
    _authenticator, codes = turn_on(petra)
    assert enter(half_way(site, "petra@example.org"), codes[0]).status_code == 302
    assert sign_in(Visitor(site.test_client()), "petra@example.org", "wrong").status_code == 422
    assert sign_in(Visitor(site.test_client()), "nobody@example.org", "wrong").status_code == 422
    ask(Visitor(site.test_client()), "petra@example.org")
    ask(Visitor(site.test_client()), "nobody@example.org")
    reset = mailed_link("petra@example.org")
    petra.send(reset, reset, password="violet harbour nineteen spoons")
    petra.get("/desk/", 302)
    owner.send("/desk/people/2/ending", "/desk/people")
    for page in ("/desk/people", "/desk/people/log", "/desk/account", "/desk/account/log"):
        owner.get(page)


def test_two_moderators_at_the_same_moment_never_overwrite_each_other(site):
    author, reader = signed_in(site, "Jonas", Role.AUTHOR), Visitor(site.test_client())
    signed_in(site, "Petra", Role.MODERATOR)
    moderator = signed_in(site, "Iris", Role.MODERATOR)
    reader.reply(author.publish(author.write("Along the bay.")), "What a bay!")
    wait(11)
    decide_at_the_same_moment(site)
    refuse_changes()
    moderator.send("/desk/moderation/undo", "/desk/moderation")
    for question in ("q=100%25_bay", "links=yes&photos=yes&post=1&person=1", "status=reported", "after=3"):
        moderator.get(f"/desk/moderation?{question}")
    moderator.get("/desk/moderation/log?who=1&act=moved&comment=1&post=1")
    moderator.send("/desk/moderation/people/1/erasure", "/desk/moderation/people/1/erasure")


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
