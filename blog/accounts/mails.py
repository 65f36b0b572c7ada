"""What is mailed to people with accounts."""

from flask import current_app
from flask_babel import gettext as _

from blog.accounts.models import Person
from blog.mail.models import Mail
from blog.mail.posting import post_letter
from blog.web.addresses import public_address


def mail_link(to: str, subject: str, sentence: str, link: str, label: str, closing: str) -> Mail:
    """A mail around one link, not yet committed."""
    subject = f"{subject} · {current_app.config['SITE_NAME']}"
    return post_letter(
        "account",
        to,
        subject,
        "letters/account",
        sentence=sentence,
        link=link,
        label=label,
        closing=closing,
    )


def mail_notice(person: Person, subject: str, sentence: str, to: str | None = None) -> Mail:
    """Tell people what happened to their account, so that they see it where it was not they."""
    closing = _("If that was not you, set a new password at once, and tell the owner of the site.")
    link, label = public_address("reset.ask"), _("Set a new password")
    return mail_link(to or person.email, subject, sentence, link, label, closing)
