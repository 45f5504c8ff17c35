"""Awaited: receipts and orders that were named before they were heard of, so that the two count once in any order."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_
from sqlmodel import col, select

from profiles.orders import Order
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory, TimelineEvent
from profiles.timeline.details import labelled, order_of_receipt

Named = tuple[int, str]
"""A customer's receipt or order by its external id."""

RECEIPT_KEY = "receiptExternalId"
"""The key of a payload that names a receipt."""


@dataclass(slots=True)
class Awaited:
    """`receipts`: the id of the receipt that was issued for an order, by the order's name; `orders`: the orders without
    a receipt, by the name of the one that they were told."""

    receipts: dict[Named, int]
    orders: dict[Named, Order]


async def awaited(unit: Unit, new_orders: Collection[Named], new_receipts: Collection[Named]) -> Awaited:
    """What earlier events said of these orders and receipts, of which there are no rows yet."""
    return Awaited(await _receipts(unit, new_orders), await _orders(unit, new_receipts))


async def _receipts(unit: Unit, new_orders: Collection[Named]) -> dict[Named, int]:
    if not new_orders:
        return {}
    found = await unit.session.exec(
        select(col(TimelineEvent.customer_id), col(TimelineEvent.subject_id), col(TimelineEvent.details)).where(
            col(TimelineEvent.customer_id).in_({customer_id for customer_id, _ in new_orders}),
            col(TimelineEvent.category) == EventCategory.RECEIPT,
            col(TimelineEvent.external_id).is_not(None),
            col(TimelineEvent.subject_id).is_not(None),
        )
    )
    named = {(customer_id, order_of_receipt(details) or ""): id for customer_id, id, details in found}
    return {name: id for name, id in named.items() if name in new_orders and id is not None}


async def _orders(unit: Unit, new_receipts: Collection[Named]) -> dict[Named, Order]:
    if not new_receipts:
        return {}
    about = and_(
        col(TimelineEvent.customer_id) == col(Order.customer_id), col(TimelineEvent.subject_id) == col(Order.id)
    )
    found = await unit.session.exec(
        select(Order, col(TimelineEvent.details))
        .join(TimelineEvent, about)
        .where(
            col(Order.customer_id).in_({customer_id for customer_id, _ in new_receipts}),
            col(Order.receipt_id).is_(None),
            col(TimelineEvent.category) == EventCategory.ORDER,
            col(TimelineEvent.external_id).is_not(None),
        )
    )
    named = {
        (order.customer_id, said.value): order
        for order, details in found
        for said in labelled(details)
        if said.label == RECEIPT_KEY
    }
    return {name: order for name, order in named.items() if name in new_receipts}
