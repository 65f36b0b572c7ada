"""What is believed of a camera's clock and why, in words."""

from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from blog.geo.clock_resets import Reset
from blog.geo.clock_support import Support
from blog.geo.clocks import Clock
from blog.trips.cameras import Camera
from blog.web.locale import clock_time, duration, short_day

ZONES_APART_S = 1800.0
ENOUGH_BESIDE, BESIDE_SHARE = 3, 1 / 3  # of its moments; fewer fall together by chance
WORTH_NAMING_S = 20.0  # an error of fewer seconds is none


def reset_words(reset: Reset) -> str:
    """`It seems that the clock was set back by 1 h between 10:21 and 10:34, 12 May, …`"""
    last, first = (datetime.fromtimestamp(at, UTC) for at in (reset.last_s, reset.since_s))
    is_one_day = first.date() == last.date()
    values = {
        "length": length_words(reset.after_s - reset.before_s),
        "last": clock_time(last) if is_one_day else day_and_time(last),
        "first": day_and_time(first),
        "odds": int(reset.probability * 100),
    }
    if reset.after_s > reset.before_s:
        return _(
            "It seems that the clock was set back by %(length)s between %(last)s and %(first)s, "
            "by its own time (%(odds)d %% sure).",
            **values,
        )
    return _(
        "It seems that the clock was set forward by %(length)s between %(last)s and %(first)s, "
        "by its own time (%(odds)d %% sure).",
        **values,
    )


def day_and_time(value: datetime) -> str:
    """`10:34 on 12 May`."""
    return _("%(time)s on %(day)s", time=clock_time(value), day=short_day(value))


def in_parts(ahead_s: float) -> tuple[str, int, int, int]:
    """An error of a clock as (`ahead`, `behind` or `right`; hours; minutes; seconds)."""
    error = round(ahead_s)
    direction = "ahead" if error > 0 else "behind" if error < 0 else "right"
    minutes, rest = divmod(abs(error), 60)
    return direction, *divmod(minutes, 60), rest


def length_words(length_s: float) -> str:
    """`1 h 3 min`, `4 min 20 s`, `20 s`."""
    whole = abs(round(length_s))
    if whole >= 600:
        hours, minutes = divmod(round(whole / 60), 60)
        return duration(hours * 3600 + minutes * 60) if minutes else _("%(h)d h", h=hours)
    minutes, rest = divmod(whole, 60)
    if minutes and rest:
        return _("%(m)d min %(s)d s", m=minutes, s=rest)
    return _("%(m)d min", m=minutes) if minutes else _("%(s)d s", s=rest)


def error_words(ahead_s: float) -> str:
    """`right`, `1 h 3 min ahead`, `6 h behind, as in another time zone`."""
    words = plain_words(ahead_s)
    zone_s = ZONES_APART_S * round(ahead_s / ZONES_APART_S)
    is_of_zone = zone_s != 0 and abs(ahead_s - zone_s) < 30
    return _("%(words)s, as in another time zone", words=words) if is_of_zone else words


def plain_words(ahead_s: float) -> str:
    """`right`, `1 h 3 min ahead`, `6 h behind`."""
    if abs(ahead_s) < 1:
        return _("right")
    length = length_words(ahead_s)
    return _("%(length)s ahead", length=length) if ahead_s > 0 else _("%(length)s behind", length=length)


def belief_words(camera: Camera) -> str:
    """As `error_words`, but a few seconds are none; or `right at first, 1 h ahead in the end`."""
    if not camera.clock.knows_zone:
        return _("not known")
    if is_carried_over(camera):
        first, last = (
            plain_words(worth_naming(-camera.clock.offset_s - zone_s, camera)) for zone_s in camera.ends_s
        )
        return _("%(first)s at first, %(last)s in the end", first=first, last=last)
    return error_words(worth_naming(camera.ahead_s, camera))


def worth_naming(ahead_s: float, camera: Camera) -> float:
    """Nobody but a person knows a clock to a few seconds."""
    return ahead_s if camera.is_by_hand or abs(ahead_s) >= WORTH_NAMING_S else 0.0


def is_carried_over(camera: Camera) -> bool:
    """Whether local time is known to have changed on the way, and the clock not."""
    first, last = camera.ends_s
    return camera.clock.is_sure and abs(first - last) >= ZONES_APART_S / 2


def sureness(clock: Clock) -> str:
    """`sure`, `likely` or `a guess`."""
    if clock.is_sure:
        return _("sure")
    return _("likely") if clock.probability >= 0.8 else _("a guess")


def why(camera: Camera) -> str:
    """What speaks for a camera's clock, in a sentence or two."""
    if is_carried_over(camera):
        changed = _("The local time changed on the way, and this clock did not.")
        return " ".join([changed, strongest(camera)])
    return strongest(camera)


def strongest(camera: Camera) -> str:
    clock, found = camera.clock, camera.support
    if clock.source == "by_hand":
        said = camera.told[0].set_at if camera.told else None
        return _("You said so on %(day)s.", day=short_day(said)) if said else _("You said so.")
    if clock.source == "gps":
        return ngettext(
            "Its own satellite time says so.",
            "Its own satellite time says so, on %(n)d of %(num)d photos.",
            found.satellite_of,
            n=found.satellite,
        )
    if words := because(found, camera.ahead_s):
        return words
    if clock.source == "zone":
        return _("It shows the time of the zone that it wrote, and nothing speaks against it.")
    if not clock.knows_zone:
        return _("Nothing tells yet: a track, or one photo put on the map, would help.")
    return _("Nothing tells: the local time of the trip is assumed.")


def because(found: Support, ahead_s: float) -> str:
    """What speaks for an offset, of a clock that was so much ahead; empty where nothing does."""
    if found.anchors:
        return ngettext(
            "%(num)d of the %(of)d photos with a place of their own fits the track.",
            "%(num)d of the %(of)d photos with a place of their own fit the track.",
            found.anchors,
            of=found.anchors_of,
        )
    if found.pairs:
        return _("%(n)d of the %(of)d moments that you named agree.", n=found.pairs, of=found.pairs_of)
    if found.beside >= max(ENOUGH_BESIDE, BESIDE_SHARE * found.moments):
        return _(
            "%(n)d of its %(of)d moments match those of %(camera)s within %(s)d s%(once)s.",
            n=found.beside, of=found.moments, camera=found.beside_camera,
            s=max(1, round(found.beside_s)), once=once_mended(ahead_s),
        )  # fmt: skip
    if found.recorded:
        on_track = _(
            "%(n)d of its %(of)d moments then fall on the track.", n=found.recorded, of=found.moments
        )
        return " ".join(filter(None, [on_track, at_halts(found), by_night(found)]))
    return ""


def once_mended(ahead_s: float) -> str:
    """` once 1 h 3 min are added`."""
    if abs(ahead_s) < WORTH_NAMING_S:
        return ""
    length = length_words(ahead_s)
    if ahead_s < 0:
        return _(" once %(length)s are added", length=length)
    return _(" once %(length)s are taken off", length=length)


def at_halts(found: Support) -> str:
    return _("%(n)d of them fall on a halt.", n=found.halted) if found.halted > 1 else ""


def by_night(found: Support) -> str:
    if not found.night:
        return ""
    return ngettext(
        "%(num)d photo in daylight would have been taken at night.",
        "%(num)d photos in daylight would have been taken at night.",
        found.night,
    )


def written_words(camera: Camera, offset_s: float) -> str:
    """`wrote 14:20 when it was 13:17`; `wrote 14:20 on 12 May` where the zone is not known."""
    written = camera.example.photo.taken_local
    if written is None:
        return ""
    if not camera.clock.knows_zone:
        return _("wrote %(moment)s", moment=day_and_time(written))
    local = written + timedelta(seconds=offset_s + camera.zone_s)
    was = clock_time(local) if local.date() == written.date() else day_and_time(local)
    return _("wrote %(written)s when it was %(local)s", written=clock_time(written), local=was)
