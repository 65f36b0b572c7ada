"""A photo: its original, what its file says, and the state of its renditions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text, delete
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship, validates

from blog.accounts.models import Person
from blog.db import Base, db, named, now
from blog.geo.positions import Position
from blog.photos.clips import Clip, ClipState
from blog.photos.faces import Projection
from blog.photos.formats import PhotoFormat
from blog.photos.metadata import Metadata, camera_name
from blog.photos.notes import MOST_NOTES, HiddenRegion, RegionNote, said
from blog.photos.regions import Region
from blog.photos.renditions import RECIPE, Credit, Rendered, RenditionFormat

PANORAMA_ASPECT = 2.4


class PhotoState(StrEnum):
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Photo(Base):
    """One original, whoever uploaded it how often. Width and height are those of the upright picture.

    A film is a photo too: the renditions are those of its poster, and `clip` says the rest.
    """

    __tablename__ = "photo"
    readers_see_it = True  # a change makes kept pages old
    __table_args__ = (Index("ix_photo_state_processing_since", "state", "processing_since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_key: Mapped[str] = mapped_column(String(64), unique=True)  # what public addresses name
    file_name: Mapped[str] = mapped_column(String(255))  # as uploaded; to be shown, never to be opened
    format: Mapped[PhotoFormat] = mapped_column(named(PhotoFormat))
    byte_size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)

    state: Mapped[PhotoState] = mapped_column(named(PhotoState), default=PhotoState.UPLOADED)
    processing_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(300))  # in plain words
    widths: Mapped[list[int]] = mapped_column(JSON, default=list)  # of the finished renditions, ascending
    thumbhash: Mapped[str | None] = mapped_column(String(60))  # base64
    color: Mapped[str | None] = mapped_column(String(7))  # the average, "#rrggbb"

    taken_local: Mapped[datetime | None] = mapped_column(DateTime)  # the camera's clock, without a zone
    utc_offset_s: Mapped[int | None]
    gps_time: Mapped[datetime | None]
    gps_seconds_of_day: Mapped[float | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    ele: Mapped[float | None]
    position_problem: Mapped[str | None] = mapped_column(String(200))
    heading: Mapped[float | None]
    camera: Mapped[str] = mapped_column(String(310), index=True)
    camera_make: Mapped[str | None] = mapped_column(String(100))
    camera_model: Mapped[str | None] = mapped_column(String(100))
    camera_serial: Mapped[str | None] = mapped_column(String(100))
    lens: Mapped[str | None] = mapped_column(String(100))
    exposure_s: Mapped[float | None]
    f_number: Mapped[float | None]
    iso: Mapped[int | None]
    focal_length_mm: Mapped[float | None]
    orientation: Mapped[int] = mapped_column(default=1)
    problems: Mapped[list[str]] = mapped_column(JSON, default=list)

    caption: Mapped[str | None] = mapped_column(Text)
    alt: Mapped[str | None] = mapped_column(Text)
    credit: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    rights: Mapped[str | None] = mapped_column(Text)
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    rating: Mapped[int | None]  # 1 to 5 stars
    faces: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # named regions in the file (MWG): [{"name", "region": [[x, y], …]}, …]
    projection_in_file: Mapped[Projection | None] = mapped_column(named(Projection))  # by GPano
    projection_by_hand: Mapped[Projection | None] = mapped_column(named(Projection))
    file_says: Mapped[dict[str, Any]] = deferred(
        mapped_column(JSON, default=dict, server_default="{}", nullable=False)
    )  # the raw metadata, bounded: {"exif": {…}, "iptc": {…}, "xmp": "…"}
    binned_at: Mapped[datetime | None] = mapped_column(index=True)  # in the bin since; gone after 30 days

    uploaded_by: Mapped[Person | None] = relationship()
    clip: Mapped[Clip | None] = relationship(cascade="all, delete-orphan", lazy="joined")
    notes: Mapped[list[RegionNote]] = relationship(
        cascade="all, delete-orphan",
        order_by="(RegionNote.number, RegionNote.id)",
        primaryjoin="and_(RegionNote.photo_id == Photo.id, RegionNote.deleted_at.is_(None))",
    )
    hidden_regions: Mapped[list[HiddenRegion]] = relationship(
        cascade="all, delete-orphan", order_by="HiddenRegion.id"
    )

    @validates("media_key")
    def leave_copy_behind(self, _name: str, key: str) -> str:
        """The copy of a film belongs to a key: with another one, another is made."""
        if self.clip and key != self.media_key:
            self.clip.try_again()
        return key

    def take_over(self, metadata: Metadata) -> None:
        """Keep what the file says. Words that a person wrote already stay."""
        position = metadata.position
        self.lat, self.lon, self.ele = (position.lat, position.lon, position.ele) if position else (None,) * 3
        for name in KEPT_AS_READ:
            setattr(self, name, getattr(metadata, name))
        self.camera = camera_name(metadata.camera_make, metadata.camera_model, metadata.camera_serial)
        self.problems = list(metadata.problems)
        self.caption = self.caption or metadata.caption or metadata.title
        self.title, self.credit = self.title or metadata.title, self.credit or metadata.credit
        self.rights, self.rating = self.rights or metadata.rights, self.rating or metadata.rating
        self.keywords = self.keywords or list(metadata.keywords)
        self.faces, self.projection_in_file = list(metadata.faces), metadata.projection
        self.file_says = metadata.raw

    @property
    def position(self) -> Position | None:
        """Where the file itself says it was taken."""
        return None if self.lat is None or self.lon is None else Position(self.lat, self.lon, self.ele)

    def show(self, rendered: Rendered) -> None:
        """From here on these renditions can be loaded."""
        self.widths = list(rendered.widths)
        self.thumbhash, self.color = rendered.summary

    def finish(self, rendered: Rendered) -> None:
        self.state = PhotoState.READY
        self.processing_since = self.failure = None
        self.show(rendered)

    def fail(self, words: str) -> None:
        """No renditions can be made; the original stays."""
        self.state, self.processing_since, self.failure = PhotoState.FAILED, None, words

    def try_again(self) -> None:
        self.state, self.attempts, self.failure = PhotoState.UPLOADED, 0, None

    def add_note(self, region: Region, text: str, by: Person | None) -> RegionNote:
        """Say something about a region, after the other notes.

        Raises `ValueError` in words for the user.
        """
        if len(self.notes) >= MOST_NOTES:
            raise ValueError("Sixty notes are the most that one photo takes.")
        note = RegionNote(
            number=len(self.notes) + 1,
            corners=region.to_json(),
            text=said(text),
            author_id=by.id if by else None,
        )
        self.notes.append(note)
        return note

    def put_note(self, note: RegionNote, number: int) -> None:
        """Give a note another number; the others make room."""
        others = [other for other in self.notes if other is not note]
        others.insert(min(max(number, 1), len(self.notes)) - 1, note)
        number_notes(others)

    def delete_note(self, note: RegionNote) -> None:
        """Take a note from readers; `restore_note` brings it back to where it was."""
        note.deleted_at = now()
        number_notes([other for other in self.notes if other is not note])

    def restore_note(self, note: RegionNote) -> None:
        others = [other for other in self.notes if other is not note]
        others.insert(min(note.number, len(others) + 1) - 1, note)
        note.deleted_at = None
        number_notes(others)

    def hide(self, region: Region, by: Person | None) -> HiddenRegion:
        """Destroy a region's pixels in everything that readers can reach. Commit, then `rendering.renew`.

        The moving part of a motion photo is not published meanwhile: it would show the region.
        Raises `ValueError` in words for the user.
        """
        if self.is_film:
            raise ValueError("A part of a film cannot be hidden. Cut the film before you upload it.")
        hidden = HiddenRegion(corners=region.to_json(), hidden_by_id=by.id if by else None)
        self.hidden_regions.append(hidden)
        self.change_media_key()
        return hidden

    def show_again(self, hidden: HiddenRegion) -> None:
        """Readers may see a region again. Commit, then `rendering.renew`."""
        self.hidden_regions.remove(hidden)
        self.change_media_key()

    def change_media_key(self) -> None:
        """Give the public files new addresses, and take everything made of the old pixels from readers."""
        key = media_key(self.sha256, self.regions_hidden)
        if key == self.media_key:
            return
        self.move_to(key)
        self.widths, self.thumbhash, self.color = [], None, None
        self.try_again()

    def move_to(self, key: str) -> None:
        """Name the public files by another key. What lies under the old one is to be deleted."""
        db.session.execute(delete(RetiredMedia).where(RetiredMedia.media_key == key))
        db.session.merge(RetiredMedia(media_key=self.media_key, retired_at=now()))
        self.media_key = key

    def bin(self, at: datetime) -> None:
        """Put it into the bin: readers get nothing of it any more. What is binned together has one time."""
        self.binned_at = self.binned_at or at

    def restore(self) -> None:
        """Take it out of the bin."""
        self.binned_at = None

    @property
    def is_binned(self) -> bool:
        return self.binned_at is not None

    @property
    def is_ready(self) -> bool:
        return self.state is PhotoState.READY

    @property
    def can_be_seen(self) -> bool:
        """Whether there is a rendition at all: the smallest is made on arrival."""
        return bool(self.widths) and self.state is not PhotoState.FAILED

    @property
    def regions_hidden(self) -> tuple[Region, ...]:
        return tuple(hidden.region for hidden in self.hidden_regions)

    @property
    def files_credit(self) -> Credit:
        """What its public files say about whose it is."""
        return Credit(self.credit, self.rights)

    @property
    def work_left(self) -> PhotoState:
        """READY once all that readers get of it is made, or will never be: its renditions and its film."""
        clip_at_work = self.clip and self.clip.state in (ClipState.UPLOADED, ClipState.PROCESSING)
        return PhotoState.PROCESSING if self.is_ready and clip_at_work else self.state

    @property
    def is_film(self) -> bool:
        return self.format.is_film

    @property
    def film(self) -> str | None:
        """Address of what browsers play: the film, or the moving part of a photo; None while there is none.

        Where parts of the photo are hidden the key is another one, and no copy is made for it.
        """
        is_there = self.clip and self.clip.state is ClipState.READY and self.clip.media_key == self.media_key
        return f"/media/{self.media_key}/clip.mp4" if is_there else None

    @property
    def captions(self) -> str | None:
        """Address of the film's captions; None where there are none."""
        has_some = self.film and self.clip and self.clip.has_captions
        return f"/media/{self.media_key}/captions.vtt" if has_some else None

    @property
    def megapixels(self) -> int:
        """Rounded up."""
        return -(-self.width * self.height // 1_000_000)

    @property
    def aspect(self) -> float:
        return self.width / self.height

    @property
    def may_be_sphere(self) -> bool:
        """Whether it is worth asking its author how it is looked at: a sphere is twice as wide as high."""
        return bool(self.projection_in_file or self.projection_by_hand) or abs(self.aspect - 2) < 0.05

    @property
    def is_panorama(self) -> bool:
        return self.aspect >= PANORAMA_ASPECT

    @property
    def projection(self) -> Projection:
        """How it is looked at: as its author says, else as its file says. Its shape alone tells nothing."""
        return self.projection_by_hand or self.projection_in_file or Projection.FLAT

    @property
    def is_sphere(self) -> bool:
        return self.projection is Projection.SPHERE

    @property
    def service(self) -> str:
        """Path of its IIIF image service; another one whenever its public pixels change."""
        return f"/iiif/3/{self.media_key}"

    def look_at_it(self, projection: Projection | None) -> None:
        """Say how it is to be looked at, or with None leave it to its file."""
        self.projection_by_hand = projection

    def url(self, width: int, rendition_format: str = RenditionFormat.JPEG) -> str:
        return f"/media/{self.media_key}/{width}.{rendition_format}"

    def srcset(self, rendition_format: str = RenditionFormat.JPEG) -> str:
        """The renditions as an `<img srcset>` lists them; empty while there are none."""
        return ", ".join(f"{self.url(width, rendition_format)} {width}w" for width in self.widths)

    def fitting(self, width: int) -> int:
        """The narrowest finished rendition that is at least `width` wide, else the widest; 0 if none is."""
        return next((w for w in self.widths if w >= width), self.widths[-1] if self.widths else 0)

    def largest(self, rendition_format: str = RenditionFormat.JPEG) -> str | None:
        """Address of the widest rendition."""
        return self.url(self.widths[-1], rendition_format) if self.widths else None

    @property
    def camera_words(self) -> str:
        """Make and model without the serial number; empty where the file does not name them."""
        named_camera = bool(self.camera_make or self.camera_model)
        return camera_name(self.camera_make, self.camera_model, None) if named_camera else ""

    @property
    def exposure_words(self) -> str:
        """ "1/250 s, ƒ/4, ISO 200, 35 mm", as much of it as is known."""
        parts = (
            self.exposure_s and exposure_time_words(self.exposure_s),
            self.f_number and f"ƒ/{self.f_number:.3g}",
            self.iso and f"ISO {self.iso}",
            self.focal_length_mm and f"{self.focal_length_mm:.3g} mm",
        )
        return ", ".join(part for part in parts if part)


class RetiredMedia(Base):
    """A key that no photo has any longer, whose files are to be deleted. `rendering.clear_retired` does it.

    The row is also a lock: a photo that gets its old key back deletes it first.
    """

    __tablename__ = "retired_media"

    media_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    retired_at: Mapped[datetime] = mapped_column(default=now)


def number_notes(notes: Sequence[RegionNote]) -> None:
    for number, note in enumerate(notes, start=1):
        note.number = number


def media_key(sha256: str, hidden: Sequence[Region] = ()) -> str:
    """What the public addresses of a photo name: another one whenever its public pixels change.

    Made of the original, of what is hidden in it and of the recipe of its renditions; 64 hexadecimal digits.
    """
    shapes = sorted(str(region.to_json()) for region in hidden)
    return hashlib.sha256("\n".join([RECIPE, sha256, *shapes]).encode()).hexdigest()


KEPT_AS_READ = (
    "taken_local",
    "utc_offset_s",
    "gps_time",
    "gps_seconds_of_day",
    "position_problem",
    "heading",
    "camera_make",
    "camera_model",
    "camera_serial",
    "lens",
    "exposure_s",
    "f_number",
    "iso",
    "focal_length_mm",
    "orientation",
)


def exposure_time_words(seconds: float) -> str:
    """Short times as photographers say them, "1/250 s"; from 0.3 s on in seconds."""
    return f"1/{round(1 / seconds)} s" if seconds < 0.3 else f"{seconds:.2g} s"
