"""`roadbook place`: where photos were taken, from the command line and without a database."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

import click

from blog.geo.clocks import Clock, Reading, camera_clocks, in_usual_zone
from blog.geo.doubts import doubts
from blog.geo.placing import Placement, Source, shot
from blog.geo.placing import place as place_shots
from blog.geo.positions import Position
from blog.geo.sun import exposure_value
from blog.geo.trackfiles import read_tracks
from blog.geo.trackpoints import TrackFileError
from blog.geo.tracks import Track
from blog.geo.zones import local_time, utc_time
from blog.photos import films
from blog.photos.filmtags import read_film_tags
from blog.photos.formats import HEAD_BYTES, RefusedFile, open_photo, recognise_film
from blog.photos.metadata import Metadata, read_metadata
from blog.photos.sidecar import ForeignSidecar, write_sidecar

FOUND_BY: dict[Source, str] = {
    "exif_gps": "its own GPS",
    "by_hand": "a person",
    "track": "the track",
    "track_gap": "a gap of the track",
    "neighbours": "photos before and after",
    "order": "its order",
    "none": "not placed",
}
CLOCK_FROM = {
    "gps": "from satellite time",
    "zone": "from the zone it wrote",
    "by_hand": "set by a person",
    "matched": "from places that match the track",
    "assumed": "if it showed local time",
}
DOUBTED = {
    "stale": "Its own GPS repeats an earlier place, though the trip had moved on, and is not believed.",
    "jump": "Its own GPS is too far from the photos before and after, and is not believed.",
    "off_track": "Its own GPS is far from where the track was at that moment, and is not believed.",
    "empty": "Its own GPS is what receivers write without a fix, and is not believed.",
}
NOT_KNOWN = "–"


@dataclass(frozen=True)
class PhotoFile:
    """One file as it was given: what it says, or why it could not be read, and its place."""

    path: Path
    metadata: Metadata | None
    problem: str | None
    placement: Placement | None = None
    doubt: str | None = None


@click.command("place")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--track", "tracks", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
              help="A track of the way, such as GPX or FIT; may be given more than once.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
@click.option("--write-sidecar", "writes", is_flag=True,
              help="Write photo.jpg.xmp beside each photo with a place, as darktable reads it.")  # fmt: skip
def place(photos: Sequence[Path], tracks: Sequence[Path], as_json: bool, writes: bool) -> None:
    """Say where photos were taken: by their own GPS, by their time on the tracks, or by their order.

    Give the photos in the order of the story. No photo is ever changed, and nothing is stored but the
    sidecars that --write-sidecar asks for; a sidecar by another program is left as it is.
    """
    found = [tracks_in(path) for path in tracks]
    usable = [track for in_file in found for track in in_file]
    with click.progressbar(
        photos, label="Reading photos", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as paths:
        files = [read_photo(path) for path in paths]
    placed, clocks = place_files(files, usable)
    click.echo(json.dumps(report(placed, clocks), indent=2) if as_json else table(placed, clocks))
    for file in placed:
        if words := file.problem or file.doubt:
            complain(file.path, words)
    all_written = not writes or write_sidecars(placed)
    if not all(found) or all(file.metadata is None for file in files) or not all_written:
        sys.exit(1)


def write_sidecars(files: Sequence[PhotoFile]) -> bool:
    """Write a sidecar beside each photo that has a place. Says how many on stderr, and why not all."""
    found = [(file.path, file.placement) for file in files if file.placement and file.placement.position]
    written = sum(write_beside(path, placement) for path, placement in found)
    click.echo(f"{written:,} {'sidecar' if written == 1 else 'sidecars'} written.", err=True)
    return written == len(found)


def write_beside(path: Path, placement: Placement) -> bool:
    try:
        write_sidecar(path, placement)
    except ForeignSidecar as error:
        complain(path, str(error))
    except OSError as error:
        complain(path, f"Its sidecar could not be written: {error.strerror or error}.")
    else:
        return True
    return False


def tracks_in(path: Path) -> list[Track]:
    """The tracks of a file, none where it is no good. What is wrong or was mended is said on stderr."""
    try:
        with open_file(path) as file:
            found = read_tracks(file, path.stem)
    except (OSError, TrackFileError) as error:
        complain(path, in_words(error))
        return []
    for track_file in found:
        for note in track_file.notes:
            complain(path, note if len(found) == 1 else f"{track_file.name}: {note}")
    return [track_file.track for track_file in found]


def read_photo(path: Path) -> PhotoFile:
    try:
        with open_file(path) as file:
            if recognise_film(file.read(HEAD_BYTES)):
                return PhotoFile(path, read_film_tags(films.probe(file).tags), None)
            open_photo(file)
            return PhotoFile(path, read_metadata(file, in_full=False), None)
    except (OSError, RefusedFile) as error:
        return PhotoFile(path, None, in_words(error))


def open_file(path: Path) -> BinaryIO:
    """The open file. Raises OSError, also for what is no file, such as a pipe that would never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError("This is not a file.")
    return path.open("rb")


def in_words(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file."
    if isinstance(error, IsADirectoryError):
        return "This is a folder. Give the files in it, for example with /* at its end."
    if isinstance(error, PermissionError):
        return "You may not read this file."
    return str(error)


def complain(path: Path, words: str) -> None:
    click.echo(printable(f"{click.format_filename(path)}: {words}"), err=True)


def place_files(
    files: Sequence[PhotoFile], tracks: Sequence[Track]
) -> tuple[list[PhotoFile], dict[str, Clock]]:
    """The files with their placements, and the clocks of the cameras that wrote a time."""
    read = {order: file.metadata for order, file in enumerate(files) if file.metadata}
    readings = in_usual_zone([reading(metadata) for metadata in read.values()])
    clocks = camera_clocks(readings, tracks, {})
    doubted = doubts(readings, tracks, clocks)
    if doubted:
        readings = [replace(one, position=None) if i in doubted else one for i, one in enumerate(readings)]
        clocks = camera_clocks(readings, tracks, {})
    shots = [shot(order, one, None, order) for order, one in zip(read, readings, strict=True)]
    words = {order: DOUBTED[doubted[i].kind] for i, order in enumerate(read) if i in doubted}
    placements = {placement.key: placement for placement in place_shots(shots, tracks, usable(clocks))}
    placed = [
        PhotoFile(file.path, file.metadata, file.problem, placements.get(order), words.get(order))
        for order, file in enumerate(files)
    ]
    return placed, clocks


def usable(clocks: Mapping[str, Clock]) -> dict[str, Clock]:
    """The clocks that are good enough to place by, if only as widely as a zone is known."""
    return {camera: clock for camera, clock in clocks.items() if clock.knows_zone}


def reading(metadata: Metadata) -> Reading:
    return Reading(
        camera=metadata.camera,
        written_s=written_s(metadata),
        zone_offset_s=metadata.utc_offset_s,
        gps_utc_s=metadata.gps_time.timestamp() if metadata.gps_time else None,
        gps_seconds_of_day=metadata.gps_seconds_of_day,
        position=metadata.position,
        ev=exposure_value(metadata.exposure_s, metadata.f_number, metadata.iso),
    )


def written_s(metadata: Metadata) -> float | None:
    return metadata.taken_local.replace(tzinfo=UTC).timestamp() if metadata.taken_local else None


# The report in JSON


def report(files: Sequence[PhotoFile], clocks: Mapping[str, Clock]) -> dict[str, Any]:
    cameras = dict.fromkeys(file.metadata.camera for file in files if file.metadata)
    return {
        "photos": [photo_entry(file) for file in files],
        "cameras": [camera_entry(camera, clocks.get(camera)) for camera in cameras],
    }


def photo_entry(file: PhotoFile) -> dict[str, Any]:
    placement = file.placement
    position = placement.position if placement else None
    return {
        "file": str(file.path),
        "taken_at": iso(placement.utc_s) if placement and placement.utc_s is not None else None,
        "lat": round(position.lat, 7) if position else None,
        "lon": round(position.lon, 7) if position else None,
        "ele": round(position.ele, 1) if position and position.ele is not None else None,
        "radius_m": round(placement.radius_m, 1) if placement and placement.radius_m is not None else None,
        "source": placement.source if placement else "none",
        "clock_offset_s": thousandths(placement.clock_offset_s) if placement else None,
        "camera": file.metadata.camera if file.metadata else None,
        "reason": why(file),
    }


def camera_entry(camera: str, clock: Clock | None) -> dict[str, Any]:
    """The likeliest offset that is known; `applied` where it is sure, and used for placing the photos.

    Until a clock is sure, photos are placed by the zone it should have kept: see their clock_offset_s.
    """
    offset_s, odds = clock.likeliest if clock else (None, None)
    alternatives = clock.alternatives if clock else ()
    return {
        "camera": camera,
        "clock_offset_s": thousandths(offset_s),
        "probability": thousandths(odds),
        "applied": clock is not None and clock.is_sure,
        "alternatives": [
            {"clock_offset_s": rival_s, "probability": thousandths(rival_odds)}
            for rival_s, rival_odds in alternatives
        ],
    }


def why(file: PhotoFile) -> str | None:
    """Why a file has no place, or not that of its own GPS."""
    if file.placement is None or file.placement.reason is None:
        return file.problem or file.doubt
    problem = file.metadata.position_problem if file.metadata else None
    return " ".join(filter(None, [problem, file.doubt, file.placement.reason]))


def iso(utc_s: float) -> str:
    moment = utc_time(utc_s)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace(
        "+00:00", "Z"
    )


def thousandths(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


# The table


def table(files: Sequence[PhotoFile], clocks: Mapping[str, Clock]) -> str:
    photos = columns(["Photo", "Taken", "Place", "Height", "Within", "Found by"], map(photo_row, files))
    cameras = dict.fromkeys(file.metadata.camera for file in files if file.metadata)
    rows = ([camera, *clock_words(clocks.get(camera))] for camera in cameras)
    return f"{photos}\n\n{columns(['Camera', 'Its clock', 'Known'], rows)}"


def photo_row(file: PhotoFile) -> list[str]:
    name, placement = click.format_filename(file.path), file.placement
    if placement is None or placement.position is None or placement.radius_m is None:
        return [name, taken(file), NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, f"{FOUND_BY['none']}: {why(file)}"]
    position = placement.position
    height = NOT_KNOWN if position.ele is None else f"{position.ele:.0f} m"
    return [
        name,
        taken(file),
        coordinates(position),
        height,
        about(placement.radius_m),
        FOUND_BY[placement.source],
    ]


def taken(file: PhotoFile) -> str:
    """Local time where the photo was taken, else what the camera wrote."""
    placement = file.placement
    if placement and placement.position and placement.utc_s is not None:
        return local_time(placement.utc_s, placement.position).strftime("%Y-%m-%d %H:%M:%S")
    written = file.metadata.taken_local if file.metadata else None
    return written.strftime("%Y-%m-%d %H:%M:%S") if written else NOT_KNOWN


def coordinates(position: Position) -> str:
    north, east = "N" if position.lat >= 0 else "S", "E" if position.lon >= 0 else "W"
    return f"{abs(position.lat):8.5f} {north} {abs(position.lon):9.5f} {east}"


def about(metres: float) -> str:
    """A distance as one says it: about 12 m, about 300 m, about 2.5 km."""
    if metres < 1000:
        step = 1 if metres < 30 else 5 if metres < 100 else 50
        return f"about {round(metres / step) * step} m"
    kilometres = metres / 1000
    step = 1 if kilometres < 30 else 10 if kilometres < 300 else 100
    return (
        f"about {kilometres:.1f} km" if kilometres < 10 else f"about {round(kilometres / step) * step:,} km"
    )


def clock_words(clock: Clock | None) -> list[str]:
    if clock is None:
        return ["wrote no time", NOT_KNOWN]
    if not clock.knows_zone:
        return ["not known", "no zone, no satellite time and no place to tell it by"]
    sure = "sure" if clock.probability >= 0.99 else f"{clock.probability:.0%} sure"
    return [shown(clock.offset_s), f"{CLOCK_FROM[clock.source]}, {sure}{likelier(clock)}"]


def shown(offset_s: float) -> str:
    minutes, secs = divmod(round(abs(offset_s)), 60)
    hours, minutes = divmod(minutes, 60)
    side = "behind" if offset_s > 0 else "ahead of"
    return f"{hours}:{minutes:02}:{secs:02} {side} UTC" if hours or minutes or secs else "shows UTC"


def likelier(clock: Clock) -> str:
    """What the photos and tracks speak for instead, where that is another offset and a likelier one."""
    offset_s, odds = clock.likeliest
    return f"; rather {shown(offset_s)}, {odds:.0%} sure" if odds > clock.probability + 0.01 else ""


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Text in aligned columns, the head underlined."""
    cells = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["─" * size for size in widths])
    return "\n".join("  ".join(map(padded, row, widths)).rstrip() for row in cells)


def printable(text: str) -> str:
    """Names come from strangers' files: nothing in them may steer the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def width(text: str) -> int:
    """Columns of a terminal that the text takes; those of East Asia are two wide."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else not unicodedata.combining(letter)
        for letter in text
    )


def padded(text: str, size: int) -> str:
    return text + " " * (size - width(text))
