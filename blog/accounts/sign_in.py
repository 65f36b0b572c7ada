"""Signing in by password, and out."""

from flask import Blueprint, make_response, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from blog.accounts.devices import known_device
from blog.accounts.entrance import ask_for_code, let_in
from blog.accounts.fields import password_field
from blog.accounts.log import Event, note, note_failure
from blog.accounts.models import check_password, find_person
from blog.accounts.passkey_site import passkey_site
from blog.accounts.sessions import end_session
from blog.accounts.throttle import TooSoon, Try, begin_try
from blog.accounts.views import signed_in
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

accounts = Blueprint("accounts", __name__)


class SignInForm(Form):
    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])
    password = password_field()


@accounts.route("/sign-in", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def sign_in() -> Response:
    form = SignInForm.from_request()
    if not form.was_sent():
        return show(form, 422 if request.method == "POST" else 200)
    email = form.email.data.strip().lower()
    try:
        tried = begin_sign_in(email)
    except TooSoon as wait:
        form.password.errors = [refusal(wait)]
        answer = show(form, 429)
        answer.headers["Retry-After"] = str(wait.seconds)
        return answer
    person = check_password(email, form.password.data)
    if person is None:
        note_failure(find_person(email))
        db.session.commit()
        form.password.errors = [_("That e-mail and password do not belong together.")]
        return show(form, 422)
    tried.forgiven()
    db.session.commit()
    onward = request.args.get("next")
    return ask_for_code(person, onward) if person.totp_secret else let_in(person, _("password"), onward)


def begin_sign_in(email: str) -> Try:
    """Strangers share the tries at an account; a device that it knows has its own."""
    if number := known_device(find_person(email)):
        return begin_try("sign-in", f"device {number} {email}")
    return begin_try("sign-in", email, request.remote_addr or "")


def refusal(wait: TooSoon) -> str:
    other_ways = _("A device that you have signed in on before and a passkey need not wait.")
    return f"{wait.words} {other_ways}"


def show(form: Form, status: int = 200) -> Response:
    page = render_template("accounts/sign_in.html", form=form, takes_passkeys=passkey_site() is not None)
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"  # the browser may come back to it with another token
    return answer


@accounts.post("/sign-out")
@open_to(Audience.SIGNED_IN)
def sign_out() -> Response:
    if ActionForm.from_request().was_sent():
        end_session(session["token"])
        note(signed_in(), Event.SIGNED_OUT)
        db.session.commit()
        session.clear()
    return redirect("/")
