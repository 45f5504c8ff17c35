"""Which attributes the blocks of the screen show."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_views",
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("attribute_keys", sa.Text(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "block IN ('PROFILE', 'RECEIPT_LIST', 'RECEIPT_ATTRIBUTES', 'RECEIPT_ITEMS', 'ORDER_LIST',"
            " 'ORDER_ATTRIBUTES', 'ORDER_ITEMS')",
            name="ck_account_views_block",
        ),
        sa.PrimaryKeyConstraint("block"),
    )


def downgrade() -> None:
    op.drop_table("account_views")
