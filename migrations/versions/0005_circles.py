"""What places lean on, and circles that hid one

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "drawn_circle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn_circle")),
    )
    op.execute(
        "INSERT INTO drawn_circle (lat, lon, radius_m) "
        "SELECT DISTINCT shown_lat, shown_lon, radius_m FROM hidden_zone"
    )
    with op.batch_alter_table("trip_photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leans_on", sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table("trip_photo", schema=None) as batch_op:
        batch_op.drop_column("leans_on")
    op.drop_table("drawn_circle")
