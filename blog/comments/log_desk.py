"""The page of the log: who did what to which comment, when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, true

from blog.accounts.models import Person, Role
from blog.accounts.views import signed_in
from blog.comments.moderation import Act, ModerationLog, moderated_by
from blog.comments.queue import Search, number, posts_offered
from blog.db import db
from blog.posts.models import Post
from blog.web.access import Audience, open_to

desk = Blueprint("moderation_log", __name__)

PAGE = 100


@dataclass(frozen=True)
class Asked:
    """Which acts somebody looks for."""

    who: int | None
    act: str
    comment: int | None
    post: int | None
    person: int | None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Asked:
        return cls(
            who=number(asked.get("who")),
            act=next((act.value for act in Act if act.value == asked.get("act")), ""),
            comment=number(asked.get("comment")),
            post=number(asked.get("post")),
            person=number(asked.get("person")),
        )

    @property
    def address(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items() if value}

    def wanted(self) -> list[ColumnElement[bool]]:
        columns = {
            ModerationLog.moderator_id: self.who,
            ModerationLog.act: self.act,
            ModerationLog.comment_id: self.comment,
            ModerationLog.post_id: self.post,
            ModerationLog.commenter_id: self.person,
        }
        return [column == value for column, value in columns.items() if value]


@desk.get("/desk/moderation/log")
@open_to(Audience.MODERATORS)
def show() -> str:
    """The acts, the last one first."""
    person, asked = signed_in(), Asked.of(request.args)
    query = select(ModerationLog).where(seen_by(person), *asked.wanted())
    if before := number(request.args.get("before")):
        query = query.where(ModerationLog.id < before)
    rows = db.session.scalars(query.order_by(ModerationLog.id.desc()).limit(PAGE + 1)).all()
    return render_template(
        "comments/log.html",
        entries=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        asked=asked,
        people=people(),
        acts=act_names(),
        posts=posts_offered(Search(post=asked.post), person),
    )


def seen_by(person: Person) -> ColumnElement[bool]:
    """Authors see what was done under their own posts, and what they did."""
    if person.role is not Role.AUTHOR:
        return true()
    own = select(Post.id).where(moderated_by(person))
    return ModerationLog.post_id.in_(own)


def people() -> dict[int, str]:
    """Who could have done something."""
    return {
        row.id: row.name for row in db.session.execute(select(Person.id, Person.name).order_by(Person.name))
    }


def act_names() -> dict[str, str]:
    return {
        Act.MOVED.value: _("Approved, rejected, spam"),
        Act.EDITED.value: _("Edited"),
        Act.REPORTS_CLOSED.value: _("Kept after reports"),
        Act.TRUSTED.value: _("Trusted"),
        Act.BLOCKED.value: _("Blocked"),
        Act.STANDING_CLEARED.value: _("Neither trusted nor blocked"),
        Act.ERASED.value: _("Erased"),
        Act.RULES_CHANGED.value: _("Changed rules"),
    }


def init_app(app: Flask) -> None:
    app.register_blueprint(desk)
