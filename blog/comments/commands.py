"""`roadbook import-comments` and `roadbook export-comments`."""

import csv
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from blog.comments import elsewhere, exchange
from blog.comments.importing import Import, Tally, posts_by_slug, take_commenter
from blog.comments.incoming import Incoming, Posts, RefusedImport, parents_first
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import bring_up_to_date, db

MOST_TOLD = 20
FROM = {"disqus": "Disqus", "wordpress": "WordPress", "isso": "Isso", "roadbook": "Roadbook"}
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import-comments")
@click.argument("file", type=A_FILE)
@click.option("--map", "map_file", type=A_FILE, help="Lines of `old address,slug` for posts that moved.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@with_appcontext
def import_comments(file: Path, map_file: Path | None, dry_run: bool) -> None:
    """Take in comments of Disqus (XML), Isso (its database), WordPress (WXR) or another Roadbook.

    Threads, dates and states are kept. A comment finds its post by the address it stood at, whose last part
    is the post's slug. It can be interrupted and given again: what is here already is left as it is.
    """
    bring_up_to_date()
    try:
        kind = elsewhere.kind_of(file)
        skipped: Counter[str] = Counter()
        comments = read(file, kind, skipped, dry_run)
        posts = Posts(posts_by_slug(), read_map(map_file))
    except RefusedImport as refusal:
        raise click.ClickException(str(refusal)) from refusal
    work = Import(posts, site(), dry_run)
    work.tally.skipped += skipped
    with click.progressbar(length=len(comments), label=f"Comments of {FROM[kind]}", show_pos=True) as bar:
        for done in work.take(comments):
            bar.update(done)
    tell(work.tally, dry_run)


def read(file: Path, kind: str, skipped: Counter[str], dry_run: bool) -> list[Incoming]:
    """All comments before one is kept: of a damaged file nothing is. Commenters are kept at once."""
    if kind != "roadbook":
        found = list(elsewhere.read(file, kind, skipped))
    else:
        found, commenters = [], []
        for one in exchange.read(file):
            if isinstance(one, Incoming):
                found.append(one)
            else:
                commenters.append(one)
        if not dry_run:
            for email, columns in commenters:
                take_commenter(email, columns)
            db.session.commit()
    ordered = parents_first(found)
    if left_out := len(found) - len(ordered):
        skipped["were deleted, or are there twice"] += left_out
    return ordered


def read_map(file: Path | None) -> dict[str, str]:
    """Old address → slug. Raises `RefusedImport` for a line that is neither."""
    if file is None:
        return {}
    moved = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            for number, row in enumerate(csv.reader(lines), 1):
                if not row or row[0].lstrip().startswith("#"):
                    continue
                if len(row) != 2:
                    raise RefusedImport(f"{file.name}, line {number}: this is not `old address,slug`.")
                moved[row[0].strip()] = row[1].strip()
        except (csv.Error, UnicodeDecodeError) as error:
            raise RefusedImport(f"{file.name} cannot be read: {error}.") from error
    return moved


def tell(tally: Tally, dry_run: bool) -> None:
    taken = tally.taken.total()
    states = ", ".join(f"{tally.taken[status]} {status.value}" for status in Status if tally.taken[status])
    verb = "would be taken" if dry_run else "taken"
    click.echo(f"{counted(taken)} {verb}{f' ({states})' if states else ''}; {tally.known} were here already.")
    for reason, count in sorted(tally.skipped.items()):
        click.echo(f"{counted(count)} left out: they {reason}.")
    lost = tally.without_post
    if lost:
        click.echo(f"{counted(lost.total())} left out: no post was found for")
        for address, count in lost.most_common(MOST_TOLD):
            click.echo(f"  {address!r} ({count})")
        if len(lost) > MOST_TOLD:
            click.echo(f"  and {len(lost) - MOST_TOLD} more")
        click.echo("Name their posts with --map: one line of `old address,slug` for each.")
    if lost and not taken and not tally.known:
        raise click.ClickException("No comment found its post.")


def counted(number: int) -> str:
    return "1 comment" if number == 1 else f"{number:,} comments"


def site() -> str:
    """What tells this site from others."""
    return urlsplit(current_app.config["PUBLIC_URL"]).netloc


@click.command("export-comments")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--without-emails", is_flag=True, help="Leave out e-mail addresses: for files that others get.")
@with_appcontext
def export_comments(file: Path, without_emails: bool) -> None:
    """Write all comments into a file that import-comments reads back: threads, states, log, reports."""
    bring_up_to_date()
    unfinished = file.with_name(f"{file.name}.part")
    total = db.session.scalar(select(func.count()).select_from(Comment)) or 0
    try:
        with (
            unfinished.open("w", encoding="utf-8") as out,
            click.progressbar(length=total, label="Comments", show_pos=True) as bar,
        ):
            for line in exchange.lines(site(), with_emails=not without_emails):
                out.write(line + "\n")
                bar.update(1 if line.startswith('{"comment":') else 0)
        unfinished.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{counted(total)} written to {file}.")
