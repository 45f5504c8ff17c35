"""The job of counts: counts the rows of everybody's lists anew; safe to stop and to repeat."""

from datetime import datetime

from profiles.account import Account
from profiles.kept_counts import recount_rows
from sources.progress import Progress
from sources.slices import for_each_slice


async def recompute_counts(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Counts everyone's rows; gives how many customers there are."""
    return await for_each_slice(
        database_url, "Counts", progress, lambda bulk, ids: recount_rows(bulk, bulk.dialect, ids)
    )
