"""The reply form. Readers need no session: a signed stamp says when its page was made."""

from datetime import UTC, datetime

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import Field, Form, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

LONGEST = 10_000


def address(_form: Form, field: Field) -> None:
    try:
        found = validate_email(field.data or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(_l("This does not look like an e-mail address.")) from error
    field.data = found.normalized


class ReplyForm(Form):
    """Text, and for strangers a name and an address. `website` is for robots: people do not see it."""

    text = TextAreaField(
        _l("Your reply"),
        [
            DataRequired(_l("Write a few words first.")),
            Length(max=LONGEST, message=_l("This is too long.")),
        ],
    )
    name = StringField(
        _l("Name"),
        [
            DataRequired(_l("Please leave a name.")),
            Length(max=80, message=_l("This name is too long.")),
        ],
    )
    email = StringField(
        _l("Email"), [DataRequired(_l("Please leave an e-mail address.")), Length(max=254), address]
    )
    parent_id = HiddenField()
    stamp = HiddenField()
    website = StringField()


def signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="reply")


def stamp_for(post_id: int) -> str:
    """Signs that a page with the reply form of this post was made now."""
    return signer().dumps(post_id)


def seconds_since(stamp: str, post_id: int) -> float | None:
    """How long ago the form's page was made; None where the stamp is not ours or belongs elsewhere."""
    try:
        signed_for, made = signer().loads(stamp, return_timestamp=True)
    except BadSignature:
        return None
    return (datetime.now(UTC) - made).total_seconds() if signed_for == post_id else None
