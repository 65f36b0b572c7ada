"""Putting a message into the post."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale

from blog.db import db, now
from blog.mail.models import Mail
from blog.mail.plain import harmless, one_line
from blog.web.locale import LOCALES

LONGEST_SUBJECT = 200
LONGEST_HEADER = 900
LONGEST_ADDRESS = 254
HEADER_NAME = re.compile(r"(?:List|X)-[A-Za-z-]{1,60}|Reply-To|In-Reply-To|References")


def post_mail(
    kind: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    headers: Mapping[str, str] | None = None,
    delay: timedelta = timedelta(0),
) -> Mail:
    """Keep a message to be sent, not yet committed; the worker is woken by the commit.

    `headers` are further ones: `List-…`, `X-…`, `Reply-To`, `In-Reply-To`, `References`. Raises `ValueError`
    for others, and for an address of more than one line, with what cannot be seen, or too long to be one.
    """
    address = to.strip()
    if one_line(address, LONGEST_ADDRESS) != address:
        raise ValueError("This is no mail address.")
    if strange := [name for name in headers or {} if not HEADER_NAME.fullmatch(name)]:
        raise ValueError(f"A letter cannot be given the header {strange[0]!r}.")
    mail = Mail(
        kind=kind,
        to=address,
        subject=one_line(subject, LONGEST_SUBJECT),
        text=harmless(text),
        html=harmless(html),
        headers={name: one_line(value, LONGEST_HEADER) for name, value in (headers or {}).items()},
        next_try_at=now() + delay,
    )
    db.session.add(mail)
    return mail


def post_letter(
    kind: str,
    to: str,
    subject: str,
    template: str,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Mail:
    """`post_mail` with the text and the HTML of `templates/<template>.txt` and `.html`."""
    text, html = written(template, subject=subject, **values)
    return post_mail(kind, to, subject, text, html, headers)


def written(template: str, **values: Any) -> tuple[str, str]:
    """The text and the HTML of a letter, the same whoever asked for it: no request plays a part."""
    with force_locale(LOCALES[0]):
        text, html = (
            current_app.jinja_env.get_template(f"{template}.{kind}").render(
                site_name=current_app.config["SITE_NAME"], **values
            )
            for kind in ("txt", "html")
        )
    return text.strip() + "\n", html
