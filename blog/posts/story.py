"""A post's text joined with its photos and their places: what the templates draw."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from blog.accounts.models import Person
from blog.db import db
from blog.photos.models import Photo
from blog.posts.markup import Block, Document, Embed, PhotoRow, PhotoUse, Prose, RouteMap, Video
from blog.posts.models import Post, chosen, shown_in
from blog.trips.maps import ACROSS, Drawn, draw, trip_view
from blog.trips.models import TripPhoto
from blog.trips.published import PublishedPhoto, PublishedTrip

PHONE_ROW = 3.2  # wider rows of three, in sum of aspects, break on a phone
COLUMN_REM = 46  # the width of photo rows on a wide screen


@dataclass(frozen=True)
class Figure:
    """A photo as it stands in a story."""

    photo: Photo
    row: PublishedPhoto | None
    alt: str
    caption: str
    share: float = 1.0

    @property
    def sizes(self) -> str:
        """How wide it is drawn, for the browser to choose a file by."""
        if self.photo.is_panorama and self.share == 1.0:
            return "100vw"
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


Part = Prose | Row | Missing | Drawing | Embed | Video


@dataclass(frozen=True)
class Story:
    """A post ready to be drawn."""

    post: Post
    parts: tuple[Part, ...]
    document: Document
    trip_rows: dict[int, PublishedPhoto]

    @property
    def figures(self) -> list[Figure]:
        return [figure for part in self.parts if isinstance(part, Row) for figure in part.figures]

    @property
    def missing(self) -> list[int]:
        """The numbers of photos that the text names and that are not shown."""
        return [part.photo_id for part in self.parts if isinstance(part, Missing)]

    @property
    def lead(self) -> Row | None:
        """A panorama that opens the text stands above it, edge to edge."""
        first = self.parts[0] if self.parts else None
        return first if isinstance(first, Row) and first.is_wide else None

    @property
    def body(self) -> tuple[Part, ...]:
        return self.parts[1:] if self.lead else self.parts


def photos_of(document: Document) -> dict[int, Photo]:
    found = (
        db.session.scalars(select(Photo).where(Photo.id.in_(document.photo_ids)))
        if document.photo_ids
        else ()
    )
    return {photo.id: photo for photo in found}


def places_of(post: Post, ids: Iterable[int]) -> dict[int, PublishedPhoto]:
    """The published places of these photos, by photo: on the post's own trip where they are on it."""
    ids = list(ids)
    if not ids:
        return {}
    rows = db.session.scalars(select(TripPhoto).where(TripPhoto.photo_id.in_(ids))).unique().all()
    ordered = sorted(rows, key=lambda row: row.trip_id == post.trip_id)
    trips = {row.trip_id: PublishedTrip.of(row.trip) for row in rows}
    return {row.photo_id: trips[row.trip_id].photo(row) for row in ordered}


def story_of(post: Post, document: Document, drafted_by: Person | None = None) -> Story:
    """Join a document with its photos and places: three queries, however many photos.

    `drafted_by`: who is writing this text, which may not be saved yet; without it, only what readers get.
    """
    rule = shown_in(post)
    if drafted_by:
        rule = post.may_use(drafted_by) & Photo.binned_at.is_(None)
    document = replace(document, photo_ids=tuple(chosen(document.photo_ids, rule)))
    places = places_of(post, document.photo_ids)
    photos = {photo_id: row.photo for photo_id, row in places.items()}
    if missing := set(document.photo_ids) - photos.keys():
        photos |= photos_of(Document((), photo_ids=tuple(missing)))
    parts: list[Part] = []
    for block in document.blocks:
        parts.extend(parts_of(post, block, photos, places))
    return Story(post, tuple(parts), document, places)


def parts_of(
    post: Post, block: Block, photos: dict[int, Photo], places: dict[int, PublishedPhoto]
) -> list[Part]:
    if isinstance(block, PhotoRow):
        return row_parts(block, photos, places)
    if isinstance(block, RouteMap):
        return [drawing(post, block, list(places.values()))]
    return [block]


def row_parts(block: PhotoRow, photos: dict[int, Photo], places: dict[int, PublishedPhoto]) -> list[Part]:
    known = [use for use in block.photos if use.photo_id in photos]
    missing: list[Part] = [Missing(use.photo_id) for use in block.photos if use.photo_id not in photos]
    total = sum(photos[use.photo_id].aspect for use in known)
    figures = tuple(figure(use, photos[use.photo_id], places.get(use.photo_id), total) for use in known)
    return [Row(figures), *missing] if figures else missing


def figure(use: PhotoUse, photo: Photo, row: PublishedPhoto | None, total: float) -> Figure:
    share = photo.aspect / total
    return Figure(photo, row, use.alt or photo.alt or "", use.caption or photo.caption or "", share)


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
