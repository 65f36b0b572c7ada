"""Sending a reply. The page that shows the thread belongs to `pages`; the form and its answers are here."""

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
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from blog.accounts.models import Person
from blog.accounts.views import current_person
from blog.comments import news
from blog.comments.commenters import find_commenter, insert_commenter
from blog.comments.confirmation import ask_to_confirm, confirmed_email
from blog.comments.forms import LONGEST, ReplyForm, seconds_since, stamp_for
from blog.comments.judging import Submission, weigh
from blog.comments.models import Comment, add_comment
from blog.comments.own import own_token
from blog.comments.proof_of_work import challenge_for, is_asked
from blog.comments.rules import closed_because, rules_for
from blog.comments.senders import hashes, network_of, refuse_floods
from blog.comments.spots import kept_picture, spot_of
from blog.comments.text import clean_line, clean_text, to_html
from blog.comments.threads import address_of
from blog.comments.verdict import Status, Verdict
from blog.db import db
from blog.photos.media import public_file
from blog.photos.models import Photo
from blog.posts.models import Post, PostStatus, shown_in
from blog.web.access import Audience, open_to
from blog.web.errors import break_down, show, wants_json, words
from blog.web.forms import ActionForm
from blog.web.limits import raise_alarm, reply_quotas, seconds_to_wait

comments = Blueprint("comments", __name__)

FRAGMENT = "text/vnd.roadbook.fragment+html"
MOST_PREVIEWS = 600  # of one address, in as long as replies are counted: one for each pause of who types


def published_post(slug: str) -> Post:
    post = db.session.scalar(select(Post).filter_by(slug=slug, status=PostStatus.PUBLISHED))
    if post is None:
        abort(404)
    return post


def blank_form(post: Post, parent_id: str = "", photo_id: int | None = None) -> ReplyForm:
    """The form of a page. `form.closed` says why nothing can be sent."""
    about = {"parent_id": parent_id, "photo_id": str(photo_id or "")}
    form = ReplyForm.for_person(current_person(), rules_for(post).site, stamp=stamp_for(post.id), **about)
    form.closed = closed_because(post)
    return form


@comments.post("/posts/<slug>/comments")
@open_to(Audience.EVERYONE)
def send(slug: str) -> Any:
    """Take in a reply: 303 to the page for people, 202 (waiting), 201 or 422 for scripts."""
    post = published_post(slug)
    if closed := closed_because(post):
        abort(403, closed)
    person = current_person()
    form = ReplyForm.for_person(person, rules_for(post).site, request.form)
    parent, photo = parent_of(post, form), photo_of(post, form)
    problem = refusal(post, form, person)
    if not form.validate() or problem:
        return form_again(post, form, parent, problem, 422)
    address = request.remote_addr or ""
    if wait := seconds_to_wait(reply_quotas(address, network_of(address))):
        raise_alarm()
        return too_many(post, form, parent, wait)
    db.session().expire_on_commit = False  # what was just written need not be read again for the answer
    try:
        comment = keep(post, form, person, parent, photo)
    except IntegrityError:  # what is answered went away meanwhile
        db.session.rollback()
        post = published_post(slug)
        comment = keep(post, form, person, parent_of(post, form), photo_of(post, form))
    (news.shown if comment.is_shown else news.waits).send(current_app, comment_id=comment.id)
    if form.follows:
        news.follow_asked.send(current_app, comment_id=comment.id, email=comment.email, what=form.follows)
    return answer(comment, photo is not None)


def keep(
    post: Post, form: ReplyForm, person: Person | None, parent: Comment | None, photo: Photo | None
) -> Comment:
    """Commit the comment. Who has begun to write keeps others from it: first comes all that is read."""
    with db.session.no_autoflush:
        sender = by_person(person) if person else by_reader(post, form)
        photo_id = photo.id if photo else parent.photo_id if parent else None
        spot = form.spot if photo else None
        comment = add_comment(post, parent, text=form.text.data, **sender, photo_id=photo_id, region=spot)
        if parent and comment.is_shown:
            comment.settle()  # what it answers may have been hidden since it was read
        if not person and not form.follows:  # the letter that asks whether to follow does the same
            ask_to_confirm(comment)
        db.session.commit()
    return comment


def by_person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "verdict": Verdict(Status.APPROVED),
        "person": person,
    }


def by_reader(post: Post, form: ReplyForm) -> dict[str, Any]:
    name, email, address = form.name.data, form.email.data or "", request.remote_addr or ""
    website = form.website.data if form.website else ""
    user_agent = clean_line(request.user_agent.string or "")[:200]
    commenter = find_commenter(email)
    confirmed = confirmed_email() == email.strip().lower() != ""
    submission = Submission(
        post=post,
        text=form.text.data,
        name=name,
        email=email,
        website=website,
        address=address,
        user_agent=user_agent,
        seconds_on_page=seconds_since(form.stamp.data or "", post.id),
        honeypot=form.homepage.data or "",
        commenter=commenter,
        is_confirmed=confirmed,
        proof=request.form.get("proof", ""),
    )
    verdict = weigh(submission)  # reads alone: what is written from here on makes others wait
    address_hash, network_hash = hashes(address)
    return {
        "name": name,
        "email": email,
        "website": website,
        "verdict": verdict,
        "commenter_id": commenter.id if commenter else insert_commenter(email, name),
        "is_confirmed": confirmed,
        "address_hash": address_hash,
        "network_hash": network_hash,
        "user_agent": user_agent,
    }


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


def number_in(field: Any) -> int | None:
    """The number that a hidden field holds, if it is one that a database may have."""
    text = field.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parent_of(post: Post, form: ReplyForm) -> Comment | None:
    """The comment that is answered; one that is not shown cannot be."""
    number = number_in(form.parent_id)
    found = number and db.session.scalar(select(Comment).filter_by(id=number, post_id=post.id))
    parent = found if found and found.is_shown and found.erased_at is None else None
    form.parent_id.data = str(parent.id) if parent else ""
    return parent


def photo_of(post: Post, form: ReplyForm) -> Photo | None:
    """The photo that it is about; one that the post does not show is none."""
    number = number_in(form.photo_id)
    photo = number and db.session.scalar(select(Photo).where(Photo.id == number, shown_in(post)))
    form.photo_id.data = str(photo.id) if photo else ""
    return photo or None


def too_many(post: Post, form: ReplyForm, parent: Comment | None, wait: int) -> Any:
    """Ask to wait, with everything that was typed still in the form."""
    minutes = wait // 60 + 1
    sentence = _("That is a lot of replies at once. Please wait %(minutes)d minutes.", minutes=minutes)
    body, status = form_again(post, form, parent, sentence, 429)
    return body, status, {"Retry-After": str(wait)}


@comments.post("/posts/<slug>/comments/preview")
@open_to(Audience.EVERYONE)
def preview(slug: str) -> Any:
    """How a reply will look. Nothing is kept."""
    refuse_floods("previews", MOST_PREVIEWS)
    text = clean_text(request.form.get("text", "")[:LONGEST])
    drawn = Markup(to_html(text))  # noqa: S704 — cleaned by nh3
    if wants_fragment():
        return drawn
    post = published_post(slug)
    form = ReplyForm.for_person(current_person(), rules_for(post).site, request.form)
    parent, _photo = parent_of(post, form), photo_of(post, form)
    return render_template(
        "comments/again.html", post=post, form=form, parent=parent, problem=None, preview=drawn
    )


def wants_fragment() -> bool:
    return FRAGMENT in request.headers.get("Accept", "")


def form_again(post: Post, form: ReplyForm, parent: Comment | None, problem: str | None, status: int) -> Any:
    """The form with what was typed and what is wrong."""
    form.stamp.data = stamp_for(post.id)
    if wants_json():
        return {
            "error": problem,
            "errors": {name: [str(e) for e in found] for name, found in form.errors.items()},
        }, status
    template = "comments/_form.html" if wants_fragment() else "comments/again.html"
    return render_template(template, post=post, form=form, problem=problem, parent=parent), status


def answer(comment: Comment, on_photo: bool) -> Any:
    approved = comment.status is Status.APPROVED
    code = 201 if approved else 202
    if wants_json():
        # Spam is told the same as any other: a robot learns nothing from the answer.
        return {"id": comment.id, "status": "approved" if approved else "pending"}, code
    if wants_fragment():
        return drawn_comment(comment, own_token(comment)), code
    return redirect(writers_address(comment, on_photo, own_token(comment)), 303)


def drawn_comment(comment: Comment, token: str) -> str:
    """A comment as its writer sees it in the thread."""
    waiting = None if comment.status is Status.APPROVED else comment.id
    comment_list = get_template_attribute("macros/comments.html", "comment_list")
    return str(comment_list([comment], waiting, {comment.id: token}))


def writers_address(comment: Comment, on_photo: bool, token: str) -> str:
    """Where a comment stands: with its photo, or in its thread; with the token its writer sees it."""
    anchor = f"comment-{comment.id}"
    if on_photo:
        return url_for("pages.photo", photo_id=comment.photo_id, waiting=token, _anchor=anchor)
    if comment.is_shown:
        return address_of(comment, waiting=token)
    return url_for("pages.post", slug=comment.post.slug, waiting=token, _anchor=anchor)


@comments.get("/comments/<int:comment_id>/spot.jpg")
@open_to(Audience.EVERYONE)
def spot(comment_id: int) -> AnyResponse:
    """The spot of a photo that a comment is about, while a published post shows the photo."""
    comment = db.session.get(Comment, comment_id)
    photo = comment.shown_photo if comment and comment.region and comment.post.is_published else None
    if comment is None or photo is None or not comment.region or not photo.can_be_seen:
        abort(404)
    try:
        return public_file(kept_picture(photo, comment.region), "image/jpeg")
    except FileNotFoundError:
        abort(404)


@comments.errorhandler(HTTPException)
def with_words(error: HTTPException) -> AnyResponse:
    """An error that loses nothing: what was typed stands below it, to be copied."""
    code, typed = error.code or 500, typed_words()
    if error.response or code < 400 or wants_json() or not (typed or wants_fragment()):
        return show(error)
    title, sentence = words(code)
    if isinstance(error.description, str) and error.description != type(error).description:
        sentence = error.description
    template = "comments/_refused.html" if wants_fragment() else "comments/refused.html"
    page = render_template(template, code=code, title=title, sentence=sentence, typed=typed)
    retry_after = getattr(error, "retry_after", None)
    return current_app.make_response((page, code, {"Retry-After": str(retry_after)} if retry_after else {}))


@comments.errorhandler(Exception)
def broken_with_words(error: Exception) -> AnyResponse:
    break_down(error)
    return with_words(InternalServerError())


def typed_words() -> str:
    try:
        return request.form.get("text", "")
    except HTTPException:  # more than is read at all
        return ""


def comment_html(comment: Comment) -> Markup:
    return Markup(comment.html)  # noqa: S704 — cleaned by nh3


def init_app(app: Flask) -> None:
    app.register_blueprint(comments)
    app.jinja_env.globals["comment_html"] = comment_html
    app.jinja_env.globals["spot_of"] = spot_of
