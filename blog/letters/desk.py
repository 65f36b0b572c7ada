"""The moderators' side of letters: how often they come, and the pages that a digest's links open."""

from flask import Blueprint, Flask, abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields import SelectChoice

from blog.accounts.models import Person
from blog.accounts.views import signed_in
from blog.comments import news
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog, move, visible_to
from blog.comments.verdict import Status
from blog.db import db
from blog.letters import digest
from blog.letters.links import Purpose, keep_to_oneself, read
from blog.letters.models import Rhythm
from blog.web.access import Audience, open_to
from blog.web.forms import Form

desk = Blueprint("letters_desk", __name__)
desk.after_request(keep_to_oneself)

CHOICES = [
    SelectChoice(Rhythm.AT_ONCE.value, _l("At once, as soon as one waits")),
    SelectChoice(Rhythm.HOURLY.value, _l("At most once an hour")),
    SelectChoice(Rhythm.DAILY.value, _l("At most once a day")),
    SelectChoice(Rhythm.NEVER.value, _l("Never")),
]


class RhythmForm(Form):
    rhythm = RadioField(_l("How often may Roadbook write to you?"), choices=CHOICES)


@desk.route("/desk/letters", methods=["GET", "POST"])
@open_to(Audience.MODERATORS)
def rhythm() -> str | tuple[str, int]:
    """Each chooses for themselves how often they hear of what waits."""
    row = digest.digest_of(signed_in())
    form = RhythmForm.from_request(rhythm=row.rhythm.value)
    saved = form.was_sent()
    if saved:
        row.rhythm = Rhythm(form.rhythm.data)
        db.session.commit()
    status = 422 if request.method == "POST" and not saved else 200
    return render_template("letters/pages/rhythm.html", form=form, saved=saved), status


@desk.route("/letters/moderation/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def moderation(token: str) -> Response | str:
    """A verb of the digest: shown by the link, done by the button, in the name of whom the letter went to.

    The button names the version that was seen. Where somebody else was faster, or the text is another by now,
    nothing is done, and the page shows how it stands.
    """
    person_id, comment_id, verb, version = read(Purpose.MODERATE, token)
    person = db.session.get(Person, person_id)
    if person is None or person.ended_at:
        abort(404, _("This account was ended. Nothing was changed."))
    comment = comment_for(person, comment_id)
    if request.method == "POST" and act(comment, Status(verb), person):
        return page(comment, person, Status(verb), done=True)
    is_changed = comment.version != version
    return page(comment_for(person, comment_id), person, Status(verb), is_changed=is_changed)


def comment_for(person: Person, comment_id: int) -> Comment:
    found = db.session.scalar(
        select(Comment)
        .where(visible_to(person), Comment.id == comment_id)
        .options(joinedload(Comment.post), joinedload(Comment.parent))
    )
    if found is None or found.erased_at:
        abort(404, _("This reply is gone. Nothing was changed."))
    return found


def act(comment: Comment, to: Status, person: Person) -> bool:
    """Do it, unless the comment is no longer what the page showed. Whether it was done."""
    if comment.status is not Status.PENDING or request.form.get("version") != str(comment.version):
        return False
    comment_id = comment.id
    try:
        move(comment, to, person, why="by letter")
        db.session.commit()
    except StaleDataError:  # somebody did something in the same moment
        db.session.rollback()
        return False
    if comment.is_shown:
        news.shown.send(current_app, comment_id=comment_id)
    return True


def page(comment: Comment, person: Person, verb: Status, **more: bool) -> str:
    last = db.session.scalar(
        select(ModerationLog)
        .where(ModerationLog.comment_id == comment.id, ModerationLog.act == Act.MOVED)
        .order_by(ModerationLog.id.desc())
        .limit(1)
    )
    return render_template(
        "letters/pages/moderation.html",
        comment=comment,
        person=person,
        verb=verb,
        last=last,
        waits=comment.status is Status.PENDING,
        queue=url_for("moderation.queue"),
        **more,
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
    digest.init_app(app)
