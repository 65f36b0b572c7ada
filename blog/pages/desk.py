"""The front door of the desk: an author's trips and posts, and what waits for a moderator."""

from flask import Blueprint, Flask, redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from blog.accounts.models import Role
from blog.accounts.views import signed_in
from blog.comments.moderation import counts
from blog.comments.verdict import Status
from blog.db import db
from blog.posts.models import Post
from blog.trips.models import Trip, TripPhoto, not_binned
from blog.web.access import Audience, open_to

desk = Blueprint("desk", __name__)


@desk.get("/desk/")
@open_to(Audience.SIGNED_IN)
def home() -> str | Response:
    person = signed_in()
    if not person.writes:
        return redirect(url_for("moderation.queue"))
    posts = (
        select(Post)
        .options(joinedload(Post.trip), joinedload(Post.lead_photo))
        .order_by(Post.saved_at.desc())
    )
    trips = select(Trip).options(selectinload(Trip.days)).order_by(Trip.id.desc())
    if person.role is not Role.OWNER:
        posts, trips = posts.where(Post.author_id == person.id), trips.where(Trip.owner_id == person.id)
    photos = db.session.execute(
        select(TripPhoto.trip_id, func.count()).where(not_binned()).group_by(TripPhoto.trip_id)
    ).all()
    return render_template(
        "desk.html",
        posts=db.session.scalars(posts).all(),
        trips=db.session.scalars(trips).all(),
        photo_counts=dict(row._tuple() for row in photos),
        waiting=counts(person)[Status.PENDING],
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
