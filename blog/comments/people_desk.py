"""The desk page of one commenter: everything they wrote, and what moderators think of them."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from blog.accounts.views import signed_in
from blog.comments.commenters import Commenter, Standing
from blog.comments.deciding import decide, give_standing, settled
from blog.comments.deeds import told
from blog.comments.desk import MOST_AT_ONCE, check_form, undo_category, why
from blog.comments.erasing import erase_commenter
from blog.comments.models import Comment
from blog.comments.moderation import decides_on_people, visible_to
from blog.comments.queue import Past, Search, by_person, number, pasts_of
from blog.comments.verdict import Status
from blog.db import db
from blog.web.access import Audience, open_to

desk = Blueprint("commenters", __name__, url_prefix="/desk/moderation/people")


@desk.get("/<int:commenter_id>")
@open_to(Audience.MODERATORS)
def show(commenter_id: int) -> str:
    commenter, person = commenter_or_404(commenter_id), signed_in()
    after, before = number(request.args.get("after")), number(request.args.get("before"))
    return render_template(
        "comments/commenter.html",
        commenter=commenter,
        past=pasts_of([commenter_id], person).get(commenter_id, Past()),
        page=by_person(commenter_id, after, before, person),
        search=Search(person=commenter_id),
        page_of_person=True,
    )


@desk.post("/<int:commenter_id>/standing")
@open_to(Audience.MODERATORS)
def standing(commenter_id: int) -> Response:
    """Trust, block, or neither."""
    commenter = commenter_or_404(commenter_id, decides=True)
    check_form()
    to = next((each for each in Standing if each.value == request.form.get("to")), None) or abort(422)
    outcome = settled(lambda: give_standing(commenter, to, signed_in(), why()))
    flash(told(outcome, signed_in().id), undo_category([outcome]))
    return redirect(url_for("commenters.show", commenter_id=commenter_id))


@desk.post("/<int:commenter_id>/spam")
@open_to(Audience.MODERATORS)
def all_spam(commenter_id: int) -> Response:
    """Everything that this moderator sees of them is spam."""
    commenter_or_404(commenter_id)
    check_form()
    person = signed_in()
    others = Comment.commenter_id == commenter_id, Comment.status != Status.SPAM, visible_to(person)
    numbers = db.session.scalars(select(Comment.id).where(*others).order_by(Comment.id).limit(MOST_AT_ONCE))
    outcomes = decide(dict.fromkeys(numbers), Status.SPAM, person, why())
    left = db.session.scalar(select(func.count()).select_from(Comment).where(*others)) or 0
    said = ngettext("%(num)d reply marked as spam.", "%(num)d replies marked as spam.", len(outcomes))
    if left:
        said += " " + _("%(num)d more are left: press it again.", num=left)
    flash(said, undo_category(outcomes))
    return redirect(url_for("commenters.show", commenter_id=commenter_id))


@desk.route("/<int:commenter_id>/erasure", methods=["GET", "POST"])
@open_to(Audience.MODERATORS)
def erasure(commenter_id: int) -> Any:
    """Ask once more, then erase a person for good."""
    commenter = commenter_or_404(commenter_id, decides=True)
    if request.method == "GET":
        count = select(func.count()).select_from(Comment).where(Comment.commenter_id == commenter_id)
        return render_template(
            "comments/erasure.html", commenter=commenter, count=db.session.scalar(count) or 0
        )
    check_form()
    settled(lambda: erase_commenter(commenter_or_404(commenter_id), signed_in()))
    flash(_("Erased for good."))
    return redirect(url_for("moderation.queue"))


def commenter_or_404(commenter_id: int, decides: bool = False) -> Commenter:
    """The commenter, for those who see a comment of theirs; `decides`: who decides on people."""
    person = signed_in()
    if decides and not decides_on_people(person):
        abort(404)
    query = select(Commenter).where(Commenter.id == commenter_id)
    if not decides_on_people(person):
        query = query.where(Commenter.id.in_(select(Comment.commenter_id).where(visible_to(person))))
    return db.session.scalar(query) or abort(404)


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
