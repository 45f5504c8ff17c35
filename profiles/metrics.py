"""Metrics: one row of sums per customer, kept by the writes, so that reading it costs the same for any history."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from profiles.columns import instant, key, minor


class CustomerMetrics(SQLModel, table=True):
    """Sums and dates over a customer's receipts, orders and visits, in the account's currency (ruling 5)."""

    __tablename__ = "customer_metrics"
    __table_args__ = (
        Index("ix_customer_metrics_last_receipt_at", "last_receipt_at", "customer_id"),
        Index("ix_customer_metrics_receipt_total", "receipt_total_minor", "customer_id"),
        Index("ix_customer_metrics_receipt_count", "receipt_count", "customer_id"),
        Index("ix_customer_metrics_order_total", "order_total_minor", "customer_id"),
        Index("ix_customer_metrics_last_activity_at", "last_activity_at", "customer_id"),
    )
    customer_id: int = key(foreign_key="customers.id")
    receipt_count: int = Field(default=0)
    first_receipt_at: datetime | None = instant(nullable=True)
    last_receipt_at: datetime | None = instant(nullable=True)
    last_receipt_minor: int | None = minor(nullable=True)
    last_receipt_currency: str | None = Field(default=None)
    receipt_total_minor: int = minor(default=0)
    receipt_total_count: int = Field(default=0, description="receipts that are in receipt_total_minor")
    receipt_pieces: int = minor(default=0)
    receipt_lines_minor: int = minor(default=0)
    receipt_lines_pieces: int = minor(default=0)
    order_count: int = Field(default=0)
    attributed_order_count: int = Field(default=0)
    first_order_at: datetime | None = instant(nullable=True)
    second_order_at: datetime | None = instant(nullable=True)
    last_order_at: datetime | None = instant(nullable=True)
    order_total_minor: int = minor(default=0)
    order_total_count: int = Field(default=0, description="orders that are in order_total_minor")
    order_pieces: int = minor(default=0)
    order_lines_minor: int = minor(default=0)
    order_lines_pieces: int = minor(default=0)
    last_order_total_minor: int | None = minor(nullable=True)
    last_order_products_minor: int | None = minor(nullable=True)
    last_order_currency: str | None = Field(default=None)
    returns_total_minor: int = minor(default=0)
    return_count: int = Field(default=0)
    purchase_count: int = Field(default=0, description="receipts, and counting orders without one (ruling 17)")
    last_purchase_at: datetime | None = instant(nullable=True)
    last_activity_at: datetime | None = instant(nullable=True)
    visit_count: int = Field(default=0)
    first_visit_at: datetime | None = instant(nullable=True)
    last_visit_at: datetime | None = instant(nullable=True)
