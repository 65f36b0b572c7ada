"""A page of a thread: some branches from their beginning, or one branch further down. One query each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, bindparam, func, select
from sqlalchemy.orm import aliased, contains_eager, load_only

from blog.comments.models import KEY_WIDTH, Comment, with_spots
from blog.db import db

ROOTS = 25  # branches that begin on a page
ON_PAGE = 100  # comments of a page: each branch in turn gets its next one until there are so many
BEYOND_KEYS = "z" * (KEY_WIDTH + 1)
CONTEXT = 5  # comments that a lasting address shows above the one it names, far down in a branch


class Order(StrEnum):
    """Which branches come first. Within a branch an answer always stands below what it answers."""

    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass
class ThreadPage:
    """Comments from top to bottom, and where the thread goes on.

    `more`: below the comment of this number so many of its branch are left out. `before`, `after`: the first
    and the last branch, where this order has others on their far side. `branch`: the first comment of the one
    branch that the page is about, `skips`: the page begins further down. `apart`: the writer's own waiting
    comment, where this is not the page it will stand on.
    """

    comments: list[Comment]
    more: dict[int, int] = field(default_factory=dict)
    order: Order = Order.OLDEST
    before: int | None = None
    after: int | None = None
    branch: Comment | None = None
    skips: bool = False
    apart: Comment | None = None

    @property
    def ids(self) -> set[int]:
        return {comment.id for comment in self.comments}

    def show_waiting(self, waiting: Comment) -> None:
        """Put the writer's own comment where it will stand, or beside the page."""
        if waiting.parent_id in self.ids:
            above = [
                place
                for place, comment in enumerate(self.comments)
                if comment.root_id == waiting.root_id and comment.thread_key < waiting.thread_key
            ]
            self.comments.insert(above[-1] + 1, waiting)
        elif waiting.parent_id is None and self.after is None:
            self.comments.append(waiting)
        else:
            self.apart = waiting


def count_shown(post_id: int) -> int:
    """How many comments of a post readers see."""
    return db.session.scalar(select(func.count()).where(Comment.post_id == post_id, Comment.is_shown)) or 0


def thread_page(
    post_id: int, order: Order = Order.OLDEST, before: int | None = None, after: int | None = None
) -> ThreadPage:
    """The branches after the one of a number in this order, or those before one; else the first."""
    backwards, beyond = before is not None, after if before is None else before
    query = page_query(order, backwards, beyond is not None)
    rows = db.session.execute(query, {"post": post_id, "beyond": beyond}).all()
    sizes = {comment.root_id: size for comment, size in rows}
    roots = list(sizes)
    is_last = len(roots) <= ROOTS
    kept = roots if is_last else roots[1:] if backwards else roots[:-1]
    comments = [comment for comment, _size in rows if is_last or comment.root_id in kept]
    return ThreadPage(
        comments,
        left_out(comments, sizes),
        order,
        before=kept[0] if kept and (not is_last if backwards else after is not None) else None,
        after=kept[-1] if kept and (backwards or not is_last) else None,
    )


# Statements are put together once: that takes longer than to run them.
@cache
def page_query(order: Order, backwards: bool, goes_on: bool) -> Select[Any]:
    """(comment, size of its branch) of a page, from top to bottom. Takes `post` and `beyond`."""
    rising = (order is Order.OLDEST) is not backwards
    found = turns_of(roots_of(rising, goes_on), rising)
    first = Comment.root_id if order is Order.OLDEST else Comment.root_id.desc()
    return drawn(found).order_by(first, Comment.thread_key)


def roots_of(rising: bool, goes_on: bool) -> Select[Any]:
    """(id, size of its branch, key of the last that may stand here) of a page's branches and one more."""
    branch, end = aliased(Comment), aliased(Comment)
    size = select(func.count()).where(branch.root_id == Comment.id, branch.is_shown)
    keys = select(end.thread_key).where(end.root_id == Comment.id, end.is_shown).order_by(end.thread_key)
    last = keys.offset(ON_PAGE - 1).limit(1).scalar_subquery()
    query = select(
        Comment.id, size.scalar_subquery().label("size"), func.coalesce(last, BEYOND_KEYS).label("last")
    ).where(Comment.post_id == bindparam("post"), Comment.is_shown, Comment.depth == 0)
    if goes_on:
        beyond = bindparam("beyond", type_=Integer)
        query = query.where(Comment.id > beyond if rising else Comment.id < beyond)
    return query.order_by(Comment.id if rising else Comment.id.desc()).limit(ROOTS + 1)


def turns_of(found: Select[Any], rising: bool) -> Subquery:
    """(id, size of its branch) of the comments whose turn comes on the page."""
    roots = found.subquery()
    turn = func.row_number().over(partition_by=roots.c.id, order_by=Comment.thread_key)
    first = roots.c.id if rising else roots.c.id.desc()
    return (
        select(Comment.id, roots.c.size)
        .join(roots, Comment.root_id == roots.c.id)
        .where(Comment.is_shown, Comment.thread_key <= roots.c.last)
        .order_by(turn, first)
        .limit(ON_PAGE)
        .subquery()
    )


def left_out(comments: list[Comment], sizes: dict[int | None, int]) -> dict[int, int]:
    """How many comments of a branch are not on the page, by the last that is."""
    shown: dict[int | None, list[int]] = {}
    for comment in comments:
        shown.setdefault(comment.root_id, []).append(comment.id)
    return {ids[-1]: sizes[root] - len(ids) for root, ids in shown.items() if sizes[root] > len(ids)}


def branch_page(root: Comment, after: int | None = None) -> ThreadPage:
    """A branch from its beginning, or what stands in it below the comment of a number."""
    rows = db.session.execute(branch_query(after is not None), {"root": root.id, "above": after}).all()
    comments = [comment for comment, _size in rows]
    more = left_out(comments, {comment.root_id: size for comment, size in rows})
    return ThreadPage(comments, more, branch=root, skips=after is not None)


@cache
def branch_query(goes_on: bool) -> Select[Any]:
    """(comment, size of what is left of the branch). Takes `root` and `above`."""

    def left(one: type[Comment]) -> ColumnElement[bool]:
        inside = and_(one.root_id == bindparam("root"), one.is_shown)
        if not goes_on:
            return inside
        above = aliased(Comment)
        key = select(above.thread_key).where(
            above.id == bindparam("above"), above.root_id == bindparam("root")
        )
        return and_(inside, one.thread_key > key.scalar_subquery())

    counted = aliased(Comment)
    size = select(func.count(counted.id)).where(left(counted)).scalar_subquery().label("size")
    found = select(Comment.id, size).where(left(Comment)).order_by(Comment.thread_key).limit(ON_PAGE)
    return drawn(found.subquery()).order_by(Comment.thread_key)


def drawn(found: Subquery) -> Select[Any]:
    """What a page shows of the comments that were found, each with the name of the one it answers."""
    above = aliased(Comment)
    return (
        select(Comment, found.c.size)
        .join(found, found.c.id == Comment.id)
        .outerjoin(Comment.parent.of_type(above))
        .options(
            load_only(*SHOWN),
            contains_eager(Comment.parent.of_type(above)).load_only(above.name),
            with_spots(),
        )
    )


SHOWN = (
    Comment.post_id,
    Comment.parent_id,
    Comment.root_id,
    Comment.depth,
    Comment.thread_key,
    Comment.person_id,
    Comment.photo_id,
    Comment.region,
    Comment.name,
    Comment.website,
    Comment.html,
    Comment.status,
    Comment.created_at,
    Comment.edited_at,
    Comment.erased_at,
    Comment.version,
)


def photo_thread(post_id: int, photo_id: int) -> list[Comment]:
    """The first comments about one photo, from top to bottom; all of them stand in the post's thread."""
    found = select(Comment.id, bindparam("size", 0, Integer).label("size"))
    about = found.where(Comment.post_id == post_id, Comment.is_shown, Comment.photo_id == photo_id)
    page = drawn(about.order_by(Comment.thread_key).limit(ON_PAGE).subquery()).order_by(Comment.thread_key)
    return list(db.session.scalars(page))


def address_of(comment: Comment, waiting: str | None = None) -> str:
    """Where a shown comment stands: on its post's page, a further page of the thread, or down a branch.

    `waiting` is the token by which its writer may change it.
    """
    slug, anchor, root = comment.post.slug, f"comment-{comment.id}", comment.root_id
    if comment.id in thread_page(comment.post_id).ids:
        return url_for("pages.post", slug=slug, waiting=waiting, _anchor=anchor)
    before = db.session.scalar(
        select(func.max(Comment.id)).where(
            Comment.post_id == comment.post_id,
            Comment.is_shown,
            Comment.depth == 0,
            Comment.id < comment.root_id,
        )
    )
    if comment.id in thread_page(comment.post_id, after=before).ids:
        return url_for("pages.thread", slug=slug, after=before, waiting=waiting, _anchor=anchor)
    above = some_above(comment)
    return url_for("pages.thread", slug=slug, branch=root, after=above, waiting=waiting, _anchor=anchor)


def some_above(comment: Comment) -> int | None:
    """The comment of its branch that stands some places above this one."""
    return db.session.scalar(
        select(Comment.id)
        .where(
            Comment.root_id == comment.root_id,
            Comment.is_shown,
            Comment.thread_key < comment.thread_key,
        )
        .order_by(Comment.thread_key.desc(), Comment.id.desc())
        .offset(CONTEXT)
        .limit(1)
    )
