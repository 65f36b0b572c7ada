"""Two who act at the same moment cannot do together what neither may do alone."""

from tests.accounts.at_once import (
    an_invitation_is_used_once,
    many_guesses_at_once_are_counted,
    owners_who_end_each_other_leave_one,
)


def test_owners_who_end_each_other_leave_one(app):
    owners_who_end_each_other_leave_one(app)


def test_an_invitation_that_several_follow_makes_one_account(app):
    an_invitation_is_used_once(app)


def test_many_guesses_at_once_are_as_many_as_one_after_the_other(app):
    many_guesses_at_once_are_counted(app, leeway=0)
