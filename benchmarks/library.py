"""The library of an author with many photos: queries, bytes and time of its pages.

    python -m benchmarks.library [--serve FOLDER]

Makes trips of 500 photos in a temporary folder, and asks for the first page, for the last as the script
loads it, for searches and for the bin, with 200, 2,000 and 20,000 photos, which share the pixels of forty.
The time is that of the processor: whatever else the machine does counts little.
With `--serve` it leaves a site with 2,000 photos in FOLDER, to be looked at in a browser.
"""

import hashlib
import io
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.busy_post import STARTS, jpeg, site
from benchmarks.pages import counted
from blog.accounts.models import Person, Role, create_person
from blog.db import db
from blog.photos import storage
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.posts.models import create_post
from blog.trips.intake import take_in_files
from blog.trips.models import Source, Trip, TripPhoto, create_trip

SIZES = (200, 2_000, 20_000)
PATTERNS, ON_A_TRIP, MINUTES_APART = 40, 500, 11
SHAPES = ((6000, 4000), (4000, 6000), (6000, 4000), (4032, 3024), (9000, 3000))
TIMES = 9
PASSWORD = "a long enough password"
PAGES = {
    "first page": "/desk/photos",
    "the last page, as the script loads it": "/desk/photos/sheet?page=9999",
    "the trip with most, by day": "/desk/photos?trip=1&day=2",
    "search for a word": "/desk/photos?q=harbour",
    "search for a town": "/desk/photos?q=ulcinj",
    "unused, without a caption": "/desk/photos?used=no&captioned=no",
    "bin": "/desk/photos/bin",
}


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        app = site(Path(sys.argv[2]), JOBS_AT_ONCE=True)
        with app.app_context():
            fill(SIZES[1], with_files=True)
        return
    with tempfile.TemporaryDirectory() as name:
        app = site(Path(name), JOBS_AT_ONCE=True)
        for size in SIZES:
            with app.app_context():
                fill(size)
            measure(app, size)


def fill(size: int, with_files: bool = False) -> None:
    """Bring the library to so many photos: the first forty taken in, the others rows like them."""
    mina = db.session.scalar(select(Person)) or create_person(
        "Mina", "mina@example.org", PASSWORD, Role.AUTHOR
    )
    db.session.commit()
    trip = db.session.scalar(select(Trip)) or first_trip(mina)
    models = list(db.session.scalars(select(Photo).order_by(Photo.id).limit(PATTERNS)))
    have = db.session.query(Photo).count()
    for number in range(have, size):
        if number % ON_A_TRIP == 0:
            trip = create_trip(f"Trip {number // ON_A_TRIP}", "", mina)
            db.session.flush()
        add(models[number % PATTERNS], number, trip, with_files)
    db.session.commit()


def first_trip(owner: Person) -> Trip:
    trip = create_trip("Round the bay", "", owner)
    db.session.commit()
    taken = take_in_files(trip, [(f"{n:02}.jpg", io.BytesIO(jpeg(n))) for n in range(PATTERNS)], owner)
    post = create_post("By the sea", owner, trip)
    post.save_text(post.title, "", "\n\n".join(f"![](photo:{one.photo_id})" for one in taken[:20]), owner)
    db.session.commit()
    return trip


def add(model: Photo, number: int, trip: Trip, with_files: bool) -> None:
    """A photo with the pixels of another, eleven minutes after the one before."""
    kept = {c.key: getattr(model, c.key) for c in Photo.__table__.columns if c.key != "id"}
    key, taken = (
        hashlib.sha256(b"%d" % number).hexdigest(),
        STARTS + timedelta(minutes=number * MINUTES_APART),
    )
    width, height = SHAPES[number % len(SHAPES)]
    own = {
        "sha256": key,
        "media_key": key,
        "file_name": f"DSC_{number:05}.jpg",
        "width": width,
        "height": height,
    }
    words = {"caption": f"The harbour from stop {number}" if number % 3 else None}
    photo = Photo(**kept | own | words | {"taken_local": taken.replace(tzinfo=None)})
    db.session.add(photo)
    db.session.flush()
    place = {"lat": 41.93 + number % 97 / 200, "lon": 19.2, "radius_m": 20.0, "source": Source.TRACK}
    day = number % ON_A_TRIP * MINUTES_APART // (24 * 60) + 1
    db.session.add(TripPhoto(trip_id=trip.id, photo_id=photo.id, taken_at=taken, day_number=day, **place))
    if with_files:
        for rendition_format in RenditionFormat:
            width = photo.widths[0]
            content = storage.get(storage.rendition_key(model.media_key, width, rendition_format))
            storage.put(storage.rendition_key(key, width, rendition_format), content)


def measure(app: Flask, size: int) -> None:
    client = signed_in(app)
    print(f"{size:,} photos{'':30} {'queries':>8} {'ms':>8} {'kB':>8} {'kB in br':>9}")
    for label, address in PAGES.items():
        again = partial(ask, client, address)
        again()
        sent, times = counted(app, again), [timed(again) for _ in range(TIMES)]
        plain, packed = len(ask(client, address, "identity")) / 1000, len(ask(client, address)) / 1000
        print(f"  {label:46} {sent:4} {statistics.median(times):8.1f} {plain:8.1f} {packed:9.1f}")


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[0]
    form = {"csrf_token": token, "email": "mina@example.org", "password": PASSWORD}
    if client.post("/sign-in", data=form).status_code != 302:
        raise RuntimeError("Mina cannot sign in.")
    return client


def ask(client: FlaskClient, address: str, encoding: str = "br") -> bytes:
    answer = client.get(address, headers={"Accept-Encoding": encoding})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer.get_data()


def timed(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    main()
