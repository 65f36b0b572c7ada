"""The base of every form of a signed-in person: WTForms with its session-bound CSRF token."""

from datetime import timedelta
from typing import IO, Any

import flask
from flask import current_app, request, session
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser
from wtforms import Form as PlainForm
from wtforms.csrf.session import SessionCSRF
from wtforms.validators import ValidationError


class TextParser(FormDataParser):
    """Drops NUL from what was typed: nobody types it, and PostgreSQL's texts cannot hold it."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        stream, form, files = super().parse(stream, mimetype, content_length, options)
        for _field, file in files.items(multi=True):
            file.filename = (file.filename or "").replace("\0", "")
        typed = ((field, text.replace("\0", "")) for field, text in form.items(multi=True))
        return stream, self.cls(typed), files


class Request(flask.Request):
    form_data_parser_class = TextParser


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
