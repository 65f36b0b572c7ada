"""Every route, asked by everybody: who is let in, who is sent to the sign-in, whom it tells nothing.

`DOORS` says for each route what it leads to. Together with the audience that the route declares, that says
what everyone must be answered. A route that is not in it fails the test: add a line that says whose things it
shows.

Those who must not enter ask with a valid form token, so that it is the door that stops them; those who may,
without one, so that they change nothing.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from blog.accounts import people
from blog.accounts.models import Passkey, Person, Role, create_person
from blog.accounts.sessions import open_sessions
from blog.accounts.signing import signed, state_of
from blog.comments.blocks import Block, BlockKind
from blog.comments.commenters import Commenter, Standing, commenter_for
from blog.comments.confirmation import remember_confirmed
from blog.comments.confirmation import token_for as confirmation_token
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import move
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.letters.links import Purpose, token_for
from blog.letters.models import Follow
from blog.letters.rights import link_token
from blog.photos import rendering
from blog.photos.models import Photo
from blog.photos.notes import HiddenRegion, RegionNote
from blog.photos.regions import Region
from blog.photos.uploads import Upload, announce
from blog.posts.models import Post
from blog.trips.models import HiddenZone, Trip, TripPhoto
from blog.web.access import Audience
from blog.web.assets import asset
from tests.conftest import PASSWORD, Client, Visitor, exif, gpx, jpeg, make_app

SECRET = "A secret journey"  # in all that is a draft


class Leads(Enum):
    """What a route leads to, and so who is let in."""

    ANYWHERE = auto()
    """To nothing of anybody's: the audience decides alone."""
    TO_JONASES = auto()
    """To what Jonas, an author, made: to him and the owner. For other authors it is not there."""
    TO_PRIVATE = auto()
    """To what is Jonas's alone, such as a session of his: not even for the owner is it there."""
    TO_EVERYBODYS = auto()
    """To what counts under everybody's posts: to moderators and the owner, while authors do not reach it."""
    TO_DRAFT = auto()
    """By a reader's address to what is not published: it is not there, for whomever."""
    TO_DRAFT_SEEN = auto()
    """The same, but Jonas and the owner see it."""
    NOWHERE = auto()
    """To what was never there."""


Door = tuple[Leads, dict[str, Any]]

JONASES: Door = (Leads.TO_JONASES, {})
EVERYBODYS: Door = (Leads.TO_EVERYBODYS, {})
ANYWHERE: Door = (Leads.ANYWHERE, {})
OPEN_POST: list[Door] = [
    (Leads.ANYWHERE, {"slug": "on-the-hill"}),
    (Leads.TO_DRAFT, {"slug": "half-a-story"}),
    (Leads.NOWHERE, {"slug": "never"}),
]
OPEN_TRIP: list[Door] = [
    (Leads.ANYWHERE, {"slug": "over-the-hill"}),
    (Leads.TO_DRAFT, {"slug": "a-secret-journey"}),
]
OPEN_PHOTO: list[Door] = [
    (Leads.ANYWHERE, {"photo_id": "published"}),
    (Leads.TO_DRAFT, {"photo_id": "draft"}),
]
OPEN_REPLY: list[Door] = [(Leads.ANYWHERE, {}), (Leads.TO_DRAFT, {"comment_id": "draft"})]
OPEN_FILE: list[Door] = [(Leads.ANYWHERE, {}), (Leads.NOWHERE, {"media_key": "0" * 64})]
IIIF_FILE: list[Door] = [(Leads.ANYWHERE, {}), (Leads.TO_DRAFT_SEEN, {"media_key": "draft"})]
MADE_UP: Door = (Leads.NOWHERE, {"token": "made-up"})


def link(word: str) -> list[Door]:
    """A link of a mail is a key: whoever has it may enter."""
    return [(Leads.ANYWHERE, {"token": word}), MADE_UP]


DOORS: dict[str, list[Door]] = {
    # What readers see
    "pages.home": [ANYWHERE],
    "pages.trips": [ANYWHERE],
    "pages.trip": OPEN_TRIP,
    "pages.trip_map": OPEN_TRIP,
    "pages.trip_gpx": OPEN_TRIP,
    "pages.post": OPEN_POST,
    "pages.post_map": OPEN_POST,
    "pages.photo": OPEN_PHOTO,
    "pages.annotations": OPEN_PHOTO,
    "pages.thread": OPEN_POST,
    "pages.comment": OPEN_REPLY,
    "privacy.page": [ANYWHERE],
    "manifests.post": OPEN_POST,
    "manifests.trip": OPEN_TRIP,
    "feeds.posts_atom": [ANYWHERE],
    "feeds.posts_json": [ANYWHERE],
    "feeds.comments_atom": [ANYWHERE],
    "feeds.post_comments_atom": OPEN_POST,
    "feeds.sitemap": [ANYWHERE],
    "feeds.robots": [ANYWHERE],
    "feeds.health": [ANYWHERE],
    "assets.built_file": [ANYWHERE],
    "photos_media.rendition": OPEN_FILE,
    "photos_media.clip": [(Leads.NOWHERE, {})],
    "photos_media.captions": [(Leads.NOWHERE, {})],
    "iiif.by_number": OPEN_PHOTO,
    "iiif.base": [ANYWHERE],
    "iiif.info": IIIF_FILE,
    "iiif.image": IIIF_FILE,
    "comments.send": OPEN_POST,
    "comments.preview": OPEN_POST,
    "comments.challenge": OPEN_POST,
    "comments.spot": OPEN_REPLY,
    "reports.ask": OPEN_REPLY,
    # One's own replies, without the token that came with them
    "own_comments.show": [(Leads.NOWHERE, {})],
    "own_comments.text": [(Leads.NOWHERE, {})],
    "own_comments.removal": [(Leads.NOWHERE, {})],
    # What links in mails to readers lead to; two of their buttons would leave nothing to ask for
    "confirming.show": [*link("confirmation"), (Leads.TO_DRAFT, {"token": "confirmation of a draft"})],
    "confirming.accept": [*link("confirmation"), (Leads.TO_DRAFT, {"token": "confirmation of a draft"})],
    "confirming.refuse": [MADE_UP, (Leads.TO_DRAFT, {"token": "confirmation of a draft"})],
    "letters.confirmation": link("follow"),
    "letters.unsubscribing": link("unsubscribe"),
    "letters.following": link("following"),
    "letters.ending": link("following"),
    "letters.silence": link("following"),
    "letters.end_of_silence": link("following"),
    "your_data.ask": [ANYWHERE],
    "your_data.send_link": [ANYWHERE],
    "your_data.show": link("your data"),
    "your_data.download": link("your data"),
    "your_data.confirm": link("your data"),
    "your_data.erasure": [MADE_UP],
    # Signing in
    "accounts.sign_in": [ANYWHERE],
    "accounts.sign_out": [ANYWHERE],
    "passkeys.sign_in_options": [ANYWHERE],
    "passkeys.sign_in": [ANYWHERE],
    "two_step.enter_code": [ANYWHERE],
    "reset.ask": [ANYWHERE],
    "reset.choose": link("reset"),
    "invitations.accept": link("invitation"),
    "own_account.confirm_email": link("new e-mail"),
    # One's own account
    "own_account.show": [ANYWHERE],
    "own_account.log": [ANYWHERE],
    "own_account.rename": [ANYWHERE],
    "own_account.change_password": [ANYWHERE],
    "own_account.ask_for_email": [ANYWHERE],
    "own_account.end_others": [ANYWHERE],
    "own_account.end_one": [(Leads.TO_PRIVATE, {})],
    "passkeys.registration_options": [ANYWHERE],
    "passkeys.add": [ANYWHERE],
    "passkeys.remove": [(Leads.TO_PRIVATE, {})],
    "two_step.show": [ANYWHERE],
    "two_step.turn_on": [ANYWHERE],
    "two_step.make_codes": [ANYWHERE],
    "two_step.turn_off": [ANYWHERE],
    # The owner's desk
    "people_desk.show": [ANYWHERE],
    "people_desk.log": [ANYWHERE],
    "people_desk.invite": [ANYWHERE],
    "people_desk.take_back": [ANYWHERE],
    "people_desk.change_role": [ANYWHERE],
    "people_desk.end": [ANYWHERE],
    "people_desk.bring_back": [ANYWHERE],
    "people_desk.turn_off_two_step": [ANYWHERE],
    # Moderation
    "moderation.queue": [ANYWHERE],
    "moderation.decisions": [ANYWHERE],
    "moderation.undo": [ANYWHERE],
    "moderation.approval": [JONASES],
    "moderation.rejection": [JONASES],
    "moderation.spam": [JONASES],
    "moderation.waiting": [JONASES],
    "moderation.keeping": [JONASES],
    "moderation.take_back": [JONASES],
    "moderation.reply": [JONASES],
    "moderation.words": [JONASES],
    "moderation_log.show": [ANYWHERE],
    "commenters.show": [JONASES],
    "commenters.all_spam": [JONASES],
    "commenters.standing": [EVERYBODYS],
    "commenters.erasure": [EVERYBODYS],
    "rules_desk.site": [ANYWHERE],
    "rules_desk.post": [JONASES],
    "rules_desk.blocks": [EVERYBODYS],
    "rules_desk.unblock": [EVERYBODYS],
    "letters_desk.rhythm": [ANYWHERE],
    "letters_desk.moderation": link("digest"),
    # The desk of authors
    "desk.home": [ANYWHERE],
    "posts_desk.new": [ANYWHERE],
    "posts_desk.edit": [JONASES],
    "posts_desk.preview": [JONASES],
    "posts_desk.publication": [JONASES],
    "posts_desk.withdrawal": [JONASES],
    "trips_desk.new": [ANYWHERE],
    "trips_desk.show": [JONASES],
    "trips_desk.files": [JONASES],
    "trips_desk.map_json": [JONASES],
    "trips_desk.route": [JONASES],
    "trips_desk.tray": [JONASES],
    "trips_desk.photo": [JONASES],
    "trips_desk.give_back": [JONASES],
    "trips_desk.move": [JONASES],
    "trips_desk.project": [JONASES],
    "trips_desk.remove_photo": [JONASES],
    "trips_desk.remove_track": [JONASES],
    "tracks_desk.leave_out": [JONASES],
    "tracks_desk.use": [JONASES],
    "privacy_desk.show": [JONASES],
    "privacy_desk.hide": [JONASES],
    "privacy_desk.unhide": [JONASES],
    "clock_desk.show": [JONASES],
    "clock_desk.slide": [JONASES],
    "clock_desk.correct": [JONASES],
    "clock_desk.name_moment": [JONASES],
    "clock_desk.forget_moment": [JONASES],
    "clock_desk.part": [JONASES],
    "clock_desk.join": [JONASES],
    "clock_desk.forget": [JONASES],
    "clock_desk.undo": [JONASES],
    "legs_desk.say": [JONASES],
    "library.show": [ANYWHERE],
    "library.sheet": [ANYWHERE],
    "library.choice": [ANYWHERE],
    "library.additions": [ANYWHERE],
    "library.moves": [ANYWHERE],
    "library.words": [ANYWHERE],
    "library.photo": [JONASES],
    "library.original": [JONASES],
    "library.thumbnail": [JONASES],
    "bin_desk.show": [ANYWHERE],
    "bin_desk.to_bin": [ANYWHERE],
    "bin_desk.restoration": [ANYWHERE],
    "notes_desk.show": [JONASES],
    "notes_desk.add": [JONASES],
    "notes_desk.hide": [JONASES],
    "notes_desk.show_again": [JONASES],
    "notes_desk.change": [JONASES],
    "notes_desk.position": [JONASES],
    "notes_desk.removal": [JONASES],
    "notes_desk.restoration": [JONASES],
    # Files on their way
    "uploads_desk.options": [ANYWHERE],
    "uploads_desk.create": [ANYWHERE],
    "uploads_desk.index": [ANYWHERE],
    "uploads_desk.head": [(Leads.TO_PRIVATE, {})],
    "uploads_desk.show": [(Leads.TO_PRIVATE, {})],
    "uploads_desk.patch": [(Leads.TO_PRIVATE, {})],
    "uploads_desk.terminate": [(Leads.TO_PRIVATE, {})],
    "uploads_desk.override": [(Leads.TO_PRIVATE, {})],
    "recognition_desk.recognition": [ANYWHERE],
}  # fmt: skip


class Answer(Enum):
    IN = auto()
    SIGN_IN = auto()
    FORBIDDEN = auto()
    NOT_THERE = auto()
    BROKEN = auto()


def answer_of(response: TestResponse) -> Answer:
    if response.status_code >= 500:
        return Answer.BROKEN
    if response.status_code == 401 or (response.location or "").startswith("/sign-in?next="):
        return Answer.SIGN_IN
    closed = {403: Answer.FORBIDDEN, 404: Answer.NOT_THERE, 410: Answer.NOT_THERE}
    return closed.get(response.status_code, Answer.IN)


ROLES: dict[str, Role | None] = {
    "anonymous": None,
    "reader": None,
    "moderator": Role.MODERATOR,
    "other author": Role.AUTHOR,
    "author": Role.AUTHOR,
    "owner": Role.OWNER,
}
MAY = {
    Audience.EVERYONE: set(ROLES),
    Audience.SIGNED_IN: {"moderator", "other author", "author", "owner"},
    Audience.MODERATORS: {"moderator", "other author", "author", "owner"},
    Audience.AUTHORS: {"other author", "author", "owner"},
    Audience.OWNER: {"owner"},
}
SEE = {
    Leads.ANYWHERE: set(ROLES),
    Leads.TO_JONASES: {"author", "owner"},
    Leads.TO_PRIVATE: {"author"},
    Leads.TO_EVERYBODYS: {"moderator", "owner"},
    Leads.TO_DRAFT: set(),
    Leads.TO_DRAFT_SEEN: {"author", "owner"},
    Leads.NOWHERE: set(),
}


def expected(audience: Audience, leads: Leads, role: str) -> Answer:
    if role not in MAY[audience]:
        return Answer.SIGN_IN if ROLES[role] is None else Answer.FORBIDDEN
    # A moderator may touch what strangers wrote under anybody's post.
    sees = SEE[leads] | ({"moderator"} if audience is Audience.MODERATORS else set())
    return Answer.IN if role in sees else Answer.NOT_THERE


@dataclass
class House:
    """A site with something of everything, and everybody at its doors."""

    app: Flask
    clients: dict[str, Visitor]
    tokens: dict[str, str]
    things: dict[str, Any]
    """What stands for the arguments of addresses: by name, or by name and word."""

    def address(self, rule: Rule, chosen: dict[str, Any]) -> str:
        named = {name: self.things.get((name, word), word) for name, word in chosen.items()}
        values = {name: self.things[name] for name in rule.arguments if name in self.things} | named
        _domain, path = rule.build(values, append_unknown=False) or ("", "")
        assert path, f"No value for the arguments of {rule}: put one into `things`."
        return path

    def ask(self, role: str, method: str, address: str, may_enter: bool) -> TestResponse:
        token = "" if may_enter else self.tokens[role]
        more: dict[str, Any] = {"headers": {"X-CSRF-Token": token}}
        if method == "POST":
            more["data"] = {"csrf_token": token}
        camera = "?camera=Kestrel+K-2" if "/clocks" in address else ""
        return self.clients[role].client.open(address + camera, method=method, **more)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(migrated, folder / "roadbook.sqlite")
    app = make_app(folder)
    app.test_client_class = Client
    with app.app_context():
        names = {"author": "Jonas", "other author": "Mina", "moderator": "Petra", "owner": "Olga"}
        persons = {
            role: create_person(n, f"{n.lower()}@example.org", PASSWORD, ROLES[role])
            for role, n in names.items()
        }
        db.session.commit()
        clients = {role: Visitor(app.test_client()) for role in ROLES}
        for role, one in persons.items():
            clients[role].sign_in(one)
        remember_reader(clients["reader"])
        pages = {role: "/desk/account" if ROLES[role] else "/sign-in" for role in ROLES}
        tokens = {role: client.token(pages[role]) for role, client in clients.items()}
        things = furnish(clients["author"], persons)
        yield House(app, clients, tokens, things)
        db.session.remove()
        db.engine.dispose()


def remember_reader(visitor: Visitor) -> None:
    """A reader has a cookie that says which address was confirmed here."""
    response = Response()
    remember_confirmed(response, "sofia@example.org")
    name, cookie = response.headers["Set-Cookie"].split(";")[0].split("=", 1)
    visitor.client.set_cookie(name, cookie)


def furnish(jonas: Visitor, persons: dict[str, Person]) -> dict[str, Any]:
    """A published post and trip with a photo, and a draft of each with one of everything."""
    author = persons["author"]
    open_trip = jonas.make_trip("Over the hill")
    jonas.upload(open_trip, ("hill.jpg", jpeg("green")))
    post = number_in(jonas.write("![](photo:1)", title="On the hill", trip=open_trip))
    jonas.publish(f"/desk/posts/{post}")
    trip = jonas.make_trip(SECRET)
    taken = exif("2026:05:14 10:30:00", camera="Kestrel K-2")
    way = gpx([(45.6 + n / 1000, 13.7, f"2026-05-14T08:{n:02}:00Z") for n in range(30)])
    jonas.upload(trip, ("way.gpx", way), ("a.jpg", jpeg(exif=taken)))
    draft = number_in(jonas.write(f"{SECRET}. ![](photo:2)", title="Half a story", trip=trip))
    zone = {"name": SECRET, "lat": "45.6", "lon": "13.7", "radius_m": "500"}
    jonas.send(f"{trip}/privacy/zones", "/desk/trips/new", **zone)
    shown, hidden = db.session.get_one(Photo, 1), db.session.get_one(Photo, 2)
    note = hidden.add_note(Region.rectangle(0.1, 0.1, 0.2, 0.2), SECRET, author)
    gone = hidden.hide(Region.rectangle(0.5, 0.5, 0.2, 0.2), author)
    upload = announce(author, "c.jpg", 10, {"trip": str(number_in(trip))})
    key = Passkey(person_id=author.id, credential_id=b"1", public_key=b"1", name="A key")
    db.session.add(key)
    reply = said(db.session.get_one(Post, post), shown, author)
    lost = said(db.session.get_one(Post, draft), hidden, author)
    block = Block(kind=BlockKind.EMAIL, value="spam@shop.example")
    follow = Follow(email="sofia@example.org", post_id=post)
    db.session.add_all([block, follow])
    invitation = people.invite(Role.AUTHOR, "", persons["owner"])
    db.session.commit()
    rendering.renew(hidden)
    with jonas.client.application.test_request_context():
        reset = signed("reset", [author.id, state_of(author)])
        new_email = signed("email", [author.id, "j@example.org", state_of(author)])
        built = asset("reader.js").rsplit("/", 1)[1]
    return {
        "trip_id": number_in(trip),
        "post_id": draft,
        "photo_id": hidden.id,
        ("photo_id", "published"): shown.id,
        ("photo_id", "draft"): hidden.id,
        "media_key": shown.media_key,
        ("media_key", "draft"): hidden.media_key,
        "width": shown.widths[0],
        "extension": "jpg",
        "region": "full",
        "size": "max",
        "rotation": "0",
        "quality": "default",
        "rest": "info.json",
        "name": built,
        "comment_id": reply.id,
        ("comment_id", "draft"): lost.id,
        "commenter_id": reply.commenter_id,
        "block_id": block.id,
        "follow_id": follow.id,
        "note_id": note.id,
        "hidden_id": gone.id,
        "track_id": 1,
        "zone_id": 1,
        "moment_id": 1,
        "token": upload.token,
        ("token", "invitation"): invitation,
        ("token", "reset"): reset,
        ("token", "new e-mail"): new_email,
        ("token", "confirmation"): confirmation_token(reply),
        ("token", "confirmation of a draft"): confirmation_token(lost),
        ("token", "follow"): token_for(Purpose.CONFIRM, follow.id, follow.email, reply.id),
        ("token", "unsubscribe"): token_for(Purpose.UNSUBSCRIBE, "luka@example.org", post),
        ("token", "following"): token_for(Purpose.FOLLOWING, "luka@example.org"),
        ("token", "your data"): link_token("sofia@example.org"),
        ("token", "digest"): token_for(Purpose.MODERATE, author.id, reply.id, "spam", reply.version),
        "key_id": key.id,
        "session_id": open_sessions(author)[0].id,
        "person_id": persons["other author"].id,
        "invitation_id": 1,
    }


def number_in(address: str) -> int:
    return int(address.rsplit("/", 1)[1])


def said(post: Post, photo: Photo, moderator: Person) -> Comment:
    """An approved comment on a spot of a photo."""
    comment = add_comment(
        post,
        None,
        "Sofia",
        "sofia@example.org",
        "How far was it?",
        Verdict(Status.PENDING, ()),
        commenter=commenter_for("sofia@example.org", "Sofia"),
        photo_id=photo.id,
        region=(0.1, 0.1, 0.3, 0.3),
    )
    move(comment, by=moderator, to=Status.APPROVED)
    return comment


def methods_of(rule: Rule) -> list[str]:
    """What can be asked. HEAD and OPTIONS come with GET, but where they are all there is."""
    named = set(rule.methods or ())
    return sorted(named - {"HEAD", "OPTIONS"} or named - {"OPTIONS"} or named)


def test_every_route_says_what_it_leads_to(house):
    routes = {rule.endpoint for rule in house.app.url_map.iter_rules()} - {"static"}
    assert routes - set(DOORS) == set(), "Say in DOORS whose things these show."
    assert set(DOORS) - routes == set(), "These are no routes any more."


def test_every_door_opens_to_those_it_is_for_and_to_nobody_else(house):
    wrong, asked = [], 0
    for rule in house.app.url_map.iter_rules():
        audience = getattr(house.app.view_functions[rule.endpoint], "audience", None)
        for leads, chosen in DOORS.get(rule.endpoint, []):
            address = house.address(rule, chosen)
            for method in methods_of(rule):
                for role in ROLES:
                    wanted = expected(audience, leads, role)
                    response = house.ask(role, method, address, wanted is Answer.IN)
                    found, asked = answer_of(response), asked + 1
                    if found is not wanted:
                        wrong.append(f"{method} {address} as {role}: {found.name} instead of {wanted.name}")
                    if role not in ("author", "owner") and SECRET.encode() in response.data:
                        wrong.append(f"{method} {address} tells {role} of a draft")
    assert wrong == []
    assert asked > 900


def test_nothing_was_changed_by_all_that_asking(house):
    """Whoever was refused had a valid token: what they asked for was not done."""
    assert {one.role for one in db.session.scalars(select(Person))} == set(Role)
    assert db.session.scalars(select(Person).where(Person.ended_at.is_not(None))).all() == []
    assert db.session.scalars(select(Post.status).order_by(Post.id)).all() == ["published", "draft"]
    for kind in (Trip, TripPhoto, Photo, Comment):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 2
    assert set(db.session.scalars(select(Comment.status))) == {Status.APPROVED}
    assert db.session.scalars(select(Commenter.standing)).all() == [Standing.PLAIN]
    for kind in (Passkey, RegionNote, HiddenRegion, HiddenZone, Upload, Block, Follow):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 1
