"""The built scripts, styles and fonts: their addresses by the build's manifest, and their bytes."""

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

from blog.web.access import Audience, open_to
from blog.web.cache import encoding_of
from blog.web.locale import HEADER_READ

assets = Blueprint("assets", __name__)

KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
SUFFIXES = {"br": ".br", "gzip": ".gz"}
A_YEAR = 365 * 24 * 3600
DIST = Path(__file__).resolve().parent.parent / "static" / "dist"


@cache
def manifest(_modified: float) -> dict[str, str]:
    return json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """The address of a built file, e.g. `reader.js`. Raises `LookupError` when it was never built."""
    path = DIST / "manifest.json"
    if not path.exists():
        raise LookupError("The front end is not built. Run `make setup`.")
    built = manifest(path.stat().st_mtime)
    if name not in built:
        raise LookupError(f"The front-end build has no {name}. Run `make setup`.")
    return url_for("assets.built_file", name=built[name])


@assets.get("/static/dist/<name>")
@open_to(Audience.EVERYONE)
def built_file(name: str) -> Response:
    """A built file, as the build compressed it. Its name tells its contents, so it may be kept for ever."""
    encoding = encoding_of(request.headers.get("Accept-Encoding", "")[:HEADER_READ])
    packed = name + SUFFIXES.get(encoding, "")
    if encoding not in SUFFIXES or not (DIST / packed).is_file():
        packed, encoding = name, "identity"
    kind = KINDS.get(Path(name).suffix, "application/octet-stream")
    response = send_from_directory(DIST, packed, mimetype=kind, max_age=A_YEAR)
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(assets)
    app.jinja_env.globals["asset"] = asset
