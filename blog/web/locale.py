"""Which language and customs a reader gets, and how dates, distances and numbers are written for them."""

from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from flask import Flask, request
from flask_babel import Babel, get_locale
from flask_babel import gettext as _

LOCALES = ("en_GB", "en_US")
METRES_IN_A_MILE = 1609.344
METRES_IN_A_FOOT = 0.3048
HEADER_READ = 200  # characters of a request's header that are looked at, and remembered


@lru_cache(maxsize=4096)
def negotiate(header: str) -> str:
    """The best of our locales for an `Accept-Language` header. English without a country is British."""
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in header.split(",") if part]
    found = negotiate_locale(wanted, LOCALES, aliases={"en": LOCALES[0]}) or LOCALES[0]
    return next(locale for locale in LOCALES if locale.lower() == found.lower())


def chosen() -> str:
    return negotiate(request.headers.get("Accept-Language", "")[:HEADER_READ]) if request else LOCALES[0]


def here() -> Locale:
    return get_locale() or Locale.parse(LOCALES[0])


def in_feet_and_miles() -> bool:
    return here().territory == "US"


def day(value: date | datetime) -> str:
    """`14 May 2026`."""
    return written_date(value, "long")


def short_day(value: date | datetime) -> str:
    """`14 May`."""
    return written_date(value, "MMMM d" if in_feet_and_miles() else "d MMMM")


def moment(value: datetime) -> str:
    """`14 May 2026 at 15:20`, in the zone the value carries."""
    pattern = "MMMM d, y, h:mm a" if in_feet_and_miles() else "d MMMM y, HH:mm"
    return format_datetime(value, pattern, tzinfo=value.tzinfo, locale=here())


def clock_time(value: datetime) -> str:
    pattern = "h:mm a" if in_feet_and_miles() else "HH:mm"
    return remembered_time(value.time().replace(second=0, microsecond=0), pattern, here())


def number(value: float, digits: int = 0) -> str:
    return remembered_number(round(value, digits), here())


def written_date(value: date | datetime, pattern: str) -> str:
    return remembered_date(value.date() if isinstance(value, datetime) else value, pattern, here())


# A page writes hundreds of dates and numbers, mostly those of the page before; Babel is slow at each.
@lru_cache(maxsize=2048)
def remembered_date(value: date, pattern: str, locale: Locale) -> str:
    return format_date(value, pattern, locale=locale)


@lru_cache(maxsize=2048)
def remembered_time(value: time, pattern: str, locale: Locale) -> str:
    return format_time(value, pattern, locale=locale)


@lru_cache(maxsize=2048)
def remembered_number(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale, decimal_quantization=False)


def distance(metres: float) -> str:
    """`92 km`, `4.2 km`, `300 m`, or miles and feet."""
    if in_feet_and_miles():
        miles = metres / METRES_IN_A_MILE
        return (
            f"{number(miles, 1 if miles < 10 else 0)} mi"
            if miles >= 0.2
            else f"{rough(metres / METRES_IN_A_FOOT)} ft"
        )
    kilometres = metres / 1000
    return (
        f"{number(kilometres, 1 if kilometres < 10 else 0)} km" if kilometres >= 1 else f"{rough(metres)} m"
    )


def mark(metres: float) -> str:
    """A place along the way, as a milestone says it: `km 71`."""
    if in_feet_and_miles():
        return f"mile {number(metres / METRES_IN_A_MILE)}"
    return f"km {number(metres / 1000)}"


def height(metres: float) -> str:
    return f"{number(metres / METRES_IN_A_FOOT)} ft" if in_feet_and_miles() else f"{number(metres)} m"


def country(code: str) -> str:
    """`North Korea` for `KP` (ISO 3166-1); empty for what is no country."""
    name: str = here().territories.get(code, "") if code else ""
    return name


def duration(seconds: float) -> str:
    """`3 h 20 min`, `45 min`."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return _("%(h)d h %(m)d min", h=hours, m=minutes) if hours else _("%(m)d min", m=minutes)


def rough(value: float) -> str:
    """A radius is a guess: two figures are enough."""
    step = 10 if value < 100 else 50 if value < 1000 else 100
    return number(max(step, round(value / step) * step))


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=chosen, default_locale=LOCALES[0])
    app.jinja_env.globals["get_locale"] = here
    app.jinja_env.filters.update(
        day=day,
        short_day=short_day,
        moment=moment,
        clock_time=clock_time,
        distance=distance,
        mark=mark,
        height=height,
        duration=duration,
        number=number,
    )
