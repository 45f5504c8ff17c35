"""Keep when each category was viewed: the newest thousand views of each customer."""

import struct
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOST_VIEWS = 1_000
SLICE = 500
"""Customers whose views are in memory at once."""

# Each walks its own newest views: those of somebody who looked at very many are not read to the end.
NEWEST = {
    "postgresql": """
SELECT v.customer_id, v.viewed_category_id, v.occurred_at FROM customers c, LATERAL (
  SELECT e.customer_id, e.viewed_category_id, e.occurred_at FROM timeline_events e
  WHERE e.customer_id = c.id AND e.viewed_category_id IS NOT NULL
  ORDER BY e.occurred_at DESC, e.id DESC LIMIT :most) v
WHERE c.id BETWEEN :first AND :last
""",
    "sqlite": """
SELECT v.customer_id, v.viewed_category_id, v.occurred_at FROM customers c JOIN timeline_events v ON v.rowid IN (
  SELECT e.rowid FROM timeline_events e
  WHERE e.customer_id = c.id AND e.viewed_category_id IS NOT NULL
  ORDER BY e.occurred_at DESC, e.id DESC LIMIT :most)
WHERE c.id BETWEEN :first AND :last
""",
}
OF_VIEW = (
    sa.column("customer_id", sa.BigInteger()),
    sa.column("viewed_category_id", sa.BigInteger()),
    sa.column("occurred_at", columns.Instant()),
)


def upgrade() -> None:
    made = op.create_table(
        "category_views",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_viewed_at", columns.Instant(), nullable=False),
        sa.Column("viewed_at", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id", "category_id"),
    )
    connection = op.get_bind()
    views = sa.text(NEWEST[connection.dialect.name]).columns(*OF_VIEW)
    for first, last in _slices(connection):
        found = connection.execute(views, {"first": first, "last": last, "most": MOST_VIEWS})
        rows = list(_rows(found))
        if rows:
            connection.execute(made.insert(), rows)
    op.create_index("ix_category_views_latest", "category_views", ["customer_id", "last_viewed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_category_views_latest", "category_views")
    op.drop_table("category_views")


def _slices(connection: sa.Connection) -> Iterator[tuple[int, int]]:
    """The first and the last id of so many customers, and of the next."""
    ids = sa.text("SELECT id FROM customers WHERE id > :last ORDER BY id LIMIT :most")
    last = -(2**63)
    while some := list(connection.scalars(ids, {"last": last, "most": SLICE})):
        yield some[0], (last := some[-1])


def _rows(views: Iterable[sa.Row]) -> Iterator[dict[str, object]]:
    moments: dict[tuple[int, int], list] = {}
    for customer_id, category_id, at in views:
        moments.setdefault((customer_id, category_id), []).append(at)
    for (customer_id, category_id), own in moments.items():
        own.sort()
        packed = struct.pack(f"<{len(own)}d", *(at.timestamp() for at in own))
        yield {
            "customer_id": customer_id,
            "category_id": category_id,
            "last_viewed_at": own[-1],
            "viewed_at": packed,
        }
