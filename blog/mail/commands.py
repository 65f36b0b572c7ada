"""`roadbook send-test-mail` and `roadbook note-bounces`."""

from typing import BinaryIO

import click
from flask import current_app
from flask.cli import with_appcontext

from blog.db import bring_up_to_date, db, now
from blog.mail.bounces import LARGEST_REPORT, lift_stop, note_report
from blog.mail.messages import Unsendable, to_message
from blog.mail.models import Mail
from blog.mail.posting import written
from blog.mail.server import Outbox, Refusal, Unreachable, post_office


@click.command("send-test-mail")
@click.argument("address")
@with_appcontext
def send_test_mail(address: str) -> None:
    """Send a letter to ADDRESS at once, to see whether mail leaves and arrives.

    An address that was left alone because it refused letters gets them again from now on.
    """
    bring_up_to_date()
    lifted = lift_stop(address.strip())
    db.session.commit()
    subject = f"A test from {current_app.config['SITE_NAME']}"
    text, html = written("letters/test", subject=subject)
    letter = Mail(
        id=0, kind="test", to=address, subject=subject, text=text, html=html, headers={}, created_at=now()
    )
    office = post_office()
    try:
        office.send(to_message(letter))
    except (Unsendable, Unreachable, Refusal) as error:
        words = error.words if isinstance(error, Refusal) else str(error)
        raise click.ClickException(f"The letter was not taken. {words}") from error
    finally:
        office.close()
    if lifted:
        click.echo(f"{address} refused letters before; it gets them again from now on.")
    where = f"It lies in {office.folder}." if isinstance(office, Outbox) else "The server took it."
    click.echo(f"A letter to {address} was sent. {where}")


@click.command("note-bounces")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def note_bounces(file: BinaryIO) -> None:
    """Count the report of a letter that did not arrive: a FILE with the mail, or - to read it from a pipe."""
    bring_up_to_date()
    bounce = note_report(file.read(LARGEST_REPORT))
    db.session.commit()
    if bounce is None:
        click.echo("This reports no letter from here that failed: nothing was counted.")
        return
    stopped = " It is sent nothing more." if bounce.stopped_at else ""
    click.echo(f"{bounce.email} did not take a letter, {bounce.count} so far.{stopped}")
