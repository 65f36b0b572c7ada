"""Signing in and out, and the guard at every route's door."""

import re
from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from blog.accounts.models import (
    Person,
    check_password,
    count_attempt,
    end_session,
    find_session,
    open_session,
    seconds_to_wait,
)
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.errors import wants_json
from blog.web.forms import ActionForm, Form

accounts = Blueprint("accounts", __name__)

WINDOW = timedelta(minutes=15)
GUESSES_PER_ACCOUNT = 10
GUESSES_PER_ADDRESS = 30


class SignInForm(Form):
    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=1000)])


def current_person() -> Person | None:
    """Who is signed in, read once per request. Does not touch the session of a reader without one."""
    if "person" not in g:
        has_session = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        found = find_session(session.get("token", "")) if has_session and session.get("token") else None
        g.person = found.person if found else None
    return g.person


def signed_in() -> Person:
    """Who is signed in, in views whose audience makes sure of it."""
    person = current_person()
    if person is None:
        abort(403)
    return person


def guard() -> Response | None:
    """Let in only whom the route's own declaration names."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    audience = getattr(current_app.view_functions[request.endpoint], "audience", None)
    if audience is Audience.EVERYONE:
        return None
    person = current_person()
    if audience is None or (person and not person.may_enter(audience)):
        abort(403)
    if person is None and wants_json():
        abort(401, _("You are signed out. Please sign in again, in another window if you like."))
    if person is None:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    return None


def next_page(address: str | None) -> str:
    """Where to go after signing in: only ever to a path on this site."""
    # Browsers drop control characters and take a backslash for a slash: neither may stand in it.
    is_path = address and re.fullmatch(r"/(?!/)[^\\\x00-\x1f\x7f]*", address)
    return address if address and is_path else url_for("desk.home")


def refuse_guessing(email: str, address: str) -> None:
    wait = max(
        seconds_to_wait("sign-in", email, GUESSES_PER_ACCOUNT, WINDOW),
        seconds_to_wait("sign-in", address, GUESSES_PER_ADDRESS, WINDOW),
    )
    if wait:
        sentence = _("Too many tries. Please wait %(minutes)d minutes and try again.", minutes=wait // 60 + 1)
        raise TooManyRequests(sentence, retry_after=wait)


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def sign_in() -> Response | tuple[str, int] | str:
    form = SignInForm.from_request()
    if not form.was_sent():
        status = 422 if request.method == "POST" else 200
        return render_template("accounts/sign_in.html", form=form), status
    email, address = form.email.data.strip().lower(), request.remote_addr or ""
    refuse_guessing(email, address)
    person = check_password(email, form.password.data)
    if person is None:
        count_attempt("sign-in", email, address)
        db.session.commit()
        form.password.errors = [_("That e-mail and password do not belong together.")]
        return render_template("accounts/sign_in.html", form=form), 422
    token = open_session(person)
    db.session.commit()
    # A session from before the sign-in could have been planted: nothing of it is carried over.
    session.clear()
    session["token"] = token
    session.permanent = True
    return redirect(next_page(request.args.get("next")))


@accounts.post("/sign-out")
@open_to(Audience.SIGNED_IN)
def sign_out() -> Response:
    if ActionForm.from_request().was_sent():
        end_session(session["token"])
        db.session.commit()
        session.clear()
    return redirect("/")


def init_app(app: Flask) -> None:
    app.before_request(guard)
    app.register_blueprint(accounts)
    app.context_processor(lambda: {"current_person": current_person, "action_form": ActionForm})
