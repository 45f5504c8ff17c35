"""What an event's details document holds: labelled texts, the items of a cart, the stages of a life cycle.

`{"details": [{"label", "value"}], "items": [{"product_id", "quantity_milli", "price_minor", "currency", "added_at",
"original"}], "from": stage, "to": stage, "order": external id}`; every part may be missing. `original` is there where
the price was converted, as `profiles.stored_amounts` reads it, its amount under `price`; `order` is what a receipt was
issued for, and is not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from profiles.money import Money
from profiles.stored_amounts import exact_quantity, stored_money


class LifecycleStage(StrEnum):
    """Where a customer stands: no purchase, one, or more and how likely another is."""

    LEAD = "LEAD"
    NEW = "NEW"
    ACTIVE = "ACTIVE"
    AT_RISK = "AT_RISK"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class EventDetail:
    """One labelled text."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CartLine:
    """A product that was left in a cart; the price is of one, as when it was added."""

    product_id: int
    quantity: Decimal
    price: Money
    added_at: datetime


def labelled(details: Mapping[str, Any] | None) -> Sequence[EventDetail]:
    """The labelled texts, in their order."""
    return [EventDetail(part["label"], part["value"]) for part in (details or {}).get("details", ())]


def cart_lines(details: Mapping[str, Any] | None) -> Sequence[CartLine]:
    """The items of a cart, in their order."""
    return [
        CartLine(
            product_id=item["product_id"],
            quantity=exact_quantity(item["quantity_milli"]),
            price=stored_money(item["price_minor"], item["currency"], item.get("original"), "price"),
            added_at=datetime.fromisoformat(item["added_at"]),
        )
        for item in (details or {}).get("items", ())
    ]


def order_of_receipt(details: Mapping[str, Any] | None) -> str | None:
    """The external id of the order that a receipt was issued for, as its event said."""
    named: str | None = (details or {}).get("order")
    return named


def stages(details: Mapping[str, Any] | None) -> tuple[LifecycleStage | None, LifecycleStage]:
    """From which stage to which; from None where the customer had none before."""
    said = details or {}
    earlier = said.get("from")
    return LifecycleStage(earlier) if earlier else None, LifecycleStage(said["to"])
