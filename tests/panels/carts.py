"""Carts of the tests: rows as they are stored, and events that a site sends."""

from datetime import datetime, timedelta
from typing import Any

from profiles.cart import Cart, CartItem
from tests.mutations.test_record_events import NOW, event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def cart(customer: int = 1, minutes_ago: float = 10, **columns: Any) -> Cart:
    """A cart that was changed so long ago."""
    return Cart(customer_id=customer, changed_at=NOW - timedelta(minutes=minutes_ago), **columns)


def in_cart(id: int, product_id: int, minutes_ago: float = 10, customer: int = 1, **columns: Any) -> CartItem:
    """Two pieces for 1.50 USD each."""
    values: dict[str, Any] = {"quantity_milli": 2000, "price_minor": 150, "currency": "USD"}
    at = NOW - timedelta(minutes=minutes_ago)
    return CartItem(customer_id=customer, id=id, product_id=product_id, added_at=at, **(values | columns))


def step(external_id: str, type: str, product: str | None, minutes_ago: float = 10, **fields: Any) -> dict[str, Any]:
    """A page view that does something with a product."""
    return event(external_id, "PAGE_VIEW", minutes_ago, type=type, productExternalId=product, **fields)


def added(external_id: str, product: str | None, minutes_ago: float = 10, **fields: Any) -> dict[str, Any]:
    """A product is put into the cart."""
    return step(external_id, "added_to_cart", product, minutes_ago, **fields)


def text(at: datetime) -> str:
    """An instant as the schema writes it."""
    return at.isoformat().replace("+00:00", "Z")
