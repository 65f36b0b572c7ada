"""Where a sign-in leads: whatever a link says, to a path of this site."""

from urllib.parse import urljoin, urlsplit

from flask import Flask, redirect
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from blog.accounts.entrance import next_page

HERE = "https://walks.example"
PIECES = st.sampled_from(
    [
        *["/", "//", "\\", "/\\", "\t", "\n", "\r", "\0", " ", "\u00a0"],
        *["\u2028", "\u3000", "\ufeff", "\u202e"],
        *["https:", "http:", "javascript:", "data:", "//", "@", ":", "?", "#", ";", ".", "..", "/./", "/../"],
        *["。", "．", "｡", "／", "＼", "∕", "⁄", "%2f", "%5c", "%09", "%0d%0a", "%00", "%E3%80%82"],
        *["elsewhere.example", "evil", "desk", "[::1]", "127.0.0.1", "xn--", "\x7f", "\x85", "\ud7ff"],
    ]
)  # fmt: skip


def as_browsers_read(address: str) -> str:
    """What the URL Standard does before it parses: controls and spaces around go, tabs and line ends too."""
    trimmed = address.strip("".join(map(chr, range(0x21))))
    return "".join(c for c in trimmed if c not in "\t\n\r").replace("\\", "/")


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=30)))
@example("/desk/posts/new?trip=3#here")
@example("/.//elsewhere.example")
def test_no_address_leads_off_the_site(app: Flask, address: str):
    with app.test_request_context():
        found = next_page(address)
        location = redirect(found).get_wsgi_headers({"wsgi.url_scheme": "https"})["Location"]
    for form in (found, location):
        parsed = urlsplit(urljoin(f"{HERE}/sign-in", as_browsers_read(form)))
        assert (parsed.scheme, parsed.netloc) == ("https", "walks.example"), (address, form)
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location


def test_a_path_of_this_site_is_kept(app: Flask):
    with app.test_request_context():
        for path in ("/", "/desk/posts/new?trip=3", "/posts/a#comment-3", "/trips/?a=//b"):
            assert next_page(path) == path
        assert next_page("/" + "a" * 2000) == "/desk/"
        assert next_page(None) == "/desk/"
