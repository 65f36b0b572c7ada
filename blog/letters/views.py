"""What the links in letters to readers open. Opening one changes nothing: a button does."""

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.comments import news
from blog.comments.confirmation import confirm, remember_confirmed
from blog.comments.confirmation import token_for as token_of_comment
from blog.comments.deciding import settled
from blog.comments.models import Comment
from blog.db import db
from blog.letters import following
from blog.letters.links import Purpose, keep_to_oneself, read, token_for
from blog.letters.models import Follow
from blog.mail.plain import excerpt, quoted
from blog.posts.models import Post
from blog.web.access import Audience, open_to

letters = Blueprint("letters", __name__)
letters.after_request(keep_to_oneself)


@letters.route("/letters/confirmation/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def confirmation(token: str) -> Response | str:
    """Say yes to what somebody, hopefully oneself, asked for under this address, and wrote with it."""
    number, email, comment_id = read(Purpose.CONFIRM, token)
    follow = db.session.scalar(select(Follow).where(Follow.id == number, Follow.email == email))
    if follow is None:
        abort(404, _("Nobody asks for these letters any more. Nothing was changed."))
    comment = unconfirmed(comment_id, email)
    if request.method == "GET" and (comment or not follow.confirmed_at):
        refusal = token_of_comment(comment) if comment else None
        return render_template(
            "letters/pages/confirmation.html", follow=follow, comment=comment, refusal=refusal
        )
    if request.method == "POST" and settled(lambda: said_yes(follow, comment_id)):
        news.shown.send(current_app, comment_id=comment_id)
    done = _("You will hear of new replies to “%(title)s”.", title=follow.post.title)
    response = Response(page_of(email, done))
    if request.method == "POST":
        remember_confirmed(response, email)
    return response


def said_yes(follow: Follow, comment_id: int) -> bool:
    """Write to this address from now on, and know it. Whether everybody can read the comment by that."""
    following.confirm(follow)
    comment = unconfirmed(comment_id, follow.email)
    return comment is not None and confirm(comment)


def unconfirmed(comment_id: int, email: str) -> Comment | None:
    """The comment that the letter came with, where it is there, of this address, and nobody said so yet."""
    comment = db.session.get(Comment, comment_id)
    is_open = comment and not comment.is_confirmed and comment.post.is_published
    return comment if comment and is_open and comment.email.strip().lower() == email else None


@letters.route("/letters/unsubscribe/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def unsubscribing(token: str) -> str:
    """End the letters about one post. Mail programs post here by themselves, without a session (RFC 8058)."""
    email, post_id = read(Purpose.UNSUBSCRIBE, token)
    if request.method == "POST":
        following.stop_following(email, post_id)
        db.session.commit()
        return page_of(email, _("Done. You get no more letters about this."))
    return render_template(
        "letters/pages/unsubscribing.html",
        post=db.session.get(Post, post_id),
        own=token_for(Purpose.FOLLOWING, email),
    )


@letters.get("/letters/following/<token>", endpoint="following")
@open_to(Audience.EVERYONE)
def what_one_follows(token: str) -> str:
    (email,) = read(Purpose.FOLLOWING, token)
    return page_of(email)


@letters.post("/letters/following/<token>/<int:follow_id>/ending")
@open_to(Audience.EVERYONE)
def ending(token: str, follow_id: int) -> str:
    (email,) = read(Purpose.FOLLOWING, token)
    follow = db.session.scalar(select(Follow).where(Follow.id == follow_id, Follow.email == email))
    if follow:
        db.session.delete(follow)
        db.session.commit()
    return page_of(email, _("Done. You get no more letters about this."))


@letters.post("/letters/following/<token>/silence")
@open_to(Audience.EVERYONE)
def silence(token: str) -> str:
    (email,) = read(Purpose.FOLLOWING, token)
    following.silence(email)
    db.session.commit()
    return page_of(email, _("Done. This address gets no more letters about replies, whoever asks for them."))


@letters.post("/letters/following/<token>/silence/end")
@open_to(Audience.EVERYONE)
def end_of_silence(token: str) -> str:
    (email,) = read(Purpose.FOLLOWING, token)
    following.speak_to(email)
    db.session.commit()
    return page_of(email, _("Done. You can follow replies again."))


def page_of(email: str, done: str = "") -> str:
    """What this address follows, with a button for each, after something was `done`."""
    follows = db.session.scalars(
        select(Follow)
        .where(Follow.email == email, Follow.confirmed_at.is_not(None))
        .options(joinedload(Follow.post), joinedload(Follow.comment))
        .order_by(Follow.id.desc())
    ).all()
    return render_template(
        "letters/pages/following.html",
        follows=follows,
        address=hinted(email),
        token=token_for(Purpose.FOLLOWING, email),
        is_silenced=following.is_silenced(email),
        done=done,
        excerpt=excerpt,
    )


def hinted(email: str) -> str:
    """`s…@example.org`: enough for its owner, for a letter may have been passed on."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def init_app(app: Flask) -> None:
    app.jinja_env.filters["quoted"] = quoted
    app.register_blueprint(letters)
    following.init_app(app)
