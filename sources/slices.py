"""Slices: all customers, some at a time, each in a transaction of its own."""

from collections.abc import Awaitable, Callable, Sequence

from profiles.purchase_history import customer_ids
from profiles.storage.bulk import Bulk, bulk_load
from sources.progress import Progress

SLICE = 200
"""Customers in one transaction: who writes something of one of them waits so long."""


async def for_each_slice(
    database_url: str,
    step: str,
    progress: Progress,
    run: Callable[[Bulk, Sequence[int]], Awaitable[None]],
    at_once: int = SLICE,
) -> int:
    """Runs it for all customers, so many in a transaction; gives how many there are. What is done stays done when it is
    stopped."""
    async with bulk_load(database_url) as loader:
        async with loader.transaction() as bulk:
            ids = await customer_ids(bulk)
        progress(step, 0, len(ids))
        for start in range(0, len(ids), at_once):
            some = ids[start : start + at_once]
            async with loader.transaction() as bulk:
                await run(bulk, some)
            progress(step, start + len(some), len(ids))
    return len(ids)
