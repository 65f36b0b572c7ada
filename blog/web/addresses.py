"""What may stand in an address: anything that no database could hold is at no address (404)."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

LARGEST_ID = 2**31 - 1  # PostgreSQL's integer


class Number(IntegerConverter):
    """The number of a row."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


class Word(UnicodeConverter):
    """A slug or a name: no NUL, which PostgreSQL's texts cannot hold."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map)
        self.regex = r"[^/\x00]+"


def public_address(endpoint: str, **values: Any) -> str:
    """The whole address of a view as readers of a letter need it: whatever host this request named."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    adapter = current_app.url_map.bind(public.netloc, public.path.rstrip("/") + "/", url_scheme=public.scheme)
    return adapter.build(endpoint, values, force_external=True)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["public_address"] = public_address
    app.url_map.converters |= {"int": Number, "default": Word, "string": Word}
