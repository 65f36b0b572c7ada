"""What may stand in an address: anything that no database could hold is at no address (404)."""

from flask import Flask
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


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": Number, "default": Word, "string": Word}
