"""`roadbook demo`."""

import click
from flask.cli import with_appcontext


@click.command()
@with_appcontext
def demo() -> None:
    """Make the demo trip."""
