"""Jobs: all that is computed anew from the whole history, by the names that the command line has for it.

Heavy: imports numpy and the models, so only the commands import it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from profiles.account import Account
from profiles.storage.bulk import bulk_load
from sources.predictions import recompute_lifecycle, recompute_rfm
from sources.progress import Progress
from sources.recompute import recompute_recommendations
from sources.segments import assign_segments

Job = Callable[[str, Account, Progress, datetime], Awaitable[int]]


async def recompute_segments(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Lets customers enter and leave their segments; gives how many segments there are."""
    progress("Segments", 0, 1)
    async with bulk_load(database_url) as loader, loader.transaction() as bulk:
        count = await assign_segments(bulk, account, now)
    progress("Segments", 1, 1)
    return count


# Segments last: a rule may look at what the others compute.
JOBS: Mapping[str, Job] = {
    "lifecycle": recompute_lifecycle,
    "rfm": recompute_rfm,
    "recommendations": recompute_recommendations,
    "segments": recompute_segments,
}


async def recompute(database_url: str, account: Account, what: str, progress: Progress, now: datetime) -> None:
    """Runs one of the jobs, or with `all` every one."""
    for name, job in JOBS.items():
        if what in (name, "all"):
            await job(database_url, account, progress, now)
