"""Taking files into a trip: photos and tracks. Every file ends placed, kept without a place, or refused."""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import BinaryIO

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blog.accounts.models import Person
from blog.db import db
from blog.geo.trackfiles import Kind, Member, members, read_track, recognise
from blog.geo.trackpoints import TrackFileError, points
from blog.photos import formats, storage
from blog.photos.clips import ClipState
from blog.photos.formats import RefusedFile
from blog.photos.intake import take_in
from blog.photos.models import Photo, PhotoState
from blog.trips.models import Source, TrackFile, Trip, TripPhoto
from blog.trips.rights import is_own_photo
from blog.trips.solving import solve
from blog.web.locale import distance

LARGEST_TRACK = 250_000_000
MOST_REFUSALS = 10  # that are told one by one
TOLD_LATER = ("a text", "a video")  # some are a track or a film all the same
WHAT_IS_LEFT = "What is left could be read."  # how the first note of a damaged track ends


class Outcome(StrEnum):
    PLACED = "placed"
    KEPT = "kept"
    TRACK = "track"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True)
class Taken:
    """What became of one uploaded file, in words for the person who sent it.

    asks: the tracks in it that are not used before that person agrees.
    """

    file_name: str
    outcome: Outcome
    message: str
    photo_id: int | None = None
    asks: tuple[TrackFile, ...] = ()


def take_in_files(trip: Trip, files: list[tuple[str, BinaryIO]], by: Person) -> list[Taken]:
    """Take in any number of photos and tracks, then solve the trip's placement once. Commits."""
    received = [(name, receive(trip, name, stream, by)) for name, stream in files]
    solve(trip)
    db.session.commit()
    return [what if isinstance(what, Taken) else describe(trip, name, what) for name, what in received]


def receive(trip: Trip, name: str, stream: BinaryIO, by: Person) -> Taken | int:
    """Keep one file: the number of its photo, or what else became of it."""
    try:
        kind = recognise(stream)
        if kind is Kind.ZIP:
            return take_in_zip(trip, name, stream)
        if kind:
            return take_in_track(trip, name, stream, kind)
        photo = take_in(stream, name, by).photo
        add_photo(trip, photo)
    except (RefusedFile, TrackFileError) as error:
        return Taken(name, Outcome.REFUSED, str(error))
    return photo.id


def recognise_sent(trip: Trip, name: str, sha256: str, by: Person) -> Taken | int | None:
    """What became of these bytes when they came before: the number of the photo, now on the trip.

    None where they have to be sent, which they also have to be where only others have them: to know
    the hash of a photo gives nobody a right to see it.
    """
    if track := db.session.scalar(select(TrackFile).filter_by(trip_id=trip.id, sha256=sha256)):
        return known_track(name, track)
    photo = db.session.scalar(
        select(Photo).where(
            Photo.sha256 == sha256,
            Photo.binned_at.is_(None),
            Photo.state != PhotoState.FAILED,  # sent again, it is tried again
            is_own_photo(by),
        )
    )
    if photo is None:
        return None
    add_photo(trip, photo)
    return photo.id


def why_not_to_send(head: bytes) -> str | None:
    """Why a file that begins so would be refused; None where more of it has to be read to tell."""
    start = io.BytesIO(head)
    is_other = formats.recognise_film(head) or head.startswith(b"PK") or recognise(start)
    if not head or is_other or formats.describe(head) in TOLD_LATER:
        return None
    try:
        formats.format_of(start)
    except RefusedFile as refusal:
        return str(refusal)
    return None


def add_photo(trip: Trip, photo: Photo) -> None:
    """Put a photo on the trip, once."""
    known = select(TripPhoto.id).where(TripPhoto.trip_id == trip.id, TripPhoto.photo_id == photo.id)
    if db.session.scalar(known) is None:
        db.session.add(TripPhoto(trip_id=trip.id, photo_id=photo.id))
        try:
            db.session.commit()
        except IntegrityError:  # the same file in two requests at once
            db.session.rollback()


def take_in_zip(trip: Trip, name: str, stream: BinaryIO) -> Taken:
    """Keep every track in a ZIP as a file of its own. Raises `TrackFileError` where it holds none."""
    taken = [take_in_member(trip, member) for member in members(stream)]
    refused = [f"{one.file_name}: {one.message}" for one in taken if one.outcome is Outcome.REFUSED]
    words = [f"{one.file_name}: {one.message}" for one in taken if one.outcome is not Outcome.REFUSED]
    asks = tuple(track for one in taken for track in one.asks)
    if not words:
        raise TrackFileError(
            " ".join([_("There is no track in this ZIP that Roadbook can read."), *refused[:3]])
        )
    words += refused[:MOST_REFUSALS]
    if more := len(refused[MOST_REFUSALS:]):
        words.append(_("%(count)d other files in it were not taken either.", count=more))
    return Taken(name, Outcome.ASKED if asks else Outcome.TRACK, " ".join(words), asks=asks)


def take_in_member(trip: Trip, member: Member) -> Taken:
    try:
        with member.open() as stream:
            kind = recognise(stream)
            if kind is None or kind is Kind.ZIP:
                raise TrackFileError(_("Not taken: only tracks are read from a ZIP."))
            return take_in_track(trip, member.name, stream, kind)
    except TrackFileError as error:
        return Taken(member.name, Outcome.REFUSED, str(error))


def take_in_track(trip: Trip, name: str, stream: BinaryIO, kind: Kind) -> Taken:
    """Read a track file and keep it. Raises `TrackFileError` for what cannot be used."""
    digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()  # type: ignore[arg-type]
    if size > LARGEST_TRACK:
        raise TrackFileError(_("This track is larger than 250 MB. Split it and try again."))
    stream.seek(0)
    known = db.session.scalar(select(TrackFile).filter_by(trip_id=trip.id, sha256=digest))
    if known:
        return known_track(name, known)
    read = read_track(stream)
    storage.put_file(f"originals/{digest[:2]}/{digest}.{kind}", stream)
    track, length = read.track, distance(read.track.length_m)
    damage = [f"{read.damage} {WHAT_IS_LEFT}"] if read.damage else []
    kept = TrackFile(
        trip_id=trip.id,
        sha256=digest,
        file_name=name[:255],
        name=(read.name or "")[:255] or None,
        points=track.to_bytes(),
        point_count=len(track),
        length_m=track.length_m,
        begins_at=instant(track.begins_at),
        ends_at=instant(track.ends_at),
        notes=[*damage, *read.notes],
        is_used=not damage,
    )
    db.session.add(kept)
    db.session.commit()
    if damage:
        return asking(name, kept)
    return Taken(name, Outcome.TRACK, " ".join([_("A track of %(length)s.", length=length), *read.notes]))


def known_track(name: str, track: TrackFile) -> Taken:
    if track.is_used:
        return Taken(name, Outcome.TRACK, _("This track is already part of the trip."))
    return asking(name, track, _("This track is already there, but left out."))


def asking(name: str, track: TrackFile, *words: str) -> Taken:
    """`The file ends in line 213. 1,200 points over 42 km could be read.`"""
    if is_damaged(track):
        damage = track.notes[0].removesuffix(WHAT_IS_LEFT).rstrip()
        facts = _(
            "%(points)s over %(length)s could be read.",
            points=points(track.point_count),
            length=distance(track.length_m),
        )
        words = (*words, damage, facts, *track.notes[1:])
    return Taken(name, Outcome.ASKED, " ".join(words), asks=(track,))


def is_damaged(track: TrackFile) -> bool:
    """Whether the file is broken, so that only a part of it could be read: its first note says which."""
    return bool(track.notes) and track.notes[0].endswith(WHAT_IS_LEFT)


def instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def describe(trip: Trip, name: str, photo_id: int) -> Taken:
    """The outcome for a photo, after the trip was solved."""
    row = (
        db.session.scalars(
            select(TripPhoto).where(TripPhoto.trip_id == trip.id, TripPhoto.photo_id == photo_id)
        )
        .unique()
        .one()
    )
    if row.is_placed:
        return Taken(name, Outcome.PLACED, sentence(row), photo_id)
    why = row.reason or _("Nothing in it says where it was taken.")
    return Taken(name, Outcome.KEPT, _("Kept, without a place. %(why)s", why=why), photo_id)


def how_found(row: TripPhoto) -> str:
    """How a place was found, in a few words."""
    words = {
        "exif_gps": _("by its own GPS"),
        "by_hand": _("put there by hand"),
        "track": _("on the track"),
        "track_gap": _("in a gap of the track"),
        "neighbours": _("between two photos"),
        "order": _("by its place in the story"),
        "none": _("no place yet"),
    }
    return words[row.source.value]


def film_state(photo: Photo) -> str:
    """What becomes of a film that readers cannot play yet."""
    clip = photo.clip
    if clip is None:
        return ""
    if clip.state is ClipState.FAILED:
        return clip.failure or _("This film could not be prepared.")
    if photo.hidden_regions:
        return _("Parts of this photo are hidden, so readers get it without its moving part.")
    if clip.state is ClipState.PROCESSING and clip.progress:
        return _("Being prepared: %(percent)d %%", percent=round(100 * clip.progress))
    return _("Being prepared…")


def sentence(row: TripPhoto) -> str:
    """`Placed on the track, within about 20 m.`"""
    if row.source is Source.BY_HAND:
        return _("Placed by hand.")
    if row.radius_m is None:
        return _("Placed %(how)s.", how=how_found(row))
    return _("Placed %(how)s, within about %(radius)s.", how=how_found(row), radius=distance(row.radius_m))
