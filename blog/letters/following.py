"""Following: who asks for it, who confirms it, and what is then told to whom, once."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import Connection, delete, event, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from blog import jobs
from blog.comments import confirmation, news
from blog.comments.commenters import Commenter
from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import db, now
from blog.letters.links import LASTS, Purpose, link
from blog.letters.models import Follow, Silence
from blog.mail.models import Mail
from blog.mail.plain import excerpt, one_line
from blog.mail.posting import post_letter, written
from blog.mail.sending import last_look
from blog.posts.models import Post, PostStatus
from blog.web.addresses import public_address
from blog.web.locale import LOCALES

CONFIRMATION, REPLIES = "follow-confirmation", "replies"
MOST_CONFIRMATIONS_A_DAY = 3
STANDS_BEFORE_TOLD = timedelta(minutes=2)  # what a moderator takes back at once is told to nobody
NEWS_FOR = timedelta(days=7)
MOST_AT_ONCE = 100  # comments of one post in one letter; of more, the next letter tells
MOST_DRAWN = 10
ABOUT = "X-Roadbook-Replies"  # which comments a letter quotes: who erases them erases its copy


def ask(_app: Flask, comment_id: int, email: str, what: str) -> None:
    """A reader who just wrote wants to hear: of answers to it (`mine`), or of all under the post (`post`).

    A browser that has shown to read the address is believed. Else the address gets a letter that asks, a few
    a day at most; nothing that the browser gets says which it was.
    """
    comment, address = db.session.get(Comment, comment_id), email.strip().lower()
    if comment is None or not address or comment.status is Status.SPAM:
        return
    is_believed = address == confirmation.confirmed_email()
    if not is_believed and not may_ask(address):
        return
    follow = follow_for(address, comment.post_id, comment.id if what == "mine" else None)
    if follow and follow.confirmed_at is None:
        if is_believed:
            confirm(follow)
        else:
            ask_by_letter(follow, comment)
    db.session.commit()


def follow_for(email: str, post_id: int, comment_id: int | None) -> Follow | None:
    """The row, made if it is new; None where another request makes it just now."""
    same = (
        Follow.email == email,
        Follow.post_id == post_id,
        Follow.comment_id.is_not_distinct_from(comment_id),
    )
    found = db.session.scalar(select(Follow).where(*same))
    if found:
        return found
    follow = Follow(email=email, post_id=post_id, comment_id=comment_id)
    try:
        with db.session.begin_nested():
            db.session.add(follow)
    except IntegrityError:
        return None
    return follow


def confirm(follow: Follow) -> None:
    """The owner of the address wants it, and with it letters at all."""
    follow.confirmed_at = follow.confirmed_at or now()
    speak_to(follow.email)


def may_ask(address: str) -> bool:
    asked = select(func.count()).where(
        Mail.to == address, Mail.kind == CONFIRMATION, Mail.created_at > now() - timedelta(days=1)
    )
    return not is_silenced(address) and (db.session.scalar(asked) or 0) < MOST_CONFIRMATIONS_A_DAY


def ask_by_letter(follow: Follow, comment: Comment) -> None:
    """Nothing that a stranger wrote is in this letter: it may go to somebody who knows of nothing.

    Its link knows the comment that it came with: who says yes has shown to read the address of that.
    """
    post = db.session.get_one(Post, follow.post_id)
    with force_locale(LOCALES[0]):
        subject = _("Replies to “%(title)s”: shall we write to you?", title=post.title)
    post_letter(
        CONFIRMATION,
        follow.email,
        subject,
        "letters/follow",
        post=post,
        whole=follow.comment_id is None,
        yes=link(Purpose.CONFIRM, follow.id, follow.email, comment.id),
    )


@event.listens_for(Commenter, "after_delete")
def forget(_mapper: Any, connection: Connection, commenter: Commenter) -> None:
    """Who is erased, by a moderator or by themselves, follows nothing any more."""
    for table in (Follow, Silence):
        connection.execute(delete(table).where(table.email == commenter.email))


def is_silenced(email: str) -> bool:
    return db.session.get(Silence, email) is not None


def silence(email: str) -> None:
    """No letter about replies to this address from now on, whoever asks; not yet committed."""
    db.session.execute(delete(Follow).where(Follow.email == email))
    if not is_silenced(email):
        db.session.add(Silence(email=email))


def speak_to(email: str) -> None:
    db.session.execute(delete(Silence).where(Silence.email == email))


def stop_following(email: str, post_id: int) -> None:
    """End all that the address follows of a post, not yet committed."""
    db.session.execute(delete(Follow).where(Follow.email == email, Follow.post_id == post_id))


@jobs.sweep
def forget_unconfirmed() -> None:
    """Who did not say yes while the link was good gave the wrong address, or changed their mind."""
    oldest = now() - LASTS[Purpose.CONFIRM]
    db.session.execute(delete(Follow).where(Follow.confirmed_at.is_(None), Follow.created_at < oldest))
    db.session.commit()


@jobs.sweep
def tell_followers() -> None:
    """Write to those who follow what can be read since the last minute, each comment once."""
    untold = (Comment.told_at.is_(None), Comment.is_shown)
    db.session.execute(
        update(Comment)
        .where(*untold, Comment.created_at < now() - NEWS_FOR)
        .values(told_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    stands_since = func.coalesce(Comment.moved_at, Comment.created_at)
    ripe = (stands_since <= now() - STANDS_BEFORE_TOLD, Comment.erased_at.is_(None))
    posts = (
        select(Comment.post_id)
        .join(Post, Post.id == Comment.post_id)
        .where(*untold, *ripe, Post.status == PostStatus.PUBLISHED)
        .distinct()
    )
    for post_id in db.session.scalars(posts).all():
        comments = select(Comment).where(*untold, *ripe, Comment.post_id == post_id)
        tell(post_id, list(db.session.scalars(comments.order_by(Comment.id).limit(MOST_AT_ONCE))))


def tell(post_id: int, comments: list[Comment]) -> None:
    """Post one letter to each follower of a post, and note in the same transaction that they were told.

    Where one of the comments was told by another worker meanwhile, or can no longer be read, nothing of it
    happens, and the next sweep looks again.
    """
    for email, theirs in readers_of(post_id, comments).items():
        subject, values = letter(email, theirs)
        headers = {ABOUT: " ".join(str(comment.id) for comment in theirs)} | one_click(email, post_id)
        post_letter(REPLIES, email, subject, "letters/replies", headers, **values)
    numbers = [comment.id for comment in comments]
    told = (
        update(Comment)
        .where(Comment.id.in_(numbers), Comment.told_at.is_(None), Comment.is_shown)
        .values(told_at=now())
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(told).rowcount == len(numbers):  # type: ignore[attr-defined]
        db.session.commit()
    else:
        db.session.rollback()


def readers_of(post_id: int, comments: list[Comment]) -> dict[str, list[Comment]]:
    """Which of these comments each address is told of: what it follows, and did not write itself."""
    follows = db.session.scalars(
        select(Follow).where(
            Follow.post_id == post_id,
            Follow.confirmed_at.is_not(None),
            Follow.email.not_in(select(Silence.email)),
        )
    ).all()
    above = ancestors(post_id, comments) if any(follow.comment_id for follow in follows) else {}
    followed: dict[str, set[int | None]] = {}
    for follow in follows:
        followed.setdefault(follow.email, set()).add(follow.comment_id)
    wanted: dict[str, list[Comment]] = {}
    for email, places in followed.items():
        theirs = [
            comment
            for comment in comments
            if comment.email.lower() != email and (None in places or places & above[comment.id])
        ]
        if theirs:
            wanted[email] = theirs
    return wanted


def ancestors(post_id: int, comments: list[Comment]) -> dict[int, set[int | None]]:
    """All comments that each of these answers, directly or not."""
    rows = db.session.execute(select(Comment.id, Comment.parent_id).where(Comment.post_id == post_id))
    parents = dict(row._tuple() for row in rows)
    found: dict[int, set[int | None]] = {}
    for comment in comments:
        chain: set[int | None] = set()
        parent = comment.parent_id
        while parent is not None:
            chain.add(parent)
            parent = parents.get(parent)
        found[comment.id] = chain
    return found


def letter(email: str, comments: list[Comment]) -> tuple[str, dict[str, Any]]:
    """(subject, what the templates need) of the letter that tells this address of comments of a post."""
    post = comments[0].post
    count = len(comments)
    with force_locale(LOCALES[0]):
        subject = ngettext(
            "%(name)s replied on “%(title)s”",
            "%(num)d new replies on “%(title)s”",
            count,
            name=one_line(comments[0].name, 60),
            title=post.title,
        )
    return subject, {
        "post": post,
        "replies": [Told(comment) for comment in comments[:MOST_DRAWN]],
        "further": max(0, count - MOST_DRAWN),
        "unsubscribe": link(Purpose.UNSUBSCRIBE, email, post.id),
        "following": link(Purpose.FOLLOWING, email),
    }


class Told:
    """A comment as a letter shows it: plain words, and where it stands."""

    def __init__(self, comment: Comment) -> None:
        self.name = one_line(comment.name, 80)
        self.words = excerpt(comment.text)
        self.at = comment.created_at
        self.address = address_of(comment)


def address_of(comment: Comment) -> str:
    return f"{public_address('pages.post', slug=comment.post.slug)}#comment-{comment.id}"


def one_click(email: str, post_id: int) -> dict[str, str]:
    """What lets a mail program show a button that ends it (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{link(Purpose.UNSUBSCRIBE, email, post_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@last_look(REPLIES)
def is_still_wanted(mail: Mail) -> bool:
    """A letter may wait for days: it tells what readers see now, and who left gets none."""
    numbers = [int(number) for number in mail.headers.get(ABOUT, "").split()]
    comments = db.session.scalars(
        select(Comment)
        .join(Post, Post.id == Comment.post_id)
        .where(Comment.id.in_(numbers), Comment.is_shown, Comment.erased_at.is_(None))
        .where(Post.status == PostStatus.PUBLISHED)
        .options(joinedload(Comment.post))
        .order_by(Comment.id)
    ).all()
    theirs = readers_of(comments[0].post_id, list(comments)).get(mail.to) if comments else None
    if not theirs:
        return False
    mail.subject, values = letter(mail.to, theirs)
    mail.text, mail.html = written("letters/replies", subject=mail.subject, **values)
    return True


@last_look(confirmation.KIND)
def may_be_asked(mail: Mail) -> bool:
    """Who wants no letters about replies is not asked whether one is theirs, either."""
    return not is_silenced(mail.to)


def init_app(_app: Flask) -> None:
    news.follow_asked.connect(ask)
