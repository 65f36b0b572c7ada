"""The thread under a post: its further pages, its branches, and the lasting address of each comment."""

from typing import Any

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request
from sqlalchemy import select

from blog.comments.models import Comment
from blog.comments.threads import Order, ThreadPage, address_of, branch_page, count_shown, thread_page
from blog.comments.views import blank_form, parent_of, wants_fragment
from blog.db import db
from blog.pages.reading import find_post
from blog.posts.models import Post
from blog.web.access import Audience, open_to

threads = Blueprint("threads", __name__)


@threads.get("/posts/<slug>/comments")
@open_to(Audience.EVERYONE)
def page(slug: str) -> Response:
    """Another page of a post's thread, or one branch of it; for scripts its comments alone."""
    found = find_post(slug) or abort(404)
    thread = asked_page(found)
    if wants_fragment():
        body = render_template("comments/_page.html", post=found, thread=thread, waiting=None)
    else:
        body = render_template("pages/thread.html", post=found, waiting=None, **conversation(found, thread))
    response = Response(body)
    response.vary.add("Accept")
    return response


def asked_page(post: Post) -> ThreadPage:
    """The page of the thread that the address names."""
    before, after, branch = (request.args.get(name, type=number) for name in ("before", "after", "branch"))
    if branch is None:
        order = Order.NEWEST if request.args.get("order") == Order.NEWEST else Order.OLDEST
        return thread_page(post.id, order, before, after)
    root = db.session.scalar(select(Comment).filter_by(id=branch, post_id=post.id, depth=0, is_shown=True))
    return branch_page(root or abort(404), after)


def number(text: str) -> int:
    """A comment's number in an address. Raises ValueError where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def conversation(post: Post, thread: ThreadPage) -> dict[str, Any]:
    """What the templates of a thread need, with a form that answers what the address asks to answer."""
    answered = parent_of(post, request.args.get("reply"))
    return {
        "thread": thread,
        "count": count_shown(post.id),
        "form": blank_form(post, str(answered.id) if answered else ""),
        "parent": answered,
        "problem": None,
    }


@threads.get("/comments/<int:comment_id>")
@open_to(Audience.EVERYONE)
def comment(comment_id: int) -> Any:
    """The lasting address of a comment leads to where it stands."""
    found = db.session.get(Comment, comment_id)
    if found is None or not found.is_shown or not found.post.is_published:
        abort(404)
    return redirect(address_of(found), 302)


def init_app(app: Flask) -> None:
    app.register_blueprint(threads)
