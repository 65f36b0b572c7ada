"""`roadbook rebuild-renditions`."""

from collections.abc import Iterable

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from blog.db import bring_up_to_date, db
from blog.photos import films, storage
from blog.photos.formats import RefusedFile
from blog.photos.models import Photo, PhotoState, media_key
from blog.photos.rendering import rebuild

MOST_TOLD = 20


@click.command("rebuild-renditions")
@click.option("--all", "every_one", is_flag=True, help="Those that are up to date, too.")
@with_appcontext
def rebuild_renditions(every_one: bool) -> None:
    """Make the sizes of photos that browsers load again, where this version makes others.

    It can be interrupted and given again: what is up to date is left out.
    """
    bring_up_to_date()
    numbers = to_do(every_one)
    with click.progressbar(numbers, label="Making renditions", show_pos=True) as bar:
        failures = [words for number in bar if (words := rebuilt(number))]
    gone = storage.delete_strays(db.session.scalars(select(Photo.media_key)))
    click.echo(f"{len(numbers) - len(failures)} photos made anew, files of {gone} old ones deleted.")
    for words in failures[:MOST_TOLD]:
        click.echo(words, err=True)
    if failures:
        raise click.ClickException(f"{len(failures)} photos were left as they are.")


def to_do(every_one: bool) -> list[int]:
    """The photos whose key is not what it would be today; those in the worker's hands are its own."""
    photos: Iterable[Photo] = db.session.scalars(
        select(Photo).where(Photo.state == PhotoState.READY).order_by(Photo.id)
    ).unique()
    return [
        photo.id
        for photo in photos
        if every_one or photo.media_key != media_key(photo.sha256, photo.regions_hidden)
    ]


def rebuilt(number: int) -> str | None:
    """Rebuild one photo; why it could not be done."""
    photo = db.session.get(Photo, number)
    if photo is None:  # deleted since
        return None
    try:
        rebuild(photo)
    except RefusedFile as refusal:
        return f"{photo.file_name}: {refusal}"
    except FileNotFoundError:
        return f"{photo.file_name}: The original of this photo is missing."
    except films.Interrupted:
        return f"{photo.file_name}: Its poster could not be made just now."
    return None
