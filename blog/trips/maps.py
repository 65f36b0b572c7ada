"""A trip's route and photos as a map shows them."""

import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from blog.geo.drawing import draw_map
from blog.geo.mapview import MapPhoto, MapView
from blog.photos.models import Photo
from blog.trips.published import PublishedPhoto, PublishedTrip, found_words
from blog.web.locale import clock_time, short_day

THUMBNAIL = 400


def name_for_readers(photo: Photo) -> str:
    return photo.caption or photo.alt or _("Photo")


def name_for_author(photo: Photo) -> str:
    return photo.caption or photo.file_name


def trip_view(
    trip: PublishedTrip,
    photos: Iterable[PublishedPhoto],
    href: Callable[[PublishedPhoto], str],
    days: Sequence[int] | None = None,
    name: Callable[[Photo], str] = name_for_readers,
) -> MapView:
    """The map of a trip, or of some of its days, with these photos on it."""
    chosen = [day for day in trip.days if days is None or day.number in days]
    placed = [photo for photo in photos if photo.is_placed]
    title = _("Map of %(trip)s", trip=trip.title)
    return MapView(
        walked=[line for day in chosen for line in day.lines],
        flown=[line for day in chosen for line in day.flights],
        photos=[map_photo(photo, href(photo), name(photo.photo)) for photo in placed],
        title=title,
        description=ngettext(
            "The route, with the place of %(num)d photo.",
            "The route, with the places of %(num)d photos.",
            len(placed),
        ),
    )


def photo_view(
    trip: PublishedTrip,
    photo: PublishedPhoto,
    href: Callable[[PublishedPhoto], str],
    days: Sequence[int] | None = None,
) -> MapView:
    """The map of one photo, so close that the circle around its place is seen."""
    return replace(trip_view(trip, [photo], href, days), is_about_photo=True)


@dataclass(frozen=True)
class Drawn:
    """The same view drawn for a wide screen and for a phone; CSS shows the one that fits."""

    wide: Markup
    narrow: Markup


BESIDE, ABOVE = (300, 420), (390, 250)  # beside the text, and above it on a phone
ACROSS = (736, 460)


def draw(view: MapView, wide: tuple[int, int] = BESIDE, narrow: tuple[int, int] = ABOVE) -> Drawn:
    """Draw a view twice, at these sizes in pixels."""
    return drawn(pickle.dumps(view), wide, narrow)


@lru_cache(maxsize=128)
def drawn(view: bytes, wide: tuple[int, int], narrow: tuple[int, int]) -> Drawn:
    """The drawings of a pickled view: remembered, because a reply changes a page and leaves its map."""
    known: MapView = pickle.loads(view)  # noqa: S301 — pickled by us, a moment ago
    first, second = (draw_map(replace(known, width=width, height=height)) for width, height in (wide, narrow))
    return Drawn(Markup(first), Markup(second))  # noqa: S704 — drawn and escaped by us


def map_photo(row: PublishedPhoto, href: str, label: str) -> MapPhoto:
    photo = row.photo
    width = photo.fitting(THUMBNAIL)
    return MapPhoto(
        id=photo.id,
        lat=row.lat or 0.0,
        lon=row.lon or 0.0,
        radius_m=row.radius_m or 0.0,
        href=href,
        label=label,
        src=photo.url(width) if width else "",
        width=width,
        height=round(width / photo.aspect),
        caption=photo.caption or "",
        when=when(row),
        found=found_words(row),
    )


def when(row: PublishedPhoto) -> str:
    """`14 May, 15:20`, in the local time of the place."""
    local = row.local_time
    return f"{short_day(local)}, {clock_time(local)}" if local else ""
