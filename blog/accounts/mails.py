"""What is mailed to people with accounts."""

from flask import current_app, render_template, url_for
from flask_babel import gettext as _

from blog.accounts.models import Person
from blog.mail.models import Mail
from blog.mail.posting import post_mail


def public(path: str) -> str:
    """A path of this site as a whole address."""
    return current_app.config["PUBLIC_URL"].rstrip("/") + path


def mail_link(to: str, subject: str, sentence: str, link: str, label: str, closing: str) -> Mail:
    """A mail around one link, not yet committed."""
    return compose(to, subject, sentence=sentence, link=link, label=label, closing=closing)


def mail_notice(person: Person, subject: str, sentence: str, to: str | None = None) -> Mail:
    """Tell people what happened to their account, so that they see it where it was not they."""
    closing = _("If that was not you, set a new password at once, and tell the owner of the site.")
    link, label = public(url_for("reset.ask")), _("Set a new password")
    return compose(to or person.email, subject, sentence=sentence, link=link, label=label, closing=closing)


def compose(to: str, subject: str, **words: str) -> Mail:
    site = current_app.config["SITE_NAME"]
    text = render_template("accounts/mail.txt", site=site, **words)
    html = render_template("accounts/mail.html", site=site, subject=subject, **words)
    return post_mail("account", to, f"{subject} · {site}", text, html)
