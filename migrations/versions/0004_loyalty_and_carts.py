"""Loyalty, carts and wish lists."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.Column("said_abandoned_at", columns.Instant(), nullable=True),
        sa.Column("ordered_at", columns.Instant(), nullable=True),
        sa.Column("is_empty", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index("ix_carts_changed_at", "carts", ["changed_at", "customer_id"], unique=False)
    op.create_table(
        "loyalty_accounts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accrued_milli", sa.BigInteger(), nullable=False),
        sa.Column("lasting_milli", sa.BigInteger(), nullable=False),
        sa.Column("points_milli", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index("ix_loyalty_accounts_accrued", "loyalty_accounts", ["accrued_milli", "customer_id"], unique=False)
    op.create_index("ix_loyalty_accounts_points", "loyalty_accounts", ["points_milli", "customer_id"], unique=False)
    op.create_table(
        "loyalty_lots",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("left_milli", sa.BigInteger(), nullable=False),
        sa.Column("accrued_at", columns.Instant(), nullable=False),
        sa.Column("active_from", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index(
        "ix_loyalty_lots_expires_at",
        "loyalty_lots",
        ["customer_id", "expires_at"],
        unique=False,
        sqlite_where=sa.text("left_milli > 0"),
        postgresql_where=sa.text("left_milli > 0"),
    )
    op.create_table(
        "cart_items",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.Column("left_at", columns.Instant(), nullable=True),
        sa.Column("abandoned_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"]),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index(
        "ix_cart_items_abandoned_at",
        "cart_items",
        ["customer_id", "abandoned_at"],
        unique=False,
        sqlite_where=sa.text("abandoned_at IS NOT NULL AND left_at IS NOT NULL"),
        postgresql_where=sa.text("abandoned_at IS NOT NULL AND left_at IS NOT NULL"),
    )
    op.create_index(
        "ix_cart_items_waiting",
        "cart_items",
        ["customer_id", "added_at", "id"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "wishlist_items",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"]),
        sa.PrimaryKeyConstraint("customer_id", "product_id"),
    )
    op.create_index(
        "ix_wishlist_items_added_at", "wishlist_items", ["customer_id", "added_at", "product_id"], unique=False
    )
    # What was accrued before is known from its events; none of it had a day on which it ends.
    op.execute(
        "INSERT INTO loyalty_accounts (customer_id, accrued_milli, lasting_milli, points_milli) "
        "SELECT customer_id, "
        "SUM(CASE WHEN category = 'BONUS_ACCRUED' AND amount_milli > 0 THEN amount_milli ELSE 0 END), "
        "SUM(CASE WHEN category = 'BONUS_ACCRUED' AND amount_milli > 0 THEN amount_milli ELSE 0 END), "
        "SUM(CASE WHEN category = 'POINTS_ACCRUED' THEN COALESCE(amount_milli, 0) ELSE 0 END) "
        "FROM timeline_events WHERE category IN ('BONUS_ACCRUED', 'POINTS_ACCRUED') GROUP BY customer_id"
    )


def downgrade() -> None:
    op.drop_index("ix_wishlist_items_added_at", table_name="wishlist_items")
    op.drop_table("wishlist_items")
    op.drop_index("ix_cart_items_waiting", table_name="cart_items")
    op.drop_index("ix_cart_items_abandoned_at", table_name="cart_items")
    op.drop_table("cart_items")
    op.drop_index("ix_loyalty_lots_expires_at", table_name="loyalty_lots")
    op.drop_table("loyalty_lots")
    op.drop_index("ix_loyalty_accounts_points", table_name="loyalty_accounts")
    op.drop_index("ix_loyalty_accounts_accrued", table_name="loyalty_accounts")
    op.drop_table("loyalty_accounts")
    op.drop_index("ix_carts_changed_at", table_name="carts")
    op.drop_table("carts")
