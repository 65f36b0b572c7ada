"""Addresses of the built scripts, styles and fonts, by the manifest that the front-end build writes."""

import json
from functools import cache
from pathlib import Path

from flask import Flask, url_for

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
    return url_for("static", filename=f"dist/{built[name]}")


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
