"""The page on which a writer changes or withdraws a reply of the last quarter of an hour."""

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from blog.comments import news
from blog.comments.forms import LONGEST, ChangeForm
from blog.comments.judging import Submission, weigh
from blog.comments.models import Comment
from blog.comments.own import change_text, own_comment, withdraw
from blog.comments.senders import refuse_floods
from blog.comments.text import to_html
from blog.comments.verdict import Status, Verdict
from blog.comments.views import broken_with_words, drawn_comment, wants_fragment, with_words, writers_address
from blog.db import db
from blog.web.access import Audience, open_to

MOST_CHANGES = 60  # in as long as replies are counted, looks at a preview included

own = Blueprint("own_comments", __name__)
own.register_error_handler(HTTPException, with_words)
own.register_error_handler(Exception, broken_with_words)


@own.get("/comments/<int:comment_id>/own")
@open_to(Audience.EVERYONE)
def show(comment_id: int) -> Any:
    """The reply with a form to change it; for scripts, the reply as it stands in the thread."""
    token = request.args.get("token", "")
    comment = own_comment(comment_id, token)
    if wants_fragment():
        return drawn_comment(comment, token)
    form = ChangeForm(text=comment.text, token=token, version=str(comment.version))
    return page(comment, form)


@own.post("/comments/<int:comment_id>/text")
@open_to(Audience.EVERYONE)
def text(comment_id: int) -> Any:
    """Other words for it: 303 to where it stands, 422 with what is wrong, 409 where it changed meanwhile."""
    form = ChangeForm(request.form)
    comment = own_comment(comment_id, form.token.data)
    refuse_floods("changes", MOST_CHANGES)
    if "preview" in request.form:
        drawn = Markup(to_html(form.text.data[:LONGEST]))  # noqa: S704 — cleaned by nh3
        return page(comment, form, preview=drawn)
    if not form.validate():
        return page(comment, form), 422
    if form.version.data != str(comment.version):
        return changed_meanwhile(comment, form)
    was_shown = comment.is_shown
    change_text(comment, form.text.data, judged_again(comment, form.text.data))
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        return changed_meanwhile(own_comment(comment_id, form.token.data), form)
    if was_shown and not comment.is_shown:
        news.waits.send(current_app, comment_id=comment_id)
    if wants_fragment():
        return drawn_comment(comment, form.token.data)
    return redirect(writers_address(comment, False, form.token.data), 303)


@own.post("/comments/<int:comment_id>/removal")
@open_to(Audience.EVERYONE)
def removal(comment_id: int) -> Any:
    """Withdraw it for good."""
    comment = own_comment(comment_id, request.form.get("token"))
    back = url_for("pages.post", slug=comment.post.slug, _anchor="replies")
    withdraw(comment)
    db.session.commit()
    if wants_fragment():
        return f'<p class="withdrawn" role="status">{_("Your reply is withdrawn.")}</p>'
    return render_template("comments/withdrawn.html", back=back)


def judged_again(comment: Comment, text: str) -> Verdict:
    """The verdict on other words by the same writer."""
    if comment.person_id:
        return Verdict(Status.APPROVED)
    submission = Submission(
        post=comment.post,
        text=text,
        name=comment.name,
        email=comment.email,
        website=comment.website,
        address=request.remote_addr or "",
        user_agent=comment.user_agent,
        seconds_on_page=None,
        honeypot="",
        commenter=comment.commenter,
        is_confirmed=comment.is_confirmed,
        replaces=comment.id,
    )
    return weigh(submission)


def page(comment: Comment, form: ChangeForm, problem: str = "", preview: Markup | None = None) -> str:
    return render_template("comments/own.html", comment=comment, form=form, problem=problem, preview=preview)


def changed_meanwhile(comment: Comment, form: ChangeForm) -> Any:
    """Both texts: the comment as it stands now, and the words that were sent still in the form."""
    form.version.data = str(comment.version)
    sentence = _("This reply was changed meanwhile: above is how it stands now, below are your words.")
    return page(comment, form, sentence), 409


def init_app(app: Flask) -> None:
    app.register_blueprint(own)
