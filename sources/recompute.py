"""Recompute: the jobs that derive data from the whole history; each is one transaction, safe to stop and to repeat.

Heavy: imports numpy and the model, so only the commands import it.
"""

from datetime import datetime

import numpy as np

from profiles.account import Account
from profiles.columns import to_micros
from profiles.purchase_history import customer_ids, histories, named_product_ids, replace_recommendations
from profiles.recommendations import MOST_RECOMMENDATIONS
from profiles.storage.bulk import bulk_load
from profiles.storage.reads import Row
from sources.progress import Progress
from sources.recommendations import Integers, Purchases, recommend_by_id

COLUMNS = ("customer_id", "rank", "product_id", "score", "reason", "computed_at")


async def recompute_recommendations(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Fits the model on every purchase and writes each customer's recommendations; gives how many rows were written."""
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        customers = await customer_ids(bulk)
        slices = []
        async for done, baskets, lines in histories(bulk, account, customers):
            slices.append(_purchases(baskets, lines))
            progress("Reading purchases", done, len(customers))
        progress("Fitting the model", 0, 1)
        recommended = recommend_by_id(
            _joined(slices),
            np.array(await named_product_ids(bulk), dtype=np.int64),
            np.array(customers, dtype=np.int64),
            to_micros(now),
            MOST_RECOMMENDATIONS,
            account.settings.recommendation_pause_days,
        )
        progress("Fitting the model", 1, 1)
        rows = [(row.customer, row.rank, row.product, row.score, row.reason, now) for row in recommended]
        return await replace_recommendations(bulk, COLUMNS, rows)


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
