"""Everybody in the order of a metric, on PostgreSQL: a page that an index finds, though some have no row of metrics.

`ORDER BY coalesce(metric, 0)` over an outer join is what is meant, and would sort everybody for each page. So the page is
put together from parts that follow one another, each read in the order of an index, and a later one only where those
before it do not fill the page.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from profiles.customers import CUSTOMER_COLUMNS
from profiles.finding.fields import Tables, tables_named
from profiles.finding.sorting import Sort, SortDirection, Sorting, ordered

WHOLE_BASE = 0
"""The key under which a list of everybody is read, where segments and tags have their ids."""

Holds = Callable[[Tables], list[ColumnElement[bool]]]
_COLUMNS = ("sort_value", *CUSTOMER_COLUMNS)


def by_metric(holds: Holds, sort: Sort, sorting: Sorting, is_positioned: bool, at_unknown: bool) -> Select[Any]:
    """The page: the key, the value sorted by, the customer. Parameters as of `profiles.finding.reads`."""
    parts = _Parts(holds, sort, sorting, is_positioned)
    if sorting.is_nullable:
        # Behind an unknown value there are only further unknown ones.
        known = [] if at_unknown else [[parts.of_values(lambda value: value.is_not(None))]]
        wanted = [*known, [parts.without_value(at_unknown)]]
    else:
        sides = (lambda value: value > 0, lambda value: value < 0)
        first, last = sides if sort.direction is SortDirection.DESC else reversed(sides)
        wanted = [[parts.of_values(first)], [parts.of_zero(), parts.without_row()], [parts.of_values(last)]]
    page = union_all(*(select(*part.c) for part in _in_turn(wanted))).subquery("page")
    return (
        select(literal(WHOLE_BASE), *(page.c[name] for name in _COLUMNS))
        .order_by(*ordered(page.c.sort_value, page.c.id, sort, sorting.is_nullable))
        .limit(bindparam("limit"))
    )


def _in_turn(stages: Sequence[Sequence[Select[Any]]]) -> list[CTE]:
    """Each part is read only where none of the stages before its own fills the page."""
    read: list[CTE] = []
    for stage in stages:
        gates = [select(func.count()).select_from(before).scalar_subquery() < bindparam("limit") for before in read]
        for part in stage:
            named = part.where(*gates).cte(f"part{len(read)}")
            read.append(named.prefix_with("MATERIALIZED", dialect="postgresql"))
    return read


class _Parts:
    """The parts of a page: who has such values, who has none."""

    def __init__(self, holds: Holds, sort: Sort, sorting: Sorting, is_positioned: bool) -> None:
        assert sorting.metric is not None
        self._holds, self._sort, self._metric, self._is_positioned = holds, sort, sorting.metric, is_positioned
        self._is_ascending = sort.direction is SortDirection.ASC
        self._type = sorting.type
        self._after_value = bindparam("after_value", type_=sorting.type)
        self._after_id = bindparam("after_id", type_=BigInteger())

    def of_values(self, are: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
        """In the order of the index of the metric."""
        customers, metrics = tables_named("c", "m")
        value, id = metrics.c[self._metric], metrics.c.customer_id
        wanted = [are(value)]
        if self._is_positioned:
            here, place = tuple_(value, id), tuple_(self._after_value, self._after_id)
            wanted.append(here > place if self._is_ascending else here < place)
        return (
            select(value.label("sort_value"), *(customers.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(metrics.join(customers, customers.c.id == id))
            .where(*self._holds(Tables(customers.c, metrics.c)), *wanted)
            .order_by(*(column.asc() if self._is_ascending else column.desc() for column in (value, id)))
            .limit(bindparam("limit"))
        )

    def of_zero(self) -> Select[Any]:
        """Those whose metric is 0: by the same index, in the order of ids."""
        customers, metrics = tables_named("c", "m")
        id = metrics.c.customer_id
        joined = metrics.join(customers, customers.c.id == id)
        return self._by_id(literal(0, BigInteger()), customers, metrics, joined, id).where(
            metrics.c[self._metric] == 0, *self._at_zero(id)
        )

    def without_row(self) -> Select[Any]:
        """Those without a row of metrics, who are shown with 0."""
        customers, metrics = tables_named("c", "m")
        joined = customers.outerjoin(metrics, metrics.c.customer_id == customers.c.id)
        return self._by_id(literal(0, BigInteger()), customers, metrics, joined, customers.c.id).where(
            metrics.c.customer_id.is_(None), *self._at_zero(customers.c.id)
        )

    def without_value(self, at_unknown: bool) -> Select[Any]:
        """Those of whom the value is unknown."""
        customers, metrics = tables_named("c", "m")
        joined = customers.outerjoin(metrics, metrics.c.customer_id == customers.c.id)
        behind = [self._behind(customers.c.id)] if at_unknown else []
        return self._by_id(cast(null(), self._type), customers, metrics, joined, customers.c.id).where(
            metrics.c[self._metric].is_(None), *behind
        )

    def _by_id(self, value: Any, customers: Any, metrics: Any, joined: Any, id: Any) -> Select[Any]:
        return (
            select(value.label("sort_value"), *(customers.c[name] for name in CUSTOMER_COLUMNS))
            .select_from(joined)
            .where(*self._holds(Tables(customers.c, metrics.c)))
            .order_by(id.asc() if self._is_ascending else id.desc())
            .limit(bindparam("limit"))
        )

    def _behind(self, id: Any) -> ColumnElement[bool]:
        is_behind: ColumnElement[bool] = id > self._after_id if self._is_ascending else id < self._after_id
        return is_behind

    def _at_zero(self, id: Any) -> list[ColumnElement[bool]]:
        """Where 0 stands against the place; the planner knows the place, so one of the two is left."""
        if not self._is_positioned:
            return []
        is_before = self._after_value < 0 if self._is_ascending else self._after_value > 0
        return [or_(is_before, and_(self._after_value == 0, self._behind(id)))]
