"""Viewed categories: when a customer looked at each, the newest views alone, kept by whoever writes events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from typing import Any

from sqlalchemy import Delete, Insert, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from profiles.columns import from_seconds, packed_seconds, seconds_in, to_seconds
from profiles.customers import Customer
from profiles.storage.reads import DialectName, among_ids, newest, table
from profiles.timeline.tables import TimelineEvent, ViewedCategory

MOST_VIEWS = 1_000
"""Of each customer the newest views are kept; older ones weigh little beside so many."""

COLUMNS = ("customer_id", "category_id", "last_viewed_at", "viewed_at")
OF_VIEWS = ("customer_id", "viewed_category_id", "occurred_at")
"""The columns of an event that say who looked at which category, and when."""

View = tuple[Any, ...]
"""The values of `OF_VIEWS`; an event without a category is no view."""

_Views = dict[int, list[float]]
"""Of one customer: by category the moments (`profiles.columns.to_seconds`) of the views, oldest first."""


def viewed_categories(events: Iterable[View]) -> list[tuple[Any, ...]]:
    """The rows of `COLUMNS` for these events of customers who have no others."""
    return [
        _row(customer_id, category_id, moments)
        for customer_id, views in _by_customer(events).items()
        for category_id, moments in _newest(views).items()
    ]


def view_of(row: TimelineEvent) -> View:
    """Whose view of what an event is, and of when."""
    return tuple(getattr(row, name) for name in OF_VIEWS)


async def add_views(connection: Any, dialect: DialectName, events: Sequence[View]) -> None:
    """Adds views, of whatever time, of customers who are locked or new: one statement that reads and one that writes.

    It sends none where no event is a view.
    """
    added = _by_customer(events)
    if not added:
        return
    known: dict[int, _Views] = defaultdict(dict)
    for customer_id, category_id, packed in await connection.execute(_known(dialect), {"ids": sorted(added)}):
        known[customer_id][category_id] = list(seconds_in(packed))
    rows = []
    for customer_id, views in sorted(added.items()):
        before = known[customer_id]
        after = _newest({id: before.get(id, []) + views.get(id, []) for id in before.keys() | views.keys()})
        # A row that is left without views stays, without any: its place may be needed again.
        changed = {id: after.get(id, []) for id in before.keys() | after.keys() if after.get(id) != before.get(id)}
        rows += [_row(customer_id, id, moments) for id, moments in sorted(changed.items()) if id in after or before[id]]
    await write_views(connection, dialect, rows)


async def write_views(connection: Any, dialect: DialectName, rows: Sequence[tuple[Any, ...]]) -> None:
    """Puts rows of `COLUMNS` in the place of those that are there: one statement, none without rows."""
    if rows:
        await connection.execute(_written(dialect), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


async def viewed_anew(run: Any, dialect: DialectName, customer_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Forgets what is kept of these customers, who are locked, and gives the rows of `COLUMNS` that their events make.

    `run` is a connection or a bulk load.
    """
    if not customer_ids:
        return []
    forget, read = _forgotten(dialect)
    await run.execute(forget, {"ids": list(customer_ids)})
    return viewed_categories(await run.execute(read, {"ids": list(customer_ids), "limit": MOST_VIEWS}))


def _by_customer(events: Iterable[View]) -> dict[int, _Views]:
    found: dict[int, _Views] = {}
    for customer_id, category_id, at in events:
        if category_id is not None:
            found.setdefault(customer_id, {}).setdefault(category_id, []).append(to_seconds(at))
    return found


def _newest(views: Mapping[int, list[float]]) -> _Views:
    """One customer's newest views; a category without any is absent."""
    if sum(map(len, views.values())) <= MOST_VIEWS:
        return {id: sorted(moments) for id, moments in views.items() if moments}
    left: _Views = {}
    for at, id in sorted(nlargest(MOST_VIEWS, ((at, id) for id, moments in views.items() for at in moments))):
        left.setdefault(id, []).append(at)
    return left


def _row(customer_id: int, category_id: int, moments: Sequence[float]) -> tuple[Any, ...]:
    return customer_id, category_id, from_seconds(moments[-1] if moments else 0), packed_seconds(moments)


@lru_cache(maxsize=2)
def _known(dialect: DialectName) -> Select[Any]:
    views = table(ViewedCategory).c
    return select(views.customer_id, views.category_id, views.viewed_at).where(among_ids(dialect, views.customer_id))


@lru_cache(maxsize=2)
def _written(dialect: DialectName) -> Insert:
    views = table(ViewedCategory)
    added: Any = (postgresql if dialect == "postgresql" else sqlite).insert(views)
    changed = {name: added.excluded[name] for name in COLUMNS[2:]}
    return added.on_conflict_do_update(index_elements=list(COLUMNS[:2]), set_=changed)  # type: ignore[no-any-return]


@lru_cache(maxsize=2)
def _forgotten(dialect: DialectName) -> tuple[Delete, Select[Any]]:
    views = table(ViewedCategory)
    events = newest(
        dialect,
        table(TimelineEvent),
        order=("occurred_at", "id"),
        where=lambda event: [event.viewed_category_id.is_not(None)],
        columns=(*OF_VIEWS, "id"),
        customers=table(Customer),
    ).subquery("seen")
    return delete(views).where(among_ids(dialect, views.c.customer_id)), select(*[events.c[name] for name in OF_VIEWS])
