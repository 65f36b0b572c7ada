"""Roadbook's own export of comments: one JSON object in each line (docs/moderating.md tells the format)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.accounts.models import Person
from blog.comments.commenters import Commenter, Standing
from blog.comments.importing import origin_here
from blog.comments.incoming import Incoming, RefusedImport, written_instant
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog, Report
from blog.comments.verdict import Status
from blog.db import db, now

FORMAT, VERSION = "roadbook-comments", 1
AT_ONCE = 200


def lines(site: str, with_emails: bool = True) -> Iterator[str]:
    """The export, line by line: what it is, the commenters, then the comments, each after its parent."""
    yield as_line({"format": FORMAT, "version": VERSION, "site": site, "made_at": now()})
    if with_emails:
        for who in db.session.scalars(select(Commenter).order_by(Commenter.email)):
            yield as_line({"commenter": who.email, **picked(who, COMMENTER)})
    origins: dict[int, str] = {}
    last = 0
    while batch := db.session.scalars(
        select(Comment)
        .where(Comment.id > last)
        .options(joinedload(Comment.post), joinedload(Comment.photo))
        .order_by(Comment.id)
        .limit(AT_ONCE)
    ).all():
        last = batch[-1].id
        numbers = [comment.id for comment in batch]
        logs, reports = grouped(ModerationLog, numbers), grouped(Report, numbers)
        people = dict(iter(db.session.execute(select(Person.id, Person.email)).tuples()))
        for comment in batch:
            origins[comment.id] = comment.origin or origin_here(comment.id, site)
            yield as_line(
                {
                    "comment": origins[comment.id],
                    "parent": origins.get(comment.parent_id) if comment.parent_id else None,
                    "post": comment.post.slug,
                    "photo": comment.photo.sha256 if comment.photo else None,
                    "by": people.get(comment.person_id or 0) if with_emails else None,
                    "email": comment.email if with_emails else "",
                    **picked(comment, COMMENT),
                    "log": [picked(entry, LOG) for entry in logs.get(comment.id, ())],
                    "reports": [picked(report, REPORT) for report in reports.get(comment.id, ())],
                }
            )
        db.session.expunge_all()


COMMENTER = ("name", "standing", "confirmed_at", "rejected_at", "created_at")
COMMENT = (
    "name", "website", "text", "status", "reasons", "region", "is_confirmed", "created_at", "edited_at",
    "moved_at", "erased_at",
)  # fmt: skip
LOG = ("act", "about", "moderator_name", "before", "after", "why", "detail", "at")
REPORT = ("reason", "words", "at", "closed_at")


def picked(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def grouped(model: Any, numbers: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.scalars(select(model).where(model.comment_id.in_(numbers)).order_by(model.id)):
        found.setdefault(row.comment_id, []).append(row)
    return found


def as_line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=datetime.isoformat)


def read(path: Path) -> Iterator[Incoming | tuple[str, dict[str, Any]]]:
    """The comments of an export, and commenters as (address, columns). Raises `RefusedImport` in words."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                found = json.loads(line)
                if number == 1:
                    check(found)
                elif "commenter" in found:
                    yield str(found["commenter"]), commenter_columns(found)
                else:
                    yield comment(found)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise RefusedImport(f"This file is damaged in line {number:,}.") from error


def check(header: Mapping[str, Any]) -> None:
    if header["format"] != FORMAT or header["version"] != VERSION:
        raise RefusedImport(
            "This export was made by another version of Roadbook, which this one cannot read."
        )


def commenter_columns(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": str(found["name"])[:80],
        "standing": Standing(found["standing"]),
        "confirmed_at": instant_or_none(found["confirmed_at"]),
        "rejected_at": instant_or_none(found["rejected_at"]),
        "created_at": written_instant(found["created_at"]),
    }


def comment(found: Mapping[str, Any]) -> Incoming:
    erased_at = instant_or_none(found["erased_at"])
    return Incoming(
        origin=str(found["comment"])[:120],
        parent=str(found["parent"])[:120] if found["parent"] else None,
        posts=(str(found["post"]),),
        name=str(found["name"]),
        email=str(found["email"]),
        website=str(found["website"]),
        text=str(found["text"]),
        status=Status(found["status"]),
        created_at=written_instant(found["created_at"]),
        edited_at=instant_or_none(found["edited_at"]),
        is_gone=erased_at is not None,
        more={
            "by": str(found["by"] or ""),
            "photo": str(found["photo"] or ""),
            "region": region(found["region"]),
            "reasons": [str(reason) for reason in found["reasons"]],
            "is_confirmed": bool(found["is_confirmed"]),
            "moved_at": instant_or_none(found["moved_at"]),
            "erased_at": erased_at,
            "log": [log_entry(entry) for entry in found["log"]],
            "reports": [report(entry) for entry in found["reports"]],
        },
    )


def region(found: list[float] | None) -> list[float] | None:
    """Raises `ValueError` for a spot that lies outside the picture."""
    if found is None:
        return None
    x, y, width, height = (float(part) for part in found)
    if not (x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= 1.001 and y + height <= 1.001):
        raise ValueError("A region lies within its photo.")
    return [x, y, width, height]


def log_entry(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "act": Act(found["act"]),
        "about": str(found["about"])[:200],
        "moderator_name": str(found["moderator_name"])[:120],
        "before": Status(found["before"]) if found["before"] else None,
        "after": Status(found["after"]) if found["after"] else None,
        "why": str(found["why"]),
        "detail": found["detail"],
        "at": written_instant(found["at"]),
    }


def report(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "reason": str(found["reason"])[:40],
        "words": str(found["words"])[:500],
        "at": written_instant(found["at"]),
        "closed_at": instant_or_none(found["closed_at"]),
    }


def instant_or_none(text: str | None) -> datetime | None:
    return written_instant(text) if text else None
