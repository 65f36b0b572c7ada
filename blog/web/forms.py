"""The base of every form of a signed-in person: WTForms with its session-bound CSRF token."""

from datetime import timedelta
from typing import Any

from flask import current_app, request, session
from flask_babel import lazy_gettext as _
from wtforms import Form as PlainForm
from wtforms.csrf.session import SessionCSRF
from wtforms.validators import ValidationError


class SignedSessionCSRF(SessionCSRF):
    """WTForms' own check, with words a person can act on."""

    def validate_csrf_token(self, form: PlainForm, field: Any) -> None:
        try:
            super().validate_csrf_token(form, field)
        except ValidationError as error:
            raise ValidationError(
                _("This page was open for a long time. Please send it once more.")
            ) from error


class Form(PlainForm):
    """A form that knows whether it was sent, and by whom."""

    class Meta:
        csrf = True
        csrf_class = SignedSessionCSRF
        csrf_time_limit = timedelta(hours=12)

        @property
        def csrf_secret(self) -> bytes:
            return str(current_app.secret_key).encode()

        @property
        def csrf_context(self) -> Any:
            return session

    @classmethod
    def from_request(cls, obj: Any = None, **values: Any) -> "Form":
        return cls(request.form if request.method == "POST" else None, obj=obj, **values)

    def was_sent(self) -> bool:
        """Whether the form was posted and everything in it is right."""
        return request.method == "POST" and self.validate()

    @property
    def first_error(self) -> str | None:
        for messages in self.errors.values():
            for message in messages:
                return str(message)
        return None


class ActionForm(Form):
    """A button that changes something: nothing but the CSRF token."""
