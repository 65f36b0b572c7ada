"""A new password by a link that is mailed."""

from datetime import timedelta

from flask import Blueprint, abort, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from blog.accounts import devices
from blog.accounts.fields import email_field, password_field
from blog.accounts.log import Event, note
from blog.accounts.mails import mail_link, mail_notice
from blog.accounts.models import Person, find_person
from blog.accounts.sessions import end_sessions
from blog.accounts.signing import keep_address_secret, opened, signed, state_of
from blog.accounts.throttle import TooSoon, network_of, refuse_floods
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.addresses import public_address
from blog.web.forms import Form

reset = Blueprint("reset", __name__)

LINK_LASTS = timedelta(hours=1)
WINDOW = timedelta(hours=1)
LINKS_PER_ACCOUNT = 3
LINKS_PER_NETWORK = 20
STRANGER = Person(id=0, name="", email="", password_hash="")  # stands in for who has no account


class AskForm(Form):
    email = email_field()


class NewPasswordForm(Form):
    password = password_field(_l("New password"))


@reset.route("/sign-in/forgotten", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def ask() -> Response:
    """Mail a link. The answer is the same, and as much work, for an address without an account."""
    form = AskForm.from_request()
    if not form.was_sent():
        status = 422 if request.method == "POST" else 200
        return make_response(render_template("accounts/forgotten.html", form=form), status)
    email = form.email.data
    try:
        network = network_of(request.remote_addr or "")
        refuse_floods("reset", (email, LINKS_PER_ACCOUNT), (network, LINKS_PER_NETWORK), within=WINDOW)
    except TooSoon as wait:
        raise wait.refusal() from wait
    person = find_person(email)
    with db.session.begin_nested() as savepoint:
        mail_reset(person or STRANGER, email)
        db.session.flush()
        if person is None or person.ended_at:
            savepoint.rollback()
    db.session.commit()
    return make_response(render_template("accounts/forgotten.html", form=form, email=email))


def mail_reset(person: Person, email: str) -> None:
    link = public_address("reset.choose", token=signed("reset", [person.id, state_of(person)]))
    mail_link(
        email,
        _("A new password"),
        _("Somebody, most likely you, wants to set a new password for your account."),
        link,
        _("Set a new password"),
        _("The link works once, within an hour. If that was not you, do nothing."),
    )
    note(person if person.id else None, Event.RESET_ASKED)


@reset.route("/sign-in/new-password/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def choose(token: str) -> Response:
    """Where the link leads. It carries the hash of the password it replaces, so it works once.

    It signs nobody in: who has a second step is asked for it at the sign-in, as ever.
    """
    found = opened("reset", token, LINK_LASTS)
    person = db.session.get(Person, found[0]) if found else None
    if person is None or person.ended_at or state_of(person) != found[1]:
        abort(404, _("This link has been used, or it is too old. Ask for a new one where you sign in."))
    form = NewPasswordForm.from_request()
    if not form.was_sent():
        return show(form, 422 if request.method == "POST" else 200)
    try:
        person.set_password(form.password.data)
    except ValueError as error:
        form.password.errors = [str(error)]
        return show(form, 422)
    end_sessions(person)
    note(person, Event.PASSWORD_RESET)
    mail_notice(person, _("Your password was changed"), _("A new password was set by a link mailed to you."))
    db.session.commit()
    answer = show(form, 200, is_done=True)
    devices.remember(answer, person)  # who reads the mail of an account does not wait behind those who guess
    return answer


def show(form: Form, status: int, is_done: bool = False) -> Response:
    answer = make_response(render_template("accounts/new_password.html", form=form, is_done=is_done), status)
    keep_address_secret(answer)
    return answer
