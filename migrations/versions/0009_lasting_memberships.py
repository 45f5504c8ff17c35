"""Find the segments that a customer is in without those that are past."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LASTING = sa.text("left_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_segment_memberships_lasting",
        "segment_memberships",
        ["customer_id", "segment_id", "entered_at"],
        sqlite_where=LASTING,
        postgresql_where=LASTING,
    )


def downgrade() -> None:
    op.drop_index("ix_segment_memberships_lasting", table_name="segment_memberships")
