"""Count the rows of lists when they are written, and find the segments that a customer left last."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LISTS = ("mailing_participations", "notes", "orders", "poll_participations", "promo_codes", "receipts")
PAST = sa.text("left_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "kept_counts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id", "list_name", "part"),
    )
    for name in LISTS:
        _count(name, "''")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _count(
        "changes", "split_part(field, '.', 1)" if is_postgresql else "substr(field, 1, instr(field || '.', '.') - 1)"
    )
    op.create_index(
        "ix_segment_memberships_past",
        "segment_memberships",
        ["customer_id", "left_at", "segment_id", "entered_at"],
        sqlite_where=PAST,
        postgresql_where=PAST,
    )


def downgrade() -> None:
    op.drop_index("ix_segment_memberships_past", table_name="segment_memberships")
    op.drop_table("kept_counts")


def _count(name: str, part: str) -> None:
    # What yesterday's code writes meanwhile is counted by `recompute counts`.
    op.execute(
        f"INSERT INTO kept_counts (customer_id, list_name, part, row_count)"
        f" SELECT customer_id, '{name}', part, count(*) FROM (SELECT customer_id, {part} AS part FROM {name}) AS rows"
        " GROUP BY customer_id, part"
    )
