"""Uploads that survive bad networks: tus 1.0 (https://tus.io/protocols/resumable-upload) under /desk/uploads.

An upload belongs to who announced it. The form token travels in a header of the two requests that begin
something, `X-CSRF-Token`, since it is no fact about the file as Upload-Metadata would have it. The requests
that go on with an upload need none: its address is known to nobody else, and `Tus-Resumable` makes a browser
ask first before it sends them for another site, which is never allowed.
"""

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from flask import Blueprint, Flask, abort, jsonify, make_response, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from blog.accounts.views import signed_in
from blog.db import db
from blog.photos import formats
from blog.photos.intake import max_film_bytes, shown_name
from blog.photos.uploads import (
    CHECKSUMS,
    PIECE_BYTES,
    BadChecksum,
    Upload,
    UploadState,
    WrongOffset,
    announce,
    folder,
    verified,
)
from blog.trips.arrivals import NO_ROOM, finish, outcome_of
from blog.trips.desk import as_json, own_trip
from blog.trips.intake import LARGEST_TRACK
from blog.web.access import Audience, open_to
from blog.web.addresses import LARGEST_ID
from blog.web.forms import ActionForm
from blog.web.locale import chosen

uploads = Blueprint("uploads_desk", __name__, url_prefix="/desk/uploads")

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CHUNK = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460
ROOM_TO_SPARE = 50_000_000  # bytes of the disk that uploads leave to everything else
DRAINED = 16_000_000  # bytes of a refused chunk that are read away, so that the answer is heard
MOST_ASKED = 50
MOST_METADATA = 4000  # characters

PHOTOS = re.compile(r"\.(jpe?g|png|webp|hei[cf]|avif|tiff?|gif)$", re.IGNORECASE)
FILMS = re.compile(r"\.(mp4|m4v|mov)$", re.IGNORECASE)
TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}")


def answer(status: int, error: str | None = None, **headers: object) -> Response:
    """An answer of the protocol; what goes wrong is also said in words."""
    response = make_response(jsonify(error=error) if error else b"", status)
    if not error:
        del response.headers["Content-Type"]
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = str(value)
    return response


@uploads.after_request
def speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
        drain()
    return response


def drain() -> None:
    """Read a refused body to its end: a browser that is still sending would not hear why."""
    request.max_content_length = LARGEST_ID  # else a long body would be refused here too
    with suppress(HTTPException, OSError):
        for left in range(DRAINED, 0, -PIECE_BYTES):
            if not request.stream.read(min(PIECE_BYTES, left)):
                break


def refuse_other_versions() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        abort(answer(412, _("This client speaks another version of tus."), Tus_Version=VERSION))


def refuse_other_pages() -> None:
    form = ActionForm(MultiDict({"csrf_token": request.headers.get("X-CSRF-Token", "")}))
    if not form.validate():
        abort(answer(422, form.first_error))


def own_upload(token: str) -> Upload:
    """The upload, for who announced it; for others it does not exist."""
    upload = db.session.scalar(select(Upload).filter_by(token=token, person_id=signed_in().id))
    if upload is None:
        abort(404)
    if upload.has_expired:
        abort(answer(410, _("This upload was left for too long. Please choose the file again.")))
    return upload


def count_in(header: str) -> int:
    """The number of bytes that a header gives."""
    written = request.headers.get(header, "")
    if not re.fullmatch(r"\d{1,15}", written, re.ASCII):
        abort(answer(400, _("%(header)s has to be a number of bytes.", header=header)))
    return int(written)


@uploads.route("", methods=["OPTIONS"])
@open_to(Audience.AUTHORS)
def options() -> Response:
    return answer(
        204,
        Tus_Version=VERSION,
        Tus_Extension=EXTENSIONS,
        Tus_Max_Size=max(LARGEST_TRACK, formats.MAX_BYTES, max_film_bytes()),
        Tus_Checksum_Algorithm=",".join(CHECKSUMS),
    )


@uploads.post("")
@open_to(Audience.AUTHORS)
def create() -> Response:
    """Announce a file: its length, its name and its trip. Bytes of it may come along."""
    refuse_other_versions()
    refuse_other_pages()
    length, details = count_in("Upload-Length"), metadata()
    name = shown_name(details.pop("filename", ""))
    trip = own_trip(int(details["trip"])) if re.fullmatch(r"\d{1,9}", details.get("trip", "")) else abort(404)
    if length > (most := most_bytes(name)):
        words = _("This file is larger than %(most)d MB, which is the most.", most=most // 1_000_000)
        return answer(413, words)
    if length + ROOM_TO_SPARE > shutil.disk_usage(folder()).free:
        return answer(507, no_room())
    details |= {"trip": str(trip.id), "locale": chosen(), "as_sent": request.headers["Upload-Metadata"]}
    upload = announce(signed_in(), name, length, details)
    db.session.commit()
    response = take(upload, 0) if request.mimetype == CHUNK or length == 0 else progress(upload, 201)
    if response.status_code < 400:
        response.status_code = 201
    response.headers["Location"] = address(upload)
    return response


def metadata() -> dict[str, str]:
    """What Upload-Metadata says that we want to know: the file's name, its trip and its SHA-256."""
    header, found = request.headers.get("Upload-Metadata", ""), {}
    if len(header) > MOST_METADATA:
        abort(answer(400, _("Upload-Metadata is too long.")))
    for pair in header.split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode(errors="replace")
        except ValueError:  # also what is not ASCII
            abort(answer(400, _("Upload-Metadata is not in base64.")))
    known = {key: found[key] for key in ("filename", "trip") if key in found}
    return known | ({"sha256": found["sha256"]} if HASH.fullmatch(found.get("sha256", "")) else {})


def most_bytes(name: str) -> int:
    """The most that a file may weigh, as far as its name tells; what it really is decides in the end."""
    if FILMS.search(name):
        return max_film_bytes()
    return formats.MAX_BYTES if PHOTOS.search(name) else max(LARGEST_TRACK, formats.MAX_BYTES)


def no_room() -> str:
    return _("There is no room left on the server's disk. What has arrived is safe.")


def address(upload: Upload) -> str:
    return url_for("uploads_desk.patch", token=upload.token)


def progress(upload: Upload, status: int) -> Response:
    response = answer(status, Upload_Offset=upload.offset)
    if upload.state is UploadState.RECEIVING:
        response.headers["Upload-Expires"] = http_date(upload.expires_at)
    return response


@uploads.route("/<token>", methods=["HEAD"])
@open_to(Audience.AUTHORS)
def head(token: str) -> Response:
    """How far an upload came."""
    upload = own_upload(token)
    refuse_other_versions()
    finish(upload)  # of a server that was killed between the last byte and its record
    response = progress(upload, 200)
    response.headers["Upload-Length"] = str(upload.length)
    response.headers["Upload-Metadata"] = upload.details["as_sent"]
    response.headers["Cache-Control"] = "no-store"
    return response


@uploads.patch("/<token>")
@open_to(Audience.AUTHORS)
def patch(token: str) -> Response:
    """Go on with an upload where it stopped."""
    upload = own_upload(token)
    refuse_other_versions()
    if request.mimetype != CHUNK:
        return answer(415, _("A chunk has to be %(type)s.", type=CHUNK))
    return take(upload, count_in("Upload-Offset"))


def take(upload: Upload, offset: int) -> Response:
    """Take the chunk in this request's body."""
    if offset != upload.offset:
        return answer(409, _("This upload has come to another byte."), Upload_Offset=upload.offset)
    try:
        upload.append(offset, checked(pieces(upload.length - offset)))
    except WrongOffset:
        return answer(409, _("This upload has come to another byte."), Upload_Offset=upload.offset)
    except BadChecksum:
        return answer(CHECKSUM_MISMATCH, _("This chunk did not arrive as it was sent."))
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        return answer(507, no_room())
    upload.stay()
    finish(upload)
    return progress(upload, 204)


def pieces(left: int) -> Iterator[bytes]:
    """The body, which may have `left` bytes at most."""
    request.max_content_length = left + 1  # a stream that ends just there would count as too long
    while piece := request.stream.read(PIECE_BYTES):
        left -= len(piece)
        if left < 0:
            abort(answer(413, _("This chunk is longer than what is left of the file.")))
        yield piece


def checked(chunk: Iterator[bytes]) -> Iterator[bytes]:
    """The chunk, verified where a checksum came with it."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return chunk
    algorithm, _space, expected = header.partition(" ")
    if algorithm not in CHECKSUMS:
        abort(answer(400, _("Checksums may be %(kinds)s.", kinds=", ".join(CHECKSUMS))))
    try:
        return verified(chunk, algorithm, base64.b64decode(expected, validate=True))
    except ValueError:  # also what is not ASCII
        abort(answer(400, _("Upload-Checksum is not in base64.")))


@uploads.delete("/<token>")
@open_to(Audience.AUTHORS)
def terminate(token: str) -> Response:
    """Forget an upload and its bytes. What was taken in of it stays."""
    upload = own_upload(token)
    refuse_other_versions()
    if upload.state is UploadState.RECEIVED:
        return answer(423, _("This file is being taken in just now."))
    path = upload.path
    db.session.delete(upload)
    db.session.commit()
    path.unlink(missing_ok=True)
    return answer(204)


INSTEAD: dict[str, Callable[[str], Response]] = {"PATCH": patch, "DELETE": terminate}


@uploads.post("/<token>")
@open_to(Audience.AUTHORS)
def override(token: str) -> Response:
    """PATCH and DELETE for clients that cannot send them, as the protocol asks."""
    own_upload(token)
    method = request.headers.get("X-HTTP-Method-Override", "")
    return INSTEAD[method](token) if method in INSTEAD else abort(405)


@uploads.get("/<token>")
@open_to(Audience.AUTHORS)
def show(token: str) -> Response:
    """How an upload is getting on and what became of it, as often as one asks."""
    return jsonify(told(own_upload(token)))


@uploads.get("")
@open_to(Audience.AUTHORS)
def index() -> Response:
    """The same of several: `?token=…&token=…`, up to fifty; only of those that are here."""
    tokens = [token for token in request.args.getlist("token") if TOKEN.fullmatch(token)][:MOST_ASKED]
    mine = select(Upload).where(Upload.person_id == signed_in().id, Upload.token.in_(tokens))
    return jsonify(uploads={upload.token: told(upload) for upload in db.session.scalars(mine)})


def told(upload: Upload) -> dict[str, Any]:
    results = None
    if upload.state in (UploadState.TAKEN, UploadState.REFUSED):
        trip = own_trip(int(upload.details["trip"]))
        results = [as_json(trip, outcome_of(trip, upload))]
    return {"state": upload.state.value, "offset": upload.offset, "length": upload.length, "results": results}


def init_app(app: Flask) -> None:
    app.register_blueprint(uploads)
