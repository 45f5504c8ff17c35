"""Kinds: how many events of each category, type, store and business unit there are, kept by whoever writes events."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, delete, func, insert, select

from profiles.customers import locked
from profiles.storage.adding import add_up
from profiles.storage.reads import DialectName, among_ids, table
from profiles.timeline.tables import TimelineEvent, TimelineKind

NOWHERE = 0
"""Stands for no store, and for no business unit: no row has this id, and a part of a key cannot be null."""

COLUMNS = ("customer_id", "category", "type", "store_id", "business_unit_id", "event_count")
OF_EVENTS = COLUMNS[:-1]
"""The columns of an event that say whose it is and of which kind."""

Kind = tuple[Any, ...]
"""The values of `OF_EVENTS`; `NOWHERE` and null are the same."""


def counted_kinds(events: Iterable[Kind]) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS` for these events of customers who have no others."""
    return [(*_kept(kind), count) for kind, count in Counter(events).items()]


def kind_of(row: TimelineEvent) -> Kind:
    """Of which kind an event is."""
    return tuple(getattr(row, name) for name in OF_EVENTS)


async def change_kinds(run: Any, dialect: DialectName, changes: Mapping[Kind, int]) -> None:
    """Adds to the counts; the customers are locked or new. It costs one statement, and nothing where nothing changed.

    `run` is a connection or a bulk load.
    """
    sums: Counter[Kind] = Counter()
    for kind, change in changes.items():
        sums[_kept(kind)] += change
    await add_up(run, dialect, TimelineKind, sums)


async def recount_kinds(run: Any, dialect: DialectName, customer_ids: Sequence[int]) -> None:
    """Counts the events of these customers anew, who are locked by it until the transaction ends."""
    if customer_ids:
        for statement in (locked(dialect), *_recounted(dialect)):
            await run.execute(statement, {"ids": list(customer_ids)})


def _kept(kind: Kind) -> Kind:
    customer_id, category, type, store_id, business_unit_id = kind
    return customer_id, str(category), type, store_id or NOWHERE, business_unit_id or NOWHERE


@lru_cache(maxsize=2)
def _recounted(dialect: DialectName) -> tuple[Delete, Insert]:
    kinds, events = table(TimelineKind), table(TimelineEvent).c
    kind = [
        events.customer_id,
        events.category,
        events.type,
        func.coalesce(events.store_id, NOWHERE),
        func.coalesce(events.business_unit_id, NOWHERE),
    ]
    counts = select(*kind, func.count()).where(among_ids(dialect, events.customer_id)).group_by(*kind)
    return (
        delete(kinds).where(among_ids(dialect, kinds.c.customer_id)),
        insert(kinds).from_select(list(COLUMNS), counts, include_defaults=False),
    )
