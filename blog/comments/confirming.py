"""The page behind the link in the mail that asks a reader whether an address is theirs."""

from typing import Any

from flask import Blueprint, Flask, abort, current_app, make_response, render_template
from flask_babel import gettext as _

from blog.comments import news
from blog.comments.confirmation import LinkExpired, comment_of, confirm, disown, remember_confirmed
from blog.comments.deciding import settled
from blog.comments.models import Comment
from blog.comments.own import own_token
from blog.web.access import Audience, open_to

confirming = Blueprint("confirming", __name__, url_prefix="/replies/confirmation")


def meant(token: str) -> Comment:
    """The comment that the link is about. Programs that look into mail come here too: only a button acts."""
    try:
        comment = comment_of(token)
    except LinkExpired:
        abort(410, _("This link was good for seven days. Reply once more, and you get a new one."))
    if comment is None or not comment.post.is_published:
        abort(404, _("This link leads to nothing. Was all of it copied?"))
    return comment


@confirming.get("/<token>")
@open_to(Audience.EVERYONE)
def show(token: str) -> Any:
    return page(meant(token), token, "asked")


@confirming.post("/<token>")
@open_to(Audience.EVERYONE)
def accept(token: str) -> Any:
    """It was me: this browser is known from now on."""
    is_news = settled(lambda: confirm(meant(token)))  # a moderator may decide on it at this moment
    comment = meant(token)
    if is_news:
        news.shown.send(current_app, comment_id=comment.id)
    response = page(comment, token, "confirmed")
    remember_confirmed(response, comment.email)
    return response


@confirming.post("/<token>/refusal")
@open_to(Audience.EVERYONE)
def refuse(token: str) -> Any:
    """It was somebody else."""
    settled(lambda: disown(meant(token)))
    return page(meant(token), token, "refused")


def page(comment: Comment, token: str, state: str) -> Any:
    response = make_response(
        render_template(
            "comments/confirmation.html",
            comment=comment,
            token=token,
            state=state,
            waiting=own_token(comment) if state == "confirmed" and not comment.is_shown else None,
        )
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(confirming)
