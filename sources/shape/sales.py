"""Sales: an order while it is made, what it comes to in the currency of the sale and in the account's, and its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from profiles.amounts import OrderAmounts
from profiles.money import divide_half_even, to_decimal
from profiles.orders import Order, OrderItem, OrderOrigin
from profiles.stored_amounts import Conversion
from profiles.timeline import EventCategory
from sources.shape.draft import Draft, said
from sources.shop import SITE

TAX_PER_THOUSAND = 53
PICKED_UP = "picked_up"
"""The demo account's own attribute of orders."""
SHIPPING_MINOR, FREE_SHIPPING_FROM_MINOR = 595, 3500

ORDER_COLUMNS = (
    "customer_id",
    "id",
    "external_id",
    "number",
    "placed_at",
    "origin",
    "status",
    "delivery_status",
    "payment_status",
    "is_returned",
    "is_attributed",
    "product_count",
    "currency",
    "product_cost_minor",
    "subtotal_minor",
    "discount_minor",
    "tax_minor",
    "shipping_minor",
    "total_minor",
    "original",
    "source",
    "coupon_code",
    "store_id",
    "receipt_id",
    "attributes",
)
ITEM_COLUMNS = (
    "customer_id",
    "order_id",
    "line",
    "product_id",
    "product_external_id",
    "name",
    "quantity_milli",
    "currency",
    "unit_price_minor",
    "total_minor",
    "original",
)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line in the currency of the sale, at the standard price; whole pieces only."""

    product_id: int
    external_id: str
    name: str
    quantity_milli: int
    unit_price_minor: int

    @property
    def pieces(self) -> int:
        return self.quantity_milli // 1000

    @property
    def total_minor(self) -> int:
        return self.unit_price_minor * self.pieces


@dataclass(slots=True)
class Sale:
    """An order while it is made, in `conversion.source`; `discount_minor` comes off the subtotal."""

    key: str
    external_id: str
    placed_at: datetime
    origin: OrderOrigin
    source: str
    lines: Sequence[SaleLine]
    conversion: Conversion
    store_id: int
    business_unit_id: int
    status: str = "COMPLETED"
    delivery_status: str = "DELIVERED"
    payment_status: str = "PAID"
    discount_minor: int = 0
    is_picked_up: bool = False
    receipt_id: int | None = None
    session_id: int | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None  # when it was returned or cancelled
    coupon: str | None = None
    is_attributed: bool = False
    amounts: OrderAmounts = field(default_factory=lambda: OrderAmounts(0, 0, 0, 0))

    @property
    def subtotal_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)


def charge(order: Sale) -> None:
    """Tax on what the products cost; shipping is free for large orders and for those that are picked up."""
    subtotal = order.subtotal_minor
    product_cost = subtotal - order.discount_minor
    is_free = order.is_picked_up or product_cost >= FREE_SHIPPING_FROM_MINOR
    order.amounts = OrderAmounts(
        subtotal_minor=subtotal,
        discount_minor=order.discount_minor,
        tax_minor=divide_half_even(product_cost * TAX_PER_THOUSAND, 1000),
        shipping_minor=0 if is_free else SHIPPING_MINOR,
    )


def add_sale(draft: Draft, order: Sale, number: str) -> None:
    """Adds the order, its items and its events. Call `charge` first."""
    customer_id, order_id = draft.facts.customer_id, draft.id("order", order.key)
    by, amounts = order.conversion, order.amounts
    # What is given is converted and rounded; what it adds up to is added up again, so that ruling 19 holds in both.
    prices = [by.kept(line.unit_price_minor) for line in order.lines]
    totals = [price * line.pieces for price, line in zip(prices, order.lines, strict=True)]
    shown = OrderAmounts(
        sum(totals),
        by.kept(amounts.discount_minor),
        by.kept(amounts.tax_minor),
        by.kept(amounts.shipping_minor),
    )
    pieces = sum(line.pieces for line in order.lines)
    draft.add(
        Order,
        ORDER_COLUMNS,
        [
            (
                customer_id,
                order_id,
                order.external_id,
                number,
                order.placed_at,
                order.origin,
                order.status,
                order.delivery_status,
                order.payment_status,
                order.status == "RETURNED",
                order.is_attributed,
                pieces,
                by.currency,
                shown.product_cost_minor,
                shown.subtotal_minor,
                shown.discount_minor,
                shown.tax_minor,
                shown.shipping_minor,
                shown.total_minor,
                by.original(
                    product_cost=amounts.product_cost_minor,
                    subtotal=amounts.subtotal_minor,
                    discount=amounts.discount_minor,
                    tax=amounts.tax_minor,
                    shipping=amounts.shipping_minor,
                    total=amounts.total_minor,
                ),
                order.source,
                order.coupon,
                order.store_id,
                order.receipt_id,
                {PICKED_UP: "true" if order.is_picked_up else "false"},
            )
        ],
    )
    items = []
    for position, (line, price, total) in enumerate(zip(order.lines, prices, totals, strict=True), start=1):
        original = by.original(unit_price=line.unit_price_minor, total=line.total_minor)
        product = (line.product_id, line.external_id, line.name, line.quantity_milli)
        items.append((customer_id, order_id, position, *product, by.currency, price, total, original))
    draft.add(OrderItem, ITEM_COLUMNS, items)
    _add_events(draft, order, order_id, number, shown.total_minor, by.currency)


def _add_events(draft: Draft, order: Sale, order_id: int, number: str, total_minor: int, currency: str) -> None:
    def happen(type: str, name: str, at: datetime, received_at: datetime | None, session_id: int | None) -> None:
        draft.happen(
            order.key,
            EventCategory.ORDER,
            type,
            name,
            at,
            received_at=received_at,
            description=f"Order {number}",
            store_id=order.store_id,
            business_unit_id=order.business_unit_id,
            session_id=session_id,
            subject_id=order_id,
            url=f"{SITE}/orders/{order.external_id}",
            details=said(order=number, total=f"{to_decimal(total_minor, currency)} {currency}", source=order.source),
        )

    happen("order_placed", "Order placed", order.placed_at, order.received_at, order.session_id)
    if order.ended_at is not None:
        is_return = order.status == "RETURNED"
        type = "order_returned" if is_return else "order_cancelled"
        happen(type, "Order returned" if is_return else "Order cancelled", order.ended_at, None, None)
