"""The privacy page, written from the settings as they are: it cannot promise what the site does not do."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, render_template
from sqlalchemy import select

from blog.accounts.models import Person, Role
from blog.comments.confirmation import COOKIE
from blog.comments.confirmation import LASTS as CONFIRMED_LASTS
from blog.comments.rules import Policy, ProofOfWork, Rules, site_rules
from blog.db import db
from blog.web.access import Audience, open_to
from blog.web.cache import cached_page
from blog.web.headers import EMBEDS

privacy = Blueprint("privacy", __name__)


@dataclass(frozen=True)
class Practice:
    """What this site does with what readers leave, as its settings say."""

    rules: Rules
    owners: list[str]
    contact: str
    sends_mail: bool
    photo_host: str
    basemap_host: str
    cookies: dict[str, str]

    @property
    def is_held(self) -> bool:
        """Whether a first reply waits for a moderator."""
        return self.rules.policy in (Policy.HOLD_ALL, Policy.HOLD_FIRST)

    @property
    def has_puzzle(self) -> bool:
        return self.rules.proof_of_work is not ProofOfWork.NEVER

    @property
    def contact_link(self) -> str | None:
        if self.contact.startswith(("https://", "http://", "mailto:")):
            return self.contact
        return f"mailto:{self.contact}" if "@" in self.contact else None

    @property
    def days_confirmed(self) -> int:
        return CONFIRMED_LASTS.days

    @property
    def embed_hosts(self) -> list[str]:
        return [host_of(address) for address in EMBEDS]


def host_of(address: str) -> str:
    """The host of a web address; empty for what is none, such as a file."""
    parts = urlsplit(address)
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def practice() -> Practice:
    settings = current_app.config
    owners = (
        select(Person.name).where(Person.role == Role.OWNER, Person.ended_at.is_(None)).order_by(Person.id)
    )
    return Practice(
        rules=site_rules(),
        owners=list(db.session.scalars(owners)),
        contact=settings["CONTACT"],
        sends_mail=bool(settings.get("SMTP_URL")),
        photo_host=host_of(settings.get("MEDIA_ORIGIN", "")),
        basemap_host=host_of(settings.get("BASEMAP", "")),
        cookies={"signed_in": settings["SESSION_COOKIE_NAME"], "confirmed": COOKIE},
    )


@privacy.get("/privacy")
@open_to(Audience.EVERYONE)
@cached_page
def page() -> str:
    return render_template("pages/privacy.html", practice=practice())


def init_app(app: Flask) -> None:
    app.register_blueprint(privacy)
