"""A conversation: commenters, rules, blocks, mail, follows, passkeys, invitations

Revision: 0006
Follows: 0005
"""

import nh3
import sqlalchemy as sa
from alembic import op
from markdown_it import MarkdownIt


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


TRACED = sa.text("address_hash IS NOT NULL OR network_hash IS NOT NULL OR user_agent <> ''")


def upgrade():
    op.create_table(
        "address_salt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_salt")),
    )
    with op.batch_alter_table("address_salt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_salt_made_at"), ["made_at"], unique=False)

    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint("email", name=op.f("uq_bounce_email")),
    )
    op.create_table(
        "commenter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("plain", "trusted", "blocked", name="standing", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commenter")),
        sa.UniqueConstraint("email", name=op.f("uq_commenter_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "learned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "sent", "failed", name="mailstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_state_next_try_at", ["state", "next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_to"), ["to"], unique=False)

    op.create_table(
        "rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "policy",
            sa.Enum(
                "hold_all",
                "hold_first",
                "hold_links",
                "hold_doubtful",
                "open",
                name="policy",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("close_after_days", sa.Integer(), nullable=True),
        sa.Column("email_needed", sa.Boolean(), nullable=False),
        sa.Column("website_asked", sa.Boolean(), nullable=False),
        sa.Column("trusted_after", sa.Integer(), nullable=False),
        sa.Column(
            "proof_of_work",
            sa.Enum("never", "under_attack", "always", name="proofofwork", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("keep_addresses_days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_table(
        "spent_proof",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_spent_proof")),
    )
    with op.batch_alter_table("spent_proof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_proof_at"), ["at"], unique=False)

    op.create_table(
        "account_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_account_log_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_account_log_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_log")),
    )
    with op.batch_alter_table("account_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_log_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_log_person_id"), ["person_id"], unique=False)

    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("word", "network", "domain", "email", name="blockkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_block_made_by_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_block_kind")),
    )
    op.create_table(
        "digest",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "rhythm",
            sa.Enum("at_once", "hourly", "daily", "never", name="rhythm", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("last_comment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_digest_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_digest")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "author", "moderator", name="role", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["person.id"],
            name=op.f("fk_invitation_invited_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_passkey_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post_rules",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column(
            "policy",
            sa.Enum(
                "hold_all",
                "hold_first",
                "hold_links",
                "hold_doubtful",
                "open",
                name="policy",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("close_after_days", sa.Integer(), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_rules_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_rules")),
    )
    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_follow_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_follow_post_id_post"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("email", "post_id", "comment_id", name=op.f("uq_follow_email")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_post_id"), ["post_id"], unique=False)
        batch_op.create_index(
            "ix_follow_whole_post",
            ["email", "post_id"],
            unique=True,
            sqlite_where=sa.text("comment_id IS NULL"),
            postgresql_where=sa.text("comment_id IS NULL"),
        )

    op.create_table(
        "silence",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_silence")),
    )

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_report_closed_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_report_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_address_hash"), ["address_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_comment_id"), ["comment_id"], unique=False)

    # Links in letters and open pages name numbers: none is given to another row, not even on SQLite.
    with op.batch_alter_table(
        "comment", schema=None, table_kwargs={"sqlite_autoincrement": True}
    ) as batch_op:
        batch_op.add_column(sa.Column("root_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("photo_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("region", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("commenter_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("is_confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("website", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("html", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("text_hash", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("address_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("network_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("user_agent", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("origin", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("edited_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("moved_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("told_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.drop_index(batch_op.f("ix_comment_status"))
        batch_op.create_index(batch_op.f("ix_comment_address_hash"), ["address_hash"], unique=False)
        batch_op.create_index("ix_comment_branch", ["root_id", "is_shown", "thread_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_text_hash"), ["text_hash"], unique=False)
        batch_op.create_index("ix_comment_trust", ["commenter_id", "is_confirmed", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_network_hash"), ["network_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_photo_id"), ["photo_id"], unique=False)
        batch_op.create_index("ix_comment_queue", ["status", "id"], unique=False)
        batch_op.create_index(
            "ix_comment_traced", ["created_at"], unique=False, sqlite_where=TRACED, postgresql_where=TRACED
        )
        batch_op.create_index("ix_comment_thread", ["post_id", "is_shown", "depth", "id"], unique=False)
        batch_op.create_index(
            "ix_comment_untold",
            ["is_shown", "id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.create_unique_constraint(batch_op.f("uq_comment_origin"), ["origin"])
        batch_op.create_foreign_key(
            batch_op.f("fk_comment_root_id_comment"), "comment", ["root_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_comment_photo_id_photo"), "photo", ["photo_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_comment_commenter_id_commenter"),
            "commenter",
            ["commenter_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("moderation_log", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "act",
                sa.Enum(
                    "moved",
                    "edited",
                    "reports_closed",
                    "trusted",
                    "blocked",
                    "standing_cleared",
                    "erased",
                    "rules_changed",
                    name="act",
                    native_enum=False,
                    length=20,
                ),
                nullable=False,
                server_default="moved",
            )
        )
        batch_op.add_column(sa.Column("commenter_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("post_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("about", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("why", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("detail", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("batch", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Integer(), nullable=True))
        batch_op.alter_column("comment_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("before", existing_type=sa.VARCHAR(length=20), nullable=True)
        batch_op.alter_column("after", existing_type=sa.VARCHAR(length=20), nullable=True)
        batch_op.create_index(batch_op.f("ix_moderation_log_commenter_id"), ["commenter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_log_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_log_moderator_id"), ["moderator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_log_batch"), ["batch"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_moderation_log_undoes_id"), ["undoes_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_log_undoes_id_moderation_log"), "moderation_log", ["undoes_id"], ["id"]
        )
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_comment_id_comment"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_log_comment_id_comment"),
            "comment",
            ["comment_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_log_commenter_id_commenter"),
            "commenter",
            ["commenter_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_log_post_id_post"), "post", ["post_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_at"), ["at"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totp_secret", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("totp_last_step", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(), nullable=True))

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=200), nullable=False, server_default=""))

    op.execute("UPDATE session SET seen_at = created_at")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.alter_column("seen_at", existing_type=sa.DateTime(), nullable=False)
    fill_comments()
    keep_log()


COMMENT = sa.table(
    "comment",
    *(
        sa.column(name)
        for name in ("id", "parent_id", "root_id", "thread_key", "email", "name", "text", "html", "status")
    ),
    sa.column("is_shown", sa.Boolean),
    sa.column("commenter_id"),
    sa.column("told_at", sa.DateTime),
    sa.column("created_at", sa.DateTime),
    sa.column("person_id"),
)
COMMENTER = sa.table(
    "commenter",
    *(sa.column(name) for name in ("id", "email", "name", "standing")),
    sa.column("created_at", sa.DateTime),
)
KEY_WIDTH, LONGEST_KEY = 8, 320
TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"}


def fill_comments():
    """Draw every text once, and note its root, who is shown, and whose it is. What stood was told long ago."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": True, "maxNesting": 12})
    parser.disable(["image", "heading", "lheading", "hr", "reference", "html_inline", "html_block"])
    parser.enable("linkify")
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "mailto:", "//"):
        parser.linkify.add(schema, None)
    connection = op.get_bind()
    shown, commenters, keys, changes = set(), {}, {}, []
    rows = connection.execute(sa.select(COMMENT).order_by(COMMENT.c.id)).all()  # a parent before its answers
    for row in rows:
        if row.status == "approved" and (row.parent_id is None or row.parent_id in shown):
            shown.add(row.id)
        root, key = keys.get(row.parent_id, (row.id, ""))
        keys[row.id] = root, key[: LONGEST_KEY - KEY_WIDTH] + row.thread_key[-KEY_WIDTH:]
        email = row.email.strip().lower()
        if email and row.person_id is None:
            commenters.setdefault(email, row)
        html = nh3.clean(
            parser.render(row.text),
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https"},
            url_relative="deny",
            link_rel="nofollow ugc noopener",
        )
        whose = email if email and row.person_id is None else None
        changes.append((row, root, keys[row.id][1], html, whose))
    for email, first in commenters.items():
        values = {"email": email, "name": first.name, "standing": "plain", "created_at": first.created_at}
        connection.execute(sa.insert(COMMENTER).values(values))
    numbers = dict(connection.execute(sa.select(COMMENTER.c.email, COMMENTER.c.id)).all())
    for row, root, key, html, whose in changes:
        connection.execute(
            sa.update(COMMENT)
            .where(COMMENT.c.id == row.id)
            .values(
                root_id=root,
                thread_key=key,
                html=html,
                is_shown=row.id in shown,
                commenter_id=numbers[whose] if whose else None,
                told_at=row.created_at if row.status == "approved" else None,
            )
        )


# A row of the log stays as it was written. What it says about somebody may be emptied: people can be erased.
FIXED = '"act", "moderator_name", "before", "after", "batch", "undoes_id", "at"'
WORDS = "about, why, detail"
REWRITTEN = (
    "NEW.about NOT IN ('', OLD.about) OR NEW.why NOT IN ('', OLD.why) OR "
    "CAST(NEW.detail AS TEXT) NOT IN ('null', COALESCE(CAST(OLD.detail AS TEXT), 'null'))"
)
REFUSAL = "Rows of the log are only ever added."


def keep_log():
    if op.get_bind().dialect.name == "sqlite":
        for name, when in (
            ("fixed", f"UPDATE OF {FIXED} ON moderation_log"),
            ("words", f"UPDATE OF {WORDS} ON moderation_log WHEN {REWRITTEN}"),
            ("kept", "DELETE ON moderation_log"),
        ):
            op.execute(
                f"CREATE TRIGGER moderation_log_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_moderation_log() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for name, when in (
        ("fixed", f"UPDATE OF {FIXED} ON moderation_log FOR EACH ROW"),
        ("words", f"UPDATE OF {WORDS} ON moderation_log FOR EACH ROW WHEN ({REWRITTEN})"),
        ("kept", "DELETE ON moderation_log FOR EACH ROW"),
    ):
        op.execute(
            f"CREATE TRIGGER moderation_log_{name} BEFORE {when} EXECUTE FUNCTION refuse_moderation_log()"
        )


def free_log():
    on_table = "" if op.get_bind().dialect.name == "sqlite" else " ON moderation_log"
    for name in ("fixed", "words", "kept"):
        op.execute(f"DROP TRIGGER moderation_log_{name}{on_table}")
    if on_table:
        op.execute("DROP FUNCTION refuse_moderation_log()")


def downgrade():
    free_log()
    op.execute("DELETE FROM moderation_log WHERE act <> 'moved' OR comment_id IS NULL")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_column("device")
        batch_op.drop_column("seen_at")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_at"))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("totp_last_step")
        batch_op.drop_column("totp_secret")

    with op.batch_alter_table("moderation_log", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_undoes_id_moderation_log"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_moderation_log_undoes_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_moderation_log_batch"))
        batch_op.drop_index(batch_op.f("ix_moderation_log_moderator_id"))
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("batch")
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_post_id_post"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_commenter_id_commenter"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_moderation_log_comment_id_comment"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_log_comment_id_comment"),
            "comment",
            ["comment_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.drop_index(batch_op.f("ix_moderation_log_post_id"))
        batch_op.drop_index(batch_op.f("ix_moderation_log_commenter_id"))
        batch_op.alter_column("after", existing_type=sa.VARCHAR(length=20), nullable=False)
        batch_op.alter_column("before", existing_type=sa.VARCHAR(length=20), nullable=False)
        batch_op.alter_column("comment_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("detail")
        batch_op.drop_column("why")
        batch_op.drop_column("about")
        batch_op.drop_column("post_id")
        batch_op.drop_column("commenter_id")
        batch_op.drop_column("act")

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_comment_commenter_id_commenter"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_comment_photo_id_photo"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_comment_root_id_comment"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_comment_origin"), type_="unique")
        batch_op.drop_index("ix_comment_traced")
        batch_op.drop_index("ix_comment_untold")
        batch_op.drop_index("ix_comment_thread")
        batch_op.drop_index("ix_comment_queue")
        batch_op.drop_index(batch_op.f("ix_comment_photo_id"))
        batch_op.drop_index(batch_op.f("ix_comment_network_hash"))
        batch_op.drop_index(batch_op.f("ix_comment_email"))
        batch_op.drop_index("ix_comment_trust")
        batch_op.drop_index(batch_op.f("ix_comment_text_hash"))
        batch_op.drop_index("ix_comment_branch")
        batch_op.drop_index(batch_op.f("ix_comment_address_hash"))
        batch_op.create_index(batch_op.f("ix_comment_status"), ["status"], unique=False)
        batch_op.drop_column("version")
        batch_op.drop_column("erased_at")
        batch_op.drop_column("told_at")
        batch_op.drop_column("moved_at")
        batch_op.drop_column("edited_at")
        batch_op.drop_column("origin")
        batch_op.drop_column("user_agent")
        batch_op.drop_column("network_hash")
        batch_op.drop_column("address_hash")
        batch_op.drop_column("text_hash")
        batch_op.drop_column("is_shown")
        batch_op.drop_column("html")
        batch_op.drop_column("website")
        batch_op.drop_column("is_confirmed")
        batch_op.drop_column("commenter_id")
        batch_op.drop_column("region")
        batch_op.drop_column("photo_id")
        batch_op.drop_column("root_id")

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_comment_id"))
        batch_op.drop_index(batch_op.f("ix_report_closed_at"))
        batch_op.drop_index(batch_op.f("ix_report_address_hash"))

    op.drop_table("report")
    op.drop_table("silence")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_whole_post")
        batch_op.drop_index(batch_op.f("ix_follow_post_id"))
        batch_op.drop_index(batch_op.f("ix_follow_comment_id"))

    op.drop_table("follow")
    op.drop_table("post_rules")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_person_id"))

    op.drop_table("passkey")
    op.drop_table("invitation")
    op.drop_table("digest")
    op.drop_table("block")
    with op.batch_alter_table("account_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_log_person_id"))
        batch_op.drop_index(batch_op.f("ix_account_log_at"))

    op.drop_table("account_log")
    with op.batch_alter_table("spent_proof", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_proof_at"))

    op.drop_table("spent_proof")
    op.drop_table("rules")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_to"))
        batch_op.drop_index("ix_mail_state_next_try_at")

    op.drop_table("mail")
    op.drop_table("learned")
    op.drop_table("commenter")
    op.drop_table("bounce")
    with op.batch_alter_table("address_salt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_salt_made_at"))

    op.drop_table("address_salt")
