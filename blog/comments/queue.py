"""The moderators' queue: what stands in a part of it, and what one must know to decide on each comment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from blog.accounts.models import Person
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, Report, Tab, moderated_by, visible_to, within
from blog.comments.verdict import Status
from blog.db import db
from blog.posts.models import Post
from blog.web.addresses import LARGEST_ID

PAGE = 50
LONGEST_SEARCH = 100
POSTS_OFFERED = 50
REPORTS_SHOWN = 500  # on one page


def number(text: str | None) -> int | None:
    """The number of a row, as an address or a form says it; None for what is none."""
    text = text or ""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return found if 0 < found <= LARGEST_ID else None


@dataclass(frozen=True)
class Search:
    """What a moderator looks at: a part of the queue, narrowed down, and from where on."""

    tab: Tab = Tab.PENDING
    words: str = ""
    post: int | None = None
    person: int | None = None
    with_links: bool = False
    on_photos: bool = False
    after: int | None = None
    before: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Search:
        """From the fields of an address or a form; what makes no sense in them is left out."""
        return cls(
            tab=next((tab for tab in Tab if tab.value == asked.get("status")), Tab.PENDING),
            words=asked.get("q", "").strip()[:LONGEST_SEARCH],
            post=number(asked.get("post")),
            person=number(asked.get("person")),
            with_links=asked.get("links") == "yes",
            on_photos=asked.get("photos") == "yes",
            after=number(asked.get("after")),
            before=number(asked.get("before")),
        )

    @property
    def filters(self) -> dict[str, str]:
        """What narrows it down, as it stands in an address."""
        fields = {
            "q": self.words,
            "post": str(self.post or ""),
            "person": str(self.person or ""),
            "links": "yes" if self.with_links else "",
            "photos": "yes" if self.on_photos else "",
        }
        return {name: value for name, value in fields.items() if value}

    @property
    def address(self) -> dict[str, str]:
        """The first page of it, as it stands in an address."""
        return {"status": self.tab.value} | self.filters

    @property
    def is_oldest_first(self) -> bool:
        """What waits has waited longest at the top; of the rest the newest matters most."""
        return self.tab in (Tab.PENDING, Tab.REPORTED)

    def wanted(self) -> list[ColumnElement[bool]]:
        asked: list[ColumnElement[bool]] = [within(self.tab)]
        if self.words:
            fields = (Comment.text, Comment.name, Comment.email)
            asked.append(or_(*(each.icontains(self.words, autoescape=True) for each in fields)))
        if self.post:
            asked.append(Comment.post_id == self.post)
        if self.person:
            asked.append(Comment.commenter_id == self.person)
        if self.with_links:
            links = (Comment.text.icontains("http"), Comment.text.icontains("www."))
            asked.append(or_(*links, Comment.website != ""))
        if self.on_photos:
            asked.append(Comment.photo_id.is_not(None))
        return asked


@dataclass
class Past:
    """What a commenter has written before, as far as the moderator sees it."""

    by_status: dict[Status, int] = field(default_factory=dict)
    first_at: datetime | None = None

    @property
    def is_new(self) -> bool:
        return sum(self.by_status.values()) <= 1


@dataclass(frozen=True)
class Entry:
    """A comment with all that helps to decide on it."""

    comment: Comment
    past: Past | None
    reports: list[Report]
    last: ModerationLog | None


@dataclass(frozen=True)
class Page:
    """A part of the queue; `after` and `before` lead on and back, None where nothing is."""

    entries: list[Entry]
    after: int | None
    before: int | None


def page_of(search: Search, person: Person) -> Page:
    """The entries of a search from its place on."""
    which = [visible_to(person), *search.wanted()]
    return page_from(which, search.after, search.before, search.is_oldest_first, person)


def by_person(commenter_id: int, after: int | None, before: int | None, person: Person) -> Page:
    """Everything of a commenter, of every status, the newest first."""
    which = [visible_to(person), Comment.commenter_id == commenter_id]
    return page_from(which, after, before, False, person)


def page_from(
    which: list[ColumnElement[bool]],
    after: int | None,
    before: int | None,
    oldest_first: bool,
    person: Person,
) -> Page:
    """The entries after a place, or before one: however many come and go meanwhile, none is left out or told
    twice."""
    ascending = oldest_first is (before is None)
    place = after or before
    query = with_context().where(*which)
    if place:
        query = query.where(Comment.id > place if ascending else Comment.id < place)
    query = query.order_by(Comment.id if ascending else Comment.id.desc()).limit(PAGE + 1)
    rows = list(db.session.scalars(query))
    is_more, rows = len(rows) > PAGE, rows[:PAGE]
    if before is not None:
        rows.reverse()
    leads_on, leads_back = (is_more, place is not None) if before is None else (True, is_more)
    return Page(
        entries_for(rows, person),
        rows[-1].id if rows and leads_on else None,
        rows[0].id if rows and leads_back else None,
    )


def with_context() -> Select[tuple[Comment]]:
    return select(Comment).options(
        joinedload(Comment.post).load_only(Post.slug, Post.title, Post.status, Post.author_id),
        joinedload(Comment.parent).load_only(Comment.name, Comment.text, Comment.erased_at),
        joinedload(Comment.photo),
        joinedload(Comment.commenter),
    )


def entries_of(numbers: Iterable[int], person: Person) -> list[Entry]:
    """The entries of these comments as they are now, by their numbers."""
    query = with_context().where(visible_to(person), Comment.id.in_(list(numbers))).order_by(Comment.id)
    return entries_for(list(db.session.scalars(query.execution_options(populate_existing=True))), person)


def entries_for(comments: Sequence[Comment], person: Person) -> list[Entry]:
    """Three questions for all of them together."""
    numbers = [comment.id for comment in comments]
    pasts = pasts_of({c.commenter_id for c in comments if c.commenter_id}, person)
    reports, last = open_reports(numbers), last_acts(numbers)
    return [
        Entry(
            comment,
            pasts.get(comment.commenter_id) if comment.commenter_id else None,
            reports.get(comment.id, []),
            last.get(comment.id),
        )
        for comment in comments
    ]


def pasts_of(commenters: Iterable[int], person: Person) -> dict[int, Past]:
    rows = db.session.execute(
        select(Comment.commenter_id, Comment.status, func.count(), func.min(Comment.created_at))
        .where(Comment.commenter_id.in_(commenters), visible_to(person))
        .group_by(Comment.commenter_id, Comment.status)
    )
    found: dict[int, Past] = {}
    for commenter_id, status, count, first_at in rows:
        past = found.setdefault(commenter_id, Past())
        past.by_status[status] = count
        past.first_at = min(first_at, past.first_at or first_at)
    return found


def open_reports(numbers: Sequence[int]) -> dict[int, list[Report]]:
    rows = db.session.scalars(
        select(Report)
        .where(Report.comment_id.in_(numbers), Report.closed_at.is_(None))
        .order_by(Report.id)
        .limit(REPORTS_SHOWN)
    )
    found: dict[int, list[Report]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(row)
    return found


def last_acts(numbers: Sequence[int]) -> dict[int, ModerationLog]:
    """What was last done to each of these comments."""
    newest = (
        select(func.max(ModerationLog.id))
        .where(ModerationLog.comment_id.in_(numbers))
        .group_by(ModerationLog.comment_id)
    )
    rows = db.session.scalars(select(ModerationLog).where(ModerationLog.id.in_(newest)))
    return {row.comment_id: row for row in rows if row.comment_id}


def posts_offered(search: Search, person: Person) -> dict[int, str]:
    """The latest posts to choose from, with the one that was chosen: the titles by their numbers."""
    titles = select(Post.id, Post.title).where(moderated_by(person))
    latest = titles.order_by(Post.published_at.desc(), Post.id.desc()).limit(POSTS_OFFERED)
    found = {row.id: row.title for row in db.session.execute(latest)}
    if search.post and search.post not in found:
        found |= {row.id: row.title for row in db.session.execute(titles.where(Post.id == search.post))}
    return found


def person_named(search: Search, person: Person) -> Commenter | None:
    """The commenter that the search is about, where this moderator sees a comment of theirs."""
    if search.person is None:
        return None
    seen = select(Comment.commenter_id).where(Comment.commenter_id == search.person, visible_to(person))
    return db.session.scalar(select(Commenter).where(Commenter.id.in_(seen)))
