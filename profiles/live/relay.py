"""The relay: announces events whose own announcement was lost, so that a crash after the commit loses none."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from profiles.columns import Instant
from profiles.errors import ProfileError
from profiles.storage.reads import Build, Read, Row, shaped, table
from profiles.storage.store import Store
from profiles.timeline import OutboxEntry

log = logging.getLogger("profile_gateway.relay")

# A write announces by itself right after its commit; what is older than this was not.
OVERDUE = timedelta(seconds=2)
AT_ONCE = 1_000


@shaped()
def _overdue() -> Build:
    outbox = table(OutboxEntry)
    return lambda dialect: (
        select(outbox.c.customer_id, func.max(outbox.c.activity_seq))
        .where(outbox.c.created_at <= bindparam("until", type_=Instant()))
        .group_by(outbox.c.customer_id)
        .order_by(outbox.c.customer_id)
        .limit(bindparam("limit"))
    )


def overdue(now: datetime) -> Read[int, int]:
    """The customers with events that should have been announced by now, each with the number of its last one."""

    def collect(rows: list[Row]) -> dict[int, int]:
        return {row[0]: row[1] for row in rows}

    return Read(_overdue(), {"until": now - OVERDUE, "limit": AT_ONCE}, collect)


async def relay_once(store: Store, now: datetime) -> int:
    """Announces what is overdue and returns of how many customers. Raises SourceUnavailable."""
    entries = await store.answer(overdue(now))
    if entries:
        await store.announce_again(entries)
    return len(entries)


async def relay(store: Store, clock: Callable[[], datetime], interval_seconds: float) -> None:
    """Announces what is overdue, again and again, until cancelled."""
    while True:
        await asyncio.sleep(interval_seconds)
        try:
            announced = await relay_once(store, clock())
        except ProfileError:
            log.warning("the outbox could not be read")
            continue
        if announced:
            log.info("announced events of %d customers once more", announced)
