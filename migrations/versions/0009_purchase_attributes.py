"""The account's own attributes of receipts and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
TABLES = ("receipts", "orders")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("attributes", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "attributes")
