"""Slices: all customers, some at a time, each in a transaction of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from profiles.purchase_history import customer_ids
from profiles.storage.bulk import Bulk, bulk_load
from profiles.storage.reads import DialectName
from sources.progress import Progress

SLICE = 200
"""Customers in one transaction: who writes something of one of them waits so long."""

WORKED_SECONDS = 0.5
TURN_SECONDS = 0.12
"""Longer than the tenth of a second after which a writer who waits for an SQLite file asks again."""


class Turns:
    """Gives those a turn who wait for an SQLite file: who takes its lock again and again leaves nobody else a moment.
    Writers of PostgreSQL wait for rows, and stand in a queue."""

    def __init__(self, dialect: DialectName) -> None:
        self._is_needed = dialect == "sqlite"
        self._since = time.monotonic()

    async def give(self) -> None:
        """To be called between two transactions; it is over at once where not much time has passed since the last."""
        if self._is_needed and time.monotonic() - self._since > WORKED_SECONDS:
            await asyncio.sleep(TURN_SECONDS)
            self._since = time.monotonic()


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
        turns = Turns(loader.dialect)
        for start in range(0, len(ids), at_once):
            some = ids[start : start + at_once]
            async with loader.transaction() as bulk:
                await run(bulk, some)
            progress(step, start + len(some), len(ids))
            await turns.give()
    return len(ids)
