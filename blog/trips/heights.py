"""The heights of a trip, or of some of its days, as the profile that pages draw."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from flask_babel import gettext as _
from markupsafe import Markup

from blog.geo.profile import Profile, ProfilePhoto, draw_profile
from blog.trips.maps import Drawn
from blog.trips.published import PublishedPhoto, PublishedTrip
from blog.web.locale import distance, height

HIGH = 96  # pixels


def profile_of(
    trip: PublishedTrip,
    rows: Iterable[PublishedPhoto],
    href: Callable[[PublishedPhoto], str],
    days: Sequence[int] | None = None,
) -> Profile | None:
    """The heights of these days laid end to end, with these photos; None where no heights are known."""
    chosen = [day for day in trip.days if (days is None or day.number in days) and len(day.profile) > 1]
    if not chosen:
        return None
    ends = np.cumsum([0.0, *(day.profile[-1][0] for day in chosen)]).tolist()
    begins = {day.number: start for day, start in zip(chosen, ends, strict=False)}
    heights = np.vstack([np.add(day.profile, (begins[day.number], 0.0)) for day in chosen])
    return Profile(
        heights=heights,
        photos=[
            ProfilePhoto(row.photo_id, begins[row.day_number] + row.along_m, href(row), label(row))
            for row in rows
            if row.day_number in begins and row.along_m is not None
        ],
        days=ends[1:-1],
        title=_("Heights along the way, with the photos on it."),
        highest=height(heights[:, 1].max()),
        lowest=height(heights[:, 1].min()),
        length=distance(ends[-1]),
    )


def label(row: PublishedPhoto) -> str:
    return row.photo.caption or row.photo.alt or _("Photo")


def draw_heights(profile: Profile | None, wide: int, narrow: int = 390) -> Drawn | None:
    """A profile drawn for a wide screen and for a phone, so many pixels across."""
    if profile is None:
        return None
    first, second = (Markup(draw_profile(profile, width, HIGH)) for width in (wide, narrow))  # noqa: S704 — escaped by us
    return Drawn(first, second)
