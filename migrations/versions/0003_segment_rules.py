"""Which rule of the account's file says who is in a segment."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("rule_key", sa.Text(), nullable=True))
    op.create_index("uq_segments_rule_key", "segments", ["rule_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_segments_rule_key", "segments")
    op.drop_column("segments", "rule_key")
