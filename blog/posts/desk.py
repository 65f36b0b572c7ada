"""The author's desk for posts: write, preview, publish, withdraw."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from blog.accounts.models import Person, Role
from blog.accounts.views import signed_in
from blog.db import db
from blog.posts.markup import parse
from blog.posts.models import Post, create_post
from blog.posts.story import Story, missing_alt, notes_on, story_of, why_missing
from blog.trips.models import Trip, trip_photos
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

desk = Blueprint("posts_desk", __name__, url_prefix="/desk/posts")

LONGEST_TEXT = 400_000


class NewPostForm(Form):
    title = StringField(_l("Title"), [DataRequired(_l("Give the post a title.")), Length(max=200)])
    trip_id = SelectField(_l("Trip"), coerce=int)


class PostForm(NewPostForm):
    dek = TextAreaField(_l("Summary under the title"), [Length(max=600)])
    text = TextAreaField(_l("Text"), [Length(max=LONGEST_TEXT, message=_l("This post is too long to save."))])
    day_number = SelectField(_l("Day"), coerce=int)
    version = HiddenField()

    @property
    def words(self) -> tuple[str, str, str]:
        """Title, summary and text as they would be kept."""
        text = (self.text.data or "").replace("\r\n", "\n")
        return self.title.data.strip(), (self.dek.data or "").strip(), text


def own_trips(person: Person) -> list[Trip]:
    query = select(Trip).order_by(Trip.id.desc())
    return list(
        db.session.scalars(query if person.role is Role.OWNER else query.filter_by(owner_id=person.id))
    )


def own_post(post_id: int) -> Post:
    """The post, for its author and for the owner of the site; for others it does not exist."""
    post = db.session.get(Post, post_id)
    person = signed_in()
    if post is None or (post.author_id != person.id and person.role is not Role.OWNER):
        abort(404)
    return post


def choose_trip(form: NewPostForm, trips: list[Trip], chosen: int | None) -> None:
    form.trip_id.choices = [
        SelectChoice(0, _("No trip")),
        *(SelectChoice(trip.id, trip.title) for trip in trips),
    ]
    if request.method == "GET":
        form.trip_id.data = chosen or 0


@desk.route("/new", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def new() -> Any:
    trips = own_trips(signed_in())
    form = NewPostForm.from_request()
    choose_trip(form, trips, request.args.get("trip", type=int) or (trips[0].id if trips else 0))
    if not form.was_sent():
        return render_template("posts/new.html", form=form), 422 if request.method == "POST" else 200
    trip = next((trip for trip in trips if trip.id == form.trip_id.data), None)
    post = create_post(form.title.data, signed_in(), trip)
    db.session.commit()
    return redirect(url_for("posts_desk.edit", post_id=post.id))


@desk.route("/<int:post_id>", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def edit(post_id: int) -> Any:
    post = own_post(post_id)
    trips = own_trips(signed_in())
    form = PostForm.from_request(obj=post)
    choose_trip(form, trips, post.trip_id)
    trip = next((trip for trip in trips if trip.id == form.trip_id.data), None)
    days = trip.days if trip else []
    form.day_number.choices = [
        SelectChoice(0, _("No single day")),
        *(SelectChoice(day.number, _("Day %(n)d", n=day.number)) for day in days),
    ]
    if request.method == "GET":
        form.day_number.data, form.version.data = post.day_number or 0, post.version
    if not form.was_sent():
        return editor(post, form), 422 if request.method == "POST" else 200
    if form.version.data != post.version and form.words != (post.title, post.dek, post.text):
        return editor(post, form, theirs=post.text), 409
    post.trip_id, post.day_number = (trip.id if trip else None), form.day_number.data or None
    title, dek, text = form.words
    post.save_text(title, dek, text, signed_in())
    db.session.commit()
    return after_saving(post)


def after_saving(post: Post) -> Response:
    """The save button keeps; the others keep and then publish or preview."""
    if request.form.get("then") == "preview":
        return redirect(url_for("posts_desk.preview", post_id=post.id))
    if request.form.get("then") == "publish":
        return redirect(url_for("posts_desk.publication", post_id=post.id))
    flash(_("Saved."))
    return redirect(url_for("posts_desk.edit", post_id=post.id))


def editor(post: Post, form: PostForm, theirs: str | None = None) -> str:
    """The editing page. `theirs`: a text saved by someone else meanwhile; `form` holds one's own."""
    rows = trip_photos(post.trip) if post.trip else []
    text = form.text.data or ""
    story = story_of(post, parse(text), signed_in())
    return render_template(
        "posts/edit.html",
        post=post,
        form=form,
        rows=rows,
        notes=notes_on([row.photo_id for row in rows]),
        theirs=theirs,
        **for_writers(story),
    )


def for_writers(story: Story) -> dict[str, Any]:
    """A story with what is said only to those who write it."""
    return {"story": story, "missing_words": why_missing(story)}


@desk.route("/<int:post_id>/preview", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def preview(post_id: int) -> Any:
    """A saved draft as readers will see it, or (POST) a text as it is being written."""
    post = own_post(post_id)
    if request.method == "GET":
        story = story_of(post, post.document())
        return render_template("posts/preview.html", post=post, **for_writers(story))
    if not ActionForm.from_request().was_sent():
        abort(422)
    text = request.form.get("text", "")[:LONGEST_TEXT]
    return render_template("posts/_story.html", **for_writers(story_of(post, parse(text), signed_in())))


@desk.route("/<int:post_id>/publication", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def publication(post_id: int) -> Any:
    """Look once more at what is missing, then show the post to readers."""
    post = own_post(post_id)
    form = ActionForm.from_request()
    error = None
    if form.was_sent():
        try:
            post.publish()
        except ValueError as problem:
            error = _(str(problem))
        else:
            db.session.commit()
            flash(_("Published."))
            return redirect(url_for("pages.post", slug=post.slug))
    story = story_of(post, post.document())
    body = render_template(
        "posts/publication.html",
        post=post,
        missing=missing_alt(story),
        error=error,
        **for_writers(story),
    )
    return body, 422 if request.method == "POST" else 200


@desk.post("/<int:post_id>/withdrawal")
@open_to(Audience.AUTHORS)
def withdrawal(post_id: int) -> Response:
    post = own_post(post_id)
    if ActionForm.from_request().was_sent():
        post.withdraw()
        db.session.commit()
        flash(_("Withdrawn. Readers no longer see this post; its text and replies are kept."))
    return redirect(url_for("posts_desk.edit", post_id=post.id))


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
