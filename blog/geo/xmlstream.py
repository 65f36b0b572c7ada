"""Reading XML track files as a stream.

Expat is fed chunk by chunk, so memory grows with the points and not with the text. What strangers send is
bounded (bytes, points, depth, the length of one token); document types, and so entities, are refused.
"""

from typing import BinaryIO, ClassVar, NoReturn
from xml.parsers import expat

from blog.geo import trackpoints
from blog.geo.trackpoints import TrackFileError, TrackPoints

MAX_DEPTH = 50
MAX_NAMES = 10_000  # of elements and attributes; the parser remembers each


class XmlReader:
    """What the readers of GPX, TCX and KML share; each says what to do with its own elements.

    Elements go by their local names. They come in millions, hence the bare style.
    """

    kind: ClassVar[str]
    root: ClassVar[str]
    closes: ClassVar[frozenset[str]] = frozenset()  # the elements whose end matters

    def __init__(self) -> None:
        self.path: list[str] = [""]
        self.points: list[TrackPoints] = []
        self._is_kind = False
        self._pieces: list[str] = []
        self._gathers_at = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def opened(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        """An element begins. Call `gather` to be given its text."""

    def read(self, tag: str, parent: str, text: str) -> None:
        """The text of an element that was to be gathered."""

    def closed(self, tag: str) -> None:
        """One of the elements in `closes` ends."""

    def gather(self) -> None:
        self._pieces = []
        self._gathers_at = len(self.path)
        self.parser.CharacterDataHandler = self._pieces.append

    def new_points(self) -> TrackPoints:
        """A set of points that counts towards the limit."""
        self.points.append(TrackPoints())
        return self.points[-1]

    def feed(self, file: BinaryIO) -> str | None:
        """Read the whole file. Says in words where its XML breaks off, or None where it is whole."""
        size = 0
        what = "is damaged"
        try:
            while chunk := file.read(trackpoints.CHUNK):
                self.parser.Parse(chunk if size else chunk.lstrip(b" \t\r\n"), False)
                size += len(chunk)
                self._refuse_too_much(size)
            what = "ends"
            self.parser.Parse(b"", True)
        except TrackFileError:
            raise
        except (expat.ExpatError, ValueError, LookupError):  # the latter two from odd encodings
            self._refuse_others()
            return f"The file {what} in line {self.parser.ErrorLineNumber:,}."
        self._refuse_others()
        return None

    def _refuse_others(self) -> None:
        if not self._is_kind:
            raise TrackFileError(f"This is not a {self.kind} file.")

    def _refuse_too_much(self, size: int) -> None:
        del self._pieces[trackpoints.MAX_TEXT :]
        trackpoints.refuse_too_much(size, sum(map(len, self.points)))
        if len(self.parser.intern) > MAX_NAMES:
            raise TrackFileError(f"This is not a {self.kind} file: it has too many kinds of elements.")
        if size - self.parser.CurrentByteIndex > trackpoints.MAX_TOKEN:
            raise TrackFileError(f"This is not a {self.kind} file: one item in it is larger than a megabyte.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        parent = self.path[-1]
        if not parent:
            self._begin(tag)
        self.opened(tag, parent, attributes)
        self.path.append(tag)
        if len(self.path) > MAX_DEPTH:
            raise TrackFileError(f"This is not a {self.kind} file: its elements are nested too deeply.")

    def _begin(self, tag: str) -> None:
        self._is_kind = tag == self.root
        if not self._is_kind:
            raise TrackFileError(f"This is not a {self.kind} file: it begins with <{tag[:40]}>.")

    def _end(self, _tag: str) -> None:
        path = self.path
        tag = path.pop()
        if len(path) == self._gathers_at:
            self._gathers_at = 0
            self.parser.CharacterDataHandler = None
            self.read(tag, path[-1], "".join(self._pieces))
        elif tag in self.closes:
            self.closed(tag)

    def _refuse_doctype(self, *_declaration: object) -> NoReturn:
        raise TrackFileError(
            f"This file declares a document type, which a {self.kind} file never needs. It was not read."
        )
