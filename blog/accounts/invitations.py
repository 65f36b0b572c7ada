"""Making an account from an invitation."""

from typing import NoReturn

from flask import Blueprint, abort, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from blog.accounts import people
from blog.accounts.entrance import let_in
from blog.accounts.fields import email_field, name_field, password_field
from blog.accounts.models import Invitation
from blog.accounts.people_desk import MEANINGS
from blog.accounts.signing import keep_address_secret
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.forms import Form

invitations = Blueprint("invitations", __name__)


class AcceptForm(Form):
    name = name_field()
    email = email_field()
    password = password_field(_l("Password"))


@invitations.route("/sign-in/invitations/<token>", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
def accept(token: str) -> Response:
    """Where the link of an invitation leads. One that was used, taken back or made up is just not there."""
    invitation = people.find_invitation(token)
    if invitation is None:
        leads_nowhere()
    form = AcceptForm.from_request()
    if request.method == "GET":
        form.email.data = invitation.email
    if not form.was_sent():
        return show(form, invitation, 422 if request.method == "POST" else 200)
    try:
        person = people.accept(invitation, form.name.data, form.email.data, form.password.data)
    except ValueError as error:
        db.session.rollback()
        form.password.errors = [str(error)]
        return show(form, invitation, 422)
    if person is None:
        leads_nowhere()
    return let_in(person, _("invitation"), None)


def leads_nowhere() -> NoReturn:
    abort(404, _("This invitation was used or taken back, or it is too old. Ask for another one."))


def show(form: Form, invitation: Invitation, status: int) -> Response:
    page = render_template("accounts/accept.html", form=form, meaning=MEANINGS[invitation.role])
    answer = make_response(page, status)
    keep_address_secret(answer)
    return answer
