"""The reply form. Readers need no session: a signed stamp says when its page was made."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import Field, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from blog.accounts.models import Person
from blog.comments.rules import Rules
from blog.comments.spots import Spot, read_spot
from blog.comments.text import clean_line, clean_text, website_address

LONGEST = 10_000
LONGEST_EMAIL = 254
FOLLOW = [
    SelectChoice("", _l("No")),
    SelectChoice("mine", _l("Replies to mine")),
    SelectChoice("post", _l("All replies under this post")),
]


def lined(text: str | None) -> str:
    return clean_line(text or "")


def cleaned(text: str | None) -> str:
    return clean_text(text or "")


class SaysSomething:
    """Something that can be seen, not only spaces and what has no width."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        if not clean_line(field.data or ""):
            raise ValidationError(_l("Write a few words first."))


def address(_form: Form, field: Field) -> None:
    if field.errors:
        return
    try:
        found = validate_email(field.data or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(_l("This does not look like an e-mail address.")) from error
    field.data = found.normalized


def of_a_website(_form: Form, field: Field) -> None:
    try:
        field.data = website_address(field.data or "")
    except ValueError as error:
        raise ValidationError(_l("This does not look like the address of a website.")) from error


class TextForm(Form):
    """What one says."""

    text = TextAreaField(
        _l("Your reply"),
        [SaysSomething(), Length(max=LONGEST, message=_l("This is too long."))],
        filters=[cleaned],
        render_kw={"dir": "auto"},
    )


class ReplyForm(TextForm):
    """Text, and for strangers a name and an address; on a photo perhaps a spot, in per cent of it.

    `homepage` is for robots: people do not see it.
    """

    name = StringField(
        _l("Name"),
        [
            DataRequired(_l("Please leave a name.")),
            Length(max=80, message=_l("This name is too long.")),
        ],
        filters=[lined],
        render_kw={"dir": "auto"},
    )
    email = StringField(
        _l("E-mail"),
        [
            DataRequired(_l("Please leave an e-mail address.")),
            Length(max=LONGEST_EMAIL, message=_l("This does not look like an e-mail address.")),
            address,
        ],
    )
    website = StringField(_l("Website"), [of_a_website])
    follow = SelectField(_l("Tell me of new replies by e-mail"), choices=FOLLOW, validate_choice=False)
    parent_id = HiddenField()
    photo_id = HiddenField()
    spot_x = StringField(_l("From the left, %"))
    spot_y = StringField(_l("From the top, %"))
    spot_width = StringField(_l("Width, %"))
    spot_height = StringField(_l("Height, %"))
    stamp = HiddenField()
    homepage = StringField()

    spot: Spot | None = None
    closed: str | None = None
    """Why nothing can be sent, in words for the reader."""

    @classmethod
    def for_person(cls, person: Person | None, rules: Rules, sent: Any = None, **values: Any) -> "ReplyForm":
        """Someone with an account is known: no name, no address. Others are asked what the rules say."""
        form = cls(sent, **values)
        if person:
            del form.name, form.email, form.follow, form.homepage
        elif not rules.email_needed:
            form.email.validators = [Optional(), *form.email.validators[1:]]
            form.email.flags.required = False
        if person or not rules.website_asked:
            del form.website
        return form

    @property
    def spot_fields(self) -> tuple[Field, Field, Field, Field]:
        return self.spot_x, self.spot_y, self.spot_width, self.spot_height

    def validate_spot_x(self, _field: Field) -> None:
        try:
            self.spot = read_spot([(field.data or "").strip() for field in self.spot_fields])
        except ValueError as error:
            raise ValidationError(
                _l("These numbers are no part of the photo. Leave them empty, or pin it again.")
            ) from error

    @property
    def follows(self) -> str:
        """ "mine", "post", or nothing: only where there is an address to write to."""
        what = self.follow.data if self.follow and self.email and self.email.data else ""
        return what if what in ("mine", "post") else ""


class ChangeForm(TextForm):
    """One's own words again. `version` is that of the comment they were made from."""

    token = HiddenField()
    version = HiddenField()


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
