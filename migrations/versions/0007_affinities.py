"""What customers buy and look at, summed up for affinities."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Customers without a row are summed up when they are read, until a write or `recompute affinities` does it.
    op.create_table(
        "customer_affinities",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("package_size", sa.Text(), nullable=True),
        sa.Column("store", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id"),
    )


def downgrade() -> None:
    op.drop_table("customer_affinities")
