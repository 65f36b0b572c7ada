"""Passkeys: added, removed, and signed in with."""

import base64
import secrets
from datetime import timedelta
from types import ModuleType

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from blog.accounts import own_account
from blog.accounts.entrance import let_in
from blog.accounts.log import Event, note, note_failure
from blog.accounts.models import Attempt, Passkey, Person
from blog.accounts.passkey_site import PasskeySite, passkey_site
from blog.accounts.sessions import hashed
from blog.accounts.sign_in import SignInForm
from blog.accounts.sign_in import show as show_sign_in
from blog.accounts.signing import opened, signed
from blog.accounts.throttle import TooSoon, network_of, refuse_floods
from blog.accounts.views import signed_in
from blog.db import db, now
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

passkeys = Blueprint("passkeys", __name__)

CHALLENGE_LASTS = timedelta(minutes=5)
MOST_KEYS = 20
ANSWERS_PER_NETWORK = 60
WINDOW = timedelta(minutes=15)


class PasskeySignInForm(Form):
    credential = HiddenField(validators=[InputRequired(), Length(max=own_account.LONGEST_ANSWER)])


def ceremonies() -> ModuleType:
    """Loaded here, because most processes never need it."""
    from blog.accounts import ceremonies as loaded  # noqa: PLC0415

    return loaded


def own_site() -> PasskeySite:
    """The site as passkeys know it; where they cannot be used, their addresses are not there."""
    found = passkey_site()
    if found is None:
        abort(404)
    return found


def new_challenge(purpose: str) -> bytes:
    """Something new to sign, kept in this browser's session."""
    challenge = secrets.token_bytes(32)
    session["challenge"] = signed(purpose, base64.b64encode(challenge).decode())
    return challenge


def taken_challenge(purpose: str) -> bytes | None:
    """What was to be signed, once: a session brought back from a copy does not bring it back. Commits."""
    kept = opened(purpose, session.pop("challenge", ""), CHALLENGE_LASTS)
    if kept is None:
        return None
    db.session.add(Attempt(kind="challenge", key=hashed(kept)))
    db.session.flush()  # on SQLite, a second one at the same moment waits here, and then counts two
    this = (Attempt.kind == "challenge", Attempt.key == hashed(kept))
    times = db.session.scalar(select(func.count()).select_from(Attempt).where(*this))
    db.session.commit()
    return base64.b64decode(kept) if times == 1 else None


def as_json(options: str) -> Response:
    return Response(options, mimetype="application/json", headers={"Cache-Control": "no-store"})


@passkeys.post("/sign-in/passkey/options")
@open_to(Audience.EVERYONE)
def sign_in_options() -> Response:
    return as_json(ceremonies().to_sign_in(own_site(), new_challenge("passkey-sign-in")))


@passkeys.post("/sign-in/passkey")
@open_to(Audience.EVERYONE)
def sign_in() -> Response:
    site, form = own_site(), PasskeySignInForm.from_request()
    try:
        network = network_of(request.remote_addr or "")
        refuse_floods("passkey", (network, ANSWERS_PER_NETWORK), within=WINDOW)
    except TooSoon as wait:
        raise wait.refusal() from wait
    challenge = taken_challenge("passkey-sign-in")
    person = owner_of(site, form.credential.data, challenge) if form.was_sent() and challenge else None
    if person is None:
        note_failure(None)
        db.session.commit()
        again = SignInForm()
        again.password.errors = [_("That passkey was not taken. Please try again, or use your password.")]
        return show_sign_in(again, 422)
    return let_in(person, _("passkey"), request.args.get("next"))


def owner_of(site: PasskeySite, answer: str, challenge: bytes) -> Person | None:
    """Whose key gave this answer, if it is right. The key has been used then; not yet committed."""
    library = ceremonies()
    try:
        credential_id, handle = library.named_key(answer)
        key = db.session.scalar(select(Passkey).filter_by(credential_id=credential_id))
        person = db.session.get(Person, key.person_id) if key else None
        if key is None or person is None or person.ended_at:
            return None
        if handle and handle != library.handle_of(person.id):
            return None
        count = library.count_of(site, answer, challenge, key)
    except library.Refused:
        return None
    # Only from the count that was checked: of two copies of a key that sign at once, one is refused.
    used = update(Passkey).where(Passkey.id == key.id, Passkey.sign_count == key.sign_count)
    done = db.session.execute(used.values(sign_count=count, used_at=now()))
    return person if done.rowcount else None  # type: ignore[attr-defined]


def registering(person: Person) -> str:
    """The purpose of a challenge that was given after this person's password."""
    return f"passkey-registration-{person.id}"


@passkeys.post("/desk/account/passkeys/options")
@open_to(Audience.SIGNED_IN)
def registration_options() -> Response:
    """What the device is to be asked, once the password was given: a key refused later would stay on it."""
    site, person, form = own_site(), signed_in(), own_account.PasskeyForm.from_request()
    if not form.was_sent_by(person):
        abort(422, form.first_error)
    held = own_account.keys_of(person)
    if len(held) >= MOST_KEYS:
        abort(422, _("Twenty passkeys are the most. Please remove one first."))
    return as_json(ceremonies().to_register(site, person, held, new_challenge(registering(person))))


@passkeys.post("/desk/account/passkeys")
@open_to(Audience.SIGNED_IN)
def add() -> Response | tuple[str, int]:
    """Keep the key that a device made for a challenge; the challenge was given for the password."""
    site, person = own_site(), signed_in()
    form = own_account.PasskeyForm.from_request().without_password()
    challenge = taken_challenge(registering(person))
    if not (form.was_sent() and challenge and keep_key(site, person, form, challenge)):
        again = own_account.PasskeyForm.from_request()
        again.name.errors = [form.first_error or _("This passkey was not taken. Please try again.")]
        return own_account.page(passkey=again), 422
    flash(_("Passkey added. From now on you can sign in with it."))
    return redirect(url_for("own_account.show"))


def keep_key(site: PasskeySite, person: Person, form: own_account.PasskeyForm, challenge: bytes) -> bool:
    """Whether the answer is right and the key is new. Commits."""
    try:
        found = ceremonies().registered(site, form.credential.data or "", challenge)
        key = Passkey(
            person_id=person.id,
            credential_id=found.credential_id,
            public_key=found.public_key,
            sign_count=found.sign_count,
            name=form.name.data.strip(),
        )
        db.session.add(key)
        note(person, Event.PASSKEY_ADDED, detail=key.name)
        db.session.commit()
    except (ceremonies().Refused, IntegrityError):
        db.session.rollback()
        return False
    return True


@passkeys.post("/desk/account/passkeys/<int:key_id>/removal")
@open_to(Audience.SIGNED_IN)
def remove(key_id: int) -> Response:
    person = signed_in()
    key = db.session.scalar(select(Passkey).filter_by(id=key_id, person_id=person.id))
    if key is None:
        abort(404)
    if ActionForm.from_request().was_sent():
        db.session.execute(delete(Passkey).where(Passkey.id == key.id))
        note(person, Event.PASSKEY_REMOVED, detail=key.name)
        db.session.commit()
        flash(_("Passkey removed."))
    return redirect(url_for("own_account.show"))
