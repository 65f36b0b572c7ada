"""The author's desk for the regions of a photo: what is said of them, and what is hidden of them."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import FloatField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from blog.accounts.models import Role
from blog.accounts.views import signed_in
from blog.db import db
from blog.photos.models import Photo
from blog.photos.notes import MOST_NOTES, HiddenRegion, RegionNote
from blog.photos.regions import Region
from blog.photos.rendering import renew
from blog.trips.models import TripPhoto
from blog.trips.rights import is_own_photo
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

notes_desk = Blueprint("notes_desk", __name__, url_prefix="/desk")

LONGEST_OUTLINE = 10_000


class RegionForm(Form):
    """A region and, for a note, its words.

    Scripts send `outline`, a W3C selector's value in fractions or per cent; without them there are numbers.
    """

    outline = StringField(validators=[Length(max=LONGEST_OUTLINE)])
    x = FloatField(_l("From the left, %"), [Optional(), NumberRange(0, 100)])
    y = FloatField(_l("From the top, %"), [Optional(), NumberRange(0, 100)])
    width = FloatField(_l("Width, %"), [Optional(), NumberRange(0, 100)])
    height = FloatField(_l("Height, %"), [Optional(), NumberRange(0, 100)])
    text = TextAreaField(_l("What is there to see here?"))

    @property
    def numbers(self) -> list[float | None]:
        return [field.data for field in (self.x, self.y, self.width, self.height)]

    def region(self, unchanged: Region | None = None) -> Region:
        """What was drawn or typed. Raises `ValueError` in words for the user.

        `unchanged` is kept where its own numbers came back: they are rounded, and know no polygon.
        """
        if not self.was_sent():
            raise ValueError(self.first_error or _("Please send it once more."))
        if self.outline.data:
            return Region.from_selector({"value": self.outline.data}, 1, 1)
        if unchanged and self.numbers == per_cent(unchanged):
            return unchanged
        x, y, width, height = self.numbers
        if x is None or y is None or width is None or height is None:
            raise ValueError(_("Draw a region on the photo first, or type its four numbers."))
        return Region.rectangle(x / 100, y / 100, width / 100, height / 100)


class PositionForm(Form):
    number = IntegerField(validators=[InputRequired(), NumberRange(1, MOST_NOTES)])


def per_cent(region: Region) -> list[float | None]:
    """Left, top, width and height of its box, as the forms show them."""
    return [round(100 * number, 1) for number in (region.x, region.y, region.width, region.height)]


def own_photo(photo_id: int) -> Photo:
    """The photo, for whose it is and while it is not in the bin; else it does not exist."""
    query = select(Photo).where(Photo.id == photo_id, is_own_photo(signed_in()), Photo.binned_at.is_(None))
    return db.session.scalar(query) or abort(404)


def may_show(hidden: HiddenRegion, photo: Photo) -> bool:
    """Whether this person may undo the hiding: who did it, who uploaded the photo, and the site's owner."""
    person = signed_in()
    return person.role is Role.OWNER or person.id in (hidden.hidden_by_id, photo.uploaded_by_id)


def own_note(note_id: int) -> tuple[Photo, RegionNote]:
    note = db.session.get(RegionNote, note_id) or abort(404)
    return own_photo(note.photo_id), note


@notes_desk.get("/photos/<int:photo_id>/notes")
@open_to(Audience.AUTHORS)
def show(photo_id: int) -> str:
    return page(own_photo(photo_id), RegionForm.from_request())


def page(photo: Photo, form: RegionForm, failed: str = "new", error: str = "") -> str:
    """The desk. `error` stands at the form `failed`, "new" or a note's id, which keeps what was typed."""
    trip_id = db.session.scalar(select(TripPhoto.trip_id).filter_by(photo_id=photo.id).limit(1))
    return render_template(
        "trips/notes.html",
        photo=photo,
        trip_id=trip_id,
        form=form,
        failed=failed,
        error=error,
        faces=list(faces_of(photo)),
        per_cent=per_cent,
        may_show=may_show,
    )


def faces_of(photo: Photo) -> Iterator[tuple[str, Region]]:
    """The named regions that the file brought and nobody has used yet."""
    used = [note.region for note in photo.notes] + [hidden.region for hidden in photo.hidden_regions]
    for face in photo.faces:
        try:
            region = Region.from_json(face["region"])
        except (KeyError, TypeError, ValueError):
            continue
        if region not in used:
            yield str(face.get("name") or ""), region


def back_to(photo_id: int, anchor: str = "") -> Response:
    return redirect(url_for("notes_desk.show", photo_id=photo_id, _anchor=anchor or None), 303)


@notes_desk.post("/photos/<int:photo_id>/notes")
@open_to(Audience.AUTHORS)
def add(photo_id: int) -> Any:
    photo, form = own_photo(photo_id), RegionForm.from_request()
    try:
        note = photo.add_note(form.region(), form.text.data or "", by=signed_in())
    except ValueError as problem:
        return page(photo, form, error=_(str(problem))), 422
    db.session.commit()
    flash(_("Note %(number)d is there.", number=note.number))
    return back_to(photo.id, f"note-{note.id}")


@notes_desk.post("/notes/<int:note_id>")
@open_to(Audience.AUTHORS)
def change(note_id: int) -> Any:
    photo, note = own_note(note_id)
    form = RegionForm.from_request()
    try:
        note.change(form.region(unchanged=note.region), form.text.data or "")
    except ValueError as problem:
        return page(photo, form, failed=str(note.id), error=_(str(problem))), 422
    db.session.commit()
    flash(_("Saved."))
    return back_to(photo.id, f"note-{note.id}")


@notes_desk.post("/notes/<int:note_id>/position")
@open_to(Audience.AUTHORS)
def position(note_id: int) -> Response:
    """Give a note another number."""
    photo, note = own_note(note_id)
    form = PositionForm.from_request()
    if form.was_sent() and note.deleted_at is None:
        photo.put_note(note, form.number.data)
        db.session.commit()
    return back_to(photo.id, f"note-{note.id}")


@notes_desk.post("/notes/<int:note_id>/removal")
@open_to(Audience.AUTHORS)
def removal(note_id: int) -> Response:
    photo, note = own_note(note_id)
    if ActionForm.from_request().was_sent() and note.deleted_at is None:
        photo.delete_note(note)
        db.session.commit()
        flash(_("Note %(number)d is deleted.", number=note.number), f"undo-note:{note.id}")
    return back_to(photo.id)


@notes_desk.post("/notes/<int:note_id>/restoration")
@open_to(Audience.AUTHORS)
def restoration(note_id: int) -> Response:
    photo, note = own_note(note_id)
    if ActionForm.from_request().was_sent() and note.deleted_at is not None:
        photo.restore_note(note)
        db.session.commit()
        flash(_("Note %(number)d is back.", number=note.number))
    return back_to(photo.id, f"note-{note.id}")


@notes_desk.post("/photos/<int:photo_id>/hidden-regions")
@open_to(Audience.AUTHORS)
def hide(photo_id: int) -> Any:
    photo, form = own_photo(photo_id), RegionForm.from_request()
    try:
        photo.hide(form.region(), by=signed_in())
    except ValueError as problem:
        return page(photo, form, error=_(str(problem))), 422
    db.session.commit()
    renew(photo)
    flash(_("Hidden. The photo is made anew without it; its old addresses are gone."))
    return back_to(photo.id)


@notes_desk.post("/hidden-regions/<int:hidden_id>/removal")
@open_to(Audience.AUTHORS)
def show_again(hidden_id: int) -> Response:
    hidden = db.session.get(HiddenRegion, hidden_id) or abort(404)
    photo = own_photo(hidden.photo_id)
    if not may_show(hidden, photo):
        abort(404)
    if ActionForm.from_request().was_sent():
        photo.show_again(hidden)
        db.session.commit()
        renew(photo)
        flash(_("Readers see this part again."))
    return back_to(photo.id)


def init_app(app: Flask) -> None:
    app.register_blueprint(notes_desk)
