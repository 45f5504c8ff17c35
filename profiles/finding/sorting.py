"""Sorting: by which value found customers are ordered, and how a page continues behind a row, for every such value."""

import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, UnaryExpression, and_, bindparam, func, or_, tuple_

from profiles.columns import Instant, from_micros, to_micros
from profiles.errors import BadCursor
from profiles.finding.fields import Tables
from profiles.storage.pages import pack, unpack
from profiles.viewer import Scope

FOUND_CURSOR = "f1"
LARGEST_INTEGER = 2**63 - 1
BEST_MATCH = "BEST_MATCH"
Value = datetime | int | str | None


class CustomerSortField(StrEnum):
    """What a list of customers can be sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    LAST_RECEIPT_AT = "LAST_RECEIPT_AT"
    RECEIPT_TOTAL = "RECEIPT_TOTAL"
    RECEIPT_COUNT = "RECEIPT_COUNT"
    ORDER_TOTAL = "ORDER_TOTAL"
    LAST_ACTIVITY_AT = "LAST_ACTIVITY_AT"


class SortDirection(StrEnum):
    """Which end comes first; what is unknown comes last either way."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list; without a field, the best match of a search first. Ties go by id, in the same direction."""

    field: CustomerSortField | None = CustomerSortField.CREATED_AT
    direction: SortDirection = SortDirection.DESC


BEST_FIRST = Sort(None, SortDirection.ASC)


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a sort needs and looks at. The codec writes a value into a cursor and reads it from one."""

    needs: Scope
    value: Callable[[Tables], ColumnElement[Any]]
    type: Any
    write: Callable[[Any], str]
    read: Callable[[str], Value]
    metric: str | None = None
    """The column of the metrics' row that is looked at."""
    is_nullable: bool = True

    column: str | None = None
    """The column of the customer's own row that is looked at, where some have no value in it."""

    @property
    def of_metrics(self) -> bool:
        """Whether it looks at the metrics' row."""
        return self.metric is not None


def _instant(text: str) -> datetime:
    return from_micros(int(text))


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > LARGEST_INTEGER:
        raise ValueError("a number beyond any column")
    return number


def _words(text: str) -> str:
    words = binascii.unhexlify(text).decode()
    if "\x00" in words:
        raise ValueError("a character beyond any column")
    return words


def _hexadecimal(text: str) -> str:
    return text.encode().hex()


def _moment(name: str) -> Sorting:
    return Sorting(
        Scope.METRICS_READ,
        lambda tables: tables.metrics[name],
        Instant(),
        lambda moment: str(to_micros(moment)),
        _instant,
        metric=name,
    )


def _sum(name: str) -> Sorting:
    # A customer without a row of metrics is shown with 0, so that is where they stand (ruling 3).
    return Sorting(
        Scope.METRICS_READ,
        lambda tables: func.coalesce(tables.metrics[name], 0),
        BigInteger(),
        str,
        _integer,
        metric=name,
        is_nullable=False,
    )


SORTINGS: Mapping[CustomerSortField, Sorting] = {
    CustomerSortField.CREATED_AT: Sorting(
        Scope.PROFILE_READ,
        lambda tables: tables.customers.created_at,
        Instant(),
        lambda moment: str(to_micros(moment)),
        _instant,
        is_nullable=False,
    ),
    CustomerSortField.NAME: Sorting(
        Scope.PERSONAL_READ,
        lambda tables: tables.customers.name_key,
        Text(),
        _hexadecimal,
        _words,
        column="name_key",
    ),
    CustomerSortField.LAST_RECEIPT_AT: _moment("last_receipt_at"),
    CustomerSortField.RECEIPT_TOTAL: _sum("receipt_total_minor"),
    CustomerSortField.RECEIPT_COUNT: _sum("receipt_count"),
    CustomerSortField.ORDER_TOTAL: _sum("order_total_minor"),
    CustomerSortField.LAST_ACTIVITY_AT: _moment("last_activity_at"),
}


def best_match(rank: Callable[[Tables], ColumnElement[Any]]) -> Sorting:
    """Sorting by how well a search matches: a small number, the best first."""
    return Sorting(Scope.PROFILE_READ, rank, BigInteger(), str, _integer, is_nullable=False)


_RANKS = best_match(lambda tables: tables.customers.id)


def sorting_of(sort: Sort) -> Sorting:
    """What the sort looks at; the rank of a search is put in by who knows its terms."""
    return _RANKS if sort.field is None else SORTINGS[sort.field]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a found customer stands in a list of that order: the value sorted by, and the id."""

    sort: Sort
    value: Value
    id: int

    def cursor(self) -> str:
        """The opaque cursor; it carries its order, so that another list refuses it."""
        value = "" if self.value is None else "=" + sorting_of(self.sort).write(self.value)
        return pack(FOUND_CURSOR, self.sort.field or BEST_MATCH, self.sort.direction, value, str(self.id))


def place_of(cursor: str | None, sort: Sort) -> Place | None:
    """The place that a cursor stands for. Raises BadCursor, also for the cursor of another order."""
    if cursor is None:
        return None
    field, direction, value, id = unpack(cursor, FOUND_CURSOR, 4)
    if field != (sort.field or BEST_MATCH) or direction != sort.direction:
        raise BadCursor("This cursor belongs to a list in another order.")
    sorting = sorting_of(sort)
    try:
        if not value and not sorting.is_nullable:
            raise ValueError("a value is missing")
        known = sorting.read(value.removeprefix("=")) if value else None
        return Place(sort, known, _integer(id))
    except (ValueError, OverflowError):
        raise BadCursor("This is not a cursor of this list.") from None


def ordered(value: Any, id: Any, sort: Sort, is_nullable: bool) -> list[UnaryExpression[Any]]:
    """ORDER BY: what is unknown last either way, ties by id."""
    if sort.direction is SortDirection.ASC:
        return [value.asc().nulls_last() if is_nullable else value.asc(), id.asc()]
    return [value.desc().nulls_last() if is_nullable else value.desc(), id.desc()]


def behind(value: Any, id: Any, sort: Sort, sorting: Sorting, at_unknown: bool) -> ColumnElement[bool]:
    """Strictly after the place whose value and id are the parameters `after_value` and `after_id`.

    `at_unknown`: the place's value is null, so that only further unknown ones follow.
    """
    after_id = bindparam("after_id", type_=BigInteger())
    is_ascending = sort.direction is SortDirection.ASC
    if at_unknown:
        return and_(value.is_(None), id > after_id if is_ascending else id < after_id)
    here, place = tuple_(value, id), tuple_(bindparam("after_value", type_=sorting.type), after_id)
    follows = here > place if is_ascending else here < place
    return or_(follows, value.is_(None)) if sorting.is_nullable else follows
