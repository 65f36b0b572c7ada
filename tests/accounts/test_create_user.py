"""The owner makes people on the command line."""

import pytest
from click.testing import Result
from flask import Flask

from blog.accounts.commands import create_user
from blog.accounts.models import Role, find_person
from tests.conftest import PASSWORD, Visitor


@pytest.fixture
def command(app: Flask):
    """Runs `roadbook create-user` with these options."""

    def run(**options: str) -> Result:
        values = {"name": "Mina", "email": "mina@example.org", "password": PASSWORD} | options
        arguments = [part for name, value in values.items() for part in (f"--{name}", value)]
        return app.test_cli_runner().invoke(create_user, arguments)

    return run


@pytest.mark.parametrize("role", list(Role))
def test_people_of_every_role_are_made_and_can_sign_in(app, command, role):
    made = command(role=role.value)
    assert made.exit_code == 0
    assert made.output == f"Mina can now sign in as mina@example.org ({role.value}).\n"
    mina = find_person("mina@example.org")
    assert mina.role is role
    assert mina.password_hash.startswith("$argon2id$")
    Visitor(app.test_client()).sign_in(mina).get("/desk/moderation")


def test_the_first_person_is_the_owner_by_default(command):
    assert "(owner)" in command().output


def test_the_address_is_kept_in_lower_case(command):
    command(email="Mina@Example.ORG")
    assert find_person("mina@example.org").email == "mina@example.org"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"password": "too short"}, "A password needs at least 10 characters."),
        ({"password": "password123"}, "This is too easy to guess. Many people use it."),
        ({"password": "x" * 1000}, "A password can have at most 200 characters."),
        ({"email": "no address"}, "email address"),
        ({"role": "king"}, "'king' is not one of"),
        ({"name": "  "}, "A person needs a name"),
        ({"name": "M" * 121}, "A person needs a name"),
    ],
)
def test_what_cannot_be_is_refused_in_words(command, options, words):
    refused = command(**options)
    assert refused.exit_code != 0
    assert words in refused.output
    assert find_person("mina@example.org") is None


def test_an_address_has_one_account(command):
    command()
    again = command(name="Another", email="MINA@example.org")
    assert again.exit_code == 1
    assert "already has an account" in again.output
    assert find_person("mina@example.org").name == "Mina"


def test_the_password_is_asked_for_twice_and_not_shown(app):
    answers = f"Mina\nmina@example.org\n{PASSWORD}\n{PASSWORD}\n"
    made = app.test_cli_runner().invoke(create_user, input=answers)
    assert made.exit_code == 0
    assert PASSWORD not in made.output
    differing = app.test_cli_runner().invoke(create_user, input=f"A\na@example.org\n{PASSWORD}\nother\n\n")
    assert differing.exit_code == 1
    assert find_person("a@example.org") is None
