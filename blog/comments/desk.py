"""The moderators' desk: the queue, its verbs, and the log."""

from functools import partial
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from blog.accounts.views import signed_in
from blog.comments import news
from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog, counts, move, undo, visible_to
from blog.comments.verdict import Status
from blog.db import db
from blog.posts.models import Post
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm

desk = Blueprint("moderation", __name__)

PAGE = 30
FARTHEST_PAGE = 1_000_000


@desk.get("/desk/moderation")
@open_to(Audience.MODERATORS)
def queue() -> str:
    """The comments of one status: what waits with the oldest first, the rest with the newest."""
    status = next((s for s in Status if s.value == request.args.get("status")), Status.PENDING)
    page = min(max(1, request.args.get("page", 1, type=int)), FARTHEST_PAGE)
    order = Comment.id if status is Status.PENDING else Comment.id.desc()
    rows = db.session.scalars(
        select(Comment)
        .where(visible_to(signed_in()), Comment.status == status)
        .options(joinedload(Comment.post).joinedload(Post.author), joinedload(Comment.parent))
        .order_by(order)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    return render_template(
        "comments/queue.html",
        status=status,
        comments=rows[:PAGE],
        page=page,
        has_more=len(rows) > PAGE,
        counts=counts(signed_in()),
        statuses=list(Status),
        history=history([row.id for row in rows]),
    )


def history(ids: list[int]) -> dict[int, list[ModerationLog]]:
    """What was done to each of these comments, the last act first."""
    rows = db.session.scalars(
        select(ModerationLog).where(ModerationLog.comment_id.in_(ids)).order_by(ModerationLog.id.desc())
    )
    found: dict[int, list[ModerationLog]] = {}
    for row in rows:
        if row.comment_id:
            found.setdefault(row.comment_id, []).append(row)
    return found


@desk.get("/desk/moderation/log")
@open_to(Audience.MODERATORS)
def log() -> str:
    entries = db.session.execute(
        select(ModerationLog, Comment)
        .join(Comment, Comment.id == ModerationLog.comment_id)
        .where(visible_to(signed_in()))
        .order_by(ModerationLog.id.desc())
        .limit(200)
    ).all()
    return render_template("comments/log.html", entries=entries)


@desk.post("/comments/<int:comment_id>/approval")
@open_to(Audience.MODERATORS)
def approval(comment_id: int) -> Response:
    return act(comment_id, to(Status.APPROVED), _("Approved. Everyone can read it now."))


@desk.post("/comments/<int:comment_id>/rejection")
@open_to(Audience.MODERATORS)
def rejection(comment_id: int) -> Response:
    return act(comment_id, to(Status.REJECTED), _("Rejected. Only moderators can see it."))


@desk.post("/comments/<int:comment_id>/spam")
@open_to(Audience.MODERATORS)
def spam(comment_id: int) -> Response:
    return act(comment_id, to(Status.SPAM), _("Marked as spam."))


@desk.post("/comments/<int:comment_id>/undo")
@open_to(Audience.MODERATORS)
def take_back(comment_id: int) -> Response:
    return act(comment_id, undo, _("Undone."))


def to(status: Status) -> Any:
    return partial(move, to=status)


def act(comment_id: int, verb: Any, words: str) -> Response:
    """Find the comment, do the verb, tell what happened, go back to where the moderator was."""
    person = signed_in()
    comment = db.session.scalar(select(Comment).where(visible_to(person), Comment.id == comment_id))
    if comment is None:
        abort(404)
    if not ActionForm.from_request().was_sent():
        abort(422, _("This page was open for a long time. Please go back, reload it, and try again."))
    if verb(comment, by=person):
        db.session.commit()
        if comment.is_shown:
            news.shown.send(current_app, comment_id=comment.id)
        flash(words, f"undo:{comment.id}")
    status = request.form.get("status", Status.PENDING.value)
    return redirect(url_for("moderation.queue", status=status))


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
