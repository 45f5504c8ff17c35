"""The job of affinities: sums them up anew from the purchases and views, some customers at a time; safe to stop and
to repeat."""

from datetime import datetime

from profiles.account import Account
from profiles.summaries import affinities
from sources.progress import Progress
from sources.slices import for_each_slice

AT_ONCE = 50
"""Customers summed up in one transaction: each takes longer than counting does, and who records something of one of
them waits so long."""


async def recompute_affinities(database_url: str, account: Account, progress: Progress, now: datetime) -> int:
    """Sums up everyone's affinities; gives how many customers there are."""
    return await for_each_slice(
        database_url,
        "Affinities",
        progress,
        lambda bulk, ids: affinities.recompute_affinities(bulk, account, ids, now),
        AT_ONCE,
    )
