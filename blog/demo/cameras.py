"""The two cameras of the demo trip, and what each of them writes into a file.

The phone knows where it is and what time it is. The K-2 knows neither: it has no GPS, notes no zone, and its
clock is an hour and seven minutes behind the trip, for it was set (not well) on the other side of the river.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import pillow_heif
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from blog.demo.course import Place

Format = Literal["JPEG", "PNG", "WEBP", "HEIF"]
SUFFIXES: dict[Format, str] = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic"}

PYONGYANG_TIME = timezone(timedelta(hours=9))
K2_BEHIND = timedelta(hours=1, minutes=7)

_SIDEWAYS = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
_SAVING: dict[Format, dict[str, object]] = {
    "JPEG": {"quality": 87, "subsampling": 2},
    "PNG": {"compress_level": 3},
    "WEBP": {"quality": 84, "method": 2},
    "HEIF": {"quality": 60, "enc_params": {"preset": "ultrafast"}},
}

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class Exposure:
    """Shutter in 1/s (0.5 is two seconds), aperture as f-number, ISO, focal length in mm of 35 mm film."""

    shutter: float
    aperture: float
    iso: int
    focal_35mm: int


def phone_exif(
    size: tuple[int, int],
    at: datetime,
    place: Place | None,
    heading: float,
    how: Exposure,
    caption: str | None,
) -> Image.Exif:
    """What the Wayfarer W7 writes: right time and zone, and its GPS unless `place` is None (in a tunnel)."""
    local = at.astimezone(PYONGYANG_TIME)
    exif = _exif(size, "Wayfarer", "W7", "W7 5.2.1", local, how, caption)
    details = exif.get_ifd(ExifTags.IFD.Exif)
    for tag in (
        ExifTags.Base.OffsetTime,
        ExifTags.Base.OffsetTimeOriginal,
        ExifTags.Base.OffsetTimeDigitized,
    ):
        details[tag] = "+09:00"
    details[ExifTags.Base.LensModel] = "W7 back camera 5.4 mm f/1.8"
    details[ExifTags.Base.FocalLength] = _ratio(how.focal_35mm * 5.4 / 26, 100)
    if place is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(_gps(at, place, heading))
    return exif


def k2_exif(
    size: tuple[int, int], at: datetime, how: Exposure, orientation: int, caption: str | None
) -> Image.Exif:
    """What the Kestrel K-2 writes: its own idea of the local time, nothing about zone or place."""
    exif = _exif(size, "Kestrel", "K-2", "Ver.1.10", at.astimezone(PYONGYANG_TIME) - K2_BEHIND, how, caption)
    exif[ExifTags.Base.Orientation] = orientation
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.BodySerialNumber] = "K2007316"
    details[ExifTags.Base.LensMake] = "Kestrel"
    details[ExifTags.Base.LensModel] = "Kestrel 24-70 mm f/2.8-4"
    details[ExifTags.Base.FocalLength] = _ratio(how.focal_35mm, 1)
    return exif


def finished(picture: Image.Image, exif: Image.Exif, form: Format) -> bytes:
    """The picture as the camera stores it, turned on its side where the EXIF says so."""
    turn = _SIDEWAYS.get(exif.get(ExifTags.Base.Orientation, 1))
    stored = picture if turn is None else picture.transpose(turn)
    file = io.BytesIO()
    stored.save(file, form, exif=exif.tobytes(), **_SAVING[form])
    return file.getvalue()


def _exif(
    size: tuple[int, int],
    make: str,
    model: str,
    software: str,
    local: datetime,
    how: Exposure,
    caption: str | None,
) -> Image.Exif:
    written = local.strftime("%Y:%m:%d %H:%M:%S")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = make
    exif[ExifTags.Base.Model] = model
    exif[ExifTags.Base.Software] = software
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.DateTime] = written
    if caption:
        exif[ExifTags.Base.ImageDescription] = caption
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExifVersion: b"0232",
            ExifTags.Base.DateTimeOriginal: written,
            ExifTags.Base.DateTimeDigitized: written,
            ExifTags.Base.ExposureTime: _exposure_time(how.shutter),
            ExifTags.Base.FNumber: _ratio(how.aperture, 10),
            ExifTags.Base.ISOSpeedRatings: how.iso,
            ExifTags.Base.FocalLengthIn35mmFilm: how.focal_35mm,
            ExifTags.Base.ExifImageWidth: size[0],
            ExifTags.Base.ExifImageHeight: size[1],
        }
    )
    return exif


def _gps(at: datetime, place: Place, heading: float) -> dict[int, object]:
    """The GPS directory, whose date and time are UTC."""
    utc = at.astimezone(UTC)
    return {
        ExifTags.GPS.GPSVersionID: b"\x02\x03\x00\x00",
        ExifTags.GPS.GPSLatitudeRef: "N" if place.lat >= 0 else "S",
        ExifTags.GPS.GPSLatitude: _degrees(place.lat),
        ExifTags.GPS.GPSLongitudeRef: "E" if place.lon >= 0 else "W",
        ExifTags.GPS.GPSLongitude: _degrees(place.lon),
        ExifTags.GPS.GPSAltitudeRef: b"\x00" if place.ele >= 0 else b"\x01",
        ExifTags.GPS.GPSAltitude: _ratio(abs(place.ele), 10),
        ExifTags.GPS.GPSTimeStamp: (_ratio(utc.hour, 1), _ratio(utc.minute, 1), _ratio(utc.second, 1)),
        ExifTags.GPS.GPSDateStamp: utc.strftime("%Y:%m:%d"),
        ExifTags.GPS.GPSImgDirectionRef: "T",
        ExifTags.GPS.GPSImgDirection: _ratio(heading % 360, 10),
        ExifTags.GPS.GPSMapDatum: "WGS-84",
    }


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds, the seconds to a ten-thousandth (3 mm)."""
    ten_thousandths = round(abs(value) * 36_000_000)
    minutes, rest = divmod(ten_thousandths, 600_000)
    return _ratio(minutes // 60, 1), _ratio(minutes % 60, 1), IFDRational(rest, 10_000)


def _ratio(value: float, per: int) -> IFDRational:
    return IFDRational(round(value * per), per)


def _exposure_time(shutter: float) -> IFDRational:
    return IFDRational(1, round(shutter)) if shutter >= 1 else IFDRational(round(1 / shutter), 1)
