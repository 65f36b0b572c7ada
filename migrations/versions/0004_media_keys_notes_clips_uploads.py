"""Media keys, clips, region notes, hidden regions, uploads

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "receiving", "received", "taken", "refused", name="uploadstate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_upload_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("token", name=op.f("uq_upload_token")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_person_id"), ["person_id"], unique=False)

    op.create_table(
        "clip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("video_codec", sa.String(length=40), nullable=False),
        sa.Column("audio_codec", sa.String(length=40), nullable=True),
        sa.Column("plays_as_it_is", sa.Boolean(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("media_key", sa.String(length=64), nullable=True),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded", "processing", "ready", "failed", name="clipstate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("processing_since", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_clip_photo_id_photo"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clip")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_clip_photo_id")),
    )
    op.create_table(
        "hidden_region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("corners", sa.JSON(), nullable=False),
        sa.Column("hidden_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"],
            ["person.id"],
            name=op.f("fk_hidden_region_hidden_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_hidden_region_photo_id_photo"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hidden_region")),
    )
    with op.batch_alter_table("hidden_region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hidden_region_photo_id"), ["photo_id"], unique=False)

    op.create_table(
        "region_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("corners", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_region_note_author_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_region_note_photo_id_photo"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_note")),
    )
    with op.batch_alter_table("region_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_note_photo_id"), ["photo_id"], unique=False)

    op.create_table(
        "retired_media",
        sa.Column("media_key", sa.String(length=64), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("media_key", name=op.f("pk_retired_media")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("media_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("title", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("rights", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("keywords", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("rating", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("faces", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column(
                "projection_in_file",
                sa.Enum("flat", "sphere", name="projection", native_enum=False, length=20),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "projection_by_hand",
                sa.Enum("flat", "sphere", name="projection", native_enum=False, length=20),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("file_says", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("binned_at", sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_photo_binned_at"), ["binned_at"], unique=False)

    # The renditions made so far stay where they are: they are named by the original.
    op.execute("UPDATE photo SET media_key = sha256")
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.alter_column("media_key", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_photo_media_key"), ["media_key"])


def downgrade():
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_photo_media_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_photo_binned_at"))
        batch_op.drop_column("binned_at")
        batch_op.drop_column("file_says")
        batch_op.drop_column("projection_by_hand")
        batch_op.drop_column("projection_in_file")
        batch_op.drop_column("faces")
        batch_op.drop_column("rating")
        batch_op.drop_column("keywords")
        batch_op.drop_column("rights")
        batch_op.drop_column("title")
        batch_op.drop_column("media_key")

    op.drop_table("retired_media")
    with op.batch_alter_table("region_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_note_photo_id"))

    op.drop_table("region_note")
    with op.batch_alter_table("hidden_region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hidden_region_photo_id"))

    op.drop_table("hidden_region")
    op.drop_table("clip")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_person_id"))
        batch_op.drop_index(batch_op.f("ix_upload_expires_at"))

    op.drop_table("upload")
