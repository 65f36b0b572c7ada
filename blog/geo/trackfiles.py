"""Track files of every kind: which kind one is, by its content, and what is in it.

A ZIP may hold any number of them. A KMZ, which is a ZIP around a `doc.kml`, is one.
"""

import re
import struct
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, BinaryIO, NoReturn, cast
from xml.parsers import expat

from blog.geo.fit import read_fit
from blog.geo.geojson import read_geojson
from blog.geo.gpx import read_gpx
from blog.geo.kml import read_kml
from blog.geo.nmea import read_nmea
from blog.geo.tcx import read_tcx
from blog.geo.trackpoints import MAX_BYTES, TrackFile, TrackFileError, tidy

HEAD_BYTES = 1 << 16
MAX_MEMBERS = 500
MAX_DIRECTORY = 1_000_000  # bytes of the list at the end of a ZIP
MAX_RATIO = 200  # times a member may grow when it is unpacked; real tracks grow 4 to 30 times

KINDS = "GPX, FIT, TCX, KML, KMZ, NMEA or GeoJSON"
NO_TRACK = f"This is no track that Roadbook can read: {KINDS}."


class Kind(StrEnum):
    """A kind of track file; the value is the usual ending of its name."""

    GPX = "gpx"
    FIT = "fit"
    TCX = "tcx"
    KML = "kml"
    KMZ = "kmz"
    NMEA = "nmea"
    GEOJSON = "geojson"
    ZIP = "zip"


_READERS = {
    Kind.GPX: read_gpx,
    Kind.FIT: read_fit,
    Kind.TCX: read_tcx,
    Kind.KML: read_kml,
    Kind.NMEA: read_nmea,
    Kind.GEOJSON: read_geojson,
}
_ROOTS = {"gpx": Kind.GPX, "kml": Kind.KML, "TrainingCenterDatabase": Kind.TCX}
_ROOT = re.compile(rb"<(?:\w+:)?(gpx|kml|TrainingCenterDatabase)[\s>/]")
_SENTENCE = re.compile(rb"(?:^|[\r\n])[^\r\n$]{0,80}\$[A-Z]{5},[^\r\n]*\*[0-9A-Fa-f]{2}")
_KMZ_DOCUMENT = "doc.kml"
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(RuntimeError, ValueError, LookupError, OverflowError),  # and the kinds of each, such as UnicodeError
)


@dataclass(frozen=True)
class Member:
    """A file inside a ZIP."""

    name: str
    _archive: zipfile.ZipFile
    _info: zipfile.ZipInfo

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The member, unpacked as it is read, and never to more than the ZIP announced.

        Raises TrackFileError, also while it is being read, where it is locked, damaged or a bomb.
        """
        if self._info.flag_bits & 1:
            raise TrackFileError("It is locked with a password.")
        if self._info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise TrackFileError("It is packed in a way that Roadbook cannot read.")
        if self._info.file_size > MAX_RATIO * max(self._info.compress_size, 1):
            raise TrackFileError("It would grow beyond measure when unpacked, and was not read.")
        with _plain_words(), self._archive.open(self._info) as file:
            yield cast(BinaryIO, file)


def recognise(file: BinaryIO) -> Kind | None:
    """The kind of a track file by its content, None for anything else. Leaves the file at its beginning.

    Raises TrackFileError for a damaged ZIP.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if head[8:12] == b".FIT":
        return Kind.FIT
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind = Kind.KMZ if _kmz_document(members(file)) else Kind.ZIP
        file.seek(0)
        return kind
    return _kind_of_text(head)


def read_track(file: BinaryIO) -> TrackFile:
    """The track of a file of any kind but a ZIP.

    Raises TrackFileError for what is no track, holds no usable point, or exceeds the bounds of its kind.
    """
    kind = recognise(file)
    if kind is Kind.KMZ and (document := _kmz_document(members(file))):
        with document.open() as inside:
            return read_kml(inside)
    if kind not in _READERS:
        raise TrackFileError(NO_TRACK)
    return _READERS[kind](file)


def read_tracks(file: BinaryIO, name: str) -> list[TrackFile]:
    """The tracks of a file of any kind: those of all members of a ZIP, else one.

    A track without a name of its own gets that of the file or member. What is damaged is taken as far as it
    could be read, and its notes say so; what could not be used of a ZIP is said in the notes of its first
    track. Raises TrackFileError where there is no usable track.
    """
    if recognise(file) is not Kind.ZIP:
        return [_taken(read_track(file), name)]
    tracks, problems = [], []
    for member in members(file):
        try:
            with member.open() as inside:
                tracks.append(_taken(read_track(inside), member.name))
        except TrackFileError as error:
            problems.append(f"{member.name}: {error}")
    if not tracks:
        raise TrackFileError(
            " ".join(["There is no track in this ZIP that Roadbook can read.", *problems[:3]])
        )
    return [replace(tracks[0], notes=(*tracks[0].notes, *problems)), *tracks[1:]]


def members(file: BinaryIO) -> list[Member]:
    """The files inside a ZIP, but for folders and what systems hide there.

    Raises TrackFileError where it is damaged, or holds more than may be read.
    """
    file.seek(0)
    with _plain_words():
        archive = zipfile.ZipFile(cast(IO[bytes], _Directory(file)))
    infos = [info for info in archive.infolist() if not _is_hidden(info.filename)]
    if len(infos) > MAX_MEMBERS:
        raise TrackFileError(f"This ZIP holds more than {MAX_MEMBERS} files. Please split it.")
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise TrackFileError(f"Unpacked, this ZIP is too large: the limit is {MAX_BYTES // 1_000_000} MB.")
    archive.fp = cast(IO[bytes], file)
    return [Member(info.filename, archive, info) for info in infos]


class _Directory:
    """A file read in bounded pieces: the list at the end of a ZIP would be read whole, however long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise TrackFileError("This ZIP announces more files than Roadbook takes.")
        return self._file.read(min(size, MAX_DIRECTORY) if size >= 0 else MAX_DIRECTORY)


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except TrackFileError:
        raise
    except _BROKEN_ZIP as error:
        raise TrackFileError("This ZIP is damaged here. Please pack it again.") from error


def _is_hidden(name: str) -> bool:
    return name.endswith("/") or name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _kmz_document(inside: list[Member]) -> Member | None:
    return next((member for member in inside if member.name == _KMZ_DOCUMENT), None)


def _taken(track: TrackFile, name: str) -> TrackFile:
    damage = [f"{track.damage} What could be read was kept."] if track.damage else []
    return replace(track, name=track.name or tidy(name) or None, notes=(*damage, *track.notes), damage=None)


def _kind_of_text(head: bytes) -> Kind | None:
    start = head.removeprefix(BOM_UTF8).lstrip()
    if start.startswith(b"{"):
        return Kind.GEOJSON
    if start.replace(b"\0", b"")[:3].lstrip(b"\xff\xfe").startswith(b"<"):
        return _kind_of_xml(start)
    return Kind.NMEA if b"\0" not in head and _SENTENCE.search(head) else None


def _kind_of_xml(start: bytes) -> Kind | None:
    """By its root element, or the document type that names it; by a look where the XML is damaged before."""
    if kind := _ROOTS.get(_root(start)):
        return kind
    found = _ROOT.search(start)
    return _ROOTS[found[1].decode()] if found else None


def _root(start: bytes) -> str:
    names: list[str] = []

    def found(name: str, *_rest: object) -> NoReturn:
        names.append(name.rpartition(":")[2])
        raise StopIteration  # nothing behind it is to be parsed

    parser = expat.ParserCreate()
    parser.StartElementHandler = parser.StartDoctypeDeclHandler = found
    with suppress(StopIteration, expat.ExpatError, ValueError, LookupError):
        parser.Parse(start, False)
    return names[0] if names else ""
