"""The site that the browser tests read: two days on the coast, filled in before its server starts."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload
from sqlalchemy import select

from benchmarks.busy_post import grow
from blog.accounts.models import Person, Role, create_person
from blog.accounts.people import end_account, invite
from blog.comments.commenters import commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import Report, move
from blog.comments.verdict import Status, Verdict
from blog.db import bring_up_to_date, db, now
from blog.letters.links import Purpose, token_for
from blog.letters.models import Follow
from blog.photos.models import Photo, Projection
from blog.photos.regions import Region
from blog.posts.models import Post, create_post
from blog.trips.intake import take_in_files
from blog.trips.models import Trip, create_trip
from tests.conftest import PASSWORD, exif, gpx, make_app
from tests.photos.filmed import film
from tests.photos.samples import MICRO_VIDEO, saved, scene, with_segments, xmp_segment

LANDSCAPE, PORTRAIT, PANORAMA = (900, 600), (600, 800), (1800, 600)
SHAPES = (PANORAMA, LANDSCAPE, LANDSCAPE, PORTRAIT, LANDSCAPE, PORTRAIT, LANDSCAPE, *[LANDSCAPE] * 4)

WORDS = (
    "The road leaves the harbour behind the fish market and climbs at once, through gardens that smell of "
    "figs and warm stone. From the third bend on the sea is on the right and stays there until the evening."
)
LONG_WAY = "\n\n".join([WORDS] * 6)

STORY = """\
![The whole bay from the first bend](photo:{0} "The bay at half past nine")

{words} It is *not far*, they had said, and showed us [the bollard](note:1).

![A jetty](photo:{1} "The jetty that the ferry no longer uses")

## Up to the church

> One can see three countries from up here.

![Olive trees](photo:{2}) ![A door](photo:{3} "Somebody's door")

::map{{day=1}}

![A wall](photo:{4}) ![A cat](photo:{5}) ![Steps](photo:{6} "The steps")

https://www.youtube.com/watch?v=aqz-KE-bpKQ

- bread, [as everywhere](https://example.org/bread)
- figs[^1]

| hour | where |
|---|---|
| 9 | harbour |

[^1]: From a tree that nobody minded.

{long_way}

![Nets](photo:{7}) ![Boats](photo:{8}) ![Crates](photo:{9}) ![Gulls](photo:{10})

{words}
"""

FERRY = """\
{words}

![The ferry comes in](video:{0})

![A flag](photo:{1} "Wind from the north")

[![The quay](photo:{2} "The quay, filmed by a friend")](https://www.youtube.com/watch?v=aqz-KE-bpKQ)

https://vimeo.com/76979871
"""


@dataclass(frozen=True)
class Site:
    """Where things are on it."""

    address: str
    trip: int
    post: int
    draft: int
    photo: int
    film: int = 0
    folder: str = ""
    following: str = ""
    by_letter: str = ""

    def pages(self) -> dict[str, tuple[str, str]]:
        """Every kind of page: its name → who looks at it, and its path."""
        desk, queue = f"/desk/trips/{self.trip}", "/desk/moderation"
        return {
            "home": ("reader", "/"),
            "trips": ("reader", "/trips/"),
            "trip": ("reader", "/trips/along-the-bay"),
            "post": ("reader", "/posts/from-the-harbour"),
            "thread": ("reader", "/posts/what-everybody-says/comments?branch=1&after=9"),
            "photo": ("reader", f"/photos/{self.photo}"),
            "post with films": ("reader", "/posts/by-ferry"),
            "film": ("reader", f"/photos/{self.film}"),
            "sign-in": ("reader", "/sign-in"),
            "what is kept": ("reader", "/privacy"),
            "your data": ("reader", "/your-data"),
            "not found": ("reader", "/posts/never-written"),
            "desk": ("author", "/desk/"),
            "new trip": ("author", "/desk/trips/new"),
            "trip desk": ("author", desk),
            "photo desk": ("author", f"{desk}/photos/{self.photo}"),
            "film desk": ("author", f"{desk}/photos/{self.film}"),
            "notes desk": ("author", f"/desk/photos/{self.photo}/notes"),
            "library": ("author", "/desk/photos"),
            "library photo": ("author", f"/desk/photos/{self.photo}"),
            "captions": ("author", f"/desk/photos/words?photo={self.photo}"),
            "bin": ("author", "/desk/photos/bin"),
            "clock": ("author", f"{desk}/clocks?camera=Kestrel+K-2&direction=ahead&minutes=5"),
            "privacy": ("author", f"{desk}/privacy?photo={self.photo}"),
            "new post": ("author", "/desk/posts/new"),
            "editor": ("author", f"/desk/posts/{self.post}"),
            "preview": ("author", f"/desk/posts/{self.post}/preview"),
            "publication": ("author", f"/desk/posts/{self.draft}/publication"),
            "rules": ("owner", "/desk/replies/rules"),
            "rules of a post": ("author", f"/desk/posts/{self.post}/replies"),
            "block lists": ("moderator", "/desk/replies/blocks"),
            "queue": ("moderator", queue),
            "approved": ("moderator", f"{queue}?status=approved"),
            "spam": ("moderator", f"{queue}?status=spam"),
            "rejected": ("moderator", f"{queue}?status=rejected"),
            "reported": ("moderator", f"{queue}?status=reported"),
            "commenter": ("moderator", f"{queue}/people/1"),
            "moderator's reply": ("moderator", f"{queue}/1/reply"),
            "moderator's edit": ("moderator", f"{queue}/1/edit"),
            "erasure": ("moderator", f"{queue}/people/1/erasure"),
            "report": ("reader", "/comments/1/report"),
            "log": ("moderator", f"{queue}/log"),
            "forgotten password": ("reader", "/sign-in/forgotten"),
            "account": ("author", "/desk/account"),
            "two-step sign-in": ("author", "/desk/account/two-step"),
            "account log": ("owner", "/desk/people/log"),
            "people": ("owner", "/desk/people"),
            "how often letters come": ("moderator", "/desk/letters"),
            "what one follows": ("reader", self.following),
            "moderating by letter": ("reader", self.by_letter),
        }


def fill(folder: Path, address: str) -> Site:
    """Make people, trip, posts and replies in `folder`, through the product's own functions."""
    app = make_app(folder)
    with app.app_context():
        bring_up_to_date()
        jonas = create_person("Jonas", "jonas@example.org", PASSWORD, Role.AUTHOR)
        petra = create_person("Petra", "petra@example.org", PASSWORD, Role.MODERATOR)
        olga = create_person("Olga", "olga@example.org", PASSWORD, Role.OWNER)
        db.session.flush()
        invite(Role.AUTHOR, "rosa@example.org", by=olga)
        end_account(create_person("Gone", "gone@example.org", PASSWORD, Role.AUTHOR), by=olga)
        trip = create_trip("Along the bay", "Two days on foot, from harbour to harbour.", jonas)
        db.session.commit()
        photos = [what.photo_id or 0 for what in take_in_files(trip, files(), jonas)[1:]]
        describe(photos)
        db.session.get_one(Photo, photos[1]).add_note(
            Region.rectangle(0.6, 0.55, 0.1, 0.2), "The bollard. Somebody had painted it.", jonas
        )
        grow(tell(None, jonas, "What everybody says", WORDS), [None, 0, 1, 1, *[0] * 120, *[None] * 30])
        post = tell(trip, jonas, "From the harbour", STORY.format(*photos, words=WORDS, long_way=LONG_WAY))
        tell(trip, jonas, "And back again", f"{WORDS}\n\n![Rain](photo:{photos[7]})", day=2)
        draft = write(trip, jonas, "Not told yet", f"{WORDS}\n\n![](photo:{photos[9]})")
        talk(post, jonas, petra)
        ferry, flag = (what.photo_id or 0 for what in take_in_files(trip, films(), jonas))
        tell(trip, jonas, "By ferry", FERRY.format(ferry, flag, photos[1], words=WORDS), day=2)
        (folder / "secret-key").write_text(app.config["SECRET_KEY"])  # the server takes what we sign for ours
        waits = db.session.scalars(select(Comment).filter_by(status=Status.PENDING)).first()
        site = Site(
            address,
            trip.id,
            post.id,
            draft.id,
            photos[1],
            ferry,
            folder=str(folder),
            following=f"/letters/following/{following(post)}",
            by_letter=f"/letters/moderation/{by_letter(waits, petra)}",
        )
        db.session.remove()
        db.engine.dispose()
    return site


def files() -> list[tuple[str, io.BytesIO]]:
    """A track of two days and eleven photos: some with GPS, some with a time only, the last with neither."""
    made = [("bay.gpx", track())]
    for number, shape in enumerate(SHAPES):
        taken = f"2026:05:14 {9 + number // 2:02}:{number % 2 * 30:02}:00" if number < 10 else None
        place = (
            (45.60 - 0.005 * number, 13.72 - 0.008 * number) if number % 3 == 0 and taken else (None, None)
        )
        made.append((f"DSC_{number:04}.jpg", picture(number, shape, taken, *place)))
    return [(name, io.BytesIO(content)) for name, content in made]


def films() -> list[tuple[str, io.BytesIO]]:
    """A film of six seconds and a motion photo of one."""
    long, short = film(size=(480, 270), seconds=6), film(size=(480, 320), sound=None)
    still = saved(scene(480, 320)).getvalue()
    moving = with_segments(still, xmp_segment(MICRO_VIDEO.format(len(short)))) + short
    return [("ferry.mp4", io.BytesIO(long)), ("flag.MP.jpg", io.BytesIO(moving))]


def track() -> bytes:
    """Fifteen-minute steps from nine till four on each of two days."""
    days = ["2026-05-14", "2026-05-15"]
    segments = [
        [
            (
                45.60 - 0.0025 * n - 0.06 * d,
                13.72 - 0.004 * n - 0.1 * d,
                f"{day}T{7 + n // 4:02}:{n % 4 * 15:02}:00Z",
            )
            for n in range(28)
        ]
        for d, day in enumerate(days)
    ]
    return gpx(*segments, name="Along the bay")


def picture(
    number: int, size: tuple[int, int], taken: str | None, lat: float | None = None, lon: float | None = None
) -> bytes:
    """A sky over a sea, each of another colour."""
    width, height = size
    sky = np.linspace(0, 1, height)[:, None, None]
    colours = np.random.default_rng(number).integers(40, 220, (2, 3))
    rows = np.where(sky < 0.6, colours[0] + 35 * sky, colours[1] * (1.2 - sky / 2))
    pixels = np.broadcast_to(rows, (height, width, 3)).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85, exif=exif(taken, lat, lon))
    return out.getvalue()


def describe(photos: list[int]) -> None:
    """The last photo is left without words; the first of the last four shows all around."""
    db.session.get_one(Photo, photos[7]).projection_in_file = Projection.SPHERE
    for number, photo_id in enumerate(photos[:-2]):
        photo = db.session.get_one(Photo, photo_id)
        photo.alt, photo.caption = f"The bay, seen from stop {number}", f"Stop {number}" if number % 2 else ""


def write(trip: Trip | None, author: Person, title: str, text: str, day: int = 1) -> Post:
    post = create_post(title, author, trip)
    db.session.flush()
    post.day_number = day if trip else None
    post.save_text(title, "From the harbour up and down again, with figs.", text, author)
    db.session.commit()
    return post


def tell(trip: Trip | None, author: Person, title: str, text: str, day: int = 1) -> Post:
    post = write(trip, author, title, text, day)
    post.publish()
    db.session.commit()
    return post


def following(post: Post) -> str:
    """A reader follows a thread, and a branch of it: the token of what they follow."""
    comment = db.session.scalars(select(Comment).filter_by(post_id=post.id)).first()
    for number in (None, comment and comment.id):
        db.session.add(
            Follow(email="sofia@example.org", post_id=post.id, comment_id=number, confirmed_at=now())
        )
    db.session.commit()
    return token_for(Purpose.FOLLOWING, "sofia@example.org")


def by_letter(comment: Comment, moderator: Person) -> str:
    """The token of a link in a moderator's digest."""
    return token_for(Purpose.MODERATE, moderator.id, comment.id, Status.APPROVED.value, comment.version)


def talk(post: Post, author: Person, moderator: Person) -> None:
    """A thread deeper than what is drawn, and replies of every status."""
    said: Comment | None = None
    for depth in range(6):
        said = reply(post, said, f"Reader {depth}", "We walked it in the rain, and would do so again.")
        move(said, Status.APPROVED, by=moderator)
    add_comment(post, said, author.name, author.email, "So would I.", Verdict(Status.APPROVED), author)
    for number in range(6):
        reply(
            post,
            None,
            f"Waiting {number}",
            "Is the ferry still running?\n\n> the jetty\n\nI would like to know.",
        )
    sold = reply(post, said, "Seller", "Cheap, at https://example.com", "It has a link.")
    move(sold, Status.SPAM, by=moderator)
    move(reply(post, None, "Rude", "No."), Status.REJECTED, by=moderator)
    db.session.add(Report(comment_id=said.id, reason="rude", words="It names my neighbour."))
    db.session.commit()


def reply(post: Post, parent: Comment | None, name: str, text: str, *reasons: str) -> Comment:
    email, verdict = "reader@example.org", Verdict(Status.PENDING, reasons)
    return add_comment(post, parent, name, email, text, verdict, commenter=commenter_for(email, "Reader"))


def sent(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    """A file as an author chooses it for uploading."""
    return {"name": name, "mimeType": kind, "buffer": content}
