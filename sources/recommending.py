"""Recommending: the job that computes everybody's recommendations; safe to stop and to repeat.

It reads and writes some customers at a time, a transaction each, and fits the model in none: whoever writes something
meanwhile waits for no more than a slice. Stopped while it writes, it leaves new recommendations beside old ones.

Heavy: imports numpy and the model, so only the commands import it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from profiles.account import Account
from profiles.columns import to_micros
from profiles.purchase_history import histories, named_product_ids, replace_recommendations
from profiles.recommendations import MOST_RECOMMENDATIONS
from profiles.storage.bulk import Bulk, bulk_load
from profiles.storage.reads import Row
from sources.progress import Progress
from sources.recommendations import Integers, Purchases, recommend_by_id
from sources.slices import for_each_slice

COLUMNS = ("customer_id", "rank", "product_id", "score", "reason", "computed_at")


async def recompute_recommendations(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Fits the model on every purchase and writes each customer's recommendations; gives how many rows were written."""
    customers: list[int] = []
    slices: list[Purchases] = []

    async def read(bulk: Bulk, ids: Sequence[int]) -> None:
        customers.extend(ids)
        slices.append(_purchases(*await histories(bulk, account, ids)))

    await for_each_slice(database_url, "Reading purchases", progress, read)
    progress("Fitting the model", 0, 1)
    recommended = recommend_by_id(
        _joined(slices),
        np.array(await _named_products(database_url), dtype=np.int64),
        np.array(customers, dtype=np.int64),
        to_micros(now),
        MOST_RECOMMENDATIONS,
        account.settings.recommendation_pause_days,
    )
    progress("Fitting the model", 1, 1)
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in recommended:
        rows[row.customer].append((row.customer, row.rank, row.product, row.score, row.reason, now))

    async def write(bulk: Bulk, ids: Sequence[int]) -> None:
        # Who has come since the purchases were read has no rows, and nothing that could be replaced.
        await replace_recommendations(bulk, ids, COLUMNS, [row for id in ids for row in rows.get(id, ())])

    await for_each_slice(database_url, "Writing recommendations", progress, write)
    return len(recommended)


async def _named_products(database_url: str) -> list[int]:
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        return await named_product_ids(bulk)


def _purchases(baskets: list[Row], lines: list[Row]) -> Purchases:
    """The lines of a slice, each with its basket's customer and time. Every line's basket is among the baskets."""
    of_basket = {basket: (customer, to_micros(at)) for customer, basket, at in baskets}
    basket = np.array([line[0] for line in lines], dtype=np.int64)
    known = np.array([of_basket[line[0]] for line in lines], dtype=np.int64).reshape(len(lines), 2)
    return Purchases(known[:, 0], basket, np.array([line[1] for line in lines], dtype=np.int64), known[:, 1])


def _joined(slices: list[Purchases]) -> Purchases:
    def column(name: str) -> Integers:
        parts = [getattr(purchases, name) for purchases in slices]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    return Purchases(column("customer"), column("basket"), column("product"), column("at"))
