"""Purchases: recorded receipts and orders become rows with their lines, amounts and links (rulings 19 and 21)."""

from collections.abc import Sequence

from profiles.account import Account
from profiles.recording.ordering import keep_order
from profiles.recording.placed import Placed
from profiles.recording.receipting import keep_receipt
from profiles.recording.shelves import Shelves
from profiles.recording.till import open_till
from profiles.storage.unit import Unit
from profiles.timeline import EventCategory


async def keep_purchases(unit: Unit, account: Account, placed: Sequence[Placed], shelves: Shelves) -> frozenset[int]:
    """Makes and changes the receipts and orders of these events; gives the customers whose purchases changed."""
    purchases = [each for each in placed if each.said.category in (EventCategory.RECEIPT, EventCategory.ORDER)]
    if not purchases:
        return frozenset()
    till = await open_till(unit, account, placed, purchases, shelves)
    # By time, so that the state of an order is what happened last; an order before the receipt that was issued for it.
    for each in sorted(purchases, key=lambda each: (each.said.occurred_at, each.said.category, each.said.position)):
        if each.said.category is EventCategory.ORDER:
            await keep_order(till, each)
        else:
            await keep_receipt(till, each)
    await unit.session.flush()
    unit.session.add_all(till.lines)
    await unit.session.flush()
    return frozenset(each.customer_id for each in purchases if each.subject_id is not None)
