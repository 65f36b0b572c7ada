"""What every test shares: one database schema, an application on real SQLite, people with names."""

import contextvars
import io
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from PIL import Image
from werkzeug.test import TestResponse

from blog import create_app
from blog.accounts import passwords
from blog.accounts.models import Person, Role, create_person, find_person
from blog.db import bring_up_to_date, db
from tests.servers import ROADBOOK, Browser, free_port, until, value

settings.register_profile("roadbook")  # how fast a machine is just now is not tested
settings.load_profile("roadbook")

PASSWORD = "a long enough password"
CI = bool(os.environ.get("CI"))

# People sign in hundreds of times here: argon2id all the same, with the least memory.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1)
passwords.NOBODY = passwords.hasher.hash("nobody")


def unavailable(what: str) -> None:
    """Skip what this machine cannot run; on CI a missing service is a failure."""
    if CI:
        pytest.fail(f"{what} is missing, and CI must have it.")
    pytest.skip(f"{what} is not here.")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real photos and tracks, where someone keeps them beside the project."""
    folder = Path(os.environ.get("ROADBOOK_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("The folder of real data is not beside this checkout.")
    return folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once; each test copies it."""
    folder = tmp_path_factory.mktemp("schema")
    app = make_app(folder)
    with app.app_context():
        bring_up_to_date()
        db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
    return folder / "roadbook.sqlite"


class Compiled(BytecodeCache):
    """Templates are compiled once for all applications of a run."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


compiled = Compiled()


def make_app(folder: Path, **overrides: object) -> Flask:
    """An application whose files all lie in `folder`; jobs run at once."""
    values: dict[str, object] = {
        "INSTANCE": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'roadbook.sqlite'}",
        "STORAGE_URL": str(folder / "uploads"),
        "SECRET_KEY": "a key for tests",
        "PUBLIC_URL": "http://localhost",
        "JOBS_AT_ONCE": True,
        "TESTING": True,
    }
    app = create_app(**(values | overrides))
    app.jinja_env.bytecode_cache = compiled
    return app


class Client(FlaskClient):
    """Requests that share nothing with the test but the database, as in a server."""

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
        answer = contextvars.Context().run(super().run_wsgi_app, environ, True)  # closed in the end
        environ["wsgi.input"].close()  # a large body lies in a temporary file
        db.session.rollback()  # the test reads anew what the request changed
        return answer


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    app = make_app(tmp_path)
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@dataclass
class Visitor:
    """Somebody with a browser without scripts: follows links, fills in forms, keeps cookies."""

    client: FlaskClient

    def get(self, address: str, status: int = 200, **more: object) -> str:
        response = self.client.get(address, **more)
        assert response.status_code == status, (address, response.status_code, response.text[:400])
        return response.text

    def token(self, page: str) -> str:
        """The CSRF token of the first form on a page."""
        return value(self.get(page), "csrf_token")

    def send(self, address: str, page: str, follow: bool = True, **fields: object) -> TestResponse:
        """Post a form that stands on `page`."""
        fields["csrf_token"] = self.token(page)
        return self.client.post(
            address, data=fields, follow_redirects=follow, content_type="multipart/form-data"
        )

    def sign_in(self, person: Person) -> "Visitor":
        moved_to(self.send("/sign-in", "/sign-in", follow=False, email=person.email, password=PASSWORD))
        return self

    def make_trip(self, title: str = "Round the bay") -> str:
        """A new trip: the address of its desk."""
        response = self.send("/desk/trips/new", "/desk/trips/new", follow=False, title=title)
        return moved_to(response)

    def write(self, text: str, title: str = "By the sea", trip: str = "/0", **more: object) -> str:
        """A new draft: the address of its desk."""
        fields = {"title": title, "trip_id": trip.rsplit("/", 1)[1]}
        desk = moved_to(self.send("/desk/posts/new", "/desk/posts/new", follow=False, **fields))
        fields |= {"day_number": "0", "text": text}
        moved_to(self.send(desk, "/desk/trips/new", follow=False, **(fields | more)))
        return desk

    def publish(self, desk: str) -> str:
        """Publish a draft: the address that readers know."""
        return moved_to(self.send(f"{desk}/publication", "/desk/trips/new", follow=False))

    def reply(
        self, post: str, text: str, headers: dict[str, str] | None = None, **fields: str
    ) -> TestResponse:
        """Send the form under a post, as a person named Sofia unless `fields` say otherwise."""
        page = self.get(post)
        typed = {"text": text, "name": "Sofia", "email": "sofia@example.org", "stamp": value(page, "stamp")}
        if "csrf_token" in page:
            typed["csrf_token"] = value(page, "csrf_token")
        return self.client.post(f"{post}/comments", data=typed | fields, headers=headers)

    def upload(self, trip: str, *files: tuple[str, bytes]) -> TestResponse:
        """Upload through the plain form of a trip's desk."""
        streams = [(io.BytesIO(content), name) for name, content in files]
        return self.send(f"{trip}/files", "/desk/trips/new", files=streams)


def moved_to(response: TestResponse) -> str:
    """Where an answer leads that says all went well."""
    assert response.status_code in (302, 303), (response.status_code, response.text[:2000])
    return response.location


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """A reader without an account."""
    return Visitor(app.test_client())


@pytest.fixture
def person(app: Flask) -> Callable[..., Person]:
    """Makes people: `person("Mina", Role.OWNER)`."""

    def make(name: str, role: Role = Role.AUTHOR) -> Person:
        email = f"{name.lower()}@example.org"
        found = find_person(email) or create_person(name, email, PASSWORD, role)
        db.session.commit()
        return found

    return make


@pytest.fixture
def author(app: Flask, person: Callable[..., Person]) -> Visitor:
    """Jonas, an author, signed in."""
    return Visitor(app.test_client()).sign_in(person("Jonas", Role.AUTHOR))


@pytest.fixture
def moderator(app: Flask, person: Callable[..., Person]) -> Visitor:
    """Petra, a moderator, signed in."""
    return Visitor(app.test_client()).sign_in(person("Petra", Role.MODERATOR))


def jpeg(color: str = "teal", size: tuple[int, int] = (640, 420), exif: Image.Exif | None = None) -> bytes:
    """A small real JPEG; different colours make different files."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG", quality=80, **({"exif": exif} if exif else {}))
    return out.getvalue()


def exif(
    taken: str | None = None, lat: float | None = None, lon: float | None = None, camera: str = "Kestrel K-2"
) -> Image.Exif:
    """EXIF as a camera writes it; `taken` as `2026:05:14 10:30:00`."""
    data = Image.Exif()
    data[0x010F], data[0x0110] = camera.split(" ", 1)
    if taken:
        data.get_ifd(0x8769)[0x9003] = taken
    if lat is not None and lon is not None:
        gps = data.get_ifd(0x8825)
        gps[1], gps[2] = ("N" if lat >= 0 else "S"), degrees(abs(lat))
        gps[3], gps[4] = ("E" if lon >= 0 else "W"), degrees(abs(lon))
    return data


def degrees(value: float) -> tuple[float, float, float]:
    minutes = (value % 1) * 60
    return (float(int(value)), float(int(minutes)), round((minutes % 1) * 60, 4))


def gpx(*segments: list[tuple[float, float, str | None]], name: str = "A way") -> bytes:
    """A GPX file of segments of (lat, lon, time)."""
    body = "".join(
        "<trkseg>"
        + "".join(
            f'<trkpt lat="{lat}" lon="{lon}"><ele>120</ele>{f"<time>{time}</time>" if time else ""}</trkpt>'
            for lat, lon, time in segment
        )
        + "</trkseg>"
        for segment in segments
    )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><name>{name}</name>{body}</trk></gpx>"
    ).encode()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of an installation of its own."""
    own = {
        "ROADBOOK_INSTANCE": str(tmp_path),
        "ROADBOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'roadbook.sqlite'}",
        "ROADBOOK_STORAGE_URL": str(tmp_path / "uploads"),
        "ROADBOOK_NEW_PASSWORD": PASSWORD,
    }
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ROADBOOK_")}
    return kept | own


@pytest.fixture
def mina(tmp_path: Path, migrated: Path) -> str:
    """Mina has an account on the machine."""
    shutil.copy(migrated, tmp_path / "roadbook.sqlite")
    with make_app(tmp_path).app_context():
        create_person("Mina", "mina@example.org", PASSWORD, Role.AUTHOR)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return "mina@example.org"


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], Browser]]]:
    """Starts `roadbook serve`, perhaps behind a `before` that limits it; ends it whatever happened."""
    started: list[subprocess.Popen[bytes]] = []

    def start(port: int | None = None, before: Sequence[str] = ()) -> tuple[subprocess.Popen[bytes], Browser]:
        port = port or free_port()
        command = [*before, *ROADBOOK, "serve", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(command, env=environment, start_new_session=True)
        started.append(server)
        browser = Browser(f"http://127.0.0.1:{port}")
        until(browser.is_up)
        return server, browser

    yield start
    for server in started:
        kill_all(server)


def kill_all(server: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a server and all that it started."""
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    server.wait()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    if Path(mac).exists():
        return mac
    unavailable("Chromium")
    raise AssertionError
