"""The job of timelines: derives what follows from events anew, some customers at a time; safe to stop and to repeat."""

from collections.abc import Sequence
from datetime import datetime

from profiles.account import Account
from profiles.storage.bulk import Bulk
from profiles.timeline import ViewedCategory
from profiles.timeline.kinds import recount_kinds
from profiles.timeline.viewed import COLUMNS, viewed_anew
from sources.progress import Progress
from sources.slices import for_each_slice


async def recompute_timeline(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Counts everyone's events, and when they looked at what; gives how many customers there are."""
    return await for_each_slice(database_url, "Timelines", progress, _derive_anew)


async def _derive_anew(bulk: Bulk, customer_ids: Sequence[int]) -> None:
    await recount_kinds(bulk, bulk.dialect, customer_ids)
    await bulk.insert(ViewedCategory, COLUMNS, await viewed_anew(bulk, bulk.dialect, customer_ids))
