"""What exiftool -geotag and gpscorrelate make of the same JPEGs and the same track, at their defaults."""

import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from blog.geo.gpxdocument import gpx_document
from blog.geo.positions import Position
from blog.geo.tracks import Track

EXIF_IFD, WRITTEN, DIGITISED = 0x8769, 0x9003, 0x9004
SETTINGS = {  # what every camera writes beside: exposure, lens, zone and the like
    0x829A: 0.004, 0x829D: 5.6, 0x8827: 200, 0x8822: 2, 0x9000: b"0232", 0x9010: "+00:00", 0x9011: "+00:00",
    0x9201: 7.97, 0x9202: 4.97, 0x9204: 0.0, 0x9207: 5, 0x9209: 16, 0x920A: 35.0, 0x9291: "12", 0x9292: "12",
    0xA002: 6000, 0xA003: 4000, 0xA402: 0, 0xA403: 0, 0xA405: 35, 0xA431: "1234567", 0xA434: "35 mm f/1.8",
}  # fmt: skip


def write_photos(folder: Path, times: Sequence[float], size: tuple[int, int] = (16, 16)) -> list[Path]:
    """Real small JPEGs whose cameras kept UTC, one for each time (unix seconds)."""
    picture = Image.new("RGB", size, "teal")
    paths = []
    for number, time in enumerate(times):
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Bench", "Camera"
        when = datetime.fromtimestamp(round(time), UTC).strftime("%Y:%m:%d %H:%M:%S")
        exif[0x0132] = exif.get_ifd(EXIF_IFD)[WRITTEN] = exif.get_ifd(EXIF_IFD)[DIGITISED] = when
        exif.get_ifd(EXIF_IFD).update(SETTINGS)
        file = io.BytesIO()
        picture.save(file, "JPEG", exif=exif)
        paths.append(folder / f"{number:05}.jpg")
        paths[-1].write_bytes(file.getvalue())
    return paths


def write_track(path: Path, track: Track) -> Path:
    path.write_bytes(b"".join(gpx_document("Bench", [], [("Bench", track)])))
    return path


def exiftool(photos: Sequence[Path], track: Path) -> list[Position | None]:
    """Where `exiftool -geotag` puts them."""
    return _tagged(photos, ["exiftool", "-q", "-q", "-overwrite_original", "-geotag", str(track),
                            "-geotime<${DateTimeOriginal}+00:00"])  # fmt: skip


def gpscorrelate(photos: Sequence[Path], track: Path) -> list[Position | None]:
    """Where `gpscorrelate` puts them."""
    return _tagged(photos, ["gpscorrelate", "-z", "+0:00", "-g", str(track)])


PEERS = {"exiftool -geotag": exiftool, "gpscorrelate": gpscorrelate}


def installed() -> dict[str, str]:
    """Why a peer cannot be asked, by its name; empty where all can."""
    return {name: "not installed" for name in PEERS if not shutil.which(name.split()[0])}


def _tagged(photos: Sequence[Path], command: list[str]) -> list[Position | None]:
    """Run it on copies, and read with exiftool what it wrote."""
    folder = photos[0].parent / "tagged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    copies = [shutil.copy(photo, folder) for photo in photos]
    subprocess.run([*command, *copies], check=False, capture_output=True)
    asked = ["exiftool", "-json", "-n", "-GPSLatitude", "-GPSLongitude", *copies]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    places = {Path(one["SourceFile"]).name: one for one in told}
    return [_place(places.get(photo.name, {})) for photo in photos]


def _place(entry: dict[str, float]) -> Position | None:
    lat, lon = entry.get("GPSLatitude"), entry.get("GPSLongitude")
    return Position(lat, lon) if isinstance(lat, float) and isinstance(lon, float) else None
