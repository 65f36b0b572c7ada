"""An independent tus client (tuspy) against a running server: sent, cut off, killed, refused, full."""

import hashlib
import io
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from blog.photos.uploads import PIECE_BYTES
from tests.conftest import PASSWORD, exif, jpeg, kill_all
from tests.servers import PATIENCE_S, Browser, until

PHOTO = jpeg("navy", (640, 420), exif("2026:05:14 10:30:00", 45.6, 13.7)) + bytes(400_000)
CHUNK_BYTES = 100_000


def sign_in(browser: Browser, email: str) -> None:
    browser.send("/sign-in", "/sign-in", email=email, password=PASSWORD)
    browser.send("/desk/trips/new", "/desk/trips/new", title="Round the bay")


def client(browser: Browser) -> TusClient:
    """tuspy with a session and a form's token."""
    [token] = re.findall(r'<photo-upload[^>]* token="([^"]+)"', browser.get("/desk/trips/1"))
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar)
    headers = {"Cookie": cookies, "X-CSRF-Token": token, "Accept": "application/json"}
    return TusClient(f"{browser.address}/desk/uploads", headers=headers)


def uploader(tus: TusClient, content: bytes, name: str = "DSC_1.jpg", **more: object) -> Uploader:
    metadata = {"filename": name, "trip": "1", "sha256": hashlib.sha256(content).hexdigest()}
    return tus.uploader(
        file_stream=io.BytesIO(content), metadata=metadata, **({"chunk_size": CHUNK_BYTES} | more)
    )


def is_taken(browser: Browser, upload: Uploader) -> bool:
    return '"state":"taken"' in browser.get(upload.url.removeprefix(browser.address))


def originals(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (folder / "uploads" / "originals").rglob("*.*")]


def test_tuspy_sends_a_file_through_everything_that_happens_on_the_way(
    serve: Callable[..., tuple[subprocess.Popen[bytes], Browser]], mina: str, tmp_path: Path
):
    server, browser = serve()
    sign_in(browser, mina)
    tus = client(browser)

    whole = uploader(tus, PHOTO[:-1] + b"\2")
    whole.upload()
    assert whole.offset == len(PHOTO)
    until(lambda: is_taken(browser, whole))
    late = uploader(tus, PHOTO[:-1] + b"\1", chunk_size=len(PHOTO))

    upload = uploader(tus, PHOTO, upload_checksum=True)
    upload.upload_chunk()
    assert upload.get_offset() == CHUNK_BYTES

    for wrong in (0, CHUNK_BYTES + 1):  # another byte than the one that is due
        upload.offset = wrong
        with pytest.raises(TusUploadFailed) as failed:
            upload.upload_chunk()
        assert failed.value.status_code == 409
    upload.offset = CHUNK_BYTES

    changed = uploader(tus, PHOTO, url=upload.url, upload_checksum=True)
    changed._BaseUploader__checksum_algorithm = lambda chunk: hashlib.sha1(chunk + b"!")
    with pytest.raises(TusUploadFailed) as failed:
        changed.upload_chunk()
    assert failed.value.status_code == 460
    assert upload.get_offset() == CHUNK_BYTES

    with pytest.raises(TusCommunicationError) as refused:
        tus.uploader(file_stream=Large(), metadata={"filename": "a.jpg", "trip": "1"}).create_url()
    assert refused.value.status_code == 413

    with fallen_silent(browser, tus, upload, PHOTO[CHUNK_BYTES : CHUNK_BYTES + PIECE_BYTES]) as line:
        until(lambda: upload.get_offset() == CHUNK_BYTES + PIECE_BYTES)
        upload.offset = upload.get_offset()
        upload.upload_chunk()  # as from another network: the silent one stands in nobody's way
        line.sendall(PHOTO[CHUNK_BYTES + PIECE_BYTES : 2 * CHUNK_BYTES])
        assert b" 409 " in line.recv(100)
    reached = 2 * CHUNK_BYTES + PIECE_BYTES
    assert upload.get_offset() == reached

    late.upload()
    kill_all(server)  # SIGKILL, in the middle of one file and right after another
    _server, browser = serve(port=int(browser.address.rsplit(":", 1)[1]))
    sign_in(browser, mina)
    resumed = uploader(client(browser), PHOTO, url=upload.url, upload_checksum=True)
    assert resumed.offset == reached
    resumed.upload()
    until(lambda: is_taken(browser, resumed) and is_taken(browser, late))
    assert sorted(originals(tmp_path)) == sorted([PHOTO, PHOTO[:-1] + b"\2", PHOTO[:-1] + b"\1"])


class Large(io.BytesIO):
    """A file that says it is larger than any photo may be."""

    def tell(self) -> int:
        return 200_000_001


def fallen_silent(browser: Browser, tus: TusClient, upload: Uploader, sent: bytes) -> socket.socket:
    """Announce a whole chunk, send a part of it, and say no more."""
    path, (host, port) = upload.url.removeprefix(browser.address), browser.address[7:].split(":")
    headers = tus.headers | {
        "Host": f"{host}:{port}", "Tus-Resumable": "1.0.0", "Upload-Offset": str(CHUNK_BYTES),
        "Content-Type": "application/offset+octet-stream", "Content-Length": str(CHUNK_BYTES),
    }  # fmt: skip
    head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    line = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    line.sendall(f"PATCH {path} HTTP/1.1\r\n{head}\r\n".encode() + sent)
    return line


def test_a_disk_that_takes_no_more_says_so_and_keeps_no_half_chunk(
    serve: Callable[..., tuple[subprocess.Popen[bytes], Browser]], mina: str, tmp_path: Path
):
    """The kernel refuses to write past 4 MB of a file, in the middle of a write, as a full disk would."""
    _server, browser = serve(before=("sh", "-c", 'ulimit -f 8192; exec "$@"', "sh"))
    sign_in(browser, mina)
    content = PHOTO + bytes(5_000_000)
    upload = uploader(client(browser), content, chunk_size=3_000_000)
    upload.upload_chunk()
    with pytest.raises(TusUploadFailed) as failed:
        upload.upload_chunk()
    assert failed.value.status_code == 507
    assert b"There is no room left on the server's disk." in failed.value.response_content
    assert upload.get_offset() == 3_000_000
    [growing] = (tmp_path / "incoming").iterdir()
    assert growing.read_bytes() == content[:3_000_000]
