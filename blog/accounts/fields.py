"""Form fields that several pages of accounts share."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from blog.accounts.models import LONGEST_NAME, Person
from blog.accounts.throttle import TooSoon, begin_try
from blog.db import db
from blog.web.forms import Form

LONGEST_TYPED = 1000  # of a password: what is longer is no password here, and is not hashed to find out


def is_address(_form: Form, field: Field) -> None:
    try:
        found = validate_email((field.data or "").strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(_("This does not look like an e-mail address.")) from error
    field.data = found.normalized.lower()


def name_field() -> StringField:
    too_long = _l("This name is too long.")
    return StringField(
        _l("Name"),
        [InputRequired(_l("Please give a name.")), Length(max=LONGEST_NAME, message=too_long)],
    )


def email_field(label: Any = None) -> EmailField:
    too_long = _l("This address is too long.")
    needed = _l("Please give an e-mail address.")
    return EmailField(
        label or _l("E-mail"), [InputRequired(needed), Length(max=254, message=too_long), is_address]
    )


def password_field(label: Any = None) -> PasswordField:
    too_long = _l("This password is too long.")
    needed = _l("Please give the password.")
    return PasswordField(
        label or _l("Password"), [InputRequired(needed), Length(max=LONGEST_TYPED, message=too_long)]
    )


class WithPassword(Form):
    """A form of a signed-in person that asks for the present password: a borrowed browser is not enough.

    A wrong one is counted, since whoever holds a stolen session could try them all here.
    """

    present = password_field(_l("Present password"))

    def was_sent_by(self, person: Person) -> bool:
        """Whether it was posted, everything in it is right, and the password is this person's."""
        if not self.was_sent():
            return False
        try:
            tried = begin_try("present-password", str(person.id))
        except TooSoon as wait:
            self.present.errors = [wait.words]
            return False
        if not person.has_password(self.present.data):
            self.present.errors = [_("That is not your present password.")]
            return False
        tried.forgiven()
        db.session.commit()
        return True


def apart(form: Form, tag: str) -> Form:
    """One of several forms of a page: its fields' ids are its own, their names stay as they are."""
    for field in form:
        field.id = f"{tag}-{field.name}"
        field.label.field_id = field.id
    return form
