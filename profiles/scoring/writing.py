"""What a job writes of scores, in bulk: rows in the place of older ones, and events, numbered as those of a write."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Delete, Update, bindparam, delete, update
from sqlmodel import SQLModel

from profiles.customers import Customer
from profiles.scoring.statements import forget_scores
from profiles.storage.bulk import Bulk
from profiles.storage.reads import DialectName, among_ids, table
from profiles.timeline import OutboxEntry, TimelineEvent
from profiles.timeline.kinds import change_kinds, kind_of

COLUMNS = tuple(column.name for column in table(TimelineEvent).columns)


async def replace(bulk: Bulk, model: Any, customer_ids: Sequence[int], rows: Sequence[SQLModel]) -> None:
    """Puts rows in the place of all that these customers have in a table of scores."""
    await bulk.execute(forget_scores(bulk.dialect, model), {"ids": list(customer_ids)})
    columns = tuple(column.name for column in table(model).columns)
    await bulk.insert(model, columns, [tuple(getattr(row, name) for name in columns) for row in rows])


async def keep_only(bulk: Bulk, row: SQLModel) -> None:
    """Puts a row in the place of whatever its table holds."""
    model = type(row)
    await bulk.execute(_emptied(model))
    columns = tuple(column.name for column in table(model).columns)
    await bulk.insert(model, columns, [tuple(getattr(row, name) for name in columns)])


async def tell(bulk: Bulk, numbers: Mapping[int, int], events: Sequence[TimelineEvent], now: datetime) -> int:
    """Adds the events of customers who are locked and whose last event has that number; gives how many.

    The gateway that serves finds them in the outbox, and announces them as it does after a crash.
    """
    last = dict(numbers)
    rows = []
    for event in events:
        last[event.customer_id] += 1
        event.activity_seq = last[event.customer_id]
        rows.append(tuple(getattr(event, name) for name in COLUMNS))
    await bulk.insert(TimelineEvent, COLUMNS, rows)
    await change_kinds(bulk, bulk.dialect, Counter(map(kind_of, events)))
    by_count: dict[int, list[int]] = defaultdict(list)
    for customer_id, number in last.items():
        if number > numbers[customer_id]:
            by_count[number - numbers[customer_id]].append(customer_id)
    for count, customer_ids in by_count.items():
        await bulk.execute(_numbered(bulk.dialect), {"ids": customer_ids, "count": count})
    told = [(id, last[id], now) for ids in by_count.values() for id in ids]
    await bulk.insert(OutboxEntry, ("customer_id", "activity_seq", "created_at"), told)
    return len(rows)


@lru_cache(maxsize=2)
def _emptied(model: type[SQLModel]) -> Delete:
    return delete(table(model))


@lru_cache(maxsize=2)
def _numbered(dialect: DialectName) -> Update:
    customers = table(Customer)
    return (
        update(customers)
        .where(among_ids(dialect, customers.c.id))
        .values(
            activity_seq=customers.c.activity_seq + bindparam("count", type_=BigInteger()),
            generation=customers.c.generation + 1,
        )
    )
