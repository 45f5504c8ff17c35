"""The job of affinities: sums them up anew from the purchases and views, some customers at a time; safe to stop and
to repeat."""

from datetime import datetime

from profiles.account import Account
from profiles.purchase_history import customer_ids
from profiles.storage.bulk import bulk_load
from profiles.summaries import affinities
from sources.progress import Progress

SLICE = 50
"""Customers summed up in one transaction: who records something of one of them waits so long."""
STEP = "Affinities"


async def recompute_affinities(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Sums up everyone's affinities; gives how many customers there are."""
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            ids = await customer_ids(bulk)
        progress(STEP, 0, len(ids))
        for start in range(0, len(ids), SLICE):
            some = ids[start : start + SLICE]
            async with loader.transaction() as bulk:
                await affinities.recompute_affinities(bulk, account, some, now)
            progress(STEP, start + len(some), len(ids))
    return len(ids)
