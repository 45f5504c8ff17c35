"""Orders: the tables, and how a page of them is read for many customers at once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from profiles.columns import choice, document, instant, key, minor, reference, text


class OrderOrigin(StrEnum):
    """Where the request to buy was placed."""

    WEB = "WEB"
    MOBILE_APP = "MOBILE_APP"


class Order(SQLModel, table=True):
    """A request to buy. `total = product_cost + tax + shipping`, `product_cost = subtotal - discount` (ruling 19);
    `original` as on receipts. `receipt_id` is the customer's receipt that was issued for it, if any."""

    __tablename__ = "orders"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        Index("ix_orders_placed_at", "customer_id", "placed_at", "id"),
        Index("uq_orders_external_id", "customer_id", "external_id", unique=True),
        Index("ix_orders_receipt", "customer_id", "receipt_id"),
    )
    customer_id: int = key()
    id: int = key()
    external_id: str = text()
    number: str = text()
    placed_at: datetime = instant()
    origin: OrderOrigin = choice(OrderOrigin)
    status: str = text()
    delivery_status: str = text()
    payment_status: str = text()
    is_returned: bool = Field(default=False)
    is_attributed: bool = Field(default=False)
    product_count: int = Field(default=0)
    currency: str = text()
    product_cost_minor: int = minor()
    subtotal_minor: int = minor()
    discount_minor: int = minor()
    tax_minor: int = minor()
    shipping_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
    source: str | None = text(nullable=True)
    coupon_code: str | None = text(nullable=True)
    store_id: int | None = reference(nullable=True, foreign_key="stores.id")
    receipt_id: int | None = reference(nullable=True)


class OrderItem(SQLModel, table=True):
    """One line of an order, at the standard price."""

    __tablename__ = "order_items"
    __table_args__ = (ForeignKeyConstraint(["customer_id", "order_id"], ["orders.customer_id", "orders.id"]),)
    customer_id: int = key()
    order_id: int = key()
    line: int = key()
    product_id: int | None = reference(nullable=True, foreign_key="products.id")
    product_external_id: str = text()
    name: str = text()
    quantity_milli: int = minor()
    currency: str = text()
    unit_price_minor: int = minor()
    total_minor: int = minor()
    original: dict[str, Any] | None = document(nullable=True)
