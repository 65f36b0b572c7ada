"""The commands of those who run it, as processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blog.commandline import main
from tests.conftest import PASSWORD

COMMANDS = [name for name, command in main.commands.items() if not command.hidden]


@pytest.fixture
def roadbook(tmp_path: Path):
    """Runs `roadbook …` on an installation of its own."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ROADBOOK_")}
    own = {
        "ROADBOOK_INSTANCE": str(tmp_path / "instance"),
        "ROADBOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'instance' / 'roadbook.sqlite'}",
        "ROADBOOK_STORAGE_URL": str(tmp_path / "uploads"),
    }

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "blog.commandline", *arguments],
            env=kept | own | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_commands_of_the_design_are_there():
    assert {"serve", "create-user", "place", "demo"} <= set(COMMANDS)


def test_help_lists_every_command(roadbook):
    shown = roadbook("--help")
    assert shown.returncode == 0
    for name in COMMANDS:
        assert name in shown.stdout
    assert " work " not in shown.stdout


def test_a_command_that_does_not_exist_is_an_error(roadbook):
    refused = roadbook("publish")
    assert refused.returncode == 2
    assert "No such command" in refused.stderr


def test_the_first_command_makes_what_it_needs(roadbook, tmp_path):
    made = roadbook(
        "create-user", "--name", "Mina", "--email", "mina@example.org", ROADBOOK_NEW_PASSWORD=PASSWORD
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == "Mina can now sign in as mina@example.org (owner).\n"
    instance = tmp_path / "instance"
    assert (instance / "roadbook.sqlite").exists()
    assert (instance / "secret-key").stat().st_mode & 0o777 == 0o600
    secret = (instance / "secret-key").read_text()
    again = roadbook(
        "create-user", "--name", "Mina", "--email", "mina@example.org", ROADBOOK_NEW_PASSWORD=PASSWORD
    )
    assert again.returncode == 1
    assert again.stderr == "Error: mina@example.org already has an account.\n"
    assert (instance / "secret-key").read_text() == secret
    kept = (instance / "roadbook.sqlite").read_bytes()
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$v=19$m=65536" in kept


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(app, name):
    shown = app.test_cli_runner().invoke(main.commands[name], ["--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage:")
    assert main.commands[name].help.split("\n")[0][:30] in shown.output
