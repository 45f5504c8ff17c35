"""The tables of carts: a customer's one cart, and every product that was put into it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from profiles.columns import document, instant, key, minor, reference, text

STILL_IN = sql("left_at IS NULL")
LEFT_BEHIND = sql("abandoned_at IS NOT NULL AND left_at IS NOT NULL")


class Cart(SQLModel, table=True):
    """A customer's cart, in which products wait until an order empties it (`profiles.cart.rules.CartState`)."""

    __tablename__ = "carts"
    # Found by: carts that were left alone for so long.
    __table_args__ = (Index("ix_carts_changed_at", "changed_at", "customer_id"),)
    customer_id: int = key(foreign_key="customers.id")
    changed_at: datetime = instant()
    said_abandoned_at: datetime | None = instant(nullable=True)
    ordered_at: datetime | None = instant(nullable=True)
    is_empty: bool = False


class CartItem(SQLModel, table=True):
    """A product that was put into the cart. `price_minor` is of one, as when it was added; `left_at` is set when it is
    in the cart no more: ordered, or taken out. `abandoned_at` is since when the cart lay abandoned, as the change that
    ended that found out."""

    __tablename__ = "cart_items"
    __table_args__ = (
        Index(
            "ix_cart_items_waiting", "customer_id", "added_at", "id", sqlite_where=STILL_IN, postgresql_where=STILL_IN
        ),
        Index(
            "ix_cart_items_abandoned_at",
            "customer_id",
            "abandoned_at",
            sqlite_where=LEFT_BEHIND,
            postgresql_where=LEFT_BEHIND,
        ),
    )
    customer_id: int = key(foreign_key="customers.id")
    id: int = key()
    product_id: int = reference(foreign_key="products.id")
    quantity_milli: int = minor()
    price_minor: int = minor()
    currency: str = text()
    original: dict[str, Any] | None = document(nullable=True)
    added_at: datetime = instant()
    left_at: datetime | None = instant(nullable=True)
    abandoned_at: datetime | None = instant(nullable=True)
