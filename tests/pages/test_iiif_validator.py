"""The IIIF's own validator, all of its tests up to level 2, on a running server."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.serving import make_server

from blog.db import db
from tests.conftest import Visitor, unavailable
from tests.pages.test_iiif import publish
from tests.photos.samples import saved

try:
    from iiif_validator import validator
except ImportError:  # it asks for a library of the system
    validator = None


@pytest.fixture
def validated(app: Flask, author: Visitor) -> Iterator[Any]:
    """The validator's own picture, a board of ten by ten colours, on a running server."""
    if validator is None:
        unavailable("libmagic")
    board = Image.new("RGB", (10, 10))
    for x, column in enumerate(validator.ValidationInfo().colorInfo):
        for y, colour in enumerate(column):
            board.putpixel((x, y), colour)
    large = board.resize((1000, 1000), Image.Resampling.NEAREST)
    service = publish(author, saved(large, "PNG").getvalue())
    db.session.rollback()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["PUBLIC_URL"] = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    prefix, _slash, identifier = service.strip("/").rpartition("/")
    yield validator.ImageAPI(identifier, f"127.0.0.1:{server.port}", prefix, version="3.0", debug=False)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_validator_of_the_iiif_is_content_with_level_2(validated):
    known = validator.TestSuite(validator.ValidationInfo()).list_tests("3.0")
    wanted = sorted(name for name, facts in known.items() if facts["level"] <= 2)
    assert len(wanted) >= 28
    for name in wanted:
        validated.exception, validated.urls = None, []
        validator.TestSuite(validator.ValidationInfo()).run_test(name, validated)
        assert validated.exception is None, (name, str(validated.exception), validated.urls)
