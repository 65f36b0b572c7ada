"""Reading GPX files."""

from dataclasses import dataclass

from blog.geo.tracks import Track


class TrackFileError(ValueError):
    """A track file that cannot be used; its message says why in plain words."""


@dataclass(frozen=True)
class TrackFile:
    """What a file held: its track, its name, and notes in plain words about what was left out."""

    name: str | None
    track: Track
    notes: tuple[str, ...] = ()
