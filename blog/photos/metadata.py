"""What a photo file says about itself: when, where, with which camera, and in whose words. PURE."""

from dataclasses import dataclass
from datetime import datetime

from blog.geo.positions import Position

UNKNOWN_CAMERA = "unknown camera"


@dataclass(frozen=True)
class Metadata:
    """What one photo file says. What it does not say, or says impossibly, is None; `problems` tells why.

    `taken_local` is what the camera's clock showed, without a zone. `utc_offset_s` is what the file claims that
    clock to be ahead of UTC, in seconds. `gps_time` needs date and time of the receiver; where the date is missing
    `gps_seconds_of_day` (0 ≤ s < 86400, UTC) still stands. `heading` is in degrees from north, clockwise,
    `exposure_s` in seconds, `focal_length_mm` the lens's own. `orientation` is EXIF's 1 to 8, and 1 where the
    container turns the picture by itself (HEIC).
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
