"""Uploads by tus 1.0 through HTTP: what the protocol asks for, and what keeps a file safe on its way."""

import base64
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.accounts.models import Role
from blog.db import db, now
from blog.photos.models import Photo
from blog.photos.uploads import Upload, UploadState, WrongOffset, folder
from blog.trips import arrivals
from blog.trips.models import TripPhoto
from tests.conftest import Visitor, exif, gpx, jpeg

CHUNK = "application/offset+octet-stream"
PHOTO = jpeg("navy", exif=exif("2026:05:14 10:30:00", 45.6, 13.7))
WAY = gpx([(45.6 + n / 1000, 13.7, f"2026-05-14T08:{n:02}:00Z") for n in range(30)])


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


class Sender:
    """A tus client of Jonas' for one trip."""

    def __init__(self, visitor: Visitor, trip: str) -> None:
        self.visitor, self.trip = visitor, trip
        self.token = visitor.token("/desk/trips/new")

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: object) -> TestResponse:
        names = {name.replace("_", "-"): str(value) for name, value in headers.items() if value is not None}
        sent = {"Tus-Resumable": "1.0.0", "Accept": "application/json"} | names
        return self.visitor.client.open(address, method=method, data=body, headers=sent)

    def announce(self, length: int, name: str = "DSC_1.jpg", **more: object) -> TestResponse:
        number = self.trip.rsplit("/", 1)[1]
        pairs = {"filename": name, "trip": number} | {
            key: more.pop(key) for key in ("sha256", "trip") if key in more
        }
        written = ",".join(f"{key} {encoded(str(value))}" for key, value in pairs.items())
        headers = {"Upload_Length": length, "X_CSRF_Token": self.token, "Upload_Metadata": written}
        return self.ask("POST", "/desk/uploads", more.pop("body", None), **(headers | more))

    def begin(self, content: bytes, name: str = "DSC_1.jpg", **more: object) -> str:
        answer = self.announce(len(content), name, **more)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def go_on(self, address: str, offset: int, chunk: bytes, **more: object) -> TestResponse:
        return self.ask("PATCH", address, chunk, **({"Upload_Offset": offset, "Content_Type": CHUNK} | more))

    def offset(self, address: str) -> int:
        answer = self.ask("HEAD", address)
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        return int(answer.headers["Upload-Offset"])

    def outcome(self, address: str) -> dict:
        return self.ask("GET", address).json

    def recognise(self, *files: tuple[str, bytes]) -> list[dict]:
        asked = [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "head": encoded(content[:4096])}
            for name, content in files
        ]
        trip = int(self.trip.rsplit("/", 1)[1])
        answer = self.visitor.client.post(
            "/desk/uploads/recognition",
            json={"trip": trip, "files": asked},
            headers={"X-CSRF-Token": self.token},
        )
        assert answer.status_code == 200, answer.text
        return answer.json["files"]


@pytest.fixture
def jonas(author: Visitor) -> Sender:
    return Sender(author, author.make_trip())


def photos() -> int:
    return db.session.scalar(select(func.count()).select_from(Photo))


def lying() -> list[Path]:
    """What lies in the folder of files on their way."""
    return sorted(folder().iterdir())


def test_a_photo_comes_in_three_chunks_and_is_told_where_it_was_taken(jonas: Sender):
    address = jonas.begin(PHOTO)
    for begin, end in [(0, 1000), (1000, 1500), (1500, len(PHOTO))]:
        assert jonas.offset(address) == begin
        answer = jonas.go_on(address, begin, PHOTO[begin:end])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(end))
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert ("Upload-Expires" in answer.headers) == (end < len(PHOTO))
    told = jonas.outcome(address)
    assert (told["state"], told["offset"], told["length"]) == ("taken", len(PHOTO), len(PHOTO))
    [result] = told["results"]
    assert (result["file"], result["outcome"]) == ("DSC_1.jpg", "placed")
    assert result["message"] == "Placed by its own GPS, within about 20 m."
    assert f'id="tile-{result["photo_id"]}"' in result["html"]
    assert lying() == []
    assert jonas.outcome(address) == told
    assert jonas.offset(address) == len(PHOTO)


def test_the_original_is_the_file_that_came_and_no_copy(jonas: Sender, app: Flask):
    address = jonas.begin(PHOTO)
    jonas.go_on(address, 0, PHOTO[:-1])
    [growing] = lying()
    number = growing.stat().st_ino
    jonas.go_on(address, len(PHOTO) - 1, PHOTO[-1:])
    [original] = (Path(app.config["STORAGE_URL"]) / "originals").rglob("*.jpg")
    assert (original.stat().st_ino, original.read_bytes()) == (number, PHOTO)


def test_bytes_may_come_with_the_announcement(jonas: Sender):
    address = jonas.begin(PHOTO, body=PHOTO[:700], Content_Type=CHUNK)
    assert jonas.offset(address) == 700
    whole = jonas.begin(WAY, "way.gpx", body=WAY, Content_Type=CHUNK)
    assert jonas.outcome(whole)["results"][0]["outcome"] == "track"


def test_an_empty_file_is_refused_in_words(jonas: Sender):
    assert jonas.outcome(jonas.begin(b""))["results"][0]["message"] == "This file is empty."
    assert lying() == []


def test_a_server_says_what_it_can(jonas: Sender):
    answer = jonas.ask("OPTIONS", "/desk/uploads", Tus_Resumable=None)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    }  # fmt: skip
    assert answer.headers["Tus-Checksum-Algorithm"] == "md5,sha1,sha256"
    assert answer.headers["Tus-Max-Size"] == "500000000"


def test_a_chunk_for_another_byte_conflicts(jonas: Sender):
    address = jonas.begin(PHOTO)
    jonas.go_on(address, 0, PHOTO[:500])
    for wrong in (0, 499, 501):
        answer = jonas.go_on(address, wrong, PHOTO[wrong : wrong + 10])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "500")
    assert jonas.offset(address) == 500


def test_a_chunk_with_a_wrong_checksum_is_thrown_away(jonas: Sender):
    for algorithm in ("sha1", "sha256", "md5"):
        address = jonas.begin(PHOTO)
        right = f"{algorithm} {encoded(hashlib.new(algorithm, PHOTO[:900]).digest())}"
        answer = jonas.go_on(address, 0, b"\0" + PHOTO[1:900], Upload_Checksum=right)
        words = "This chunk did not arrive as it was sent."
        assert (answer.status_code, answer.json["error"]) == (460, words)
        assert jonas.offset(address) == 0
        assert jonas.go_on(address, 0, PHOTO[:900], Upload_Checksum=right).status_code == 204
        assert jonas.offset(address) == 900


def test_a_checksum_that_is_none_is_refused(jonas: Sender):
    address = jonas.begin(PHOTO)
    for header, status in [("crc32 AAAA", 400), ("", 400), ("sha1 &&&", 400), ("sha1 é", 400), ("sha1", 460)]:
        assert jonas.go_on(address, 0, PHOTO[:9], Upload_Checksum=header).status_code == status
    assert jonas.offset(address) == 0


def test_a_file_is_too_large_before_a_byte_of_it_is_sent(jonas: Sender):
    for name, most in [("a.jpg", 200), ("a.gpx", 250), ("a.mov", 500)]:
        answer = jonas.announce(most * 1_000_000 + 1, name)
        assert answer.status_code == 413
        assert f"larger than {most} MB" in answer.json["error"]


def test_more_bytes_than_were_announced_are_not_taken(jonas: Sender):
    address = jonas.begin(PHOTO[:100])
    assert jonas.go_on(address, 0, PHOTO[:101]).status_code == 413
    assert jonas.offset(address) == 0


def test_a_full_disk_is_told_before_anything_is_sent(jonas: Sender, monkeypatch: pytest.MonkeyPatch):
    free = os.statvfs(folder()).f_bavail * os.statvfs(folder()).f_frsize
    monkeypatch.setattr("blog.trips.uploads_desk.ROOM_TO_SPARE", 2 * free)
    answer = jonas.announce(len(PHOTO))
    assert answer.status_code == 507
    assert answer.json["error"] == "There is no room left on the server's disk. What has arrived is safe."
    assert lying() == []


NO_ANNOUNCEMENTS = [
    ({"Tus_Resumable": "0.2.2"}, 412),
    ({"Tus_Resumable": ""}, 412),
    ({"X_CSRF_Token": "guessed"}, 422),
    ({"X_CSRF_Token": None}, 422),
    ({"Upload_Length": "-1"}, 400),
    ({"Upload_Length": "many"}, 400),
    ({"Upload_Length": None, "Upload_Defer_Length": 1}, 400),
    ({"Upload_Metadata": "filename ***"}, 400),
    ({"Upload_Metadata": "filename é"}, 400),
    ({"Upload_Metadata": "filename " + "A" * 5000}, 400),
    ({"Upload_Metadata": f"filename {encoded('a.jpg')}"}, 404),
    ({"trip": "99999"}, 404),
    ({"trip": "1; drop"}, 404),
    ({"Origin": "https://elsewhere.example"}, 403),
    ({"Sec_Fetch_Site": "cross-site"}, 403),
]


def test_an_announcement_that_is_none_makes_nothing(jonas: Sender):
    for headers, status in NO_ANNOUNCEMENTS:
        assert jonas.announce(100, **headers).status_code == status, headers
    assert db.session.scalar(select(func.count()).select_from(Upload)) == 0


def test_a_name_is_only_ever_shown(jonas: Sender):
    address = jonas.begin(PHOTO, "../../etc/<b>passwd\0.jpg")
    jonas.go_on(address, 0, PHOTO)
    [result] = jonas.outcome(address)["results"]
    assert result["file"] == "<b>passwd.jpg"
    assert "<b>" not in result["html"]


def test_chunks_have_their_own_type(jonas: Sender):
    address = jonas.begin(PHOTO)
    assert jonas.go_on(address, 0, PHOTO, Content_Type="image/jpeg").status_code == 415
    assert jonas.go_on(address, 0, PHOTO, Tus_Resumable="").status_code == 412


def test_another_author_learns_nothing_of_an_upload(jonas: Sender, app: Flask, person: Callable[..., object]):
    mina = Sender(Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR)), jonas.trip)
    address = jonas.begin(PHOTO)
    for method in ("HEAD", "GET", "PATCH", "DELETE", "POST"):
        headers = {"Upload_Offset": 0, "Content_Type": CHUNK, "X_HTTP_Method_Override": "DELETE"}
        assert mina.ask(method, address, PHOTO, **headers).status_code == 404
    assert mina.announce(100).status_code == 404  # the trip is not hers
    listed = mina.ask("GET", f"/desk/uploads?token={address.rsplit('/', 1)[1]}")
    assert listed.json == {"uploads": {}}
    assert jonas.offset(address) == 0


def test_who_was_signed_out_is_told_so(jonas: Sender):
    address = jonas.begin(PHOTO)
    jonas.visitor.client.delete_cookie("session")
    answer = jonas.go_on(address, 0, PHOTO)
    assert answer.status_code == 401
    assert "sign in again" in answer.json["error"]


def test_an_upload_is_given_up(jonas: Sender):
    address = jonas.begin(PHOTO)
    jonas.go_on(address, 0, PHOTO[:500])
    assert len(lying()) == 1
    assert jonas.ask("DELETE", address).status_code == 204
    assert lying() == []
    assert jonas.ask("HEAD", address).status_code == 404


def test_old_clients_say_what_they_mean_in_a_header(jonas: Sender):
    address = jonas.begin(PHOTO)
    more = {"Upload_Offset": 0, "Content_Type": CHUNK}
    answer = jonas.ask("POST", address, PHOTO[:10], X_HTTP_Method_Override="PATCH", **more)
    assert (answer.status_code, jonas.offset(address)) == (204, 10)
    assert jonas.ask("POST", address).status_code == 405
    assert jonas.ask("POST", address, X_HTTP_Method_Override="DELETE").status_code == 204


def test_what_nobody_goes_on_with_is_swept_away(jonas: Sender, app: Flask):
    left, fresh, done = (jonas.begin(PHOTO, f"{name}.jpg") for name in ("left", "fresh", "done"))
    jonas.go_on(left, 0, PHOTO[:500])
    jonas.go_on(fresh, 0, PHOTO[:500])
    jonas.go_on(done, 0, PHOTO)
    for name in ("left.jpg", "done.jpg"):
        upload = db.session.scalars(select(Upload).filter_by(file_name=name)).one()
        upload.expires_at = now() - timedelta(seconds=1)
    db.session.commit()
    assert jonas.ask("HEAD", left).status_code == 410
    stray, new = folder() / "stray", folder() / "new"
    stray.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(stray, (0, 0))
    app.extensions["jobs"].sweep_now()
    assert [jonas.ask("HEAD", address).status_code for address in (left, fresh, done)] == [404, 200, 404]
    assert sorted(path.name for path in lying()) == sorted(["new", fresh.rsplit("/", 1)[1]])
    assert photos() == 1


def test_a_chunk_makes_an_upload_stay_longer(jonas: Sender):
    address = jonas.begin(PHOTO)
    upload = db.session.scalars(select(Upload)).one()
    upload.expires_at = soon = now() + timedelta(hours=1)
    db.session.commit()
    jonas.go_on(address, 0, PHOTO[:10])
    assert db.session.scalars(select(Upload)).one().expires_at > soon + timedelta(days=6)


def test_what_was_not_sent_whole_is_not_taken_for_whole(jonas: Sender):
    """The hash that was announced is that of the file that came."""
    address = jonas.begin(PHOTO, sha256=hashlib.sha256(b"another").hexdigest())
    jonas.go_on(address, 0, PHOTO)
    [result] = jonas.outcome(address)["results"]
    assert (result["outcome"], photos()) == ("refused", 0)
    assert result["message"] == "It did not arrive as it was sent. Please choose it again."


def test_a_killed_server_had_all_bytes_but_not_written_it_down(jonas: Sender, app: Flask):
    for look in (jonas.offset, lambda _: app.extensions["jobs"].sweep_now()):
        content = jpeg("olive" if photos() else "teal")
        address = jonas.begin(content)
        (folder() / address.rsplit("/", 1)[1]).write_bytes(content)
        look(address)
        assert jonas.outcome(address)["state"] == "taken"
    assert photos() == 2


@pytest.mark.parametrize("line", ["receive", "solve", "settle"])
def test_a_worker_that_dies_on_the_way_is_followed_by_another(
    jonas: Sender, app: Flask, monkeypatch: pytest.MonkeyPatch, line: str
):
    class Killed(BaseException):
        """No `except Exception` sees it, as none sees SIGKILL."""

    def die(*_arguments: object) -> None:
        raise Killed

    address, track = jonas.begin(PHOTO), jonas.begin(WAY, "way.gpx")
    with monkeypatch.context() as patch:
        patch.setattr(arrivals.jobs, "wake_first", lambda *_: None)
        jonas.go_on(address, 0, PHOTO)
        jonas.go_on(track, 0, WAY)
        patch.setattr(arrivals, line, die)
        with pytest.raises(Killed):
            arrivals.take_in_uploads(int(jonas.trip.rsplit("/", 1)[1]))
        db.session.rollback()
    assert jonas.outcome(address)["state"] == "received"
    assert len(lying()) == 2
    app.extensions["jobs"].sweep_now()
    assert [jonas.outcome(one)["results"][0]["outcome"] for one in (address, track)] == ["placed", "track"]
    assert (photos(), lying()) == (1, [])


def test_a_file_that_kills_its_workers_is_given_up_and_keeps_no_other_waiting(
    jonas: Sender, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    kept = arrivals.receive

    def fail(trip, name, file, by):
        if name == "bad.jpg":
            raise RuntimeError("a decoder broke")
        return kept(trip, name, file, by)

    monkeypatch.setattr(arrivals, "receive", fail)
    bad, good = jonas.begin(PHOTO, "bad.jpg"), jonas.begin(WAY, "way.gpx")
    jonas.go_on(bad, 0, PHOTO)
    jonas.go_on(good, 0, WAY)
    assert [jonas.outcome(one)["state"] for one in (bad, good)] == ["received", "taken"]
    for _ in range(3):
        app.extensions["jobs"].sweep_now()
    [result] = jonas.outcome(bad)["results"]
    assert (result["outcome"], "tried three times" in result["message"]) == ("refused", True)
    assert [path.read_bytes() for path in lying()] == [PHOTO]  # it is no fault of the file


def test_two_workers_at_once_take_a_file_in_once(jonas: Sender, monkeypatch: pytest.MonkeyPatch):
    address = jonas.begin(PHOTO)
    with monkeypatch.context() as patch:
        patch.setattr(arrivals.jobs, "wake_first", lambda *_: None)
        jonas.go_on(address, 0, PHOTO)
    trip = int(jonas.trip.rsplit("/", 1)[1])
    with arrivals.claimed(trip) as first, arrivals.claimed(trip) as second:
        assert (len(first), len(second)) == (1, 0)
    arrivals.take_in_uploads(trip)
    arrivals.take_in_uploads(trip)
    assert (photos(), jonas.outcome(address)["state"]) == (1, "taken")


def test_many_arrivals_are_placed_in_one_go(jonas: Sender, monkeypatch: pytest.MonkeyPatch):
    solved: list[int] = []
    solve = arrivals.solve
    monkeypatch.setattr(arrivals, "solve", lambda trip: (solved.append(trip.id), solve(trip)))
    with monkeypatch.context() as patch:
        patch.setattr(arrivals.jobs, "wake_first", lambda *_: None)
        for number in range(12):
            content = jpeg((number * 20, 90, 90), exif=exif(f"2026:05:14 10:{number:02}:00"))
            jonas.go_on(jonas.begin(content, f"{number}.jpg"), 0, content)
        jonas.go_on(jonas.begin(WAY, "way.gpx"), 0, WAY)
    arrivals.wake_arrivals()
    assert len(solved) == 1
    states = set(db.session.scalars(select(Upload.state)))
    assert (states, photos()) == ({UploadState.TAKEN}, 12)


def test_a_file_that_is_there_is_recognised_and_put_on_the_trip(jonas: Sender):
    jonas.go_on(jonas.begin(PHOTO), 0, PHOTO)
    jonas.go_on(jonas.begin(WAY, "way.gpx"), 0, WAY)
    other = Sender(jonas.visitor, jonas.visitor.make_trip("Another journey"))
    new = jpeg("red")
    here, track, unknown = other.recognise(("again.jpg", PHOTO), ("way.gpx", WAY), ("new.jpg", new))
    assert here["results"][0]["outcome"] == "placed"
    assert (track, unknown) == ({}, {})  # a track belongs to its trip
    assert db.session.scalar(select(func.count()).select_from(TripPhoto)) == 2
    [again] = jonas.recognise(("way.gpx", WAY))
    assert again["results"][0]["message"] == "This track is already part of the trip."


def test_an_unfinished_upload_is_found_by_the_bytes_of_its_file(jonas: Sender):
    address = jonas.begin(PHOTO, sha256=hashlib.sha256(PHOTO).hexdigest())
    jonas.go_on(address, 0, PHOTO[:500])
    assert jonas.recognise(("renamed.jpg", PHOTO)) == [{"upload": address}]
    elsewhere = Sender(jonas.visitor, jonas.visitor.make_trip("Another journey"))
    assert elsewhere.recognise(("renamed.jpg", PHOTO)) == [{}]


def test_a_hash_opens_no_other_authors_photo(jonas: Sender, app: Flask, person: Callable[..., object]):
    jonas.go_on(jonas.begin(PHOTO), 0, PHOTO)
    visitor = Visitor(app.test_client()).sign_in(person("Mina", Role.AUTHOR))
    mina = Sender(visitor, visitor.make_trip("My own journey"))
    assert mina.recognise(("guess.jpg", PHOTO)) == [{}]


def test_what_would_be_refused_is_said_before_it_is_sent(jonas: Sender):
    raw = b"FUJIFILMCCD-RAW 0201" + bytes(4076)
    nmea = b"no headline\r\n" * 40 + b"$GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*62\r\n"
    answers = jonas.recognise(("a.raf", raw), ("note.txt", b"Dear diary"), ("log.txt", nmea), ("b", b""))
    assert answers[0]["results"][0]["outcome"] == "refused"
    assert "a raw photo (RAF)" in answers[0]["results"][0]["message"]
    assert answers[1:] == [{}, {}, {}]  # texts may be tracks, and an empty file says so itself


NO_QUESTIONS = [
    *(None, [], {}, {"trip": "1", "files": []}, {"trip": 1, "files": [{}] * 51}),
    {"trip": 10**30, "files": []},
    {"trip": 1, "files": [{"name": 1, "sha256": "0" * 64, "head": ""}]},
    {"trip": 1, "files": [{"name": "a", "sha256": "0" * 63, "head": ""}]},
]


def test_a_beginning_that_is_no_base64_has_to_be_sent(jonas: Sender):
    for head in ("***", "é", "\ud800"):
        asked = {"trip": 1, "files": [{"name": "a\ud800.jpg", "sha256": "0" * 64, "head": head}]}
        headers = {"X-CSRF-Token": jonas.token}
        answer = jonas.visitor.client.post("/desk/uploads/recognition", json=asked, headers=headers)
        assert (answer.status_code, answer.json) == (200, {"files": [{}]})


def test_what_became_of_a_photo_is_told_after_it_went_to_the_bin(jonas: Sender):
    address = jonas.begin(PHOTO)
    jonas.go_on(address, 0, PHOTO)
    fields = {"photo": "1", "csrf_token": jonas.token}
    assert jonas.visitor.client.post("/desk/photos/bin", data=fields).status_code == 302
    [result] = jonas.outcome(address)["results"]
    assert (result["outcome"], result["photo_id"], result["html"]) == ("placed", None, None)


def test_a_list_of_files_that_is_none_is_refused(jonas: Sender):
    client, headers = jonas.visitor.client, {"X-CSRF-Token": jonas.token}
    for asked in NO_QUESTIONS:
        assert client.post("/desk/uploads/recognition", json=asked, headers=headers).status_code == 400
    assert client.post("/desk/uploads/recognition", json={"trip": 1, "files": []}).status_code == 422


def test_the_plain_form_and_an_upload_of_the_same_file_are_one_photo(jonas: Sender):
    jonas.visitor.upload(jonas.trip, ("a.jpg", PHOTO))
    jonas.go_on(jonas.begin(PHOTO), 0, PHOTO)
    assert photos() == 1


def test_a_late_chunk_does_not_bring_back_the_file_of_an_upload_that_was_taken_in(app):
    upload = Upload(token="t" * 32, length=10, state=UploadState.RECEIVING)
    with pytest.raises(WrongOffset):
        upload.append(5, [b"the r", b"est"])
    assert not upload.path.exists()


def test_what_was_begun_of_a_file_before_is_deleted_once_it_is_taken_in(jonas: Sender):
    """The answer to the first announcement was lost on the way, so it was announced again."""
    digest = hashlib.sha256(PHOTO).hexdigest()
    lost, other = jonas.begin(PHOTO, sha256=digest), jonas.begin(PHOTO, "other.jpg", sha256="0" * 64)
    for address in (lost, other):
        jonas.go_on(address, 0, PHOTO[:100])
    address = jonas.begin(PHOTO, sha256=digest)
    jonas.go_on(address, 0, PHOTO)
    assert jonas.outcome(address)["state"] == "taken"
    assert jonas.ask("HEAD", lost).status_code == 404
    assert jonas.offset(other) == 100
    assert [path.name for path in lying()] == [other.rsplit("/", 1)[1]]
