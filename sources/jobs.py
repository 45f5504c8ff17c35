"""Jobs: all that is computed anew from the whole history, by the names that the command line has for it.

Heavy: imports numpy and the models, so only the commands import it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from profiles.account import Account
from sources.affinities import recompute_affinities
from sources.counts import recompute_counts
from sources.predictions import recompute_lifecycle, recompute_rfm
from sources.progress import Progress
from sources.recommending import recompute_recommendations
from sources.timeline import recompute_timeline

Job = Callable[[str, Account, Progress, datetime], Awaitable[int]]


JOBS: Mapping[str, Job] = {
    "lifecycle": recompute_lifecycle,
    "rfm": recompute_rfm,
    "recommendations": recompute_recommendations,
    "affinities": recompute_affinities,
    "timeline": recompute_timeline,
    "counts": recompute_counts,
}


async def recompute(database_url: str, account: Account, what: str, progress: Progress, now: datetime) -> None:
    """Runs one of the jobs, or with `all` every one."""
    for name, job in JOBS.items():
        if what in (name, "all"):
            await job(database_url, account, progress, now)
