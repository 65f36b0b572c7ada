"""The desk's pages of what readers may do: rules of the site, of one post, and the block lists."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from blog.accounts.views import signed_in
from blog.comments.blocks import Block, BlockKind, tidy
from blog.comments.moderation import Act, ModerationLog, decides_on_people
from blog.comments.rules import Policy, PostRules, ProofOfWork, Rules, kept_rules, site_rules
from blog.db import db, insert_once
from blog.posts.desk import own_post
from blog.posts.models import Post
from blog.web.access import Audience, open_to
from blog.web.forms import ActionForm, Form

rules_desk = Blueprint("rules_desk", __name__)

MOST_DAYS = 36_500
STALE = _l("This page was open for a long time. Please go back, reload it, and try again.")

POLICIES = {
    Policy.HOLD_ALL: _l("Every reply waits for a moderator"),
    Policy.HOLD_FIRST: _l("Replies wait until the reader is known: confirmed by mail, and approved before"),
    Policy.HOLD_LINKS: _l("Replies with a link wait, and those that look doubtful; the rest appear at once"),
    Policy.HOLD_DOUBTFUL: _l(
        "Only replies that look doubtful wait, such as all capitals or sent in a second"
    ),
    Policy.OPEN: _l("Everything appears at once, but what sounds like spam waits, and spam does not appear"),
}
PROOFS = {
    ProofOfWork.NEVER: _l("Never"),
    ProofOfWork.UNDER_ATTACK: _l("While spam pours in"),
    ProofOfWork.ALWAYS: _l("Always"),
}
KINDS = {
    BlockKind.WORD: _l("Words"),
    BlockKind.EMAIL: _l("E-mail addresses"),
    BlockKind.DOMAIN: _l("Domains"),
    BlockKind.NETWORK: _l("Networks"),
}


def days_field(label: Any, most: int = MOST_DAYS) -> IntegerField:
    words = _l("A number of days, from 1 to %(most)d.", most=most)
    return IntegerField(label, [Optional(), NumberRange(1, most, words)])


class SiteRulesForm(Form):
    policy = RadioField(
        _l("Which replies wait for a moderator"),
        choices=[SelectChoice(policy, words) for policy, words in POLICIES.items()],
        coerce=Policy,
    )
    trusted_after = IntegerField(
        _l("Approved replies until a reader is known"),
        [
            InputRequired(_l("A number, from 1 to 100.")),
            NumberRange(1, 100, _l("A number, from 1 to 100.")),
        ],
    )
    close_after_days = days_field(_l("Close replies so many days after a post was published"))
    email_needed = BooleanField(_l("An e-mail address is needed to reply"))
    website_asked = BooleanField(_l("Readers may leave the address of their website"))
    proof_of_work = RadioField(
        _l("Let browsers solve a small puzzle before a reply is sent"),
        choices=[SelectChoice(proof, words) for proof, words in PROOFS.items()],
        coerce=ProofOfWork,
    )
    keep_addresses_days = IntegerField(
        _l("Forget where a reply came from after so many days"),
        [
            InputRequired(_l("A number of days, from 1 to 365.")),
            NumberRange(1, 365, _l("A number of days, from 1 to 365.")),
        ],
    )


class PostRulesForm(Form):
    policy = RadioField(
        _l("Which replies wait for a moderator"),
        choices=[
            SelectChoice("", _l("As everywhere on this site")),
            *(SelectChoice(policy.value, words) for policy, words in POLICIES.items()),
        ],
    )
    close_after_days = days_field(_l("Close replies so many days after the post was published"))
    is_closed = BooleanField(_l("Take no more replies now"))


class BlockForm(Form):
    kind = SelectField(
        _l("Kind"),
        choices=[SelectChoice(kind, words) for kind, words in KINDS.items()],
        coerce=BlockKind,
    )
    value = StringField(_l("Block"))


SITE_FACTS = (
    "policy",
    "trusted_after",
    "close_after_days",
    "email_needed",
    "website_asked",
    "proof_of_work",
    "keep_addresses_days",
)
POST_FACTS = ("policy", "close_after_days", "is_closed")


def facts(rules: Rules | PostRules, names: tuple[str, ...]) -> dict[str, Any]:
    """Rules as the log keeps them: enums by their word."""
    return {name: getattr(getattr(rules, name), "value", getattr(rules, name)) for name in names}


def note(about: str, before: dict[str, Any], after: dict[str, Any], post: Post | None = None) -> None:
    """Write down who changed which rules; nothing where nothing changed."""
    changed = [name for name in after if after[name] != before.get(name)]
    if not changed:
        return
    person = signed_in()
    db.session.add(
        ModerationLog(
            act=Act.RULES_CHANGED,
            about=about[:200],
            post_id=post.id if post else None,
            moderator_id=person.id,
            moderator_name=person.name,
            detail={
                "before": {name: before.get(name) for name in changed},
                "after": {name: after[name] for name in changed},
            },
        )
    )


@rules_desk.route("/desk/replies/rules", methods=["GET", "POST"])
@open_to(Audience.OWNER)
def site() -> Any:
    """What holds for the whole site."""
    form = SiteRulesForm.from_request(obj=site_rules())
    if not form.was_sent():
        status = 422 if request.method == "POST" else 200
        return render_template("comments/site_rules.html", form=form), status
    rules = kept_rules()
    before = facts(rules, SITE_FACTS)
    form.populate_obj(rules)
    note(_("Rules for replies"), before, facts(rules, SITE_FACTS))
    db.session.commit()
    flash(_("Saved. The rules hold from now on."))
    return redirect(url_for("rules_desk.site"))


@rules_desk.route("/desk/posts/<int:post_id>/replies", methods=["GET", "POST"])
@open_to(Audience.AUTHORS)
def post(post_id: int) -> Any:
    """What one post does otherwise."""
    found = own_post(post_id)
    rules = db.session.get(PostRules, found.id) or PostRules(post_id=found.id, is_closed=False)
    form = PostRulesForm.from_request(obj=rules)
    if request.method == "GET":
        form.policy.data = rules.policy.value if rules.policy else ""
    if not form.was_sent():
        status = 422 if request.method == "POST" else 200
        site_policy = POLICIES[site_rules().policy]
        return (
            render_template("comments/post_rules.html", form=form, post=found, site_policy=site_policy),
            status,
        )
    insert_once(PostRules, post_id=found.id)
    rules = db.session.get_one(PostRules, found.id)
    before = facts(rules, POST_FACTS)
    rules.policy = Policy(form.policy.data) if form.policy.data else None
    rules.close_after_days, rules.is_closed = form.close_after_days.data, form.is_closed.data
    note(_("Replies to “%(title)s”", title=found.title), before, facts(rules, POST_FACTS), found)
    db.session.commit()
    flash(_("Saved. The rules hold from now on."))
    return redirect(url_for("rules_desk.post", post_id=found.id))


@rules_desk.route("/desk/replies/blocks", methods=["GET", "POST"])
@open_to(Audience.MODERATORS)
def blocks() -> Any:
    """The block lists, and the form that adds to them."""
    check_right()
    form = BlockForm.from_request()
    if form.was_sent() and add_block(form):
        return redirect(url_for("rules_desk.blocks"))
    entries = db.session.scalars(select(Block).order_by(Block.kind, Block.value)).all()
    lists = {words: [entry for entry in entries if entry.kind is kind] for kind, words in KINDS.items()}
    status = 422 if request.method == "POST" else 200
    return render_template("comments/blocks.html", form=form, lists=lists), status


def check_right() -> None:
    """What is blocked is blocked under everybody's posts: the lists are not there for authors."""
    if not decides_on_people(signed_in()):
        abort(404)


def add_block(form: BlockForm) -> bool:
    """Keep what was typed; False with words at the field where it cannot be."""
    kind = form.kind.data
    try:
        value = tidy(kind, form.value.data or "")
    except ValueError as error:
        form.value.errors = [str(error)]
        return False
    if insert_once(Block, kind=kind, value=value, made_by_id=signed_in().id):
        changed(kind, None, value)
    db.session.commit()
    flash(_("“%(value)s” is blocked from now on.", value=value))
    return True


def changed(kind: BlockKind, before: str | None, after: str | None) -> None:
    """Log it, and tell the server processes to read the lists anew."""
    kept_rules()
    about = _("Block list: %(kind)s", kind=KINDS[kind])
    note(about, {"value": before}, {"value": after})


@rules_desk.post("/desk/replies/blocks/<int:block_id>/removal")
@open_to(Audience.MODERATORS)
def unblock(block_id: int) -> Response:
    check_right()
    if not ActionForm.from_request().was_sent():
        abort(422, STALE)
    entry = db.session.get(Block, block_id)
    if entry:
        db.session.delete(entry)
        changed(entry.kind, entry.value, None)
        db.session.commit()
        flash(_("“%(value)s” is no longer blocked.", value=entry.value))
    return redirect(url_for("rules_desk.blocks"))


def init_app(app: Flask) -> None:
    app.register_blueprint(rules_desk)
