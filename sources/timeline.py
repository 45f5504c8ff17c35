"""The job of timelines: derives what follows from events anew, some customers at a time; safe to stop and to repeat."""

from datetime import datetime

from profiles.account import Account
from profiles.purchase_history import customer_ids
from profiles.storage.bulk import bulk_load
from profiles.timeline import ViewedCategory
from profiles.timeline.kinds import recount_kinds
from profiles.timeline.viewed import COLUMNS, viewed_anew
from sources.progress import Progress

SLICE = 200
"""Customers counted in one transaction: who writes something of one of them waits so long."""
STEP = "Timelines"


async def recompute_timeline(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Counts everyone's events, and when they looked at what; gives how many customers there are."""
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            ids = await customer_ids(bulk)
        progress(STEP, 0, len(ids))
        for start in range(0, len(ids), SLICE):
            some = ids[start : start + SLICE]
            async with loader.transaction() as bulk:
                await recount_kinds(bulk, bulk.dialect, some)
                await bulk.insert(ViewedCategory, COLUMNS, await viewed_anew(bulk, bulk.dialect, some))
            progress(STEP, start + len(some), len(ids))
    return len(ids)
