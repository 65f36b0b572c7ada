"""The second step: six figures from an authenticator app, or a recovery code. Each counts once."""

import hmac
import secrets
import time

import pyotp
from flask import current_app
from sqlalchemy import delete, func, select, update

from blog.accounts.models import Person, RecoveryCode
from blog.accounts.sessions import hashed
from blog.db import db, now

STEP_S = 30
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily read as another


def new_secret() -> str:
    return pyotp.random_base32()


def key_address(person: Person, secret: str) -> str:
    """What the square holds for the app: `otpauth://…`."""
    site = current_app.config["SITE_NAME"]
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=site)


def matching_step(secret: str, code: str, at: float) -> int | None:
    """The 30-second step around `at` (seconds since 1970) whose code this is."""
    app, step = pyotp.HOTP(secret), int(at) // STEP_S
    typed = "".join(code.split()).encode()
    # All are compared, so that the time taken tells nothing.
    found = [step + drift for drift in DRIFT if hmac.compare_digest(app.at(step + drift).encode(), typed)]
    return found[0] if found else None


def take_code(person: Person, code: str) -> bool:
    """Whether this is a code of the app that was not used before; from now on it is. Not yet committed."""
    step = matching_step(person.totp_secret, code, time.time()) if person.totp_secret else None
    if step is None:
        return False
    is_new = Person.totp_last_step.is_(None) | (Person.totp_last_step < step)
    taken = update(Person).where(Person.id == person.id, is_new).values(totp_last_step=step)
    return bool(db.session.execute(taken).rowcount)  # type: ignore[attr-defined]


def take_recovery_code(person: Person, code: str) -> bool:
    """The same for a recovery code, however it is spaced and written."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    unused = (
        RecoveryCode.person_id == person.id,
        RecoveryCode.code_hash == hashed(plain),
        RecoveryCode.used_at.is_(None),
    )
    return bool(db.session.execute(update(RecoveryCode).where(*unused).values(used_at=now())).rowcount)  # type: ignore[attr-defined]


def make_recovery_codes(person: Person) -> list[str]:
    """New codes in place of the old, not yet committed: `abcd-efgh-jkmn`, 59 bits each. Shown once."""
    forget_recovery_codes(person)
    plain = ["".join(secrets.choice(LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=hashed(code)) for code in plain)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in plain]


def remove_second_step(person: Person) -> None:
    """From now on the password is enough; not yet committed."""
    person.totp_secret = person.totp_last_step = None
    forget_recovery_codes(person)


def forget_recovery_codes(person: Person) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def recovery_codes_left(person: Person) -> int:
    unused = (RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0
