"""The log in words: who did what."""

from flask_babel import gettext as _
from flask_babel import ngettext

from blog.comments.deciding import Kind, Outcome
from blog.comments.moderation import Act, ModerationLog
from blog.comments.queue import Past
from blog.comments.verdict import Status
from blog.web.locale import moment


def deed(entry: ModerationLog) -> str:
    """`Petra approved it`."""
    who = entry.moderator_name
    if entry.undoes_id:
        return undone(entry)
    if entry.act is Act.MOVED:
        return moved(entry)
    return {
        Act.EDITED: _("%(who)s edited it", who=who),
        Act.REPORTS_CLOSED: _("%(who)s looked at the reports and kept it", who=who),
        Act.TRUSTED: _("%(who)s trusted this person", who=who),
        Act.BLOCKED: _("%(who)s blocked this person", who=who),
        Act.STANDING_CLEARED: _("%(who)s neither trusts nor blocks this person", who=who),
        Act.ERASED: _("%(who)s erased a person and all their replies", who=who),
        Act.RULES_CHANGED: _("%(who)s changed the rules", who=who),
    }[entry.act]


def moved(entry: ModerationLog) -> str:
    who = entry.moderator_name
    return {
        Status.APPROVED: _("%(who)s approved it", who=who),
        Status.SPAM: _("%(who)s marked it as spam", who=who),
        Status.REJECTED: _("%(who)s rejected it", who=who),
        Status.PENDING: _("%(who)s put it back among those that wait", who=who),
    }[entry.after or Status.PENDING]


def undone(entry: ModerationLog) -> str:
    if entry.act is Act.MOVED and entry.before and entry.after:
        names = {"before": status_name(entry.before).lower(), "after": status_name(entry.after).lower()}
        return _("%(who)s undid it: from %(before)s to %(after)s", who=entry.moderator_name, **names)
    return _("%(who)s undid the last act on it", who=entry.moderator_name)


def status_name(status: Status) -> str:
    return {
        Status.PENDING: _("Pending"),
        Status.APPROVED: _("Approved"),
        Status.SPAM: _("Spam"),
        Status.REJECTED: _("Rejected"),
    }[status]


def told(outcome: Outcome, by_id: int) -> str:
    """What became of one act, for who tried it."""
    entry = outcome.entry
    if outcome.kind is Kind.DONE and entry:
        return done(entry)
    if outcome.kind is Kind.ALREADY:
        if entry is None or entry.moderator_id == by_id:
            return _("It was so already.")
        return _("%(deed)s already.", deed=deed(entry))
    edited_at = outcome.comment.edited_at if outcome.comment else None
    if edited_at and (entry is None or entry.at < edited_at):
        return _("Its writer changed the words after you opened this page. Nothing was changed. What now?")
    if entry is None:
        return _("It changed after you opened this page. This is how it is now.")
    return _(
        "After you opened this page: %(deed)s, %(when)s. Nothing was changed. What now?",
        deed=deed(entry),
        when=moment(entry.at),
    )


def done(entry: ModerationLog) -> str:
    if entry.undoes_id:
        return _("Undone.")
    if entry.act is Act.MOVED:
        return {
            Status.APPROVED: _("Approved. Everyone can read it now."),
            Status.REJECTED: _("Rejected. Only moderators can see it."),
            Status.SPAM: _("Marked as spam."),
            Status.PENDING: _("Back among those that wait. Readers do not see it."),
        }[entry.after or Status.PENDING]
    return {
        Act.EDITED: _("Edited. Readers see that it was."),
        Act.REPORTS_CLOSED: _("Kept. The reports are closed."),
        Act.TRUSTED: _("Trusted."),
        Act.BLOCKED: _("Blocked. What comes from this address is spam."),
        Act.STANDING_CLEARED: _("Neither trusted nor blocked."),
    }.get(entry.act, _("Done."))


def done_together(count: int, to: Status) -> str:
    """`3 replies approved.`"""
    return {
        Status.APPROVED: ngettext("%(num)d reply approved.", "%(num)d replies approved.", count),
        Status.SPAM: ngettext("%(num)d reply marked as spam.", "%(num)d replies marked as spam.", count),
        Status.REJECTED: ngettext("%(num)d reply rejected.", "%(num)d replies rejected.", count),
        Status.PENDING: ngettext("%(num)d reply waits again.", "%(num)d replies wait again.", count),
    }[to]


def told_past(past: Past) -> str:
    """`3 approved, 1 rejected`."""
    words = {
        Status.APPROVED: _("approved"),
        Status.PENDING: _("waiting"),
        Status.REJECTED: _("rejected"),
        Status.SPAM: _("spam"),
    }
    parts = [f"{past.by_status[each]} {word}" for each, word in words.items() if each in past.by_status]
    return ", ".join(parts)
