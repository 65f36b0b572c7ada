"""Every answer carries its protection, and no other site can act here."""

import re

import pytest
from sqlalchemy import func, select

from blog.db import db
from blog.trips.models import Trip
from tests.conftest import Visitor, jpeg, make_app


@pytest.fixture
def told(author: Visitor) -> str:
    """A published post with a photo: its address."""
    trip = author.make_trip()
    author.upload(trip, ("a.jpg", jpeg(size=(60, 40))))
    return author.publish(author.write("Along the bay.\n\n![The bay](photo:1)", trip=trip))


def everything(told: str) -> list[str]:
    """Addresses of every kind of answer."""
    pages = f"""/ /trips/ /trips/round-the-bay {told} {told}/map.json {told}/comments.xml
        {told}?reply=1 /photos/1 /feed.xml /feed.json /comments.xml /sitemap.xml /robots.txt
        /sign-in /nowhere /healthz /comments/9"""
    return pages.split()


def test_every_page_has_a_strict_policy(told, visitor, author):
    for reader, pages in (
        (visitor, everything(told)),
        (author, [*everything(told), "/desk/", "/desk/moderation"]),
    ):
        for page in pages:
            headers = reader.client.get(page).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, page
            assert "unsafe" not in policy
            assert "base-uri 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_files_are_not_sniffed(told, visitor):
    page = visitor.get(told)
    media = re.search(r"/media/[\w/]+\.jpg", page)
    assert media
    for address in (media[0], "/static/icon.svg", *re.findall(r'"(/static/dist/[^"]+)"', page)):
        answer = visitor.client.get(address, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in visitor.client.get(media[0], buffered=True).headers["Cache-Control"]


def test_each_rendering_has_a_nonce_of_its_own_and_every_script_carries_it(app, told, author):
    nonces = set()
    for _ in range(2):
        answer = author.client.get(told)
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"]))
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", answer.text):
            assert f'nonce="{nonce}"' in tag
        nonces.add(nonce)
    assert len(nonces) == 2


def test_a_kept_page_and_its_policy_name_the_same_nonce(told, visitor):
    visitor.get(told)
    kept = visitor.client.get(told)
    (nonce,) = re.findall(r"script-src 'nonce-([\w-]+)'", kept.headers["Content-Security-Policy"])
    assert f'nonce="{nonce}"' in kept.text


def test_pages_hold_no_inline_code(told, visitor, author):
    for reader, pages in (
        (visitor, everything(told)),
        (author, ["/desk/", "/desk/trips/1", "/desk/posts/1", "/desk/trips/1/photos/1"]),
    ):
        for page in pages:
            text = reader.client.get(page).text
            assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)\s*=", text), page


def test_nothing_is_loaded_from_elsewhere(told, visitor):
    for page in everything(told):
        loaded = re.findall(
            r'<(?:script|img|link rel="stylesheet"|source|iframe)[^>]+(?:src|href|srcset)="([^"]+)"',
            visitor.client.get(page).text,
        )
        assert all(address.startswith("/") and not address.startswith("//") for address in loaded), page


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
    ],
)
def test_other_sites_cannot_act_here(author, headers):
    author.get("/")
    token = author.token("/desk/trips/new")
    sent = author.client.post(
        "/desk/trips/new", data={"title": "Planted", "csrf_token": token}, headers=headers
    )
    assert sent.status_code == 403
    assert trips() == 0


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}])
def test_the_own_site_can(author, headers):
    token = author.token("/desk/trips/new")
    data = {"title": "Mine", "csrf_token": token}
    assert author.client.post("/desk/trips/new", data=data, headers=headers).status_code == 302
    assert trips() == 1


@pytest.mark.parametrize("token", [None, "", "nonsense", "20990101000000##" + "0" * 40])
def test_a_form_without_its_token_changes_nothing(author, token):
    trip = author.make_trip("Before")
    author.upload(trip, ("a.jpg", jpeg(size=(60, 40))))
    post = author.publish(author.write("Some words."))
    forged = {} if token is None else {"csrf_token": token}
    for address, data, status in [
        ("/desk/trips/new", {"title": "Planted"}, 422),
        (trip, {"title": "Planted"}, 422),
        (f"{trip}/photos/1", {"caption": "Planted"}, 422),
        (f"{trip}/photos/1/place", {"lat": "1", "lon": "1"}, 302),
        (f"{trip}/photos/1/removal", {}, 302),
        (f"{trip}/files", {}, 422),
        ("/desk/posts/new", {"title": "Planted"}, 422),
        ("/desk/posts/1", {"title": "Planted", "text": "Planted"}, 422),
        ("/desk/posts/1/withdrawal", {}, 302),
        ("/sign-out", {}, 302),
        (f"{post}/comments", {"text": "Planted"}, 422),
    ]:  # fmt: skip
        answer = author.client.post(address, data=data | forged)
        assert answer.status_code == status, address
    assert db.session.scalars(select(Trip.title)).all() == ["Before"]
    page = author.get(post)
    assert "Planted" not in page
    assert "tile-1" in author.get(trip)
    assert "Planted" not in author.get(f"{trip}/photos/1")


def trips() -> int:
    return db.session.scalar(select(func.count()).select_from(Trip)) or 0


def test_a_site_on_https_stays_there(app, visitor, tmp_path):
    secure = make_app(tmp_path, PUBLIC_URL="https://blog.example").test_client().get("/sign-in")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "; Secure" in secure.headers["Set-Cookie"]
    plain = visitor.client.get("/sign-in")
    assert "Strict-Transport-Security" not in plain.headers
    assert "; Secure" not in plain.headers["Set-Cookie"]
