"""What several people do at the same moment, each with a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from blog.accounts import people
from blog.accounts.models import Person, Role, create_person
from blog.accounts.throttle import FREE_TRIES, TooSoon, begin_try
from blog.db import db
from tests.conftest import PASSWORD


def at_once(app: Flask, *acts: Callable[[], bool]) -> list[bool]:
    """Do these in threads that start together: what each says."""
    start = Barrier(len(acts))

    def do(act: Callable[[], bool]) -> bool:
        with app.app_context():
            start.wait(timeout=20)
            try:
                return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def end(person_id: int, by_id: int) -> bool:
    try:
        people.end_account(db.session.get_one(Person, person_id), by=db.session.get_one(Person, by_id))
    except people.LastOwner:
        db.session.rollback()
        return False
    db.session.commit()
    return True


def accept(token: str, name: str) -> bool:
    invitation = people.find_invitation(token)
    if invitation is None:
        return False
    if people.accept(invitation, name, f"{name}@example.org", PASSWORD) is None:
        return False
    db.session.commit()
    return True


def guess() -> bool:
    try:
        begin_try("sign-in", "mina@example.org")
    except TooSoon:
        return False
    return True


def owners_who_end_each_other_leave_one(app: Flask) -> None:
    first, second = (create_person(n, f"{n}@example.org", PASSWORD, Role.OWNER) for n in ("Olga", "Rosa"))
    db.session.commit()
    one, other = first.id, second.id
    for _ in range(5):
        done = at_once(app, lambda: end(one, other), lambda: end(other, one))
        assert sorted(done) == [False, True]
        assert people.owners() == 1
        for person in (first, second):
            db.session.refresh(person)
            person.ended_at = None
        db.session.commit()


def an_invitation_is_used_once(app: Flask) -> None:
    token = people.invite(Role.AUTHOR, "", create_person("Olga", "o@example.org", PASSWORD, Role.OWNER))
    db.session.commit()
    acts = [lambda name=name: accept(token, name) for name in ("anna", "berta", "cora", "dora")]
    assert sorted(at_once(app, *acts)) == [False, False, False, True]


def many_guesses_at_once_are_counted(app: Flask, leeway: int) -> None:
    """`leeway`: those that may slip through where transactions do not see each other."""
    done = at_once(app, *[guess] * 12)
    assert FREE_TRIES <= done.count(True) <= FREE_TRIES + leeway
    assert not guess()
