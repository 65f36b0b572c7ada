"""One's own comment: who holds its signed token may see it, and for a while change or withdraw it."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from blog.comments.models import Comment
from blog.comments.moderation import ModerationLog
from blog.comments.verdict import Status, Verdict
from blog.db import db, now
from blog.posts.models import Post

LASTS = timedelta(minutes=15)
STANDING = {Status.SPAM: 0, Status.REJECTED: 0, Status.PENDING: 1, Status.APPROVED: 2}


class NotNow(HTTPException):
    """Why a comment cannot be changed any more, in words for its writer, with the status that says so."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.code = status


def signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="own comment")


def own_token(comment: Comment) -> str:
    """Shows who holds it to be the writer. Numbers are used again where a comment went, instants are not."""
    return signer().dumps([comment.id, instant(comment)])


def instant(comment: Comment) -> int:
    """When it was written, in microseconds."""
    return round(comment.created_at.timestamp() * 1_000_000)


def comment_of(token: str | None, lasts: timedelta | None = None) -> Comment | None:
    """The comment whose writer holds this token; None where there is none, or not any more.

    Raises `SignatureExpired`, where the token `lasts` so long and is older.
    """
    try:
        number, at = signer().loads(token or "", max_age=int(lasts.total_seconds()) if lasts else None)
    except SignatureExpired:
        raise
    except (BadSignature, TypeError, ValueError):
        return None
    found = db.session.get(Comment, number)
    return found if found and found.erased_at is None and instant(found) == at else None


def waiting_comment(post: Post, token: str | None) -> Comment | None:
    """The comment under this post that the bearer of the token wrote, while others do not see it."""
    found = comment_of(token) if token else None
    hidden = found is None or found.post_id != post.id or found.status is Status.APPROVED
    return None if hidden else found


def own_tokens(token: str | None) -> dict[int, str]:
    """The number of the comment that the bearer may still change, with the token; else empty."""
    try:
        found = comment_of(token, LASTS) if token else None
    except SignatureExpired:
        return {}
    return {found.id: token} if found and token and not is_decided(found) else {}


def own_comment(comment_id: int, token: str | None) -> Comment:
    """The comment of this number, for its writer. Raises `NotNow`."""
    try:
        found = comment_of(token, LASTS)
    except SignatureExpired:
        raise NotNow(_("A reply can be changed for fifteen minutes, and these are over."), 410) from None
    if found is None or found.id != comment_id:
        raise NotNow(_("This reply is not there any more, or this is not the link that came with it."), 404)
    if is_decided(found):
        raise NotNow(_("A moderator has decided on this reply meanwhile. It stays as it is."), 403)
    return found


def is_decided(comment: Comment) -> bool:
    """Whether a moderator took it from readers. What was only taken for spam is no decision, nor told."""
    if comment.status is not Status.SPAM:
        return comment.status is Status.REJECTED
    last = select(ModerationLog.after).where(
        ModerationLog.comment_id == comment.id, ModerationLog.after.is_not(None)
    )
    return db.session.scalar(last.order_by(ModerationLog.id.desc()).limit(1)) is Status.SPAM


def change_text(comment: Comment, text: str, verdict: Verdict) -> None:
    """Other words, judged anew: a comment never stands better for it. Not yet committed."""
    comment.set_text(text)
    comment.edited_at = now()
    comment.reasons = list(dict.fromkeys([*comment.reasons, *verdict.reasons]))
    if STANDING[verdict.status] < STANDING[comment.status]:
        comment.status = verdict.status
        comment.settle()


def withdraw(comment: Comment) -> None:
    """Take it back for good, not yet committed. Nobody answers it meanwhile: the row is locked."""
    db.session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update())
    comment.erase()
