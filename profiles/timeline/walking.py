"""Walking: pages and counts of events by what is known of their kinds, so that the others in a history cost nothing.

A filter by type, store or business unit, or several together, matches some of the kinds that a customer has events of
(`TimelineKind`), often none. A page is one walk for each of them through an index that begins with the kind; a count is
the sum of theirs. Of a customer whose counts are not known to be true the history itself is walked.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    union_all,
)

from profiles.columns import IdList
from profiles.customers import Customer
from profiles.storage.prepared import is_for_one_key
from profiles.storage.reads import DialectName, among_ids, before, is_only, table
from profiles.timeline.kinds import NOWHERE
from profiles.timeline.tables import TimelineEvent, TimelineKind

Where = Callable[[Any], Sequence[ColumnElement[bool]]]
"""Conditions on columns: of an event, or of a kind, which has those of the same names."""

CUSTOMERS, EVENTS, KINDS = table(Customer), table(TimelineEvent), table(TimelineKind)
ORDER = ("occurred_at", "id")
PLACES = ("store_id", "business_unit_id")


def page_of_kinds(
    dialect: DialectName, of_kind: Where, in_time: Where, columns: Sequence[str], owner: Sequence[str], positioned: bool
) -> Select[Any]:
    """As `profiles.storage.reads.newest`, of events whose kinds are `of_kind`; `in_time` says nothing of kinds."""

    def until(event: Any) -> list[ColumnElement[bool]]:
        return [*in_time(event), *([before(event.occurred_at, event.id)] if positioned else [])]

    row = EVENTS.alias("r")
    if dialect == "postgresql":
        owners, is_known, around = _owners(dialect, CUSTOMERS)
        found = _found(dialect, is_known, around, of_kind, until).subquery("found")
        # Each is looked up by itself: joined, a few rows of a page were sought among all that their customer has.
        whole = (
            select(*[row.c[name] for name in columns])
            .where(*_of_customer(dialect, row, CUSTOMERS.c.id), row.c.id == found.c.id)
            .limit(literal_column("1"))
            .correlate(found, *around)
            .lateral("whole")
        )
        page = select(*whole.c).select_from(found.join(whole, true())).correlate(*around).lateral("page")
        return (
            select(*[CUSTOMERS.c[name] for name in owner], *[page.c[name] for name in columns])
            .select_from(owners.join(page, true(), isouter=True))
            .where(among_ids(dialect, CUSTOMERS.c.id))
            .order_by(page.c.customer_id, *_newest_first(page.c))
        )
    ids = func.json_each(bindparam("ids", type_=IdList())).table_valued("value").alias("k")
    owners, is_known, around = _owners(dialect, ids.join(CUSTOMERS, CUSTOMERS.c.id == ids.c.value))
    rowids = _found(dialect, is_known, around, of_kind, until).scalar_subquery()
    return (
        select(*[CUSTOMERS.c[name] for name in owner], *[row.c[name] for name in columns])
        .select_from(owners.join(row, literal_column("r.rowid").in_(rowids), isouter=True))
        .order_by(row.c.customer_id, *_newest_first(row.c))
    )


def count_of_kinds(dialect: DialectName, of_kind: Where, in_time: Where | None) -> Select[Any]:
    """How many events of these kinds each customer has: (customer_id, count). In a time they are counted one by one."""
    wanted = and_(true(), *of_kind(KINDS.c))
    owners, is_known, around = _owners(dialect, CUSTOMERS, wanted)
    event, kind = EVENTS.alias("h"), KINDS.alias("kind")
    in_history = select(func.count()).where(
        *_of_customer(dialect, event, CUSTOMERS.c.id), *of_kind(event.c), *(in_time(event.c) if in_time else ())
    )
    if in_time is None:
        kept: Any = func.coalesce(around[1].c.wanted, 0)
    else:
        kept = (
            select(func.coalesce(func.sum(_counted(dialect, kind, in_time)), 0))
            .where(*_of_customer(dialect, kind, CUSTOMERS.c.id), *of_kind(kind.c))
            .correlate(*around)
            .scalar_subquery()
        )
    count = case((is_known, kept), else_=in_history.correlate(*around).scalar_subquery())
    return (
        select(CUSTOMERS.c.id, cast(count, BigInteger).label("count"))
        .select_from(owners)
        .where(among_ids(dialect, CUSTOMERS.c.id))
    )


def _owners(
    dialect: DialectName, customers: FromClause, wanted: ColumnElement[bool] | None = None
) -> tuple[FromClause, ColumnElement[bool], tuple[FromClause, FromClause]]:
    """The customers with the sums of their kinds (of all, and of the `wanted`), whether these are true, and the tables
    that say so.

    Numbers of events have no gaps, so counts that add up to the newest one's number are of all events. Of a customer
    without any nothing is known, and nothing is to be walked. It is joined, and no subquery where it is asked for:
    SQLite would answer that for every row of the history.
    """
    sums = [KINDS.c.customer_id, func.sum(KINDS.c.event_count).label("total")]
    if wanted is not None:
        sums.append(func.sum(case((wanted, KINDS.c.event_count), else_=literal(0, BigInteger()))).label("wanted"))
    counts = (
        select(*sums).where(among_ids(dialect, KINDS.c.customer_id)).group_by(KINDS.c.customer_id).subquery("counts")
    )
    owners = customers.outerjoin(counts, counts.c.customer_id == CUSTOMERS.c.id)
    return owners, func.coalesce(counts.c.total == CUSTOMERS.c.activity_seq, False), (CUSTOMERS, counts)


def _of_customer(dialect: DialectName, rows: FromClause, id: ColumnElement[int]) -> list[ColumnElement[bool]]:
    if is_for_one_key(dialect):
        return [is_only(rows.c.customer_id)]
    if dialect == "postgresql":
        return [rows.c.customer_id == id, among_ids(dialect, rows.c.customer_id)]
    return [rows.c.customer_id == id]


def _newest_first(row: Any) -> list[Any]:
    return [row[name].desc() for name in ORDER]


def _found(
    dialect: DialectName, is_known: Any, around: Sequence[FromClause], of_kind: Where, until: Where
) -> Select[Any]:
    """Where one customer's page stands: times and ids, or on SQLite rowids."""
    limit: Any = bindparam("limit")
    kind, event = KINDS.alias("kind"), EVENTS.alias("h")
    named = [*_of_customer(dialect, kind, CUSTOMERS.c.id), *of_kind(kind.c), is_known]
    shown: list[Any] = [literal_column("h.rowid").label("place")] if dialect == "sqlite" else []
    history = (
        select(*shown, *[event.c[name] for name in ORDER])
        .where(*_of_customer(dialect, event, CUSTOMERS.c.id), *of_kind(event.c), *until(event.c), not_(is_known))
        .order_by(*_newest_first(event.c))
        .limit(limit)
        .correlate(*around)
        .subquery("history")
    )
    if dialect == "postgresql":
        walks = union_all(*_walks(dialect, kind, around, until, limit)).lateral("walks")
        of_kinds = select(*[walks.c[name] for name in ORDER]).select_from(kind.join(walks, true()))
    else:
        middle = EVENTS.alias("m")
        (walk,) = _walks(dialect, kind, around, until, limit)
        reached = kind.join(middle, literal_column("m.rowid").in_(walk.scalar_subquery()))
        of_kinds = select(literal_column("m.rowid").label("place"), *[middle.c[name] for name in ORDER]).select_from(
            reached
        )
    found = union_all(of_kinds.where(*named).correlate(*around), select(*history.c)).subquery("either")
    chosen = [found.c.place] if dialect == "sqlite" else [found.c[name] for name in ORDER]
    return select(*chosen).order_by(*_newest_first(found.c)).limit(limit)


def _walks(
    dialect: DialectName, kind: Any, around: Sequence[FromClause], until: Where, limit: Any
) -> list[Select[Any]]:
    """The newest events of one kind. PostgreSQL looks up nulls apart, so it has a walk for each kind of kind; all but
    one end before they begin."""
    walks = []
    for event, conditions in _of_kind(dialect, kind):
        shown = [literal_column(f"{event.name}.rowid")] if dialect == "sqlite" else [event.c[name] for name in ORDER]
        walk = (
            select(*shown)
            .where(*_of_customer(dialect, event, CUSTOMERS.c.id), *conditions, *until(event.c))
            # The places are the same in all rows; named, they make this the order of the index.
            .order_by(*[event.c[name].desc() for name in PLACES], *_newest_first(event.c))
            .limit(limit)
            .correlate(kind, *around)
        )
        walks.append(select(*walk.subquery(f"of_{event.name}").c) if dialect == "postgresql" else walk)
    return walks


def _counted(dialect: DialectName, kind: Any, in_time: Where) -> ColumnElement[int]:
    """How many events of one kind lie in a time."""
    counts = [
        select(func.count())
        .where(*_of_customer(dialect, event, CUSTOMERS.c.id), *conditions, *in_time(event.c))
        .correlate(kind, CUSTOMERS)
        .scalar_subquery()
        for event, conditions in _of_kind(dialect, kind)
    ]
    total: Any = counts[0]
    for count in counts[1:]:
        total = total + count
    return total  # type: ignore[no-any-return]


def _of_kind(dialect: DialectName, kind: Any) -> list[tuple[Any, list[ColumnElement[bool]]]]:
    """Events, and the conditions under which they are of that kind: one condition can find nulls and others by an index
    on SQLite; on PostgreSQL there is one for each way in which places can be there or not."""

    def same(event: Any) -> list[ColumnElement[bool]]:
        return [event.c.category == kind.c.category, event.c.type == kind.c.type]

    if dialect == "sqlite":
        event = EVENTS.alias("i")
        places = [event.c[name].op("IS", is_comparison=True)(func.nullif(kind.c[name], NOWHERE)) for name in PLACES]
        return [(event, [*same(event), *places])]
    ways = []
    for number, are_there in enumerate(product((True, False), repeat=len(PLACES))):
        event = EVENTS.alias(f"i{number}")
        conditions = same(event)
        for name, is_there in zip(PLACES, are_there, strict=True):
            if is_there:
                conditions += [kind.c[name] != NOWHERE, event.c[name] == kind.c[name]]
            else:
                conditions += [kind.c[name] == NOWHERE, event.c[name].is_(None)]
        ways.append((event, conditions))
    return ways
