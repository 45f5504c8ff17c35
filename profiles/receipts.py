"""Receipts: the tables, and how a page of them is read for many customers at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import SQLModel

from profiles.columns import document, instant, key, minor, reference, text


class Receipt(SQLModel, table=True):
    """A completed purchase. Amounts are in `currency`; `original` holds the source's amounts where it was converted:
    `{"currency": "CAD", "rate": "0.74", "rate_date": "2026-01-31", "product_total": 1234, ...}` (minor units)."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_receipts_issued_at", "customer_id", "issued_at", "id"),
        Index("uq_receipts_external_id", "customer_id", "external_id", unique=True),
    )
    customer_id: int = key()
    id: int = key()
    external_id: str = text()
    number: str = text()
    issued_at: datetime = instant()
    status: str = text()
    payment_status: str = text()
    currency: str = text()
    product_total_minor: int = minor()
    delivery_cost_minor: int | None = minor(nullable=True)
    discount_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")


class ReceiptItem(SQLModel, table=True):
    """One line of a receipt; `quantity_milli` counts thousandths, so that weights stay exact."""

    __tablename__ = "receipt_items"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "receipt_id"], ["receipts.customer_id", "receipts.id"]),
    )
    customer_id: int = key()
    receipt_id: int = key()
    line: int = key()
    product_id: int | None = reference(nullable=True, foreign_key="products.id")
    product_external_id: str = text()
    name: str = text()
    quantity_milli: int = minor()
    currency: str = text()
    price_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
