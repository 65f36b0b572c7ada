"""Digests: what waits for a moderator, told as often as each of them wants."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale, ngettext
from sqlalchemy import ColumnElement, exists, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from blog import jobs
from blog.accounts.models import Person
from blog.comments import news
from blog.comments.models import Comment
from blog.comments.moderation import Report, visible_to
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters.following import ABOUT, Told
from blog.letters.links import Purpose, link
from blog.letters.models import Digest, Rhythm
from blog.mail.plain import one_line
from blog.mail.posting import post_letter
from blog.web.addresses import public_address
from blog.web.locale import LOCALES

BETWEEN = {
    Rhythm.AT_ONCE: timedelta(minutes=2),  # under a flood, too, nobody gets a letter for each
    Rhythm.HOURLY: timedelta(hours=1),
    Rhythm.DAILY: timedelta(days=1),
}
MOST_LISTED = 20


@jobs.task
@jobs.sweep
def send_digests() -> None:
    """Write to every moderator for whom something new waits, and whose time has come."""
    meet_new_people()
    rows = db.session.scalars(
        select(Digest)
        .join(Person, Person.id == Digest.person_id)
        .where(Person.ended_at.is_(None), Digest.rhythm != Rhythm.NEVER)
        .order_by(Digest.person_id)
    ).all()
    for person_id in [row.person_id for row in rows if is_time(row)]:
        send_digest(db.session.get_one(Digest, person_id))


def is_time(digest: Digest) -> bool:
    return digest.sent_at is None or digest.sent_at <= now() - BETWEEN[digest.rhythm]


def digest_of(person: Person) -> Digest:
    """What this person has chosen; the defaults, not yet committed, for one who never did."""
    found = db.session.get(Digest, person.id)
    if found is None:
        found = Digest(person_id=person.id, rhythm=Rhythm.HOURLY, last_comment_id=0)
        db.session.add(found)
    return found


def meet_new_people() -> None:
    """Everybody has a row, so that two workers can tell by it who of them writes."""
    columns = [Digest.person_id, Digest.rhythm, Digest.last_comment_id]
    without = select(Person.id, literal(Rhythm.HOURLY.value), literal(0)).where(
        ~exists().where(Digest.person_id == Person.id)
    )
    if db.session.execute(without.limit(1)).first() is None:
        return
    try:
        db.session.execute(insert(Digest).from_select(columns, without))
        db.session.commit()
    except IntegrityError:  # another worker met them
        db.session.rollback()


def send_digest(digest: Digest) -> None:
    """Post the letter and note what it told in one transaction: whoever comes second changes no row."""
    person, since, newest_told = digest.person, digest.sent_at, digest.last_comment_id
    waiting = (visible_to(person), Comment.status == Status.PENDING)
    newest = db.session.scalar(select(func.max(Comment.id)).where(*waiting)) or 0
    if newest <= newest_told and not new_reports(person, since):
        return
    post_digest(person, waiting)
    mine = (Digest.person_id == person.id, Digest.last_comment_id == newest_told)
    changed = (
        update(Digest)
        .where(*mine, Digest.sent_at.is_not_distinct_from(since))
        .values(sent_at=now(), last_comment_id=max(newest, newest_told))
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(changed).rowcount:  # type: ignore[attr-defined]
        db.session.commit()
    else:
        db.session.rollback()


def new_reports(person: Person, since: datetime | None) -> int:
    """How many comments readers reported since the last letter."""
    reports = reported(person)
    if since:
        reports = reports.where(Report.at > since)
    return db.session.scalar(select(func.count()).select_from(reports.subquery())) or 0


def reported(person: Person) -> Any:
    return select(Report.id).join(Comment).where(Report.closed_at.is_(None), visible_to(person))


def post_digest(person: Person, waiting: tuple[ColumnElement[bool], ...]) -> None:
    comments = db.session.scalars(
        select(Comment)
        .where(*waiting)
        .options(joinedload(Comment.post))
        .order_by(Comment.id.desc())
        .limit(MOST_LISTED)
    ).all()
    count = db.session.scalar(select(func.count()).select_from(Comment).where(*waiting)) or 0
    reports = new_reports(person, None)
    post_letter(
        "digest",
        person.email,
        subject_of(count, reports),
        "letters/digest",
        {ABOUT: " ".join(str(comment.id) for comment in comments)},
        person=person,
        replies=[Waiting(comment, person) for comment in comments],
        further=max(0, count - len(comments)),
        reports=reports,
        queue=public_address("moderation.queue"),
        rhythm=public_address("letters_desk.rhythm"),
    )


def subject_of(count: int, reports: int) -> str:
    site = current_app.config["SITE_NAME"]
    with force_locale(LOCALES[0]):
        if count:
            return ngettext(
                "%(num)d reply waits on %(site)s", "%(num)d replies wait on %(site)s", count, site=site
            )
        return ngettext(
            "%(num)d report waits on %(site)s", "%(num)d reports wait on %(site)s", reports, site=site
        )


class Waiting(Told):
    """A comment that waits, with what a moderator must know, and a link for each thing to do."""

    def __init__(self, comment: Comment, person: Person) -> None:
        super().__init__(comment)
        self.title = comment.post.title
        self.reasons = [one_line(reason, 200) for reason in comment.reasons]
        self.approve, self.reject, self.spam = (
            link(Purpose.MODERATE, person.id, comment.id, status.value, comment.version)
            for status in (Status.APPROVED, Status.REJECTED, Status.SPAM)
        )


def hear(_app: Flask, comment_id: int) -> None:  # noqa: ARG001 — as the signal is sent
    """Something waits: the others' time comes with a sweep."""
    if db.session.scalar(select(exists().where(Digest.rhythm == Rhythm.AT_ONCE))):
        jobs.wake_soon(send_digests)


def init_app(_app: Flask) -> None:
    news.waits.connect(hear)
