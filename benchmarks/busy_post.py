"""The post that the figures are about: 30 photos, 1,500 words, a track, and replies in threads.

It is made through the product's own functions in an empty instance folder. Only the renditions are left out:
each photo is small, and registered as if it had 24 megapixels, because a page shows nothing but addresses.
"""

import io
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from flask import Flask, current_app
from PIL import Image
from sqlalchemy import func, insert, select

from blog import create_app
from blog.accounts.models import Person, Role, create_person
from blog.comments.models import Comment, add_comment, key_of
from blog.comments.verdict import Status, Verdict
from blog.db import bring_up_to_date, db, now
from blog.demo import story
from blog.photos.models import Photo
from blog.photos.renditions import Rendered, rendition_widths, summarise
from blog.posts.models import Post, create_post
from blog.trips.intake import take_in_files
from blog.trips.models import Trip, create_trip

PHOTOS, WORDS, COMMENTS = 30, 1_500, 200
TRACK_POINTS, SECONDS_APART = 4_000, 8
STARTS = datetime(2026, 5, 14, 6, tzinfo=UTC)
SIZES = ((6000, 4000), (6000, 4000), (4000, 6000))
ANSWERS = 0.6  # of all comments answer another
PARAGRAPH, REPLY = (40, 70), (8, 60)  # words
SETTINGS = MappingProxyType({"SECRET_KEY": "a key for figures", "PUBLIC_URL": "http://127.0.0.1:8000"})


def site(folder: Path, **overrides: object) -> Flask:
    """A migrated Roadbook whose files all lie in `folder`."""
    files = {
        "INSTANCE": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'roadbook.sqlite'}",
        "STORAGE_URL": str(folder / "uploads"),
    }
    app = create_app(**(SETTINGS | files | overrides))
    with app.app_context():
        bring_up_to_date()
    return app


def make_busy_post(comments: int = COMMENTS) -> Post:
    """The post, published and committed, with so many approved replies."""
    words = Words(1)
    author = create_person("Mina", "mina@example.org", "a long enough password", Role.OWNER)
    db.session.flush()
    trip = create_trip("Round the bay", words.sentence(12), author)
    db.session.commit()
    photos = take_in_material(trip, author)
    post = create_post("The long way round", author, trip)
    post.day_number = 1
    post.save_text(post.title, words.sentence(18), story_text(words, photos), author)
    post.publish()
    db.session.commit()
    talk(post, comments)
    return post


class Words:
    """Sentences of the demo's words, each as likely as there: they compress about as well as prose."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        texts = (re.sub(r"!\[.*?\]\(.*?\)", "", post.text) for post in story.posts())
        self.known = re.findall(r"[\w’]+", " ".join(texts))

    def sentence(self, count: int) -> str:
        words = self.random.choices(self.known, k=count)
        if count > 12:
            words[count // 2] += ","
        return f"{' '.join(words).capitalize()}."

    def paragraph(self, least: int, most: int) -> str:
        count = self.random.randint(least, most)
        return " ".join(self.sentence(min(16, count - start)) for start in range(0, count, 16))


def take_in_material(trip: Trip, owner: Person) -> list[Photo]:
    """A day's track and the photos taken on it, each placed by its time."""
    files = [("day.gpx", io.BytesIO(track())), *((f"{i:02}.jpg", io.BytesIO(jpeg(i))) for i in range(PHOTOS))]
    taken = take_in_files(trip, files, owner)
    photos = [db.session.get_one(Photo, one.photo_id) for one in taken if one.photo_id]
    for number, photo in enumerate(photos):
        photo.width, photo.height = size = SIZES[number % len(SIZES)]
        photo.finish(Rendered((), rendition_widths(size), summarise(picture(number))))
    db.session.commit()
    return photos


def track() -> bytes:
    """A winding way along the Adriatic, recorded every eight seconds."""
    wander, lat, lon = random.Random(2), 42.10, 19.00
    points = []
    for number in range(TRACK_POINTS):
        lat, lon = lat - 4e-5 + wander.gauss(0, 6e-5), lon + 5e-5 + wander.gauss(0, 6e-5)
        time = STARTS + timedelta(seconds=number * SECONDS_APART)
        points.append(
            f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><time>{time:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        )
    return (
        '<gpx version="1.1" creator="Roadbook" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><trkseg>{''.join(points)}</trkseg></trk></gpx>"
    ).encode()


def picture(number: int) -> Image.Image:
    """Soft colours, other ones for every number."""
    pixels = random.Random(number).randbytes(6 * 4 * 3)
    return Image.frombytes("RGB", (6, 4), pixels).resize((300, 200), Image.Resampling.BICUBIC)


def jpeg(number: int) -> bytes:
    """The picture with its time, spread evenly over the track."""
    taken = STARTS + timedelta(seconds=(number + 0.5) * TRACK_POINTS * SECONDS_APART / PHOTOS)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Kestrel", "K-2"
    exif.get_ifd(0x8769).update({0x9003: f"{taken:%Y:%m:%d %H:%M:%S}", 0x9011: "+00:00"})
    out = io.BytesIO()
    picture(number).save(out, "JPEG", exif=exif)
    return out.getvalue()


def story_text(words: Words, photos: list[Photo]) -> str:
    """Paragraphs, and between them rows of one, two and three photos."""
    uses = [f'![{words.sentence(9)}](photo:{photo.id} "{words.sentence(8)}")' for photo in photos]
    rows = [uses[start : start + count] for start, count in row_starts(len(uses))]
    paragraphs = [words.paragraph(*PARAGRAPH) for _ in range(WORDS // (sum(PARAGRAPH) // 2))]
    parts: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        parts.append(paragraph)
        if number % 2 and rows:
            parts.append("\n".join(rows.pop(0)))
    return "\n\n".join([*parts, *("\n".join(row) for row in rows)])


def row_starts(photos: int) -> list[tuple[int, int]]:
    """Where each row begins and how many photos stand in it: 1, 2, 3, 1, 2, 3, …"""
    rows, start = [], 0
    while start < photos:
        count = min(1 + len(rows) % 3, photos - start)
        rows.append((start, count))
        start += count
    return rows


def talk(post: Post, count: int) -> None:
    """Add so many approved replies, most of them to another one."""
    said = list(db.session.scalars(select(Comment).filter_by(post_id=post.id).order_by(Comment.id)))
    words = Words(2 + len(said))
    for number in range(len(said), len(said) + count):
        parent = words.random.choice(said) if said and words.random.random() < ANSWERS else None
        name = words.random.choice(words.known).capitalize()
        email, text = f"reader{number}@example.org", words.paragraph(*REPLY)
        comment = add_comment(post, parent, name, email, text, Verdict(Status.APPROVED))
        said.append(comment)
    db.session.commit()


def grow(post: Post, parents: Sequence[int | None]) -> list[int]:
    """Add an approved reply for each of `parents`, the place in this list of what it answers: their numbers.

    All at once, so that ten thousand take a second.
    """
    first = 1 + (db.session.scalar(select(func.max(Comment.id))) or 0)
    words, at = Words(first), now()
    texts = [words.paragraph(*REPLY) for _ in parents[:500]]
    rows: list[dict[str, object]] = []
    places: list[tuple[int, int, str]] = []
    for number, parent in enumerate(parents, first):
        root, depth, key = (number, 0, "") if parent is None else places[parent]
        places.append((root, depth + 1, key_of(number, key)))
        text = texts[len(rows) % len(texts)]
        rows.append(
            {
                "id": number,
                "post_id": post.id,
                "parent_id": None if parent is None else first + parent,
                "root_id": root,
                "depth": depth,
                "thread_key": places[-1][2],
                "name": words.random.choice(words.known).capitalize(),
                "email": f"reader{number}@example.org",
                "text": text,
                "html": f"<p>{text}</p>\n",
                "status": Status.APPROVED,
                "is_shown": True,
                "created_at": at,
            }
        )
    for start in range(0, len(rows), 500):
        db.session.execute(insert(Comment), rows[start : start + 500])
    db.session.commit()
    current_app.extensions["edition"].advance()
    return [first + place for place in range(len(parents))]
