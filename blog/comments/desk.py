"""The moderators' desk: the queue and its verbs."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from blog.accounts.models import Person
from blog.accounts.views import current_person, signed_in
from blog.comments import news
from blog.comments.deciding import (
    Kind,
    Outcome,
    decide,
    decide_now,
    edit,
    keep,
    settled,
    undo_entry,
    undo_last,
    undo_on,
)
from blog.comments.deeds import deed, done_together, told, told_past
from blog.comments.forms import LONGEST
from blog.comments.models import Comment, add_comment
from blog.comments.moderation import MOST_COUNTED, Tab, counts, decides_on_people
from blog.comments.queue import Entry, Search, entries_of, number, page_of, person_named, posts_offered
from blog.comments.verdict import Status, Verdict
from blog.web.access import Audience, open_to
from blog.web.errors import wants_json
from blog.web.forms import ActionForm, Form
from blog.web.locale import number as written

desk = Blueprint("moderation", __name__)

MOST_AT_ONCE = 200
LONGEST_WHY = 500


class TextForm(Form):
    """Other words for a comment; `version` is the one that the moderator saw."""

    text = TextAreaField(
        _l("The words"),
        [
            DataRequired(_l("Write a few words first.")),
            Length(max=LONGEST, message=_l("This is too long.")),
        ],
    )
    why = StringField(_l("Why (for the log, if you like)"), [Length(max=LONGEST_WHY)])
    version = HiddenField()


class AnswerForm(Form):
    """A moderator's own reply."""

    text = TextAreaField(
        _l("Your reply"),
        [
            DataRequired(_l("Write a few words first.")),
            Length(max=LONGEST, message=_l("This is too long.")),
        ],
    )
    version = HiddenField()


@desk.get("/desk/moderation")
@open_to(Audience.MODERATORS)
def queue() -> str:
    """A part of the queue, page by page."""
    person, search = signed_in(), Search.of(request.args)
    return render_template(
        "comments/queue.html",
        search=search,
        page=page_of(search, person),
        counts=counts(person),
        tabs=list(Tab),
        posts=posts_offered(search, person),
        about=person_named(search, person),
    )


@desk.post("/comments/<int:comment_id>/approval")
@open_to(Audience.MODERATORS)
def approval(comment_id: int) -> Any:
    return one_moved(comment_id, Status.APPROVED)


@desk.post("/comments/<int:comment_id>/rejection")
@open_to(Audience.MODERATORS)
def rejection(comment_id: int) -> Any:
    return one_moved(comment_id, Status.REJECTED)


@desk.post("/comments/<int:comment_id>/spam")
@open_to(Audience.MODERATORS)
def spam(comment_id: int) -> Any:
    return one_moved(comment_id, Status.SPAM)


@desk.post("/comments/<int:comment_id>/waiting")
@open_to(Audience.MODERATORS)
def waiting(comment_id: int) -> Any:
    """Back among those that wait: un-approve, or give another look."""
    return one_moved(comment_id, Status.PENDING)


@desk.post("/comments/<int:comment_id>/keeping")
@open_to(Audience.MODERATORS)
def keeping(comment_id: int) -> Any:
    """It may stand: close the reports on it."""
    check_form()
    outcome = keep(comment_id, seen_version(), signed_in(), why())
    return tell([outcome] if outcome else abort(404))


@desk.post("/comments/<int:comment_id>/undo")
@open_to(Audience.MODERATORS)
def take_back(comment_id: int) -> Any:
    """Take back the last act on one comment, whoever did it."""
    check_form()
    if not entries_of([comment_id], signed_in()):
        abort(404)
    return tell(undo_on(comment_id, signed_in()))


@desk.post("/desk/moderation/decisions")
@open_to(Audience.MODERATORS)
def decisions() -> Any:
    """Decide on all chosen comments together: `to` says what becomes of them."""
    check_form()
    to = next((status for status in Status if status.value == request.form.get("to")), None) or abort(422)
    wanted = chosen()
    if not wanted and not wants_json():
        flash(_("Choose some replies first."))
        return back()
    return tell(decide(wanted, to, signed_in(), why()), to, len(wanted))


@desk.post("/desk/moderation/undo")
@open_to(Audience.MODERATORS)
def undo() -> Any:
    """Take back one's last act, or the one named `entry`, with all that was done by the same click."""
    check_form()
    entry = number(request.form.get("entry"))
    return tell(undo_entry(entry, signed_in()) if entry else undo_last(signed_in()))


@desk.route("/desk/moderation/<int:comment_id>/reply", methods=["GET", "POST"])
@open_to(Audience.MODERATORS)
def reply(comment_id: int) -> Any:
    """Answer a comment in one's own name. What waits is approved by it."""
    entry = entry_or_404(comment_id)
    form = AnswerForm.from_request()
    if not form.was_sent():
        form.version.data = form.version.data or entry.comment.version
        return page("comments/answer.html", form, entry)
    version = number(form.version.data)
    outcome, answered = settled(lambda: answer_now(comment_id, version, form.text.data))
    if answered is None:
        return changed_meanwhile("comments/answer.html", form, outcome)
    announce(*([outcome.comment] if outcome.kind is Kind.DONE else []), answered)
    said = _("Your reply is on the page.") if answered.is_shown else _("Kept, but what it answers is hidden.")
    return say([outcome], said)


def answer_now(comment_id: int, version: int | None, text: str) -> tuple[Outcome, Comment | None]:
    """Approve what is answered, and add the answer, without the commit."""
    person = signed_in()
    found = decide_now({comment_id: version}, Status.APPROVED, person, "") or abort(404)
    outcome = found[0]
    if outcome.kind is Kind.CHANGED or outcome.comment is None:
        return outcome, None  # nothing is added to what the moderator did not see
    parent = outcome.comment
    verdict = Verdict(Status.APPROVED)
    return outcome, add_comment(parent.post, parent, person.name, person.email, text, verdict, person)


@desk.route("/desk/moderation/<int:comment_id>/edit", methods=["GET", "POST"])
@open_to(Audience.MODERATORS)
def words(comment_id: int) -> Any:
    """Change the words of a comment. Readers see that they were."""
    entry = entry_or_404(comment_id)
    form = TextForm.from_request(obj=entry.comment)
    if not form.was_sent():
        return page("comments/edit.html", form, entry)
    outcome = edit(comment_id, number(form.version.data) or 0, form.text.data, signed_in(), form.why.data)
    if outcome is None:
        abort(404)
    if outcome.kind is Kind.CHANGED:
        return changed_meanwhile("comments/edit.html", form, outcome)
    return tell([outcome])


def changed_meanwhile(template: str, form: Any, outcome: Outcome) -> Any:
    """The form again, with what was typed and what happened; sent once more, it counts."""
    if outcome.comment is None:
        abort(404)
    problem = told(outcome, signed_in().id)
    entry = entry_or_404(outcome.comment.id)
    form.version.data = entry.comment.version
    return page(template, form, entry, 409, problem=problem)


def entry_or_404(comment_id: int) -> Entry:
    found = entries_of([comment_id], signed_in())
    return found[0] if found and found[0].comment.erased_at is None else abort(404)


def page(template: str, form: Form, entry: Entry, status: int = 200, **more: Any) -> Any:
    """The page of one form; for the queue's script the form alone."""
    if request.method == "POST" and status == 200:
        status = 422
    where = {"search": Search.of(request.values), "back": back_address()}
    body = render_template(template, form=form, entry=entry, comment=entry.comment, **where, **more)
    return body, status


def one_moved(comment_id: int, to: Status) -> Any:
    """Find the comment, do the verb, tell what happened, go back to where the moderator was."""
    check_form()
    return tell(decide({comment_id: seen_version()}, to, signed_in(), why()) or abort(404))


def check_form() -> None:
    if not ActionForm.from_request().was_sent():
        abort(422, _("This page was open for a long time. Please go back, reload it, and try again."))


def seen_version() -> int | None:
    return number(request.form.get("version") or request.args.get("version"))


def why() -> str:
    return request.form.get("why", "").strip()[:LONGEST_WHY]


def chosen() -> dict[int, int | None]:
    """The chosen comments with the versions that were seen, sent as `12.3`."""
    pairs = (value.partition(".") for value in request.form.getlist("comment")[:MOST_AT_ONCE])
    numbers = ((number(first), number(second)) for first, _dot, second in pairs)
    return {comment_id: version for comment_id, version in numbers if comment_id}


# ---- telling what happened


def tell(outcomes: Sequence[Outcome], to: Status | None = None, wanted: int = 1) -> Any:
    """Announce what readers can see now, and answer with words, and with what changed meanwhile."""
    announce(*(outcome.comment for outcome in outcomes if outcome.kind is Kind.DONE))
    return say(outcomes, summary(outcomes, to, wanted))


def announce(*comments: Comment | None) -> None:
    for comment in comments:
        if comment and comment.is_shown:
            news.shown.send(current_app, comment_id=comment.id)


def summary(outcomes: Sequence[Outcome], to: Status | None, wanted: int) -> str:
    """What happened, in a sentence or two."""
    person = signed_in()
    if not outcomes:
        return _("They are no longer there.") if wanted > 1 or to else _("There is nothing left to undo.")
    if len(outcomes) == 1 and wanted == 1:
        return told(outcomes[0], person.id)
    done = sum(outcome.kind is Kind.DONE for outcome in outcomes)
    changed = sum(outcome.kind is Kind.CHANGED for outcome in outcomes)
    already = len(outcomes) - done - changed
    parts = [done_together(done, to) if to else _("%(num)d undone.", num=done)] if done else []
    if already:
        parts.append(_("%(num)d were so already.", num=already))
    if changed:
        parts.append(_("%(num)d changed meanwhile and stay as they are: look at them again.", num=changed))
    if wanted > len(outcomes):
        parts.append(_("%(num)d are no longer there.", num=wanted - len(outcomes)))
    return " ".join(parts)


def say(outcomes: Sequence[Outcome], words: str) -> Any:
    """The answer for scripts, the page of what changed meanwhile, or the way back with a notice."""
    changed = {o.comment.id: o for o in outcomes if o.kind is Kind.CHANGED and o.comment}
    only_changed = len(changed) == len(outcomes) > 0
    if wants_json():
        return answer(outcomes, words), 409 if only_changed else 200
    person = signed_in()
    if changed:
        entries = entries_of(changed, person)
        notes = {comment_id: told(outcome, person.id) for comment_id, outcome in changed.items()}
        search = Search.of(request.form)
        body = render_template(
            "comments/changed.html", entries=entries, notes=notes, words=words, search=search
        )
        return body, 409
    flash(words, undo_category(outcomes))
    return back()


def undo_category(outcomes: Sequence[Outcome]) -> str:
    acts = [o.entry for o in outcomes if o.kind is Kind.DONE and o.entry and not o.entry.undoes_id]
    return f"undo:{acts[0].id}" if acts else "message"


def answer(outcomes: Sequence[Outcome], words: str) -> dict[str, Any]:
    """For the queue's script: what to say, the counts, and every entry as it is now, drawn anew."""
    person = signed_in()
    numbers = [outcome.comment.id for outcome in outcomes if outcome.comment]
    kinds = {outcome.comment.id: outcome for outcome in outcomes if outcome.comment}
    search = Search.of(request.form)
    return {
        "words": words,
        "counts": {name: many(count) for name, count in counts(person).items()},
        "waiting": many(waiting_for(person)),
        "entries": [
            {
                "id": entry.comment.id,
                "kind": kinds[entry.comment.id].kind.value,
                "status": entry.comment.status.value,
                "words": told(kinds[entry.comment.id], person.id),
                "html": render_template("comments/_entry.html", entry=entry, search=search),
            }
            for entry in entries_of(numbers, person)
        ],
    }


def back() -> Any:
    return redirect(back_address())


def back_address() -> str:
    """The page that the form came from: only ever one of this desk."""
    search = Search.of(request.values)
    if search.person and request.values.get("from") == "person":
        return url_for("commenters.show", commenter_id=search.person)
    address: dict[str, Any] = {**search.address}
    return url_for("moderation.queue", **address)


def many(count: int) -> str:
    return f"{written(MOST_COUNTED)}+" if count > MOST_COUNTED else written(count)


def waiting_for(person: Person) -> int:
    """How many comments wait for this person: new ones, and those that readers reported."""
    return sum(counts(person, Tab.PENDING, Tab.REPORTED).values())


def replies_waiting() -> int:
    """For the header of people who are signed in, read once for a page."""
    if "replies_waiting" not in g:
        person = current_person()
        g.replies_waiting = waiting_for(person) if person else 0
    return g.replies_waiting


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
    app.jinja_env.globals |= {
        "deed": deed,
        "told_past": told_past,
        "decides_on_people": decides_on_people,
        "replies_waiting": replies_waiting,
    }
    app.jinja_env.filters["many"] = many
