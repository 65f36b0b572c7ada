"""How long it is kept where replies came from: hashes of addresses, the names of browsers, and the salts."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from blog import jobs
from blog.comments.models import TRACED, Comment
from blog.comments.moderation import Report
from blog.comments.rules import site_rules
from blog.comments.senders import AddressSalt
from blog.db import db, now

AT_ONCE = 500  # so that nobody who writes has to wait for long


@jobs.sweep
def forget_senders() -> None:
    """Delete what is older than the rules allow.

    The salts go first: from then on nobody can tell which addresses the hashes that are left were made of.
    """
    oldest = now() - timedelta(days=site_rules().keep_addresses_days)
    db.session.execute(delete(AddressSalt).where(AddressSalt.made_at <= oldest))
    db.session.commit()
    clear(Comment, TRACED, Comment.created_at <= oldest, user_agent="", network_hash=None)
    clear(Report, Report.address_hash.is_not(None), Report.at <= oldest)


def clear(model: Any, *which: Any, **columns: Any) -> None:
    """Empty the address and these columns of rows, some at a time.

    By hand, as it is no change that a moderator or a reader could see: versions and kept pages stay.
    """
    some = select(model.id).where(*which).limit(AT_ONCE)
    while numbers := db.session.scalars(some).all():
        db.session.execute(
            update(model)
            .where(model.id.in_(numbers))
            .values(address_hash=None, **columns)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
