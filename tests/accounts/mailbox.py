"""What was mailed to somebody, read from the database."""

import re
from urllib.parse import urlsplit

from sqlalchemy import select

from blog.db import db
from blog.mail.models import Mail


def mails(to: str) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.to == to).order_by(Mail.id)))


def mailed_link(to: str) -> str:
    """The path of the link in the last mail to this address; it stands in both of its bodies."""
    mail = mails(to)[-1]
    address = re.search(r"http\S+", mail.text)
    assert address
    assert f'href="{address[0]}"' in mail.html
    assert address[0].startswith("http://localhost/")
    return urlsplit(address[0]).path
