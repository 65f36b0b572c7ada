"""The owner's desk of people."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import EmailField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from blog.accounts import people
from blog.accounts.fields import is_address
from blog.accounts.log import PAGE, entries, words
from blog.accounts.mails import mail_link, mail_notice
from blog.accounts.models import Invitation, Person, Role
from blog.accounts.views import signed_in
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.addresses import public_address
from blog.web.forms import ActionForm, Form

people_desk = Blueprint("people_desk", __name__)

ROLES = {
    Role.OWNER: _l("Owner"),
    Role.AUTHOR: _l("Author"),
    Role.MODERATOR: _l("Moderator"),
}
MEANINGS = {
    Role.OWNER: _l("can do everything, and decides about people"),
    Role.AUTHOR: _l("can write trips and posts, and moderate the replies below them"),
    Role.MODERATOR: _l("can moderate all replies"),
}


class InvitationForm(Form):
    role = RadioField(_l("Role"), coerce=Role, default=Role.AUTHOR)
    email = EmailField(_l("E-mail, if the link is to be mailed"), [Optional(), Length(max=254), is_address])

    @classmethod
    def sent(cls) -> "InvitationForm":
        form = cls.from_request()
        form.role.choices = [
            SelectChoice(role.value, f"{ROLES[role]}: {MEANINGS[role]}") for role in reversed(Role)
        ]
        return form


class RoleForm(Form):
    role = SelectField(
        _l("Role"), coerce=Role, choices=[SelectChoice(role.value, name) for role, name in ROLES.items()]
    )


@people_desk.get("/desk/people")
@open_to(Audience.OWNER)
def show() -> str:
    new_link, mailed_to = session.pop("new_link", (None, ""))
    return page(InvitationForm.sent(), new_link, mailed_to)


def page(form: InvitationForm, new_link: str | None = None, mailed_to: str = "") -> str:
    everybody = db.session.scalars(select(Person).order_by(Person.ended_at.is_not(None), Person.id)).all()
    waiting = db.session.scalars(select(Invitation).where(people.still_open()).order_by(Invitation.id)).all()
    return render_template(
        "accounts/people.html",
        everybody=everybody,
        invitations=waiting,
        is_last_owner=people.owners() == 1,
        form=form,
        new_link=new_link,
        mailed_to=mailed_to,
        roles=ROLES,
    )


@people_desk.post("/desk/people/invitations")
@open_to(Audience.OWNER)
def invite() -> Response | tuple[str, int]:
    person, form = signed_in(), InvitationForm.sent()
    if not form.was_sent():
        return page(form), 422
    email = form.email.data or ""
    link = public_address("invitations.accept", token=people.invite(form.role.data, email, person))
    if email:
        mail_link(
            email,
            _("You are invited"),
            _("%(name)s invites you to this travel blog.", name=person.name),
            link,
            _("Make your account"),
            _("The link works once, within seven days."),
        )
    db.session.commit()
    session["new_link"] = (link, email)  # shown on the next page and then forgotten
    return redirect(url_for("people_desk.show"))


@people_desk.post("/desk/people/invitations/<int:invitation_id>/removal")
@open_to(Audience.OWNER)
def take_back(invitation_id: int) -> Response:
    person = signed_in()
    found = db.session.scalar(select(Invitation).where(Invitation.id == invitation_id, people.still_open()))
    if found is None:
        abort(404)
    if ActionForm.from_request().was_sent():
        people.take_back(found, person)
        db.session.commit()
        flash(_("The invitation is taken back. Its link leads nowhere now."))
    return redirect(url_for("people_desk.show"))


def somebody(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    if person is None:
        abort(404)
    return person


@people_desk.post("/desk/people/<int:person_id>/role")
@open_to(Audience.OWNER)
def change_role(person_id: int) -> Response:
    person, form = somebody(person_id), RoleForm.from_request()
    if not form.was_sent():
        abort(422, form.first_error)
    try:
        if people.change_role(person, form.role.data, by=signed_in()):
            db.session.commit()
            flash(_("%(name)s has another role now: %(role)s.", name=person.name, role=ROLES[person.role]))
    except people.LastOwner:
        refuse_last_owner()
    return back(person)


@people_desk.post("/desk/people/<int:person_id>/ending")
@open_to(Audience.OWNER)
def end(person_id: int) -> Response:
    person = somebody(person_id)
    try:
        if ActionForm.from_request().was_sent() and people.end_account(person, by=signed_in()):
            db.session.commit()
            flash(_("%(name)s can sign in no more. What %(name)s wrote stays.", name=person.name))
    except people.LastOwner:
        refuse_last_owner()
    return back(person)


@people_desk.post("/desk/people/<int:person_id>/return")
@open_to(Audience.OWNER)
def bring_back(person_id: int) -> Response:
    person = somebody(person_id)
    if ActionForm.from_request().was_sent() and people.bring_back(person, by=signed_in()):
        db.session.commit()
        flash(_("%(name)s can sign in again.", name=person.name))
    return back(person)


@people_desk.post("/desk/people/<int:person_id>/two-step/removal")
@open_to(Audience.OWNER)
def turn_off_two_step(person_id: int) -> Response:
    """For others: one's own is turned off at the account, with the password."""
    person = somebody(person_id)
    if person.id == signed_in().id:
        abort(409, _("Turn off your own at your account."))
    if ActionForm.from_request().was_sent() and people.turn_off_two_step(person, by=signed_in()):
        sentence = _(
            "The two-step sign-in of your account was turned off by %(name)s.", name=signed_in().name
        )
        mail_notice(person, _("Two-step sign-in is off"), sentence)
        db.session.commit()
        flash(_("%(name)s signs in with the password alone now.", name=person.name))
    return back(person)


def refuse_last_owner() -> None:
    db.session.rollback()
    abort(409, _("This is the only owner. Make somebody else an owner first."))


def back(person: Person) -> Response:
    """To the desk of people, for who may still see it."""
    is_leaving = person.id == signed_in().id and (person.ended_at or person.role is not Role.OWNER)
    return redirect("/" if is_leaving else url_for("people_desk.show"))


@people_desk.get("/desk/people/log")
@open_to(Audience.OWNER)
def log() -> str:
    found = entries(before=request.args.get("before", type=int))
    return render_template(
        "accounts/log.html", entries=found[:PAGE], has_more=len(found) > PAGE, words=words, is_everybodys=True
    )
