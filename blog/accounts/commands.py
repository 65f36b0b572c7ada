"""`roadbook create-user`."""

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import with_appcontext

from blog.accounts.models import Role, create_person
from blog.db import bring_up_to_date, db


@click.command("create-user")
@click.option("--name", prompt=True, help="The name readers see.")
@click.option("--email", prompt=True, help="What this person signs in with.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="owner", show_default=True)
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, envvar="ROADBOOK_NEW_PASSWORD"
)
@with_appcontext
def create_user(name: str, email: str, role: str, password: str) -> None:
    """Make an account: an owner, an author or a moderator."""
    bring_up_to_date()
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized
        create_person(name, address, password, Role(role))
    except (EmailNotValidError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{name} can now sign in as {address} ({role}).")
