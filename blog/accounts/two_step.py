"""Signing in with a code after the password: entering it, turning it on and off, and the recovery codes."""

import time

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from blog.accounts.codes import (
    key_address,
    make_recovery_codes,
    matching_step,
    new_secret,
    recovery_codes_left,
    remove_second_step,
    take_code,
    take_recovery_code,
)
from blog.accounts.devices import known_device
from blog.accounts.entrance import half_signed_in, let_in
from blog.accounts.fields import WithPassword
from blog.accounts.log import Event, note, note_failure
from blog.accounts.models import Person
from blog.accounts.throttle import TooSoon, begin_try
from blog.accounts.views import signed_in
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.forms import Form

two_step = Blueprint("two_step", __name__)


def code_field() -> StringField:
    needed = _l("Please give the code.")
    return StringField(_l("Code"), [InputRequired(needed), Length(max=40, message=_l("This is no code."))])


class CodeForm(Form):
    code = code_field()


class TurnOnForm(WithPassword):
    code = code_field()


@two_step.route("/sign-in/code", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def enter_code() -> Response:
    half = half_signed_in()
    if half is None:
        return redirect(url_for("accounts.sign_in"))
    person, onward = half
    form = CodeForm.from_request()
    if not form.was_sent():
        return show_code(form, 422 if request.method == "POST" else 200)
    # The key is the device that this person knows, or else all strangers together.
    key = f"device {known_device(person)} {person.id}" if known_device(person) else str(person.id)
    try:
        tried = begin_try("code", key)
    except TooSoon as wait:
        form.code.errors = [wait.words]
        return show_code(form, 429, wait)
    if take_code(person, form.code.data):
        means = _("password and code")
    elif take_recovery_code(person, form.code.data):
        means = _("password and recovery code")
        note(person, Event.CODE_USED)
    else:
        note_failure(person)
        db.session.commit()
        form.code.errors = [_("This code does not fit, or it was used before. The app shows a new one soon.")]
        return show_code(form, 422)
    tried.forgiven()
    return let_in(person, means, onward)


def show_code(form: Form, status: int, wait: TooSoon | None = None) -> Response:
    answer = make_response(render_template("accounts/code.html", form=form), status)
    answer.headers["Cache-Control"] = "no-store"
    if wait:
        answer.headers["Retry-After"] = str(wait.seconds)
    return answer


@two_step.get("/desk/account/two-step")
@open_to(Audience.SIGNED_IN)
def show() -> str:
    return page(signed_in())


@two_step.post("/desk/account/two-step")
@open_to(Audience.SIGNED_IN)
def turn_on() -> Response | str | tuple[str, int]:
    """Turn it on with a first code of the app, which shows that the app has the secret."""
    person, form, secret = signed_in(), TurnOnForm.from_request(), session.get("totp_secret")
    if person.totp_secret or secret is None:
        return redirect(url_for("two_step.show"))
    if not form.was_sent_by(person):
        return page(person, turn_on=form), 422
    step = matching_step(secret, form.code.data, time.time())
    if step is None:
        form.code.errors = [_("This code does not fit. Is the clock of your phone right?")]
        return page(person, turn_on=form), 422
    person.totp_secret, person.totp_last_step = secret, step
    session.pop("totp_secret")
    return codes_made(person, Event.TWO_STEP_ON)


@two_step.post("/desk/account/two-step/codes")
@open_to(Audience.SIGNED_IN)
def make_codes() -> Response | str | tuple[str, int]:
    person, form = signed_in(), WithPassword.from_request()
    if not person.totp_secret:
        return redirect(url_for("two_step.show"))
    if not form.was_sent_by(person):
        return page(person, make_codes=form), 422
    return codes_made(person, Event.CODES_MADE)


def codes_made(person: Person, event: Event) -> str:
    codes = make_recovery_codes(person)
    note(person, event)
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes)


@two_step.post("/desk/account/two-step/removal")
@open_to(Audience.SIGNED_IN)
def turn_off() -> Response | tuple[str, int]:
    person, form = signed_in(), WithPassword.from_request()
    if not form.was_sent_by(person):
        return page(person, turn_off=form), 422
    remove_second_step(person)
    note(person, Event.TWO_STEP_OFF)
    db.session.commit()
    flash(_("Two-step sign-in is off."))
    return redirect(url_for("own_account.show"))


def page(person: Person, **sent: Form) -> str:
    """The page with the forms as they were sent. The secret shown stays the same until it is used."""
    if person.totp_secret:
        forms = {"make_codes": WithPassword(), "turn_off": WithPassword()} | sent
        return render_template("accounts/two_step.html", forms=forms, left=recovery_codes_left(person))
    secret = session.setdefault("totp_secret", new_secret())
    return render_template(
        "accounts/two_step.html",
        forms={"turn_on": TurnOnForm()} | sent,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        square=square(key_address(person, secret)),
    )


def square(text: str) -> Markup:
    """A QR code as SVG, drawn here: nobody else may see the secret."""
    import segno  # noqa: PLC0415 — 3 MB, for the few times that somebody turns this on

    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=4, title=_("A square for the app to scan")))  # noqa: S704
