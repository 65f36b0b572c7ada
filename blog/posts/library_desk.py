"""The library: an author's photos, to be found, described, put on trips and downloaded."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form as PlainForm
from wtforms import TextAreaField
from wtforms.validators import Length

from blog.accounts.models import Person
from blog.accounts.views import signed_in
from blog.db import db
from blog.photos import storage
from blog.photos.media import read_out
from blog.photos.models import Photo
from blog.photos.renditions import RenditionFormat
from blog.posts.binning import in_bin, may_bin
from blog.posts.library import find_page, own_photos
from blog.posts.library_search import IN_ADDRESS, Search
from blog.posts.models import chosen
from blog.posts.uses import uses_of
from blog.trips.models import Trip, TripPhoto
from blog.trips.moving import move_to, put_on
from blog.trips.rights import is_own_photo, is_own_trip
from blog.web.access import Audience, open_to
from blog.web.addresses import LARGEST_ID
from blog.web.forms import ActionForm, Form

desk = Blueprint("library", __name__, url_prefix="/desk/photos")

MOST_AT_ONCE = 2_000
MOST_DESCRIBED = 200  # at once: more would be no page to read
SANDBOX = "default-src 'none'; sandbox"


class PhotoWords(PlainForm):
    """What is said of one photo."""

    caption = TextAreaField(_l("Caption"), [Length(max=2000)])
    alt = TextAreaField(_l("Alt text, for those who cannot see the photo"), [Length(max=2000)])

    def describe(self, photo: Photo) -> None:
        photo.caption, photo.alt = (self.caption.data or "").strip(), (self.alt.data or "").strip()


class WordsForm(PhotoWords, Form):
    """What is said of the only photo of a page."""


class TogetherForm(Form):
    """What is said of all photos of a page at once."""

    caption = TextAreaField(_l("One caption for all of them"), [Length(max=2000)])


@desk.get("")
@open_to(Audience.AUTHORS)
def show() -> str:
    person = signed_in()
    search = Search.of(person)
    return render_template(
        "library/show.html", search=search, binned=count_binned(person), **sheet_of(search)
    )


@desk.get("/sheet")
@open_to(Audience.AUTHORS)
def sheet() -> str:
    """One page's photos alone, for the script that goes on where the page ends."""
    return render_template("library/_sheet.html", **sheet_of(Search.of(signed_in())))


def sheet_of(search: Search) -> dict[str, Any]:
    page = find_page(signed_in(), search.wanted, request.args.get("page", 1, type=int))
    return {"page": page, "order": search.wanted.order, "address": search.address}


def count_binned(person: Person) -> int:
    return db.session.scalar(select(func.count()).select_from(Photo).where(in_bin(person))) or 0


@desk.route("/<int:photo_id>", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def photo(photo_id: int) -> Any:
    """One photo: its words and where they show, its trips, its file."""
    found, person = own_photo(photo_id), signed_in()
    form = WordsForm.from_request(obj=found)
    if form.was_sent():
        form.describe(found)
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("library.photo", photo_id=photo_id))
    trips = select(Trip).join(TripPhoto).where(TripPhoto.photo_id == photo_id, is_own_trip(person))
    body = render_template(
        "library/photo.html",
        photo=found,
        form=form,
        uses=uses_of([photo_id], person)[photo_id],
        trips=db.session.scalars(trips.order_by(Trip.id)).all(),
        may_bin=bool(chosen([photo_id], may_bin(person))),
    )
    return body, 422 if request.method == "POST" else 200


def own_photo(photo_id: int) -> Photo:
    """The photo, for whose it is, even from the bin; for others it does not exist."""
    query = select(Photo).where(Photo.id == photo_id, is_own_photo(signed_in()))
    return db.session.scalars(query).unique().one_or_none() or abort(404)


@desk.get("/<int:photo_id>/original")
@open_to(Audience.AUTHORS)
def original(photo_id: int) -> AnyResponse:
    """The file as it was uploaded, with everything that is in it: for whose it is, to be kept, not shown."""
    found = own_photo(photo_id)
    key = storage.original_key(found.sha256, found.format)
    path, kind = storage.local_path(key), "application/octet-stream"
    try:
        answer = (
            send_file(path, kind, as_attachment=True, download_name=found.file_name)
            if path
            else read_out(key, kind)
        )
    except FileNotFoundError:
        abort(404)
    if not path:
        name = {"filename*": f"UTF-8''{quote(found.file_name, safe='')}"}
        answer.headers["Content-Disposition"] = dump_options_header("attachment", name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@desk.get("/<int:photo_id>/thumbnail.jpg")
@open_to(Audience.AUTHORS)
def thumbnail(photo_id: int) -> Response:
    """The smallest rendition, also of a photo in the bin, which has no public address."""
    found = own_photo(photo_id)
    if not found.widths:
        abort(404)
    key = storage.rendition_key(found.media_key, found.widths[0], RenditionFormat.JPEG)
    try:
        answer = Response(storage.get(key), mimetype=RenditionFormat.JPEG.media_type)
    except FileNotFoundError:
        abort(404)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def chosen_photos(most: int = MOST_AT_ONCE) -> list[Photo]:
    """The photos that were chosen on the page before, as far as they are the person's own."""
    return own_photos(signed_in(), chosen_numbers()[:most])


def chosen_numbers() -> list[int]:
    """The numbers that were sent, as far as photos can have them."""
    sent = [*request.args.getlist("photo", type=int), *request.form.getlist("photo", type=int)]
    return [number for number in sent if 0 < number <= LARGEST_ID]


def check_form() -> None:
    if not ActionForm.from_request().was_sent():
        abort(422, _("This page was open for a long time. Please go back, reload it, and try again."))


def back() -> AnyResponse:
    """To the library as it was: what was looked for stands in the address of every form on it."""
    return redirect(url_for("library.show", **what_was_looked_for()))


def what_was_looked_for() -> dict[str, Any]:
    return {name: request.args[name] for name in IN_ADDRESS if name in request.args}


@desk.post("/choice")
@open_to(Audience.AUTHORS)
def choice() -> AnyResponse:
    """Lead on to the page on which the chosen photos are described."""
    check_form()
    photos = chosen_photos(MOST_DESCRIBED)
    if not photos:
        flash(_("Choose some photos first."))
        return back()
    query = what_was_looked_for() | {"photo": [photo.id for photo in photos]}
    return redirect(url_for("library.words", **query))


@desk.route("/words", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def words() -> Any:
    """Caption several photos: each for itself, or all with the same words."""
    photos = chosen_photos(MOST_DESCRIBED)
    if not photos:
        return back()
    typed = request.form if request.method == "POST" else None
    forms = {photo.id: PhotoWords(typed, obj=photo, prefix=f"photo{photo.id}-") for photo in photos}
    together = TogetherForm.from_request()
    are_right = [form.validate() for form in forms.values()]
    if together.was_sent() and all(are_right):
        for photo in photos:
            forms[photo.id].describe(photo)
            photo.caption = (together.caption.data or "").strip() or photo.caption
        db.session.commit()
        count = len(photos)
        flash(
            ngettext("The words of %(num)d photo are saved.", "The words of %(num)d photos are saved.", count)
        )
        return back()
    body = render_template(
        "library/words.html",
        photos=photos,
        forms=forms,
        together=together,
        uses=uses_of(list(forms), signed_in()),
    )
    return body, 422 if request.method == "POST" else 200


@desk.post("/additions")
@open_to(Audience.AUTHORS)
def additions() -> AnyResponse:
    """Put the chosen photos on a trip; they stay on those they are on."""
    return to_trip(put_on, _("On “%(trip)s” now, and placed there."))


@desk.post("/moves")
@open_to(Audience.AUTHORS)
def moves() -> AnyResponse:
    """Move the chosen photos from the person's other trips to this one."""
    return to_trip(move_to, _("Moved to “%(trip)s”, and placed there."))


def to_trip(verb: Callable[[Sequence[Photo], Trip, Person], None], words: str) -> AnyResponse:
    check_form()
    photos, person = chosen_photos(), signed_in()
    number = min(max(0, request.form.get("trip_id", 0, type=int)), LARGEST_ID)
    trip = db.session.scalar(select(Trip).where(Trip.id == number, is_own_trip(person)))
    if not photos:
        flash(_("Choose some photos first."))
    elif trip is None:
        flash(_("Choose a trip first."))
    else:
        verb(photos, trip, person)
        db.session.commit()
        flash(words % {"trip": trip.title})
    return back()


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
    app.jinja_env.globals["what_was_looked_for"] = what_was_looked_for
