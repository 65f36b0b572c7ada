"""What stands above the library: the questions it can be asked, as its address answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from blog.accounts.models import Person
from blog.db import db
from blog.posts.library import NO_TRIP, Order, Wanted, cameras_of
from blog.trips.models import Trip
from blog.trips.rights import is_own_trip

LONGEST_SEARCH = 200
IN_ADDRESS = ("q", "trip", "day", "camera", "placed", "used", "captioned", "order", "page")
EITHER = {"": None, "yes": True, "no": False}
ORDERS = {
    Order.NEWEST: _l("newest first"),
    Order.OLDEST: _l("oldest first"),
    Order.ADDED: _l("last added first"),
}
YES_OR_NO = (
    ("placed", _l("Place"), _l("has a place"), _l("no place yet")),
    ("used", _l("Posts"), _l("in a post"), _l("in no post")),
    ("captioned", _l("Caption"), _l("has a caption"), _l("no caption")),
)


@dataclass(frozen=True)
class Question:
    """A choice: its name in the address, its label, and its answers (value, words), the usual one first."""

    name: str
    label: str
    answers: Sequence[tuple[str, str]]

    @cached_property
    def answer(self) -> str:
        """What was chosen; the usual where that makes no sense."""
        given = request.args.get(self.name, "")
        return given if given in dict(self.answers) else self.answers[0][0]

    @property
    def is_asked(self) -> bool:
        return self.answer != self.answers[0][0]


@dataclass(frozen=True)
class Search:
    """What stands above the library, as the address says it."""

    trips: Sequence[Trip]
    questions: dict[str, Question]
    words: str

    @classmethod
    def of(cls, person: Person) -> "Search":
        trips = db.session.scalars(
            select(Trip).where(is_own_trip(person)).order_by(Trip.id.desc()).options(selectinload(Trip.days))
        ).all()
        trip = next((trip for trip in trips if str(trip.id) == request.args.get("trip")), None)
        words = " ".join(request.args.get("q", "")[:LONGEST_SEARCH].replace("\0", "").split())
        questions = [trip_question(trips), *([day_question(trip)] if trip else []), camera_question(person)]
        questions += [yes_or_no(*one) for one in YES_OR_NO]
        questions.append(
            Question("order", _("Order"), [(order.value, str(ORDERS[order])) for order in Order])
        )
        return cls(trips, {question.name: question for question in questions}, words)

    @property
    def wanted(self) -> Wanted:
        answers = {name: question.answer for name, question in self.questions.items()}
        return Wanted(
            words=self.words,
            trip=int(answers["trip"] or 0),
            day=int(answers.get("day") or 0),
            camera=answers["camera"],
            placed=EITHER[answers["placed"]],
            used=EITHER[answers["used"]],
            captioned=EITHER[answers["captioned"]],
            order=Order(answers["order"]),
        )

    @property
    def address(self) -> dict[str, str]:
        """The query that leads here again, without the page."""
        asked = {name: question.answer for name, question in self.questions.items() if question.is_asked}
        return asked | ({"q": self.words} if self.words else {})


def yes_or_no(name: str, label: object, yes: object, no: object) -> Question:
    return Question(name, str(label), [("", _("any")), ("yes", str(yes)), ("no", str(no))])


def trip_question(trips: Sequence[Trip]) -> Question:
    named = [(str(trip.id), trip.title) for trip in trips]
    return Question("trip", _("Trip"), [("", _("all")), *named, (str(NO_TRIP), _("on no trip"))])


def day_question(trip: Trip) -> Question:
    days = [(str(day.number), _("Day %(n)d", n=day.number)) for day in trip.days]
    return Question("day", _("Day"), [("", _("all")), *days])


def camera_question(person: Person) -> Question:
    return Question("camera", _("Camera"), [("", _("any")), *((name, name) for name in cameras_of(person))])
