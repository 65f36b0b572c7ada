"""A blog of an earlier version: its pages, the addresses of its pictures and what it hides go on."""

from pathlib import Path

from flask_migrate import downgrade
from sqlalchemy import select

from blog.accounts.models import Person
from blog.commandline import main
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, move
from blog.comments.verdict import Status
from blog.db import bring_up_to_date, db
from blog.geo.positions import Position, distances_m
from blog.photos.models import Photo
from blog.trips.models import DrawnCircle, HiddenZone, TripPhoto
from tests.conftest import exif, gpx, jpeg

HOME = Position(42.4283, 18.7712)
WAY = [(HOME.lat + n / 1000, HOME.lon, f"2026-05-14T08:{n:02}:00Z") for n in range(30)]
PAGES = [
    *("/", "/photos/1", "/photos/2", "/photos/1/annotations.json", "/feed.xml", "/feed.json", "/sitemap.xml"),
    *(f"/trips/bay{part}" for part in ("", "/map.json", "/route.gpx", "/manifest.json")),
    *(f"/posts/by-the-sea{part}" for part in ("", "/manifest.json")),
]


def go_back_to_0003(app) -> None:
    """As version 0003 had it: pictures lie under the hash of their original."""
    for photo in db.session.scalars(select(Photo)).unique().all():
        [folder] = Path(app.config["STORAGE_URL"]).glob(f"renditions/*/{photo.media_key}")
        old = folder.parents[1] / photo.sha256[:2] / photo.sha256
        old.parent.mkdir(exist_ok=True)
        folder.rename(old)
    db.session.rollback()
    downgrade(directory=app.config["MIGRATIONS"], revision="0003")
    app.extensions["edition"].advance()


def test_a_blog_of_0003_goes_on(app, author, visitor, monkeypatch):
    trip = author.make_trip("Bay")
    photos = [
        ("home.jpg", jpeg("red", (900, 600), exif("2026:05:14 10:00:10", HOME.lat, HOME.lon))),
        ("lookout.jpg", jpeg("green", (900, 600), exif("2026:05:14 10:29:00", HOME.lat + 0.029, HOME.lon))),
    ]
    author.upload(trip, ("walk.gpx", gpx(WAY)), *photos)
    author.publish(author.write("![](photo:1)\n\n![](photo:2)", trip=trip, day_number=1))
    zone = {"name": "Home", "lat": str(HOME.lat), "lon": str(HOME.lon), "radius_m": "500"}
    author.send(f"{trip}/privacy/zones", f"{trip}/privacy", **zone)
    old = [f"/media/{sha256}/800.jpg" for sha256 in db.session.scalars(select(Photo.sha256))]

    go_back_to_0003(app)
    assert bring_up_to_date()
    db.session.expire_all()
    check(visitor, author, trip)
    assert [visitor.client.get(address).status_code for address in old] == [200] * len(old)
    circle, zone = db.session.scalars(select(DrawnCircle)).one(), db.session.scalars(select(HiddenZone)).one()
    assert (circle.lat, circle.lon, circle.radius_m) == (zone.shown_lat, zone.shown_lon, zone.radius_m)

    monkeypatch.setattr("blog.commandline.create_app", lambda: app)
    app.cli.add_command(main.commands["rebuild-renditions"])
    result = app.test_cli_runner().invoke(args=["rebuild-renditions"])
    assert "2 photos made anew" in result.output
    check(visitor, author, trip)
    assert [visitor.client.get(address).status_code for address in old] == [404] * len(old)
    author.upload(trip, ("third.jpg", jpeg("blue", (90, 60), exif("2026:05:14 10:20:00"))))
    check(visitor, author, trip)
    assert db.session.scalars(select(TripPhoto.leans_on)).all() != [None, None, None]


def check(visitor, author, trip: str) -> None:
    """All pages are there, and tell nothing of the hidden place; the pictures load."""
    db.session.expire_all()
    zone = db.session.scalars(select(HiddenZone)).one()
    for address in PAGES:
        assert str(HOME.lat) not in visitor.get(address), address
    route = visitor.client.get("/trips/bay/map.json").json["route"]["features"]
    drawn = [spot for part in route for line in part["geometry"]["coordinates"] for spot in line]
    lon, lat = zip(*drawn, strict=True)
    assert min(distances_m(lat, lon, zone.shown_lat, zone.shown_lon)) > 0.99 * zone.radius_m
    for photo in db.session.scalars(select(Photo).where(Photo.id < 3)).unique():
        for address in (photo.url(photo.widths[-1]), f"{photo.service}/full/100,/0/default.jpg"):
            assert visitor.client.get(address).status_code == 200
    for address in (trip, f"{trip}/privacy", "/desk/photos", "/desk/photos/1", "/desk/photos/1/notes"):
        author.get(address)


def test_a_conversation_of_0005_goes_on(app, author, moderator, visitor):
    post = author.publish(author.write("We set out along the bay."))
    for words in ("*What* a bay!", "Nobody will see what stands below this.", "At https://example.org/bay"):
        visitor.reply(post, words)
    decide({1: Status.APPROVED, 2: Status.APPROVED})
    visitor.reply(post, "Thank you.", parent_id="1", email="Mina@example.org", name="Mina")
    visitor.reply(post, "Hidden with it.", parent_id="2")
    author.reply(post, "Come again!", parent_id="1")
    decide({4: Status.APPROVED, 5: Status.APPROVED, 2: Status.REJECTED})
    before = visitor.get(post)
    told = facts()

    db.session.rollback()
    downgrade(directory=app.config["MIGRATIONS"], revision="0005")
    app.extensions["edition"].advance()
    assert bring_up_to_date()
    db.session.expire_all()
    assert facts() == told
    assert [row[4] for row in told] == [True, False, False, True, False, True]
    assert body(visitor.get(post)) == body(before)
    emails = set(db.session.scalars(select(Commenter.email)))
    assert emails == {"sofia@example.org", "mina@example.org"}
    assert all(
        (row.commenter is None) == (row.person_id is not None) for row in db.session.scalars(select(Comment))
    )
    assert "Petra" in moderator.get("/desk/moderation/log")
    assert [entry.about for entry in db.session.scalars(select(ModerationLog))] == [""] * 5


def decide(statuses: dict[int, Status]) -> None:
    """What Petra says of the replies of these numbers."""
    petra = db.session.scalars(select(Person).filter_by(name="Petra")).one()
    for number, status in statuses.items():
        move(db.session.get_one(Comment, number), status, petra)
    db.session.commit()


def facts() -> list[tuple[object, ...]]:
    rows = db.session.scalars(select(Comment).order_by(Comment.id))
    return [(row.id, row.root_id, row.thread_key, row.html, row.is_shown, row.status) for row in rows]


def body(page: str) -> str:
    return page[page.index('<ol class="thread"') : page.index("</ol>", page.index('<ol class="thread"'))]
