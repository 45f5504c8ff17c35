"""Terms: what the summaries' statements are made of."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Insert, Select, and_, case, cast, func, insert, literal

from profiles.amounts import MOST_PIECES_OF_A_LINE
from profiles.storage.reads import table

MILLI = 1000
Condition = Callable[[Any], ColumnElement[bool]]


def pieces(quantity_milli: ColumnElement[int]) -> ColumnElement[int]:
    """`profiles.amounts.pieces` in SQL: 0, a fraction and more than 100 count as one."""
    most = MOST_PIECES_OF_A_LINE * MILLI
    is_count = and_(quantity_milli != 0, quantity_milli % MILLI == 0, quantity_milli.between(-most, most))
    return case((is_count, quantity_milli.op("/")(MILLI)), else_=literal(1))


def total(condition: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[int]:
    """The sum where the condition holds. PostgreSQL sums bigints to numeric, so it is cast back."""
    return cast(func.sum(case((condition, value), else_=literal(0))), BigInteger)


def or_zero(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A sum over nothing is 0."""
    return func.coalesce(value, 0)


def inserted(model: Any, columns: Sequence[str], query: Select[Any]) -> Insert:
    """INSERT of what the query gives, column by column."""
    return insert(table(model)).from_select(list(columns), query, include_defaults=False)
