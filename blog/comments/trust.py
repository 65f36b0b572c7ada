"""Who needs no moderator any more."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from blog.comments.commenters import Commenter, Standing
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import db

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def is_trusted(commenter: Commenter | None, is_confirmed: bool, after: int) -> bool:
    """Whether a comment of this commenter needs no eyes, if it was sent by a browser that reads their mail.

    `after`: so many approved comments make trust, all of them confirmed, and none rejected since.
    """
    if commenter is None or not is_confirmed or commenter.standing is Standing.BLOCKED:
        return False
    if commenter.standing is Standing.TRUSTED:
        return True
    approved = (
        select(Comment.id)
        .where(
            Comment.commenter_id == commenter.id,
            Comment.is_confirmed,
            Comment.status == Status.APPROVED,
            func.coalesce(Comment.moved_at, Comment.created_at) > (commenter.rejected_at or LONG_AGO),
        )
        .limit(after)
    )
    return len(db.session.scalars(approved).all()) >= after
