"""Readers see, take with them and erase what is kept about their e-mail address.

Whoever reads the mail of an address may: the link that is sent there opens the page, and its token is what
the forms of the page show, as nobody here has a session.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import TooManyRequests
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from blog.accounts.models import count_attempt, seconds_to_wait
from blog.accounts.sessions import hashed
from blog.accounts.throttle import network_of
from blog.comments.confirmation import COOKIE
from blog.comments.forms import address
from blog.db import db
from blog.letters.rights import LINK_KIND, as_json, belongings, email_of, erase, link_token
from blog.mail.posting import post_letter
from blog.web.access import Audience, open_to
from blog.web.addresses import public_address
from blog.web.cache import cached_page

your_data = Blueprint("your_data", __name__)

MAILS_PER_ADDRESS = 3
MAILS_PER_SENDER = 20
WINDOW = timedelta(hours=12)


class AddressForm(Form):
    email = StringField(
        _l("Your e-mail address"),
        [DataRequired(_l("Please enter your e-mail address.")), Length(max=254), address],
    )


@your_data.get("/your-data")
@open_to(Audience.EVERYONE)
@cached_page
def ask() -> str:
    return render_template("letters/pages/your_data.html", form=AddressForm())


@your_data.post("/your-data")
@open_to(Audience.EVERYONE)
def send_link() -> Any:
    """Send the link. The answer, and the work for it, is the same whatever is kept about the address."""
    form = AddressForm(request.form)
    if not form.validate():
        return render_template("letters/pages/your_data.html", form=form), 422
    email, sender = form.email.data.strip().lower(), hashed(network_of(request.remote_addr or ""))
    if wait := seconds_to_wait(LINK_KIND, sender, MAILS_PER_SENDER, WINDOW):
        sentence = _(
            "That was a little too often. Please try again in %(hours)d hours.", hours=wait // 3600 + 1
        )
        raise TooManyRequests(sentence, retry_after=wait)
    if not seconds_to_wait(LINK_KIND, hashed(email), MAILS_PER_ADDRESS, WINDOW):
        post_link(email)
        count_attempt(LINK_KIND, sender, hashed(email))
        db.session.commit()
    return render_template("letters/pages/your_data_sent.html", email=email), 202


def post_link(email: str) -> None:
    post_letter(
        LINK_KIND,
        email,
        _("What %(site)s keeps about you", site=current_app.config["SITE_NAME"]),
        "letters/your_data",
        link=public_address("your_data.show", token=link_token(email)),
    )


def bearer(token: str) -> str:
    """The address that the link was sent to; an old or used link says what to do."""
    return email_of(token) or abort(410, _("This link is too old, or was used. Please ask for a new one."))


@your_data.get("/your-data/<token>")
@open_to(Audience.EVERYONE)
def show(token: str) -> Response:
    found = belongings(bearer(token))
    return private(render_template("letters/pages/your_data_shown.html", found=found, token=token))


@your_data.get("/your-data/<token>/everything.json")
@open_to(Audience.EVERYONE)
def download(token: str) -> Response:
    response = private(as_json(belongings(bearer(token))))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=your-data.json"
    return response


@your_data.get("/your-data/<token>/erasure")
@open_to(Audience.EVERYONE)
def confirm(token: str) -> Response:
    found = belongings(bearer(token))
    return private(render_template("letters/pages/your_data_erasure.html", found=found, token=token))


@your_data.post("/your-data/<token>/erasure")
@open_to(Audience.EVERYONE)
def erasure(token: str) -> Response:
    erase(bearer(token), token)
    response = private(render_template("letters/pages/your_data_erased.html"))
    response.delete_cookie(COOKIE)
    return response


def private(body: str) -> Response:
    """An answer that no browser or proxy keeps, and that tells no other site where it came from."""
    response = Response(body)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(your_data)
