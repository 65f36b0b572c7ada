"""Every setting of Roadbook: its environment variable, its default, and one line of meaning."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
INSTANCE = Path(os.environ.get("ROADBOOK_INSTANCE", ROOT / "instance"))


@dataclass(frozen=True)
class Setting:
    """One setting: read from `ROADBOOK_<name>`, else from `default`."""

    name: str
    default: Callable[[], str]
    meaning: str

    @property
    def variable(self) -> str:
        return f"ROADBOOK_{self.name}"

    def read(self) -> str:
        return os.environ.get(self.variable) or self.default()


def kept_secret() -> str:
    """The secret key in `instance/secret-key`, made on first start and readable by its owner alone."""
    path = INSTANCE / "secret-key"
    INSTANCE.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


SETTINGS = (
    Setting(
        "INSTANCE", lambda: str(ROOT / "instance"), "folder for the database, the secret key and the outbox"
    ),
    Setting(
        "DATABASE_URL",
        lambda: f"sqlite:///{INSTANCE / 'roadbook.sqlite'}",
        "where the words and places are kept",
    ),
    Setting("STORAGE_URL", lambda: str(ROOT / "uploads"), "folder (or later bucket) for photo files"),
    Setting(
        "REDIS_URL",
        lambda: "",
        "Redis for the job queue and for counting replies; empty: a file in the instance folder",
    ),
    Setting(
        "PUBLIC_URL", lambda: "http://127.0.0.1:8000", "the address readers use; feeds and cards need it"
    ),
    Setting(
        "SMTP_URL", lambda: "", "the mail server, smtp://user:password@host:port; empty: files in the outbox"
    ),
    Setting("MAIL_FROM", lambda: "", "who letters come from; empty: noreply at the public address"),
    Setting("SECRET_KEY", kept_secret, "signs sessions and forms; made and kept in the instance folder"),
    Setting("SITE_NAME", lambda: "Roadbook", "the name in the header of every page"),
    Setting("SITE_TAGLINE", lambda: "", "one line under the name on the home page"),
    Setting(
        "CONTACT", lambda: "", "an e-mail or web address that readers can turn to; the privacy page names it"
    ),
    Setting(
        "TRUSTED_PROXIES", lambda: "0", "how many proxies in front of Roadbook tell the visitor's address"
    ),
    Setting("MAX_VIDEO_MB", lambda: "500", "the largest film that is taken, in megabytes"),
    Setting("MAX_MEGAPIXELS", lambda: "100", "the most pixels a photo may have, in millions"),
    Setting(
        "RATE_LIMITS",
        lambda: "on",
        "how many replies one address may send in ten minutes: a number, on (12), or off for any number",
    ),
    Setting("PAGE_CACHE", lambda: "on", "keep finished pages in memory: on or off"),
)


def settings() -> dict[str, str]:
    """Every setting by name, as the environment gives it now."""
    return {setting.name: setting.read() for setting in SETTINGS}
