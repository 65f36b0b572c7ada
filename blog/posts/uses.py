"""Where photos are shown, and which of their words show there: a post may say something else of a photo."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select, true

from blog.accounts.models import Person, Role
from blog.db import db
from blog.posts.models import Post, PostPhoto, PostStatus


@dataclass(frozen=True)
class Use:
    """A photo in a post, with what the post says of it itself; empty where the photo's own words show."""

    post: Post
    caption: str
    alt: str


def uses_of(photo_ids: Collection[int], person: Person) -> dict[int, list[Use]]:
    """By photo, in one query: its uses in this person's posts and in those that everybody can read."""
    found: dict[int, list[Use]] = {photo_id: [] for photo_id in photo_ids}
    seen = or_(Post.author_id == person.id, Post.status == PostStatus.PUBLISHED)
    posts = db.session.scalars(
        select(Post)
        .where(
            Post.id.in_(select(PostPhoto.post_id).where(PostPhoto.photo_id.in_(found))),
            true() if person.role is Role.OWNER else seen,
        )
        .order_by(Post.id)
    )
    for post in posts:
        for use in post.document().photo_uses:
            if use.photo_id in found:
                found[use.photo_id].append(Use(post, use.caption.strip(), use.alt.strip()))
    return found
