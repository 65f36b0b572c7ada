"""Sending a reply. The page that shows the thread belongs to `pages`; the form and its answer are here."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    get_template_attribute,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup
from sqlalchemy import select

from blog.accounts.models import Person
from blog.accounts.views import current_person
from blog.comments import news
from blog.comments.commenters import find_commenter, make_commenter
from blog.comments.confirmation import ask_to_confirm, confirmed_email
from blog.comments.forms import ReplyForm, seconds_since, stamp_for
from blog.comments.judging import Submission, weigh
from blog.comments.models import Comment, add_comment
from blog.comments.proof_of_work import challenge_for, is_asked
from blog.comments.rules import closed_because, rules_for
from blog.comments.senders import hashes, network_of
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.posts.models import Post, PostStatus
from blog.web.access import Audience, open_to
from blog.web.errors import wants_json
from blog.web.forms import ActionForm
from blog.web.limits import raise_alarm, reply_quotas, seconds_to_wait

comments = Blueprint("comments", __name__)

FRAGMENT = "text/vnd.roadbook.fragment+html"


def published_post(slug: str) -> Post:
    post = db.session.scalar(select(Post).filter_by(slug=slug, status=PostStatus.PUBLISHED))
    if post is None:
        abort(404)
    return post


def blank_form(post: Post, parent_id: str = "") -> ReplyForm:
    form = ReplyForm(stamp=stamp_for(post.id), parent_id=parent_id)
    return for_person(form, current_person())


def for_person(form: ReplyForm, person: Person | None) -> ReplyForm:
    """Someone with an account is known: no name, no address to fill in."""
    if person:
        del form.name
        del form.email
    return form


@comments.post("/posts/<slug>/comments")
@open_to(Audience.EVERYONE)
def send(slug: str) -> Any:
    """Take in a reply: 303 to the page for people, 202 (waiting), 201 or 422 for scripts."""
    post = published_post(slug)
    person = current_person()
    form = for_person(ReplyForm(request.form), person)
    parent = parent_of(post, form.parent_id.data)
    problem = refusal(post, form, person)
    if not form.validate() or problem:
        form.stamp.data = stamp_for(post.id)
        return form_again(post, form, problem, parent)
    address = request.remote_addr or ""
    if wait := seconds_to_wait(reply_quotas(address, network_of(address))):
        raise_alarm()
        return too_many(post, form, parent, wait)
    comment = by_person(post, parent, form, person) if person else by_reader(post, parent, form)
    db.session.commit()
    (news.shown if comment.is_shown else news.waits).send(current_app, comment_id=comment.id)
    return answer(post, comment)


def by_person(post: Post, parent: Comment | None, form: ReplyForm, person: Person) -> Comment:
    verdict = Verdict(Status.APPROVED)
    return add_comment(post, parent, person.name, person.email, form.text.data, verdict, person)


def by_reader(post: Post, parent: Comment | None, form: ReplyForm) -> Comment:
    name, email, address = form.name.data, form.email.data or "", request.remote_addr or ""
    user_agent = (request.user_agent.string or "")[:200]
    commenter = find_commenter(email)
    confirmed = confirmed_email() == email.strip().lower() != ""
    submission = Submission(
        post=post,
        text=form.text.data,
        name=name,
        email=email,
        website="",
        address=address,
        user_agent=user_agent,
        seconds_on_page=seconds_since(form.stamp.data or "", post.id),
        honeypot=form.website.data or "",
        commenter=commenter,
        is_confirmed=confirmed,
        proof=request.form.get("proof", ""),
    )
    verdict = weigh(submission)  # reads alone: what is written from here on makes others wait
    address_hash, network_hash = hashes(address)
    comment = add_comment(
        post,
        parent,
        name,
        email,
        form.text.data,
        verdict,
        commenter=commenter or make_commenter(email, name),
        is_confirmed=confirmed,
        address_hash=address_hash,
        network_hash=network_hash,
        user_agent=user_agent,
    )
    ask_to_confirm(comment)
    return comment


@comments.get("/posts/<slug>/comments/challenge")
@open_to(Audience.EVERYONE)
def challenge(slug: str) -> Any:
    """What the form's script asks when somebody begins to write: a puzzle, where one is needed just now."""
    post = published_post(slug)
    return {"challenge": challenge_for(post.id) if is_asked(rules_for(post).site) else None}


def refusal(post: Post, form: ReplyForm, person: Person | None) -> str | None:
    """Why this form cannot be taken although its fields are right."""
    if not person and (sentence := closed_because(post)):
        return sentence
    if person and not ActionForm.from_request().was_sent():
        return _("This page was open for a long time. Please send it once more.")
    if not person and seconds_since(form.stamp.data or "", post.id) is None:
        return _("This page was made by an older Roadbook. Your words are kept: please send them once more.")
    return None


def parent_of(post: Post, parent_id: str | None) -> Comment | None:
    """The comment that is answered; one that is not shown cannot be."""
    number = parent_id or ""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    found = db.session.scalar(select(Comment).filter_by(id=int(number), post_id=post.id))
    return found if found and found.is_shown else None


def too_many(post: Post, form: ReplyForm, parent: Comment | None, wait: int) -> Any:
    """Ask to wait, with everything that was typed still in the form."""
    minutes = wait // 60 + 1
    sentence = _("That is a lot of replies at once. Please wait %(minutes)d minutes.", minutes=minutes)
    form.stamp.data = stamp_for(post.id)
    body, _status = form_again(post, form, sentence, parent)
    return body, 429, {"Retry-After": str(wait)}


def wants_fragment() -> bool:
    return FRAGMENT in request.headers.get("Accept", "")


def form_again(post: Post, form: ReplyForm, problem: str | None, parent: Comment | None) -> Any:
    """The form with what was typed and what is wrong."""
    if wants_json():
        return {
            "error": problem,
            "errors": {name: [str(e) for e in found] for name, found in form.errors.items()},
        }, 422
    template = "comments/_form.html" if wants_fragment() else "comments/again.html"
    return render_template(template, post=post, form=form, problem=problem, parent=parent), 422


def answer(post: Post, comment: Comment) -> Any:
    approved = comment.status is Status.APPROVED
    if wants_json():
        # Spam is told the same as any other: a robot learns nothing from the answer.
        status = "approved" if approved else "pending"
        return {"id": comment.id, "status": status}, 201 if approved else 202
    if wants_fragment():
        waiting = None if approved else comment.id
        comment_list = get_template_attribute("macros/comments.html", "comment_list")
        return comment_list([comment], waiting), 201 if approved else 202
    anchor = f"comment-{comment.id}"
    token = None if approved else waiting_token(comment)
    return redirect(url_for("pages.post", slug=post.slug, waiting=token, _anchor=anchor), 303)


def waiter() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="waiting")


def waiting_token(comment: Comment) -> str:
    """Lets the writer alone, who has the address, see the comment that awaits moderation."""
    return waiter().dumps(comment.id)


def waiting_comment(post: Post, token: str | None) -> Comment | None:
    """The comment that this token's bearer wrote and that still waits."""
    if not token:
        return None
    try:
        number = waiter().loads(token)
    except BadSignature:
        return None
    found = db.session.get(Comment, number)
    hidden = found is None or found.post_id != post.id or found.status is Status.APPROVED
    return None if hidden else found


def comment_html(comment: Comment) -> Markup:
    return Markup(comment.html)  # noqa: S704 — cleaned by nh3


def init_app(app: Flask) -> None:
    app.register_blueprint(comments)
    app.jinja_env.globals["comment_html"] = comment_html
