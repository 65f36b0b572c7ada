"""Error pages in plain words, as HTML for people and as JSON for scripts."""

import logging

from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Conflict, HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

log = logging.getLogger(__name__)


def words(code: int) -> tuple[str, str]:
    """The heading and the sentence for a status."""
    known = {
        403: (_("Not for this account"), _("You are signed in, but this page belongs to someone else.")),
        404: (_("Off the map"), _("There is nothing at this address. It may have moved, or never been.")),
        405: (_("That does not work here"), _("This address takes another kind of request.")),
        409: (
            _("Somebody was faster"),
            _("Somebody else changed this at the same moment. Please go back, reload, and look again."),
        ),
        413: (_("Too large"), _("This is more than Roadbook takes at once. Try fewer or smaller files.")),
        429: (_("One moment, please"), _("That was a little too often. Wait a while and try again.")),
        500: (_("Something broke"), _("The fault is ours. What you saved before is safe. Please try again.")),
    }
    return known.get(code, (_("That did not work"), _("Please go back and try again.")))


def wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def show(error: HTTPException) -> AnyResponse:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    title, sentence = words(code)
    # A view may abort with words of its own; werkzeug's stock sentences are not for readers.
    if isinstance(error.description, str) and error.description != type(error).description:
        sentence = error.description
    if wants_json():
        response = jsonify(error=sentence)
    else:
        response = Response(render_template("error.html", code=code, title=title, sentence=sentence))
    response.status_code = code
    retry_after = getattr(error, "retry_after", None)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def break_down(error: Exception) -> AnyResponse:
    log.error("A request failed", exc_info=error)
    g.person = None  # who is signed in may be what could not be read: the page does without
    return show(InternalServerError())


def tell_of_another(_error: StaleDataError) -> AnyResponse:
    """What was to be changed has another version by now: nothing was overwritten."""
    g.person = None  # as above: who is signed in cannot be read in what is left of the transaction
    return show(Conflict())


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(StaleDataError, tell_of_another)
    if not app.config.get("TESTING_ERRORS"):
        app.register_error_handler(Exception, break_down)
