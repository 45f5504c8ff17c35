"""Find what stands now without what stood before: consents, and the segments that a customer is in."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LASTING = sa.text("left_at IS NULL")

FROM_CHANGES = """
INSERT INTO kept_consents (customer_id, name, change_id, status, at, source, granted_at)
SELECT c.customer_id, c.name, c.id, c.status, c.at, c.source,
  (SELECT max(g.at) FROM consent_changes g
   WHERE g.customer_id = c.customer_id AND g.name = c.name AND g.status = 'GRANTED')
FROM consent_changes c
WHERE NOT EXISTS (
  SELECT 1 FROM consent_changes l
  WHERE l.customer_id = c.customer_id AND l.name = c.name AND (l.at, l.id) > (c.at, c.id))
"""


def upgrade() -> None:
    op.create_table(
        "kept_consents",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("granted_at", columns.Instant(), nullable=True),
        sa.CheckConstraint("status IN ('GRANTED', 'REVOKED')", name="ck_kept_consents_status"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id", "name"),
    )
    op.execute(FROM_CHANGES)
    op.create_index(
        "ix_segment_memberships_lasting",
        "segment_memberships",
        ["customer_id", "segment_id", "entered_at"],
        sqlite_where=LASTING,
        postgresql_where=LASTING,
    )


def downgrade() -> None:
    op.drop_index("ix_segment_memberships_lasting", table_name="segment_memberships")
    op.drop_table("kept_consents")
