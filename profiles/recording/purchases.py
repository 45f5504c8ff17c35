"""Purchases: recorded receipts and orders become rows with their lines, amounts and links (rulings 19 and 21)."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiles.account import Account
from profiles.recording.ordering import keep_order
from profiles.recording.placed import Placed
from profiles.recording.receipting import keep_receipt
from profiles.recording.shelves import Shelves
from profiles.recording.till import Till, open_till
from profiles.storage.reads import Row
from profiles.storage.unit import Unit
from profiles.summaries.affinities import Change, contributions
from profiles.timeline import EventCategory


@dataclass(frozen=True, slots=True)
class Purchased:
    """The customers whose purchases changed, and what that changes of their affinities."""

    customer_ids: frozenset[int] = frozenset()
    changes: Sequence[Change] = ()


async def keep_purchases(unit: Unit, account: Account, placed: Sequence[Placed], shelves: Shelves) -> Purchased:
    """Makes and changes the receipts and orders of these events."""
    purchases = [each for each in placed if each.said.category in (EventCategory.RECEIPT, EventCategory.ORDER)]
    if not purchases:
        return Purchased()
    till = await open_till(unit, account, placed, purchases, shelves)
    before = await _contributions(till)
    # By time, so that the state of an order is what happened last; an order before the receipt that was issued for it.
    for each in sorted(purchases, key=lambda each: (each.said.occurred_at, each.said.category, each.said.position)):
        if each.said.category is EventCategory.ORDER:
            await keep_order(till, each)
        else:
            await keep_receipt(till, each)
    await unit.session.flush()
    unit.session.add_all(till.lines)
    await unit.session.flush()
    changes = [*((-1, row) for row in before), *((1, row) for row in await _contributions(till))]
    return Purchased(frozenset(each.customer_id for each in purchases if each.subject_id is not None), changes)


async def _contributions(till: Till) -> list[Row]:
    """What the purchases of a till add to affinities as they are written: before they change those that there were,
    after it those that there are."""
    orders = {(order.customer_id, order.id) for order in (*till.orders.values(), *till.awaited.orders.values())}
    receipts = {(receipt.customer_id, receipt.id) for receipt in till.receipts.values()}
    connection = await till.unit.session.connection()
    return await contributions(
        connection, till.unit.dialect, till.account, receipts=sorted(receipts), orders=sorted(orders)
    )
