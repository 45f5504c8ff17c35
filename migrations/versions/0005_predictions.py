"""RFM and life cycles: what a recompute stores, and the first purchase."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Filled by whoever sums a customer up next; `profile-gateway recompute lifecycle` fills the rest.
    op.add_column("customer_metrics", sa.Column("first_purchase_at", columns.Instant(), nullable=True))
    op.create_table(
        "lifecycle_models",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("r", sa.Float(), nullable=True),
        sa.Column("alpha", sa.Float(), nullable=True),
        sa.Column("a", sa.Float(), nullable=True),
        sa.Column("b", sa.Float(), nullable=True),
        sa.Column("log_likelihood", sa.Float(), nullable=True),
        sa.Column("customer_count", sa.Integer(), nullable=False),
        sa.Column("computed_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "customer_lifecycles",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_since", columns.Instant(), nullable=True),
        sa.Column("last_purchase_at", columns.Instant(), nullable=True),
        sa.Column("at_risk_at", columns.Instant(), nullable=True),
        sa.Column("lapsed_at", columns.Instant(), nullable=True),
        sa.Column("probability_alive", sa.Float(), nullable=True),
        sa.Column("expected_orders", sa.Float(), nullable=True),
        sa.Column("scored_at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('LEAD', 'NEW', 'ACTIVE', 'AT_RISK', 'LAPSED')", name="ck_customer_lifecycles_stage"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index("ix_customer_lifecycles_stage", "customer_lifecycles", ["stage", "customer_id"], unique=False)
    op.create_index(
        "ix_customer_lifecycles_at_risk_at", "customer_lifecycles", ["at_risk_at", "customer_id"], unique=False
    )
    op.create_index(
        "ix_customer_lifecycles_lapsed_at", "customer_lifecycles", ["lapsed_at", "customer_id"], unique=False
    )
    op.create_table(
        "rfm_boundaries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recency", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("monetary", sa.Text(), nullable=False),
        sa.Column("customer_count", sa.Integer(), nullable=False),
        sa.Column("computed_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "customer_rfm",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("recency", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.Integer(), nullable=False),
        sa.Column("monetary", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index("ix_customer_rfm_segment", "customer_rfm", ["segment", "customer_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_customer_rfm_segment", table_name="customer_rfm")
    op.drop_table("customer_rfm")
    op.drop_table("rfm_boundaries")
    op.drop_index("ix_customer_lifecycles_lapsed_at", table_name="customer_lifecycles")
    op.drop_index("ix_customer_lifecycles_at_risk_at", table_name="customer_lifecycles")
    op.drop_index("ix_customer_lifecycles_stage", table_name="customer_lifecycles")
    op.drop_table("customer_lifecycles")
    op.drop_table("lifecycle_models")
    op.drop_column("customer_metrics", "first_purchase_at")
