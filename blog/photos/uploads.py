"""Files on their way in: what was announced, and the file in `instance/incoming` that grows chunk by chunk.

How far an upload came is the size of that file, so that no record can be ahead of the disk. A request holds
the file only while it writes a piece, never while it waits for the network: one whose sender has vanished
stands in nobody's way, and finds out by the offset that another has gone on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import JSON, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog import jobs
from blog.accounts.models import Person
from blog.db import Base, db, named, now

KEPT = timedelta(days=7)  # after the last chunk
PIECE_BYTES = 1 << 16
IN_MEMORY = 1 << 20  # bytes of a chunk with a checksum, before it is put aside on the disk
CHECKSUMS = ("md5", "sha1", "sha256")


class UploadState(StrEnum):
    RECEIVING = "receiving"
    RECEIVED = "received"  # whole; to be taken in
    TAKEN = "taken"
    REFUSED = "refused"


class WrongOffset(Exception):
    """The file does not end where a chunk was to begin."""


class BadChecksum(Exception):
    """A chunk did not arrive as it was sent. Nothing of it was kept."""


class Upload(Base):
    """A file on its way in, chunk by chunk (tus 1.0). Its bytes lie in a file named by `token`."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    length: Mapped[int]  # bytes in all, as announced
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # the other Upload-Metadata
    state: Mapped[UploadState] = mapped_column(named(UploadState), default=UploadState.RECEIVING)
    attempts: Mapped[int] = mapped_column(default=0)  # at taking it in
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what became of it, told again when asked
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship()

    @property
    def path(self) -> Path:
        return folder() / self.token

    @property
    def offset(self) -> int:
        """How many bytes are on the disk."""
        if self.state is not UploadState.RECEIVING:
            return self.length
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def is_whole(self) -> bool:
        return self.offset == self.length

    @property
    def has_expired(self) -> bool:
        return self.state is UploadState.RECEIVING and self.expires_at < now()

    def append(self, offset: int, pieces: Iterable[bytes]) -> None:
        """Write a chunk at `offset` and see it on the disk. What came before a broken connection stays.

        Raises WrongOffset; and OSError where the disk takes no more, with nothing of the chunk kept.
        """
        at = offset
        for piece in pieces:
            with self._alone(at == 0) as file:
                if file.tell() != at:
                    raise WrongOffset
                try:
                    write_all(file, piece)
                except OSError:
                    file.truncate(offset)
                    raise
            at += len(piece)
        with self._alone(at == 0) as file:
            if file.tell() != at:
                raise WrongOffset
            try:
                os.fsync(file.fileno())
            except OSError:
                file.truncate(offset)
                raise
        if offset == 0:
            see_names_on_disk(folder())

    @contextmanager
    def _alone(self, is_new: bool) -> Iterator[BinaryIO]:
        """The file, open at its end, while nobody else writes to it. The lock dies with the process.

        Only a first chunk makes it: a late one must not bring back the file of an upload that was taken in.
        """
        try:
            found = self.path.open("ab" if is_new else "r+b", buffering=0)
        except FileNotFoundError as error:
            raise WrongOffset from error
        with found as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0, os.SEEK_END)
            yield file

    @contextmanager
    def claim(self) -> Iterator[bool]:
        """Whether the taking in of this upload is ours, as long as the context lasts."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            yield True  # whoever takes it in will say that it is lost
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def stay(self) -> None:
        """Expire later, since a chunk came. Written once a day at most."""
        if self.expires_at < now() + KEPT - timedelta(days=1):
            self.expires_at = now() + KEPT


def folder() -> Path:
    """Where the files lie, made when first asked for."""
    path = Path(current_app.config["INSTANCE"]) / "incoming"
    path.mkdir(exist_ok=True)
    return path


def announce(person: Person, file_name: str, length: int, details: dict[str, str]) -> Upload:
    """A new upload, not yet committed. Its address cannot be guessed."""
    upload = Upload(
        token=secrets.token_urlsafe(24),
        person_id=person.id,
        file_name=file_name,
        length=length,
        details=details,
        expires_at=now() + KEPT,
    )
    db.session.add(upload)
    return upload


def write_all(file: BinaryIO, content: bytes) -> None:
    """Unbuffered files may take less than they are given."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def see_names_on_disk(path: Path) -> None:
    """A new file's name is safe when its folder has been written too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verified(pieces: Iterable[bytes], algorithm: str, expected: bytes) -> Iterator[bytes]:
    """The same pieces, given out when all have come and their checksum is right. Raises BadChecksum."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder())) as aside:
        for piece in pieces:
            digest.update(piece)
            aside.write(piece)
        if digest.digest() != expected:
            raise BadChecksum
        aside.seek(0)
        while piece := aside.read(PIECE_BYTES):
            yield piece


@jobs.sweep
def forget_expired() -> None:
    """Remove uploads that nobody went on with, what is remembered of old ones, and files without a record."""
    over = (Upload.expires_at < now(), Upload.state != UploadState.RECEIVED)
    tokens = db.session.scalars(delete(Upload).where(*over).returning(Upload.token)).all()
    db.session.commit()
    for token in tokens:
        (folder() / token).unlink(missing_ok=True)
    known = set(db.session.scalars(select(Upload.token).where(Upload.state != UploadState.TAKEN)))
    long_ago = (now() - timedelta(days=1)).timestamp()
    for path in folder().iterdir():
        if path.name not in known and path.stat().st_mtime < long_ago:
            path.unlink(missing_ok=True)
