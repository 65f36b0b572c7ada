"""Readers report what should not stand there. Whatever they send, the answer is the same."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import Form, HiddenField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from blog.comments.forms import cleaned, seconds_since, stamp_for
from blog.comments.models import Comment
from blog.comments.moderation import Report
from blog.comments.senders import hashes, refuse_floods
from blog.db import db
from blog.posts.models import Post, PostStatus
from blog.web.access import Audience, open_to

reports = Blueprint("reports", __name__)

MOST_PER_ADDRESS = 10
WINDOW = 60  # minutes
LONGEST_WORDS = 500


class Reason(StrEnum):
    SPAM = "spam"
    RUDE = "rude"
    PRIVATE = "private"
    OTHER = "other"


REASONS = {
    Reason.SPAM: _l("It advertises, or is spam"),
    Reason.RUDE: _l("It is rude, or hurts somebody"),
    Reason.PRIVATE: _l("It tells something private about somebody"),
    Reason.OTHER: _l("Something else"),
}


class ReportForm(Form):
    """Why, and a few words. `website` is for robots: people do not see it."""

    reason = RadioField(
        choices=[SelectChoice(reason.value, words) for reason, words in REASONS.items()],
        validators=[InputRequired(_l("Please choose one."))],
    )
    words = TextAreaField(
        _l("In your words, if you like"),
        [Length(max=LONGEST_WORDS, message=_l("This is too long: 500 characters are enough."))],
        filters=[cleaned],
    )
    stamp = HiddenField()
    website = StringField()


def report_reason(value: str) -> str:
    return str(REASONS.get(Reason(value), value)) if value in set(Reason) else value


@reports.route("/comments/<int:comment_id>/report", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def ask(comment_id: int) -> Any:
    """Ask what is wrong with a comment, and keep the answer. Needs no session."""
    comment = shown_comment(comment_id)
    if request.method == "GET":
        return form_page(comment, ReportForm(), sent="sent" in request.args)
    form = ReportForm(request.form)
    seconds = seconds_since(form.stamp.data or "", comment.post_id)
    if not form.validate() or seconds is None:
        problem = None if form.errors else _("This page is too old. Please send it once more.")
        return form_page(comment, form, problem=problem), 422
    refuse_floods("reports", MOST_PER_ADDRESS, WINDOW)
    if not (form.website.data or "").strip():
        keep_report(comment, form.reason.data, form.words.data)
    db.session.commit()
    return redirect(url_for("reports.ask", comment_id=comment_id, sent="yes"), 303)


def shown_comment(comment_id: int) -> Comment:
    is_published = Comment.post_id.in_(select(Post.id).where(Post.status == PostStatus.PUBLISHED))
    query = select(Comment).where(Comment.id == comment_id, Comment.is_shown, is_published)
    return db.session.scalar(query.where(Comment.erased_at.is_(None))) or abort(404)


def form_page(comment: Comment, form: ReportForm, problem: str | None = None, sent: bool = False) -> str:
    form.stamp.data = stamp_for(comment.post_id)
    back = url_for("pages.comment", comment_id=comment.id)
    return render_template(
        "comments/report.html", comment=comment, form=form, problem=problem, sent=sent, back=back
    )


def keep_report(comment: Comment, reason: str, words: str) -> None:
    """Keep a report, once per address while nobody has looked at it."""
    address_hash, _network = hashes(request.remote_addr or "")
    same = select(Report.id).where(
        Report.comment_id == comment.id, Report.closed_at.is_(None), Report.address_hash == address_hash
    )
    if address_hash is None or db.session.scalar(same.limit(1)) is None:
        db.session.add(Report(comment_id=comment.id, reason=reason, words=words, address_hash=address_hash))


def init_app(app: Flask) -> None:
    app.register_blueprint(reports)
    app.jinja_env.globals["report_reason"] = report_reason
