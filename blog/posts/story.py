"""A post's text joined with its photos and their places: what the templates draw."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from blog.accounts.models import Person
from blog.db import db
from blog.photos.models import Photo
from blog.photos.notes import RegionNote
from blog.posts.markup import Block, Document, Embed, Links, PhotoRow, PhotoUse, Prose, RouteMap, Video
from blog.posts.models import Post, chosen, published_photos, shown_by, shown_in
from blog.trips.maps import ACROSS, Drawn, draw, trip_view
from blog.trips.models import TripPhoto
from blog.trips.published import PublishedPhoto, PublishedTrip

PHONE_ROW = 3.2  # wider rows of three, in sum of aspects, break on a phone
STRIP_REM = 14  # how high a panorama is on a phone, at least
COLUMN_REM = 46  # the width of photo rows on a wide screen


@dataclass(frozen=True)
class Figure:
    """A photo as it stands in a story. Notes stand by a photo's first appearance only."""

    photo: Photo
    row: PublishedPhoto | None
    alt: str
    caption: str
    share: float = 1.0
    notes: tuple[RegionNote, ...] = ()

    @property
    def sizes(self) -> str:
        """How wide it is drawn, for the browser to choose a file by."""
        if self.photo.is_panorama and self.share == 1.0:
            return f"(min-width: 54rem) 100vw, max(100vw, {round(STRIP_REM * self.photo.aspect)}rem)"
        wide, narrow = round(COLUMN_REM * self.share, 1), round(100 * self.share)
        return f"(min-width: 54rem) {wide}rem, {narrow}vw"

    @property
    def is_ready(self) -> bool:
        return self.photo.is_ready


@dataclass(frozen=True)
class Row:
    """Figures side by side; `is_wide` where a panorama takes the whole screen."""

    figures: tuple[Figure, ...]
    kind: str = "photos"

    @property
    def lines(self) -> list[tuple[Figure, ...]]:
        """How the row breaks on a phone: four stand two by two, of three wide ones the first stands alone."""
        count = len(self.figures)
        if count == 4 or (count == 3 and sum(figure.photo.aspect for figure in self.figures) > PHONE_ROW):
            return [self.figures[: count // 2], self.figures[count // 2 :]]
        return [self.figures]

    @property
    def is_wide(self) -> bool:
        return len(self.figures) == 1 and self.figures[0].photo.is_panorama


@dataclass(frozen=True)
class Missing:
    """A photo that the text names and that cannot be shown; readers get nothing in its place."""

    photo_id: int
    kind: str = "missing"


@dataclass(frozen=True)
class Drawing:
    drawn: Drawn
    kind: str = "map"


@dataclass(frozen=True)
class Film:
    """A film of the author's, or the moving part of a photo."""

    figure: Figure
    kind: str = "film"


@dataclass(frozen=True)
class Elsewhere:
    """A film or page of another site; the figure stands there until a click loads it."""

    embed: Embed
    figure: Figure | None
    kind: str = "embed"


Part = Prose | Row | Missing | Drawing | Elsewhere | Film


@dataclass(frozen=True)
class Story:
    """A post ready to be drawn."""

    post: Post
    parts: tuple[Part, ...]
    document: Document
    trip_rows: dict[int, PublishedPhoto]

    @property
    def figures(self) -> list[Figure]:
        return [figure for part in self.parts for figure in figures_of(part)]

    @property
    def notes(self) -> list[RegionNote]:
        return [note for figure in self.figures for note in figure.notes]

    @property
    def missing(self) -> list[int]:
        """The numbers of photos that the text names and that are not shown."""
        return [part.photo_id for part in self.parts if isinstance(part, Missing) and part.kind == "missing"]

    @property
    def lead(self) -> Row | None:
        """A panorama that opens the text stands above it, edge to edge."""
        first = self.parts[0] if self.parts else None
        return first if isinstance(first, Row) and first.is_wide else None

    @property
    def body(self) -> tuple[Part, ...]:
        return self.parts[1:] if self.lead else self.parts


def figures_of(part: Part) -> tuple[Figure, ...]:
    if isinstance(part, Row):
        return part.figures
    if isinstance(part, Film | Elsewhere) and part.figure:
        return (part.figure,)
    return ()


class Material(NamedTuple):
    """What one story or many are made of: rows of trips, photos, and notes by the photo's number."""

    rows: dict[int, list[TripPhoto]]
    trips: dict[int, PublishedTrip]
    photos: dict[int, Photo]
    notes: dict[int, list[RegionNote]]

    def place(self, photo_id: int, post: Post) -> PublishedPhoto | None:
        """The published place of a photo: on the post's own trip where it is on that."""
        rows = sorted(self.rows.get(photo_id, ()), key=lambda row: row.trip_id == post.trip_id)
        return self.trips[rows[-1].trip_id].photo(rows[-1]) if rows else None

    def notes_for(self, document: Document) -> dict[int, list[RegionNote]]:
        """By photo: the notes of the document's photos, and those of others that it names."""
        return {
            photo_id: [*its]
            for photo_id, its in self.notes.items()
            if photo_id in document.photo_ids or any(note.id in document.note_ids for note in its)
        }


def gather(documents: Sequence[Document]) -> Material:
    """Three queries, however many documents and photos."""
    ids = {photo_id for document in documents for photo_id in document.photo_ids}
    note_ids = {note_id for document in documents for note_id in document.note_ids}
    rows: dict[int, list[TripPhoto]] = {}
    if ids:
        for row in db.session.scalars(select(TripPhoto).where(TripPhoto.photo_id.in_(ids))).unique():
            rows.setdefault(row.photo_id, []).append(row)
    trips = {row.trip_id: row.trip for its in rows.values() for row in its}
    photos = {photo_id: its[0].photo for photo_id, its in rows.items()}
    if elsewhere := ids - photos.keys():
        photos |= {
            photo.id: photo for photo in db.session.scalars(select(Photo).where(Photo.id.in_(elsewhere)))
        }
    named = RegionNote.id.in_(note_ids) & RegionNote.photo_id.in_(published_photos())
    notes = notes_on(ids, named) if ids or note_ids else {}
    return Material(rows, {n: PublishedTrip.of(trip) for n, trip in trips.items()}, photos, notes)


def story_of(post: Post, document: Document, drafted_by: Person | None = None) -> Story:
    """Join a document with its photos, their places and notes: four queries, however many photos.

    `drafted_by`: who is writing this text, which may not be saved yet; without it, only what readers get.
    """
    rule = shown_in(post)
    if drafted_by:
        rule = post.may_use(drafted_by) & Photo.binned_at.is_(None)
    document = replace(document, photo_ids=tuple(chosen(document.photo_ids, rule)))
    return join(post, document, gather([document]))


def stories_of(posts: Sequence[Post]) -> list[Story]:
    """What readers get of these posts: four queries, however many there are."""
    shown = shown_by(posts)
    documents = [replace(post.document(), photo_ids=shown.get(post.id, ())) for post in posts]
    material = gather(documents)
    return [join(post, document, material) for post, document in zip(posts, documents, strict=True)]


def join(post: Post, document: Document, material: Material) -> Story:
    notes = material.notes_for(document)
    photos = {photo_id: material.photos[photo_id] for photo_id in document.photo_ids}
    places = {photo_id: place for photo_id in photos if (place := material.place(photo_id, post))}
    document = document.linked(Links(notes=tuple(addresses(notes, document.photo_ids))))
    parts: list[Part] = []
    for block in document.blocks:
        parts.extend(parts_of(post, block, photos, places, notes))
    return Story(post, tuple(parts), document, places)


def notes_on(
    photo_ids: Collection[int], or_else: ColumnElement[bool] | None = None
) -> dict[int, list[RegionNote]]:
    """The notes on these photos by photo, in their order; and others of which `or_else` is true."""
    wanted = RegionNote.photo_id.in_(photo_ids)
    query = select(RegionNote).where(
        RegionNote.deleted_at.is_(None), wanted if or_else is None else wanted | or_else
    )
    found: dict[int, list[RegionNote]] = {}
    for note in db.session.scalars(query.order_by(RegionNote.number, RegionNote.id)):
        found.setdefault(note.photo_id, []).append(note)
    return found


def addresses(notes: dict[int, list[RegionNote]], photo_ids: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Where each note is read: under its photo on this page, else on the photo's own."""
    for photo_id, its in notes.items():
        page = "" if photo_id in photo_ids else url_for("pages.photo", photo_id=photo_id)
        yield from ((note.id, f"{page}#note-{note.id}") for note in its)


def parts_of(
    post: Post,
    block: Block,
    photos: dict[int, Photo],
    places: dict[int, PublishedPhoto],
    notes: dict[int, list[RegionNote]],
) -> list[Part]:
    """What a block is drawn as. Takes the notes of the photos it shows out of `notes`."""
    if isinstance(block, PhotoRow):
        return row_parts(block, photos, places, notes)
    if isinstance(block, RouteMap):
        return [drawing(post, block, list(places.values()))]
    if isinstance(block, Video):
        return [film(block, photos, places)]
    if isinstance(block, Embed):
        return [elsewhere(block, photos, places)]
    return [block]


def film(block: Video, photos: dict[int, Photo], places: dict[int, PublishedPhoto]) -> Part:
    """The film, by its number; a photo that does not move is none."""
    photo = photos.get(block.video_id)
    if photo is None or photo.clip is None:
        return Missing(block.video_id, "no film" if photo else "missing")
    use = PhotoUse(photo.id, photo.alt or block.caption, block.caption)
    return Film(figure(use, photo, places.get(photo.id), photo.aspect))


def elsewhere(block: Embed, photos: dict[int, Photo], places: dict[int, PublishedPhoto]) -> Part:
    use = block.poster
    photo = photos.get(use.photo_id) if use else None
    return Elsewhere(block, figure(use, photo, places.get(photo.id), photo.aspect) if use and photo else None)


def row_parts(
    block: PhotoRow,
    photos: dict[int, Photo],
    places: dict[int, PublishedPhoto],
    notes: dict[int, list[RegionNote]],
) -> list[Part]:
    known = [use for use in block.photos if use.photo_id in photos]
    missing: list[Part] = [Missing(use.photo_id) for use in block.photos if use.photo_id not in photos]
    total = sum(photos[use.photo_id].aspect for use in known)
    figures = tuple(
        figure(use, photos[use.photo_id], places.get(use.photo_id), total, notes.pop(use.photo_id, []))
        for use in known
    )
    return [Row(figures), *missing] if figures else missing


def figure(
    use: PhotoUse, photo: Photo, row: PublishedPhoto | None, total: float, notes: Sequence[RegionNote] = ()
) -> Figure:
    share, alt, caption = photo.aspect / total, use.alt or photo.alt or "", use.caption or photo.caption or ""
    return Figure(photo, row, alt, caption, share, tuple(notes))


def drawing(post: Post, block: RouteMap, rows: list[PublishedPhoto]) -> Part:
    trip = PublishedTrip.of(post.trip) if post.trip else None
    if trip is None or not trip.has_map:
        return Prose("")
    days = [block.day] if block.day else list(range(1, post.day_number + 1)) if post.day_number else None
    own = [row for row in rows if row.trip_id == post.trip_id]
    inside = [row for row in own if days is None or row.day_number in days]
    return Drawing(draw(trip_view(trip, inside, photo_href, days), wide=ACROSS))


def photo_href(row: PublishedPhoto) -> str:
    return f"#photo-{row.photo_id}"


def why_missing(story: Story) -> dict[int, str]:
    """By number, for who writes: why a photo that the text names is not shown."""
    ids = story.missing
    found = (
        db.session.execute(select(Photo.id, Photo.binned_at).where(Photo.id.in_(ids))).all() if ids else ()
    )
    binned = {photo_id: binned_at is not None for photo_id, binned_at in found}
    words = {
        None: _l("Photo %(number)d is not here."),
        True: _l("Photo %(number)d is in the bin."),
        False: _l("Photo %(number)d is left out: it belongs to someone who has not published it."),
    }
    return {photo_id: str(words[binned.get(photo_id)]) % {"number": photo_id} for photo_id in ids}


def missing_alt(story: Story) -> list[Figure]:
    """Figures that say nothing to those who cannot see them."""
    return [figure for figure in story.figures if not figure.alt.strip()]
