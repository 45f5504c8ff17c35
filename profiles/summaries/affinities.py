"""Affinities summed up: what a write changed is added to a customer's sums; sums that were never made are made."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.account import Account
from profiles.affinities.contributions import Chosen, from_orders, from_receipts, from_views
from profiles.affinities.reading import parameters_of, summed, sums_and_changes
from profiles.affinities.rules import add, begins, weight
from profiles.affinities.tables import COLUMNS, CustomerAffinities, stored
from profiles.customers import locked
from profiles.orders import Order
from profiles.receipts import Receipt
from profiles.storage.bulk import Bulk
from profiles.storage.pairs import Pair, paired
from profiles.storage.reads import DialectName, Row, among_ids, table
from profiles.timeline import TimelineEvent

Change = tuple[int, Row]
"""1 for a contribution that came, -1 for one that went, and its row (`profiles/affinities/contributions.py`)."""


async def contributions(
    run: AsyncConnection,
    dialect: DialectName,
    account: Account,
    *,
    receipts: Sequence[Pair] = (),
    orders: Sequence[Pair] = (),
    views: Sequence[Pair] = (),
) -> list[Row]:
    """What these receipts, orders and views, each a (customer id, id), contribute as they are in the database now."""

    def chosen(rows: Table, pairs: Sequence[Pair]) -> Chosen:
        wanted, condition = paired(dialect, rows, "id", pairs)
        return Chosen(rows, wanted.join(rows, condition))

    attributes = account.affinity_attributes
    parts: list[Any] = []
    if receipts:
        parts += from_receipts(attributes, chosen(table(Receipt), receipts))
    if orders:
        parts += from_orders(dialect, attributes, chosen(table(Order), orders))
    if views:
        parts += from_views(attributes, chosen(table(TimelineEvent), views))
    rows: list[Row] = []
    for part in parts:
        found = await run.execute(part, {"counting": list(account.counting_order_statuses)})
        rows += [tuple(row) for row in found]
    return rows


async def change_affinities(
    run: AsyncConnection, dialect: DialectName, account: Account, changes: Sequence[Change], now: datetime
) -> None:
    """Adds the changes to the sums of their customers, who are locked, and brings the sums forward to now; the
    purchases and views are written. It costs what changed and what left the window, not what there was before."""
    ids = sorted({row[0] for _, row in changes})
    if not ids:
        return
    attributes, window = account.affinity_attributes, begins(now)
    found = await run.execute(sums_and_changes(dialect, attributes), parameters_of(account, ids, window, window))
    sums_of = summed(attributes, [tuple(row) for row in found], window)
    for sign, (customer_id, parts, at, *values) in changes:
        since, sums = sums_of[customer_id]
        # Older ones were not in the stored sums, and what of them is in the window was just read.
        if at > since:
            add(sums, attributes, values, sign * weight(parts, at))
    rows = [stored(id, window, sums) for id, (_, sums) in sums_of.items()]
    await run.execute(cleared(dialect), {"ids": ids})
    await run.execute(insert(table(CustomerAffinities)), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


@lru_cache(maxsize=2)
def cleared(dialect: DialectName) -> Delete:
    """Removes the sums of the customers `ids`."""
    kept = table(CustomerAffinities)
    return delete(kept).where(among_ids(dialect, kept.c.customer_id))


async def recompute_affinities(bulk: Bulk, account: Account, customer_ids: Sequence[int], now: datetime) -> None:
    """Makes the sums of these customers anew, from all purchases and views of the window."""
    attributes, window = account.affinity_attributes, begins(now)
    # A purchase that is recorded meanwhile waits: it would be added to sums that are gone.
    await bulk.execute(locked(bulk.dialect), {"ids": list(customer_ids)})
    await bulk.execute(cleared(bulk.dialect), {"ids": list(customer_ids)})
    parameters = parameters_of(account, list(customer_ids), window, window)
    rows = await bulk.execute(sums_and_changes(bulk.dialect, attributes), parameters)
    sums_of = summed(attributes, rows, window)
    await bulk.insert(CustomerAffinities, COLUMNS, [stored(id, window, sums) for id, (_, sums) in sums_of.items()])
