"""Cart lines: what recorded events say is in a cart, at prices in the account's currency."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from profiles.account import Account
from profiles.money import to_minor
from profiles.recording.conversion import conversions
from profiles.recording.inputs import RecordedEvent
from profiles.recording.placed import Placed
from profiles.recording.shelves import ShelfProduct, Shelves
from profiles.storage.unit import Unit
from profiles.stored_amounts import Conversion
from profiles.timeline import EventCategory

ONE = Decimal(1)
Line = tuple[ShelfProduct, Decimal, int]
"""A product, how many of it, and the price of one in minor units of its currency."""


async def price_carts(unit: Unit, account: Account, placed: Sequence[Placed], shelves: Shelves) -> None:
    """Fills in the items of the events that say what is in a cart, as `profiles.timeline.details` keeps them."""
    filling = [each for each in placed if _fills_cart(each.said)]
    rates = await conversions(
        unit,
        account,
        {_currency(each.said, account, shelves) for each in filling},
        {each.said.occurred_at for each in filling},
    )
    for each in filling:
        by = rates.of(_currency(each.said, account, shelves), each.said.occurred_at)
        each.items = [_item(each.said, line, by) for line in _lines(each.said, by, shelves)]


def _fills_cart(said: RecordedEvent) -> bool:
    return said.category is EventCategory.CART_ABANDONED or said.is_added_to_cart


def _currency(said: RecordedEvent, account: Account, shelves: Shelves) -> str:
    """The currency of an event's items, which is one for all, or else of its product."""
    if said.items:
        return said.items[0].currency or account.currency
    product = _own_product(said, shelves)
    return (product and product.price_currency) or account.currency


def _own_product(said: RecordedEvent, shelves: Shelves) -> ShelfProduct | None:
    return shelves.products.get(said.product_external_id or "") if said.is_added_to_cart else None


def _lines(said: RecordedEvent, by: Conversion, shelves: Shelves) -> Iterator[Line]:
    for item in said.items:
        yield shelves.products[item.product_external_id], item.quantity, to_minor(item.unit_price, by.source)
    product = _own_product(said, shelves)
    if not said.items and product is not None:
        # One piece at today's price; 0 where none is known.
        yield product, ONE, product.price_minor if product.price_minor and product.price_currency else 0


def _item(said: RecordedEvent, line: Line, by: Conversion) -> dict[str, Any]:
    product, quantity, price_minor = line
    original = by.original(price=price_minor)
    return {
        "product_id": product.id,
        "quantity_milli": int(quantity * 1000),
        "price_minor": by.kept(price_minor),
        "currency": by.currency,
        "added_at": said.occurred_at.isoformat(),
        **({"original": original} if original else {}),
    }
