"""`roadbook demo`: the demo trip, by the product's own ways: intake, placement, publishing, moderation.

Every step finds what an earlier, interrupted run left, so the command can be given again at any time.
"""

import io
import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from blog.accounts.models import Person, Role, create_person, find_person
from blog.comments.commenters import commenter_for
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import move
from blog.comments.verdict import Status, Verdict, signs_of
from blog.db import bring_up_to_date, db
from blog.demo import story
from blog.demo.story import DemoComment, DemoPhoto, DemoPost
from blog.photos.models import Photo
from blog.photos.notes import RegionNote
from blog.photos.regions import Region
from blog.photos.rendering import render
from blog.posts.models import Post, create_post
from blog.trips.intake import Taken, take_in_files
from blog.trips.models import Trip, create_trip, set_camera_clock, trip_photos
from blog.trips.solving import solve

PASSWORD = "along the tumen"  # noqa: S105 — printed for everybody who starts the demo
MODERATOR = ("Petra Koval", "petra@example.org")
DEK = "Three days in the far north-east of Korea, from a river one can wade to an iron port."
SECONDS_TO_WRITE = 90.0


@click.command()
@with_appcontext
def demo() -> None:
    """Make the demo trip, with people, posts and replies."""
    bring_up_to_date()
    people = make_people()
    trip = make_trip(people["mina"])
    take_in_material(trip, people["mina"])
    correct_clock(trip)
    posts = {post.slug: make_post(trip, post, people) for post in story.posts()}
    make_comments(posts, numbers(trip), people)
    click.echo("The demo trip is ready. Sign in with the password “along the tumen” as")
    for person in people.values():
        click.echo(f"  {person.email:20} {person.role.value}")


def make_people() -> dict[str, Person]:
    roles = {"mina": Role.OWNER, "jonas": Role.AUTHOR}
    people = {key: make_person(*story.PEOPLE[key], role) for key, role in roles.items()}  # type: ignore[index]
    return people | {"petra": make_person(*MODERATOR, Role.MODERATOR)}


def make_person(name: str, email: str, role: Role) -> Person:
    person = find_person(email) or create_person(name, email, PASSWORD, role)
    db.session.commit()
    return person


def make_trip(owner: Person) -> Trip:
    found = db.session.scalar(select(Trip).filter_by(title=story.TITLE))
    trip = found or create_trip(story.TITLE, DEK, owner)
    db.session.commit()
    return trip


def take_in_material(trip: Trip, owner: Person) -> None:
    """Tracks first, then every picture that is not here yet, painted beside the intake."""
    take_in_files(trip, [(name, io.BytesIO(data)) for name, data in story.tracks()], owner)
    here = {row.photo.file_name for row in trip_photos(trip)}
    names = [shot.name for shot in story.SHOTS if shot.file_name not in here]
    if not names:
        return
    with click.progressbar(painted(names), length=len(names), label="Painting and placing the photos") as bar:
        for photo in bar:
            (taken,) = take_in_files(trip, [(photo.file_name, io.BytesIO(photo.data))], owner)
            finish(taken)


def painted(names: list[str]) -> Iterator[DemoPhoto]:
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as painters:
        yield from painters.map(story.paint, names)


def finish(taken: Taken) -> None:
    """Make the renditions here and now: no worker runs yet."""
    if taken.photo_id is None:
        raise click.ClickException(f"{taken.file_name}: {taken.message}")
    render(taken.photo_id)


def correct_clock(trip: Trip) -> None:
    """What the author does on the desk: the K-2 was wrong by an hour and some minutes."""
    camera = next(row.photo.camera for row in trip_photos(trip) if "K-2" in row.photo.camera)
    set_camera_clock(trip, camera, story.CLOCK_OFFSET_S)
    solve(trip)
    db.session.commit()


def numbers(trip: Trip) -> dict[str, Photo]:
    """The trip's photos by the names that the story gives them."""
    by_file = {row.photo.file_name: row.photo for row in trip_photos(trip)}
    return {shot.name: by_file[shot.file_name] for shot in story.SHOTS}


def make_post(trip: Trip, demo_post: DemoPost, people: dict[str, Person]) -> Post:
    found = db.session.scalar(select(Post).filter_by(slug=demo_post.slug))
    if found:
        return found
    author, photos = people[demo_post.author], numbers(trip)
    describe(photos, demo_post.text)
    notes = annotate(photos, demo_post.text, author)
    text = re.sub(r"photo:([\w-]+)", lambda match: f"photo:{photos[match[1]].id}", demo_post.text)
    text = re.sub(r"note:([\w-]+)", lambda match: f"note:{notes[match[1]].id}", text)
    post = create_post(demo_post.title, author, trip)
    post.slug, post.day_number = demo_post.slug, demo_post.day
    post.save_text(demo_post.title, demo_post.dek, text, author)
    post.publish()
    post.published_at = demo_post.published
    db.session.commit()
    return post


def describe(photos: dict[str, Photo], text: str) -> None:
    """Give each photo the alt text and the caption it has in the story, for its own page."""
    for alt, name, caption in re.findall(r'!\[([^\]]*)\]\(photo:([\w-]+)(?: "([^"]*)")?\)', text):
        photos[name].alt = alt
        photos[name].caption = caption or photos[name].caption


def annotate(photos: dict[str, Photo], text: str, author: Person) -> dict[str, RegionNote]:
    """The notes on the photos of a text, by the names that it gives them."""
    made = {
        note.name: photos[note.photo].add_note(Region.from_json(note.corners), note.text, author)
        for note in story.notes()
        if f"photo:{note.photo} " in text
    }
    db.session.flush()
    return made


def make_comments(posts: dict[str, Post], photos: dict[str, Photo], people: dict[str, Person]) -> None:
    if db.session.scalar(select(Comment.id).limit(1)):
        return
    said: dict[str, Comment] = {}
    for one in story.comments():
        parent = said.get(one.parent) if one.parent else None
        photo = photos[one.photo] if one.photo else None
        said[one.key] = make_comment(posts[one.post], parent, photo, one, people)
    db.session.commit()


def make_comment(
    post: Post, parent: Comment | None, photo: Photo | None, one: DemoComment, people: dict[str, Person]
) -> Comment:
    """Send a reply and let Petra decide on it."""
    person = people[one.by] if one.by else None
    signs = [] if person else signs_of(one.text, one.name, SECONDS_TO_WRITE, "")
    # It waits, whatever it is: spam that nobody decided on is deleted thirty days after it came.
    verdict = Verdict(Status.PENDING, tuple(sign.words for sign in signs))
    comment = add_comment(
        post,
        parent,
        one.name,
        one.email,
        one.text,
        verdict,
        person,
        commenter=None if person else commenter_for(one.email, one.name),
        photo_id=photo.id if photo else parent.photo_id if parent else None,
        region=one.spot,
        created_at=one.at,
    )
    move(comment, Status(one.state), by=people["petra"])
    return comment
