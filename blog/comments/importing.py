"""Keeping comments from elsewhere in their threads. Each import can be given again: what is here, stays."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from blog.accounts.models import find_person
from blog.comments.commenters import Commenter, commenter_for
from blog.comments.incoming import LONGEST_TEXT, Incoming, Posts
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import ModerationLog, Report
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.photos.models import Photo
from blog.posts.models import Post

AT_ONCE = 100


@dataclass
class Tally:
    """What became of the comments of a file, for the summary."""

    taken: Counter[Status] = field(default_factory=Counter)
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    without_post: Counter[str] = field(default_factory=Counter)


class Import:
    """Takes comments in, parents first, some in one transaction; a `dry_run` counts, and keeps nothing."""

    def __init__(self, posts: Posts, site: str, dry_run: bool = False) -> None:
        self.posts = posts
        self.site = site
        self.dry_run = dry_run
        self.tally = Tally()
        self.kept: dict[str, int] = {}
        self.below: dict[str, str | None] = {}

    def take(self, ordered: list[Incoming]) -> Iterator[int]:
        """Keep them all; after each batch, how many of them are done."""
        for start in range(0, len(ordered), AT_ONCE):
            batch = ordered[start : start + AT_ONCE]
            self.kept |= self.already_here(batch)
            for comment in batch:
                self.below[comment.origin] = comment.parent
                self.take_one(comment)
            db.session.commit()
            db.session.expunge_all()
            yield len(batch)

    def already_here(self, batch: list[Incoming]) -> dict[str, int]:
        """The numbers of those that an earlier import brought, and of those that were written here."""
        origins = [comment.origin for comment in batch]
        rows = db.session.execute(select(Comment.origin, Comment.id).where(Comment.origin.in_(origins)))
        found = {origin: number for origin, number in rows if origin}
        own = {number: origin for origin in origins if (number := number_here(origin, self.site))}
        times = {comment.origin: comment.created_at for comment in batch}
        here = select(Comment.id, Comment.created_at).where(Comment.id.in_(own), Comment.origin.is_(None))
        return found | {
            own[number]: number for number, at in db.session.execute(here) if times[own[number]] == at
        }

    def take_one(self, comment: Incoming) -> None:
        if comment.origin in self.kept:
            self.tally.known += 1
            return
        number, comment = self.posts.find(comment.posts), comment.cleaned()
        if number is None:
            self.tally.without_post[comment.posts[0] if comment.posts else "?"] += 1
        elif not (comment.text.strip() or comment.is_gone):
            self.tally.skipped["have no words"] += 1
        elif len(comment.text) > LONGEST_TEXT:
            self.tally.skipped[f"are longer than {LONGEST_TEXT:,} letters"] += 1
        else:
            self.tally.taken[comment.status] += 1
            if not self.dry_run:
                self.kept[comment.origin] = self.keep(comment, db.session.get_one(Post, number)).id

    def keep(self, comment: Incoming, post: Post) -> Comment:
        """Nobody is told of it by mail: it was news elsewhere, long ago."""
        more = dict(comment.more)
        if comment.is_gone:
            comment = replace(comment, name="", email="", website="", text="")
        log, reports = more.pop("log", ()), more.pop("reports", ())
        person = find_person(more.pop("by", None) or "")
        photo = db.session.scalar(select(Photo.id).where(Photo.sha256 == more.pop("photo", None)))
        row = add_comment(
            post,
            self.parent_of(comment, post),
            comment.name,
            comment.email,
            comment.text,
            Verdict(comment.status, tuple(more.pop("reasons", ()))),
            website=comment.website,
            commenter=None if person else commenter_for(comment.email, comment.name),
            origin=comment.origin,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            told_at=now(),
            erased_at=more.pop("erased_at", None) or (comment.created_at if comment.is_gone else None),
            photo_id=photo,
            **more,
        )
        if person:  # set by hand: what it stands at is what the file says, not what a person may do
            row.person_id = person.id
        for entry in log:
            db.session.add(
                ModerationLog(comment_id=row.id, commenter_id=row.commenter_id, post_id=post.id, **entry)
            )
        db.session.add_all(Report(comment_id=row.id, **report) for report in reports)
        return row

    def parent_of(self, comment: Incoming, post: Post) -> Comment | None:
        """The nearest comment above it that was kept, under the same post."""
        origin = comment.parent
        while origin and origin not in self.kept:
            origin = self.below.get(origin)
        found = db.session.get(Comment, self.kept[origin]) if origin else None
        return found if found and found.post_id == post.id else None


def origin_here(number: int, site: str) -> str:
    """What a comment that was written on this site is called elsewhere."""
    return f"roadbook:{site}:{number}"[:120]


def number_here(origin: str, site: str) -> int | None:
    """The number of a comment that was written here; None for those of other sites."""
    front, _colon, number = origin.rpartition(":")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    return int(number) if is_number and front == f"roadbook:{site}" else None


def posts_by_slug() -> dict[str, int]:
    return dict(iter(db.session.execute(select(Post.slug, Post.id)).tuples()))


def take_commenter(email: str, columns: Mapping[str, Any]) -> bool:
    """Keep what an export says of a commenter, unless the address is known here; whether it was not."""
    if db.session.scalar(select(Commenter.id).where(Commenter.email == email)):
        return False
    db.session.add(Commenter(email=email, **columns))
    return True
