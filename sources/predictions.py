"""Predictions: the jobs behind RFM and life cycles. Each reads all purchases once, and then writes customers chunk by
chunk, a transaction each: stopped at any point and run again it goes on, and run twice it changes nothing.

Heavy: imports numpy and the model, so only the commands import it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from profiles.account import Account
from profiles.calendar import local_day
from profiles.lifecycle import Model
from profiles.lifecycle.reading import THE_MODEL, CustomerLifecycle, LifecycleModel, terms_of
from profiles.rfm import Boundaries, boundaries
from profiles.rfm.reading import THE_BOUNDARIES, CustomerRfm, RfmBoundaries
from profiles.rfm.rules import recency_value
from profiles.scoring.scores import lives_of, rfm_rows
from profiles.scoring.statements import (
    every_purchaser,
    everybody,
    first_purchases,
    locked,
    scored_of,
    without_first_purchase,
)
from profiles.scoring.writing import keep_only, replace, tell
from profiles.storage.bulk import Bulk, Loader, bulk_load
from profiles.storage.reads import Row
from sources.lifetimes import Fit, Histories, fit
from sources.progress import Progress
from sources.slices import Turns

CHUNK = 500
"""Customers in one transaction: writers wait for no more than them."""


async def recompute_lifecycle(
    database_url: str, account: Account, progress: Progress, now: datetime, chunk_size: int = CHUNK
) -> int:
    """Fits the model, writes each customer's life cycle, and tells every change of stage once; gives how many."""
    told = 0
    async with bulk_load(database_url) as loader:
        await _fill_in_first_purchases(loader, account, chunk_size)
        progress("Fitting life cycles", 0, 1)
        async with loader.transaction() as bulk:
            purchasers = await bulk.execute(every_purchaser())
            customers = [row[0] for row in await bulk.execute(everybody())]
        # In no transaction: an SQLite file has one writer, and nobody should wait for a model to be fitted.
        fitted = fit(_histories(purchasers, account, now))
        progress("Fitting life cycles", 1, 1)
        async with loader.transaction() as bulk:
            await _keep_model(bulk, fitted, len(purchasers), now)
        terms = terms_of(account, Model(fitted.r, fitted.alpha, fitted.a, fitted.b) if fitted is not None else None)
        turns = Turns(loader.dialect)
        for start in range(0, len(customers), chunk_size):
            progress("Life cycles", start, len(customers))
            await turns.give()
            ids = customers[start : start + chunk_size]
            async with loader.transaction() as bulk:
                numbers: dict[int, int] = dict(await bulk.execute(locked(bulk.dialect), {"ids": ids}))
                people = await scored_of(bulk, bulk.dialect, list(numbers))
                rows, events = await lives_of(bulk, bulk.dialect, account, terms, people, now)
                await replace(bulk, CustomerLifecycle, ids, rows)
                told += await tell(bulk, numbers, events, now)
        progress("Life cycles", len(customers), len(customers))
    return told


async def recompute_rfm(
    database_url: str, account: Account, progress: Progress, now: datetime, chunk_size: int = CHUNK
) -> int:
    """Finds the boundaries and writes each customer's scores; gives how many customers have some."""
    scored = 0
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            purchasers = await bulk.execute(every_purchaser())
            found = Boundaries(
                computed_at=now,
                recency=boundaries(recency_value(last_at, now, account.zone) for _, _, last_at, _ in purchasers),
                frequency=boundaries(count for count, *_ in purchasers),
                monetary=boundaries(net_minor for *_, net_minor in purchasers),
            )
            await keep_only(
                bulk,
                RfmBoundaries(
                    id=THE_BOUNDARIES,
                    recency=list(found.recency),
                    frequency=list(found.frequency),
                    monetary=list(found.monetary),
                    customer_count=len(purchasers),
                    computed_at=now,
                ),
            )
            customers = [row[0] for row in await bulk.execute(everybody())]
        turns = Turns(loader.dialect)
        for start in range(0, len(customers), chunk_size):
            progress("RFM", start, len(customers))
            await turns.give()
            ids = customers[start : start + chunk_size]
            async with loader.transaction() as bulk:
                alive = [row[0] for row in await bulk.execute(locked(bulk.dialect), {"ids": ids})]
                rows = rfm_rows(account, found, await scored_of(bulk, bulk.dialect, alive))
                await replace(bulk, CustomerRfm, ids, rows)
                scored += len(rows)
        progress("RFM", len(customers), len(customers))
    return scored


async def _fill_in_first_purchases(loader: Loader, account: Account, chunk_size: int) -> None:
    async with loader.transaction() as bulk:
        # Sums without the purchases behind them never have one.
        customers = [row[0] for row in await bulk.execute(without_first_purchase())]
    for start in range(0, len(customers), chunk_size):
        ids = customers[start : start + chunk_size]
        async with loader.transaction() as bulk:
            # In the order in which everybody locks, or a write of two of them and this would wait for each other.
            await bulk.execute(locked(bulk.dialect), {"ids": ids})
            statuses = account.counting_order_statuses
            await bulk.execute(first_purchases(bulk.dialect), {"ids": ids, "counting": statuses})


def _histories(purchasers: Sequence[Row], account: Account, now: datetime) -> Histories:
    """In days, as the rules of life cycles count them; equal histories are one, with a weight."""

    def day(moment: datetime) -> int:
        return local_day(moment, account.zone).toordinal()

    today = day(now)
    counted: Counter[tuple[int, int, int]] = Counter()
    for count, first_at, last_at, _ in purchasers:
        # Sums without the purchases behind them have no first one.
        if first_at is not None:
            first_day = day(first_at)
            recency = day(last_at) - first_day
            counted[count - 1, recency, max(recency, today - first_day)] += 1
    different = np.array(sorted(counted), dtype=np.float64).reshape(-1, 3)
    weight = np.array([counted[key] for key in sorted(counted)], dtype=np.float64)
    return Histories(different[:, 0], different[:, 1], different[:, 2], weight)


async def _keep_model(bulk: Bulk, fitted: Fit | None, customers: int, now: datetime) -> None:
    row = LifecycleModel(id=THE_MODEL, customer_count=customers, computed_at=now)
    if fitted is not None:
        row.r, row.alpha, row.a, row.b = fitted.r, fitted.alpha, fitted.a, fitted.b
        row.log_likelihood = fitted.log_likelihood
    await keep_only(bulk, row)
