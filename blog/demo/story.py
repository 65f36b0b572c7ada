"""The demo trip's material: which camera took which picture and when, the tracks, the posts, the comments."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from blog.demo.cameras import (
    K2_BEHIND,
    PYONGYANG_TIME,
    SUFFIXES,
    Exposure,
    Format,
    finished,
    k2_exif,
    phone_exif,
)
from blog.demo.course import METRES_PER_DEGREE, Place, gpx_files, place_at
from blog.demo.scenes import (
    bath,
    bus,
    cemetery,
    harbour,
    landscape,
    night,
    rooms,
    school,
    square,
    stage,
    street,
    table,
    works,
)

Author = Literal["mina", "jonas"]
State = Literal["approved", "pending", "spam", "rejected"]

TITLE = "Along the Tumen"
COVER = "bay-panorama"

# What the author of the demo sets by hand for the K-2: seconds to add to the local time that it wrote.
CLOCK_CORRECTION_S = int(K2_BEHIND.total_seconds())
# The same as a clock offset: UTC minus what the camera wrote.
CLOCK_OFFSET_S = CLOCK_CORRECTION_S - 9 * 3600

_STORY = Path(__file__).with_name("story")


@dataclass(frozen=True)
class Shot:
    """One picture: who paints it, which camera took it and when (local time), and what the camera noted."""

    name: str
    paint: Callable[[], Image.Image]
    camera: Literal["phone", "k2"]
    taken: str
    exposure: Exposure
    heading: float = 0.0
    orientation: int = 1
    caption: str | None = None
    form: Format = "JPEG"
    has_sky: bool = True

    @property
    def at(self) -> datetime:
        """When it was taken, truly."""
        return datetime.fromisoformat(f"2026-05-{self.taken}").replace(tzinfo=PYONGYANG_TIME)

    @property
    def file_name(self) -> str:
        """As the camera numbers its files: the phone by its time, the K-2 by counting."""
        if self.camera == "phone":
            return f"W7_{self.at:%Y%m%d_%H%M%S}.{SUFFIXES[self.form]}"
        earlier = sum(1 for other in SHOTS if other.camera == "k2" and other.at < self.at)
        return f"K2_{417 + 3 * earlier:04d}.{SUFFIXES[self.form].upper()}"


SHOTS = (
    Shot(
        "tumen-bridge",
        street.bridge,
        "k2",
        "13 13:05:12",
        Exposure(320, 8, 200, 40),
        caption="The bridge over the Tumen",
    ),
    Shot("tumen-river", landscape.tumen_river, "phone", "13 15:20:41", Exposure(1250, 1.8, 50, 26), 42),
    Shot("spring-fields", landscape.spring_fields, "k2", "13 16:35:50", Exposure(400, 8, 200, 50)),
    Shot("poplar-street", street.poplar_street, "phone", "13 18:05:03", Exposure(400, 1.8, 64, 26), 318),
    Shot(
        "hoeryong-night",
        night.hoeryong_night,
        "k2",
        "13 21:40:30",
        Exposure(0.125, 2.8, 3200, 24),
        caption="From the hotel roof",
    ),
    Shot(
        "moon-over-hills",
        landscape.moon_over_hills,
        "k2",
        "14 04:32:10",
        Exposure(2, 2.8, 1600, 70),
        orientation=6,
    ),
    Shot("valley-morning", landscape.valley_morning, "phone", "14 08:02:19", Exposure(800, 1.8, 50, 26), 12),
    Shot(
        "school-yard",
        school.school_yard,
        "phone",
        "14 09:10:33",
        Exposure(1600, 1.8, 50, 26),
        345,
        caption="The long yard of the school",
    ),
    Shot("classroom", rooms.classroom, "k2", "14 09:25:48", Exposure(60, 4, 800, 24), caption="Room four"),
    Shot(
        "school-poplars",
        school.school_poplars,
        "k2",
        "14 09:52:07",
        Exposure(500, 5.6, 200, 35),
        orientation=6,
    ),
    Shot("village", landscape.village, "phone", "14 10:19:56", Exposure(900, 1.8, 50, 52), 95),
    Shot(
        "road-to-pass",
        landscape.road_to_pass,
        "k2",
        "14 10:44:21",
        Exposure(400, 8, 200, 35),
        caption="The road to the pass",
    ),
    Shot("pass-in-rain", landscape.pass_in_rain, "phone", "14 11:12:02", Exposure(320, 1.8, 80, 52), 8),
    Shot(
        "tunnel",
        bus.tunnel,
        "phone",
        "14 11:22:14",
        Exposure(50, 1.8, 1250, 26),
        form="PNG",
        has_sky=False,
    ),
    Shot(
        "beyond-the-pass",
        landscape.beyond_the_pass,
        "k2",
        "14 11:34:40",
        Exposure(640, 5.6, 200, 60),
        orientation=8,
    ),
    Shot("rain-window", bus.rain_window, "phone", "14 11:56:27", Exposure(120, 1.8, 200, 52), 97),
    Shot("puryong-river", landscape.puryong_river, "k2", "14 14:08:15", Exposure(250, 8, 400, 35)),
    Shot("works", works.works, "k2", "14 15:07:44", Exposure(500, 8, 200, 70), form="WEBP"),
    Shot(
        "blue-booth",
        street.blue_booth,
        "phone",
        "14 15:41:30",
        Exposure(200, 1.8, 100, 26),
        265,
        caption="The little blue booth",
    ),
    Shot(
        "road-at-dusk",
        landscape.road_at_dusk,
        "k2",
        "14 19:12:02",
        Exposure(80, 5.6, 800, 70),
        caption="Ridges west of the town, from the edge of the square",
    ),
    Shot("square-evening", square.square_evening, "k2", "14 19:50:36", Exposure(15, 4, 1600, 24)),
    Shot("hotel-window", night.hotel_window, "phone", "14 22:30:11", Exposure(4, 1.8, 3200, 26), 204),
    Shot("tram", street.tram, "k2", "15 08:20:55", Exposure(320, 5.6, 200, 35)),
    Shot(
        "square-morning",
        square.square_morning,
        "phone",
        "15 08:40:18",
        Exposure(1800, 1.8, 50, 26),
        352,
        caption="The main square, twenty to nine",
    ),
    Shot("e-library", rooms.e_library, "phone", "15 09:25:37", Exposure(60, 1.8, 320, 26), 20),
    Shot("reader", rooms.reader, "k2", "15 09:41:09", Exposure(100, 2.8, 800, 60)),
    Shot(
        "kindergarten-stage",
        stage.kindergarten_stage,
        "phone",
        "15 10:50:14",
        Exposure(60, 1.8, 640, 26),
        75,
    ),
    Shot(
        "kindergarten-drum",
        stage.kindergarten_drum,
        "k2",
        "15 11:05:31",
        Exposure(125, 4, 3200, 70),
        orientation=8,
        caption="The drum",
    ),
    Shot("kindergarten-bow", stage.kindergarten_bow, "phone", "15 11:19:47", Exposure(60, 1.8, 640, 26), 75),
    Shot(
        "port-afternoon",
        harbour.port_afternoon,
        "k2",
        "15 15:02:26",
        Exposure(400, 8, 200, 40),
        caption="Two men looking at a ship",
    ),
    Shot("boats", harbour.boats, "phone", "15 15:48:52", Exposure(1000, 1.8, 50, 26), 118),
    Shot("cemetery", cemetery.cemetery, "k2", "15 18:31:20", Exposure(250, 8, 200, 28)),
    Shot(
        "bay-panorama",
        cemetery.bay_panorama,
        "phone",
        "15 19:25:05",
        Exposure(160, 1.8, 80, 26),
        285,
        caption="The bay from the cemetery hill",
    ),
    Shot(
        "harbour-dusk",
        harbour.harbour_dusk,
        "k2",
        "15 19:52:43",
        Exposure(10, 4, 1600, 50),
        caption="The port from the road down",
    ),
    Shot("dinner", table.dinner, "phone", "15 20:35:58", Exposure(40, 1.8, 500, 26), form="HEIF"),
    Shot("spa", bath.spa, "phone", "15 22:03:12", Exposure(30, 1.8, 800, 26), form="HEIF"),
)

NAMES = tuple(shot.name for shot in SHOTS)


@dataclass(frozen=True)
class DemoPhoto:
    """A finished file as it comes out of the camera."""

    name: str
    file_name: str
    data: bytes


@dataclass(frozen=True)
class DemoPost:
    """A post whose photos are named `photo:NAME` in the text."""

    slug: str
    title: str
    dek: str
    day: int
    author: Author
    published: datetime
    text: str


@dataclass(frozen=True)
class DemoNote:
    """What is said of a region of a picture; posts tie words to it by its name."""

    name: str
    photo: str
    corners: list[list[float]]
    text: str


@dataclass(frozen=True)
class DemoComment:
    """A reader's comment, or an author's reply where `by` says which.

    `photo` is the name of the photo it is about, `spot` a part of it: x, y, width and height in fractions.
    """

    key: str
    post: str
    parent: str | None
    name: str
    email: str
    text: str
    state: State
    at: datetime
    by: Author | None
    photo: str | None
    spot: list[float] | None


PEOPLE: dict[Author, tuple[str, str]] = {
    "mina": ("Mina Aalto", "mina@example.org"),
    "jonas": ("Jonas Weber", "jonas@example.org"),
}


def paint(name: str) -> DemoPhoto:
    """The photo of that name, the same bytes every time; KeyError when there is none."""
    number = {shot.name: i for i, shot in enumerate(SHOTS)}[name]
    shot = SHOTS[number]
    picture = shot.paint()
    if shot.camera == "phone":
        place = _phone_fix(shot, number) if shot.has_sky else None
        exif = phone_exif(picture.size, shot.at, place, shot.heading, shot.exposure, shot.caption)
    else:
        exif = k2_exif(picture.size, shot.at, shot.exposure, shot.orientation, shot.caption)
    return DemoPhoto(name, shot.file_name, finished(picture, exif, shot.form))


def photos(progress: Callable[[str], None] | None = None) -> Iterator[DemoPhoto]:
    """All photos in the order they were taken, each painted when it is asked for."""
    for name in NAMES:
        if progress is not None:
            progress(name)
        yield paint(name)


def tracks() -> list[tuple[str, bytes]]:
    """The recorder's files: (file name, GPX)."""
    return list(gpx_files())


def posts() -> list[DemoPost]:
    """The posts in the order they were written."""
    return [_post(path) for path in sorted(_STORY.glob("*.md"))]


def notes() -> list[DemoNote]:
    entries = tomllib.loads((_STORY / "notes.toml").read_text("utf-8"))["note"]
    return [DemoNote(**entry) for entry in entries]


def comments() -> list[DemoComment]:
    """All comments, parents before their replies."""
    entries = tomllib.loads((_STORY / "comments.toml").read_text("utf-8"))["comment"]
    return sorted((_comment(entry) for entry in entries), key=lambda comment: comment.at)


def _phone_fix(shot: Shot, number: int) -> Place:
    """Where the phone believes it is: the true place and a few metres."""
    true = place_at(shot.at)
    north, east, up = np.random.default_rng(4000 + number).normal(0, (2.5, 2.5, 4))
    across = METRES_PER_DEGREE * np.cos(np.radians(true.lat))
    return Place(true.lat + north / METRES_PER_DEGREE, true.lon + float(east / across), true.ele + up)


def _post(path: Path) -> DemoPost:
    _, front, text = path.read_text("utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in front.strip().splitlines())
    author: Author = "mina" if facts["author"] == "mina" else "jonas"
    published = datetime.fromisoformat(facts["published"])
    return DemoPost(
        path.stem[3:], facts["title"], facts["dek"], int(facts["day"]), author, published, text.strip() + "\n"
    )


def _comment(entry: dict[str, Any]) -> DemoComment:
    by: Author | None = entry.get("by")
    name, email = PEOPLE[by] if by else (entry["name"], entry["email"])
    state: State = entry.get("state", "approved")
    parent, text, at = entry.get("parent"), entry["text"], entry["at"]
    photo, spot = entry.get("photo"), entry.get("spot")
    return DemoComment(entry["key"], entry["post"], parent, name, email, text, state, at, by, photo, spot)
