"""The till: what the purchases of a call need, looked up once, and the lines that they make."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, tuple_
from sqlmodel import col, select

from profiles.account import Account
from profiles.orders import Order, OrderItem
from profiles.receipts import Receipt, ReceiptItem
from profiles.recording.attribution import Attribution, attribution
from profiles.recording.awaited import RECEIPT_KEY, Awaited, Named, awaited
from profiles.recording.conversion import Conversions, conversions
from profiles.recording.inputs import RecordedItem
from profiles.recording.placed import Placed
from profiles.recording.shelves import Shelves
from profiles.storage.pairs import paired
from profiles.storage.reads import table
from profiles.storage.unit import Unit
from profiles.stored_amounts import Conversion
from profiles.timeline import EventCategory, TimelineEvent

PAID = "PAID"


@dataclass(slots=True)
class Till:
    """What the purchases of a call need and make."""

    unit: Unit
    account: Account
    shelves: Shelves
    conversions: Conversions
    attribution: Attribution
    orders: dict[Named, Order]
    receipts: dict[Named, Receipt]
    latest: dict[tuple[int, int], datetime]
    awaited: Awaited
    lines: list[OrderItem | ReceiptItem] = field(default_factory=list)


async def open_till(
    unit: Unit, account: Account, placed: Sequence[Placed], purchases: Sequence[Placed], shelves: Shelves
) -> Till:
    named_orders = {(each.customer_id, name) for each in purchases if (name := order_name(each)) is not None}
    named_receipts = {(each.customer_id, name) for each in purchases if (name := receipt_name(each)) is not None}
    orders = {(row.customer_id, row.external_id): row for row in await _named(unit, Order, named_orders)}
    receipts = {(row.customer_id, row.external_id): row for row in await _named(unit, Receipt, named_receipts)}
    # Every currency on every day: a purchase is converted at its own day, which an earlier event may have set.
    currencies = {each.said.items[0].currency or account.currency for each in purchases if each.said.items}
    moments = {each.said.occurred_at for each in purchases}
    moments |= {row.placed_at for row in orders.values()} | {row.issued_at for row in receipts.values()}
    return Till(
        unit=unit,
        account=account,
        shelves=shelves,
        conversions=await conversions(unit, account, currencies, moments),
        attribution=await attribution(unit, account, placed, orders.values()),
        orders=orders,
        receipts=receipts,
        latest=await _latest(unit, purchases, [*orders.values(), *receipts.values()]),
        awaited=await awaited(
            unit,
            _made(purchases, EventCategory.ORDER, order_name) - orders.keys(),
            _made(purchases, EventCategory.RECEIPT, receipt_name) - receipts.keys(),
        ),
    )


def _made(purchases: Sequence[Placed], category: EventCategory, name_of: Callable[[Placed], str | None]) -> set[Named]:
    """The receipts or orders of which these events say enough to make them."""
    said = [each for each in purchases if each.said.category is category and each.said.items]
    return {(each.customer_id, name) for each in said if (name := name_of(each)) is not None}


def order_name(placed: Placed) -> str | None:
    """An order is named by its own id, else by the id of the event that places it; a receipt may name its order."""
    said = placed.said
    return said.order_external_id or (said.external_id if said.category is EventCategory.ORDER else None)


def receipt_name(placed: Placed) -> str | None:
    said = placed.said
    return said.said.get(RECEIPT_KEY) or (said.external_id if said.category is EventCategory.RECEIPT else None)


async def _named(unit: Unit, model: Any, names: set[Named]) -> Sequence[Any]:
    if not names:
        return ()
    found = await unit.session.exec(
        select(model).join(*paired(unit.dialect, table(model), "external_id", sorted(names)))
    )
    return found.all()


async def _latest(
    unit: Unit, purchases: Sequence[Placed], rows: Iterable[Order | Receipt]
) -> dict[tuple[int, int], datetime]:
    """When rows that exist were last heard of, where that is newer than these events: an old one leaves them alone."""
    keys = [(row.customer_id, row.id) for row in rows]
    if not keys:
        return {}
    found = await unit.session.exec(
        select(col(TimelineEvent.customer_id), col(TimelineEvent.subject_id), func.max(col(TimelineEvent.occurred_at)))
        .where(
            col(TimelineEvent.customer_id).in_({customer_id for customer_id, _ in keys}),
            col(TimelineEvent.occurred_at) > min(each.said.occurred_at for each in purchases),
            col(TimelineEvent.category).in_([EventCategory.ORDER, EventCategory.RECEIPT]),
            tuple_(col(TimelineEvent.customer_id), col(TimelineEvent.subject_id)).in_(keys),
        )
        .group_by(col(TimelineEvent.customer_id), col(TimelineEvent.subject_id))
    )
    return {(customer_id, id): latest for customer_id, id, latest in found if id is not None}


def conversion_of(till: Till, items: Sequence[RecordedItem], moment: datetime) -> Conversion:
    return till.conversions.of(items[0].currency or till.account.currency, moment)


async def drop_lines(till: Till, model: Any, parent: Any, row: Order | Receipt) -> None:
    """A purchase that is said again has the lines that were said last."""
    till.lines = [
        line for line in till.lines if not (isinstance(line, model) and _parent(line) == (row.customer_id, row.id))
    ]
    await till.unit.session.exec(delete(model).where(col(model.customer_id) == row.customer_id, col(parent) == row.id))


def _parent(line: OrderItem | ReceiptItem) -> tuple[int, int]:
    return line.customer_id, line.order_id if isinstance(line, OrderItem) else line.receipt_id


def product_of(till: Till, item: RecordedItem) -> dict[str, Any]:
    product = till.shelves.products[item.product_external_id]
    return {
        "product_id": product.id,
        "product_external_id": item.product_external_id,
        "name": item.name or product.name,
        "quantity_milli": int(item.quantity * 1000),
    }
