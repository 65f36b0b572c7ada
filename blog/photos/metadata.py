"""What a photo file says about itself: when, where, with which camera, and in whose words. PURE."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO

from PIL.ImageFile import ImageFile

from blog.geo.positions import Position
from blog.photos.captions import read_words
from blog.photos.exif import DamagedExif, Tags, read_tags
from blog.photos.faces import Projection, read_faces, read_projection
from blog.photos.formats import PhotoFormat, RefusedFile, open_photo
from blog.photos.iptc import read_iptc
from blog.photos.raw import file_says
from blog.photos.xmp import read_xmp, xmp_packet

UNKNOWN_CAMERA = "unknown camera"
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
WIDEST_OFFSET_S = 15 * 3600
# No shore is lower than the Dead Sea (−430 m); real files say −919 m in the Alps, their sign being wrong.
LOWEST_M, HIGHEST_M = -500, 100_000

DATE_AND_TIME = re.compile(r"(\d{4})\D(\d\d?)\D(\d\d?)[\sT]+(\d\d?)\D(\d\d?)\D(\d\d?)(?:[.,](\d+))?")
OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)?")

# (tag of the date and time, tag of its sub-seconds), the truest first. What `Image DateTime` says is when the
# file was last changed: old phones write nothing else, editors overwrite it.
TIME_TAGS = (
    ("EXIF DateTimeOriginal", "EXIF SubSecTimeOriginal"),
    ("EXIF DateTimeDigitized", "EXIF SubSecTimeDigitized"),
    ("Image DateTime", "EXIF SubSecTime"),
)


@dataclass(frozen=True)
class Metadata:
    """What one photo file says. What it does not say, or says impossibly, is None; `problems` tells why.

    `taken_local` is what the camera's clock showed, without a zone. `utc_offset_s` is what the file claims
    that clock to be ahead of UTC, in seconds. `gps_time` needs date and time of the receiver; where the date
    is missing `gps_seconds_of_day` (0 ≤ s < 86400, UTC) still stands. `heading` is in degrees from north,
    clockwise, `exposure_s` in seconds, `focal_length_mm` the lens's own. `orientation` is EXIF's 1 to 8,
    and 1 where its decoder turns the picture by itself (HEIC, TIFF). `faces` are regions with names, see
    `read_faces`; `raw` is what the file says in its own words, see `file_says`.
    """

    taken_local: datetime | None = None
    utc_offset_s: int | None = None
    gps_time: datetime | None = None
    gps_seconds_of_day: float | None = None
    position: Position | None = None
    position_problem: str | None = None
    heading: float | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    camera_serial: str | None = None
    lens: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    orientation: int = 1
    caption: str | None = None
    title: str | None = None
    credit: str | None = None
    rights: str | None = None
    keywords: tuple[str, ...] = ()
    rating: int | None = None
    faces: tuple[dict[str, Any], ...] = ()
    projection: Projection | None = None
    raw: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def camera(self) -> str:
        """ "Make Model #serial"; the make is not said twice where the model begins with it."""
        return camera_name(self.camera_make, self.camera_model, self.camera_serial)


def camera_name(make: str | None, model: str | None, serial: str | None) -> str:
    """The key of a camera's clock, fit to be shown: "Canon EOS R5 #042021000123"."""
    if not make and not model:
        return UNKNOWN_CAMERA
    brand = (make or "").split(" ")[0]
    repeats = bool(model and brand and model.lower().startswith(brand.lower()))
    words = [model] if repeats else [make, model]
    return " ".join([word for word in words if word] + ([f"#{serial}"] if serial else []))


def read_metadata(file: BinaryIO, in_full: bool = True) -> Metadata:
    """What a photo file says about itself; without its own words in `raw` where not `in_full`, twice as fast.

    Raises nothing, whatever the bytes are: what cannot be read is None and told in `problems`.
    """
    try:
        photo_format, image = open_photo(file)
    except RefusedFile as refusal:
        return with_tags(file, None, None, [str(refusal)], in_full)
    return with_tags(file, photo_format, image, [], in_full)


def with_tags(
    file: BinaryIO,
    photo_format: PhotoFormat | None,
    image: ImageFile | None,
    problems: list[str],
    in_full: bool,
) -> Metadata:
    try:
        tags = read_tags(file, image, in_full)
    except DamagedExif:
        tags = Tags({})
        problems.append("The camera data in this file is damaged.")
    taken_local = read_taken(tags, problems)
    position, position_problem = read_position(tags)
    xmp, iptc = read_xmp(image), read_iptc(image)
    words = read_words(xmp, iptc, tags)
    orientation = 1 if photo_format and photo_format.turns_itself else read_orientation(tags)
    size, stored_turn = upright_facts(image, orientation)
    iso = tags.number("EXIF ISOSpeedRatings")
    return Metadata(
        taken_local=taken_local,
        utc_offset_s=read_utc_offset(tags),
        gps_time=read_gps_time(tags),
        gps_seconds_of_day=read_gps_seconds(tags),
        position=position,
        position_problem=position_problem,
        heading=read_heading(tags),
        camera_make=camera_word(tags, "Image Make"),
        camera_model=camera_word(tags, "Image Model"),
        camera_serial=camera_word(tags, "EXIF BodySerialNumber", "Image SerialNumber"),
        lens=camera_word(tags, "EXIF LensModel"),
        exposure_s=positive(tags.number("EXIF ExposureTime")),
        f_number=positive(tags.number("EXIF FNumber")),
        iso=int(iso) if positive(iso) and iso is not None else None,
        focal_length_mm=positive(tags.number("EXIF FocalLength")),
        orientation=orientation,
        caption=words.caption,
        title=words.title,
        credit=words.credit,
        rights=words.rights,
        keywords=words.keywords,
        rating=words.rating,
        faces=read_faces(xmp, size, stored_turn),
        projection=read_projection(xmp, size),
        raw=file_says(tags, iptc, xmp_packet(image)) if in_full else {},
        problems=tuple(problems),
    )


def upright_facts(image: ImageFile | None, orientation: int) -> tuple[tuple[int, int], int]:
    """The size of the upright picture, and how the stored one is turned to become it, as EXIF says it."""
    width, height = image.size if image else (1, 1)
    if image and "original_orientation" in image.info:  # HEIC: the size is the upright one already
        return (width, height), image.info["original_orientation"] or 1
    return ((height, width) if orientation >= 5 else (width, height)), orientation


def read_taken(tags: Tags, problems: list[str]) -> datetime | None:
    """What the camera's clock showed; why not, and what to doubt about it, goes to `problems`."""
    for tag, subsecond_tag in TIME_TAGS:
        written = tags.text(tag)
        if written is None:
            continue
        taken = parse_taken(written, tags.text(subsecond_tag))
        if taken is None:
            problems.append(f"The camera wrote an impossible date: “{written[:30]}”.")
        else:
            if tag == "Image DateTime":
                problems.append("Its time is when the file was last changed, perhaps after it was taken.")
            return taken
    return None


def parse_taken(written: str, subseconds: str | None) -> datetime | None:
    """EXIF's "2019:08:03 14:05:22" and its kin as a naive datetime; None for what no clock can have shown."""
    match = DATE_AND_TIME.match(written)
    if not match or not EARLIEST_YEAR <= int(match[1]) <= LATEST_YEAR:
        return None
    fraction = match[7] or (subseconds if subseconds and subseconds.isdecimal() else "")
    try:
        year, month, day, hour, minute, second = (int(match[part]) for part in range(1, 7))
        microsecond = int(f"{fraction[:6]:0<6}")
        return datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001  a camera has no zone
    except ValueError:
        return None


def read_utc_offset(tags: Tags) -> int | None:
    """Seconds that the camera says its clock is ahead of UTC."""
    return parse_offset(tags.text("EXIF OffsetTimeOriginal", "EXIF OffsetTime") or "")


def parse_offset(written: str) -> int | None:
    """Seconds ahead of UTC, from "+09:00", "+0900" or "Z"."""
    if written.upper() == "Z":
        return 0
    match = OFFSET.fullmatch(written)
    if not match:
        return None
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    return None if seconds > WIDEST_OFFSET_S else -seconds if match[1] == "-" else seconds


def read_gps_seconds(tags: Tags) -> float | None:
    """Seconds of the UTC day by the GPS receiver, from hours, minutes, seconds."""
    parts = tags.numbers("GPS GPSTimeStamp")
    if len(parts) != 3 or not (0 <= parts[0] < 24 and 0 <= parts[1] < 60 and 0 <= parts[2] < 60):
        return None
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


def read_gps_time(tags: Tags) -> datetime | None:
    """The GPS receiver's date and time in UTC, where it wrote both."""
    seconds, day = read_gps_seconds(tags), parse_day(tags.text("GPS GPSDate") or "")
    if seconds is None or day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)


def parse_day(written: str) -> date | None:
    parts = re.findall(r"\d+", written)[:3]
    try:
        day = date(*map(int, parts))
    except (ValueError, TypeError, OverflowError):
        return None
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else None


def read_position(tags: Tags) -> tuple[Position | None, str | None]:
    """Where the GPS receiver was, or why that cannot be told; neither where the file has no coordinates."""
    if "GPS GPSLatitude" not in tags and "GPS GPSLongitude" not in tags:
        return None, None
    lat = read_coordinate(tags, "GPS GPSLatitude", "N", "S")
    lon = read_coordinate(tags, "GPS GPSLongitude", "E", "W")
    if lat is None or lon is None:
        return None, "The GPS position in this file is incomplete."
    try:
        return Position(lat, lon, read_altitude(tags)), None
    except ValueError as error:
        return None, str(error)


def read_coordinate(tags: Tags, name: str, positive_letter: str, negative_letter: str) -> float | None:
    """Degrees from degrees, minutes, seconds (or fewer of them) and the letter of the hemisphere."""
    parts = tags.numbers(name)
    letter = (tags.text(f"{name}Ref") or "")[:1].upper()
    if not 1 <= len(parts) <= 3 or letter not in (positive_letter, negative_letter):
        return None
    if any(not 0 <= part <= 60 for part in parts[1:]):
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts))
    return -degrees if letter == negative_letter else degrees


def read_altitude(tags: Tags) -> float | None:
    """Metres above the sea; below it where the reference is 1."""
    metres = tags.number("GPS GPSAltitude")
    if metres is None:
        return None
    metres = -metres if tags.number("GPS GPSAltitudeRef") == 1 else metres
    return metres if LOWEST_M <= metres <= HIGHEST_M else None


def read_heading(tags: Tags) -> float | None:
    """Where the camera looked, in degrees clockwise from north."""
    degrees = tags.number("GPS GPSImgDirection")
    return degrees % 360 if degrees is not None and 0 <= degrees <= 360 else None


def read_orientation(tags: Tags) -> int:
    value = tags.number("Image Orientation")
    return int(value) if value is not None and value in range(1, 9) else 1


def camera_word(tags: Tags, *names: str) -> str | None:
    """One bounded line, such as a model or a serial number; a number of zeros alone is none."""
    text = tags.text(*names)
    return " ".join(text.split())[:100] if text and text.strip("0 ") else None


def positive(number: float | None) -> float | None:
    return number if number is not None and number > 0 else None
