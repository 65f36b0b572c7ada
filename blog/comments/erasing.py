"""Forgetting: a commenter with all that was written, and what was rejected or spam for thirty days."""

from datetime import timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import StaleDataError

from blog import jobs
from blog.accounts.models import Person
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.moderation import Act, ModerationLog, Report, forget
from blog.comments.verdict import Status
from blog.db import db, now
from blog.mail.models import Mail

KEPT_FOR = timedelta(days=30)
MOST_AT_A_SWEEP = 100


def erase_commenter(commenter: Commenter, by: Person) -> int:
    """Erase a commenter, all their comments, mail to them, and what the log and reports say of them: how many
    comments there were. The log says that it was done, not to whom. Does not commit."""
    own = Comment.commenter_id == commenter.id
    comments = db.session.scalars(select(Comment).where(own).order_by(Comment.id.desc())).all()
    forget([comment.id for comment in comments], commenter.id)
    db.session.execute(
        update(Report)
        .where(Report.comment_id.in_(select(Comment.id).where(own)))
        .values(words="", closed_at=func.coalesce(Report.closed_at, now()))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(Mail)
        .where(func.lower(Mail.to) == commenter.email)
        .execution_options(synchronize_session=False)
    )
    for comment in comments:  # the last first: an answer to oneself is gone before its parent is
        comment.erase()
    db.session.flush()
    db.session.delete(commenter)
    db.session.add(
        ModerationLog(
            act=Act.ERASED,
            moderator_id=by.id,
            moderator_name=by.name,
            detail={"comments": len(comments)},
        )
    )
    return len(comments)


@jobs.sweep
def empty_rejected() -> None:
    """Erase what has been rejected or spam for thirty days. May be killed at any line and run again."""
    below = aliased(Comment)
    is_overdue = (
        Comment.status.in_([Status.REJECTED, Status.SPAM]),
        func.coalesce(Comment.moved_at, Comment.created_at) <= now() - KEPT_FOR,
        or_(Comment.erased_at.is_(None), ~exists().where(below.parent_id == Comment.id)),
    )
    overdue = select(Comment.id).where(*is_overdue).order_by(Comment.id.desc()).limit(MOST_AT_A_SWEEP)
    for number in db.session.scalars(overdue).all():
        found = db.session.scalar(select(Comment).where(Comment.id == number, *is_overdue))
        if found is None:
            continue
        try:
            found.erase()
            db.session.commit()
        except StaleDataError:  # somebody takes it back at this moment: it stays
            db.session.rollback()
