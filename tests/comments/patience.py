"""Readers who take a minute to write, which a test does not."""

from flask import current_app
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from werkzeug.test import TestResponse

from blog.db import db
from blog.posts.models import Post
from tests.conftest import Visitor


class MinuteAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return super().get_timestamp() - 60


class EightDaysAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return super().get_timestamp() - 8 * 24 * 3600


def older(salt: str, signer: type[TimestampSigner], value: object) -> str:
    """A token that was signed some time ago."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=salt, signer=signer).dumps(value)


def reply(visitor: Visitor, post: str, text: str, **more: object) -> TestResponse:
    """Reply as Sofia, who opened the page a minute ago."""
    number = db.session.query(Post.id).filter_by(slug=post.rsplit("/", 1)[1]).scalar()
    return visitor.reply(post, text, **({"stamp": older("reply", MinuteAgo, number)} | more))
