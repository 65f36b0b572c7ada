"""A person's own account: name, e-mail, password, sessions, and the page of all that belongs to it."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from blog.accounts.codes import recovery_codes_left
from blog.accounts.fields import WithPassword, apart, email_field, name_field, password_field
from blog.accounts.log import PAGE, Event, entries, note, words
from blog.accounts.mails import mail_link, mail_notice
from blog.accounts.models import AccountLog, Passkey, Person, Session, find_person
from blog.accounts.passkey_site import passkey_site
from blog.accounts.sessions import end_sessions, open_session, open_sessions
from blog.accounts.signing import opened, signed, state_of
from blog.accounts.views import signed_in
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.addresses import public_address
from blog.web.forms import ActionForm, Form

own_account = Blueprint("own_account", __name__)

LINK_LASTS = timedelta(days=1)
LATEST = 6  # entries of the log on the page of the account
LONGEST_KEY_NAME = 80
LONGEST_ANSWER = 20_000


class NameForm(Form):
    name = name_field()


class EmailForm(WithPassword):
    email = email_field(_l("New e-mail"))


class PasswordForm(WithPassword):
    password = password_field(_l("New password"))


class PasskeyForm(WithPassword):
    """What is asked for before a device makes a key; `credential` gets the key's answer, by the script."""

    name = StringField(
        _l("Name of the passkey"),
        [
            InputRequired(_l("Give it a name, such as “My phone”.")),
            Length(max=LONGEST_KEY_NAME, message=_l("This name is too long.")),
        ],
    )
    credential = HiddenField(validators=[Length(max=LONGEST_ANSWER)])

    def without_password(self) -> "PasskeyForm":
        """The form once the password was given: it comes back with the key's answer."""
        del self.present
        return self


@own_account.get("/desk/account")
@open_to(Audience.SIGNED_IN)
def show() -> str:
    return page()


def page(**sent: Form) -> str:
    """The page of the account, with a form as it was sent."""
    person = signed_in()
    forms: dict[str, Form] = {
        "name": NameForm(obj=person),
        "email": EmailForm(),
        "password": PasswordForm(),
        "passkey": PasskeyForm(),
    }
    return render_template(
        "accounts/account.html",
        person=person,
        forms={tag: apart(form, tag) for tag, form in (forms | sent).items()},
        open_form=next(iter(sent), ""),
        takes_passkeys=passkey_site() is not None,
        passkeys=keys_of(person),
        codes_left=recovery_codes_left(person) if person.totp_secret else 0,
        sessions=open_sessions(person),
        held=g.held,
        log=entries(AccountLog.person_id == person.id)[:LATEST],
        words=words,
    )


def keys_of(person: Person) -> Sequence[Passkey]:
    return db.session.scalars(select(Passkey).filter_by(person_id=person.id).order_by(Passkey.id)).all()


@own_account.post("/desk/account/name")
@open_to(Audience.SIGNED_IN)
def rename() -> Response | tuple[str, int]:
    person, form = signed_in(), NameForm.from_request()
    if not form.was_sent():
        return page(name=form), 422
    before = person.name
    try:
        person.rename(form.name.data)
    except ValueError as error:
        form.name.errors = [str(error)]
        return page(name=form), 422
    note(person, Event.NAME_CHANGED, detail=before)
    db.session.commit()
    flash(_("Your name is changed."))
    return redirect(url_for("own_account.show"))


@own_account.post("/desk/account/password")
@open_to(Audience.SIGNED_IN)
def change_password() -> Response | tuple[str, int]:
    """A new password ends every session but this one, which gets a new token."""
    person, form = signed_in(), PasswordForm.from_request()
    if not form.was_sent_by(person):
        return page(password=form), 422
    try:
        person.set_password(form.password.data)
    except ValueError as error:
        form.password.errors = [str(error)]
        return page(password=form), 422
    end_sessions(person)
    open_session(person)
    note(person, Event.PASSWORD_CHANGED)
    mail_notice(person, _("Your password was changed"), _("The password of your account was changed."))
    db.session.commit()
    flash(_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("own_account.show"))


@own_account.post("/desk/account/email")
@open_to(Audience.SIGNED_IN)
def ask_for_email() -> Response | tuple[str, int]:
    """The new address counts once a link that is mailed there was followed.

    Whether it has an account already is not said: then nothing is mailed.
    """
    person, form = signed_in(), EmailForm.from_request()
    if not form.was_sent_by(person):
        return page(email=form), 422
    address = form.email.data
    note(person, Event.EMAIL_ASKED, detail=address)
    if find_person(address) is None:
        link = public_address(
            "own_account.confirm_email", token=signed("email", [person.id, address, state_of(person)])
        )
        mail_link(
            address,
            _("Confirm your new e-mail"),
            _("%(name)s wants to sign in with this address from now on.", name=person.name),
            link,
            _("Confirm this address"),
            _("The link works for a day. If this means nothing to you, do nothing."),
        )
    db.session.commit()
    flash(_("A link was sent to %(email)s. Follow it, and the new address counts.", email=address))
    return redirect(url_for("own_account.show"))


@own_account.route("/sign-in/new-email/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def confirm_email(token: str) -> str | tuple[str, int]:
    found = opened("email", token, LINK_LASTS)
    person = db.session.get(Person, found[0]) if found else None
    if person is None or person.ended_at or state_of(person) != found[2]:
        abort(404, _("This link has been used, or it is too old. Ask for a new one at your account."))
    address = found[1]
    if request.method == "GET":
        return render_template("accounts/new_email.html", address=address)
    if not ActionForm.from_request().was_sent():
        abort(422, _("This page was open for a long time. Please follow the link in the mail again."))
    before, person.email = person.email, address
    try:
        db.session.flush()
    except IntegrityError:  # somebody else has taken it since
        db.session.rollback()
        abort(404, _("This link has been used, or it is too old. Ask for a new one at your account."))
    note(person, Event.EMAIL_CHANGED, detail=before)
    mail_notice(
        person,
        _("Your e-mail was changed"),
        _("You now sign in with another address. This one is used no more."),
        to=before,
    )
    db.session.commit()
    return render_template("accounts/new_email.html", address=address, is_done=True)


@own_account.post("/desk/account/sessions/<int:session_id>/removal")
@open_to(Audience.SIGNED_IN)
def end_one(session_id: int) -> Response:
    person = signed_in()
    found = db.session.scalar(select(Session).filter_by(id=session_id, person_id=person.id))
    if found is None:
        abort(404)
    if ActionForm.from_request().was_sent():
        db.session.execute(delete(Session).where(Session.id == found.id))
        note(person, Event.SESSION_ENDED, detail=found.device)
        db.session.commit()
        flash(_("That device is signed out."))
    return redirect(url_for("own_account.show"))


@own_account.post("/desk/account/sessions/removal")
@open_to(Audience.SIGNED_IN)
def end_others() -> Response:
    person = signed_in()
    if ActionForm.from_request().was_sent():
        end_sessions(person, but=session["token"])
        note(person, Event.SESSIONS_ENDED)
        db.session.commit()
        flash(_("You are signed out everywhere else."))
    return redirect(url_for("own_account.show"))


@own_account.get("/desk/account/log")
@open_to(Audience.SIGNED_IN)
def log() -> str:
    before = request.args.get("before", type=int)
    found = entries(AccountLog.person_id == signed_in().id, before=before)
    return render_template("accounts/log.html", entries=found[:PAGE], has_more=len(found) > PAGE, words=words)
