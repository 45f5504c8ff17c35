"""Everybody in order, on PostgreSQL: pages in parts that indexes find, where some have no value to sort by.

An outer join sorted by `coalesce(metric, 0)`, or by a name with nulls last, is what is meant, and would sort everybody
for each page. So the page is put together from parts that follow one another, each read in the order of an index, and a
later one only where none before it fills the page.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
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


def in_parts(
    holds: Holds, sort: Sort, sorting: Sorting, with_metrics: bool, is_positioned: bool, at_unknown: bool
) -> Select[Any]:
    """The page: the key, the value sorted by, the customer. Parameters as of `profiles.finding.reads`.

    `with_metrics`: the conditions or the order look at the metrics' row.
    """
    parts = _Parts(holds, sort, sorting, with_metrics, is_positioned)
    if sorting.is_nullable:
        # Behind an unknown value there are only further unknown ones.
        known = [] if at_unknown else [[parts.of_values(lambda value: value.is_not(None))]]
        stages = [*known, [parts.without_value(at_unknown)]]
    else:
        first, last = _more, _less
        if sort.direction is SortDirection.ASC:
            first, last = last, first
        stages = [[parts.of_values(first)], [parts.of_zero(), parts.without_row()], [parts.of_values(last)]]
    page = union_all(*(select(*part.c) for part in _in_turn(stages))).subquery("page")
    return (
        select(literal(WHOLE_BASE), *(page.c[name] for name in _COLUMNS))
        .order_by(*ordered(page.c.sort_value, page.c.id, sort, sorting.is_nullable))
        .limit(bindparam("limit"))
    )


def _more(value: Any) -> ColumnElement[bool]:
    return value > 0  # type: ignore[no-any-return]  # `value` is typed loosely


def _less(value: Any) -> ColumnElement[bool]:
    return value < 0  # type: ignore[no-any-return]  # as above


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

    def __init__(self, holds: Holds, sort: Sort, sorting: Sorting, with_metrics: bool, is_positioned: bool) -> None:
        self._holds, self._sorting, self._is_positioned = holds, sorting, is_positioned
        self._is_ascending = sort.direction is SortDirection.ASC
        self._after_value = bindparam("after_value", type_=sorting.type)
        self._after_id = bindparam("after_id", type_=BigInteger())
        customers, metrics = tables_named("c", "m")
        self._tables = Tables(customers.c, metrics.c)
        self._customers: FromClause = customers
        if with_metrics:
            self._customers = customers.outerjoin(metrics, metrics.c.customer_id == customers.c.id)
        # Whose value comes from the metrics is read in the order of their index, which ends with their id.
        self._valued: FromClause = self._customers
        self._value, self._id = customers.c[sorting.column or "id"], customers.c.id
        if sorting.metric is not None:
            self._valued = metrics.join(customers, customers.c.id == metrics.c.customer_id)
            self._value, self._id = metrics.c[sorting.metric], metrics.c.customer_id

    def of_values(self, are: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
        """Those with such values, in the order of their index."""
        wanted = [are(self._value)]
        if self._is_positioned:
            here, place = tuple_(self._value, self._id), tuple_(self._after_value, self._after_id)
            wanted.append(here > place if self._is_ascending else here < place)
        return self._part(self._value, self._valued, wanted, (self._value, self._id))

    def of_zero(self) -> Select[Any]:
        """Those whose metric is 0: by the same index, in the order of ids."""
        return self._part(self._zero, self._valued, [self._value == 0, *self._at_zero(self._id)], (self._id,))

    def without_row(self) -> Select[Any]:
        """Those without a row of metrics, who are shown with 0."""
        id, has_none = self._tables.customers.id, self._tables.metrics.customer_id.is_(None)
        return self._part(self._zero, self._customers, [has_none, *self._at_zero(id)], (id,))

    def without_value(self, at_unknown: bool) -> Select[Any]:
        """Those of whom the value is unknown."""
        id = self._tables.customers.id
        behind = [self._behind(id)] if at_unknown else []
        return self._part(cast(null(), self._sorting.type), self._customers, [self._value.is_(None), *behind], (id,))

    @property
    def _zero(self) -> ColumnElement[Any]:
        return literal(0, BigInteger())

    def _part(
        self, value: Any, rows: FromClause, wanted: Sequence[ColumnElement[bool]], order: Sequence[Any]
    ) -> Select[Any]:
        return (
            select(value.label("sort_value"), *(self._tables.customers[name] for name in CUSTOMER_COLUMNS))
            .select_from(rows)
            .where(*self._holds(self._tables), *wanted)
            .order_by(*(column.asc() if self._is_ascending else column.desc() for column in order))
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
