"""The bin's desk: photos into it, a look at it, and out of it again."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from blog.accounts.views import signed_in
from blog.db import db
from blog.photos.models import Photo
from blog.posts.binning import KEPT_FOR, bin_photos, in_bin, may_bin, restore
from blog.posts.library_desk import (
    MOST_AT_ONCE,
    back,
    check_form,
    chosen_numbers,
    chosen_photos,
    what_was_looked_for,
)
from blog.posts.models import chosen
from blog.posts.uses import uses_of
from blog.web.access import Audience, open_to

desk = Blueprint("bin_desk", __name__, url_prefix="/desk/photos")


@desk.get("/bin")
@open_to(Audience.AUTHORS)
def show() -> str:
    photos = db.session.scalars(
        select(Photo).where(in_bin(signed_in())).order_by(Photo.binned_at.desc(), Photo.id)
    ).unique()
    return render_template("library/bin.html", photos=photos.all(), kept_for=KEPT_FOR)


@desk.post("/bin")
@open_to(Audience.AUTHORS)
def to_bin() -> Any:
    """Delete the chosen photos to the bin. Those that posts show only once the person was told and agrees."""
    check_form()
    photos = chosen_photos()
    if not photos:
        flash(_("Choose some photos first."))
    allowed = set(chosen([photo.id for photo in photos], may_bin(signed_in())))
    kept, going = len(photos) - len(allowed), [photo for photo in photos if photo.id in allowed]
    uses = uses_of([photo.id for photo in going], signed_in())
    if any(uses.values()) and "knowing" not in request.form:
        query = what_was_looked_for()
        return render_template("library/deletion.html", photos=going, uses=uses, query=query)
    if kept:
        flash(others_need(kept))
    if going:
        moment = bin_photos(going)
        db.session.commit()
        flash(deleted(len(going)), f"undo-bin:{moment.isoformat()}")
    return back()


def deleted(count: int) -> str:
    return ngettext(
        "%(num)d photo is in the bin, for 30 days.", "%(num)d photos are in the bin, for 30 days.", count
    )


def others_need(count: int) -> str:
    return ngettext(
        "%(num)d photo stays: somebody else uploaded it or uses it too. You can take it off your trip.",
        "%(num)d photos stay: somebody else uploaded them or uses them too. You can take them off your trip.",
        count,
    )


@desk.post("/restoration")
@open_to(Audience.AUTHORS)
def restoration() -> Response:
    """Take photos out of the bin: the chosen ones, or all that went in at one time."""
    check_form()
    moment = instant(request.form.get("binned_at", ""))
    together = Photo.binned_at == moment if moment else Photo.id.in_(chosen_numbers()[:MOST_AT_ONCE])
    photos = db.session.scalars(select(Photo).where(in_bin(signed_in()), together)).unique().all()
    restore(photos)
    db.session.commit()
    if photos:
        flash(ngettext("%(num)d photo is back.", "%(num)d photos are back.", len(photos)))
    else:
        flash(
            _("Choose some photos first.")
            if moment is None
            else _("There is nothing of it in the bin any more.")
        )
    return redirect(url_for("bin_desk.show")) if moment is None else back()


def instant(text: str) -> datetime | None:
    """An instant in ISO 8601, in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # there is no year 0
        return None


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
