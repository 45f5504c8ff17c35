"""The first tables."""

import sqlalchemy as sa
from alembic import op

from profiles import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_generations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=True),
        sa.Column("last_used_at", columns.Instant(), nullable=True),
        sa.Column("revoked_at", columns.Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('STAFF', 'PARTNER', 'DEVELOPER')", name="ck_api_keys_kind"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("prefix"),
    )
    op.create_table(
        "business_units",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("starts_at", columns.Instant(), nullable=True),
        sa.Column("ends_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("crm_id", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("birth_date", columns.Day(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_bounced_at", columns.Instant(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email_warning", sa.Text(), nullable=True),
        sa.Column("phone_warning", sa.Text(), nullable=True),
        sa.Column("phone_type", sa.Text(), nullable=True),
        sa.Column("subscription_status", sa.Text(), nullable=False),
        sa.Column("subscribed_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.Column("registered_at", columns.Instant(), nullable=True),
        sa.Column("erased_at", columns.Instant(), nullable=True),
        sa.Column("first_name_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("last_name_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("name_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("city_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("address_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("email_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("phone_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("external_id_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("crm_id_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("activity_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("email_warning IN ('MISSING', 'INVALID')", name="ck_customers_email_warning"),
        sa.CheckConstraint("phone_warning IN ('MISSING', 'INVALID')", name="ck_customers_phone_warning"),
        sa.CheckConstraint("phone_type IN ('MOBILE', 'LANDLINE', 'UNKNOWN')", name="ck_customers_phone_type"),
        sa.CheckConstraint("gender IN ('FEMALE', 'MALE', 'OTHER', 'UNKNOWN')", name="ck_customers_gender"),
        sa.CheckConstraint(
            "subscription_status IN ('SUBSCRIBED', 'UNSUBSCRIBED', 'PENDING', 'NEVER_SUBSCRIBED')",
            name="ck_customers_subscription_status",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_customers_created_at", "customers", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_customers_email_key"), "customers", ["email_key"], unique=False)
    op.create_index("ix_customers_name", "customers", ["name_key", "id"], unique=False)
    op.create_index(op.f("ix_customers_phone_key"), "customers", ["phone_key"], unique=False)
    op.create_table(
        "data_sources",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_received_at", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("currency", "day"),
    )
    op.create_table(
        "import_chunks",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("chunk", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("finished_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "chunk"),
    )
    op.create_table(
        "imports",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("as_of", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "outbox",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "activity_seq"),
    )
    op.create_table(
        "repeated_calls",
        sa.Column("viewer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_mutation_id", sa.Text(), nullable=False),
        sa.Column("input_digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("viewer_id", "client_mutation_id"),
    )
    op.create_index(op.f("ix_repeated_calls_created_at"), "repeated_calls", ["created_at"], unique=False)
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "category_channel_choices",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_subscribed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.CheckConstraint("channel IN ('EMAIL', 'SMS', 'PUSH', 'PHONE')", name="ck_category_channel_choices_channel"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "category", "channel"),
    )
    op.create_table(
        "category_choices",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("is_subscribed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "category"),
    )
    op.create_table(
        "changes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_changes_at", "changes", ["customer_id", "at", "id"], unique=False)
    op.create_table(
        "channel_choices",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_subscribed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.CheckConstraint("channel IN ('EMAIL', 'SMS', 'PUSH', 'PHONE')", name="ck_channel_choices_channel"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "channel"),
    )
    op.create_table(
        "consent_changes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('GRANTED', 'REVOKED')", name="ck_consent_changes_status"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_consent_changes_name", "consent_changes", ["customer_id", "name", "at", "id"], unique=False)
    op.create_index("ix_consent_changes_status", "consent_changes", ["name", "status", "customer_id"], unique=False)
    op.create_table(
        "customer_attributes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "attribute"),
    )
    op.create_index(
        "ix_customer_attributes_value", "customer_attributes", ["attribute", "value", "customer_id"], unique=False
    )
    op.create_table(
        "customer_metrics",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_count", sa.Integer(), nullable=False),
        sa.Column("first_receipt_at", columns.Instant(), nullable=True),
        sa.Column("last_receipt_at", columns.Instant(), nullable=True),
        sa.Column("last_receipt_minor", sa.BigInteger(), nullable=True),
        sa.Column("last_receipt_currency", sa.String(), nullable=True),
        sa.Column("last_receipt_original", sa.Text(), nullable=True),
        sa.Column("receipt_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("receipt_total_count", sa.Integer(), nullable=False),
        sa.Column("receipt_pieces", sa.BigInteger(), nullable=False),
        sa.Column("receipt_lines_minor", sa.BigInteger(), nullable=False),
        sa.Column("receipt_lines_pieces", sa.BigInteger(), nullable=False),
        sa.Column("order_count", sa.Integer(), nullable=False),
        sa.Column("attributed_order_count", sa.Integer(), nullable=False),
        sa.Column("first_order_at", columns.Instant(), nullable=True),
        sa.Column("second_order_at", columns.Instant(), nullable=True),
        sa.Column("last_order_at", columns.Instant(), nullable=True),
        sa.Column("order_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_total_count", sa.Integer(), nullable=False),
        sa.Column("order_pieces", sa.BigInteger(), nullable=False),
        sa.Column("order_lines_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_lines_pieces", sa.BigInteger(), nullable=False),
        sa.Column("last_order_total_minor", sa.BigInteger(), nullable=True),
        sa.Column("last_order_products_minor", sa.BigInteger(), nullable=True),
        sa.Column("last_order_currency", sa.String(), nullable=True),
        sa.Column("last_order_original", sa.Text(), nullable=True),
        sa.Column("returns_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("return_count", sa.Integer(), nullable=False),
        sa.Column("purchase_count", sa.Integer(), nullable=False),
        sa.Column("purchase_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("last_purchase_at", columns.Instant(), nullable=True),
        sa.Column("last_activity_at", columns.Instant(), nullable=True),
        sa.Column("visit_count", sa.Integer(), nullable=False),
        sa.Column("first_visit_at", columns.Instant(), nullable=True),
        sa.Column("last_visit_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index(
        "ix_customer_metrics_last_activity_at", "customer_metrics", ["last_activity_at", "customer_id"], unique=False
    )
    op.create_index(
        "ix_customer_metrics_last_receipt_at", "customer_metrics", ["last_receipt_at", "customer_id"], unique=False
    )
    op.create_index(
        "ix_customer_metrics_order_total", "customer_metrics", ["order_total_minor", "customer_id"], unique=False
    )
    op.create_index(
        "ix_customer_metrics_receipt_count", "customer_metrics", ["receipt_count", "customer_id"], unique=False
    )
    op.create_index(
        "ix_customer_metrics_receipt_total", "customer_metrics", ["receipt_total_minor", "customer_id"], unique=False
    )
    op.create_table(
        "customer_sources",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["data_sources.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "source_id"),
    )
    op.create_table(
        "customer_tags",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("assigned_at", columns.Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"],
            ["tags.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "tag_id"),
    )
    op.create_index("ix_customer_tags_tag", "customer_tags", ["tag_id", "customer_id"], unique=False)
    op.create_table(
        "identifiers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('EXTERNAL_ID', 'CRM_ID', 'EMAIL', 'PHONE')", name="ck_identifiers_kind"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("kind", "value"),
    )
    op.create_index(op.f("ix_identifiers_customer_id"), "identifiers", ["customer_id"], unique=False)
    op.create_table(
        "mailings",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.CheckConstraint("channel IN ('EMAIL', 'SMS', 'PUSH', 'PHONE')", name="ck_mailings_channel"),
        sa.CheckConstraint("kind IN ('MASS', 'CAMPAIGN')", name="ck_mailings_kind"),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "notes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_key", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_notes_created_at", "notes", ["customer_id", "created_at", "id"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("package_size", sa.Text(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_index(op.f("ix_products_category_id"), "products", ["category_id"], unique=False)
    op.create_table(
        "promo_codes",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("issued_at", columns.Instant(), nullable=False),
        sa.Column("is_reissued", sa.Boolean(), nullable=False),
        sa.Column("redeemed_at", columns.Instant(), nullable=True),
        sa.Column("origin_kind", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("origin_kind IN ('MAILING', 'CAMPAIGN')", name="ck_promo_codes_origin_kind"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_promo_codes_issued_at", "promo_codes", ["customer_id", "issued_at", "id"], unique=False)
    op.create_index("ix_promo_codes_origin", "promo_codes", ["origin_id", "customer_id"], unique=False)
    op.create_table(
        "segment_memberships",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entered_at", columns.Instant(), nullable=False),
        sa.Column("left_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "segment_id", "entered_at"),
    )
    op.create_index(
        "ix_segment_memberships_segment", "segment_memberships", ["segment_id", "customer_id"], unique=False
    )
    op.create_table(
        "stores",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_unit_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "mailing_participations",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("participated_at", columns.Instant(), nullable=False),
        sa.Column("is_control_group", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailings.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index(
        "ix_mailing_participations_at", "mailing_participations", ["customer_id", "participated_at", "id"], unique=False
    )
    op.create_index(
        "ix_mailing_participations_mailing", "mailing_participations", ["mailing_id", "customer_id"], unique=False
    )
    op.create_table(
        "orders",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("external_id_key", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("placed_at", columns.Instant(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("delivery_status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("is_returned", sa.Boolean(), nullable=False),
        sa.Column("is_attributed", sa.Boolean(), nullable=False),
        sa.Column("product_count", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("product_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("coupon_code", sa.Text(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("origin IN ('WEB', 'MOBILE_APP')", name="ck_orders_origin"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_orders_placed_at", "orders", ["customer_id", "placed_at", "id"], unique=False)
    op.create_index("ix_orders_receipt", "orders", ["customer_id", "receipt_id"], unique=False)
    op.create_index("uq_orders_external_id", "orders", ["customer_id", "external_id"], unique=True)
    op.create_table(
        "purchased_products",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("purchase_count", sa.Integer(), nullable=False),
        sa.Column("receipt_count", sa.Integer(), nullable=False),
        sa.Column("order_count", sa.Integer(), nullable=False),
        sa.Column("last_purchased_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "product_id"),
    )
    op.create_index(
        "ix_purchased_products_category",
        "purchased_products",
        ["customer_id", "category_id", "last_purchased_at"],
        unique=False,
    )
    op.create_index(
        "ix_purchased_products_count",
        "purchased_products",
        ["customer_id", "purchase_count", "last_purchased_at", "product_id"],
        unique=False,
        sqlite_where=sa.text("purchase_count >= 2"),
        postgresql_where=sa.text("purchase_count >= 2"),
    )
    op.create_index(
        "ix_purchased_products_latest",
        "purchased_products",
        ["customer_id", "last_purchased_at", "product_id"],
        unique=False,
    )
    op.create_index("ix_purchased_products_product", "purchased_products", ["product_id", "customer_id"], unique=False)
    op.create_table(
        "purchased_stores",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("store_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_count", sa.Integer(), nullable=False),
        sa.Column("last_receipt_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "store_id"),
    )
    op.create_index("ix_purchased_stores_store", "purchased_stores", ["store_id", "customer_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=True),
        sa.Column("issued_at", columns.Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("product_total_minor", sa.BigInteger(), nullable=False),
        sa.Column("delivery_cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_receipts_issued_at", "receipts", ["customer_id", "issued_at", "id"], unique=False)
    op.create_index("uq_receipts_external_id", "receipts", ["customer_id", "external_id"], unique=True)
    op.create_table(
        "recommendations",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("computed_at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('BOUGHT_TOGETHER', 'SIMILAR_CUSTOMERS', 'POPULAR')", name="ck_recommendations_reason"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "rank"),
    )
    op.create_table(
        "sessions",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", columns.Instant(), nullable=False),
        sa.Column("last_seen_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.Column("current_url", sa.Text(), nullable=True),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('LIVE', 'ENDED', 'PURCHASED')", name="ck_sessions_state"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index("ix_sessions_started_at", "sessions", ["customer_id", "started_at", "id"], unique=False)
    op.create_index("uq_sessions_external_id", "sessions", ["customer_id", "external_id"], unique=True)
    op.create_table(
        "timeline_events",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_seq", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("occurred_at", columns.Instant(), nullable=False),
        sa.Column("received_at", columns.Instant(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=True),
        sa.Column("business_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("viewed_category_id", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("amount_milli", sa.BigInteger(), nullable=True),
        sa.Column("is_control_group", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "category IN ('MAILING_MASS', 'MAILING_CAMPAIGN', 'EMAIL', 'RECEIPT', 'ORDER', 'CALL_CENTER', 'SITE_VISIT', 'CATEGORY_VIEW', 'PRODUCT_VIEW', 'PAGE_VIEW', 'CART_ABANDONED', 'BONUS_ACCRUED', 'POINTS_ACCRUED', 'TAG_ASSIGNED', 'LIFECYCLE', 'CONSENT', 'NOTE', 'SEGMENT', 'PROFILE')",
            name="ck_timeline_events_category",
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.ForeignKeyConstraint(
            ["store_id"],
            ["stores.id"],
        ),
        sa.ForeignKeyConstraint(
            ["viewed_category_id"],
            ["categories.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "id"),
    )
    op.create_index(
        "ix_timeline_events_occurred_at", "timeline_events", ["customer_id", "occurred_at", "id"], unique=False
    )
    op.create_index(
        "ix_timeline_events_product",
        "timeline_events",
        ["product_id", "customer_id", "occurred_at"],
        unique=False,
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_index(
        "ix_timeline_events_session",
        "timeline_events",
        ["customer_id", "session_id", "occurred_at", "id"],
        unique=False,
        sqlite_where=sa.text("session_id IS NOT NULL"),
        postgresql_where=sa.text("session_id IS NOT NULL"),
    )
    op.create_index(
        "ix_timeline_events_viewed_category",
        "timeline_events",
        ["viewed_category_id", "occurred_at", "customer_id"],
        unique=False,
        sqlite_where=sa.text("viewed_category_id IS NOT NULL"),
        postgresql_where=sa.text("viewed_category_id IS NOT NULL"),
    )
    op.create_index(
        "ix_timeline_events_views",
        "timeline_events",
        ["customer_id", "occurred_at", "id", "viewed_category_id"],
        unique=False,
        sqlite_where=sa.text("viewed_category_id IS NOT NULL"),
        postgresql_where=sa.text("viewed_category_id IS NOT NULL"),
    )
    op.create_index("uq_timeline_events_external_id", "timeline_events", ["customer_id", "external_id"], unique=True)
    op.create_index("uq_timeline_events_seq", "timeline_events", ["customer_id", "activity_seq"], unique=True)
    op.create_table(
        "order_items",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("product_external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "order_id"],
            ["orders.customer_id", "orders.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "order_id", "line"),
    )
    op.create_table(
        "receipt_items",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("product_external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id", "receipt_id"],
            ["receipts.customer_id", "receipts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("customer_id", "receipt_id", "line"),
    )


def downgrade() -> None:
    op.drop_table("receipt_items")
    op.drop_table("order_items")
    op.drop_index("uq_timeline_events_seq", table_name="timeline_events")
    op.drop_index("uq_timeline_events_external_id", table_name="timeline_events")
    op.drop_index(
        "ix_timeline_events_views",
        table_name="timeline_events",
        sqlite_where=sa.text("viewed_category_id IS NOT NULL"),
        postgresql_where=sa.text("viewed_category_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_timeline_events_viewed_category",
        table_name="timeline_events",
        sqlite_where=sa.text("viewed_category_id IS NOT NULL"),
        postgresql_where=sa.text("viewed_category_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_timeline_events_session",
        table_name="timeline_events",
        sqlite_where=sa.text("session_id IS NOT NULL"),
        postgresql_where=sa.text("session_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_timeline_events_product",
        table_name="timeline_events",
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.drop_index("ix_timeline_events_occurred_at", table_name="timeline_events")
    op.drop_table("timeline_events")
    op.drop_index("uq_sessions_external_id", table_name="sessions")
    op.drop_index("ix_sessions_started_at", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("recommendations")
    op.drop_index("uq_receipts_external_id", table_name="receipts")
    op.drop_index("ix_receipts_issued_at", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("ix_purchased_stores_store", table_name="purchased_stores")
    op.drop_table("purchased_stores")
    op.drop_index("ix_purchased_products_product", table_name="purchased_products")
    op.drop_index("ix_purchased_products_latest", table_name="purchased_products")
    op.drop_index("ix_purchased_products_count", table_name="purchased_products")
    op.drop_index("ix_purchased_products_category", table_name="purchased_products")
    op.drop_table("purchased_products")
    op.drop_index("uq_orders_external_id", table_name="orders")
    op.drop_index("ix_orders_receipt", table_name="orders")
    op.drop_index("ix_orders_placed_at", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_mailing_participations_mailing", table_name="mailing_participations")
    op.drop_index("ix_mailing_participations_at", table_name="mailing_participations")
    op.drop_table("mailing_participations")
    op.drop_table("stores")
    op.drop_index("ix_segment_memberships_segment", table_name="segment_memberships")
    op.drop_table("segment_memberships")
    op.drop_index("ix_promo_codes_origin", table_name="promo_codes")
    op.drop_index("ix_promo_codes_issued_at", table_name="promo_codes")
    op.drop_table("promo_codes")
    op.drop_index(op.f("ix_products_category_id"), table_name="products")
    op.drop_table("products")
    op.drop_index("ix_notes_created_at", table_name="notes")
    op.drop_table("notes")
    op.drop_table("mailings")
    op.drop_index(op.f("ix_identifiers_customer_id"), table_name="identifiers")
    op.drop_table("identifiers")
    op.drop_index("ix_customer_tags_tag", table_name="customer_tags")
    op.drop_table("customer_tags")
    op.drop_table("customer_sources")
    op.drop_index("ix_customer_metrics_receipt_total", table_name="customer_metrics")
    op.drop_index("ix_customer_metrics_receipt_count", table_name="customer_metrics")
    op.drop_index("ix_customer_metrics_order_total", table_name="customer_metrics")
    op.drop_index("ix_customer_metrics_last_receipt_at", table_name="customer_metrics")
    op.drop_index("ix_customer_metrics_last_activity_at", table_name="customer_metrics")
    op.drop_table("customer_metrics")
    op.drop_index("ix_customer_attributes_value", table_name="customer_attributes")
    op.drop_table("customer_attributes")
    op.drop_index("ix_consent_changes_status", table_name="consent_changes")
    op.drop_index("ix_consent_changes_name", table_name="consent_changes")
    op.drop_table("consent_changes")
    op.drop_table("channel_choices")
    op.drop_index("ix_changes_at", table_name="changes")
    op.drop_table("changes")
    op.drop_table("category_choices")
    op.drop_table("category_channel_choices")
    op.drop_table("tags")
    op.drop_table("segments")
    op.drop_index(op.f("ix_repeated_calls_created_at"), table_name="repeated_calls")
    op.drop_table("repeated_calls")
    op.drop_table("outbox")
    op.drop_table("imports")
    op.drop_table("import_chunks")
    op.drop_table("exchange_rates")
    op.drop_table("data_sources")
    op.drop_index(op.f("ix_customers_phone_key"), table_name="customers")
    op.drop_index("ix_customers_name", table_name="customers")
    op.drop_index(op.f("ix_customers_email_key"), table_name="customers")
    op.drop_index("ix_customers_created_at", table_name="customers")
    op.drop_table("customers")
    op.drop_table("categories")
    op.drop_table("campaigns")
    op.drop_table("business_units")
    op.drop_table("api_keys")
    op.drop_table("account_generations")
