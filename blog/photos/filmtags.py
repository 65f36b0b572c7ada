"""When, where, with what and in whose words a film was taken, by its container's tags. PURE."""

import re
from collections.abc import Mapping
from datetime import datetime

from blog.geo.positions import Position
from blog.photos.captions import first, is_human, joined, keywords
from blog.photos.exif import plain_text
from blog.photos.metadata import HIGHEST_M, LOWEST_M, Metadata, parse_offset, parse_taken
from blog.photos.raw import bounded

QUICKTIME = "com.apple.quicktime."
# ISO 6709 as phones write it: +52.2097-000.8955+103.640/, degrees with a fraction.
POSITION = re.compile(
    r"([+-]\d{1,2}(?:\.\d{1,12})?)([+-]\d{1,3}(?:\.\d{1,12})?)([+-]\d{1,6}(?:\.\d{1,6})?)?(?:CRS\w+)?/?"
)
OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)\Z")
NEVER_SET = "1904-01-01"  # where QuickTime's time begins: a camera without a clock


def read_film_tags(tags: Mapping[str, str]) -> Metadata:
    """What a film's tags say, as a photo's EXIF would. Raises nothing.

    Apple writes the local time with its zone. All others write `creation_time`, which is UTC by definition,
    and is taken as a clock that claims to be set to UTC: phones keep that, some cameras write local time.
    """
    problems: list[str] = []
    taken, offset = read_time(tags, problems)
    position, position_problem = read_position(tags)
    return Metadata(
        taken_local=taken,
        utc_offset_s=offset,
        position=position,
        position_problem=position_problem,
        camera_make=one_line(said(tags, "make")),
        camera_model=one_line(said(tags, "model")),
        caption=human(said(tags, "description") or said(tags, "comment")),
        title=human(said(tags, "title")),
        credit=joined(filter(None, [said(tags, "author") or said(tags, "artist")])),
        rights=human(said(tags, "copyright")),
        keywords=keywords(re.split(r"[,;]", said(tags, "keywords") or "")),
        raw={"film": bounded(tags.items())} if tags else {},
        problems=tuple(problems),
    )


def said(tags: Mapping[str, str], name: str) -> str | None:
    """A tag by Apple's name, else by the old one, which may end in a language: "location-eng"."""
    spoken = next((key for key in tags if key.startswith(f"{name}-")), "")
    texts = (tags.get(key) for key in (QUICKTIME + name, name, spoken))
    return first(text for text in texts if text)


def human(text: str | None) -> str | None:
    return text if is_human(text) else None


def one_line(text: str | None) -> str | None:
    return " ".join((plain_text(text) or "").split())[:100] or None if text else None


def read_time(tags: Mapping[str, str], problems: list[str]) -> tuple[datetime | None, int | None]:
    """(what the clock showed, seconds that it was ahead of UTC)"""
    for name in (f"{QUICKTIME}creationdate", "creation_time", "date"):
        written = (tags.get(name) or "").strip()[:40]
        if not written or written.startswith(NEVER_SET):
            continue
        zone = OFFSET.search(written)
        taken = parse_taken(written, None)
        if taken is None:
            problems.append(f"The camera wrote an impossible date: “{written[:30]}”.")
            continue
        return taken, parse_offset(zone[1]) if zone else None
    return None, None


def read_position(tags: Mapping[str, str]) -> tuple[Position | None, str | None]:
    """Where the film began, or why that cannot be told."""
    written = said(tags, "location.ISO6709") or said(tags, "location")
    if written is None:
        return None, None
    match = POSITION.fullmatch(written.strip())
    if match is None:
        return None, "The GPS position in this file cannot be read."
    ele = float(match[3]) if match[3] else None
    try:
        return Position(float(match[1]), float(match[2]), ele if in_reach(ele) else None), None
    except ValueError as error:
        return None, str(error)


def in_reach(ele: float | None) -> bool:
    return ele is not None and LOWEST_M <= ele <= HIGHEST_M
