"""Who is signed in, and the guard at every route's door."""

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blog.accounts.models import Person
from blog.accounts.sessions import find_session, note_seen
from blog.web.access import Audience
from blog.web.errors import wants_json
from blog.web.forms import ActionForm


def current_person() -> Person | None:
    """Who is signed in, read once per request. Does not touch the session of a reader without one."""
    if "person" not in g:
        has_session = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        g.held = find_session(session.get("token", "")) if has_session and session.get("token") else None
        g.person = g.held.person if g.held else None
    return g.person


def signed_in() -> Person:
    """Who is signed in, in views whose audience makes sure of it."""
    person = current_person()
    if person is None:
        abort(403)
    return person


def guard() -> Response | None:
    """Let in only whom the route's own declaration names."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    audience = getattr(current_app.view_functions[request.endpoint], "audience", None)
    if audience is Audience.EVERYONE:
        return None
    person = current_person()
    if audience is None or (person and not person.may_enter(audience)):
        abort(403)
    if person is None and wants_json():
        abort(401, _("You are signed out. Please sign in again, in another window if you like."))
    if person is None:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    note_seen(g.held)
    return None


def init_app(app: Flask) -> None:
    app.before_request(guard)
    app.context_processor(lambda: {"current_person": current_person, "action_form": ActionForm})
