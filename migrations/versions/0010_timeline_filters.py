"""Kinds of events: an index through which each is read newest first, and how many of each a customer has."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CATEGORIES = (
    "MAILING_MASS",
    "MAILING_CAMPAIGN",
    "EMAIL",
    "RECEIPT",
    "ORDER",
    "CALL_CENTER",
    "SITE_VISIT",
    "CATEGORY_VIEW",
    "PRODUCT_VIEW",
    "PAGE_VIEW",
    "CART_ABANDONED",
    "BONUS_ACCRUED",
    "POINTS_ACCRUED",
    "TAG_ASSIGNED",
    "LIFECYCLE",
    "CONSENT",
    "NOTE",
    "SEGMENT",
    "PROFILE",
)
KIND = "customer_id, category, type, coalesce(store_id, 0), coalesce(business_unit_id, 0)"


def upgrade() -> None:
    among = ", ".join(f"'{category}'" for category in CATEGORIES)
    op.create_table(
        "timeline_kinds",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("business_unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"category IN ({among})", name="ck_timeline_kinds_category"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id", "category", "type", "store_id", "business_unit_id"),
    )
    op.create_index(
        "ix_timeline_events_kind",
        "timeline_events",
        ["customer_id", "category", "type", "store_id", "business_unit_id", "occurred_at", "id"],
        unique=False,
    )
    # Of a customer of whom yesterday's code writes an event meanwhile the counts no longer add up to the number of the
    # newest event: that customer's filters walk the history as they did, until `recompute timeline`.
    op.execute(
        sa.text(
            "INSERT INTO timeline_kinds (customer_id, category, type, store_id, business_unit_id, event_count)"
            f" SELECT {KIND}, count(*) FROM timeline_events GROUP BY {KIND}"
        )
    )


def downgrade() -> None:
    op.drop_index("ix_timeline_events_kind", "timeline_events")
    op.drop_table("timeline_kinds")
